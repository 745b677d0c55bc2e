"""Kyverno: whether policies work, and what their reports found."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import HEALTHY, Health, Level
from kurator_tui.kinds.kyverno import (
    CLUSTER_POLICY,
    CLUSTER_POLICY_REPORT,
    POLICY,
    POLICY_EXCEPTION,
    POLICY_REPORT,
)
from tests.unit.kinds.support import health, values

Obj = dict[str, Any]


@pytest.mark.parametrize("kind", [CLUSTER_POLICY, POLICY])
@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ({}, Health(Level.UNKNOWN, "no status yet")),
        ({"ready": True}, HEALTHY),
        ({"ready": False}, Health(Level.FAILED, "not ready")),
        ({"conditions": [{"type": "Ready", "status": "True"}]}, HEALTHY),
        (
            {"ready": True, "conditions": [{"type": "Ready", "status": "False", "message": "no webhook"}]},
            Health(Level.FAILED, "no webhook"),
        ),
    ],
)
def test_a_policy(kind: Any, status: Obj, verdict: Health) -> None:
    assert health(kind, status=status) == verdict


def test_what_happens_on_a_violation_is_of_the_rules_or_of_the_policy() -> None:
    new = {"rules": [{"name": "a", "validate": {"failureAction": "Enforce"}}, {"name": "b"}]}
    assert values(CLUSTER_POLICY, "action", "rules", spec=new) == ("Enforce", 2)
    assert values(CLUSTER_POLICY, "action", spec={"validationFailureAction": "audit"}) == ("Audit",)


RESULTS = [
    {"policy": "require-limits", "result": "fail"},
    {"policy": "require-limits", "result": "fail"},
    {"policy": "no-latest", "result": "pass"},
]


@pytest.mark.parametrize("kind", [POLICY_REPORT, CLUSTER_POLICY_REPORT])
def test_a_report_with_failures_is_degraded_and_names_the_policies(kind: Any) -> None:
    parts = {"scope": {"kind": "Pod", "name": "web"}, "summary": {"pass": 1, "fail": 2}, "results": RESULTS}
    assert health(kind, **parts) == Health(Level.DEGRADED, "2 fail: require-limits")
    assert values(kind, "scope", "pass", "fail", "failing", **parts) == ("Pod/web", 1, 2, "require-limits")
    assert health(kind, summary={"pass": 3, "warn": 1}) == Health(Level.HEALTHY, "1 warn")
    assert health(kind, summary={"error": 1}) == Health(Level.DEGRADED, "1 error")
    assert health(kind) == HEALTHY


def test_an_exception_shows_what_is_exempt_from_what() -> None:
    spec = {
        "exceptions": [{"policyName": "p", "ruleNames": ["a", "b"]}, {"policyName": "p", "ruleNames": ["c"]}],
        "match": {"any": [{"resources": {"kinds": ["Pod", "Deployment"]}}]},
    }
    assert values(POLICY_EXCEPTION, "policies", "rules", "kinds", spec=spec) == ("p", "a,b,c", "Pod,Deployment")
