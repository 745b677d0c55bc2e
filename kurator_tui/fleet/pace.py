"""How often, and how many at a time: what a hub's members share so that none costs the others much."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from kurator_tui.api.backoff import Herd
from kurator_tui.fleet.admission import Gate

PROBE_INTERVAL = 1.0
"""Seconds between probes: with `PROBE_TIMEOUT` a server that hangs is noticed within two seconds."""
PROBES_A_SECOND = 20
"""Probes of all members together: beyond that many members each one is probed more rarely."""
LONGEST_UNPROBED = 60.0
"""Seconds for which what comes on a member's streams stands for a probe, where members are many."""
CONNECTING = 64
"""Members that connect and discover at a time."""
LISTING = 16
"""Kinds of all members that are listed at a time."""


class ProbePace:
    """How long to wait between two probes of one member: one second, or more where there are very many."""

    def __init__(self, members: Callable[[], int]) -> None:
        self._members = members

    @property
    def interval(self) -> float:
        """Seconds."""
        return max(PROBE_INTERVAL, self._members() / PROBES_A_SECOND)

    @property
    def sparing(self) -> bool:
        """Whether there are so many members that one which is heard of anyway need not be probed."""
        return self.interval > PROBE_INTERVAL

    async def wait(self, least: float = 0.0, *, first: bool = False) -> None:
        """Until the next probe. The first may come at any moment of the interval.

        Members that connected together are so not probed together.
        """
        await asyncio.sleep(max(least, self.interval * random.uniform(0.0 if first else 0.9, 1.0)))


class Gates:
    """What the members of one hub take turns at."""

    def __init__(self) -> None:
        self.connecting = Gate(CONNECTING)
        self.listing = Gate(LISTING)
        self.herd = Herd()
