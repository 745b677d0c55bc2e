"""Exec, attach and port-forward sessions against a scripted server."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from kurator_tui.api import exec as module
from kurator_tui.api.connection import Connection
from kurator_tui.api.exec import STDERR, STDOUT, V4, V5, Exit, Session, attach, execute, exit_of, lacks_program
from kurator_tui.api.portforward import PortStream, port_stream
from kurator_tui.errors import ApiError, Broken, CommandNotFound, ConsoleError, ServerFault, TransportError
from tests.unit.api.support import connected, kubeconfig, serving

POD = "/api/v1/namespaces/d/pods/p"
Talk = Callable[[web.WebSocketResponse, web.BaseRequest], Awaitable[object]]


def success() -> bytes:
    return b"\x03" + json.dumps({"metadata": {}, "status": "Success"}).encode()


def failed(code: int) -> bytes:
    details = {"causes": [{"reason": "ExitCode", "message": str(code)}]}
    message = f"command terminated with non-zero exit code: exit status {code}"
    return (
        b"\x03"
        + json.dumps(
            {"status": "Failure", "reason": "NonZeroExitCode", "message": message, "details": details}
        ).encode()
    )


@contextlib.asynccontextmanager
async def served(folder: Path, talk: Talk, *protocols: str) -> AsyncIterator[Connection]:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=protocols or (V5, V4))
        await socket.prepare(request)
        await talk(socket, request)
        return socket

    async with serving(handler) as url, connected(kubeconfig(folder, url)) as connection:
        yield connection


async def everything(session: Session) -> tuple[bytes, bytes]:
    """All of standard output and standard error."""
    pieces: dict[int, bytes] = {STDOUT: b"", STDERR: b""}
    while (piece := await session.output()) is not None:
        pieces[piece[0]] += piece[1]
    return pieces[STDOUT], pieces[STDERR]


async def test_a_command_without_a_terminal(tmp_path: Path) -> None:
    asked: list[Any] = []

    async def talk(socket: web.WebSocketResponse, request: web.BaseRequest) -> None:
        asked.append((request.path, list(request.query.items())))
        await socket.send_bytes(b"\x01")  # servers begin with empty messages
        await socket.send_bytes(b"\x01out")
        await socket.send_bytes(b"\x02err")
        await socket.send_bytes(success())
        await socket.close()

    async with (
        served(tmp_path, talk) as connection,
        execute(connection, POD, ["ls", "/"], container="c", stdin=False, tty=False) as session,
    ):
        assert session.exit is None
        assert await everything(session) == (b"out", b"err")
        assert session.exit == Exit(0)
    query = [("command", "ls"), ("command", "/"), ("stdout", "true"), ("stderr", "true"), ("container", "c")]
    assert asked == [(f"{POD}/exec", query)]


async def test_a_terminal_has_no_stderr_of_its_own(tmp_path: Path) -> None:
    asked: list[dict[str, str]] = []

    async def talk(socket: web.WebSocketResponse, request: web.BaseRequest) -> None:
        asked.append(dict(request.query))
        await socket.send_bytes(success())

    async with served(tmp_path, talk) as connection, attach(connection, POD) as session:
        assert await session.output() is None
    assert asked == [{"stdin": "true", "stdout": "true", "tty": "true"}]


async def test_input_sizes_and_the_end_of_input(tmp_path: Path) -> None:
    seen: list[bytes] = []

    async def talk(socket: web.WebSocketResponse, _request: web.BaseRequest) -> None:
        async for message in socket:
            seen.append(message.data)
            if message.data[:1] == b"\xff":
                break
        await socket.send_bytes(failed(3))
        await socket.close()

    async with served(tmp_path, talk) as connection, execute(connection, POD, ["cat"]) as session:
        await session.feed("grüße\n".encode())
        await session.feed(b"")
        await session.feed(b"x" * (module.PIECE + 1))
        await session.resize(132, 0)
        await session.end_input()
        assert await session.output() is None
        assert session.exit is not None
        assert session.exit.code == 3
    assert seen[0] == b"\x00" + "grüße\n".encode()
    assert [len(each) for each in seen[1:3]] == [module.PIECE + 1, 2]
    assert seen[3] == b'\x04{"Width":132,"Height":1}'
    assert seen[4] == b"\xff\x00"


async def test_an_old_server_is_not_told_that_input_ends(tmp_path: Path) -> None:
    async def talk(socket: web.WebSocketResponse, _request: web.BaseRequest) -> None:
        message = await socket.receive()
        await socket.send_bytes(b"\x01" + message.data)
        await socket.send_bytes(success())

    async with served(tmp_path, talk, V4) as connection, execute(connection, POD, ["cat"]) as session:
        assert not session.can_end_input
        await session.end_input()
        await session.feed(b"a")
        assert await session.output() == (STDOUT, b"\x00a")


async def test_bytes_are_passed_on_as_they_are_cut(tmp_path: Path) -> None:
    whole = "ä€\N{GRINNING FACE}".encode()

    async def talk(socket: web.WebSocketResponse, _request: web.BaseRequest) -> None:
        for byte in whole:
            await socket.send_bytes(bytes((1, byte)))
        await socket.send_bytes(success())

    async with served(tmp_path, talk) as connection, execute(connection, POD, ["cat"]) as session:
        assert await session.output() == (STDOUT, whole[:1])
        assert (await everything(session))[0] == whole[1:]


async def test_output_that_comes_after_the_exit_code_is_not_lost(tmp_path: Path) -> None:
    async def talk(socket: web.WebSocketResponse, _request: web.BaseRequest) -> None:
        await socket.send_bytes(failed(1))
        await socket.send_bytes(b"\x01late")
        await socket.send_bytes(success())  # only the first one counts
        await socket.close()

    async with served(tmp_path, talk) as connection, execute(connection, POD, ["x"]) as session:
        assert (await everything(session))[0] == b"late"
        assert session.exit is not None
        assert session.exit.code == 1


async def test_a_server_that_does_not_close_after_the_end_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LINGER", 0.05)

    async def talk(socket: web.WebSocketResponse, _request: web.BaseRequest) -> None:
        await socket.send_bytes(success())
        await socket.receive()

    async with served(tmp_path, talk) as connection, execute(connection, POD, ["x"]) as session:
        assert await session.output() is None
        assert session.exit == Exit(0)


async def test_a_cut_while_the_process_runs_is_no_exit_code(tmp_path: Path) -> None:
    async def talk(socket: web.WebSocketResponse, request: web.BaseRequest) -> None:
        await socket.send_bytes(b"\x01$ ")
        assert request.transport is not None
        request.transport.close()

    async with served(tmp_path, talk) as connection, execute(connection, POD, ["sh"]) as session:
        assert await session.output() == (STDOUT, b"$ ")
        with pytest.raises(TransportError):
            await session.output()
        assert session.exit is None


async def test_a_pod_that_vanishes_without_a_word(tmp_path: Path) -> None:
    async def talk(socket: web.WebSocketResponse, _request: web.BaseRequest) -> None:
        await socket.close()

    async with served(tmp_path, talk) as connection, execute(connection, POD, ["sh"]) as session:
        with pytest.raises(Broken, match="without saying how"):
            await session.output()


async def test_a_failure_to_start_is_told_in_the_servers_words(tmp_path: Path) -> None:
    async def talk(socket: web.WebSocketResponse, _request: web.BaseRequest) -> None:
        text = 'unable to upgrade connection: container not found ("c")'
        status = {"status": "Failure", "message": text, "reason": "InternalError", "code": 500}
        await socket.send_bytes(b"\x03" + json.dumps(status).encode())
        await socket.close()

    async with served(tmp_path, talk) as connection, execute(connection, POD, ["sh"]) as session:
        with pytest.raises(ServerFault, match="container not found"):
            await session.output()


CONTAINERD = (
    "Internal error occurred: error executing command in container: failed to exec in container: failed to start "
    'exec "0a": OCI runtime exec failed: exec failed: unable to start container process: exec: "sh": executable '
    "file not found in $PATH"
)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"status": "Failure", "message": CONTAINERD, "reason": "InternalError", "code": 500}, CommandNotFound),
        (
            {"status": "Failure", "message": "exec: stat /bin/sh: no such file or directory", "code": 500},
            CommandNotFound,
        ),
        ({"status": "Failure", "message": "pods is forbidden", "reason": "Forbidden", "code": 403}, ApiError),
        ({"status": "Failure", "reason": "NonZeroExitCode", "details": {"causes": []}}, ApiError),
        (
            {"reason": "NonZeroExitCode", "details": {"causes": [{"reason": "ExitCode", "message": "x"}]}},
            ApiError,
        ),
    ],
)
def test_there_was_no_process(body: dict[str, Any], error: type[ConsoleError]) -> None:
    with pytest.raises(error):
        exit_of(json.dumps(body).encode())


@pytest.mark.parametrize("body", [b"", b"boom \x1b[31m", b"[]", b"\xff"])
def test_an_end_that_is_no_status(body: bytes) -> None:
    with pytest.raises(ApiError) as caught:
        exit_of(body)
    assert caught.value.message
    assert "\x1b" not in caught.value.message


def test_only_a_runtimes_words_mean_that_a_program_is_missing() -> None:
    assert lacks_program('exec failed: exec: "bash": executable file not found in $PATH: unknown')
    assert not lacks_program("cat: /x: No such file or directory")
    assert not lacks_program("container not found")


async def test_ten_megabytes_to_a_slow_reader(tmp_path: Path) -> None:
    total, piece = 10 * 2**20, 32 * 1024
    sent = 0

    async def talk(socket: web.WebSocketResponse, _request: web.BaseRequest) -> None:
        nonlocal sent
        for _ in range(total // piece):
            await socket.send_bytes(b"\x01" + b"x" * piece)
            sent += piece
        await socket.send_bytes(success())

    async with served(tmp_path, talk) as connection, execute(connection, POD, ["yes"]) as session:
        first = await session.output()
        before = -1
        while sent != before:
            before = sent
            for _ in range(200):
                await asyncio.sleep(0)
        assert connection.stats.bytes_in < 2**20
        assert first is not None
        assert len(first[1]) + len((await everything(session))[0]) == total
        assert session.exit == Exit(0)


# -- port-forward ---------------------------------------------------------------------------------------------

PORT = (8080).to_bytes(2, "little")


@contextlib.asynccontextmanager
async def forwarding(folder: Path, *messages: bytes) -> AsyncIterator[PortStream]:
    async def talk(socket: web.WebSocketResponse, request: web.BaseRequest) -> None:
        assert (request.path, dict(request.query)) == (f"{POD}/portforward", {"ports": "8080"})
        for message in messages:
            await socket.send_bytes(message)
        async for received in socket:
            assert received.data[:1] == b"\x00"
            await socket.send_bytes(received.data)
            if received.data == b"\x00quit":
                await socket.close()

    async with served(folder, talk, V4) as connection, port_stream(connection, POD, 8080) as stream:
        yield stream


async def test_a_forwarded_port_carries_bytes_both_ways(tmp_path: Path) -> None:
    async with forwarding(tmp_path, b"\x00" + PORT, b"\x01" + PORT, b"\x00hello") as stream:
        assert await stream.receive() == b"hello"
        await stream.send(b"x" * 40_000)
        assert len(await stream.receive() or b"") + len(await stream.receive() or b"") == 40_000
        await stream.send(b"quit")
        assert await stream.receive() == b"quit"
        assert await stream.receive() is None


async def test_nobody_listens_in_the_pod(tmp_path: Path) -> None:
    why = b"error forwarding port 8080 to pod p: failed to connect to localhost:8080: connection refused"
    async with forwarding(tmp_path, b"\x00" + PORT, b"\x01" + PORT, b"\x01" + why) as stream:
        with pytest.raises(ApiError, match="connection refused"):
            await stream.receive()


@pytest.mark.parametrize("message", [b"", b"\x05ab", b"\x00", b"\x00\x01\x02", b"\x00HTTP/1.1"])
async def test_something_else_than_a_port_answers(tmp_path: Path, message: bytes) -> None:
    async with forwarding(tmp_path, message) as stream:
        with pytest.raises(Broken, match="as Kubernetes does"):
            await stream.receive()
