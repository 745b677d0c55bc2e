"""Kyverno: policies, what they found, and what is exempt from them."""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds import policy_modes, policy_results
from kurator_tui.kinds.base import HEALTHY, Format, Health, Level
from kurator_tui.kinds.judge import conditions, judge
from kurator_tui.kinds.table import Part, cell, table

_READY = conditions("Ready")


@judge(*_READY.paths, "status.ready", says=_READY.says + ", or `status.ready` of older releases")
def _policy(told: Any, generation: Any, observed: Any, ready: Any) -> Health:
    if told or not isinstance(ready, bool):
        return _READY.read(told, generation, observed)
    return HEALTHY if ready else Health(Level.FAILED, "not ready")


def _action(rules: Any, whole: Any) -> str:
    """Of the rules, newer; of the policy, older."""
    found = dict.fromkeys(str(each).capitalize() for each in rules or ())
    return ",".join(found) or str(whole or "").capitalize()


_POLICY = (
    cell(
        "action",
        "spec.rules[*].validate.failureAction",
        "spec.validationFailureAction",
        read=_action,
        title="ON VIOLATION",
        priority=2,
    ),
    cell("rules", "spec.rules[*].name", format=Format.COUNT),
    cell("background", "spec.background"),
    cell("admission", "spec.admission", priority=5),
    cell("validate", "status.rulecount.validate", format=Format.COUNT, priority=5),
    cell("mutate", "status.rulecount.mutate", format=Format.COUNT, priority=5),
    cell("generate", "status.rulecount.generate", format=Format.COUNT, priority=5),
    cell("verify", "status.rulecount.verifyimages", format=Format.COUNT, title="VERIFY IMAGES", priority=5),
    cell("on_failure", "spec.failurePolicy", title="FAILURE POLICY", wide=True),
    cell("severity", "metadata.annotations['policies.kyverno.io/severity']", wide=True),
    cell("category", "metadata.annotations['policies.kyverno.io/category']", wide=True, width=40),
)

_RULES = {
    "rules": Part(
        ("spec.rules", "spec.validationFailureAction", "spec.validationFailureActionOverrides"), policy_modes.rules
    )
}
"""What a policy does, rule by rule; see `kinds.policy_modes`."""

CLUSTER_POLICY = table(
    "clusterpolicies.kyverno.io",
    "ClusterPolicy",
    ("v1", "v2beta1"),
    *_POLICY,
    health=_policy,
    short_names=("cpol",),
    namespaced=False,
    parts=_RULES,
)
POLICY = table(
    "policies.kyverno.io",
    "Policy",
    ("v1", "v2beta1"),
    *_POLICY,
    health=_policy,
    short_names=("pol",),
    parts=_RULES,
)


@judge(
    "status.conditionStatus.ready",
    "status.conditionStatus.message",
    says="`status.conditionStatus.ready`: false is failed",
)
def _validating(ready: Any, message: Any) -> Health:
    if not isinstance(ready, bool):
        return Health(Level.UNKNOWN, "no status yet")
    return HEALTHY if ready else Health(Level.FAILED, str(message or "not ready"))


VALIDATING_POLICY = table(
    "validatingpolicies.policies.kyverno.io",
    "ValidatingPolicy",
    ("v1", "v1beta1", "v1alpha1"),
    cell("action", "spec.validationActions", title="ON VIOLATION", priority=2),
    cell("validations", "spec.validations", format=Format.COUNT),
    cell("background", "spec.evaluation.background.enabled"),
    cell("admission", "spec.evaluation.admission.enabled", priority=5),
    cell("on_failure", "spec.failurePolicy", title="FAILURE POLICY", wide=True),
    cell("severity", "metadata.annotations['policies.kyverno.io/severity']", wide=True),
    cell("category", "metadata.annotations['policies.kyverno.io/category']", wide=True, width=40),
    health=_validating,
    short_names=("vpol",),
    namespaced=False,
    parts={"rules": Part(("spec.validationActions",), policy_modes.actions)},
)


