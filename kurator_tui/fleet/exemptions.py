"""The join behind `exemptions`: each PolicyException with whether it exempts anything. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from kurator_tui.fleet.join import Join
from kurator_tui.fleet.policies import MEMBERS, Cluster
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HOST, Level, Row
from kurator_tui.kinds.flux import HELM_RELEASE, HelmReleaseRow
from kurator_tui.kinds.kyverno import CLUSTER_POLICY, POLICY, POLICY_EXCEPTION
from kurator_tui.kinds.policy_overview import EXEMPTIONS, ExemptionRow
from kurator_tui.kinds.policy_results import base_rule
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.store.freshness import State

IN_USE, ON, OFF, NOT_KNOWN = "in use", "on", "off", "not known"
COMPONENT = "kyverno"
_FEATURE = "features.policyExceptions.enabled"
"""Of the chart by which a fleet installs Kyverno."""


def switches(seen: Seen) -> dict[str, str]:
    """`on` or `off` by cluster, where the fleet's values say it; a chart's own default is not known here."""
    found = {}
    names = {member.object_name: name for name, member in seen.members.items() if member.object_name}
    for row in seen.rows(HELM_RELEASE, HOST):
        cluster = names.get(row.name.removeprefix(f"{COMPONENT}-")) if row.component == COMPONENT else None
        if cluster is not None and (said := _said(row)):
            found[cluster] = ON if said == "true" else OFF
    return found


def _said(row: HelmReleaseRow) -> str:
    return next((str(value) for path, value in (row.parts[0] if row.parts else ()) if path == _FEATURE), "")


def rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The rows of one cluster."""
    here = seen.local(Cluster, cluster)
    state = _state(here) or seen.shared(switches).get(cluster, NOT_KNOWN)
    readable = seen.freshness(cluster, CLUSTER_POLICY).state is State.LIVE
    for row in seen.rows(POLICY_EXCEPTION, cluster):
        yield _row(here, cluster, row, state, readable=readable)


JOIN = Join(EXEMPTIONS, (HELM_RELEASE,), (POLICY_EXCEPTION, *MEMBERS), rows, planned=switches)


def _state(here: Cluster) -> str:
    """`in use` where results that were skipped for an exception show that they have an effect, else ""."""
    used = any(counts.exempt for space in here.reports.spaces.values() for counts in space.policies.values())
    return IN_USE if used else ""


def _row(here: Cluster, cluster: str, row: ObjectRow, state: str, *, readable: bool) -> Row:
    told = part(POLICY_EXCEPTION, row, "exceptions") or {}
    named: list[tuple[str, list[str]]] = [(policy, rules) for policy, rules in told.get("policies", ())]
    level, reason = (Level.UNKNOWN, "it is too large to be read here") if not told else (Level.HEALTHY, "")
    if readable and (wrong := [said for policy, rules in named if (said := _missing(here, policy, rules))]):
        level, reason = Level.DEGRADED, "; ".join(wrong)
    elif state == OFF:
        level, reason = Level.DEGRADED, f"exceptions are switched off: the fleet sets {_FEATURE}"
    elif not reason and state == NOT_KNOWN:
        reason = "no result was skipped for an exception yet: the feature may be off"
    return ExemptionRow(
        cluster,
        row.namespace,
        row.name,
        row.uid,
        row.created,
        level=level,
        reason=reason,
        state=state,
        policies=tuple(policy for policy, _rules in named),
        rules=tuple(dict.fromkeys(rule for _policy, rules in named for rule in rules)),
        kinds=tuple(told.get("kinds", ())),
        spaces=tuple(told.get("namespaces", ())),
        names=tuple(told.get("names", ())),
    )


def _missing(here: Cluster, policy: str, rules: list[str]) -> str:
    """Why an entry exempts from nothing; "" when it does."""
    space, slash, name = policy.rpartition("/")
    key = (POLICY.name, space, name) if slash else (CLUSTER_POLICY.name, "", policy)
    if key not in here.policies:
        return f"there is no policy {policy}"
    known = [rule.name for rule in here.rules[key]]
    lost = [
        rule
        for rule in rules
        if known and not any(fnmatchcase(base_rule(each), base_rule(rule)) for each in known)
    ]
    return f"{policy} has no rule {', '.join(lost)}" if lost else ""
