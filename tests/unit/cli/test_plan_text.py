"""What the command line says of a plan that goes on."""

from __future__ import annotations

from kurator_tui.cli.plan_text import progress_line
from kurator_tui.kinds.plans import Plan, PlannedStep, Progress, Target
from kurator_tui.kinds.verb import Risk

TARGET = Target("host", "applications.apps.kurator.dev", "d", "shop")
PLAN = Plan("p", "rollout.promote", "Promote", Risk.DISRUPTIVE, steps=(PlannedStep(0, TARGET, "patch"),))


def test_a_step_that_waits_says_for_what_and_one_that_only_has_not_begun_says_nothing() -> None:
    waits = Progress("step", step=0, state="waiting", message="waits for eu-1 Progressing")
    assert progress_line(PLAN, waits, 1) == "· waiting  host/d applications/shop: waits for eu-1 Progressing"
    assert progress_line(PLAN, Progress("step", step=0, state="waiting"), 1) == ""
    assert progress_line(PLAN, Progress("step", step=0, state="writing"), 1) == ""


def test_a_wave_that_is_watched_says_what_it_cannot_judge() -> None:
    soaks = Progress("soak", wave=0, seconds=9.0, message="not judged: a")
    assert progress_line(PLAN, soaks, 2) == "? not judged: a"
    assert progress_line(PLAN, Progress("soak", wave=0, seconds=9.0), 2) == ""
