"""The console's end of the link: rows into a store, calls with answers, and feeders that are always there.

There is one feeder, or several that share the members. When one dies the rows stay, the clusters it spoke of turn
stale with the reason, and another one is started and given the same subscriptions; its first replacements take the
place of the old rows, and clusters that no feeder knows are forgotten once all are known. Nothing here imports the
network.
"""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable, Iterable

from msgspec import structs

from kurator_tui import memory
from kurator_tui.kinds.base import HOST, Level, Row
from kurator_tui.kinds.findings import FINDINGS
from kurator_tui.kinds.incidents import INCIDENTS
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.link import messages as m
from kurator_tui.link.calls import Calls
from kurator_tui.link.framing import RowReader, encode_rows
from kurator_tui.link.pulse import REASON
from kurator_tui.link.readers import Reach, Readers
from kurator_tui.link.remembered import Keeper, Remembered
from kurator_tui.link.saver import Saver
from kurator_tui.link.spawn import spawn
from kurator_tui.link.streams import Handle, OnData, OnEnd, Streams
from kurator_tui.link.worker import LIVE, Spawn, Worker
from kurator_tui.store.changes import Batch
from kurator_tui.store.freshness import HOPEFUL, Freshness, State
from kurator_tui.store.store import Store

FactListener = Callable[[m.ToConsole | None], None]
"""Called with each message that is not rows; with None when `feeder_state` changed."""


