"""One log query: many containers of many clusters as one sequence of batches, merged by time.

    targets, selectors ──► ContainerLog (one a container, in turns) ──► Merge ──► batches ──► send

Backpressure runs the other way: while `send` waits the merge fills up, and when it is full no socket is read. A
reader that follows and has been too slow for `LAG` seconds is given the newest lines instead, and told how many
are missing: what is dropped is never silent, and what was written before the query began is not dropped at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Coroutine

from kurator_tui.api.backoff import Herd
from kurator_tui.api.logs import SECOND, LogOptions
from kurator_tui.errors import ConsoleError, Forbidden, NotFound
from kurator_tui.fleet.doors import door
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.log_merge import Keyed, Merge, size_of
from kurator_tui.fleet.log_older import older
from kurator_tui.fleet.log_pods import Found, LoggedPod, Selection, one_pod
from kurator_tui.fleet.log_stream import Around, ContainerLog, judge
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.log_lines import (
    ALL_CONTAINERS,
    LogBatch,
    LogLine,
    LogQuery,
    LogSelector,
    LogSource,
    LogState,
    LogTarget,
    Mark,
    encode_batch,
)
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.store.store import Delta

TICK = 0.1
"""Seconds between two rounds of batches."""
MESSAGE = 2**16
"""Bytes of a batch, about."""
LOOK = 1.0
"""Seconds between two looks at the state of a query without lines."""
HOLD, LONGEST_HOLD = 3.0, 10.0
"""Seconds that lines wait for other logs to begin, so that what there was is in order: followed, and not."""
LAG = 2.0
"""Seconds that a reader who follows may be too slow."""
PROMPT = 0.5
"""Seconds in which a reader who is not too slow takes a round of batches."""
CLUSTERS = 1.0
"""Seconds between two looks which clusters there are."""
FINISHED = ("Succeeded", "Failed")

Place = tuple[str, str, str]
"""(cluster, namespace, pod)"""


class LogReading:
    """One query being read. `send` gets encoded `LogBatch`es and may take its time."""

    def __init__(
        self,
        hub: Hub,
        query: LogQuery,
        send: Callable[[bytes], Awaitable[None]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._hub = hub
        self._query = query
        self._send_bytes = send
        self._clock = clock
        self._follow = query.follow and not query.previous and not query.until
        self._merge = Merge(clock=clock)
        self._herd = Herd()
        self._around = Around(self, hub.log_turns, lambda cluster: door(hub, cluster), self._finished, clock)
        self._numbers = query.first
        self._logs: dict[LogSource, ContainerLog] = {}
        self._places: dict[Place, list[ContainerLog]] = {}
        self._known: set[tuple[str, str, str]] = set()
        """(cluster, uid of the pod, container) of selections."""
        self._targeted: set[Place] = set()
        self._new: list[LogSource] = []
        """Sources the reader does not know."""
        self._told = LogState()
        self._said: set[tuple[str, str]] = set()
        self._absent: dict[str, str] = {}
        """Clusters that do not have what was selected, and how they said it."""
        self._group = asyncio.TaskGroup()
        self._working = 0
        """Tasks that may still bring lines."""
        self._resolving = 0
        """Selections that have not said which pods there are."""
        self._wake = asyncio.Event()
        self._began = 0.0
        self._paused = self._dropping = False
        self._round: float | None = None
        """Since when the reader has been slow, or when the round that it is taking began."""

    async def run(self) -> None:
        """Until all has been read; a query that follows a selector runs until it is cancelled."""
        self._began = asyncio.get_running_loop().time()
        stop = self._hub.store.listen(self._on_rows) if self._follow else lambda: None
        try:
            async with self._group:
                self._resolving = len(self._query.targets)
                for target in self._query.targets:
                    self._work(self._target(target))
                for selector in self._query.selectors:
                    self._work(self._select(selector))
                self._group.create_task(self._pump())
        finally:
            stop()

    def _work(self, coroutine: Coroutine[None, None, None]) -> None:
        async def counted() -> None:
            try:
                await coroutine
            finally:
                self._working -= 1
                self._wake.set()

        self._working += 1
        self._group.create_task(counted())

    # -- which containers ---------------------------------------------------------------------------------------

    async def _target(self, target: LogTarget) -> None:
        try:
            await self._find(target)
        finally:
            self._resolving -= 1

    async def _find(self, target: LogTarget) -> None:
        place = (target.cluster, target.namespace, target.pod)
        self._targeted.add(place)
        if target.container not in ("", ALL_CONTAINERS):
            self._add(place, target.container, first=True)
            return
        try:
            pod = await one_pod(self._hub, *place)
        except ConsoleError as error:
            source = self._source(place, "")
            mark = judge(error, follow=False).mark
            self._say(source.number, Mark.FAILED if mark is Mark.LOST else mark, error.message)
            return
        for container in pod.containers(target.container):
            self._add(place, container, first=True)

    async def _select(self, selector: LogSelector) -> None:
        """Selections in each cluster and namespace, also in clusters that come while following."""
        known: set[str] = set()
        while True:
            leads = self._hub.leads
            there = selector.clusters or [name for name in self._hub.links if name != HOST or leads]
            for cluster in [name for name in there if name not in known]:
                known.add(cluster)
                for namespace in selector.namespaces or ("",):
                    self._resolving += 1
                    self._work(self._selection(selector, cluster, namespace))
            if not self._follow:
                return
            await asyncio.sleep(CLUSTERS)

    async def _selection(self, selector: LogSelector, cluster: str, namespace: str) -> None:
        def pods(rows: list[LoggedPod], first: bool) -> None:
            for row in rows:
                self._matched(row, selector.container, first=first)

        def listed() -> None:
            self._resolving -= 1
            self._wake.set()
            if not self._resolving:
                self._all_asked()

        def failed(error: ConsoleError) -> None:
            if isinstance(error, NotFound) and self._resolving:
                self._absent[cluster] = error.message
            elif (cluster, error.message) not in self._said and cluster not in self._absent:
                self._said.add((cluster, error.message))
                mark = Mark.FORBIDDEN if isinstance(error, Forbidden) else Mark.LOST
                self._say(0, Mark.GONE if isinstance(error, NotFound) else mark, f"{cluster}: {error.message}")

        selection = Selection(self._hub, selector, cluster, namespace, Found(pods, listed, failed))
        if self._follow:
            await selection.follow(self._herd)
            return
        try:
            await selection.once()
        except ConsoleError as error:
            failed(error)
            listed()

    def _all_asked(self) -> None:
        """Every cluster said which pods there are: say where there are none, in detail if nowhere."""
        if self._logs and self._absent:
            self._say(0, Mark.EMPTY, f"not in {', '.join(sorted(self._absent))}")
        elif not self._logs:
            for cluster, message in self._absent.items():
                self._say(0, Mark.GONE, f"{cluster}: {message}")
            self._say(0, Mark.EMPTY, "no pod matches")

    def _matched(self, row: LoggedPod, container: str, *, first: bool) -> None:
        place = (row.cluster, row.namespace, row.name)
        for name in row.containers(container):
            if (row.cluster, row.uid, name) not in self._known:
                self._known.add((row.cluster, row.uid, name))
                self._add(place, name, first=first)
        for log in self._places.get(place, ()):
            log.nudge()

    def _source(self, place: Place, container: str) -> LogSource:
        source = LogSource(self._numbers, *place, container)
        self._numbers += 1
        self._new.append(source)
        self._wake.set()
        return source

    def _add(self, place: Place, container: str, *, first: bool) -> None:
        """Read one more container; `first`: its beginning is the query's, not the pod's."""
        query, source = self._query, self._source(place, container)
        if query.until and query.tail is not None:
            self._work(self._older(source, query.tail))
            return
        options = LogOptions(container, self._follow, query.previous, until=query.until)
        if first:
            options = options._replace(tail=query.tail, since=query.since, limit_bytes=query.limit_bytes)
        log = ContainerLog(source, options, self._around)
        self._logs[source] = log
        self._places[place] = [*(other for other in self._places.get(place, ()) if not other.over), log]
        self._work(log.run())

    async def _older(self, source: LogSource, tail: int) -> None:
        """The newest `tail` lines that a container wrote before `until`."""
        query = self._query
        try:
            async with self._hub.log_turns.turn(source.cluster):
                through = door(self._hub, source.cluster)
                lines, begins = await older(
                    through, source, query.until, tail, since=query.since, previous=query.previous
                )
        except ConsoleError as error:
            mark = judge(error, follow=False).mark
            self._say(source.number, Mark.FAILED if mark is Mark.LOST else mark, error.message)
            return
        if begins:
            self._say(source.number, Mark.BEGINS, "")
        if lines:
            self.put(lines)

    def _finished(self, *place: str) -> bool:
        """Whether a pod has run to its end, by its row."""
        cluster, namespace, name = place
        for row in self._hub.store.rows(POD.id, cluster):
            if row.name == name and row.namespace == namespace and isinstance(row, PodRow):
                return row.phase in FINISHED
        return False

    def _on_rows(self, kind: str, delta: Delta) -> None:
        """A pod of ours is another than before: look at once. One of the same name is followed in its place."""
        if kind != POD.id:
            return
        for row in delta.values():
            logs = self._places.get((row.cluster, row.namespace, row.name)) if row is not None else None
            if row is None or not logs:
                continue
            place = (row.cluster, row.namespace, row.name)
            for log in logs:
                log.nudge()
            if place in self._targeted and all(log.gone and log.read for log in logs):
                self._places[place] = []
                for log in logs:
                    self._add(place, log.source.container, first=False)

    def _awaited(self) -> bool:
        """Whether a pod that was read is gone, and one of the same name would be followed in its place."""
        places = self._targeted if self._follow else set()
        return any(any(log.gone and log.read for log in self._places.get(place, ())) for place in places)

    # -- lines --------------------------------------------------------------------------------------------------

    def _say(self, number: int, mark: Mark, text: str) -> None:
        self.put([(0, LogLine(number, int(self._clock() * SECOND), text, 0, mark))])

    def put(self, lines: list[Keyed]) -> None:
        """Lines of one log."""
        self._merge.put(asyncio.get_running_loop().time(), lines)
        self._wake.set()
        if self._merge.full:
            if self._dropping:
                self._merge.drop()
            elif not self._paused:
                self._pause()

    @property
    def full(self) -> bool:
        """Whether nothing more is read for now."""
        return self._paused

    def _pause(self) -> None:
        self._paused = True
        for log in self._logs.values():
            log.pause()
        if self._follow:
            asyncio.get_running_loop().call_later(PROMPT, self._look_paused)

    def _resume(self) -> None:
        self._paused = False
        for log in self._logs.values():
            log.resume()

    def _look_paused(self) -> None:
        """A reader who has been too slow for a while gets what is new from now on."""
        if not self._paused:
            return
        now = asyncio.get_running_loop().time()
        slow = self._round is not None and now - self._round >= LAG
        if slow and self._merge.oldest >= int((self._clock() - self._age) * SECOND):
            self._dropping = True
            self._merge.drop()
            self._resume()
        else:
            asyncio.get_running_loop().call_later(PROMPT, self._look_paused)

    @property
    def _age(self) -> float:
        return asyncio.get_running_loop().time() - self._began

    # -- batches ------------------------------------------------------------------------------------------------

    async def _pump(self) -> None:
        """Send what is due until nothing can come any more."""
        loop = asyncio.get_running_loop()
        while True:
            done = not self._working and not self._awaited()
            if done or not self._held(loop.time()):
                await self._take_round(self._merge.take(loop.time(), everything=done))
            if done and not self._working and not len(self._merge):
                return
            if self._paused and self._merge.low:
                self._resume()
            if not len(self._merge):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK):
                        await self._wake.wait()
            self._wake.clear()
            await asyncio.sleep(TICK)

    async def _take_round(self, lines: list[LogLine]) -> None:
        """Have the reader take lines, and see how long it takes."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        self._round = began if self._round is None else self._round
        await self._send(lines)
        if loop.time() - began < PROMPT:
            self._round, self._dropping = None, False

    def _held(self, now: float) -> bool:
        """Whether lines wait because other logs have not begun."""
        if self._merge.full or now - self._began > (HOLD if self._follow else LONGEST_HOLD):
            return False
        if self._query.until and self._query.tail is not None:
            return self._working > 0
        present = int((self._clock() - self._age) * SECOND)
        return self._resolving > 0 or not all(log.calm(now, present) for log in self._logs.values())

    async def _send(self, lines: list[LogLine]) -> None:
        sources, self._new = self._new, []
        state = self._state()
        changed = state if state != self._told else None
        self._told = state
        start = size = 0
        for at, line in enumerate(lines):
            size += size_of(line)
            if size >= MESSAGE:
                await self._send_bytes(encode_batch(LogBatch(sources, lines[start : at + 1])))
                start, size, sources = at + 1, 0, []
        if start < len(lines) or sources or changed is not None:
            await self._send_bytes(encode_batch(LogBatch(sources, lines[start:], changed)))

    def _state(self) -> LogState:
        logs = self._logs.values()
        return LogState(
            len(logs),
            sum(log.opened for log in logs),
            sum(log.queued for log in logs),
            sum(log.over for log in logs),
            self._merge.dropped,
            self._paused or self._dropping,
        )
