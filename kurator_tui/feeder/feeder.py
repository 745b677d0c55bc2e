"""One feeder: the hub behind the link. Composition only; it decides nothing about clusters."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os

import msgspec

from kurator_tui import __version__, logs, memory
from kurator_tui.api.kubeconfig import load_kubeconfig
from kurator_tui.errors import ConsoleError
from kurator_tui.feeder import forwarding
from kurator_tui.feeder.acting import Acting
from kurator_tui.feeder.calls import CALLS, Method
from kurator_tui.feeder.debugging import Debugging
from kurator_tui.feeder.gates import gate_readings
from kurator_tui.feeder.journal import Journal
from kurator_tui.feeder.outgoing import Outgoing
from kurator_tui.feeder.sharing import Sharing
from kurator_tui.feeder.streams import Streams
from kurator_tui.feeder.triaging import Triaging
from kurator_tui.fleet.forwards import Forwards
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.interest import Reach
from kurator_tui.fleet.options import hub_options
from kurator_tui.kinds.arranging import Arrangements
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.findings import FINDINGS
from kurator_tui.kinds.generic import Definition
from kurator_tui.kinds.overview import CLUSTERS
from kurator_tui.kinds.registry import KINDS, define
from kurator_tui.kinds.silences import Silences
from kurator_tui.link import messages as m
from kurator_tui.link.framing import RowReader, requests
from kurator_tui.link.pulse import BEAT
from kurator_tui.store.rearranging import rearrange
from kurator_tui.store.store import Store
from kurator_tui.triage.registry import added

_LOG = logging.getLogger(__name__)

COST_INTERVAL = 1.0
FASTEST, SLOWEST = 0.05, 5.0
"""Limits of the pace a console may ask for, in seconds between two batches."""

NO_KURATOR = m.Noticed(
    "Kurator is not installed here",
    "This cluster does not serve fleets.fleet.kurator.dev.",
    "Choose the host with --context, or take every context of the kubeconfig as a member: --members-from contexts",
)


class Feeder:
    """Serves one console over a pair of pipes until it is gone."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._store = Store()
        self._outgoing = Outgoing(self._store, writer, self._is_member)
        self._streams = Streams(self._outgoing.send)
        self._hub: Hub | None = None
        self._triaging: Triaging | None = None
        self._forwards: Forwards | None = None
        self._calls: dict[str, Method] = CALLS
        self._tasks: set[asyncio.Task[None]] = set()
        self._described = False
        self._rows = RowReader()
        self.configured = m.Configured()
        self.said_goodbye = False

    async def run(self) -> None:
        """Answer requests until the console says goodbye or is gone, then close every connection."""
        self._outgoing.send(m.Greeted(m.PROTOCOL, __version__, os.getpid()))
        self._background(asyncio.create_task(self._pulse()))
        self._background(asyncio.create_task(memory.tidy()))
        try:
            async for request in requests(self._reader):
                if isinstance(request, m.Goodbye):
                    self.said_goodbye = True
                    return
                self._handle(request)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            if self._forwards is not None:
                await self._forwards.close()

    def _background(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        """A background task that fails takes the feeder down: a restart is better than a silent half."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOG.error("a task failed", exc_info=error)
            raise SystemExit(f"{type(error).__name__}: {error}") from error

    def _handle(self, request: m.ToFeeder) -> None:
        match request:
            case m.Configured():
                self._configure(request)
            case m.Subscribed():
                self._subscribe(request.kind, Reach(frozenset(request.clusters), frozenset(request.namespaces)))
            case m.Defined() | m.Arranged() | m.Silenced():
                self._learn(request)
            case m.Unsubscribed(kind):
                self._unsubscribe(kind)
            case m.Acknowledged(batch):
                self._outgoing.acknowledge(batch)
            case m.Paced(interval):
                self._outgoing.interval = min(max(interval, FASTEST), SLOWEST)
            case m.Joined():
                self._join(request)
            case m.Resynced(cluster):
                if self._hub is not None:
                    self._hub.resync(cluster)
            case m.Called():
                self._background(asyncio.create_task(self._call(request)))
            case m.StreamOpened() | m.StreamFed() | m.StreamAcknowledged() | m.StreamClosed():
                self._stream(request)

    def _configure(self, configured: m.Configured) -> None:
        self.configured = configured
        with contextlib.suppress(ConsoleError):  # the console has complained already
            logs.configure(configured.log_file)
        _LOG.info("feeder of kurator-tui %s, protocol %d", __version__, m.PROTOCOL)
        try:
            own = load_kubeconfig(configured.kubeconfig or None, os.environ)
            own.select(configured.context or None)
        except ConsoleError as error:
            _LOG.error("%s: %s", error.title, error.message)
            self._outgoing.send(
                m.Noticed(error.title, error.message, error.hint, "error", fatal=True, exit_code=error.exit_code)
            )
            return
        options = hub_options(configured)
        if configured.shard:
            self._outgoing.hide(HOST)
        _LOG.info(
            "%s, context %s, members from %s", own.source, options.context or own.current, options.members_from
        )
        self._store.listen_freshness(Journal().note)
        hub = self._hub = Hub(
            own,
            options,
            self._store,
            forgotten=self._forget,
            divided=lambda shards: self._outgoing.send(m.Divided(shards)),
            notice=lambda title, message: self._outgoing.send(m.Noticed(title, message, level="information")),
        )
        self._triaging = Triaging(hub)
        for name, why in added().problems if not configured.shard else ():
            self._outgoing.send(
                m.Noticed("Analyser left out", f"{name}: {why}", "docs/analysers.md says how it is.")
            )
        self._forwards = Forwards(hub)
        acting = Acting(configured)
        debugging = Debugging(acting)
        own_calls = {**forwarding.calls(self._forwards), **acting.calls, "debug_word": debugging.word}
        self._calls = {**CALLS, **own_calls, **self._triaging.calls()}
        self._streams.read_only, self._streams.shut = configured.read_only, acting.shut
        self._streams.offer({"commit": acting.commit, "debug": debugging.debug})
        if not configured.shard:
            sharing = Sharing(configured, acting)
            self._calls["share"] = sharing.share
            self._streams.offer({"shared": sharing.shared})
        self._background(asyncio.create_task(hub.run()))
        self._background(asyncio.create_task(gate_readings(hub).run()))
        self._background(asyncio.create_task(self._triaging.run()))
        self._background(asyncio.create_task(self._outgoing.run(self._synced)))
        self._background(asyncio.create_task(self._tend(hub)))

    def _learn(self, told: m.Defined | m.Arranged | m.Silenced) -> None:
        if isinstance(told, m.Silenced):
            if self._triaging is not None:
                self._triaging.silence(msgspec.json.decode(told.silences, type=Silences))
            return
        if isinstance(told, m.Defined):
            define(msgspec.json.decode(told.definition, type=Definition))
        else:
            rearrange(self._store, msgspec.json.decode(told.arrangements, type=Arrangements))
        if self._hub is not None:
            self._hub.redefined()

    def _subscribe(self, kind: str, reach: Reach) -> None:
        if kind not in KINDS:
            self._outgoing.send(m.Noticed("Unknown kind", f"no kind is called {kind}"))
            return
        if self._hub is not None and self._triaging is not None:
            self._hub.require(kind, reach)
            self._triaging.require(kind)
        self._outgoing.subscribe(kind, reach.clusters)

    def _unsubscribe(self, kind: str) -> None:
        subscribed = kind in self._outgoing.subscribed
        self._outgoing.unsubscribe(kind)  # first: rows that go now are not the console's business any more
        if self._hub is not None and self._triaging is not None and subscribed:
            self._hub.release(kind)
            self._triaging.release(kind)

    def _join(self, joined: m.Joined) -> None:
        if self._hub is None or self._triaging is None:
            return
        if joined.kind == FINDINGS.id:
            self._triaging.join(self._rows.read(FINDINGS, joined.rows), joined.removed)
            return
        members = list(self._rows.read(CLUSTERS, joined.rows))
        self._hub.join(members, joined.gone)
        self._triaging.join_members(members, joined.gone)
        for cluster in joined.gone:
            self._triaging.forget(cluster)

    def _forget(self, cluster: str) -> None:
        if self._triaging is not None:
            self._triaging.forget(cluster)
        self._outgoing.forget(cluster)

    def _is_member(self, cluster: str) -> bool:
        return self._hub is not None and cluster in self._hub.links

    def _synced(self) -> bool:
        if self._hub is None or self._triaging is None:
            return False
        deep = {kind.id for kind in self._triaging.triage.kinds} if self._triaging.deep else set()
        return self._hub.synced(self._outgoing.subscribed | deep) and self._triaging.settled()

    async def _pulse(self) -> None:
        while True:
            self._outgoing.beat()
            await asyncio.sleep(BEAT)

    async def _tend(self, hub: Hub) -> None:
        """Describe the host once it is known, and report the cost while it changes."""
        last = m.Costed()
        while True:
            await asyncio.sleep(COST_INTERVAL / 5 if not self._described else COST_INTERVAL)
            self._outgoing.nudge()
            if (
                not self.configured.shard
                and not self._described
                and HOST in hub.links
                and (kurator := hub.serves_kurator) is not None
            ):
                self._described = True
                facts = hub.host.facts
                context = facts.via.removeprefix("context ")
                self._outgoing.send(m.HostDescribed(context, facts.server, kurator))
                if not kurator and self.configured.members_from != "contexts":
                    self._outgoing.send(NO_KURATOR)
            cost = _cost(hub)
            if cost != last:
                last = cost
                self._outgoing.cost(cost)

    def _stream(self, request: m.StreamOpened | m.StreamFed | m.StreamAcknowledged | m.StreamClosed) -> None:
        if isinstance(request, m.StreamOpened):
            self._background(self._streams.open(self._hub, request))
        else:
            self._streams.take(request)

    async def _call(self, request: m.Called) -> None:
        answer = m.Answered(request.call, title="Cannot do that", message=f"no method is called {request.method}")
        method = self._calls.get(request.method)
        if method is not None and self._hub is not None:
            try:
                answer = m.Answered(request.call, data=await method(self._hub, request.arguments))
            except ConsoleError as error:
                _LOG.warning("%s: %s: %s", request.method, error.title, error.message)
                answer = m.Answered(request.call, "", error.title, error.message, error.hint, error.exit_code)
            except Exception as error:  # noqa: BLE001 - a mistake of ours costs one answer, not the feeder
                _LOG.exception("%s: unexpected error", request.method)
                what = f"error in kurator-tui: {type(error).__name__}"
                hint = "The log has the details: --log-file FILE"
                answer = m.Answered(request.call, "", ConsoleError.title, what, hint)
        with contextlib.suppress(ConnectionError):
            await self._outgoing.answer(answer)


def _cost(hub: Hub) -> m.Costed:
    stats = [connection.stats for connection in hub.connections]
    return m.Costed(
        streams=sum(s.open_streams for s in stats),
        requests=sum(s.requests for s in stats),
        bytes_in=sum(s.bytes_in for s in stats),
        events=hub.store.taken,
        memory=memory.resident() >> 20 << 20,
    )