class Session:
    """One console's connection to its feeders; see the module docstring for what it promises."""

    def __init__(
        self,
        configured: m.Configured,
        process: subprocess.Popen[bytes] | None = None,
        *,
        start: Spawn = spawn,
        clock: Callable[[], float] = time.time,
        keeper: Keeper | None = None,
    ) -> None:
        """`process` is a feeder that was started already; rows are kept from session to session by `keeper`."""
        self.store = Store()
        self.store.defer(lambda: None)  # told once a message
        self.host: m.HostDescribed | None = None
        self._configured = configured
        self._start = start
        self._clock = clock
        self._readers = Readers()
        self._interval = 0.0
        self._listeners: list[FactListener] = []
        self._calls = Calls()
        self._streams = Streams()
        self._reader = RowReader()
        self._shadowed: dict[tuple[str, str], Freshness] = {}
        """Freshness as a feeder that fell silent told it."""
        self._inherited = False
        """Whether the store may hold clusters of an earlier feeder that none knows now."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = asyncio.Event()
        self._remembered = Remembered(self.store, keeper, clock)
        self._saver = Saver(self.store, self._remembered, keeper, clock)
        self.workers = [Worker(0, self, start, process)]
        self._add_workers(configured.shards)

    # -- for screens ------------------------------------------------------------------------------------------

    @property
    def feeder_state(self) -> str:
        """`starting`, `live`, or why the first feeder is lost: without it nothing about the host is known."""
        return self.workers[0].state

    @property
    def synced(self) -> bool:
        """Whether everything subscribed was once as complete as it can be."""
        return all(worker.synced for worker in self.workers)

    @property
    def cost(self) -> m.Costed:
        """What all feeders spend together."""
        costs = [worker.cost for worker in self.workers]
        return m.Costed(*(sum(amounts) for amounts in zip(*map(structs.astuple, costs), strict=True)))

    def listen(self, listener: FactListener) -> Callable[[], None]:
        """Call `listener` with every fact that is not rows; returns the function that stops it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def subscribe(
        self, kind: str, clusters: tuple[str, ...] = (), *, namespaces: tuple[str, ...] = (), reader: str = ""
    ) -> None:
        """Keep the rows of `kind` in the store from now on, those of `clusters` if any are named. Idempotent.

        Each `reader` has its own clusters; what none of them reads any more is dropped.
        """
        if self._readers.add(kind, reader, Reach(clusters, namespaces)):
            self._subscribed(kind)
        if kind == INCIDENTS.id:
            self._share_findings()

    def unsubscribe(self, kind: str, reader: str = "") -> None:
        """`reader` does not need the rows of `kind` any more."""
        changed = self._readers.remove(kind, reader)
        if changed and kind in self._readers:
            self._subscribed(kind)
        elif changed:
            self._send_all(m.Unsubscribed(kind))
            self.store.forget_kind(kind)
            self._remembered.hide(kind)

    def _subscribed(self, kind: str) -> None:
        reach = self._readers.reach(kind)
        for cluster in [cluster for cluster in self.store.clusters(kind) if not reach.holds(cluster)]:
            self.store.forget(kind, cluster)
        self.store.flush()
        self._remembered.show(kind, reach.clusters)
        self._send_all(m.Subscribed(kind, *reach))

    def _share_findings(self) -> None:
        """Of several feeders the first one makes the incidents: of what all of them find."""
        if INCIDENTS.id in self._readers and len(self.workers) > 1:
            self.subscribe(FINDINGS.id, reader=INCIDENTS.id)

    def define(self, definition: bytes) -> None:
        """Tell every feeder of a kind (JSON of a `Definition`) that `kinds.registry.define` was told of here."""
        self._send_all(self._readers.define(definition))

    def arrange(self, arrangements: bytes) -> None:
        """Tell every feeder of the user's columns (`link.arranged` does, and what else is to be done)."""
        self._send_all(self._readers.arrange(arrangements))

    def silence(self, silences: bytes) -> None:
        """Tell every feeder what the user does not want to hear of: JSON of `kinds.silences.Silences`."""
        self._send_all(self._readers.silence(silences))

    def resync(self, cluster: str = "") -> None:
        """List again, in one cluster or in all."""
        self._send_all(m.Resynced(cluster))

    def pace(self, interval: float) -> None:
        """Have `interval` seconds between two batches of rows from now on."""
        if interval != self._interval:
            self._interval = interval
            self._send_all(m.Paced(interval))

    async def call(self, method: str, **arguments: str) -> str:
        """Ask the feeder of `cluster`, or the first one. Raises ConsoleError: its answer, or FeederLost."""
        return await self.ask(self._owner_of(arguments.get("cluster", "")), method, arguments)

    async def call_all(self, method: str, **arguments: str) -> list[str]:
        """Ask every feeder. Raises ConsoleError as `call` does."""
        return [await self.ask(worker, method, arguments) for worker in self.workers]

    async def ask(self, worker: Worker, method: str, arguments: dict[str, str]) -> str:
        """Ask one feeder. Raises ConsoleError as `call` does."""
        return await self._calls.ask(worker, method, arguments)

    def open_stream(
        self, method: str, arguments: dict[str, str], on_data: OnData, on_end: OnEnd, worker: Worker | None = None
    ) -> Handle:
        """Open a stream with `worker`, or the feeder of `arguments["cluster"]`; promises: `link.streams`."""
        worker = worker or self._owner_of(arguments.get("cluster", ""))
        return self._streams.open(worker, method, arguments, on_data, on_end)

    def owners(self, clusters: Iterable[str]) -> dict[Worker, list[str]]:
        """`clusters` by the worker whose feeder has them."""
        owned: dict[Worker, list[str]] = {}
        for cluster in clusters:
            owned.setdefault(self._owner_of(cluster), []).append(cluster)
        return owned

    def _owner_of(self, cluster: str) -> Worker:
        return next((worker for worker in self.workers if cluster in worker.clusters), self.workers[0])

    # -- life -------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Read facts until `close`; restart a feeder whenever it ends. Raises what broke the console's end."""
        for worker in self.workers:
            self._run(worker)
        closed = asyncio.create_task(self._closed.wait())
        beside = {asyncio.create_task(self._remembered.run()), asyncio.create_task(self._saver.run())}
        while not closed.done():
            done, _ = await asyncio.wait({closed, *beside, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {closed}:
                self._tasks.discard(task)
                task.result()
            if not self._tasks:
                break
        for task in (closed, *beside):
            task.cancel()
        await asyncio.gather(*self._tasks)

    def _run(self, worker: Worker) -> None:
        self._tasks.add(asyncio.create_task(worker.run()))

    async def close(self) -> None:
        """Say goodbye, keep the rows, and wait until the feeders are gone."""
        for worker in self.workers:
            self._fail_calls(worker, "the console is closing")
        await asyncio.gather(self._saver.last(), *(worker.close() for worker in self.workers))
        self._closed.set()

    def _send_all(self, message: m.Message) -> None:
        for worker in self.workers:
            worker.send(message)

    def _tell(self, fact: m.ToConsole | None) -> None:
        for listener in tuple(self._listeners):
            listener(fact)

    def _fail_calls(self, worker: Worker, reason: str) -> None:
        self._calls.lost(worker, reason)
        self._streams.lost(worker, reason)

    # -- what workers say: the `Owner` of each ------------------------------------------------------------------

    def hello(self, worker: Worker) -> Iterable[m.Message]:
        """Configuration, subscriptions and, for the first feeder, what the others know."""
        yield structs.replace(self._configured, shard=worker.index)
        if self._interval:
            yield m.Paced(self._interval)
        yield from self._readers.hello()
        if worker.index == 0 and len(self.workers) > 1:
            yield m.Joined(encode_rows(self._overviews(self.workers[1:])))
            yield m.Joined(encode_rows(self._rows_of(FINDINGS.id, self.workers[1:])), kind=FINDINGS.id)

    def silent(self, worker: Worker, silent: bool) -> None:
        """What was live turns stale while the feeder does not answer, and back."""
        worker.state = REASON if silent else LIVE
        if silent:
            self._age(worker, REASON, remember=True)
        else:
            for (cluster, kind), freshness in self._unshadowed(worker).items():
                if self.store.freshness(cluster, kind).reason == REASON:
                    self.store.set_freshness(cluster, kind, freshness)
        self._tell(None)

    def lost(self, worker: Worker, reason: str) -> None:
        """Rows stay and turn stale."""
        self._unshadowed(worker)
        self._age(worker, f"feeder lost: {reason}")
        self._fail_calls(worker, reason)
        self._age_overviews(worker, f"feeder lost: {reason}")
        self.store.flush()
        self._tell(None)

    def _age(self, worker: Worker, reason: str, *, remember: bool = False) -> None:
        now = self._clock()
        for cluster, kind, freshness in list(self.store.freshness_items()):
            if freshness.state in HOPEFUL and self._tells(worker, cluster):
                if remember:
                    self._shadowed[(cluster, kind)] = freshness
                self.store.set_freshness(cluster, kind, Freshness(State.STALE, now, reason))

    def _unshadowed(self, worker: Worker) -> dict[tuple[str, str], Freshness]:
        """What `worker` told before it fell silent, once."""
        places = [place for place in self._shadowed if self._tells(worker, place[0])]
        return {place: self._shadowed.pop(place) for place in places}

    def _tells(self, worker: Worker, cluster: str) -> bool:
        """Whether what is known of `cluster` comes from `worker`."""
        return cluster in worker.clusters or len(self.workers) == 1

    def _age_overviews(self, worker: Worker, reason: str) -> None:
        """The rows of a lost feeder's clusters say so themselves, here and in the sums of their fleets."""
        now = self._clock()
        aged: list[Row] = [
            structs.replace(
                row, level=Level.STALE, state=State.STALE.value, since=now, reason=reason, latency=None
            )
            for row in self._overviews([worker])
            if row.state == State.LIVE.value
        ]
        Batch(CLUSTERS.id, aged).apply(self.store)
        if worker.index:
            self.workers[0].send(m.Joined(encode_rows(aged)))

    def _overviews(self, workers: list[Worker]) -> list[ClusterOverview]:
        return [row for row in self._rows_of(CLUSTERS.id, workers) if isinstance(row, ClusterOverview)]

    def _rows_of(self, kind: str, workers: list[Worker]) -> list[Row]:
        clusters = {cluster for worker in workers for cluster in worker.clusters}
        return [row for cluster in sorted(clusters) for row in self.store.rows(kind, cluster)]

    def take(self, worker: Worker, fact: m.ToConsole) -> None:
        """One message of a feeder."""
        match fact:
            case m.RowsChanged():
                self._rows(worker, fact)
                return
            case m.FreshnessChanged():
                told = Freshness(State(fact.state), fact.since, fact.reason)
                freshness = self._remembered.freshness(fact.cluster, fact.kind, told)
                self.store.set_freshness(fact.cluster, fact.kind, freshness)
                return
            case m.Answered():
                self._calls.take(fact)
                return
            case m.StreamFlowed() | m.StreamAcknowledged() | m.StreamEnded():
                self._streams.take(fact)
                return
            case m.ClusterForgotten():
                self._forget(worker, fact.cluster)
            case m.Greeted():
                self._inherited = True
                self._tell(None)
                return
            case m.HostDescribed():
                self.host = fact
                if self._remembered.described(fact):
                    self._drop_remembered()
            case m.FirstSyncDone():
                self._forget_unnamed()
                memory.settle()
            case m.Divided():
                self._divide(fact.shards)
        self._tell(fact)

    def _divide(self, shards: int) -> None:
        """Start the other feeders; a first one that was replaced keeps its part."""
        self._configured = structs.replace(self._configured, shards=shards)
        for worker in self._add_workers(shards):
            self._run(worker)
        self._share_findings()

    def _add_workers(self, shards: int) -> list[Worker]:
        added = [Worker(index, self, self._start) for index in range(len(self.workers), shards)]
        self.workers += added
        return added

    def _forget(self, worker: Worker, cluster: str) -> None:
        self.store.forget_cluster(cluster)
        self._remembered.forget(cluster)
        self.store.flush()
        if worker.index:
            self.workers[0].send(m.Joined(encode_rows([]), (cluster,)))

    def _forget_unnamed(self) -> None:
        """Forget clusters of earlier feeders that none names, once the host told the members and all synced."""
        known_host = self.store.freshness(HOST).state in (State.LIVE, State.FORBIDDEN)
        if not self._inherited or not self.synced or not known_host:
            return
        self._inherited = False
        known = self._remembered.clusters | {cluster for cluster, *_told in self.store.freshness_items()}
        for kind in self._readers.kinds():
            known.update(self.store.clusters(kind))
        self._forget_all(known - self._named)

    def _drop_remembered(self) -> None:
        """The rows of the last session are of another estate."""
        self._forget_all(self._remembered.clusters - self._named)
        self._remembered.drop()

    @property
    def _named(self) -> set[str]:
        """Clusters the present feeders spoke of."""
        return {cluster for worker in self.workers for cluster in worker.clusters}

    def _forget_all(self, clusters: Iterable[str]) -> None:
        for cluster in sorted(clusters):
            self.store.forget_cluster(cluster)
            self._remembered.forget(cluster)
            self._tell(m.ClusterForgotten(cluster))
        self.store.flush()

    def _rows(self, worker: Worker, fact: m.RowsChanged) -> None:
        from kurator_tui.kinds.registry import KINDS  # all kinds: the first frame does not wait for them

        worker.clusters.update(fact.begins)
        kind = KINDS.get(fact.kind)
        if kind is not None and fact.kind in self._readers:
            rows = self._remembered.merged(self._reader.read(kind, fact.rows))
            batch = Batch(fact.kind, rows, list(fact.removed), list(fact.begins), list(fact.completes))
            batch.only(self._readers.reach(fact.kind).clusters).apply(self.store)
            self._remembered.took(fact.kind, fact.begins, fact.completes)
            self._saver.changed()
            self.store.flush()
            if worker.index and fact.kind in (CLUSTERS.id, FINDINGS.id):
                self.workers[0].send(m.Joined(fact.rows, kind=fact.kind, removed=tuple(fact.removed)))
        worker.send(m.Acknowledged(fact.batch))
