"""The plans there are: under way, ended in this console, and left by an earlier one, to go on with."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.plans import Commit, Plan, Unfinished
from kurator_tui.kinds.verb import Risk
from kurator_tui.link.plans import Joined, unfinished
from kurator_tui.screens.plan_run import Run
from kurator_tui.screens.plan_run_lines import standing
from kurator_tui.widgets.dialog import ConfirmDialog
from kurator_tui.widgets.form import Field, FormDialog
from kurator_tui.widgets.picker import Choice, Picker

if TYPE_CHECKING:
    from kurator_tui.link.session import Session
    from kurator_tui.screens.acting import Acting

_NAMED = 6
"""Clusters that are named."""
_QUESTION = "Go on with this plan?"
_HOW = "What was sent and not answered is read first; what is done is not done again."


class PlanList:
    """Offers them for a frame, and opens the chosen one."""

    def __init__(self, frame: Acting) -> None:
        self._frame = frame

    async def open(self) -> None:
        """Ask the feeders, then the user."""
        frame = self._frame
        runs = list(reversed(frame.changes.runs))
        known = {run.plan.id for run in runs}
        left: list[tuple[Joined, list[Unfinished]]] = []
        try:
            found = await unfinished(cast("Session", frame.source))
            left = [each for each in found if each[0].plan.id not in known]
        except ConsoleError as error:
            frame.say(error.title, error.message, error.hint, level="warning")
        if not runs and not left:
            frame.say("no plan is under way, and none was left")
            return
        now = frame.look.clock()
        choices = [*(_run(run, now) for run in runs), *(_left(*each) for each in left)]

        def chosen(picked: frozenset[str] | None) -> None:
            for run in runs:
                if picked and _run(run, now).value in picked:
                    frame.changes.show(run)
            for joined, parts in left:
                if picked and _left(joined, parts).value in picked:
                    self._resume(joined)

        frame.app.push_screen(Picker("Plans", choices, several=False), chosen)

    def _resume(self, joined: Joined) -> None:
        plan, frame = joined.plan, self._frame

        def go_on(confirmed: str) -> None:
            frame.changes.apply(joined, Commit(plan.id, confirmed))

        if plan.risk is not Risk.DESTRUCTIVE:
            frame.app.push_screen(ConfirmDialog(_QUESTION, _about(plan)), lambda yes: go_on("y") if yes else None)
            return

        def wrong(said: dict[str, str]) -> str:
            return "" if said["word"] == plan.word else f"Type {plan.word} to go on."

        typed = FormDialog(_QUESTION, _about(plan), [Field("word", "Type its name", "", plan.word)], wrong)
        frame.app.push_screen(typed, lambda said: go_on(said["word"]) if said else None)


def _about(plan: Plan) -> str:
    """What it is, how grave, where, and as whom."""
    clusters = plan.clusters
    more = f" and {len(clusters) - _NAMED} more" if len(clusters) > _NAMED else ""
    lines = [plan.title, f"{plan.risk.value}, {len(plan.steps)} writes to {', '.join(clusters[:_NAMED])}{more}"]
    lines += [f"as {plan.user}"] if plan.user else []
    lines += [f"protected: {', '.join(plan.protected)}"] if plan.protected else []
    return "\n".join((*lines, _HOW))


def _run(run: Run, now: float) -> Choice:
    well = all(state == "done" for state in run.states)
    level = Level.PROGRESSING if not run.ended else Level.HEALTHY if well and not run.error else Level.DEGRADED
    return Choice(f"{run.plan.title} [{run.plan.id}]", standing(run, now), level)


def _left(joined: Joined, parts: list[Unfinished]) -> Choice:
    states = [state for part in parts for state in part.states]
    counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    return Choice(
        f"{joined.plan.title} [{joined.plan.id}]", f"left by an earlier console: {counts}", Level.DEGRADED
    )
