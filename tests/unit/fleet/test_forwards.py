"""Port-forwards over a demo API server: bytes, replaced pods, failures, rows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec import structs

from kurator_tui.errors import NotFound, UsageError
from kurator_tui.fleet import forwards as module
from kurator_tui.fleet.forward_targets import Target, ready_pod
from kurator_tui.fleet.forwards import Forwards
from kurator_tui.kinds.forwards import FORWARDS, ForwardRow, ForwardState
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.store.freshness import Freshness, State
from tests.unit.fleet.served_pods import Member, eventually, one_member

POD_TARGET = Target("m", "d", POD.id, "p")
SERVICE = Target("m", "d", "services", "web")
DEPLOYMENT = Target("m", "d", "deployments.apps", "web")


def on_port(target: Target, port: str) -> Target:
    return Target(target.cluster, target.namespace, target.kind, target.name, port)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PUBLISH", 0.01)
    monkeypatch.setattr(module, "LULL", 0.05)


@asynccontextmanager
async def forwarding(folder: Path) -> AsyncIterator[tuple[Member, Forwards]]:
    async with one_member(folder) as member:
        forwards = Forwards(member.hub)
        try:
            yield member, forwards
        finally:
            await forwards.close()


async def ask(port: int, path: str = "/", *, close: bool = False) -> bytes:
    """An answer of an HTTP server on 127.0.0.1, as far as it comes; b"" when it is cut."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    ending = "close" if close else "keep-alive"
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: {ending}\r\n\r\n".encode())
    try:
        if close:
            return await asyncio.wait_for(reader.read(), 60)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        return await asyncio.wait_for(reader.readexactly(length), 60)
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""
    finally:
        writer.close()


def row(member: Member, uid: str) -> ForwardRow:
    return cast(ForwardRow, member.hub.store.get(FORWARDS.id, ("m", uid)))


async def test_a_pods_port_here(tmp_path: Path) -> None:
    async with forwarding(tmp_path) as (member, forwards):
        member.add_pod()
        begun = await forwards.start(POD_TARGET)
        assert (begun.pod, begun.remote_port, begun.state) == ("p", 8080, ForwardState.LISTENING)
        assert row(member, begun.uid) == begun
        assert await ask(begun.local_port) == b"Hello from p port 8080\n"
        assert (await ask(begun.local_port, close=True)).endswith(b"Hello from p port 8080\n")
        await eventually(lambda: row(member, begun.uid).connections == 0)
        await eventually(lambda: row(member, begun.uid).state == ForwardState.LISTENING)
        assert row(member, begun.uid).received > 200
        assert row(member, begun.uid).sent > 80
        assert member.connection.stats.open_streams == 0


async def test_many_connections_at_once_and_megabytes(tmp_path: Path) -> None:
    async with forwarding(tmp_path) as (member, forwards):
        member.add_pod()
        port = (await forwards.start(POD_TARGET)).local_port
        bodies = await asyncio.gather(*(ask(port, f"/bytes/{1_000_000 + index}") for index in range(8)))
        assert [len(body) for body in bodies] == [1_000_000 + index for index in range(8)]


@pytest.mark.parametrize("target", [SERVICE, DEPLOYMENT], ids=["service", "deployment"])
async def test_a_replaced_pod_is_survived(tmp_path: Path, target: Target) -> None:
    async with forwarding(tmp_path) as (member, forwards):
        member.add_service()
        member.add_deployment()
        member.add_pod("a")
        member.add_pod("0-not-ready", ready=False)
        begun = await forwards.start(target)
        assert await ask(begun.local_port) == b"Hello from a port 8080\n"
        member.remove_pod("a")
        assert await ask(begun.local_port) == b""
        await eventually(lambda: row(member, begun.uid).state == ForwardState.SEARCHING)
        assert "no ready pod" in row(member, begun.uid).error
        member.add_pod("b")
        assert await ask(begun.local_port) == b"Hello from b port 8080\n"
        await eventually(lambda: row(member, begun.uid).pod == "b")
        assert row(member, begun.uid).error == ""


