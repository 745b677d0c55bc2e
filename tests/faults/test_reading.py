"""One object that is read: true while the server is there, honest while it is not, and never from a list."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kurator_tui.api.connection import Connection
from kurator_tui.api.discovery import ResourcePath, Served
from kurator_tui.api.kubeconfig import load_kubeconfig
from kurator_tui.errors import ApiError, Forbidden
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.reading import ObjectReading
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.kinds.reading import DELETED, LIVE, REFUSED, STALE, Collector, Which
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store
from tests.faults.exchange import Asked, Exchange
from tests.faults.model import NODES
from tests.faults.server import Server, saying, status
from tests.faults.stage import kubeconfig
from tests.faults.virtual import unix, virtual_time

ITEM = f"{NODES}/n1"
EVENTS = "/api/v1/namespaces/default/events"
SECRET = "/api/v1/namespaces/default/secrets/s"


class Reading:
    """What one reading told."""

    def __init__(self) -> None:
        self.known = Collector()
        self.bytes = b""
        self.states: list[str] = []
        self.task: asyncio.Task[None]
        self._changed = asyncio.Event()

    async def take(self, data: bytes) -> None:
        self.bytes += data
        self.known.take(data)
        if self.known.standing is not None and self.states[-1:] != [self.known.standing.state]:
            self.states.append(self.known.standing.state)
        self._changed.set()

    @property
    def version(self) -> str:
        """The kubelet's version, which the model changes with each revision."""
        obj: dict[str, Any] = self.known.object or {}
        return str(obj.get("status", {}).get("nodeInfo", {}).get("kubeletVersion", ""))

    async def until(self, true: Callable[[], object], seconds: float = 120.0) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not true():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"not within {seconds:g} s: {self.states} {self.version}") from None


def serving_one(server: Server) -> None:
    """GETs of the node are answered with what the model holds of it."""

    async def answer(exchange: Exchange) -> None:
        raw = next((raw for raw in server.model.raw(NODES) if json.loads(raw)["metadata"]["name"] == "n1"), None)
        if raw is None:
            await exchange.answer(404, status(404, "NotFound", 'nodes "n1" not found'))
        else:
            await exchange.answer(200, raw)

    server.plant(answer, path=ITEM, times=float("inf"))


@asynccontextmanager
async def reading(
    folder: Path, server: Server, kind: str = "nodes", name: str = "n1", store: Store | None = None
) -> AsyncIterator[Reading]:
    """The object being read; `store` holds what the feeder watches."""
    await server.start()
    path = folder / "kubeconfig"
    path.write_text(json.dumps(kubeconfig({server.name: server.url}, server.name)))
    config, gate = load_kubeconfig(str(path), {}), asyncio.Lock()
    connection = await Connection.open(server.name, config, server.name, user_owned=True, exec_gate=gate)
    verbs = frozenset({"get", "list", "watch"})
    served = Served(
        (ResourcePath("", "v1", "nodes", False, verbs), ResourcePath("", "v1", "secrets", True, verbs))
    )
    link = SimpleNamespace(connection=connection, failure=None, served=served)
    hub = cast(Hub, SimpleNamespace(links={server.name: link}, store=store or Store()))
    told = Reading()
    which = Which(server.name, kind, "default" if kind == "secrets" else "", name)
    told.task = asyncio.create_task(ObjectReading(hub, which, told.take, now=unix).run())
    told.task.add_done_callback(lambda _task: told._changed.set())
    try:
        yield told
    finally:
        told.task.cancel()
        await asyncio.gather(told.task, return_exceptions=True)
        await connection.close()
        await server.stop()


def listed(server: Server) -> list[Asked]:
    """Requests that would have brought more than the one object."""
    return [asked for asked in server.log if asked.path == NODES and "watch" not in asked.query]


@virtual_time
async def test_one_get_then_what_changes(tmp_path: Path) -> None:
    server = Server("m1")
    serving_one(server)
    server.model.put(NODES, "n1", 1)
    async with reading(tmp_path, server) as told:
        await told.until(lambda: told.version == "v1.1.0" and told.states == [LIVE])
        await asyncio.sleep(2)
        server.model.put(NODES, "n1", 2)
        await told.until(lambda: told.version == "v1.2.0", 1.0)
        assert listed(server) == []
        assert [asked.query["fieldSelector"] for asked in server.log if asked.path == NODES] == [
            "metadata.name=n1"
        ]


