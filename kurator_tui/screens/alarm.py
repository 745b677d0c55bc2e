"""When the terminal rings for new incidents: by severity, once each, never for what was there before. Pure.

What comes and goes rings twice within the hour, and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kurator_tui.kinds.findings import RANK
from kurator_tui.kinds.incidents import IncidentRow, State

APART = 10.0
"""Seconds between two rings: what comes meanwhile is told together."""
SETTLED = 30.0
"""Seconds that analysers have, once all clusters are known, to tell what was there at the start."""

AGAIN, WITHIN = 2, 3600.0
"""Rings that one incident may have within so many seconds, however often it comes."""


class Alarm:
    """`take` is told of incidents as they come; `ring` gets one line of text."""

    def __init__(self, severity: str, clock: Callable[[], float], ring: Callable[[str], None]) -> None:
        self._least = RANK.get(severity)
        """None: never."""
        self._clock, self._ring = clock, ring
        self._known: set[str] = set()
        self._complete_at = float("inf")
        """When all clusters were known for the first time."""
        self._waiting: list[IncidentRow] = []
        self._rang = float("-inf")
        self._rung_for: dict[str, list[float]] = {}
        """When each incident was taken for new, within `WITHIN`."""

    def take(self, rows: Iterable[IncidentRow], *, complete: bool, quiet: Callable[[IncidentRow], bool]) -> None:
        """All incidents there are now; `complete` once every cluster was looked at, `quiet` those put off."""
        if self._least is None:
            return
        going, now = [row for row in rows if row.state != State.RESOLVED], self._clock()
        if now - self._complete_at >= SETTLED:
            new = [row for row in going if row.uid not in self._known and self._matters(row, quiet)]
            self._waiting += [row for row in new if self._may_ring(row, now)]
        self._known = {row.uid for row in going} | (self._known if not complete else set())
        if complete:
            self._complete_at = min(self._complete_at, now)
        if self._waiting and now - self._rang >= APART:
            self._rang = now
            worst = max(self._waiting, key=lambda row: RANK.get(row.severity, 0))
            more = len(self._waiting) - 1
            self._waiting.clear()
            self._ring(f"{worst.severity}: {worst.name}" + (f" and {more} more" if more else ""))

    def _matters(self, row: IncidentRow, quiet: Callable[[IncidentRow], bool]) -> bool:
        """What began before, and is only seen now, is not new: more kinds are watched while the inbox is open."""
        new = row.created >= self._complete_at and not (row.split or row.before)
        return new and RANK.get(row.severity, 0) >= (self._least or 0) and not quiet(row)

    def _may_ring(self, row: IncidentRow, now: float) -> bool:
        """Whether it did not ring often enough already."""
        self._rung_for = {uid: at for uid, at in self._rung_for.items() if now - at[-1] < WITHIN}
        before = [at for at in self._rung_for.get(row.uid, ()) if now - at < WITHIN]
        if len(before) >= AGAIN or row.state == State.FLAPPING:
            return False
        self._rung_for[row.uid] = [*before, now]
        return True
