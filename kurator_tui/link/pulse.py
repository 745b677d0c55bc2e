"""A feeder that is there and says nothing: rows must not look live behind it.

The feeder sends `Pulsed` twice a second. After `QUIET` seconds without any message what was live turns stale; when
it speaks again that is taken back, and after `DEAD` seconds it is given up. Armed by the first beat.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store

BEAT = 0.5
"""Seconds between two beats of a feeder."""
QUIET = 1.5
DEAD = 8.0
REASON = "the feeder does not answer"


class Pulse:
    """Watches one feeder's messages. `changed` is called when it falls silent and when it speaks again."""

    def __init__(self, store: Store, clock: Callable[[], float], changed: Callable[[bool], None]) -> None:
        self._store = store
        self._clock = clock
        self._changed = changed
        self._heard: float | None = None
        self._shadowed: dict[tuple[str, str], Freshness] = {}
        self.silent = False

    def heard(self, *, beat: bool) -> None:
        """A message came; `beat` says it was a `Pulsed`."""
        if beat or self._heard is not None:
            self._heard = asyncio.get_running_loop().time()
        if self.silent:
            self.silent = False
            shadowed, self._shadowed = self._shadowed, {}
            for (cluster, kind), freshness in shadowed.items():
                if self._store.freshness(cluster, kind).reason == REASON:
                    self._store.set_freshness(cluster, kind, freshness)
            self._changed(False)

    async def watch(self) -> None:
        """Returns when the feeder is to be given up."""
        while True:
            await asyncio.sleep(BEAT)
            silence = asyncio.get_running_loop().time() - self._heard if self._heard is not None else 0.0
            if silence > DEAD:
                return
            if silence > QUIET and not self.silent:
                self._shadow()

    def _shadow(self) -> None:
        self.silent = True
        now = self._clock()
        for cluster, kind, freshness in list(self._store.freshness_items()):
            if freshness.state in (State.LIVE, State.SYNCING, State.CONNECTING):
                self._shadowed[(cluster, kind)] = freshness
                self._store.set_freshness(cluster, kind, Freshness(State.STALE, now, REASON))
        self._changed(True)
