"""A Canary as a rollout: one test a phase and strategy, from the objects of one member alone."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.rollouts import Gate, Outcome, Verdict, outcome, progress
from tests.unit.fleet.rollout_objects import AB, ANALYSIS, BLUE_GREEN, Estate, Object, at, second, split

INTERVAL = 60.0


@pytest.fixture
def estate() -> Estate:
    return Estate()


def own(estate: Estate, **more: Any) -> None:
    """A Canary that no Application made."""
    estate.canary(policy="", **more)


# -- phases of a canary -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", ["", "Initializing"])
def test_a_canary_is_initializing(estate: Estate, phase: str) -> None:
    own(estate, phase=phase)
    row = estate.row()
    assert (row.phase, row.level, row.strategy, row.ends) == (phase, Level.PROGRESSING, "canary", 0)
    assert outcome(row) is Outcome.GOING


def test_an_initialized_canary_is_done(estate: Estate) -> None:
    own(estate, phase="Initialized")
    row = estate.row()
    assert (row.level, row.reason, row.next_check) == (Level.HEALTHY, "", 0)
    assert outcome(row) is Outcome.SUCCEEDED


@pytest.mark.parametrize("phase", ["Waiting", "WaitingPromotion"])
def test_a_closed_gate_has_a_next_check_and_no_end(estate: Estate, phase: str) -> None:
    own(estate, phase=phase, weight=20, checked=5)
    row = estate.row()
    assert (row.level, row.reason) == (Level.PROGRESSING, phase)
    assert (row.next_check, row.ends) == (second(6), 0)


def test_a_canary_that_progresses_says_where_it_is_and_when_it_ends(estate: Estate) -> None:
    own(estate, weight=20, began=1, checked=5)
    estate.workload("backend-primary", "shop/backend:1", ready=2, wanted=3)
    estate.workload("backend", "shop/backend:2", ready=1, wanted=1)
    estate.routes(split(80, 20))
    row = estate.row()
    assert (row.weight, row.weight_target, row.steps) == (20, 50, (10, 20, 30, 40, 50))
    assert (row.split, row.primary_pods, row.canary_pods) == ((80, 20), (2, 3), (1, 1))
    assert (row.image_before, row.image_after) == ("shop/backend:1", "shop/backend:2")
    assert (row.since, row.next_check, row.interval) == (second(1), second(6), INTERVAL)
    # 30, 40, 50, then Promoting, back to the primary, Succeeded
    assert row.ends == second(6) + 5 * INTERVAL
    assert progress(row) == 0.4
    assert row.target == "Deployment/backend"


def test_failed_checks_are_degraded_with_flaggers_words(estate: Estate) -> None:
    own(estate, weight=20, failed=2, began=1)
    estate.says(0.5, "Halt backend.shop advancement success rate 1.00% < 99%")
    estate.says(5, "Halt backend.shop advancement request duration 812ms > 500ms")
    row = estate.row()
    assert (row.failed_checks, row.threshold) == (2, 5)
    assert row.level is Level.DEGRADED
    assert row.reason == "2/5 failed checks: request duration 812ms > 500ms"


def test_promoting_ends_in_two_checks_and_finalising_in_one(estate: Estate) -> None:
    own(estate, phase="Promoting", checked=5)
    row = estate.row()
    assert (progress(row), row.ends) == (1.0, second(7))
    own(estate, phase="Finalising", checked=6)
    assert estate.row().ends == second(7)


def test_traffic_that_goes_back_step_by_step_takes_longer(estate: Estate) -> None:
    own(estate, phase="Promoting", checked=5, analysis=ANALYSIS | {"stepWeightPromotion": 50})
    assert estate.row().ends == second(8)


def test_a_canary_that_succeeded(estate: Estate) -> None:
    own(estate, phase="Succeeded", began=7, checked=7)
    for name in ("backend", "backend-primary"):
        estate.workload(name, "shop/backend:2")
    row = estate.row()
    assert (row.level, row.since, row.next_check) == (Level.HEALTHY, second(7), 0)
    assert outcome(row) is Outcome.SUCCEEDED


def test_a_new_revision_that_flagger_has_not_noticed_is_no_success(estate: Estate) -> None:
    own(estate, phase="Succeeded")
    estate.workload("backend-primary", "shop/backend:1")
    estate.workload("backend", "shop/backend:2", wanted=0, ready=0)
    row = estate.row()
    assert (row.level, row.reason) == (Level.PROGRESSING, "a new revision waits for the next check")
    assert outcome(row) is Outcome.GOING


def test_a_rollback_says_why_and_how_many_checks_failed(estate: Estate) -> None:
    own(estate, phase="Failed", failed=0)
    estate.says(5, "Halt backend.shop advancement success rate 97.42% < 99%")
    estate.says(6, "Rolling back backend.shop failed checks threshold reached 5")
    estate.says(6.1, "Canary failed! Scaling down backend.shop")
    row = estate.row()
    assert (row.level, row.reason, row.failed_checks) == (Level.FAILED, "success rate 97.42% < 99%", 5)
    assert row.told == "Canary failed! Scaling down backend.shop"
    assert [when for when, _text in row.messages] == [second(5), second(6), second(6.1)]
    assert outcome(row) is Outcome.FAILED


def test_a_missed_deadline_is_the_reason_of_a_rollback(estate: Estate) -> None:
    own(estate, phase="Failed")
    estate.says(4, "Halt backend.shop advancement success rate 97.42% < 99%")
    estate.says(6, "Rolling back backend.shop progress deadline exceeded canary deployment not ready")
    assert estate.row().reason == "progress deadline exceeded canary deployment not ready"


def test_without_events_flaggers_condition_says_why(estate: Estate) -> None:
    own(estate, phase="Failed")
    assert estate.row().reason == "m"


@pytest.mark.parametrize("phase", ["Terminating", "Terminated"])
def test_deletion_with_a_revert_goes_on(estate: Estate, phase: str) -> None:
    own(estate, phase=phase)
    assert (estate.row().level, estate.row().phase) == (Level.PROGRESSING, phase)


def test_a_phase_of_another_version_is_shown_and_unknown(estate: Estate) -> None:
    own(estate, phase="Rebalancing")
    assert (estate.row().phase, estate.row().level) == ("Rebalancing", Level.UNKNOWN)


# -- A/B and blue/green -----------------------------------------------------------------------------------------


def test_an_ab_test_counts_iterations_and_splits_requests_that_match(estate: Estate) -> None:
    own(estate, analysis=AB, iterations=4, checked=5)
    estate.routes(split(0, 100, match=True), split(100, 0))
    row = estate.row()
    assert (row.strategy, row.iteration, row.iterations, row.split) == ("a/b", 4, 10, (0, 100))
    assert (progress(row), row.interval, row.steps) == (0.4, 30.0, ())
    # six iterations, then Promoting, back to the primary, Succeeded
    assert row.ends == second(5) + 9 * 30


def test_a_blue_green_analysis_routes_everything_at_its_end(estate: Estate) -> None:
    own(estate, analysis=BLUE_GREEN, iterations=4, checked=5)
    estate.routes(split(100, 0))
    row = estate.row()
    assert (row.strategy, row.iteration, row.split) == ("blue/green", 4, (100, 0))
    assert row.ends == second(5) + 10 * 30


@pytest.mark.parametrize(("analysis", "strategy"), [(AB, "a/b"), (BLUE_GREEN, "blue/green")])
@pytest.mark.parametrize(
    ("phase", "level"),
    [
        ("Initializing", Level.PROGRESSING),
        ("Initialized", Level.HEALTHY),
        ("Waiting", Level.PROGRESSING),
        ("WaitingPromotion", Level.PROGRESSING),
        ("Promoting", Level.PROGRESSING),
        ("Finalising", Level.PROGRESSING),
        ("Succeeded", Level.HEALTHY),
        ("Failed", Level.FAILED),
        ("Terminating", Level.PROGRESSING),
    ],
)
def test_phases_mean_the_same_with_iterations(
    estate: Estate, analysis: Object, strategy: str, phase: str, level: Level
) -> None:
    own(estate, phase=phase, analysis=analysis)
    assert (estate.row().strategy, estate.row().level) == (strategy, level)


@pytest.mark.parametrize("analysis", [AB, BLUE_GREEN])
def test_failed_checks_of_iterations(estate: Estate, analysis: Object) -> None:
    own(estate, analysis=analysis, iterations=3, failed=1)
    assert (estate.row().level, estate.row().reason) == (Level.DEGRADED, "1/2 failed checks")


def test_conditions_without_iterations_are_no_ab_test(estate: Estate) -> None:
    own(estate, analysis=ANALYSIS | {"match": [{"headers": {}}]})
    assert estate.row().strategy == "canary"


def test_without_a_mesh_every_analysis_is_blue_green_of_ten_iterations(estate: Estate) -> None:
    own(estate, provider="kubernetes", analysis=ANALYSIS | {"match": [{"headers": {}}]})
    assert (estate.row().strategy, estate.row().iterations) == ("blue/green", 10)


# -- steps ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("analysis", "steps", "target"),
    [
        ({"stepWeights": [1, 10, 80]}, (1, 10, 80), 80),
        ({"stepWeight": 30, "maxWeight": 50}, (30, 60), 50),
        ({"stepWeight": 40}, (40, 80, 100), 100),
        ({"stepWeight": 50, "stepWeights": [10, 60]}, (50, 100), 60),
        ({"stepWeights": [150]}, (100,), 100),
    ],
)
def test_steps_are_those_that_flagger_takes(
    estate: Estate, analysis: Object, steps: tuple[int, ...], target: int
) -> None:
    own(estate, analysis=analysis)
    assert (estate.row().steps, estate.row().weight_target) == (steps, target)


def test_an_interval_below_flaggers_least_is_ten_seconds_and_a_threshold_of_zero_is_one(estate: Estate) -> None:
    own(estate, analysis={"interval": "1s", "threshold": 0, "stepWeight": 10})
    assert (estate.row().interval, estate.row().threshold) == (10.0, 1)


def test_events_move_the_next_check(estate: Estate) -> None:
    own(estate, weight=20, checked=5)
    estate.says(7, "Halt backend.shop advancement waiting for rollout to finish")
    assert estate.row().next_check == second(8)


# -- what is special --------------------------------------------------------------------------------------------


def test_a_suspended_canary_is_healthy_and_waits_for_nothing(estate: Estate) -> None:
    own(estate, weight=20, suspend=True)
    row = estate.row()
    assert (row.level, row.reason, row.suspended, row.next_check, row.ends) == (
        *(Level.HEALTHY, "suspended", True, 0, 0),
    )
    assert outcome(row) is Outcome.GOING


def test_a_canary_without_an_analysis_says_so(estate: Estate) -> None:
    own(estate, analysis=None)
    row = estate.row()
    assert row.notes == ("it has no analysis",)
    assert (row.level, row.reason, row.ends) == (Level.DEGRADED, "it has no analysis", 0)


def test_a_skipped_analysis_needs_none_and_ends_with_the_next_check(estate: Estate) -> None:
    own(estate, analysis=None, skipAnalysis=True, checked=5)
    row = estate.row()
    assert (row.notes, row.skips_analysis, row.ends) == ((), True, second(6))


def test_an_analysis_that_never_gives_traffic_says_so(estate: Estate) -> None:
    own(estate, analysis={"interval": "1m", "maxWeight": 50})
    assert estate.row().notes == ("neither stepWeight nor stepWeights: it never gets any traffic",)
    assert estate.row().ends == 0


def test_a_rollout_that_restarts_in_the_middle_begins_again(estate: Estate) -> None:
    own(estate, weight=40, began=1, checked=5)
    assert estate.row().since == second(1)
    own(estate, weight=0, began=1, checked=6)
    estate.says(6, "New revision detected! Restarting analysis for backend.shop")
    row = estate.row()
    assert (row.weight, progress(row), row.since) == (0, 0.0, second(6))
    assert row.told == "New revision detected! Restarting analysis for backend.shop"


def test_failed_checks_before_a_restart_are_not_its_reason(estate: Estate) -> None:
    own(estate, failed=1, began=1, checked=7)
    estate.says(5, "Halt backend.shop advancement success rate 50.00% < 99%")
    estate.says(6, "New revision detected! Restarting analysis for backend.shop")
    assert estate.row().reason == "1/5 failed checks"


def test_a_daemonsets_pods_and_images_are_read(estate: Estate) -> None:
    own(estate, targetRef={"kind": "DaemonSet", "name": "backend"})
    estate.daemons("backend-primary", "agent:1", 3, 4)
    estate.daemons("backend", "agent:2", 1, 4)
    row = estate.row()
    assert (row.primary_pods, row.canary_pods) == ((3, 4), (1, 4))
    assert (row.image_before, row.image_after, row.target) == ("agent:1", "agent:2", "DaemonSet/backend")


def test_gates_are_those_of_who_knows_them(estate: Estate) -> None:
    own(estate)
    gate = Gate("request-duration", high=500.0, values=(812.0,), verdict=str(Verdict.BAD), seen_in="member")
    estate.gates[("m1", "shop", "backend")] = (gate,)
    assert estate.row().gates == (gate,)


# -- versions and hostile values --------------------------------------------------------------------------------


def test_members_on_different_versions_of_flagger(estate: Estate) -> None:
    """An old one has `canaryAnalysis`, no conditions and no mesh router's words; a new one has more."""
    old = {"phase": "Progressing", "canaryWeight": 10, "lastTransitionTime": at(5), "conditions": None}
    own(estate, analysis=None, canaryAnalysis=ANALYSIS, status=old)
    own(estate, cluster="m2", weight=10, analysis=ANALYSIS | {"sessionAffinity": {"cookieName": "c"}})
    for cluster in ("m1", "m2"):
        (row,) = estate.rows(cluster)
        assert (row.weight, row.weight_target, row.notes) == (10, 50, ())
        assert row.next_check == second(6)
    assert estate.row("m1").since == second(5)


