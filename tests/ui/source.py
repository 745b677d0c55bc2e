"""A source filled by hand: what a `link.session.Session` is to the console, without a feeder."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from kurator_tui.errors import FeederLost
from kurator_tui.kinds.base import HOST, Row
from kurator_tui.kinds.overview import ClusterOverview
from kurator_tui.kinds.registry import KINDS
from kurator_tui.link.messages import Costed, HostDescribed, StreamEnded, ToConsole
from kurator_tui.link.readers import Reach, Readers
from kurator_tui.link.streams import OnData, OnEnd
from kurator_tui.screens.source import LIVE, FactListener
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store


def kind_of(row: Row) -> str:
    """Id of the kind that `row` is of."""
    return next(kind.id for kind in KINDS.values() if kind.row is type(row))


@dataclass(eq=False)
class FakeFeeder:
    """One feeder of a test."""

    pid: int = 4711
    state: str = LIVE
    cost: Costed = field(default_factory=Costed)
    index: int = 0


@dataclass
class FakeStream:
    """One stream that a screen opened."""

    method: str
    arguments: dict[str, str]
    flow: Callable[[bytes], None]
    end: Callable[[StreamEnded], None]
    closed: bool = False
    fed: list[bytes] = field(default_factory=list)
    held: bool = False
    waiting: int = 0

    def feed(self, data: bytes) -> None:
        self.fed.append(data)

    def hold(self) -> None:
        self.held = True

    def resume(self) -> None:
        self.held = False

    def close(self) -> None:
        self.closed = True


@dataclass
class FakeSource:
    """Rows come from the test; what the screens ask for is kept."""

    store: Store = field(default_factory=Store)
    host: HostDescribed | None = None
    feeder_state: str = LIVE
    synced: bool = True
    readers: Readers = field(default_factory=Readers)
    defined: list[bytes] = field(default_factory=list)
    arranged: list[bytes] = field(default_factory=list)
    silenced: list[bytes] = field(default_factory=list)
    resyncs: list[str] = field(default_factory=list)
    paces: list[float] = field(default_factory=list)
    workers: list[FakeFeeder] = field(default_factory=list)
    listeners: list[FactListener] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    answers: dict[tuple[str, ...], str | Exception] = field(default_factory=dict)
    """What is answered to a call: by method, cluster and name."""
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    streams: list[FakeStream] = field(default_factory=list)

    def listen(self, listener: FactListener) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    @property
    def subscribed(self) -> set[str]:
        """Kinds that are read."""
        return set(self.readers.kinds())

    def subscribe(
        self, kind: str, clusters: tuple[str, ...] = (), *, namespaces: tuple[str, ...] = (), reader: str = ""
    ) -> None:
        self.readers.add(kind, reader, Reach(clusters, namespaces))

    def unsubscribe(self, kind: str, reader: str = "") -> None:
        if self.readers.remove(kind, reader) and kind not in self.readers:
            self.store.forget_kind(kind)

    def resync(self, cluster: str = "") -> None:
        self.resyncs.append(cluster)

    def pace(self, interval: float) -> None:
        self.paces.append(interval)

    async def call(self, method: str, **arguments: str) -> str:
        self.calls.append((method, arguments))
        answer = self.answers.get((method, arguments.get("cluster", ""), arguments.get("name", "")))
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            raise FeederLost("there is no feeder")
        return answer

    async def ask(self, worker: Any, method: str, arguments: dict[str, str]) -> str:
        return await self.call(method, **arguments)

    async def call_all(self, method: str, **arguments: str) -> list[str]:
        return [await self.call(method, **arguments)]

    def define(self, definition: bytes) -> None:
        self.defined.append(definition)

    def arrange(self, arrangements: bytes) -> None:
        self.arranged.append(arrangements)

    def silence(self, silences: bytes) -> None:
        self.silenced.append(silences)

    def owners(self, clusters: Iterable[str]) -> dict[str, list[str]]:
        return {"feeder": sorted(clusters)}

    def open_stream(
        self, method: str, arguments: dict[str, str], on_data: OnData, on_end: OnEnd, worker: Any = None
    ) -> FakeStream:
        stream = FakeStream(method, arguments, on_data, on_end)
        self.streams.append(stream)
        return stream

    async def run(self) -> None:
        await self.closed.wait()

    async def close(self) -> None:
        self.closed.set()

    # -- what a test does ---------------------------------------------------------------------------------------

    def tell(self, fact: ToConsole | None) -> None:
        """The feeder said something, or its state changed (None)."""
        for listener in tuple(self.listeners):
            listener(fact)

    def answer(self, cluster: str, obj: dict[str, Any]) -> None:
        """This is what the cluster says of an object."""
        self.answers[("object", cluster, obj["metadata"]["name"])] = json.dumps(obj)

    def put(self, *rows: Row) -> None:
        """These rows changed."""
        for row in rows:
            self.store.put(kind_of(row), row.cluster, {row.uid: row})
            if isinstance(row, ClusterOverview) and row.state:
                self.store.set_freshness(row.cluster, "", Freshness(State(row.state), row.since, row.reason))

    def drop(self, row: Row) -> None:
        """This row is gone."""
        self.store.put(kind_of(row), row.cluster, {row.uid: None})

    def lose_feeder(self, reason: str, now: float) -> None:
        """As a Session does when its feeder dies."""
        self.feeder_state = f"feeder lost: {reason}; restarting"
        for cluster, kind, _freshness in list(self.store.freshness_items()):
            self.store.set_freshness(cluster, kind, Freshness(State.STALE, now, f"feeder lost: {reason}"))
        self.tell(None)

    def feeder_back(self) -> None:
        """As a Session does when another feeder greets and its clusters are live again."""
        self.feeder_state = LIVE
        self.tell(None)
        for cluster, kind, _freshness in list(self.store.freshness_items()):
            self.store.set_freshness(cluster, kind, Freshness(State.LIVE, 0.0))


def live_host(source: FakeSource) -> None:
    """The host is connected and live."""
    source.host = HostDescribed(context="mgmt-eu", server="https://10.0.0.1:6443", kurator=True)
    source.store.set_freshness(HOST, "", Freshness(State.LIVE, 0.0))
