"""Flagger: where a canary is, how far, and why it stopped."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import HEALTHY, Health, Level
from kurator_tui.kinds.flagger import ALERT_PROVIDER, CANARY, METRIC_TEMPLATE
from tests.unit.kinds.support import health, values

Obj = dict[str, Any]
ROLLED_BACK = {"type": "Promoted", "status": "False", "reason": "Failed", "message": "analysis failed"}


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ({}, Health(Level.PROGRESSING, "not initialized")),
        ({"phase": ""}, Health(Level.PROGRESSING, "not initialized")),
        ({"phase": "Initialized"}, HEALTHY),
        ({"phase": "Progressing"}, Health(Level.PROGRESSING, "Progressing")),
        (
            {"phase": "Progressing", "failedChecks": 2},
            Health(Level.DEGRADED, "Progressing: 2/5 failed checks"),
        ),
        ({"phase": "Promoting", "failedChecks": 2}, Health(Level.PROGRESSING, "Promoting")),
        ({"phase": "Succeeded", "failedChecks": 2}, HEALTHY),
        ({"phase": "Failed"}, Health(Level.FAILED, "Failed")),
        ({"phase": "Failed", "conditions": [ROLLED_BACK]}, Health(Level.FAILED, "Failed: analysis failed")),
    ],
)
def test_a_canary(status: Obj, verdict: Health) -> None:
    assert health(CANARY, spec={"analysis": {"threshold": 5}}, status=status) == verdict


def test_a_suspended_canary_says_so() -> None:
    found = health(CANARY, spec={"suspend": True}, status={"phase": "Progressing"})
    assert found == Health(Level.HEALTHY, "suspended")


@pytest.mark.parametrize(
    ("analysis", "status", "progress"),
    [
        ({"maxWeight": 50}, {"canaryWeight": 10}, 0.2),
        ({"stepWeights": [5, 20, 80]}, {"canaryWeight": 20}, 0.25),
        ({}, {"canaryWeight": 30}, 0.3),
        ({"iterations": 10}, {"canaryWeight": 0, "iterations": 4}, 0.4),
        ({"stepWeights": [0]}, {"canaryWeight": 0}, 0.0),
        ({}, {}, None),
    ],
)
def test_progress_is_of_the_strategy(analysis: Obj, status: Obj, progress: float | None) -> None:
    assert values(CANARY, "progress", spec={"analysis": analysis}, status=status) == (progress,)


def test_a_canary_shows_its_target_and_checks() -> None:
    spec = {"targetRef": {"kind": "Deployment", "name": "web"}, "analysis": {"threshold": 0}}
    found = values(CANARY, "target", "failed", spec=spec, status={"failedChecks": 1})
    assert found == ("Deployment/web", "1/1")


def test_no_password_and_no_webhook_address_is_shown() -> None:
    provider = {"type": "prometheus", "address": "http://user:secret@prometheus:9090"}
    found = values(METRIC_TEMPLATE, "provider", "address", spec={"provider": provider})
    assert found == ("prometheus", "http://prometheus:9090")
    spec = {"type": "slack", "channel": "ops", "address": "https://hooks.example.com/T/secret"}
    keys = [column.key for column in ALERT_PROVIDER.columns]
    assert not any("secret" in str(value) for value in values(ALERT_PROVIDER, *keys, spec=spec))
