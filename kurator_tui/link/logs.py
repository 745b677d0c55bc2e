"""A log query from the console's side: one stream to each feeder that has a part of it, as one.

Batches of one feeder are in order; where several share the members, each brings its own part in order. Source
numbers are unique over all of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from msgspec import structs

from kurator_tui.kinds.log_lines import (
    LogBatch,
    LogLine,
    LogQuery,
    LogSelector,
    LogTarget,
    Mark,
    decode_batch,
    encode_query,
)
from kurator_tui.link import messages as m
from kurator_tui.link.streams import Handle, OnEnd, Opener

METHOD = "logs"
APART = 10_000_000
"""Between the first source numbers of two feeders."""

OnBatch = Callable[[LogBatch], None]


class Feeders(Opener, Protocol):
    """What is needed of a `session.Session`: which feeder has which members, too."""

    @property
    def workers(self) -> Sequence[Any]: ...
    def owners(self, clusters: Iterable[str]) -> Mapping[Any, Sequence[str]]: ...


class LogsHandle:
    """An open query. `on_end` is called once, when the last feeder has ended its part: with the first error."""

    def __init__(self, on_batch: OnBatch, on_end: OnEnd, clock: Callable[[], float] = time.time) -> None:
        self._on_batch = on_batch
        self._on_end = on_end
        self._clock = clock
        self._parts: list[Handle] = []
        self._left = 0
        self._error: m.StreamEnded | None = None

    def hold(self) -> None:
        """Take no more for now: after a few hundred KiB the feeders, then the servers wait."""
        for part in self._parts:
            part.hold()

    def resume(self) -> None:
        """Take batches again."""
        for part in self._parts:
            part.resume()

    def close(self) -> None:
        """End it; nothing is called any more. Idempotent."""
        for part in self._parts:
            part.close()

    def add(self, session: Feeders, worker: Any, query: LogQuery) -> None:
        """Open the part of one feeder."""
        self._left += 1
        arguments = {"query": encode_query(query)}
        self._parts.append(session.open_stream(METHOD, arguments, self._flowed, self._ended, worker))

    def _flowed(self, data: bytes) -> None:
        self._on_batch(decode_batch(data))

    def _ended(self, end: m.StreamEnded) -> None:
        self._left -= 1
        if end.title:
            self._error = self._error or end
        if not self._left:
            self._on_end(self._error or end)
        elif end.title:
            now = int(self._clock() * 1e9)
            self._on_batch(LogBatch([], [LogLine(0, now, f"{end.title}: {end.message}", 0, Mark.LOST)]))


def open_logs(session: Feeders, query: LogQuery, on_batch: OnBatch, on_end: OnEnd) -> LogsHandle:
    """Read `query`. `on_batch` gets what comes, in order; `on_end` is called exactly once unless it is closed."""
    handle = LogsHandle(on_batch, on_end)
    parts = divided(session, query)
    for worker, part in parts.items() or {session.workers[0]: query}.items():
        handle.add(session, worker, structs.replace(part, first=worker.index * APART + 1))
    return handle


def divided(session: Feeders, query: LogQuery) -> dict[Any, LogQuery]:
    """What each feeder has to read of a query."""
    targets: dict[Any, list[LogTarget]] = {}
    selectors: dict[Any, list[LogSelector]] = {}
    for target in query.targets:
        (worker,) = session.owners([target.cluster])
        targets.setdefault(worker, []).append(target)
    for selector in query.selectors:
        if not selector.clusters:
            for worker in session.workers:
                selectors.setdefault(worker, []).append(selector)
        for worker, clusters in session.owners(selector.clusters).items():
            selectors.setdefault(worker, []).append(structs.replace(selector, clusters=tuple(clusters)))
    return {
        worker: structs.replace(
            query, targets=tuple(targets.get(worker, ())), selectors=tuple(selectors.get(worker, ()))
        )
        for worker in session.workers
        if worker in targets or worker in selectors
    }
