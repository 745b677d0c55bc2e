"""What happened in the demo, told when it ends: for scenarios that are a game of finding out.

A step of a scenario that can say what it does is made by `told`; the others are told by their scenario's summary.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

Act = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Told:
    """A step with its words: where, and what happens there."""

    text: str
    act: Act

    def __call__(self) -> None:
        self.act()


def told(where: str, what: str, act: Act) -> Told:
    """`act`, which does `what` in the cluster `where`."""
    return Told(f"{where}: {what}", act)


class Happened(NamedTuple):
    """Something that happened at a world second, `wall` seconds since 1970."""

    at: float
    wall: float
    scenario: str
    text: str


class Failure(NamedTuple):
    """A pod began to be unwell at `wall` seconds since 1970; the place is `cluster/namespace/name`."""

    wall: float
    place: str
    reason: str


MOST_FAILURES = 1000


@dataclass(slots=True)
class Story:
    """What happened so far, and how many scenarios are still to come."""

    happened: list[Happened] = field(default_factory=list)
    to_come: int = 0
    failures: list[Failure] = field(default_factory=list)
    """The first `MOST_FAILURES`, as the objects were written: so a delay can be told from when it really began."""

    def failed(self, wall: float, place: str, reason: str) -> None:
        """A pod waits for something that does not come, from now on."""
        if len(self.failures) < MOST_FAILURES:
            self.failures.append(Failure(wall, place, reason))

    def lines(self, title: str, zone: tzinfo | None = UTC) -> list[str]:
        """A line each, with the time in `zone` (None: the machine's) and the seconds since the start."""
        if not self.happened and not self.to_come:
            return []
        wide = max((len(each.scenario) for each in self.happened), default=0)
        found = [title]
        for each in self.happened:
            clock = datetime.fromtimestamp(each.wall, zone).strftime("%H:%M:%S")
            minutes, seconds = divmod(int(each.at), 60)
            found.append(f"  {clock}  +{minutes}m{seconds:02d}s  {each.scenario:<{wide}}  {each.text}")
        if self.to_come:
            found.append(f"  {self.to_come} more {'was' if self.to_come == 1 else 'were'} to come")
        return found
