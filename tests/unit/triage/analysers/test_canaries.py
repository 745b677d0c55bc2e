"""Rollouts that fail, halt, hang or are contested, and gates that cannot be passed."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.argo import ROLLOUT
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.flagger import CANARY, METRIC_TEMPLATE
from kurator_tui.kinds.rollouts import ROLLOUTS, Gate, RolloutRow
from kurator_tui.store.freshness import State
from kurator_tui.triage.analysers.canaries import ARGO, CANARIES, CONTESTED, GATE, GATES, IDLE, SET_UP
from tests.unit.triage.analysers.estate import Estate, condition, delivered, named, stamp
from tests.unit.triage.stage import NOW

STEPS = {"stepWeight": 10, "maxWeight": 50, "interval": "30s", "threshold": 5}


def canary(phase: str | None = "Progressing", moved: float = NOW - 10, **more: Any) -> dict[str, Any]:
    status = {"phase": phase, "lastTransitionTime": stamp(moved), **more.pop("status", {})}
    spec = {"targetRef": {"kind": "Deployment", "name": "web"}, "analysis": STEPS, **more}
    meta = named("web", "shop", annotations={"kurator.dev/rollout": "web-0"})
    return {"metadata": meta, "spec": spec, "status": status}


def test_a_rollout_that_failed_says_what_flagger_said_and_whose_release_it_is() -> None:
    stage = Estate(CANARIES)
    delivered(stage)
    told = condition("Promoted", "False", "Failed", "canary analysis failed", since=NOW - 300)
    stage.add(CANARY, canary("Failed", status={"conditions": [told]}), cluster="eu")
    found = stage.one()
    assert (found.code, found.message, found.created) == ("KT2501", "canary analysis failed", NOW - 300)
    marks = {what: found.mark(what) for what in ("owner", "member", "application", "revision")}
    assert marks == {
        "owner": "Deployment/web",
        "member": "eu",
        "application": "prod/web",
        "revision": "main/1",
    }


@pytest.mark.parametrize("phase", ["Initialized", "Succeeded"])
def test_a_rollout_that_is_done_is_well(phase: str) -> None:
    stage = Estate(CANARIES)
    stage.add(CANARY, canary(phase), cluster="eu")
    stage.wait(10_000)
    assert stage.codes == []


def test_failed_checks_halt_a_rollout_and_half_of_the_budget_is_high() -> None:
    stage = Estate(CANARIES)
    stage.add(CANARY, canary(), cluster="eu")
    assert stage.codes == []
    stage.add(CANARY, canary(status={"failedChecks": 2, "canaryWeight": 20}), cluster="eu")
    assert (stage.one().code, stage.one().severity) == ("KT2502", "medium")
    assert stage.one().message == "2/5 failed checks at weight 20"
    stage.add(CANARY, canary(status={"failedChecks": 3}), cluster="eu")
    assert stage.one().severity == "high"
    stage.add(CANARY, canary(status={"failedChecks": 3}, suspend=True), cluster="eu")
    assert stage.codes == []


def test_a_rollout_that_nobody_checks_is_stuck_after_its_deadline() -> None:
    stage = Estate(CANARIES)
    stage.add(CANARY, canary(progressDeadlineSeconds=120), cluster="eu")
    stage.wait(109)
    assert stage.codes == []
    stage.wait(1)
    assert (stage.one().code, stage.one().created) == ("KT2506", NOW - 10)
    stage.add(CANARY, canary(moved=stage.now, progressDeadlineSeconds=120), cluster="eu")
    assert stage.codes == []


def test_a_rollout_of_a_cluster_that_does_not_answer_is_not_called_stuck() -> None:
    stage = Estate(CANARIES)
    stage.add(CANARY, canary(), cluster="eu")
    stage.told("eu", CANARY, State.STALE)
    stage.wait(10_000)
    assert stage.codes == []


def test_a_gate_that_stays_closed_is_told_of_after_an_hour() -> None:
    stage = Estate(CANARIES)
    stage.add(CANARY, canary("WaitingPromotion"), cluster="eu")
    stage.wait(GATE - 1)
    assert stage.codes == []
    stage.wait(1)
    assert stage.codes == ["KT2507"]


def test_a_metric_without_its_template_is_found_until_there_is_one() -> None:
    stage = Estate(SET_UP)
    metrics = [
        {"name": "request-success-rate"},
        {"name": "errors", "templateRef": {"name": "errors", "namespace": "shop"}},
        {"name": "own", "query": "up"},
    ]
    stage.add(CANARY, canary(analysis={**STEPS, "metrics": metrics}), cluster="eu")
    assert (stage.one().code, stage.one().message) == ("KT2504", "metric errors: no MetricTemplate shop/errors")
    stage.add(METRIC_TEMPLATE, {"metadata": named("errors", "shop"), "spec": {"query": "up"}}, cluster="eu")
    assert stage.codes == []


@pytest.mark.parametrize(
    ("analysis", "skips", "found"),
    [
        ({"interval": "30s"}, False, ["KT2505"]),
        ({"interval": "30s"}, True, []),
        ({"iterations": 5}, False, []),
        ({"stepWeights": [1, 2]}, False, []),
    ],
)
def test_an_analysis_without_steps_never_ends_unless_it_is_skipped(
    analysis: dict[str, Any], skips: bool, found: list[str]
) -> None:
    stage = Estate(SET_UP)
    stage.add(CANARY, canary(analysis=analysis, skipAnalysis=skips), cluster="eu")
    assert stage.codes == found


def deployment(name: str, replicas: int) -> dict[str, Any]:
    return {"metadata": named(name, "shop"), "spec": {"replicas": replicas}, "status": {}}


def test_an_idle_rollout_whose_workload_is_scaled_up_is_contested() -> None:
    stage = Estate(IDLE)
    stage.add(DEPLOYMENT, deployment("web-primary", 2), deployment("web", 0), cluster="eu")
    stage.add(CANARY, canary("Succeeded"), cluster="eu")
    stage.wait(CONTESTED)
    assert stage.codes == []
    stage.add(DEPLOYMENT, deployment("web", 2), cluster="eu")
    stage.wait(CONTESTED)
    assert (stage.one().code, stage.one().message) == ("KT2508", "shop/web wants 2 replicas while Succeeded")


def test_a_gate_without_values_is_found_where_gates_are_read() -> None:
    stage = Estate(GATES)
    row = RolloutRow("eu", "shop", "web", "u", NOW, target="Deployment/web", gates=(Gate("errors"),))
    stage.put(ROLLOUTS, row)
    assert stage.codes == []
    without = RolloutRow(
        "eu", "shop", "web", "u", NOW, target="Deployment/web", gates=(Gate("errors", verdict="no values"),)
    )
    stage.put(ROLLOUTS, without)
    assert (stage.one().code, stage.one().message) == ("KT2503", "no values of errors")


def test_an_argo_rollout_that_was_aborted_is_found_and_a_healthy_one_is_not() -> None:
    stage = Estate(ARGO)
    for name, phase in (("bad", "Degraded"), ("good", "Healthy")):
        status = {"phase": phase, "message": "RolloutAborted", "observedGeneration": "1"}
        meta = named(name, "shop", generation=1)
        stage.add(ROLLOUT, {"metadata": meta, "spec": {"replicas": 1}, "status": status}, cluster="eu")
    assert [(row.code, row.name) for row in stage.findings] == [("KT2509", "bad")]
