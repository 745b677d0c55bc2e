"""What a cluster's policy reports say, added up: by policy, by rule and by namespace.

Pure. Reports arrive folded (`kinds.policy_results`); a namespace is added up again only when one of its reports
changed, so that twenty thousand results cost a change little. Nothing is added up of a kind that cannot be read;
`Reports.unread` says which.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from operator import add
from typing import NamedTuple

from kurator_tui.fleet.seen import Seen
from kurator_tui.fleet.unread import unread
from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.kyverno import CLUSTER_POLICY, POLICY, REPORTS, VALIDATING_POLICY
from kurator_tui.kinds.policy_results import severity_rank
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.store.freshness import State

MOST_RESOURCES = 40
"""Resources that are kept of one rule in a cluster."""

PolicyKey = tuple[str, str, str]
"""(kind, namespace, name) of a policy; the kind is "" where no such policy is known."""
RuleKey = tuple[str, str, str, str]
"""The same, and the rule."""
Resource = tuple[str, str, str, str]
"""(apiVersion, kind, namespace, name)."""


@dataclass(slots=True)
class Counts:
    """Results by their word, `failing` resources, and skipped results that name an exception."""

    passed: int = 0
    failed: int = 0
    warned: int = 0
    errors: int = 0
    skipped: int = 0
    failing: int = 0
    exempt: int = 0

    def add(self, other: Counts) -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.warned += other.warned
        self.errors += other.errors
        self.skipped += other.skipped
        self.failing += other.failing
        self.exempt += other.exempt


@dataclass(slots=True)
class Broken:
    """What breaks one rule. `since` is the Unix second of the oldest result, 0.0 where none says it."""

    failed: int = 0
    warned: int = 0
    errors: int = 0
    since: float = 0.0
    severity: str = ""
    category: str = ""
    message: str = ""
    resources: list[Resource] = field(default_factory=list)
    spaces: dict[str, int] = field(default_factory=dict)
    """Results that are not as they should be, by namespace."""

    def take(
        self,
        space: str,
        failed: int,
        warned: int,
        errors: int,
        since: float,
        severity: str,
        category: str,
        message: str,
        resources: list[list[str]],
    ) -> None:
        """Add what one report in `space` says, as `kinds.policy_results.failing` keeps it."""
        self.failed += failed
        self.warned += warned
        self.errors += errors
        self.since = min(self.since or since, since or self.since)
        if severity != self.severity and severity_rank(severity) > severity_rank(self.severity):
            self.severity = severity
        self.category = self.category or category
        self.message = self.message or message
        if len(self.resources) < MOST_RESOURCES:
            self.resources += [(api, kind, its, name) for api, kind, its, name in resources]
        self.spaces[space] = self.spaces.get(space, 0) + failed + warned + errors

    def add(self, other: Broken) -> None:
        """Add what other namespaces have."""
        self.failed += other.failed
        self.warned += other.warned
        self.errors += other.errors
        if other.since and (not self.since or other.since < self.since):
            self.since = other.since
        if severity_rank(other.severity) > severity_rank(self.severity):
            self.severity = other.severity
        self.category = self.category or other.category
        self.message = self.message or other.message
        if (left := MOST_RESOURCES - len(self.resources)) > 0:
            self.resources += [each for each in other.resources if each not in self.resources][:left]
        for space, number in other.spaces.items():
            self.spaces[space] = self.spaces.get(space, 0) + number


class Space(NamedTuple):
    """Reports of one namespace, "" for what is in none; by the policy's name as reports write it."""

    policies: dict[str, Counts]
    rules: dict[tuple[str, str], Broken]
    differing: int
    """Reports whose summary says otherwise than their results."""


@dataclass(slots=True)
class Reports:
    """All reports of a cluster."""

    spaces: dict[str, Space]
    unread: tuple[str, ...]
    """Kinds of reports that are served and cannot be read."""
    known: bool
    """Whether any kind of report is served and was read."""


def reports(seen: Seen, cluster: str) -> Reports:
    """What the reports of `cluster` say; for `Seen.local`."""
    by_space: dict[str, list[tuple[AnyKind, ObjectRow]]] = {}
    for kind in REPORTS:
        for row in seen.rows(kind, cluster):
            by_space.setdefault(row.namespace, []).append((kind, row))
    spaces = {
        space: seen.unchanged(("reports", space), tuple(row for _, row in found), partial(_space, found))
        for space, found in by_space.items()
    }
    known = any(seen.freshness(cluster, kind).state in (State.LIVE, State.STALE) for kind in REPORTS)
    return Reports(spaces, unread(seen, cluster, REPORTS), known)


def _space(found: Iterable[tuple[AnyKind, ObjectRow]]) -> Space:
    """Lists of numbers until all is added up: a namespace may have thousands of small reports."""
    sums: dict[str, list[int]] = {}
    rules: dict[tuple[str, str], Broken] = {}
    differing = 0
    for kind, row in found:
        told = part(kind, row, "found")
        if told is None:
            differing += 1
            continue
        differing += bool(told["differs"])
        for policy, numbers in told["policies"].items():
            known = sums.get(policy)
            sums[policy] = numbers if known is None else list(map(add, known, numbers))
        for policy, rule, *entry in part(kind, row, "failing") or ():
            broken = rules.get((policy, rule))
            if broken is None:
                broken = rules[policy, rule] = Broken()
            broken.take(row.namespace, *entry)
    return Space({policy: Counts(*numbers) for policy, numbers in sums.items()}, rules, differing)


class Named:
    """Which policies a cluster has, to tell which one a report means."""

    def __init__(self, seen: Seen, cluster: str) -> None:
        self.cluster_wide = {row.name for row in seen.rows(CLUSTER_POLICY, cluster)}
        self.validating = {row.name for row in seen.rows(VALIDATING_POLICY, cluster)}
        self.namespaced = {(row.namespace, row.name) for row in seen.rows(POLICY, cluster)}

    def meant(self, policy: str, space: str) -> PolicyKey:
        """The policy that a report in the namespace `space` calls `policy`."""
        its_space, slash, name = policy.rpartition("/")
        if slash:
            return (POLICY.name if (its_space, name) in self.namespaced else "", its_space, name)
        if policy in self.cluster_wide:
            return (CLUSTER_POLICY.name, "", policy)
        if policy in self.validating:
            return (VALIDATING_POLICY.name, "", policy)
        return (POLICY.name, space, policy) if (space, policy) in self.namespaced else ("", "", policy)
