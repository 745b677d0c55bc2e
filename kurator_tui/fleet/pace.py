"""How often, and how many at a time: what a hub's members share so that none costs the others much."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from kurator_tui.api.backoff import Herd, lapse
from kurator_tui.fleet.admission import Gate

PROBE_INTERVAL = 1.0
"""Seconds between probes: with `PROBE_TIMEOUT` a server that hangs is noticed within two seconds."""
PROBES_A_SECOND = 20
"""Probes of all members together: beyond that many members each one is probed more rarely."""
LONGEST_UNPROBED = 60.0
"""Seconds for which what comes on a member's streams stands for a probe, where members are many."""
CONNECTING = 64
"""Members that connect and discover at a time."""
AHEAD, LEAD = 6, 0.15
"""At the start so many go ahead, for so many seconds: their first rows do not wait until all have connected."""
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


class Heard:
    """When a member's streams brought anything: that stands for a probe, where members are many."""

    def __init__(self, lapse: Callable[[], float] = lapse) -> None:
        self._lapse = lapse
        self._bytes = 0
        self._last = self._probed = float("-inf")

    def came(self, bytes_in: int) -> bool:
        """Whether anything came since the last look; `bytes_in` is what all streams ever brought."""
        before, self._bytes = self._bytes, bytes_in
        if before == bytes_in:
            return False
        self._last = self._lapse()
        return True

    def probed(self, bytes_in: int) -> None:
        """A probe succeeded. What its own answer brought is not looked at."""
        self._bytes, self._probed = bytes_in, self._lapse()

    def lately(self, interval: float) -> bool:
        """Whether something came since the last look but one (looks are about `interval` seconds apart).

        Never for longer than `LONGEST_UNPROBED` without a probe: only that tells version and latency.
        """
        now = self._lapse()
        return now - self._last < 1.5 * interval and now - self._probed < LONGEST_UNPROBED


class Gates:
    """What the members of one hub take turns at."""

    def __init__(self) -> None:
        self.connecting = Gate(CONNECTING, ahead=AHEAD, lead=LEAD)
        self.listing = Gate(LISTING)
        self.herd = Herd()
