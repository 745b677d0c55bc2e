"""A source before another one: whatever it does not do itself is asked of that one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kurator_tui.link.messages import HostDescribed
from kurator_tui.link.streams import OnData, OnEnd
from kurator_tui.screens.source import FactListener, Feeder, Source, Stream


class PassedOn:
    """Passes everything on to the source `below`; a subclass says what is different."""

    def __init__(self, below: Source) -> None:
        self.below = below
        self.store = below.store

    @property
    def host(self) -> HostDescribed | None:
        return self.below.host

    @host.setter
    def host(self, host: HostDescribed | None) -> None:
        self.below.host = host

    @property
    def feeder_state(self) -> str:
        return self.below.feeder_state

    @property
    def synced(self) -> bool:
        return self.below.synced

    @property
    def workers(self) -> Sequence[Feeder]:
        return self.below.workers

    def listen(self, listener: FactListener) -> Callable[[], None]:
        return self.below.listen(listener)

    def subscribe(
        self, kind: str, clusters: tuple[str, ...] = (), *, namespaces: tuple[str, ...] = (), reader: str = ""
    ) -> None:
        self.below.subscribe(kind, clusters, namespaces=namespaces, reader=reader)

    def unsubscribe(self, kind: str, reader: str = "") -> None:
        self.below.unsubscribe(kind, reader)

    def resync(self, cluster: str = "") -> None:
        self.below.resync(cluster)

    def pace(self, interval: float) -> None:
        self.below.pace(interval)

    def define(self, definition: bytes) -> None:
        self.below.define(definition)

    def arrange(self, arrangements: bytes) -> None:
        self.below.arrange(arrangements)

    def silence(self, silences: bytes) -> None:
        self.below.silence(silences)

    def owners(self, clusters: Iterable[str]) -> Mapping[Any, Sequence[str]]:
        return self.below.owners(clusters)

    async def call(self, method: str, **arguments: str) -> str:
        return await self.below.call(method, **arguments)

    async def ask(self, worker: Any, method: str, arguments: dict[str, str]) -> str:
        return await self.below.ask(worker, method, arguments)

    async def call_all(self, method: str, **arguments: str) -> list[str]:
        return await self.below.call_all(method, **arguments)

    def open_stream(
        self, method: str, arguments: dict[str, str], on_data: OnData, on_end: OnEnd, worker: Any = None
    ) -> Stream:
        return self.below.open_stream(method, arguments, on_data, on_end, worker)

    async def run(self) -> None:
        await self.below.run()

    async def close(self) -> None:
        await self.below.close()
