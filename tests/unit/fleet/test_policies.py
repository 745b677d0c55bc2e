"""`policystatus`: what each policy does on each cluster, and what its reports say."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.fleet import policies
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.kyverno import (
    CLUSTER_POLICY,
    CLUSTER_POLICY_REPORT,
    CLUSTER_REPORT,
    POLICY,
    POLICY_REPORT,
    REPORT,
    VALIDATING_POLICY,
)
from tests.unit.fleet.joined import FORBIDDEN, LIVE, meta
from tests.unit.fleet.policy_objects import Policies, result, rule


@pytest.fixture
def cluster() -> Policies:
    return Policies(policies.JOIN)


def test_a_policy_without_failures_is_healthy(cluster: Policies) -> None:
    cluster.policy()
    cluster.report(result("pass"), result("skip", "web-2"))
    row = cluster.row()
    assert (row.level, row.reason, row.mode, row.ready, row.background) == (Level.HEALTHY, "", "Audit", True, True)
    assert (row.passed, row.failed, row.skipped, row.rules, row.would_break) == (1, 0, 1, 1, 0)


def test_what_fails_an_audited_policy_would_break_if_it_enforced(cluster: Policies) -> None:
    cluster.policy()
    cluster.report(result(), result(pod="web-2"), namespace="shop")
    cluster.report(result(pod="db-1"), namespace="data", name="other")
    row = cluster.row()
    assert (row.failed, row.would_break, row.breaks) == (3, 3, 0)
    assert row.namespaces == ("shop", "data")
    assert (row.level, row.reason) == (Level.DEGRADED, "3 resources would be refused")


def test_a_resource_that_fails_two_rules_would_break_once(cluster: Policies) -> None:
    cluster.policy("limits", "Audit", rule("cpu"), rule("memory"))
    cluster.report(result(rule="cpu"), result(rule="memory"))
    row = cluster.row()
    assert (row.failed, row.would_break) == (2, 1)


def test_what_fails_an_enforced_policy_stays_until_it_is_written_again(cluster: Policies) -> None:
    cluster.policy("limits", "Enforce")
    cluster.report(result())
    row = cluster.row()
    assert (row.mode, row.would_break, row.breaks) == ("Enforce", None, 1)
    assert row.reason == "1 resource already there would be refused when written next"


@pytest.mark.parametrize(("said", "mode"), [("enforce", "Enforce"), ("audit", "Audit"), (None, "Audit")])
def test_older_words_and_none_at_all_are_understood(cluster: Policies, said: str | None, mode: str) -> None:
    cluster.policy("limits", said)
    assert cluster.row().mode == mode


def test_newer_policies_say_it_in_each_rule(cluster: Policies) -> None:
    cluster.policy(
        "limits", None, rule("cpu", failureAction="Enforce"), rule("memory", failureAction="Audit"), rule("disk")
    )
    cluster.report(result(rule="cpu"), result(rule="memory"), result(pod="web-2", rule="disk"))
    row = cluster.row()
    assert (row.mode, row.overrides) == ("mixed", "Enforce: cpu; Audit: memory,disk")
    assert (row.would_break, row.breaks) == (2, 1)


def test_overrides_of_namespaces_decide_there(cluster: Policies) -> None:
    overrides = [{"action": "Enforce", "namespaces": ["shop*"]}]
    cluster.policy(validationFailureActionOverrides=overrides)
    cluster.report(result(), namespace="shop-eu")
    cluster.report(result(pod="db-1"), namespace="data", name="other")
    row = cluster.row()
    assert (row.mode, row.overrides) == ("mixed", "Audit; Enforce in shop*")
    assert (row.would_break, row.breaks) == (1, 1)


def test_policies_that_refuse_nothing_say_what_they_do(cluster: Policies) -> None:
    cluster.policy("defaults", "Audit", rule("a", "mutate"), rule("b", "generate"))
    row = cluster.row()
    assert (row.mode, row.would_break) == ("mutate+generate", None)


def test_a_policy_of_a_namespace_is_found_by_either_way_reports_name_it(cluster: Policies) -> None:
    cluster.policy("team", kind=POLICY, namespace="shop")
    cluster.report(result(policy="shop/team"), name="newer")
    cluster.report(result(policy="team"), name="older")
    row = cluster.row()
    assert (row.kind, row.namespace, row.failed) == ("Policy", "shop", 2)


def test_a_validating_policy_enforces_when_it_denies(cluster: Policies) -> None:
    cluster.state("m1", LIVE, VALIDATING_POLICY)
    ready = {"conditionStatus": {"ready": True}}
    for name, action in (("deny", "Deny"), ("audit", "Audit")):
        body = {"metadata": meta(name), "spec": {"validationActions": [action]}, "status": ready}
        cluster.put(VALIDATING_POLICY, body)
        cluster.report(result(policy=name), name=f"of-{name}")
    rows = cluster.by_name()
    assert (rows["deny"].mode, rows["deny"].breaks) == ("Enforce", 1)
    assert (rows["audit"].mode, rows["audit"].would_break) == ("Audit", 1)


@pytest.mark.parametrize("kind", [POLICY_REPORT, CLUSTER_POLICY_REPORT, REPORT, CLUSTER_REPORT])
def test_every_kind_of_report_counts(cluster: Policies, kind: Any) -> None:
    cluster.policy()
    cluster.state("m1", LIVE, kind)
    cluster.report(result(), kind=kind, namespace="shop" if kind.namespaced else "")
    assert cluster.row().failed == 1


def test_a_report_of_one_resource_names_it_by_its_scope(cluster: Policies) -> None:
    cluster.policy()
    scope = {"apiVersion": "v1", "kind": "Pod", "namespace": "shop", "name": "web-1"}
    cluster.report({**result(), "resources": None}, scope=scope)
    assert cluster.row().would_break == 1


def test_a_policy_that_is_not_ready_says_why(cluster: Policies) -> None:
    told = {"conditions": [{"type": "Ready", "status": "False", "reason": "Failed", "message": "no webhook"}]}
    cluster.policy(status=told)
    cluster.report(result())
    row = cluster.row()
    assert (row.level, row.ready) == (Level.FAILED, False)
    assert "no webhook" in row.reason


def test_results_that_are_errors_are_degraded(cluster: Policies) -> None:
    cluster.policy()
    cluster.report(result("error"))
    assert (cluster.row().level, cluster.row().reason) == (Level.DEGRADED, "1 could not be judged")


def test_results_of_a_policy_that_is_gone_are_told(cluster: Policies) -> None:
    cluster.report(result(policy="old"))
    row = cluster.row()
    assert (row.name, row.level, row.failed, row.mode) == ("old", Level.UNKNOWN, 1, "")
    assert row.reason.startswith("reports name it, and there is no such policy")


# -- half installed, forbidden ----------------------------------------------------------------------------------


def test_policies_without_kyverno_have_no_effect(cluster: Policies) -> None:
    for part in ("admission-controller", "reports-controller"):
        cluster.delete(DEPLOYMENT, f"uid-kyverno-kyverno-{part}")
    cluster.policy("limits", "Enforce")
    row = cluster.row()
    assert (row.level, row.reason) == (Level.FAILED, "no Kyverno runs here: policies have no effect")


def test_an_admission_controller_without_ready_pods_is_told(cluster: Policies) -> None:
    cluster.controller("kyverno-admission-controller", "admission-controller", 0)
    cluster.policy("limits", "Enforce")
    row = cluster.row()
    assert (row.level, row.reason) == (Level.FAILED, "kyverno-admission-controller has 0 of 1 pods ready")


def test_kyverno_is_not_missed_where_deployments_cannot_be_read(cluster: Policies) -> None:
    cluster.policy()
    cluster.state("m1", FORBIDDEN, DEPLOYMENT)
    assert cluster.row().level is Level.HEALTHY


def test_an_older_kyverno_is_one_deployment(cluster: Policies) -> None:
    for part in ("admission-controller", "reports-controller"):
        cluster.delete(DEPLOYMENT, f"uid-kyverno-kyverno-{part}")
    cluster.controller("kyverno", "kyverno", 1)
    cluster.policy()
    assert cluster.row().level is Level.HEALTHY


def test_results_without_a_reports_controller_are_old(cluster: Policies) -> None:
    cluster.controller("kyverno-reports-controller", "reports-controller", 0)
    cluster.policy()
    cluster.report(result("pass"))
    row = cluster.row()
    assert (row.level, row.reason) == (
        *(Level.HEALTHY, "results are old: kyverno-reports-controller has 0 of 1 pods ready"),
    )


def test_reports_that_may_not_be_read_are_said_and_count_for_nothing(cluster: Policies) -> None:
    cluster.policy()
    for kind in (POLICY_REPORT, CLUSTER_POLICY_REPORT):
        cluster.state("m1", FORBIDDEN, kind)
    row = cluster.row()
    assert (row.level, row.would_break) == (Level.HEALTHY, None)
    assert row.reason == "policyreports, clusterpolicyreports cannot be read"


@pytest.mark.parametrize(
    "odd",
    [
        {"results": "x"},
        {"results": [None, 7, {"policy": 5, "result": ["fail"]}]},
        {"results": [{"result": "fail", "policy": None, "resources": [3], "timestamp": {"seconds": "x"}}]},
        {"summary": [], "results": None, "scope": "x"},
    ],
)
def test_reports_of_any_shape_break_nothing(cluster: Policies, odd: Any) -> None:
    cluster.policy()
    cluster.put(POLICY_REPORT, {"metadata": meta("odd", "shop"), **odd})
    assert cluster.by_name()["limits"].failed == 0


@pytest.mark.parametrize(
    "rules", ["x", [None, {"name": 3, "validate": "x"}], [{"validate": {"failureAction": 5}}]]
)
def test_rules_of_any_shape_break_nothing(cluster: Policies, rules: Any) -> None:
    cluster.put(CLUSTER_POLICY, {"metadata": meta("odd"), "spec": {"rules": rules}})
    assert cluster.row().level is Level.UNKNOWN


# -- very many --------------------------------------------------------------------------------------------------


def test_twenty_thousand_results_are_counted_exactly(cluster: Policies) -> None:
    """As few large reports, a policy each, and as many small ones, a resource each."""
    names = [f"policy-{number:02d}" for number in range(20)]
    for name in names:
        cluster.policy(name)
        results = [
            result("fail" if number % 4 == 0 else "pass", f"pod-{number}", name, message="m" * 200)
            for number in range(500)
        ]
        cluster.report(*results, name=f"large-{name}")
    for number in range(500):
        each = [result("fail" if number % 2 else "pass", f"one-{number}", name) for name in names]
        cluster.report(*each, name=f"small-{number}", namespace=f"ns-{number % 50}")
    rows = cluster.rows()
    assert sum(row.passed + row.failed for row in rows) == 20_000
    assert {row.failed for row in rows} == {125 + 250}
    assert {row.would_break for row in rows} == {125 + 250}


def test_only_the_namespace_whose_report_changed_is_added_up_again(cluster: Policies) -> None:
    cluster.policy()
    cluster.report(result(), namespace="shop")
    cluster.report(result(), namespace="data")
    cluster.rows()
    before = cluster.seen.local(policies.Cluster, "m1").reports.spaces
    cluster.report(result(), result(pod="web-2"), namespace="data")
    cluster.rows()
    after = cluster.seen.local(policies.Cluster, "m1").reports.spaces
    assert after["shop"] is before["shop"]
    assert after["data"] is not before["data"]