async def test_a_pod_that_the_store_knows_to_be_bad_is_not_tried_again(tmp_path: Path) -> None:
    async with forwarding(tmp_path) as (member, forwards):
        member.add_deployment()
        uid = member.add_pod("a")
        begun = await forwards.start(DEPLOYMENT)
        assert begun.pod == "a"
        member.add_pod("b")
        store = member.hub.store
        store.set_freshness("m", POD.id, Freshness(State.LIVE, 0.0))
        pod = PodRow("m", "d", "a", uid, 0.0, ready=1, containers=1)
        store.put(POD.id, "m", {uid: pod})
        assert await ask(begun.local_port) == b"Hello from a port 8080\n"
        store.put(POD.id, "m", {uid: structs.replace(pod, deleting=True)})
        assert await ask(begun.local_port) == b"Hello from b port 8080\n"


async def test_a_port_that_nobody_listens_on(tmp_path: Path) -> None:
    async with forwarding(tmp_path) as (member, forwards):
        member.add_pod()
        begun = await forwards.start(on_port(POD_TARGET, "81"))
        assert await ask(begun.local_port) == b""
        await eventually(lambda: row(member, begun.uid).state == ForwardState.FAILED)
        assert "connection refused" in row(member, begun.uid).error


@pytest.mark.parametrize(
    ("target", "error", "words"),
    [
        (Target("m", "d", POD.id, "nope"), NotFound, "not found"),
        (Target("m", "d", "deployments.apps", "nope"), NotFound, "not found"),
        (Target("m", "d", "nosuch.example", "x"), NotFound, "does not serve"),
        (Target("x", "d", POD.id, "p"), UsageError, "no member"),
        (on_port(POD_TARGET, "metrics"), UsageError, "no port called metrics"),
        (on_port(SERVICE, "81"), UsageError, "no port 81"),
        (on_port(POD_TARGET, "70000"), UsageError, "no port called 70000"),
    ],
)
async def test_a_target_that_is_not_there(
    tmp_path: Path, target: Target, error: type[Exception], words: str
) -> None:
    async with forwarding(tmp_path) as (member, forwards):
        member.add_service()
        member.add_pod()
        with pytest.raises(error, match=words):
            await forwards.start(target)
        assert forwards.rows() == []


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (on_port(POD_TARGET, "http"), 8080),
        (on_port(SERVICE, "80"), 8080),
        (on_port(SERVICE, "web"), 8080),
        (on_port(DEPLOYMENT, "9"), 9),
    ],
)
async def test_names_and_numbers_of_ports(tmp_path: Path, target: Target, expected: int) -> None:
    async with forwarding(tmp_path) as (member, forwards):
        member.add_service()
        member.add_deployment()
        member.add_pod()
        assert (await forwards.start(target)).remote_port == expected


async def test_a_local_port_that_is_taken(tmp_path: Path) -> None:
    async with forwarding(tmp_path) as (member, forwards):
        member.add_pod()
        first = await forwards.start(POD_TARGET)
        with pytest.raises(UsageError, match=f"Port {first.local_port} of 127.0.0.1"):
            await forwards.start(POD_TARGET, first.local_port)
        second = await forwards.start(POD_TARGET)
        assert second.local_port != first.local_port
        assert [each.uid for each in forwards.rows()] == [first.uid, second.uid]


async def test_it_listens_on_loopback_only(tmp_path: Path) -> None:
    async with forwarding(tmp_path) as (member, forwards):
        member.add_pod()
        await forwards.start(POD_TARGET)
        (forward,) = forwards._forwards.values()
        assert forward.server is not None
        assert {each.getsockname()[0] for each in forward.server.sockets} == {"127.0.0.1"}


