"""One feeder process as the console sees it: started, read, and replaced whenever it ends.

Knows nothing of rows: what the feeder says goes to `Owner.take`, what became of it to the other two. The owner's
`hello` is what every new process is told first.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import subprocess
import time
from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from kurator_tui.errors import FeederLost
from kurator_tui.link import messages as m
from kurator_tui.link.framing import facts, frame
from kurator_tui.link.pulse import REASON, Pulse
from kurator_tui.link.spawn import Attached, attach

_LOG = logging.getLogger(__name__)

RESTART_DELAYS = (0.1, 0.5, 1.0, 2.0, 5.0)
"""Seconds before the n-th restart in a row; the last one repeats."""
SETTLED = 10.0
"""A feeder that lived this long (seconds) starts the delays again."""
STINT = 0.004
"""Seconds of work on facts after which the rest of the console has a turn."""
BREATHER = 0.002
"""How long (seconds) that turn is: a key takes several rounds of the loop until it is on the screen."""

LIVE = "live"
STARTING = "starting"

Spawn = Callable[[], "subprocess.Popen[bytes]"]


class Owner(Protocol):
    """Who a worker works for."""

    def hello(self, worker: Worker) -> Iterable[m.Message]:
        """What a new feeder is told first."""

    def take(self, worker: Worker, fact: m.ToConsole) -> None:
        """The feeder said something. Raises FeederLost to be rid of it."""

    def silent(self, worker: Worker, silent: bool) -> None:
        """The feeder stopped answering, or answers again."""

    def lost(self, worker: Worker, reason: str) -> None:
        """The feeder ended; another one is about to be started."""


class Worker:
    """Runs one feeder after the other until `close`. `clusters` are those the present one spoke of."""

    def __init__(
        self,
        index: int,
        owner: Owner,
        start: Spawn,
        process: subprocess.Popen[bytes] | None = None,
    ) -> None:
        self.index = index
        self.clusters: set[str] = set()
        self.synced = False
        self.state = STARTING
        """`starting`, `live`, or why the feeder is lost."""
        self.cost = m.Costed()
        self._owner = owner
        self._start = start
        self._first_process = process
        self._attached: Attached | None = None
        self._closing = asyncio.Event()

    @property
    def running(self) -> bool:
        """Whether there is a feeder to talk to."""
        return self._attached is not None

    @property
    def pid(self) -> int:
        """Process id of the feeder, 0 while there is none."""
        return self._attached.process.pid if self._attached is not None else 0

    def send(self, message: m.Message) -> None:
        """Tell the feeder; nothing happens while there is none (`hello` tells the next one what matters)."""
        attached = self._attached
        # What is written to a closed pipe asyncio tells the log.
        if attached is not None and not attached.writer.is_closing():
            with contextlib.suppress(OSError, RuntimeError):
                attached.writer.write(frame(message))

    async def run(self) -> None:
        """Keep a feeder running until `close`."""
        failures, clock = 0, asyncio.get_running_loop().time
        while not self._closing.is_set():
            began = clock()
            reason = await self._one_feeder()
            if self._closing.is_set():
                return
            failures = 0 if clock() - began > SETTLED else failures + 1
            delay = RESTART_DELAYS[min(failures, len(RESTART_DELAYS)) - 1] if failures else RESTART_DELAYS[0]
            self.state = f"feeder lost: {reason}; restarting"
            self.cost = m.Costed(feeders=0)
            _LOG.error("feeder %d lost: %s", self.index, reason)
            self._owner.lost(self, reason)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), delay * random.uniform(0.8, 1.2))

    async def close(self) -> None:
        """Say goodbye and wait until the feeder is gone."""
        self._closing.set()
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
            process, self._first_process = self._first_process or self._start(), None
        except OSError as error:
            return f"cannot start the feeder: {error}"
        attached = await attach(process)
        if self._closing.is_set():  # meanwhile: nobody else knows of this one
            await attached.detach()
            return ""
        self._attached = attached
        _LOG.info("feeder %d started: process %d", self.index, process.pid)
        for message in self._owner.hello(self):
            self.send(message)
        why = ""
        pulse = Pulse(lambda silent: self._owner.silent(self, silent))
        watch = asyncio.create_task(self._give_up(attached, pulse))
        try:
            await self._read(attached, pulse)
        except (msgspec.DecodeError, FeederLost) as error:
            why = f"the link is broken: {error}"
        watch.cancel()
        if pulse.silent:
            why = why or REASON
        if self._closing.is_set():
            return ""
        self._attached = None
        code = await attached.detach(grace=0.2)
        return why or _obituary(code, attached.last_words)

    async def _read(self, attached: Attached, pulse: Pulse) -> None:
        """Hand out facts; frames that are buffered already must not keep keys waiting."""
        clock = time.perf_counter
        stint = clock()
        async for fact in facts(attached.reader):
            beat = isinstance(fact, m.Pulsed)
            pulse.heard(beat=beat)
            if beat:
                continue
            self._take(fact)
            if clock() - stint > STINT:
                await asyncio.sleep(BREATHER)
                stint = clock()
            else:
                await asyncio.sleep(0)

    def _take(self, fact: m.ToConsole) -> None:
        match fact:
            case m.Greeted():
                if fact.protocol != m.PROTOCOL:
                    raise FeederLost(f"protocol {fact.protocol} instead of {m.PROTOCOL}", "reinstall kurator-tui")
                self.clusters.clear()
                self.synced = False
                self.state = LIVE
            case m.FreshnessChanged():
                self.clusters.add(fact.cluster)
            case m.ClusterForgotten():
                self.clusters.discard(fact.cluster)
            case m.Costed():
                self.cost = fact
            case m.FirstSyncDone():
                self.synced = True
            case _:
                pass
        self._owner.take(self, fact)

    async def _give_up(self, attached: Attached, pulse: Pulse) -> None:
        """End a feeder that has been silent for too long: `_one_feeder` sees its end."""
        await pulse.watch()
        attached.process.kill()


def _obituary(code: int | None, last_words: str) -> str:
    if code is not None and code < 0:
        return f"killed by signal {-code}"
    return last_words or f"exit code {code}"
