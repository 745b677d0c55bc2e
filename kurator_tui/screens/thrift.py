"""When the console holds more memory than it may: what can be had again is given up, and it is said once.

Given up are kinds that are not on the screen (their rows come again when they are opened) and the texts that
searches read. May never end the console, nor take rows from a table that is seen.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from kurator_tui import memory
from kurator_tui.config.actions import WORKLOADS
from kurator_tui.kinds.cells import size
from kurator_tui.screens.places import view_of

if TYPE_CHECKING:
    from kurator_tui.screens.frame import FrameBase

_LOG = logging.getLogger(__name__)

AGAIN = 30.0
"""Seconds between two times that things are given up: memory is given back slowly."""


class Thrift:
    """How much this process may hold and holds, in bytes. A `limit` of 0 is none."""

    def __init__(
        self,
        limit: int = 0,
        resident: Callable[[], int] = memory.resident,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limit = limit
        self.times = 0
        """How often something was given up."""
        self._resident = resident
        self._clock = clock
        self._since = float("-inf")

    def due(self) -> bool:
        """Whether something is to be given up now; says yes once in `AGAIN` seconds."""
        if not self.limit or self._resident() <= self.limit or self._clock() - self._since < AGAIN:
            return False
        self._since = self._clock()
        self.times += 1
        return True

    @property
    def account(self) -> str:
        """What is held, of what may be."""
        return f"{size(self._resident())} of {size(self.limit)} of memory"


async def shed(frame: FrameBase) -> None:
    """Give up what is not on the screen."""
    thrift, screens = frame.gauges.thrift, frame.screens
    _LOG.warning("%s: caches are given up", thrift.account)
    related = {kind for screen in screens.values() for kind in screen.related}
    hidden = [place for place in screens if view_of(place) == WORKLOADS and place != frame.places.place]
    for kind in hidden:
        if kind not in related:
            await frame.forget(kind)
    for screen in screens.values():
        if screen.table.view is not None and not screen.working:
            screen.table.view.forget_texts()
    memory.release()
    if thrift.times == 1:
        frame.say(
            f"{thrift.account} used",
            "Kinds that are not on the screen and texts of searches were given up; they come again when needed.",
            "`~` shows what is held; --max-memory MiB says how much may be.",
            level="warning",
        )
