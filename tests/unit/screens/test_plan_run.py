"""What of a plan is planned again."""

from __future__ import annotations

from typing import Any, cast

from kurator_tui.kinds.plans import Commit, Plan, PlannedStep, Progress, Target
from kurator_tui.kinds.verbs import VERBS, Risk
from kurator_tui.link.plans import Joined
from kurator_tui.screens.plan_run import Asked, Run
from kurator_tui.screens.plan_run_lines import standing


def run(targets: tuple[Target, ...], steps: tuple[Target, ...]) -> Run:
    numbered = tuple(PlannedStep(number, each, "patch") for number, each in enumerate(steps))
    joined = Joined(Plan("p", "restart", "", Risk.SAFE, steps=numbered), ())
    asked = Asked(VERBS["restart"], targets)
    return Run(cast(Any, None), joined, Commit("p"), lambda: 0.0, lambda _run: None, asked)


def test_what_was_done_is_not_planned_again_beside_what_failed_in_its_cluster() -> None:
    targets = tuple(Target("a", "deployments.apps", "d", name) for name in ("one", "two"))
    failed = run(targets, targets)
    failed.states = ["done", "failed"]
    assert failed.rest == targets[1:]


def test_a_node_is_drained_again_when_one_of_its_pods_stayed() -> None:
    node, other = Target("a", "nodes", "", "n1"), Target("b", "nodes", "", "n1")
    failed = run((node, other), (node, Target("a", "pods", "d", "web"), other))
    failed.states = ["done", "failed", "done"]
    assert failed.rest == (node,)


def test_while_a_wave_is_watched_it_says_what_it_cannot_judge() -> None:
    watching = run((), (Target("a", "gizmos.example.org", "d", "x"),))
    watching._heard(Progress("soak", wave=0, seconds=9.0, message="not judged: a/d gizmos/x"))
    assert standing(watching, 0.0) == "watching for 9s, not judged: a/d gizmos/x"
    watching._heard(Progress("wave", wave=1))
    assert standing(watching, 0.0) == "applying"
