"""The join behind `policystatus`: each policy of a cluster with what it does and what its results are. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from kurator_tui.fleet.join import Join
from kurator_tui.fleet.kyverno import Controllers, controllers
from kurator_tui.fleet.policy_reports import Broken, Counts, Named, PolicyKey, Reports, reports
from kurator_tui.fleet.seen import Seen
from kurator_tui.fleet.unread import cannot_be_read
from kurator_tui.kinds.base import SEVERITY, AnyKind, Level, Row
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.kyverno import CLUSTER_POLICY, POLICIES, POLICY, REPORTS, VALIDATING_POLICY
from kurator_tui.kinds.policy_modes import AUDIT, ENFORCE, MIXED, Rule, mode, read, told
from kurator_tui.kinds.policy_overview import POLICY_STATUS, PolicyStatusRow
from kurator_tui.kinds.table import ObjectRow, part

MEMBERS = (CLUSTER_POLICY, POLICY, VALIDATING_POLICY, *REPORTS, DEPLOYMENT)
"""What joins about policies read in a member; without the first there is no Kyverno."""
MOST_NAMESPACES = 12


class Found(NamedTuple):
    """What the reports of a cluster say of one policy, by namespace."""

    counts: dict[str, Counts]
    rules: dict[str, dict[str, Broken]]
    """By namespace, then by rule."""


class Cluster:
    """The policies of a cluster, and what its reports say of them."""

    def __init__(self, seen: Seen, cluster: str) -> None:
        self.reports: Reports = seen.local(reports, cluster)
        self.controllers: Controllers = seen.local(controllers, cluster)
        self.policies: dict[PolicyKey, tuple[AnyKind, ObjectRow]] = {
            (kind.name, row.namespace, row.name): (kind, row)
            for kind in POLICIES
            for row in seen.rows(kind, cluster)
        }
        self.rules: dict[PolicyKey, tuple[Rule, ...]] = {
            key: read(part(kind, row, "rules")) for key, (kind, row) in self.policies.items()
        }
        named = Named(seen, cluster)
        self.found: dict[PolicyKey, Found] = {}
        for space, its in self.reports.spaces.items():
            for policy, counts in its.policies.items():
                if policy:
                    self._of(named.meant(policy, space)).counts.setdefault(space, Counts()).add(counts)
            for (policy, rule), broken in its.rules.items():
                if policy:
                    by_rule = self._of(named.meant(policy, space)).rules.setdefault(space, {})
                    by_rule.setdefault(rule, Broken()).add(broken)

    def _of(self, key: PolicyKey) -> Found:
        return self.found.setdefault(key, Found({}, {}))


def rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The rows of one cluster: its policies, then policies that are gone and have results left."""
    here = seen.local(Cluster, cluster)
    for key, (_kind, row) in here.policies.items():
        yield _row(here, cluster, key, row)
    for key, found in here.found.items():
        if not key[0]:
            yield _gone(cluster, key, found)


JOIN = Join(POLICY_STATUS, (), MEMBERS, rows)


def _row(here: Cluster, cluster: str, key: PolicyKey, row: ObjectRow) -> Row:
    found, rules = here.found.get(key, Found({}, {})), here.rules[key]
    total = _sum(found)
    refusing = any(rule.action for rule in rules)
    audited, enforced = _resources(rules, found)
    its_mode = mode(rules) or _cell(key, row, "action")
    level, reason = _verdict(here, row, total, its_mode, audited, enforced)
    return PolicyStatusRow(
        cluster,
        row.namespace,
        row.name,
        row.uid,
        row.created,
        level=level,
        reason=reason,
        kind=key[0],
        mode=its_mode,
        overrides=told(rules) if its_mode == MIXED else "",
        ready=_ready(row),
        background=_flag(_value(key, row, "background")),
        rules=len(rules),
        **_numbers(total),
        would_break=audited if refusing and its_mode != ENFORCE and here.reports.known else None,
        breaks=enforced,
        namespaces=_namespaces(found),
        severity=_cell(key, row, "severity") or _severity(found),
        category=_cell(key, row, "category"),
    )


