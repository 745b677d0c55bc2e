"""What changes and when: pods mostly, node heartbeats, now and then a pod that goes or comes.

Each tick makes the events that are due, dealt to members at random, and publishes them a member at a time.
The randomness is seeded; the times are the loop's.
"""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from typing import cast

from kurator_tui.demo.load import nodes, pods
from kurator_tui.demo.load.members import Member
from kurator_tui.demo.load.nodes import NodeState
from kurator_tui.demo.load.pods import PodState
from kurator_tui.demo.load.population import Settler, stamp
from kurator_tui.demo.load.tables import ADDED, DELETED, MODIFIED, Change

TICK = 0.01
"""Seconds between two ticks at high rates."""
HEARTBEATS, TURNOVER = 0.03, 0.02
"""Shares of the events that are node heartbeats, and pods that go or come."""
_OWED = 0.5
"""Seconds of events that are made up for after a stall; more are left out."""
_SLICE = 500
"""Events of a burst between two turns of the loop."""


class Source:
    """Makes the changes of one member; `settler` names new pods."""

    def __init__(self, member: Member, settler: Settler, rng: random.Random) -> None:
        self.member = member
        self._settler = settler
        self._rng = rng
        self._random = rng.random
        self._slots = member.pods.slots
        self._pods: list[Change] = []
        self._nodes: list[Change] = []

    def make(self, now: bytes) -> bool:
        """Make one change; False where there is nothing that could change."""
        draw, slots = self._random(), self._slots
        if draw >= HEARTBEATS + TURNOVER and slots:
            slot = int(self._random() * len(slots))
            old = slots[slot]
            if old is not None:
                self._move_on(slot, cast(PodState, old), now)
                return True
        if self.member.nodes.slots and (draw < HEARTBEATS or not slots):
            self._beat(now)
        elif slots:
            self._turn_over(now)
        else:
            return False
        return True

    def publish(self) -> None:
        """Tell the watches what was made since the last time."""
        if self._pods:
            changes, self._pods = self._pods, []
            self.member.pods.publish(changes)
        if self._nodes:
            changes, self._nodes = self._nodes, []
            self.member.nodes.publish(changes)

    def _beat(self, now: bytes) -> None:
        slots = self.member.nodes.slots
        slot = int(self._rng.random() * len(slots))
        slots[slot] = new = nodes.beaten(cast(NodeState, slots[slot]), self._rng, self._next(), now)
        self._nodes.append((MODIFIED, new))

    def _move_on(self, slot: int, old: PodState, now: bytes) -> None:
        """Change one pod, or end one that terminates. This is the hot path: 95 % of all events."""
        identity, stage, restarts = old[0], old[1], old[2]
        after = pods.AFTER[stage]
        if not after:
            self._delete(slot, old)
            return
        following = after[int(self._random() * len(after))]
        if following != stage and (stage, following) in pods.RESTARTED:
            restarts += 1
        member = self.member
        member.rv = rv = member.rv + 1
        self._slots[slot] = state = PodState(identity, following, restarts, rv, now)
        self._pods.append((MODIFIED, state))

    def _turn_over(self, now: bytes) -> None:
        """Create a pod where one is missing, else delete one."""
        if self.member.pods.vacant:
            self._create(now)
            return
        slot = int(self._random() * len(self._slots))
        self._delete(slot, cast(PodState, self._slots[slot]))

    def _create(self, now: bytes) -> None:
        table = self.member.pods
        slot = table.vacant.pop()
        identity = self._settler.pod(slot, now)
        table.slots[slot] = state = PodState(identity, pods.PENDING, 0, self._next(), now)
        self._pods.append((ADDED, state))

    def _delete(self, slot: int, old: PodState) -> None:
        table = self.member.pods
        table.slots[slot] = None
        table.vacant.append(slot)
        self._pods.append((DELETED, old._replace(rv=self._next())))

    def _next(self) -> int:
        self.member.rv += 1
        return self.member.rv


class Generator:
    """Keeps the rate; `sent` counts the events ever made."""

    def __init__(
        self,
        sources: Sequence[Source],
        seed: int,
        wall: Callable[[], float] = time.time,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`wall` gives the objects' times in seconds since 1970, `now` the pace in seconds of any clock."""
        self.sent = 0
        self.rate = 0.0
        self.sources = sources
        self._rng = random.Random(f"{seed}/events")
        self._wall = wall
        self._now = now
        self._owed = 0.0
        self._last = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = False

    def stop(self) -> None:
        """Make no more events, not even the rest of a burst."""
        self._stopped = True
        self.set_rate(0)

    def set_rate(self, rate: float) -> None:
        """Make `rate` events a second from now on; 0 for none."""
        self.rate = rate
        self._owed = 0.0
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if rate > 0 and self.sources:
            self._last = self._now()
            self._timer = asyncio.get_running_loop().call_later(self._interval, self._ticked)

    def make(self, count: int) -> None:
        """Make and publish `count` events at once."""
        if not self.sources:
            return
        sources, random_, now = self.sources, self._rng.random, stamp(self._wall())
        touched: set[Source] = set()
        for _ in range(count):
            source = sources[int(random_() * len(sources))]
            if source.make(now):
                touched.add(source)
                self.sent += 1
        for source in touched:
            source.publish()

    async def burst(self, count: int) -> int:
        """Make `count` events as fast as the loop goes; how many there were to make before it was stopped."""
        made = 0
        while made < count and not self._stopped:
            before = self.sent
            self.make(min(count - made, _SLICE))
            if self.sent == before:
                break
            made += self.sent - before
            await asyncio.sleep(0)
        return made

    @property
    def _interval(self) -> float:
        return max(TICK, min(0.5, 1 / self.rate))

    @property
    def ticking(self) -> bool:
        """Whether events come by themselves."""
        return self._timer is not None

    def tick(self) -> None:
        """Make what is due now."""
        now = self._now()
        self._owed = min(self._owed + (now - self._last) * self.rate, max(1.0, self.rate * _OWED))
        self._last = now
        due = int(self._owed)
        self._owed -= due
        self.make(due)

    def _ticked(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._interval, self._ticked)
        self.tick()