@virtual_time
async def test_a_deleted_object_stays_as_it_was_and_another_of_its_name_takes_its_place(tmp_path: Path) -> None:
    server = Server("m1")
    serving_one(server)
    server.model.put(NODES, "n1", 1)
    async with reading(tmp_path, server) as told:
        await told.until(lambda: told.states == [LIVE])
        await asyncio.sleep(2)
        server.model.delete(NODES, "n1")
        await told.until(lambda: told.states == [LIVE, DELETED], 1.0)
        assert told.version == "v1.1.0"
        assert told.known.standing is not None
        assert abs(told.known.standing.since - unix()) < 1
        server.model.put(NODES, "n1", 5)
        await told.until(lambda: told.version == "v1.5.0" and told.states[-1] == LIVE, 1.0)


@virtual_time
async def test_an_object_deleted_while_the_server_is_away_is_found_to_be_gone(tmp_path: Path) -> None:
    server = Server("m1")
    serving_one(server)
    server.model.put(NODES, "n1", 1)
    async with reading(tmp_path, server) as told:
        await told.until(lambda: told.states == [LIVE])
        await server.stop()
        await told.until(lambda: told.states == [LIVE, STALE])
        server.model.delete(NODES, "n1")
        await asyncio.sleep(60)
        await server.start()
        await told.until(lambda: told.states == [LIVE, STALE, DELETED])
        assert told.version == "v1.1.0"


@virtual_time
async def test_a_lost_server_is_said_with_its_reason_and_read_again(tmp_path: Path) -> None:
    server = Server("m1")
    serving_one(server)
    server.model.put(NODES, "n1", 1)
    async with reading(tmp_path, server) as told:
        await told.until(lambda: told.states == [LIVE])
        await server.stop()
        await told.until(lambda: told.states == [LIVE, STALE])
        assert told.known.standing is not None
        assert told.known.standing.reason
        asked = len(server.log)
        server.model.put(NODES, "n1", 3)
        await asyncio.sleep(300)
        await server.start()
        await told.until(lambda: told.version == "v1.3.0" and told.states == [LIVE, STALE, LIVE])
        assert len(server.log) - asked < 10
        assert listed(server) == []


@virtual_time
async def test_a_forgotten_history_is_no_reason_to_look_stale(tmp_path: Path) -> None:
    server = Server("m1")
    serving_one(server)
    server.model.put(NODES, "n1", 1)
    async with reading(tmp_path, server) as told:
        await told.until(lambda: told.states == [LIVE])
        with server.held(NODES):
            server.model.put(NODES, "n1", 2)
            server.model.compact()
            await asyncio.sleep(400)  # the watch's term ends: it goes on from a version nobody knows
        await told.until(lambda: told.version == "v1.2.0")
        assert told.states == [LIVE]


@virtual_time
async def test_what_was_never_there_or_may_not_be_read_ends_with_the_reason(tmp_path: Path) -> None:
    for answer, error in ((404, ApiError), (403, Forbidden)):
        server = Server("m1")
        server.plant(saying(answer, status(answer, "Forbidden" if answer == 403 else "NotFound", "no")), path=ITEM)
        async with reading(tmp_path, server) as told:
            with pytest.raises(error):
                await asyncio.wait_for(asyncio.shield(told.task), 20)


@virtual_time
async def test_an_object_that_may_not_be_watched_is_read_now_and_then(tmp_path: Path) -> None:
    server = Server("m1")
    serving_one(server)
    server.model.put(NODES, "n1", 1)
    server.plant(saying(403, status(403, "Forbidden", "you may not watch")), path=NODES, times=float("inf"))
    async with reading(tmp_path, server) as told:
        await told.until(lambda: told.states[-1:] == [REFUSED])
        server.model.put(NODES, "n1", 4)
        await told.until(lambda: told.version == "v1.4.0", 200)
        assert told.states == [LIVE, REFUSED]


@virtual_time
async def test_no_value_of_a_secret_leaves_the_feeder(tmp_path: Path) -> None:
    server = Server("m1")
    value = base64.b64encode(b"hunter2hunter2").decode()
    server.single[SECRET] = json.dumps(
        {"metadata": {"name": "s", "uid": "u", "resourceVersion": "1"}, "data": {"password": value}}
    ).encode()  # an object need not say its kind: it was asked for as a Secret
    async with reading(tmp_path, server, "secrets", "s") as told:
        await told.until(lambda: told.known.object is not None)
        assert told.known.object is not None
        assert told.known.object["data"] == {"password": "••• 14 bytes"}
        assert value.encode() not in told.bytes


