"""`violations`, `compliance` and `exemptions`: what breaks which rule where, and what is let off."""

from __future__ import annotations

import pytest

from kurator_tui.fleet import compliance, exemptions, violations
from kurator_tui.kinds.base import HOST, Level
from kurator_tui.kinds.flux import HELM_RELEASE
from kurator_tui.kinds.kyverno import CLUSTER_POLICY, CLUSTER_POLICY_REPORT, POLICY_EXCEPTION, POLICY_REPORT
from kurator_tui.kinds.policy_overview import COMPLIANCE, VIOLATIONS
from tests.unit.fleet.joined import FORBIDDEN, meta
from tests.unit.fleet.policy_objects import Policies, result, rule


@pytest.fixture
def broken() -> Policies:
    return Policies(violations.JOIN)


@pytest.fixture
def compliant() -> Policies:
    return Policies(compliance.JOIN)


@pytest.fixture
def exempt() -> Policies:
    return Policies(exemptions.JOIN)


# -- violations -------------------------------------------------------------------------------------------------


def test_a_rule_is_one_row_whatever_breaks_it(broken: Policies) -> None:
    broken.policy()
    said = {"severity": "high", "category": "Best Practices", "message": "needs\n  limits"}
    broken.report(result(timestamp={"seconds": 2000}, **said), result("pass", "web-2"), namespace="shop")
    late = result(pod="db-1", timestamp={"seconds": 1000}, severity="low")
    broken.report(late, result("error", "db-2"), namespace="data")
    row = broken.row()
    assert (row.name, row.rule, row.count, row.failed, row.errors) == ("limits", "limits", 3, 2, 1)
    assert (row.severity, row.category, row.message) == ("high", "Best Practices", "needs limits")
    assert (row.since, row.namespaces) == (1000.0, ("data", "shop"))
    assert row.resources[0] == ("v1", "Pod", "shop", "web-1")
    assert (row.level, row.reason, row.mode) == (Level.DEGRADED, "2 fail; 1 could not be judged", "Audit")


def test_copies_of_a_rule_for_what_makes_pods_are_the_same_rule(broken: Policies) -> None:
    broken.policy()
    names = ("limits", "autogen-limits", "autogen-cronjob-limits")
    broken.report(*(result(pod=name, rule=name) for name in names))
    assert (broken.row().rule, broken.row().count) == ("limits", 3)


def test_what_only_passes_is_no_violation(broken: Policies) -> None:
    broken.policy()
    broken.report(result("pass"), result("skip"))
    assert broken.rows() == []


def test_warnings_alone_are_healthy_and_critical_failures_are_failed(broken: Policies) -> None:
    broken.policy("limits", "Audit", rule("a"), rule("b"))
    broken.report(result("warn", rule="a"), result(rule="b", severity="critical"))
    by_rule = {row.rule: row for row in broken.rows()}
    assert (by_rule["a"].level, by_rule["a"].reason) == (Level.HEALTHY, "1 warn")
    assert by_rule["b"].level is Level.FAILED


def test_the_worst_severity_comes_first_then_the_most(broken: Policies) -> None:
    broken.policy("limits", "Audit", rule("a"), rule("b"), rule("c"))
    broken.report(
        *(result(pod=f"p{number}", rule="a", severity="low") for number in range(3)),
        result(rule="b", severity="high"),
        *(result(pod=f"p{number}", rule="c", severity="high") for number in range(2)),
    )
    worst = VIOLATIONS.column("worst")
    assert worst is not None
    assert (VIOLATIONS.order, VIOLATIONS.descending) == ("worst", True)
    ordered = sorted((int(worst.value(row) or 0), row.rule) for row in broken.rows())
    assert [rule for _, rule in ordered] == ["a", "b", "c"]


def test_a_rule_that_audits_here_and_enforces_there_is_mixed(broken: Policies) -> None:
    broken.policy(validationFailureActionOverrides=[{"action": "Enforce", "namespaces": ["shop"]}])
    broken.report(result(), namespace="shop")
    assert broken.row().mode == "Enforce"
    broken.report(result(), namespace="data")
    assert broken.row().mode == "mixed"


