"""The world's time: a clock that is told the time, and a timeline of things to do.

Nothing here sleeps or reads the machine's clock.  World time counts seconds from the start of the simulation and
may run faster than the wall (`speed`); timestamps written into objects are wall times, so that ages shown by
clients are the ages a user lived through.  The same seed and the same instants give the same objects.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

#: Start of the world in pictures and tests (2026-06-01T09:00:00Z), seconds since 1970.
FIXED_EPOCH = 1780304400.0

Action = Callable[[], None]


def rfc3339(wall: float) -> str:
    """A Kubernetes `Time`: whole seconds, UTC."""
    return _rfc3339(int(wall))


@lru_cache(maxsize=4096)
def _rfc3339(wall: int) -> str:
    return datetime.fromtimestamp(wall, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc3339_micro(wall: float) -> str:
    """A Kubernetes `MicroTime`, as Leases and events.k8s.io use it."""
    return datetime.fromtimestamp(wall, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class WorldClock:
    """World seconds since the start, and the wall time they stand for.

    `epoch` is the wall time of the start (seconds since 1970), `speed` the world seconds in a wall second.
    """

    def __init__(self, epoch: float = FIXED_EPOCH, speed: float = 1.0) -> None:
        if not 0 < speed < float("inf"):
            raise ValueError("speed must be positive")
        self.epoch = epoch
        self.speed = speed
        self.elapsed = 0.0

    def elapsed_at(self, wall: float) -> float:
        """World seconds that have passed at a wall time; never negative."""
        return max(0.0, (wall - self.epoch) * self.speed)

    def wall(self) -> float:
        """The wall time of the present instant, seconds since 1970."""
        return self.epoch + self.elapsed / self.speed

    def now(self) -> datetime:
        """The present instant as an aware datetime: what a storage stamps objects with."""
        return datetime.fromtimestamp(self.wall(), UTC)

    def stamp(self, ago: float = 0.0) -> str:
        """The present instant, or `ago` wall seconds before it, as a Kubernetes `Time`."""
        return rfc3339(self.wall() - ago)

    def micro_stamp(self, ago: float = 0.0) -> str:
        """As `stamp`, with microseconds."""
        return rfc3339_micro(self.wall() - ago)


@dataclass(order=True, slots=True)
class _Entry:
    due: float
    number: int
    action: Action = field(compare=False)


class Timeline:
    """What will happen, ordered by world time, then by the order it was asked for."""

    def __init__(self, clock: WorldClock) -> None:
        self.clock = clock
        self._entries: list[_Entry] = []
        self._count = 0

    def after(self, seconds: float, action: Action) -> None:
        """Do `action` this many world seconds from the present instant."""
        self._count += 1
        heapq.heappush(self._entries, _Entry(self.clock.elapsed + max(0.0, seconds), self._count, action))

    def every(self, seconds: float, action: Action, first: float | None = None) -> None:
        """Do `action` again and again; the first time after `first` seconds (default: one period)."""

        def again() -> None:
            action()
            self.after(seconds, again)

        self.after(seconds if first is None else first, again)

    def next_due(self) -> float | None:
        """World time of the next action, None when nothing is planned."""
        return self._entries[0].due if self._entries else None

    def run(self, until: float, after_each: Action | None = None) -> int:
        """Do everything due up to world time `until`, each at its own instant; the number of actions done.

        `after_each` is called after every action, before the clock moves on.
        """
        done = 0
        while self._entries and self._entries[0].due <= until:
            entry = heapq.heappop(self._entries)
            self.clock.elapsed = max(self.clock.elapsed, entry.due)
            entry.action()
            done += 1
            if after_each:
                after_each()
        self.clock.elapsed = max(self.clock.elapsed, until)
        return done


class WorkQueue:
    """Keys to reconcile: a key asked for again before its turn is done once, at the earlier of the two times.

    `reconcile(key)` may return seconds after which the key is due again.
    """

    def __init__(self, timeline: Timeline, reconcile: Callable[[tuple[str, str]], float | None]) -> None:
        self._timeline = timeline
        self._reconcile = reconcile
        self._due: dict[tuple[str, str], float] = {}

    def add(self, key: tuple[str, str], delay: float = 0.05) -> None:
        """Reconcile `key` after `delay` world seconds."""
        due = self._timeline.clock.elapsed + delay
        planned = self._due.get(key)
        if planned is not None and planned <= due:
            return
        self._due[key] = due
        self._timeline.after(delay, lambda: self._turn(key, due))

    def _turn(self, key: tuple[str, str], due: float) -> None:
        if self._due.get(key) != due:
            return  # an earlier turn took it
        del self._due[key]
        again = self._reconcile(key)
        if again is not None:
            self.add(key, again)