@virtual_time
async def test_events_are_those_of_the_object_and_their_loss_is_told_apart(tmp_path: Path) -> None:
    server = Server("m1")
    serving_one(server)
    server.model.put(NODES, "n1", 1)
    meta = {"namespace": "default", "creationTimestamp": "2026-01-01T00:00:00Z"}
    items = [
        {
            "metadata": {**meta, "name": f"e{at}", "uid": f"e{at}"},
            "involvedObject": {"kind": "Node", "name": name},
            "reason": "Rebooted",
        }
        for at, name in enumerate(("n1", "n2"))
    ]
    body = json.dumps({"metadata": {"resourceVersion": "1"}, "items": items}).encode()
    server.plant(saying(200, body), path=EVENTS, when=lambda asked: "watch" not in asked.query)
    server.plant(saying(403, status(403, "Forbidden", "no events")), path=EVENTS, times=float("inf"))
    async with reading(tmp_path, server) as told:
        await told.until(lambda: told.known.events)
        assert list(told.known.events) == ["e0"]
        await told.until(lambda: told.known.events_standing and told.known.events_standing.state == REFUSED)
        assert told.states == [LIVE]
        asked = next(asked for asked in server.log if asked.path == EVENTS)
        assert asked.query["fieldSelector"] == "involvedObject.kind=Node,involvedObject.name=n1"


PODS_EVERYWHERE = "/api/v1/pods"


def pod_list(*names: str) -> bytes:
    """Pods on the node, as a list."""
    items = [
        {"metadata": {"name": name, "namespace": "a", "uid": name}, "spec": {"nodeName": "n1"}} for name in names
    ]
    return json.dumps({"kind": "PodList", "metadata": {"resourceVersion": "9"}, "items": items}).encode()


@virtual_time
async def test_a_nodes_pods_are_asked_for_once_where_nobody_watches_pods(tmp_path: Path) -> None:
    server = Server("m1")
    serving_one(server)
    server.model.put(NODES, "n1", 1)
    server.plant(lambda exchange: exchange.answer(200, pod_list("p1", "p2")), path=PODS_EVERYWHERE)
    async with reading(tmp_path, server) as told:
        await told.until(lambda: told.known.hosted is not None)
        await asyncio.sleep(60)
        hosted = told.known.hosted
        assert hosted is not None
        assert ([row.name for row in hosted.pods], hosted.trouble) == (["p1", "p2"], "")
        assert 0 < hosted.asked < unix() - 50
        asked = [each.query for each in server.log if each.path == PODS_EVERYWHERE]
        assert [query["fieldSelector"] for query in asked] == ["spec.nodeName=n1"]
        assert "watch" not in asked[0]


@virtual_time
async def test_why_a_nodes_pods_cannot_be_told_is_said(tmp_path: Path) -> None:
    server = Server("m1")
    serving_one(server)
    server.model.put(NODES, "n1", 1)
    refusal = status(403, "Forbidden", 'pods is forbidden: User "u" cannot list')
    server.plant(lambda exchange: exchange.answer(403, refusal), path=PODS_EVERYWHERE)
    async with reading(tmp_path, server) as told:
        await told.until(lambda: told.known.hosted is not None)
        assert told.known.hosted is not None
        assert "cannot list" in told.known.hosted.trouble
        await told.until(lambda: told.states == [LIVE])


@virtual_time
async def test_a_nodes_pods_follow_those_that_are_watched(tmp_path: Path) -> None:
    server, store = Server("m1"), Store()
    serving_one(server)
    server.model.put(NODES, "n1", 1)
    store.set_freshness("m1", POD.id, Freshness(State.LIVE, 0.0))
    here, there = PodRow("m1", "a", "p1", "u1", 0.0, node="n1"), PodRow("m1", "a", "p2", "u2", 0.0, node="n2")
    store.put(POD.id, "m1", {"u1": here, "u2": there})
    async with reading(tmp_path, server, store=store) as told:

        def names() -> list[str]:
            return [row.name for row in told.known.hosted.pods] if told.known.hosted is not None else []

        await told.until(lambda: names() == ["p1"])
        store.put(POD.id, "m1", {"u3": PodRow("m1", "a", "p3", "u3", 0.0, node="n1")})
        await told.until(lambda: names() == ["p1", "p3"], 1.0)
        store.put(POD.id, "m1", {"u1": None, "u3": None})
        await told.until(lambda: names() == [], 1.0)
        assert not [each for each in server.log if each.path == PODS_EVERYWHERE]
