"""How many may run: autoscalers say what limits them, budgets whether a drain will wait."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import HEALTHY, Health, Level
from kurator_tui.kinds.scaling import (
    HORIZONTAL_POD_AUTOSCALER,
    POD_DISRUPTION_BUDGET,
    PRIORITY_CLASS,
    RUNTIME_CLASS,
)
from tests.unit.kinds.support import health, values

Obj = dict[str, Any]


def says(kind: str, status: str, reason: str = "") -> Obj:
    return {"type": kind, "status": status, "reason": reason}


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ([], Health(Level.UNKNOWN, "no status yet")),
        ([says("AbleToScale", "True"), says("ScalingActive", "True")], HEALTHY),
        (
            [says("ScalingActive", "False", "FailedGetResourceMetric")],
            Health(Level.FAILED, "FailedGetResourceMetric"),
        ),
        ([says("ScalingActive", "False", "ScalingDisabled")], HEALTHY),
        ([says("AbleToScale", "False", "FailedGetScale")], Health(Level.FAILED, "FailedGetScale")),
        (
            [says("ScalingLimited", "True", "TooManyReplicas")],
            Health(Level.DEGRADED, "wants more than its 5 replicas"),
        ),
        ([says("ScalingLimited", "True", "TooFewReplicas")], HEALTHY),
    ],
)
def test_an_autoscaler(told: list[Obj], verdict: Health) -> None:
    assert health(HORIZONTAL_POD_AUTOSCALER, spec={"maxReplicas": 5}, status={"conditions": told}) == verdict


def test_targets_are_printed_as_now_and_wanted() -> None:
    def metric(key: str, **amount: Any) -> list[Obj]:
        return [
            {"type": "Resource", "resource": {"name": "cpu", key: {"averageUtilization": amount["cpu"]}}},
            {"type": "Pods", "pods": {"metric": {"name": "rps"}, key: {"averageValue": amount["rps"]}}},
        ]

    spec = {
        "scaleTargetRef": {"kind": "Deployment", "name": "web"},
        "metrics": metric("target", cpu=80, rps="100"),
    }
    keys = ("reference", "targets")
    status = {"currentMetrics": metric("current", cpu=40, rps="12500m")}
    found = values(HORIZONTAL_POD_AUTOSCALER, *keys, spec=spec, status=status)
    assert found == ("Deployment/web", "cpu 40%/80%, rps 12500m/100")
    assert values(HORIZONTAL_POD_AUTOSCALER, *keys, spec=spec) == ("Deployment/web", "cpu ?/80%, rps ?/100")


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ({}, Health(Level.UNKNOWN, "no status yet")),
        ({"currentHealthy": 3, "desiredHealthy": 2, "expectedPods": 3, "disruptionsAllowed": 1}, HEALTHY),
        (
            {"currentHealthy": 2, "desiredHealthy": 2, "expectedPods": 2, "disruptionsAllowed": 0},
            Health(Level.HEALTHY, "allows no disruption"),
        ),
        (
            {"currentHealthy": 1, "desiredHealthy": 2, "expectedPods": 2, "disruptionsAllowed": 0},
            Health(Level.DEGRADED, "1 of 2 healthy: drains will wait"),
        ),
        ({"currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0, "disruptionsAllowed": 0}, HEALTHY),
    ],
)
def test_a_budget(status: Obj, verdict: Health) -> None:
    assert health(POD_DISRUPTION_BUDGET, status=status) == verdict


def test_cells_of_the_others() -> None:
    found = values(POD_DISRUPTION_BUDGET, "min", "max", "allowed", spec={"maxUnavailable": "50%"}, status={})
    assert found == ("", "50%", None)
    parts = {"value": 1000, "globalDefault": True, "preemptionPolicy": "Never"}
    assert values(PRIORITY_CLASS, "value", "default", "preemption", **parts) == (1000, True, "Never")
    assert values(RUNTIME_CLASS, "handler", handler="kata") == ("kata",)