def test_violations_of_another_tool_say_so(broken: Policies) -> None:
    broken.report(result(policy="vulnerable-image", source="scanner"))
    assert (broken.row().level, broken.row().mode) == (Level.UNKNOWN, "")
    assert "another tool's" in broken.row().reason


def test_more_rules_than_a_report_may_keep_are_counted_all_the_same(broken: Policies) -> None:
    names = [f"rule-{number}-{'x' * 200}" for number in range(200)]
    broken.policy("limits", "Audit", *(rule(name) for name in names))
    worst = [result(pod=f"p{number}", rule=names[7]) for number in range(5)]
    broken.report(*(result(rule=name, message="m" * 300) for name in names), *worst)
    rows = broken.rows()
    assert sum(row.count for row in rows) == 205
    others = next(row for row in rows if row.name == "(others)")
    assert 0 < others.count < 205
    kept = next(row for row in rows if row.rule == names[7])
    assert (kept.count, len(kept.message)) == (6, 240)


def test_hostile_texts_stay_texts(broken: Policies) -> None:
    broken.policy("limits", "Audit", rule("\x1b[2J"))
    broken.report(result(rule="\x1b[2J", message="a\x1b]0;x\x07\nb", severity="\x00"))
    row = broken.row()
    assert (row.rule, row.severity) == ("\x1b[2J", "")
    assert "\n" not in row.message


# -- compliance -------------------------------------------------------------------------------------------------


def test_compliance_is_the_share_of_what_passes_by_namespace_and_in_all(compliant: Policies) -> None:
    compliant.policy()
    compliant.report(result("pass"), result("pass"), result("pass"), result(), namespace="shop")
    compliant.report(result("pass"), result("skip"), namespace="data")
    compliant.report(result(policy="nodes"), namespace="", kind=CLUSTER_POLICY_REPORT)
    rows = compliant.by_name()
    assert {name: row.share for name, row in rows.items()} == {
        "(all)": 4 / 6,
        "shop": 3 / 4,
        "data": 1.0,
        "(cluster-scoped)": 0.0,
    }
    assert (rows["(all)"].scope, rows["shop"].scope) == ("cluster", "namespace")
    assert (rows["shop"].level, rows["data"].level) == (Level.DEGRADED, Level.HEALTHY)
    assert (rows["(all)"].policies, rows["shop"].policy) == (2, "limits")
    assert (rows["shop"].namespace, rows["(all)"].namespace) == ("shop", "")


def test_a_result_that_could_not_be_judged_is_the_reason_not_a_lack_of_compliance(compliant: Policies) -> None:
    compliant.report(result("pass"), result("error"))
    row = compliant.by_name()["shop"]
    assert (row.level, row.share, row.reason) == (Level.DEGRADED, 1.0, "1 could not be judged")
    share = COMPLIANCE.column("share")
    assert share is not None
    assert share.level is not None
    assert share.level(row) is Level.HEALTHY


def test_policies_without_any_result_are_a_sum_that_is_unknown(compliant: Policies) -> None:
    assert compliant.rows() == []
    compliant.policy()
    assert (compliant.row().name, compliant.row().level) == ("(all)", Level.UNKNOWN)


def test_a_namespace_where_nothing_was_judged_is_unknown(compliant: Policies) -> None:
    compliant.report(result("skip"))
    row = compliant.by_name()["shop"]
    assert (row.level, row.share, row.reason) == (Level.UNKNOWN, None, "nothing was judged")


def test_a_summary_that_contradicts_the_results_is_told_and_results_count(compliant: Policies) -> None:
    compliant.report(result(), summary={"pass": 9, "fail": 0})
    row = compliant.by_name()["shop"]
    assert (row.passed, row.failed) == (0, 1)
    assert row.reason == "summary and results contradict each other in 1 reports"