@judge(
    "summary.fail",
    "summary.error",
    "summary.warn",
    "results[?(@.result=='fail')].policy",
    "results[?(@.result=='error')].policy",
    says="`summary`: results that fail or are errors are degraded; warnings are said",
)
def _report(fail: Any, error: Any, warn: Any, failing: Any, erring: Any) -> Health:
    told = [f"{number} {word}" for number, word in ((fail, "fail"), (error, "error"), (warn, "warn")) if number]
    if fail or error:
        policies = ",".join(dict.fromkeys((*failing, *erring)))
        return Health(Level.DEGRADED, ", ".join(told) + (f": {policies}" if policies else ""))
    return Health(Level.HEALTHY, ", ".join(told))


_REPORT = (
    cell(
        "scope",
        "scope.kind",
        "scope.name",
        read=lambda kind, name: f"{kind or ''}/{name}" if name else "",
        width=50,
    ),
    cell("pass", "summary.pass", format=Format.COUNT),
    cell("fail", "summary.fail", format=Format.COUNT, priority=2),
    cell("warn", "summary.warn", format=Format.COUNT),
    cell("error", "summary.error", format=Format.COUNT),
    cell("skip", "summary.skip", format=Format.COUNT, priority=5),
    cell(
        "failing",
        "results[?(@.result=='fail')].policy",
        read=lambda names: ",".join(dict.fromkeys(names)),
        width=50,
        wide=True,
    ),
)

_FOLDED = {
    "found": Part(("results", "summary", "scope"), policy_results.found),
    "failing": Part(("results", "scope"), policy_results.failing),
}

POLICY_REPORT = table(
    "policyreports.wgpolicyk8s.io",
    "PolicyReport",
    ("v1alpha2",),
    *_REPORT,
    health=_report,
    short_names=("polr",),
    parts=_FOLDED,
)
CLUSTER_POLICY_REPORT = table(
    "clusterpolicyreports.wgpolicyk8s.io",
    "ClusterPolicyReport",
    ("v1alpha2",),
    *_REPORT,
    health=_report,
    short_names=("cpolr",),
    namespaced=False,
    parts=_FOLDED,
)
REPORT = table(
    "reports.openreports.io",
    "Report",
    ("v1alpha1",),
    *_REPORT,
    health=_report,
    parts=_FOLDED,
)
CLUSTER_REPORT = table(
    "clusterreports.openreports.io",
    "ClusterReport",
    ("v1alpha1",),
    *_REPORT,
    health=_report,
    namespaced=False,
    parts=_FOLDED,
)

POLICY_EXCEPTION = table(
    "policyexceptions.kyverno.io",
    "PolicyException",
    ("v2", "v2beta1", "v2alpha1"),
    cell("policies", "spec.exceptions[*].policyName", read=lambda names: ",".join(dict.fromkeys(names)), width=50),
    cell("rules", "spec.exceptions[*].ruleNames[*]", width=60),
    cell(
        "kinds",
        "spec.match.any[*].resources.kinds[*]",
        "spec.match.all[*].resources.kinds[*]",
        read=lambda some, every: ",".join(dict.fromkeys((*some, *every))),
        width=40,
    ),
    cell("background", "spec.background", wide=True),
    short_names=("polex",),
    parts={"exceptions": Part(("spec.exceptions", "spec.match"), policy_modes.exempted)},
)

POLICIES = (CLUSTER_POLICY, POLICY, VALIDATING_POLICY)
REPORTS = (POLICY_REPORT, CLUSTER_POLICY_REPORT, REPORT, CLUSTER_REPORT)
"""Kinds of reports, whoever writes them; what Kyverno puts together for them is short-lived and never read."""
KINDS = (*POLICIES, *REPORTS, POLICY_EXCEPTION)
