"""The console's end of the link: rows into a store, calls with answers, and a feeder that is always there.

When the feeder dies the rows stay, every cluster turns stale with the reason, and another feeder is started and
given the same subscriptions; its first change sets replace the old rows, and clusters it does not know are
forgotten once it knows all of them. Nothing here imports the network.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import random
import subprocess
import time
from collections.abc import Callable

import msgspec

from kurator_tui.errors import ConsoleError, FeederLost
from kurator_tui.kinds.base import HOST
from kurator_tui.link import messages as m
from kurator_tui.link.framing import RowReader, facts, frame
from kurator_tui.link.pulse import REASON, Pulse
from kurator_tui.link.spawn import Attached, attach, spawn
from kurator_tui.store.changes import Changes
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store

_LOG = logging.getLogger(__name__)

RESTART_DELAYS = (0.1, 0.5, 1.0, 2.0, 5.0)
"""Seconds before the n-th restart in a row; the last one repeats."""
SETTLED = 10.0
"""A feeder that lived this long (seconds) starts the delays again."""

ROWS_A_TURN = 500
"""Rows applied before the screen may have a turn of the loop; only a replacing change set is never cut."""

Spawn = Callable[[], "subprocess.Popen[bytes]"]
FactListener = Callable[[m.ToConsole | None], None]
"""Called with each message that is not rows; with None when `feeder_state` changed."""


class AnsweredError(ConsoleError):
    """An error the feeder sent as the answer to a call, with its own title and exit code."""

    def __init__(self, answer: m.Answered) -> None:
        super().__init__(answer.message, answer.hint)
        self.title = answer.title  # type: ignore[misc]
        self.exit_code = answer.exit_code  # type: ignore[misc]


class Session:
    """One console's connection to its feeder; see the module docstring for what it promises."""

    def __init__(
        self,
        configured: m.Configured,
        process: subprocess.Popen[bytes] | None = None,
        *,
        start: Spawn = spawn,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.store = Store()
        self.host: m.HostDescribed | None = None
        self.cost = m.Costed()
        self.synced = False
        self.feeder_state = "starting"
        self._configured = configured
        self._first_process = process
        self._spawn = start
        self._clock = clock
        self._subscriptions: dict[str, tuple[str, ...]] = {}
        self._listeners: list[FactListener] = []
        self._calls: dict[int, asyncio.Future[str]] = {}
        self._numbers = itertools.count(1)
        self._attached: Attached | None = None
        self._reader = RowReader()
        self._named: set[str] = set()
        """Clusters this feeder spoke of."""
        self._inherited = False
        """Whether the store may hold clusters of an earlier feeder that this one does not know."""
        self._closing = False

    # -- for screens ------------------------------------------------------------------------------------------

    def listen(self, listener: FactListener) -> Callable[[], None]:
        """Call `listener` with every fact that is not rows; returns the function that stops it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def subscribe(self, kind: str, clusters: tuple[str, ...] = ()) -> None:
        """Keep the rows of `kind` in the store from now on. Idempotent."""
        if self._subscriptions.get(kind) != clusters:
            self._subscriptions[kind] = clusters
            self._send(m.Subscribed(kind, clusters))

    def unsubscribe(self, kind: str) -> None:
        """Stop keeping the rows of `kind`."""
        if self._subscriptions.pop(kind, None) is not None:
            self._send(m.Unsubscribed(kind))
            self.store.forget_kind(kind)

    def resync(self, cluster: str = "") -> None:
        """List again, in one cluster or in all."""
        self._send(m.Resynced(cluster))

    async def call(self, method: str, **arguments: str) -> str:
        """Ask the feeder. Raises ConsoleError: the feeder's answer, or FeederLost."""
        if self._attached is None:
            raise FeederLost("the feeder is not running", "wait until it is back")
        number = next(self._numbers)
        self._calls[number] = asyncio.get_running_loop().create_future()
        self._send(m.Called(number, method, arguments))
        try:
            return await self._calls[number]
        finally:
            self._calls.pop(number, None)

    # -- life -------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Read facts until `close`; restart the feeder whenever it ends."""
        failures = 0
        while not self._closing:
            began = self._clock()
            reason = await self._one_feeder()
            if self._closing:
                return
            failures = 0 if self._clock() - began > SETTLED else failures + 1
            delay = RESTART_DELAYS[min(failures, len(RESTART_DELAYS)) - 1] if failures else RESTART_DELAYS[0]
            self._lost(reason)
            await asyncio.sleep(delay * random.uniform(0.8, 1.2))

    async def close(self) -> None:
        """Say goodbye and wait until the feeder is gone."""
        self._closing = True
        self._fail_calls("the console is closing")
        attached, self._attached = self._attached, None
        if attached is not None:
            with contextlib.suppress(OSError, RuntimeError):
                attached.writer.write(frame(m.Goodbye()))
                await asyncio.wait_for(attached.writer.drain(), 1.0)
            await attached.detach()
        elif self._first_process is not None:
            self._first_process.kill()
            self._first_process.wait()

    async def _one_feeder(self) -> str:
        """Run one feeder to its end; returns why it ended."""
        try:
            process, self._first_process = self._first_process or self._spawn(), None
        except OSError as error:
            return f"cannot start the feeder: {error}"
        attached = self._attached = await attach(process)
        _LOG.info("feeder %d started", process.pid)
        self._send(self._configured)
        for kind, clusters in self._subscriptions.items():
            self._send(m.Subscribed(kind, clusters))
        why = ""
        pulse = Pulse(self.store, self._clock, self._silence)
        watch = asyncio.create_task(self._give_up(attached, pulse))
        try:
            async for fact in facts(attached.reader):
                beat = isinstance(fact, m.Pulsed)
                pulse.heard(beat=beat)
                if beat:
                    continue
                await self._take(fact)
                await asyncio.sleep(0)  # frames that are buffered already would not let the screen have a turn
        except (msgspec.DecodeError, FeederLost) as error:
            why = f"the link is broken: {error}"
        watch.cancel()
        if pulse.silent:
            why = why or REASON
        if self._closing:
            return ""
        self._attached = None
        code = await attached.detach(grace=0.2)
        return why or _obituary(code, attached.last_words)

    async def _give_up(self, attached: Attached, pulse: Pulse) -> None:
        """End a feeder that has been silent for too long: `_one_feeder` sees its end."""
        await pulse.watch()
        attached.process.kill()

    def _silence(self, silent: bool) -> None:
        self.feeder_state = REASON if silent else "live"
        self._tell(None)

    def _send(self, message: m.Message) -> None:
        if self._attached is not None:
            with contextlib.suppress(OSError, RuntimeError):
                self._attached.writer.write(frame(message))

    def _tell(self, fact: m.ToConsole | None) -> None:
        for listener in tuple(self._listeners):
            listener(fact)

    def _lost(self, reason: str) -> None:
        self.feeder_state = f"feeder lost: {reason}; restarting"
        _LOG.error("feeder lost: %s", reason)
        now = self._clock()
        for cluster, kind, freshness in list(self.store.freshness_items()):
            if freshness.state in (State.LIVE, State.SYNCING, State.CONNECTING):
                self.store.set_freshness(cluster, kind, Freshness(State.STALE, now, f"feeder lost: {reason}"))
        self._fail_calls(reason)
        self._tell(None)

    def _fail_calls(self, reason: str) -> None:
        for future in self._calls.values():
            if not future.done():
                future.set_exception(FeederLost(reason, "ask again when it is back"))

    # -- facts ------------------------------------------------------------------------------------------------

    async def _take(self, fact: m.ToConsole) -> None:
        match fact:
            case m.RowsChanged():
                await self._rows(fact)
                return
            case m.FreshnessChanged():
                self._named.add(fact.cluster)
                freshness = Freshness(State(fact.state), fact.since, fact.reason)
                self.store.set_freshness(fact.cluster, fact.kind, freshness)
                return
            case m.ClusterForgotten():
                self._named.discard(fact.cluster)
                self.store.forget_cluster(fact.cluster)
            case m.Greeted():
                self._greeted(fact)
                return
            case m.HostDescribed():
                self.host = fact
            case m.Costed():
                self.cost = fact
            case m.FirstSyncDone():
                self.synced = True
                self._forget_unnamed()
            case m.Answered():
                self._answer(fact)
                return
            case m.Noticed():
                pass
        self._tell(fact)

    def _greeted(self, fact: m.Greeted) -> None:
        if fact.protocol != m.PROTOCOL:
            raise FeederLost(f"protocol {fact.protocol} instead of {m.PROTOCOL}", "reinstall kurator-tui")
        self._named.clear()
        self._inherited = True
        self.feeder_state = "live"
        self._tell(None)

    def _forget_unnamed(self) -> None:
        """Forget the clusters of an earlier feeder that this one never named, once its host told the members."""
        if not self._inherited or self.store.freshness(HOST).state not in (State.LIVE, State.FORBIDDEN):
            return
        self._inherited = False
        known = {cluster for cluster, _kind, _freshness in self.store.freshness_items()}
        for kind in self._subscriptions:
            known.update(self.store.clusters(kind))
        for cluster in sorted(known - self._named):
            self.store.forget_cluster(cluster)
            self._tell(m.ClusterForgotten(cluster))

    async def _rows(self, fact: m.RowsChanged) -> None:
        from kurator_tui.kinds.registry import KINDS  # all kinds: the first frame does not wait for them

        self._named.add(fact.cluster)
        kind = KINDS.get(fact.kind)
        if kind is not None and fact.kind in self._subscriptions:
            rows, removed = self._reader.read(kind, fact.rows), list(fact.removed)
            size = max(1, len(rows)) if fact.replaced else ROWS_A_TURN
            for start in range(0, max(1, len(rows)), size):
                if start:
                    await asyncio.sleep(0)
                if fact.kind in self._subscriptions:  # still
                    part = rows[start : start + size]
                    self.store.apply(Changes(fact.kind, fact.cluster, part, removed, fact.replaced))
                removed = []
        self._send(m.Acknowledged(fact.batch))

    def _answer(self, fact: m.Answered) -> None:
        future = self._calls.get(fact.call)
        if future is None or future.done():
            return
        if fact.title:
            future.set_exception(AnsweredError(fact))
        else:
            future.set_result(fact.data)


def _obituary(code: int | None, last_words: str) -> str:
    if code is not None and code < 0:
        return f"killed by signal {-code}"
    return last_words or f"exit code {code}"