async def test_stopping_ends_connections_and_frees_the_port(tmp_path: Path) -> None:
    async with forwarding(tmp_path) as (member, forwards):
        member.add_pod()
        begun = await forwards.start(POD_TARGET)
        reader, writer = await asyncio.open_connection("127.0.0.1", begun.local_port)
        await eventually(lambda: member.connection.stats.open_streams == 1)
        await forwards.stop(begun.uid)
        assert await reader.read() == b""
        writer.close()
        assert member.hub.store.get(FORWARDS.id, ("m", begun.uid)) is None
        assert member.connection.stats.open_streams == 0
        with pytest.raises(ConnectionRefusedError):
            await ask(begun.local_port)
        with pytest.raises(NotFound):
            await forwards.stop(begun.uid)


async def test_a_local_side_that_hangs_up_frees_the_websocket(tmp_path: Path) -> None:
    async with forwarding(tmp_path) as (member, forwards):
        member.add_pod()
        begun = await forwards.start(POD_TARGET)
        _, writer = await asyncio.open_connection("127.0.0.1", begun.local_port)
        await eventually(lambda: member.connection.stats.open_streams == 1)
        writer.close()
        await eventually(lambda: member.connection.stats.open_streams == 0)
        await eventually(lambda: row(member, begun.uid).state == ForwardState.LISTENING)


async def test_a_local_side_that_has_only_finished_sending_gets_its_answer(tmp_path: Path) -> None:
    async with forwarding(tmp_path) as (member, forwards):
        member.add_pod()
        begun = await forwards.start(POD_TARGET)
        reader, writer = await asyncio.open_connection("127.0.0.1", begun.local_port)
        writer.write(b"GET /bytes/3000000 HTTP/1.1\r\nHost: x\r\n\r\n")
        writer.write_eof()
        assert len(await asyncio.wait_for(reader.read(), 60)) > 3_000_000
        writer.close()


async def test_a_cluster_that_leaves_takes_its_forwards_along(tmp_path: Path) -> None:
    async with forwarding(tmp_path) as (member, forwards):
        member.add_pod()
        begun = await forwards.start(POD_TARGET)
        member.hub.store.forget_cluster("m")
        assert forwards.rows() == []
        with pytest.raises(ConnectionRefusedError):
            await ask(begun.local_port)


async def test_what_is_forwarded_is_known_of_every_cluster(tmp_path: Path) -> None:
    async with forwarding(tmp_path) as (member, _):
        member.hub.store.set_freshness("m", "", Freshness(State.UNREACHABLE, 1.0, "gone"))
        assert member.hub.store.freshness("m", FORWARDS.id).state is State.LIVE


async def test_a_slow_local_reader_makes_the_pod_wait(tmp_path: Path) -> None:
    async with forwarding(tmp_path) as (member, forwards):
        member.add_pod()
        begun = await forwards.start(POD_TARGET)
        _, writer = await asyncio.open_connection("127.0.0.1", begun.local_port, limit=1024)
        writer.write(b"GET /bytes/100000000 HTTP/1.1\r\nHost: x\r\n\r\n")
        before: Any = -1
        while (now := member.connection.stats.bytes_in) != before or now < 10_000:
            before = now
            await asyncio.sleep(0.05)
        assert member.connection.stats.bytes_in < 30_000_000  # the kernel's buffers, and ours
        writer.transport.abort()


async def test_a_shell_in_a_workload_is_one_in_a_ready_pod(tmp_path: Path) -> None:
    async with forwarding(tmp_path) as (member, _forwards):
        member.add_deployment()
        member.add_service()
        member.add_pod("a", ready=False)
        with pytest.raises(NotFound, match="no ready pod"):
            await ready_pod(member.hub, DEPLOYMENT)
        member.add_pod("b")
        assert await ready_pod(member.hub, DEPLOYMENT) == "b"
        assert await ready_pod(member.hub, SERVICE) == "b"