def _gone(cluster: str, key: PolicyKey, found: Found) -> Row:
    total = _sum(found)
    return PolicyStatusRow(
        cluster,
        key[1],
        key[2],
        f"gone/{key[1]}/{key[2]}",
        0.0,
        level=Level.UNKNOWN,
        reason="reports name it, and there is no such policy of Kyverno: deleted, or another tool's",
        **_numbers(total),
        namespaces=_namespaces(found),
        severity=_severity(found),
    )


def _verdict(
    here: Cluster, row: ObjectRow, total: Counts, its_mode: str, audited: int, enforced: int
) -> tuple[Level, str]:
    """What is worst about a policy, and why."""
    own = Level(row.level), row.reason
    if here.controllers.admission:
        return Level.FAILED, here.controllers.admission
    if SEVERITY[own[0]] >= SEVERITY[Level.UNKNOWN]:
        return own
    said = []
    if audited:
        said.append(f"{_resource(audited)} would be refused")
    if enforced:
        said.append(f"{_resource(enforced)} already there would be refused when written next")
    if not said and total.failed:
        said.append(f"{total.failed} results fail" if its_mode else f"{total.failed} fail")
    if total.errors:
        said.append(f"{total.errors} could not be judged")
    if said:
        return Level.DEGRADED, "; ".join(said)
    if here.reports.unread:
        return own[0], cannot_be_read(*here.reports.unread)
    if here.controllers.reporting and here.reports.known:
        return own[0], f"results are old: {here.controllers.reporting}"
    return own


def _resources(rules: tuple[Rule, ...], found: Found) -> tuple[int, int]:
    """Resources that fail rules which only audit where they are, and rules which enforce there.

    A report says how many resources fail a policy, not which fail which rules: where some rules of a policy audit
    and others enforce in the same namespace, results are counted, at most as many as resources fail.
    """
    audited = enforced = 0
    for space, counts in found.counts.items():
        actions = {rule.name: rule.action_in(space) for rule in rules if rule.action}
        said = set(actions.values())
        if said == {AUDIT}:
            audited += counts.failing
        elif said == {ENFORCE}:
            enforced += counts.failing
        elif said:
            broken = found.rules.get(space, {})
            by = {AUDIT: 0, ENFORCE: 0}
            for rule, its in broken.items():
                by[actions.get(rule, AUDIT)] += its.failed
            audited += min(by[AUDIT], counts.failing)
            enforced += min(by[ENFORCE], counts.failing)
    return audited, enforced


def _sum(found: Found) -> Counts:
    total = Counts()
    for counts in found.counts.values():
        total.add(counts)
    return total


def _numbers(total: Counts) -> dict[str, Any]:
    return {
        "passed": total.passed,
        "failed": total.failed,
        "warned": total.warned,
        "errors": total.errors,
        "skipped": total.skipped,
        "exempt": total.exempt,
    }


def _namespaces(found: Found) -> tuple[str, ...]:
    failing = {space: counts.failed for space, counts in found.counts.items() if counts.failed and space}
    return tuple(sorted(failing, key=lambda space: (-failing[space], space))[:MOST_NAMESPACES])


def _severity(found: Found) -> str:
    return next((its.severity for by in found.rules.values() for its in by.values() if its.severity), "")


def _ready(row: ObjectRow) -> bool | None:
    return {Level.HEALTHY: True, Level.FAILED: False}.get(Level(row.level))


def _resource(number: int) -> str:
    return "1 resource" if number == 1 else f"{number} resources"


_BY_NAME: dict[str, AnyKind] = {kind.name: kind for kind in POLICIES}


def _value(key: PolicyKey, row: ObjectRow, column: str) -> object:
    return _BY_NAME[key[0]].value(row, column)


def _cell(key: PolicyKey, row: ObjectRow, column: str) -> str:
    return str(_value(key, row, column) or "")


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None
