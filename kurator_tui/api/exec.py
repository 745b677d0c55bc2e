"""Processes in containers: `exec` and `attach` over a websocket, as kubectl does since 1.31.

Every message begins with the number of its channel. The process's end comes as a `Status` on the error channel;
output may still come after it, until the server closes. Nothing is buffered beyond the websocket's own queue: who
does not read makes the process wait. Bytes are passed on as they are, never decoded: they belong to a terminal.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import msgspec

from kurator_tui.api.connection import Connection
from kurator_tui.api.failures import Status, error_from_status, host_of
from kurator_tui.api.websocket import WebSocket
from kurator_tui.errors import Broken, CommandNotFound, ConsoleError
from kurator_tui.kinds.cells import inert

V5, V4 = "v5.channel.k8s.io", "v4.channel.k8s.io"
PROTOCOLS = (V5, V4)
"""The fifth can also close the standard input."""
STDIN, STDOUT, STDERR, ERROR, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255
PIECE = 32 * 1024
"""Bytes of standard input in one message."""
LINGER = 5.0
"""Seconds after the process's end in which output that is still on its way may come."""

_MISSING = (
    "executable file not found",
    "no such file or directory",
    "not found in $path",
)


@dataclass(frozen=True, slots=True)
class Exit:
    """How a process ended: its exit code, and what the server said about it ("" for code 0)."""

    code: int
    message: str = ""


class _Ended(Status):
    status: str = ""


def exit_of(body: bytes) -> Exit:
    """What a message on the error channel says. Raises `CommandNotFound`, `ApiError` if there was no process."""
    try:
        ended = msgspec.json.decode(body, type=_Ended)
    except msgspec.DecodeError:
        ended = _Ended(status="Failure", message=body.decode("utf-8", "replace") or "the server does not say why")
    if ended.status == "Success":
        return Exit(0)
    if ended.reason == "NonZeroExitCode" and ended.details is not None:
        for cause in ended.details.causes or ():
            code = (cause.message or "").strip()
            if cause.reason == "ExitCode" and code.isdecimal():
                return Exit(int(code), inert(ended.message or ""))
    failure = error_from_status(ended, ended.code or 500, None)
    raise not_found(failure.message) if lacks_program(failure.message) else failure


def lacks_program(text: str) -> bool:
    """Whether a container runtime says that there is no such program (`exec: "sh": executable file not found`)."""
    words = text.casefold()
    return "exec" in words and any(sign in words for sign in _MISSING)


def not_found(message: str) -> CommandNotFound:
    """The error for a program that the image does not hold."""
    return CommandNotFound(message, "The image may have no shell: a debug container brings its own.", code=500)


class Session:
    """One process, or one attached container. One task reads `output`; any may feed, resize and end the input.

    After `output` has returned None, `exit` says how the process ended.
    """

    def __init__(self, socket: WebSocket, server: str) -> None:
        self._socket = socket
        self._server = server
        self._exit: Exit | None = None
        self._failure: ConsoleError | None = None

    @property
    def exit(self) -> Exit | None:
        """How the process ended; None while it runs."""
        return self._exit

    @property
    def can_end_input(self) -> bool:
        """Whether the server understands that the standard input ends (protocol v5)."""
        return self._socket.protocol == V5

    async def output(self) -> tuple[int, bytes] | None:
        """(STDOUT or STDERR, bytes), or None when the process has ended and all its output has come.

        Raises the error tree: when there was no process, and when the connection breaks while it runs.
        """
        while (message := await self._next()) is not None:
            channel, data = (message[0], message[1:]) if message else (STDOUT, b"")
            if channel == ERROR:
                self._end(data)
            elif channel in (STDOUT, STDERR) and data:
                return channel, data
        if self._failure is not None:
            raise self._failure
        if self._exit is None:
            raise Broken(
                f"{host_of(self._server)} ended the session without saying how the process ended.",
                "The pod or its node may be gone, or the API server restarts.",
            )
        return None

    async def feed(self, data: bytes) -> None:
        """Give the process bytes to read; waits while it does not. Raises the error tree."""
        for at in range(0, len(data), PIECE):
            await self._socket.send(bytes((STDIN,)) + data[at : at + PIECE])

    async def end_input(self) -> None:
        """The process shall read no more. Nothing happens where the server cannot (`can_end_input`)."""
        if self.can_end_input:
            await self._socket.send(bytes((CLOSE, STDIN)))

    async def resize(self, columns: int, rows: int) -> None:
        """The terminal has this size now."""
        size = {"Width": max(1, columns), "Height": max(1, rows)}
        await self._socket.send(bytes((RESIZE,)) + json.dumps(size, separators=(",", ":")).encode())

    async def _next(self) -> bytes | None:
        if self._exit is None and self._failure is None:
            return await self._socket.receive()
        try:
            async with asyncio.timeout(LINGER):
                return await self._socket.receive()
        except (TimeoutError, ConsoleError):
            return None

    def _end(self, body: bytes) -> None:
        if self._exit is None and self._failure is None:
            try:
                self._exit = exit_of(body)
            except ConsoleError as failure:
                self._failure = failure


@contextlib.asynccontextmanager
async def execute(
    connection: Connection,
    pod: str,
    command: Sequence[str],
    *,
    container: str = "",
    stdin: bool = True,
    tty: bool = True,
) -> AsyncIterator[Session]:
    """A new process in a container while the block runs; leaving it hangs up.

    `pod` is the path of the pod (`ResourcePath.item`, with the prefix of a proxy). Raises the error tree.
    """
    words = [("command", word) for word in command]
    async with _session(connection, f"{pod}/exec", words, container, stdin, tty) as session:
        yield session


@contextlib.asynccontextmanager
async def attach(
    connection: Connection, pod: str, *, container: str = "", stdin: bool = True, tty: bool = True
) -> AsyncIterator[Session]:
    """The running process of a container while the block runs. Its exit code is not told: it is `Exit(0)`."""
    async with _session(connection, f"{pod}/attach", [], container, stdin, tty) as session:
        yield session


@contextlib.asynccontextmanager
async def _session(
    connection: Connection, path: str, query: list[tuple[str, str]], container: str, stdin: bool, tty: bool
) -> AsyncIterator[Session]:
    flags = {"stdin": stdin, "stdout": True, "stderr": not tty, "tty": tty}
    query = [*query, *((name, "true") for name, wanted in flags.items() if wanted)]
    if container:
        query.append(("container", container))
    async with connection.websocket(path, query=query, protocols=PROTOCOLS) as socket:
        yield Session(socket, connection.server)