@pytest.mark.parametrize(
    "analysis",
    [
        "text",
        [],
        {"interval": "9" * 400, "threshold": "many", "stepWeight": -5, "maxWeight": {}},
        {"interval": 7, "stepWeights": ["a", None, 10**30], "iterations": True},
        {"iterations": 2**60, "match": "all"},
        {"stepWeight": 1e308, "maxWeight": float(2**40)},
    ],
)
def test_a_hostile_analysis_costs_nothing_but_its_own_values(estate: Estate, analysis: Any) -> None:
    own(estate, analysis=analysis)
    row = estate.row()
    assert row.threshold >= 1
    assert len(row.steps) <= 100
    assert 0 <= row.weight_target <= 100


def test_a_hostile_status_costs_nothing_but_its_own_values(estate: Estate) -> None:
    hostile: Object = {
        "phase": ["Failed"],
        "canaryWeight": 10**40,
        "iterations": "x",
        "failedChecks": -3,
        "lastTransitionTime": "yesterday",
        "conditions": ["Promoted", {"type": "Promoted", "reason": {}, "lastUpdateTime": 5}],
    }
    own(estate, status=hostile, targetRef="nothing", service=[], provider={})
    row = estate.row()
    assert (row.phase, row.weight, row.failed_checks, row.since, row.next_check) == ("", 0, 0, 0, 0)


def test_hostile_routes_are_no_split(estate: Estate) -> None:
    own(estate)
    estate.routes({"route": [{"destination": {"host": 7}, "weight": "all"}, {"weight": 1}]}, {"route": None})
    assert estate.row().split is None
    estate.routes({"route": [{"destination": {"host": "backend-canary.shop.svc"}, "weight": "x"}] * 2})
    assert estate.row().split == (0, 100)
