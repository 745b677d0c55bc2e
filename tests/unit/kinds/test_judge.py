"""Rules of health: what a platform reports becomes one level and its own words."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import HEALTHY, Health, Level
from kurator_tui.kinds.generic import ANY
from kurator_tui.kinds.judge import Judge, conditions, phase, replicas, suspended, worst
from kurator_tui.kinds.paths import parse, reader


def verdict(rule: Judge, obj: dict[str, Any]) -> Health:
    return rule.read(*[reader(parse(path))(obj) for path in rule.paths])


def ready(status: str, **more: Any) -> dict[str, Any]:
    return {"status": {"conditions": [{"type": "Ready", "status": status, **more}]}}


READY = conditions("Ready", bad=("Stalled",), progress=("Reconciling",), waiting=("Progressing",))


@pytest.mark.parametrize(
    ("obj", "level", "reason"),
    [
        (ready("True"), Level.HEALTHY, ""),
        (ready("False", reason="Broken", message="no chart"), Level.FAILED, "Broken: no chart"),
        (ready("False"), Level.FAILED, "not Ready"),
        (ready("False", reason="Progressing"), Level.PROGRESSING, "Progressing"),
        (ready("Unknown", reason="Wait"), Level.PROGRESSING, "Wait"),
        ({}, Level.UNKNOWN, "no status yet"),
        ({"status": {"conditions": "odd"}}, Level.UNKNOWN, "no status yet"),
        ({"status": {"conditions": [None, 5, {"type": 7}]}}, Level.UNKNOWN, "no status yet"),
    ],
)
def test_conditions(obj: dict[str, Any], level: Level, reason: str) -> None:
    assert verdict(READY, obj) == Health(level, reason)


def test_a_bad_condition_wins_over_a_good_one() -> None:
    obj = ready("True")
    obj["status"]["conditions"].append({"type": "Stalled", "status": "True", "reason": "Stuck"})
    assert verdict(READY, obj) == Health(Level.FAILED, "Stuck")


def test_not_ready_while_something_goes_on_is_progress() -> None:
    obj = ready("False", message="half")
    obj["status"]["conditions"].append({"type": "Reconciling", "status": "True"})
    assert verdict(READY, obj) == Health(Level.PROGRESSING, "half")


def test_a_status_of_an_older_generation_says_nothing_yet() -> None:
    obj = ready("True") | {"metadata": {"generation": 2}}
    obj["status"]["observedGeneration"] = 1
    assert verdict(READY, obj) == Health(Level.PROGRESSING, "spec update not observed yet")


def test_a_condition_of_the_latest_generation_counts_though_flux_has_not_counted_it_yet() -> None:
    """source-controller leaves `status.observedGeneration` at -1 until the first fetch succeeded."""
    failed = {"type": "Ready", "status": "False", "reason": "GitOperationFailed", "observedGeneration": 1}
    status = {"observedGeneration": -1, "conditions": [failed]}
    assert verdict(READY, {"metadata": {"generation": 1}, "status": status}) == Health(
        Level.FAILED, "GitOperationFailed"
    )


PHASE = phase(
    "status.phase", healthy=("Up",), degraded=("Half",), failed=("Down",), reason=("status.a", "status.b")
)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"phase": "Up"}, HEALTHY),
        ({"phase": "Down"}, Health(Level.FAILED, "Down")),
        ({"phase": "Down", "a": "one", "b": ["two", "three"]}, Health(Level.FAILED, "one: two, three")),
        ({"phase": "Half", "a": "same", "b": "same"}, Health(Level.DEGRADED, "same")),
        ({"phase": "New word"}, Health(Level.UNKNOWN, "New word")),
        ({"phase": 7}, Health(Level.UNKNOWN, "no status yet")),
        ({}, Health(Level.UNKNOWN, "no status yet")),
    ],
)
def test_phases(status: dict[str, Any], expected: Health) -> None:
    assert verdict(PHASE, {"status": status}) == expected


def test_suspended_is_healthy_on_purpose_and_hides_no_fault() -> None:
    rule = suspended("spec.suspend", READY)
    assert verdict(rule, {"spec": {"suspend": True}}) == Health(Level.HEALTHY, "suspended")
    assert verdict(rule, {"spec": {"suspend": True}} | ready("False")).level is Level.FAILED
    assert verdict(rule, {"spec": {"suspend": False}} | ready("True")) == HEALTHY


def test_replicas() -> None:
    rule = replicas("spec.replicas", "status.readyReplicas")
    assert verdict(rule, {"spec": {"replicas": 3}, "status": {"readyReplicas": 3}}) == HEALTHY
    assert verdict(rule, {"spec": {"replicas": 3}, "status": {"readyReplicas": 1}}).level is Level.DEGRADED
    assert verdict(rule, {"status": {}}) == Health(Level.FAILED, "0 of 1 ready")
    assert verdict(rule, {"spec": {"replicas": 0}}) == HEALTHY


def test_the_worst_of_several_rules_decides() -> None:
    rule = worst(PHASE, READY)
    assert verdict(rule, {"status": ready("True")["status"] | {"phase": "Half"}}).level is Level.DEGRADED
    assert verdict(rule, {"status": ready("False")["status"] | {"phase": "Half"}}).level is Level.FAILED


@pytest.mark.parametrize(
    ("status", "level"),
    [
        (ready("True")["status"], Level.HEALTHY),
        (ready("False")["status"], Level.FAILED),
        ({"conditions": [{"type": "Degraded", "status": "True"}]}, Level.FAILED),
        ({"conditions": [{"type": "Degraded", "status": "False"}]}, Level.HEALTHY),
        ({"conditions": [{"type": "Odd", "status": "True"}], "phase": "Running"}, Level.HEALTHY),
        ({"phase": "Pending"}, Level.PROGRESSING),
        ({"state": "error"}, Level.FAILED),
        ({"health": {"status": "Degraded"}}, Level.DEGRADED),
        ({"replicas": 3}, Level.UNKNOWN),
    ],
)
def test_kinds_nobody_wrote_a_rule_for(status: dict[str, Any], level: Level) -> None:
    assert verdict(ANY, {"status": status}).level is level


def test_without_a_status_nothing_is_known() -> None:
    assert verdict(ANY, {"spec": {}}) == Health(Level.UNKNOWN, "it reports no status")
