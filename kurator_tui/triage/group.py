"""The findings of one incident, counted as they come and go: no question costs more for there being many. Pure."""

from __future__ import annotations

import heapq
from collections import Counter, deque

from msgspec.structs import replace

from kurator_tui.kinds.base import Key
from kurator_tui.kinds.findings import FindingRow
from kurator_tui.kinds.incidents import IncidentRow, State
from kurator_tui.triage.causes import Key as Common
from kurator_tui.triage.causes import Sorted

FRESH = 300.0
"""Seconds for which an incident is new, and over which it worsens or improves."""
LEFT_OVER = 60.0
"""Seconds for which something may be left of an incident that ends: clusters come back one after the other."""
STEP = 5.0
"""Seconds within which several sizes count as one."""
REMEMBERED = 3600.0
"""Seconds for which a resolved incident stays, and over which it is counted how often one came."""
FLAPS = 3
"""Beginnings within that time from which on it flaps; it is over when it is quiet for `FRESH` seconds."""

_Order = tuple[bool, int, float, Key]
"""Whether a finding follows from others, how bad it is, since when: the least one leads."""


_NEVER = float("inf")
_NOWHERE: tuple[frozenset[str], int, int] = frozenset(), 0, 0


class Group:
    """`put` and `drop` findings; `leader` and `state` say what they are together."""

    def __init__(self) -> None:
        self.findings: dict[Key, Sorted] = {}
        self._clusters: Counter[str] = Counter()
        self._where: tuple[str, ...] | None = None
        self.objects: Counter[Common] = Counter()
        self.workloads: Counter[Common] = Counter()
        self._ranks: Counter[tuple[int, str]] = Counter()
        self.symptoms: dict[Key, str] = {}
        """Those that follow from others, and why."""
        self.first = 0.0
        """Unix second since which it goes on; 0.0 while it does not."""
        self.before = False
        """Whether it was there already at `first`."""
        self.changed = 0.0
        self.resolved_at = 0.0
        self.quietly = False
        """Whether the last one went without being over: it is silenced, or a part of another incident."""
        self._led = False
        """Whether `first` is of what follows from nothing: symptoms may be of before."""
        self._begins: deque[float] = deque()
        """Unix seconds at which it came, within `REMEMBERED` before the last one."""
        self.split = False
        """Whether what it is about had been told of as a part of another incident."""
        self._greater_began = _NEVER
        """When that one began, Unix seconds; never where it is not over, or this one has something of its own."""
        self._parted_at = 0.0
        self._moved = 0
        """Findings that came from other incidents, less those that went to others: they are no trend."""
        self._unseen = 0
        self.last: IncidentRow | None = None
        self._widest: tuple[frozenset[str], int, int] = _NOWHERE
        """Clusters that were in it since it began, and the most objects and workloads."""
        self._sizes: deque[tuple[float, int]] = deque()
        """(Unix second, findings) within the last `FRESH` seconds, and the last before them."""
        self._order: list[_Order] = []
        """A heap; what is not true any more stays in it until it comes up, or until that is most of it."""

    def put(
        self,
        key: Key,
        found: Sorted,
        now: float,
        *,
        follows: str = "",
        moved: bool = False,
        of: float = _NEVER,
    ) -> None:
        """A finding is one of them from now on, or is different.

        `follows` says why, of one that follows from others; `moved` that it was another incident's, and `of` when
        that one began, if it is over.
        """
        finding = found.finding
        if not self.findings:
            self._begin(finding, now, moved=moved)
            self._greater_began, self._parted_at = of, now
        elif not moved and key not in self.findings:
            self._greater_began = _NEVER
        self._moved += moved
        if not (follows or moved or self._led):
            self.split = False  # what it is about is new, though it took in what was known
        self._date(finding, led=not follows)
        before = self.findings.get(key)
        self.findings[key] = found
        self._unseen += bool(finding.unseen) - bool(before is not None and before.finding.unseen)
        if before is None or before[2:7] != found[2:7]:  # workload, object, place, depth and rank
            self._count(found, 1)
            if before is not None:
                self._count(before, -1)
        if follows:
            self.symptoms[key] = follows
        else:
            self.symptoms.pop(key, None)
        heapq.heappush(self._order, self._place(key))
        if len(self._order) > 2 * len(self.findings) + 64:
            self._order = [self._place(each) for each in self.findings]
            heapq.heapify(self._order)
        self._note(now)

    def drop(self, key: Key, now: float, *, moved: bool = False, quietly: bool = False) -> None:
        """It is none of them any more; `moved`: it is another incident's, `quietly`: that resolves nothing."""
        self._moved -= moved
        found = self.findings.pop(key)
        self._unseen -= bool(found.finding.unseen)
        self._count(found, -1)
        self.symptoms.pop(key, None)
        if not self.findings:
            self.resolved_at, self.quietly = now, quietly or self._is_remnant(now)
        self._note(now)

    @property
    def times(self) -> int:
        """How often it came, within the hour for which it is remembered."""
        return len(self._begins)

    @property
    def severity(self) -> str:
        """Of its worst finding, symptom or not."""
        return max(self._ranks)[1]

    def leader(self) -> FindingRow:
        """The worst finding that follows from no other, else the worst; the oldest of these."""
        while (first := self._order[0])[3] not in self.findings or first != self._place(first[3]):
            heapq.heappop(self._order)
        return self.findings[first[3]].finding

    def where(self) -> tuple[str, ...]:
        """The clusters, in order."""
        if self._where is None:
            self._where = tuple(sorted(self._clusters))
        return self._where

    def reached(self, row: IncidentRow) -> None:
        """It was told of as `row`."""
        clusters, objects, workloads = self._widest
        if not clusters.issuperset(row.clusters):
            clusters = clusters.union(row.clusters)
        self._widest = clusters, max(objects, row.objects), max(workloads, row.workloads)

    def at_its_widest(self, row: IncidentRow) -> IncidentRow:
        """`row` of what is over, with all that it reached: it shrinks before it goes."""
        clusters, objects, workloads = self._widest
        return replace(row, clusters=tuple(sorted(clusters)), objects=objects, workloads=workloads)

    def in_order(self) -> list[Key]:
        """All of them, those that the others follow from first, then by age."""
        return sorted(
            self.findings, key=lambda key: (key in self.symptoms, self.findings[key].finding.created, key)
        )

    def state(self, now: float) -> State:
        """Where it is going at `now`."""
        if not self.findings:
            return State.FLAPPING if self._pauses_until() > now else State.RESOLVED
        if self._unseen == len(self.findings):
            return State.UNSEEN
        if self._flaps_until() > now:
            return State.FLAPPING
        if self._is_new(now):
            return State.NEW
        self._forget(now)
        size, (at, known) = len(self.findings) - self._moved, self._sizes[0]
        before = known if at <= now - FRESH else size  # it was there before this console was
        return State.WORSENING if size > before else State.IMPROVING if size < before else State.STEADY

    def turns_at(self, now: float) -> float | None:
        """When time alone may make another state of it, or has it forgotten; None for never."""
        if not self.findings:
            return self._pauses_until() if self._pauses_until() > now else self.resolved_at + REMEMBERED
        if (until := self._flaps_until()) > now:
            return until
        if self._is_new(now):
            return self.first + FRESH
        self._forget(now)
        at = self._sizes[0][0] if self._sizes[0][0] > now - FRESH else self._next()
        return at + FRESH if at is not None else None

    def _is_remnant(self, now: float) -> bool:
        """Whether it is what was left of a greater incident for a moment: that one, which began before, tells of
        both."""
        return self._greater_began <= self.first and now - self._parted_at < LEFT_OVER

    def _begin(self, finding: FindingRow, now: float, *, moved: bool) -> None:
        """It comes. One that flaps goes on since it came first; what moved here is no coming."""
        while self._begins and self._begins[0] <= now - REMEMBERED:
            self._begins.popleft()
        if not moved or not self._begins:
            self._begins.append(now)
        if self._flaps_until() <= now:
            self.first, self.before, self._led, self._widest = finding.created, finding.before, False, _NOWHERE
        self.resolved_at, self.split, self._moved = 0.0, moved, 0

    def _date(self, finding: FindingRow, *, led: bool) -> None:
        """Since when it goes on: since what others follow from, if that is among them."""
        if (led and not self._led) or (led == self._led and finding.created < self.first):
            self.first, self.before, self._led = finding.created, finding.before, led

    def _flaps_until(self) -> float:
        """Unix second until which it flaps, if it does not come again."""
        return self._begins[-FLAPS] + REMEMBERED if len(self._begins) >= FLAPS else 0.0

    def _pauses_until(self) -> float:
        """The same for how long it is told of while there is nothing of it."""
        return min(self.resolved_at + FRESH, self._flaps_until())

    def _is_new(self, now: float) -> bool:
        return not self.split and not self.before and now - self.first < FRESH

    def _next(self) -> float | None:
        return self._sizes[1][0] if len(self._sizes) > 1 else None

    def _place(self, key: Key) -> _Order:
        found = self.findings[key]
        return key in self.symptoms, -found.rank, found.finding.created, key

    def _count(self, found: Sorted, step: int) -> None:
        cluster = found.place
        self._clusters[cluster] += step
        if self._clusters[cluster] == max(0, step):  # the first, or the last one
            self._where = None
            if not self._clusters[cluster]:
                del self._clusters[cluster]
        rank = (found.rank, found.finding.severity)
        self._ranks[rank] += step
        if not self._ranks[rank]:
            del self._ranks[rank]
        for counter, what in ((self.objects, found.about), (self.workloads, found.workload or found.about)):
            counter[what] += step
            if not counter[what]:
                del counter[what]

    def _note(self, now: float) -> None:
        self.changed = now
        if self._sizes and 0 <= now - self._sizes[-1][0] < STEP:
            now = self._sizes.pop()[0]
        self._sizes.append((now, len(self.findings) - self._moved))
        self._forget(now)

    def _forget(self, now: float) -> None:
        while len(self._sizes) > 1 and self._sizes[1][0] <= now - FRESH:
            self._sizes.popleft()
