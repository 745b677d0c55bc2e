"""From a verb to what it changes: may it, with which parameters, the plan, its progress, its end. For a frame."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kurator_tui.errors import Broken, ConsoleError
from kurator_tui.kinds.plans import Commit, Target
from kurator_tui.kinds.verbs import Verb
from kurator_tui.link.plans import Joined
from kurator_tui.screens.plan_run import Asked, Run

if TYPE_CHECKING:
    from kurator_tui.screens.acting import Acting
    from kurator_tui.screens.editing import Editing
    from kurator_tui.screens.manifests import Manifests

KNOWN_FOR = 60.0
"""Seconds for which an answer about permissions holds here, as it does in the feeder."""
MOST_RUNS = 32
"""Runs that are kept; the oldest that ended goes first."""

Asking = tuple[str, str, str, str]
"""Verb, cluster, kind, namespace."""


class Changes:
    """Plans of one console: what may be done, what is under way, what has ended."""

    def __init__(self, frame: Acting) -> None:
        self._frame = frame
        self._may: dict[Asking, tuple[float, str]] = {}
        self.runs: list[Run] = []

    @cached_property
    def editing(self) -> Editing:
        """Texts in the user's editor."""
        from kurator_tui.screens.editing import Editing

        return Editing(self._frame)

    @cached_property
    def manifests(self) -> Manifests:
        """Documents that are to be applied."""
        from kurator_tui.screens.manifests import Manifests

        return Manifests(self._frame)

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
        self._frame.run_worker(
            self._begin(verb, tuple(targets), dict(given or {})), group="changes", exclusive=True
        )

    async def _begin(self, verb: Verb, targets: tuple[Target, ...], given: dict[str, str]) -> None:
        frame = self._frame
        here = frame.app.screen, frame.current
        with self._asking(targets):
            await self.ask_may([verb], targets)
        if here != (frame.app.screen, frame.current):
            frame.say(f"{verb.label}: not planned, another view was opened meanwhile", level="warning")
            return
        refused = [dict(self.denied([verb], target)).get(verb.id, "") for target in targets]
        if targets and all(refused):
            frame.say(f"{verb.label}: {refused[0]}", level="warning")
            frame.refresh_footer()
            return
        if not verb.parameters or _complete(verb, given):
            self.review(verb, targets, given)
        elif _is_written(verb):
            self.editing.begin(verb, targets, lambda told: self.review(verb, targets, {**given, **told}))
        else:
            obj = await self._known(targets)
            self._form(verb, targets, given, obj, lambda told: self.review(verb, targets, told))

    @contextmanager
    def _asking(self, targets: Sequence[Target]) -> Iterator[None]:
        """Say in the table's title whom the console waits for."""
        screen = self._frame.current
        clusters = list(dict.fromkeys(target.cluster for target in targets))
        whom = clusters[0] if len(clusters) == 1 else f"{len(clusters)} clusters"
        screen.asking = f"asking {whom}" if clusters else ""
        screen.refresh_title()
        try:
            yield
        finally:
            screen.asking = ""
            if screen.is_mounted:
                screen.refresh_title()

    def _form(
        self,
        verb: Verb,
        targets: tuple[Target, ...],
        given: Mapping[str, str],
        obj: Mapping[str, Any],
        told: Callable[[dict[str, str]], None],
    ) -> None:
        from kurator_tui.screens.plan_form import plan_form

        dialog = plan_form(verb, targets, given, obj, self._frame.cluster_names())
        self._frame.app.push_screen(dialog, lambda filled: told(filled) if filled is not None else None)

    def ask_again(
        self,
        verb: Verb,
        targets: tuple[Target, ...],
        arguments: Mapping[str, str],
        told: Callable[[dict[str, str]], None],
    ) -> None:
        """Have what a verb was told changed: `told` gets the arguments, unless it is left."""
        if _is_written(verb):
            self.editing.again(verb, targets, arguments, told)
        else:
            self._form(verb, targets, arguments, {}, told)

    async def _known(self, targets: Sequence[Target]) -> dict[str, Any]:
        """What the one target is now; empty for several, and where it cannot be read: a form can do without."""
        if len(targets) == 1:
            with suppress(ConsoleError):
                return await self.object(targets[0])
        return {}

    async def object(self, target: Target) -> dict[str, Any]:
        """The object as it is now, secrets masked. Raises ConsoleError."""
        where = {
            "cluster": target.cluster,
            "kind": target.kind,
            "namespace": target.namespace,
            "name": target.name,
        }
        found = json.loads(await self._frame.source.call("object", **where))
        if not isinstance(found, dict):
            raise Broken("what was answered is no object")
        return found

    def review(self, verb: Verb, targets: tuple[Target, ...], arguments: dict[str, str]) -> None:
        """Show the plan; it is applied when it is confirmed there. What was typed for it is kept until then."""
        from kurator_tui.screens.plan import PlanScreen

        def confirmed(joined: Joined, commit: Commit) -> None:
            self.apply(joined, commit, screen.asked)

        screen = PlanScreen(self._frame, Asked(verb, targets, arguments), confirmed)

        def closed(_result: None) -> None:
            if not screen.applied:
                self.editing.left(verb, targets, screen.asked.arguments)

        self._frame.app.push_screen(screen, closed if "yaml" in arguments else None)

    # -- what is under way --------------------------------------------------------------------------------------

    def apply(self, joined: Joined, commit: Commit, asked: Asked | None = None) -> None:
        """Apply a plan and show how it goes; `asked` is what it was planned for, where that is known."""
        run = Run(self._frame.source, joined, commit, self._frame.look.clock, self._changed, asked)
        self.runs.append(run)
        ended = [each for each in self.runs if each.ended]
        for old in ended[: max(0, len(self.runs) - MOST_RUNS)]:
            self.runs.remove(old)
        run.start()
        self._frame.refresh_status()
        self.show(run)

    def plan_rest(self, run: Run) -> None:
        """Plan the same once more, where not everything of it was done."""
        if run.asked is not None:
            self.review(run.asked.verb, run.rest, dict(run.asked.arguments))

    def show(self, run: Run) -> None:
        """Open the screen of a run."""
        from kurator_tui.screens.plan_progress import ProgressScreen

        self._frame.app.push_screen(ProgressScreen(self._frame, run))

    def _changed(self, run: Run) -> None:
        from kurator_tui.screens.plan_progress import ProgressScreen
        from kurator_tui.screens.plan_run_lines import summary

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


def _is_written(verb: Verb) -> bool:
    """Whether what it is told is a text for an editor."""
    return any(each.kind == "yaml" for each in verb.parameters)


def _complete(verb: Verb, given: Mapping[str, str]) -> bool:
    """Whether nothing more is to be asked for: where what matters has a default, and what is left can be empty."""
    needed = [each.name for each in verb.parameters if each.required]
    usual = bool(verb.parameters[0].default) and not needed
    return usual or (bool(given) and all(given.get(name) for name in needed))
