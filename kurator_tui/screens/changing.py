"""From a verb to what it changes: may it, with which parameters, the plan, its progress, its end. For a frame."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.plans import Commit, Target
from kurator_tui.kinds.verbs import Verb
from kurator_tui.link.plans import Joined
from kurator_tui.screens.plan_run import Run

if TYPE_CHECKING:
    from kurator_tui.screens.acting import Acting

KNOWN_FOR = 60.0
"""Seconds for which an answer about permissions holds here, as it does in the feeder."""
MOST_RUNS = 32
"""Runs that are kept; the oldest that ended goes first."""
_GROUP = "changes"

Asking = tuple[str, str, str, str]
"""Verb, cluster, kind, namespace."""


class Changes:
    """Plans of one console: what may be done, what is under way, what has ended."""

    def __init__(self, frame: Acting) -> None:
        self._frame = frame
        self._may: dict[Asking, tuple[float, str]] = {}
        self.runs: list[Run] = []

    # -- permission -------------------------------------------------------------------------------------------

    def denied(self, verbs: Sequence[Verb], target: Target) -> tuple[tuple[str, str], ...]:
        """What is known already to be refused of `verbs`: (id, why)."""
        now = self._frame.look.clock()
        found = []
        for verb in verbs:
            at, why = self._may.get(_asking(verb, target), (0.0, ""))
            if why and now - at < KNOWN_FOR:
                found.append((verb.id, why))
        return tuple(found)

    async def ask_may(self, verbs: Sequence[Verb], targets: Sequence[Target]) -> None:
        """Ask what is not known of each place; a place that does not answer stays unknown."""
        now = self._frame.look.clock()
        asked = {_asking(verb, target) for verb in verbs for target in targets}
        wanted = [each for each in asked if now - self._may.get(each, (float("-inf"), ""))[0] >= KNOWN_FOR]
        await asyncio.gather(*(self._ask_one(each) for each in wanted))

    async def _ask_one(self, asking: Asking) -> None:
        verb, cluster, kind, namespace = asking
        try:
            why = await self._frame.source.call("may", cluster=cluster, verb=verb, kind=kind, namespace=namespace)
        except ConsoleError:
            return
        self._may[asking] = (self._frame.look.clock(), why)

    # -- a plan -----------------------------------------------------------------------------------------------

    def begin(self, verb: Verb, targets: Sequence[Target], given: Mapping[str, str] | None = None) -> None:
        """Plan `verb` for `targets`; what is not `given` of its parameters is asked for."""
        self._frame.run_worker(self._begin(verb, tuple(targets), dict(given or {})), group=_GROUP, exclusive=True)

    async def _begin(self, verb: Verb, targets: tuple[Target, ...], given: dict[str, str]) -> None:
        frame = self._frame
        await self.ask_may([verb], targets)
        refused = [dict(self.denied([verb], target)).get(verb.id, "") for target in targets]
        if targets and all(refused):
            frame.say(f"{verb.label}: {refused[0]}", level="warning")
            frame.refresh_footer()
            return
        if not verb.parameters or _complete(verb, given):
            self.review(verb, targets, given)
            return
        from kurator_tui.screens.plan_form import plan_form

        def filled(values: dict[str, str] | None) -> None:
            if values is not None:
                self.review(verb, targets, values)

        obj = await self._object(targets[0]) if len(targets) == 1 else {}
        frame.app.push_screen(plan_form(verb, targets, given, obj), filled)

    async def _object(self, target: Target) -> dict[str, Any]:
        """The object as it is now, secrets masked; empty where it cannot be read: a form can do without."""
        where = {
            "cluster": target.cluster,
            "kind": target.kind,
            "namespace": target.namespace,
            "name": target.name,
        }
        try:
            found = json.loads(await self._frame.source.call("object", **where, format="json"))
        except (ConsoleError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def review(self, verb: Verb, targets: tuple[Target, ...], arguments: dict[str, str]) -> None:
        """Show the plan; it is applied when it is confirmed there."""
        from kurator_tui.screens.plan import Asked, PlanScreen

        self._frame.app.push_screen(PlanScreen(self._frame, Asked(verb, targets, arguments), self.apply))

    # -- what is under way --------------------------------------------------------------------------------------

    def apply(self, joined: Joined, commit: Commit) -> None:
        """Apply a plan and show how it goes."""
        run = Run(self._frame.source, joined, commit, self._frame.look.clock, self._changed)
        self.runs.append(run)
        ended = [each for each in self.runs if each.ended]
        for old in ended[: max(0, len(self.runs) - MOST_RUNS)]:
            self.runs.remove(old)
        run.start()
        self._frame.refresh_status()
        self.show(run)

    def show(self, run: Run) -> None:
        """Open the screen of a run."""
        from kurator_tui.screens.plan_progress import ProgressScreen

        self._frame.app.push_screen(ProgressScreen(self._frame, run))

    def _changed(self, run: Run) -> None:
        from kurator_tui.screens.plan_lines import summary
        from kurator_tui.screens.plan_progress import ProgressScreen

        for screen in self._frame.app.screen_stack:
            if isinstance(screen, ProgressScreen) and screen.run_shown is run:
                screen.draw()
        self._frame.refresh_status()
        if run.ended:
            well = run.error is None and all(state == "done" for state in run.states)
            level = "information" if well else "error"
            self._frame.say(run.plan.title, summary(run), level=level)

    @property
    def badge(self) -> tuple[int, int] | None:
        """(settled, all) targets of the plans that are under way; None for none."""
        running = [run for run in self.runs if not run.ended]
        if not running:
            return None
        return sum(run.settled for run in running), sum(len(run.states) for run in running)

    @property
    def last_done(self) -> str:
        """Id of the last plan of this console that changed something, "" for none."""
        return next((run.plan.id for run in reversed(self.runs) if "done" in run.states), "")


def _asking(verb: Verb, target: Target) -> Asking:
    return (verb.id, target.cluster, target.kind, target.namespace)


def _complete(verb: Verb, given: Mapping[str, str]) -> bool:
    """Whether nothing more is to be asked for."""
    needed = [each.name for each in verb.parameters if each.required]
    return bool(given) and all(given.get(name) for name in needed)
