"""Kyverno: policies that are not in force, cannot judge, or will refuse what runs."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.kinds.kyverno import (
    CLUSTER_POLICY,
    CLUSTER_POLICY_REPORT,
    POLICY,
    POLICY_EXCEPTION,
    POLICY_REPORT,
    VALIDATING_POLICY,
)
from kurator_tui.triage.analysers import kyverno
from tests.unit.triage.objects import condition, made, row
from tests.unit.triage.stage import Stage


def policy(action: str = "Enforce", ready: str = "True", name: str = "no-root") -> Row:
    spec = {"validationFailureAction": action, "rules": [{"name": "check", "validate": {"message": "no"}}]}
    status = {"conditions": [condition("Ready", ready, "Failed", "rule does not compile")]}
    return row(CLUSTER_POLICY, made(name, "", spec=spec, status=status))


def report(kind: AnyKind, result: str, name: str = "r1") -> Row:
    thing = {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "web"}
    entry: dict[str, Any] = {
        "policy": "no-root",
        "rule": "autogen-check",
        "result": result,
        "message": "runs as root",
        "resources": [thing],
    }
    namespace = "shop" if kind is POLICY_REPORT else ""
    return row(kind, made(name, namespace, results=[entry], summary={result: 1}))


def reports(kind: AnyKind) -> Stage:
    stage = Stage(kyverno.REPORTS if kind is POLICY_REPORT else kyverno.CLUSTER_REPORTS)
    stage.live(POLICY)
    return stage


BOTH = pytest.mark.parametrize("kind", [POLICY_REPORT, CLUSTER_POLICY_REPORT], ids=lambda kind: kind.name)


@pytest.mark.parametrize(
    ("kind", "analyser"),
    [(CLUSTER_POLICY, kyverno.CLUSTER_POLICIES), (POLICY, kyverno.POLICIES)],
    ids=["cluster", "namespace"],
)
def test_a_policy_has_two_minutes_to_be_in_force(kind: AnyKind, analyser: Any) -> None:
    def made_policy(name: str, ready: str) -> Row:
        return row(kind, made(name, status={"conditions": [condition("Ready", ready, "Failed", "no such kind")]}))

    stage = Stage(analyser)
    stage.put(kind, made_policy("bad", "False"), made_policy("good", "True"))
    assert stage.codes == []
    stage.wait(kyverno.SETTLING)
    found = stage.one()
    assert (found.code, found.mark("policy"), found.message) == ("KT3401", "bad", "Failed: no such kind")


def test_a_validating_policy_that_is_not_ready_is_told_of() -> None:
    stage = Stage(kyverno.VALIDATING)
    for name, ready in (("bad", False), ("good", True)):
        status = {"conditionStatus": {"ready": ready, "message": "no such field"}}
        stage.put(VALIDATING_POLICY, row(VALIDATING_POLICY, made(name, "", status=status)))
    stage.wait(kyverno.SETTLING)
    assert (stage.one().code, stage.one().name) == ("KT3401", "bad")


@BOTH
def test_what_breaks_an_enforced_policy_will_be_refused_what_breaks_an_audited_one_not(kind: AnyKind) -> None:
    stage = reports(kind)
    stage.put(CLUSTER_POLICY, policy("Audit"))
    stage.put(kind, report(kind, "fail"), report(kind, "pass", "r2"))
    assert stage.codes == []
    stage.put(CLUSTER_POLICY, policy("Enforce"))
    found = stage.one()
    assert (found.code, found.mark("policy"), found.mark("owner")) == ("KT3402", "no-root", "Deployment/web")
    assert found.message == "no-root (check): Deployment/web: runs as root"
    assert found.before, "the report says since when it fails, not since when that is refused"


@BOTH
def test_a_policy_that_ends_in_errors_cannot_judge(kind: AnyKind) -> None:
    stage = reports(kind)
    stage.put(CLUSTER_POLICY, policy("Audit"))
    stage.put(kind, report(kind, "error"), report(kind, "skip", "r2"))
    found = stage.one()
    assert (found.code, found.name, found.mark("policy")) == ("KT3403", "r1", "no-root")
    assert found.message == "no-root, rule check: runs as root"


def test_an_exception_from_a_policy_or_rule_that_is_not_there_exempts_nothing() -> None:
    def exception(name: str, policy: str, rule: str) -> Row:
        its = [{"policyName": policy, "ruleNames": [rule]}]
        return row(POLICY_EXCEPTION, made(name, spec={"exceptions": its}))

    stage = Stage(kyverno.EXCEPTIONS)
    stage.live(POLICY)
    stage.put(CLUSTER_POLICY, policy())
    stage.put(POLICY_EXCEPTION, exception("a", "no-roots", "check"), exception("b", "no-root", "chekc"))
    stage.put(POLICY_EXCEPTION, exception("c", "no-root", "autogen-check"), exception("d", "no-root", "*"))
    assert stage.codes == []
    stage.wait(kyverno.SETTLING)
    assert [(each.code, each.name) for each in stage.findings] == [("KT3404", "a"), ("KT3404", "b")]
