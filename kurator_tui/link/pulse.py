"""A feeder that is there and says nothing: rows must not look live behind it.

The feeder sends `Pulsed` twice a second. After `QUIET` seconds without any message it is silent; when it speaks
again that is taken back, and after `DEAD` seconds it is given up. Armed by the first beat.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

BEAT = 0.5
"""Seconds between two beats of a feeder."""
QUIET = 1.5
DEAD = 8.0
REASON = "the feeder does not answer"


class Pulse:
    """Watches one feeder's messages. `changed` is called when it falls silent and when it speaks again."""

    def __init__(self, changed: Callable[[bool], None]) -> None:
        self._changed = changed
        self._heard: float | None = None
        self.silent = False

    def heard(self, *, beat: bool) -> None:
        """A message came; `beat` says it was a `Pulsed`."""
        if beat or self._heard is not None:
            self._heard = asyncio.get_running_loop().time()
        if self.silent:
            self.silent = False
            self._changed(False)

    async def watch(self) -> None:
        """Returns when the feeder is to be given up.

        Time in which this process itself did not run (a suspended laptop, SIGSTOP) is no silence of the feeder:
        a look that comes late counts as one in time.
        """
        loop = asyncio.get_running_loop()
        looked = loop.time()
        while True:
            await asyncio.sleep(BEAT)
            late = max(0.0, loop.time() - looked - 2 * BEAT)
            looked = loop.time()
            if self._heard is None:
                continue
            self._heard += late
            silence = looked - self._heard
            if silence > DEAD:
                return
            if silence > QUIET and not self.silent:
                self.silent = True
                self._changed(True)