def test_a_summary_alone_counts(compliant: Policies) -> None:
    compliant.report(summary={"pass": 3, "fail": 1, "warn": -5, "error": "x"})
    row = compliant.by_name()["shop"]
    assert (row.passed, row.failed, row.warned, row.reason) == (3, 1, 0, "")


def test_reports_that_may_not_be_read_leave_the_sum_partial(compliant: Policies) -> None:
    compliant.report(result("pass"))
    compliant.state("m1", FORBIDDEN, CLUSTER_POLICY_REPORT)
    assert compliant.by_name()["(all)"].reason == "clusterpolicyreports cannot be read"


# -- exceptions -------------------------------------------------------------------------------------------------


def exception(cluster: Policies, policy: str = "limits", *rules: str) -> None:
    match = {"any": [{"resources": {"kinds": ["Pod"], "namespaces": ["shop"], "names": ["web*"]}}]}
    spec = {"exceptions": [{"policyName": policy, "ruleNames": list(rules) or ["limits"]}], "match": match}
    cluster.put(POLICY_EXCEPTION, {"metadata": meta("let-off", "shop"), "spec": spec})


def test_an_exception_says_what_it_exempts_from_what(exempt: Policies) -> None:
    exempt.policy()
    exception(exempt, "limits", "limits", "autogen-limits")
    row = exempt.row()
    assert (row.policies, row.rules) == (("limits",), ("limits", "autogen-limits"))
    assert (row.kinds, row.spaces, row.names) == (("Pod",), ("shop",), ("web*",))
    assert (row.level, row.state) == (Level.HEALTHY, "not known")
    assert row.reason == "no result was skipped for an exception yet: the feature may be off"


def test_skipped_results_that_name_an_exception_show_that_the_feature_is_on(exempt: Policies) -> None:
    exempt.policy()
    exception(exempt)
    exempt.report(result("skip", message="rule is skipped due to policy exception shop/let-off"))
    assert (exempt.row().state, exempt.row().reason) == ("in use", "")


@pytest.mark.parametrize(
    ("enabled", "state", "level"), [(True, "on", Level.HEALTHY), (False, "off", Level.DEGRADED)]
)
def test_the_fleet_s_values_say_whether_the_feature_is_on(
    exempt: Policies, enabled: bool, state: str, level: Level
) -> None:
    exempt.policy()
    exception(exempt)
    labels = {"fleet.kurator.dev/plugin": "kyverno", "fleet.kurator.dev/component": "kyverno"}
    values = {"features": {"policyExceptions": {"enabled": enabled}}}
    release = {"metadata": meta("kyverno-m1", "apps", labels=labels), "spec": {"values": values}}
    exempt.put(HELM_RELEASE, release, HOST)
    assert (exempt.row().state, exempt.row().level) == (state, level)


@pytest.mark.parametrize(
    ("policy", "rule", "said"),
    [("gone", "limits", "there is no policy gone"), ("limits", "cpu", "limits has no rule cpu")],
)
def test_an_exception_from_what_does_not_exist_exempts_nothing(
    exempt: Policies, policy: str, rule: str, said: str
) -> None:
    exempt.policy()
    exception(exempt, policy, rule)
    assert (exempt.row().level, exempt.row().reason) == (Level.DEGRADED, said)


def test_nothing_is_said_to_be_missing_where_policies_cannot_be_read(exempt: Policies) -> None:
    exempt.state("m1", FORBIDDEN, CLUSTER_POLICY)
    exception(exempt)
    assert exempt.row().level is Level.HEALTHY


def test_reports_keep_within_what_a_row_may_hold(broken: Policies) -> None:
    policies = [f"policy-{number}-{'y' * 120}" for number in range(300)]
    broken.report(*(result(policy=name, message="m" * 400) for name in policies))
    (row,) = broken.store.rows(POLICY_REPORT.id, "m1")
    assert all(held is not None for held in row.parts)  # type: ignore[attr-defined]
