"""Kyverno: policies that do not work, that cannot judge, and that will refuse what runs now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from kurator_tui.kinds import policy_modes
from kurator_tui.kinds.base import Kind
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.kyverno import (
    CLUSTER_POLICY,
    CLUSTER_POLICY_REPORT,
    POLICY,
    POLICY_EXCEPTION,
    POLICY_REPORT,
    VALIDATING_POLICY,
)
from kurator_tui.kinds.policy_results import base_rule
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.triage.rules import Again, Analyser, Look, Seen
from kurator_tui.triage.tables import failed, unwell

SETTLING = 120.0
"""Seconds within which Kyverno takes a new policy in."""
_NOT_READY = "policy is not in force"

CLUSTER_POLICIES = Analyser(CLUSTER_POLICY, concerns=failed)
POLICIES = Analyser(POLICY, concerns=failed)
VALIDATING = Analyser(VALIDATING_POLICY, concerns=failed)
REPORTS = Analyser(POLICY_REPORT, concerns=unwell, beside=(CLUSTER_POLICY, POLICY))
CLUSTER_REPORTS = Analyser(CLUSTER_POLICY_REPORT, concerns=unwell, beside=(CLUSTER_POLICY, POLICY))
EXCEPTIONS = Analyser(POLICY_EXCEPTION, beside=(CLUSTER_POLICY, POLICY))


class _Failing(NamedTuple):
    """One rule in one report, as `kinds.policy_results` keeps it."""

    policy: str
    rule: str
    fails: int
    warnings: int
    errors: int
    since: float
    severity: str
    category: str
    message: str
    resources: list[list[str]]
    """[apiVersion, kind, namespace, name] of the first few."""


@CLUSTER_POLICIES.rule("KT3401", _NOT_READY, Severity.HIGH, suggests=("read.describe", "logs"))
@POLICIES.rule("KT3401", _NOT_READY, Severity.HIGH, suggests=("read.describe", "logs"))
@VALIDATING.rule("KT3401", _NOT_READY, Severity.HIGH, suggests=("read.describe", "logs"))
def not_ready(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Kyverno does not apply this policy: what it should refuse or change passes as it is.

    Look at its condition first (a rule that does not compile, a kind that the cluster does not have), then
    whether Kyverno's admission controller runs. A policy of the fleet's plugin is set at the Fleet, not here.
    """
    yield Seen(row.reason, marks={"policy": row.name}, after=SETTLING)


# -- reports ----------------------------------------------------------------------------------------------------


def _refuses(policy: str, rule: str, namespace: str, cluster: str, look: Look) -> bool:
    """Whether that rule refuses in that namespace. A report names a Policy `namespace/name`."""
    space, _, name = policy.rpartition("/")
    kind: Kind[Any, ObjectRow] = POLICY if space else CLUSTER_POLICY
    found = look.find(kind, cluster, space, name)
    rules = policy_modes.read(part(kind, found, "rules")) if found is not None else ()
    return any(
        each.name == rule and each.action_in(namespace) == policy_modes.ENFORCE
        for each in rules
        if each.what == "validate"
    )


def _failing(row: ObjectRow) -> Iterator[_Failing]:
    """What a report of either kind says of each rule that somebody broke."""
    for each in part(POLICY_REPORT, row, "failing") or ():
        found = _Failing(*each)
        if found.policy:
            yield found


_BREAKS = ("KT3402", "what runs breaks a policy that refuses", Severity.MEDIUM)
_ERRS = ("KT3403", "policy cannot judge", Severity.MEDIUM)


@REPORTS.rule(*_BREAKS, suggests=("screen.policy", "kyverno.exempt", "kyverno.action"))
@CLUSTER_REPORTS.rule(*_BREAKS, suggests=("screen.policy", "kyverno.exempt", "kyverno.action"))
def will_be_refused(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Objects in the cluster break a policy that is enforced: they were there before it, or before Enforce.

    They run on until their next change: then a rollout, a restart or a node that is drained fails, at the worst
    moment. Correct the objects, or exempt them, before somebody touches them. The evidence has the rule's own
    words.
    """
    broken: dict[str, list[_Failing]] = {}
    for each in _failing(row):
        if each.fails and _refuses(each.policy, base_rule(each.rule), row.namespace, row.cluster, look):
            broken.setdefault(each.policy, []).append(each)
    for policy, found in sorted(broken.items()):
        objects = list(dict.fromkeys(f"{kind}/{name}" for each in found for _, kind, _, name in each.resources))
        rules = ", ".join(each.rule for each in found)
        said = f"{policy} ({rules}): {', '.join(objects[:3])}: {found[0].message}".rstrip(": ")
        owner = objects[0] if len(objects) == 1 else ""
        # no `since`: the report says since when they fail, and nobody since when that refuses them
        yield Seen(said, marks={"policy": policy, "owner": owner}, detail=policy)


@REPORTS.rule(*_ERRS, suggests=("screen.policy", "read.describe"))
@CLUSTER_REPORTS.rule(*_ERRS, suggests=("screen.policy", "read.describe"))
def cannot_judge(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A policy ended in an error instead of a verdict: nobody knows whether these objects obey it.

    The evidence is the error: a variable that is not there, a registry or an API that does not answer. With
    `failurePolicy: Fail` such objects are refused at their next change.
    """
    erring = {each.policy: each for each in reversed(list(_failing(row))) if each.errors}
    for policy, each in sorted(erring.items()):
        said = f"{policy}, rule {each.rule}: {each.message}".rstrip(": ")
        yield Seen(said, each.since, {"policy": policy}, detail=policy)


@EXCEPTIONS.rule("KT3404", "exception from a policy that is not there", Severity.LOW, suggests=("edit", "delete"))
def exempt_from_nothing(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A PolicyException names a policy, or a rule of one, that the cluster does not have: it exempts nothing.

    The policy was renamed, or its rule. What the exception was for may be refused now, or it is left over:
    correct the name, or delete it.
    """
    for policy, rules in (part(POLICY_EXCEPTION, row, "exceptions") or {}).get("policies", ()):
        space, _, name = policy.rpartition("/")
        kind = POLICY if space else CLUSTER_POLICY
        found = look.find(kind, row.cluster, space, name)
        if found is None:
            yield Seen(f"no policy {policy}", marks={"policy": policy}, detail=policy, after=SETTLING)
            continue
        known = [each.name for each in policy_modes.read(part(kind, found, "rules"))]
        lost = [rule for rule in rules if "*" not in rule and base_rule(rule) not in known]
        if lost and known:
            said = f"policy {policy} has no rule {', '.join(lost)}"
            yield Seen(said, marks={"policy": policy}, detail=policy, after=SETTLING)
