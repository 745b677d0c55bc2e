"""A game day's marks: how long until a player notices what fails, and until they look at what is behind it.

The demo says beforehand what fails and when; nothing of it is told before its incident is opened or acknowledged.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from kurator_tui.kinds.incidents import IncidentRow, State


class Fault(NamedTuple):
    """Something that fails from the Unix second `began` on; `of` is what its incident is called by."""

    scenario: str
    code: str
    of: str
    clusters: frozenset[str]
    began: float
    due: float
    """Unix second by which triage tells of it, if it lasts so long: before that nobody missed it."""


class Marks(NamedTuple):
    """Unix seconds, 0.0 for not yet."""

    noticed: float = 0.0
    """Its incident was there while the player looked at the inbox."""
    found: float = 0.0
    """The player opened its evidence, or acknowledged it."""


class Game:
    """`look` is told what the player sees, `open` what they open; `lines` is the result."""

    def __init__(self, faults: Iterable[Fault], clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self.marks: dict[Fault, Marks] = {fault: Marks() for fault in sorted(faults, key=lambda each: each.began)}

    @classmethod
    def of(cls, told: Iterable[Mapping[str, Any]]) -> Game:
        """As the demo's ready line tells it: scenario, code, of, clusters, began, due."""
        return cls(Fault(**{**each, "clusters": frozenset(each["clusters"])}) for each in told)

    def look(self, rows: Iterable[IncidentRow]) -> None:
        """These are in the inbox, and the player looks at it."""
        new = [fault for fault in self._begun() if not self.marks[fault].noticed]
        for row in rows if new else ():
            for fault in new:
                if _about(row, fault):
                    self.marks[fault] = self.marks[fault]._replace(noticed=self._clock())

    def open(self, row: IncidentRow) -> str:
        """The player looks at what is behind an incident; what to say of that, "" for nothing."""
        fault = next((each for each in self._begun() if _about(row, each) and not self.marks[each].found), None)
        if fault is None:
            return ""
        now = self._clock()
        noticed = self.marks[fault].noticed or now
        self.marks[fault] = Marks(noticed, now)
        return f"{fault.scenario}: found {_seconds(now - fault.began)} after it began"

    def lines(self) -> list[str]:
        """Each fault that began: what it was, and how long it took."""
        now = self._clock()
        begun = [fault for fault in self._begun() if fault.due <= now or self.marks[fault].noticed]
        if not begun:
            return []
        found = sum(bool(self.marks[fault].found) for fault in begun)
        told = [f"game day: {found} of {len(begun)} found"]
        wide = max(len(fault.scenario) for fault in begun)
        for fault in begun:
            told.append(f"  {fault.scenario:<{wide}}  {fault.code} {fault.of}: {self._time(fault)}")
        return told

    def _time(self, fault: Fault) -> str:
        marks = self.marks[fault]
        if not marks.noticed:
            return "not noticed"
        noticed = f"noticed after {_seconds(marks.noticed - fault.began)}"
        cause = f"cause after {_seconds(marks.found - fault.began)}" if marks.found else "cause not found"
        return f"{noticed}, {cause}"

    def _begun(self) -> list[Fault]:
        now = self._clock()
        return [fault for fault in self.marks if fault.began <= now]


def _about(row: IncidentRow, fault: Fault) -> bool:
    """Whether an incident that goes on is what a fault makes, be it led by another finding just now."""
    of = row.name.partition(": ")[2]
    return row.state != State.RESOLVED and of == fault.of and not fault.clusters.isdisjoint(row.clusters)


def _seconds(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"
