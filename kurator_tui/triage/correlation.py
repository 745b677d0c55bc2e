"""Findings become incidents by cause, kept from changes: only what shares a mark with a changed finding is redone.

The same findings make the same incidents in whatever order they came.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from msgspec.structs import replace

from kurator_tui.kinds.base import HOST, Key, Row
from kurator_tui.kinds.findings import FindingRow
from kurator_tui.kinds.incidents import IncidentRow, State
from kurator_tui.store.store import Delta
from kurator_tui.triage.causes import CAUSES, DEEPEST, Cause, Sorted, sorter, value_of
from kurator_tui.triage.causes import Key as Common
from kurator_tui.triage.following import Following
from kurator_tui.triage.group import REMEMBERED, Group
from kurator_tui.triage.windows import Windows


class Member(NamedTuple):
    """A finding of an incident, and why it belongs there."""

    finding: FindingRow
    because: str
    follows: bool
    """Whether it follows from others of it."""


class Correlation:
    """`take` is told of findings, `rows` says which incidents are different."""

    def __init__(self, clock: Callable[[], float], causes: Iterable[Cause] = CAUSES) -> None:
        self._clock = clock
        self._causes = {cause.id: cause for cause in causes}
        self._sort = sorter(self._causes.values())
        self._findings: dict[Key, Sorted] = {}
        self._alike: dict[Common, dict[Key, None]] = {}
        self._roots: Counter[Common] = Counter()
        self._windows = Windows()
        self._following = Following()
        self._belongs: dict[Key, Common] = {}
        self._groups: dict[Common, Group] = {}
        self._named: dict[str, Common] = {}
        """By the uid of the incident."""
        self._touched: set[Common] = set()
        self._hushed: set[Common] = set()
        """Incidents of which a finding is silenced just now: they are not over."""
        self._due: dict[Common, float] = {}
        """When time alone makes another row of an incident."""
        self._later: list[tuple[float, Common]] = []

    @property
    def next_at(self) -> float | None:
        """When time alone has an incident told of again, Unix seconds; None for never."""
        while self._later and self._due.get(self._later[0][1]) != self._later[0][0]:
            heapq.heappop(self._later)
        return self._later[0][0] if self._later else None

    def take(self, delta: Delta) -> None:
        """These findings came, changed or went."""
        again: dict[Key, None] = {}
        gone: dict[Key, bool] = {}
        """With whether it is only silenced."""
        self._hushed.clear()
        for key, row in delta.items():
            before = self._findings.get(key)
            if not isinstance(row, FindingRow) or row.silenced:
                if before is not None:
                    self._out(key, again)
                    gone[key] = row is not None
                    if row is not None:
                        self._hushed.add(self._belongs[key])
            elif before is not None and _alike(before.finding, row):
                self._findings[key] = before._replace(finding=row)
                self._put(key, self._belongs[key], self._groups[self._belongs[key]].symptoms.get(key, ""))
            else:
                if before is not None:
                    self._out(key, again)
                self._in(key, self._sort(row), again)
        again.update(self._windows.changed())
        self._settle(again)
        for key, silenced in gone.items():
            self._leave(key, silenced=silenced)

    def forget(self, cluster: str) -> None:
        """Nothing of `cluster` counts any more."""
        self.take({key: None for key in self._findings if key[0] == cluster})

    # -- what findings have in common ---------------------------------------------------------------------------

    def _in(self, key: Key, found: Sorted, again: dict[Key, None]) -> None:
        self._findings[key] = found
        for common, root in found.possible:
            cause = self._causes[common[0]]
            if cause.within:
                self._windows.put(cause, common, key, found.finding.created, found.workload or found.about)
                continue
            alike = self._alike.get(common)
            if alike is None:
                alike = self._alike[common] = {}
            alike[key] = None
            if root:
                self._roots[common] += 1
                if self._roots[common] == 1:
                    again.update(alike)
        self._following.enter(key, found)
        again[key] = None

    def _out(self, key: Key, again: dict[Key, None]) -> None:
        """It is found by nothing any more; its incident is left as it is."""
        found = self._findings.pop(key)
        for common, root in found.possible:
            cause = self._causes[common[0]]
            if cause.within:
                self._windows.drop(common, key)
                continue
            alike = self._alike[common]
            del alike[key]
            if not alike:
                del self._alike[common]
            if root:
                self._roots[common] -= 1
                if not self._roots[common]:
                    del self._roots[common]
                    again.update(alike)
        self._following.leave(key)

    # -- where they belong --------------------------------------------------------------------------------------

    def _settle(self, again: dict[Key, None]) -> None:
        """Say anew what these belong to: first what follows from nothing, then what may follow from that."""
        waiting: list[dict[Key, None]] = [{} for _ in range(DEEPEST + 1)]
        for key in again:
            if (found := self._findings.get(key)) is not None:
                waiting[found.depth][key] = None
        for deep, keys in enumerate(waiting):
            keys.update(self._following.stirred(deep) if deep else ())
            for key in keys:
                self._place(key)
        self._following.settled()

    def _place(self, key: Key) -> None:
        """A finding belongs to what it follows from, else to its own cause."""
        found = self._findings[key]
        own, root = self._own(key, found)
        cause = self._causes[own[0]]
        common, follows = own, "" if root or not cause.roots else cause.because
        if (other := self._following.followed(found)) is not None and not (
            root and cause.roots and other[0] == own
        ):
            common, follows = other
        self._following.belongs(key, common)
        self._put(key, common, follows)

    def _own(self, key: Key, found: Sorted) -> tuple[Common, bool]:
        """The strongest cause that stands, and whether it is a root of it."""
        for common, root in found.possible:
            if self._causes[common[0]].within:
                if (chain := self._windows.of(common, key)) is not None:
                    return chain, False
            elif root or self._roots[common]:
                return common, root
        raise LookupError(f"no cause takes {found.finding.code}")

    def _put(self, key: Key, common: Common, follows: str) -> None:
        moved, began = False, float("inf")
        if (before := self._belongs.get(key, common)) != common:
            moved = True
            if before not in self._hushed:
                began = self._groups[before].first
            self._leave(key, moved=True)
        group = self._groups.get(common)
        if group is None:
            group = self._groups[common] = Group()
            self._named[uid_of(common)] = common
        group.put(key, self._findings[key], self._clock(), follows=follows, moved=moved, of=began)
        self._belongs[key] = common
        self._touched.add(common)

    def _leave(self, key: Key, *, moved: bool = False, silenced: bool = False) -> None:
        common = self._belongs.pop(key)
        stands = self._roots[common] > 0 or self._causes[common[0]].within > 0
        quietly = silenced or (moved and stands)
        self._groups[common].drop(key, self._clock(), moved=moved, quietly=quietly)
        self._touched.add(common)

    # -- what is said -------------------------------------------------------------------------------------------

    def rows(self) -> dict[str, Row | None]:
        """Incidents that are different since this was asked last, by uid; None for what is forgotten.

        Time alone makes a new one steady, and has a resolved one forgotten: `next_at` says when.
        """
        now = self._clock()
        while (at := self.next_at) is not None and at <= now:
            self._touched.add(heapq.heappop(self._later)[1])
        changes: dict[str, Row | None] = {}
        for common in self._touched:
            group = self._groups[common]
            over = group.last is None or group.quietly or now - group.resolved_at >= REMEMBERED
            if over and not group.findings:
                del self._groups[common], self._named[uid_of(common)]
                self._due.pop(common, None)
                if group.last is not None:
                    changes[group.last.uid] = None
                continue
            row = self._row(common, group, now)
            group.reached(row)
            if row != group.last:
                changes[row.uid] = group.last = row
            self._plan(common, group.turns_at(now))
        self._touched.clear()
        return changes

    def _plan(self, common: Common, at: float | None) -> None:
        if at is None:
            self._due.pop(common, None)
        elif self._due.get(common) != at:
            self._due[common] = at
            heapq.heappush(self._later, (at, common))
            if len(self._later) > 2 * len(self._due) + 64:
                self._later = [(moment, each) for each, moment in self._due.items()]
                heapq.heapify(self._later)

    def members(self, uid: str) -> list[Member]:
        """The findings of an incident, those that others follow from first, each with why it belongs there."""
        common = self._named.get(uid)
        if common is None:
            return []
        group, because = self._groups[common], self._causes[common[0]].because
        return [
            Member(group.findings[key].finding, group.symptoms.get(key, because), key in group.symptoms)
            for key in group.in_order()
        ]

    def _row(self, common: Common, group: Group, now: float) -> IncidentRow:
        if not group.findings:
            assert group.last is not None
            state = group.state(now)
            ended = group.resolved_at if state is State.RESOLVED else 0.0
            told = replace(group.last, state=str(state), resolved_at=ended, changed=group.changed)
            return group.at_its_widest(told) if state is State.RESOLVED else told
        cause, leader = self._causes[common[0]], group.leader()
        named = value_of(leader, cause.names) if cause.names else ""
        of = named or "/".join(part for part in (leader.namespace, leader.name) if part)
        return IncidentRow(
            cluster=HOST,
            namespace="",
            name=f"{leader.title}: {of}",
            uid=uid_of(common),
            created=group.first,
            code=leader.code,
            severity=group.severity,
            state=str(group.state(now)),
            clusters=group.where(),
            objects=len(group.objects),
            workloads=len(group.workloads),
            symptoms=len(group.symptoms),
            cause=" ".join(part for part in (cause.names, named) if part),
            because=cause.because,
            message=leader.message,
            kind=leader.kind,
            target="/".join(part for part in (leader.cluster, leader.namespace, leader.name) if part),
            suggests=leader.suggests,
            times=group.times,
            changed=group.changed,
            split=group.split,
            before=group.before,
        )


def uid_of(common: Common) -> str:
    """The same for the same cause in any run, so that what people said of an incident finds it again.

    No two causes have the same, whatever names are: all marks of a cause but the last are written without slashes,
    and a cause always has as many.
    """
    *first, last = common
    return "/".join((*(mark.replace("%", "%25").replace("/", "%2F") for mark in first), last))


def _alike(before: FindingRow, now: FindingRow) -> bool:
    """Whether a finding that changed belongs where it did."""
    return (
        before.marks,
        before.severity,
        before.code,
        before.namespace,
        before.name,
        before.kind,
        before.created,
    ) == (*(now.marks, now.severity, now.code, now.namespace, now.name, now.kind, now.created),)
