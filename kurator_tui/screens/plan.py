"""The review of a plan, over the table it was asked for from. Nothing is sent but dry runs until it is confirmed.

Confirmed is a safe plan with Enter, a disruptive one with `y`, a destructive one by typing the name it asks for.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.message import Message

from kurator_tui.config.action import PLAN
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.cells import duration, inert
from kurator_tui.kinds.plans import Clash, Commit, Plan, PlannedStep, Refusal, Target, outdated, stage
from kurator_tui.kinds.verbs import VERBS, Risk
from kurator_tui.link.plans import Joined, ask
from kurator_tui.screens.apart import ApartScreen
from kurator_tui.screens.keys import Request
from kurator_tui.screens.plan_lines import Reviewed, confirmation, error_lines, plan_lines, seconds
from kurator_tui.screens.plan_run import Asked
from kurator_tui.widgets.form import Field, FormDialog
from kurator_tui.widgets.palette import ACCENT, LEVEL_CLASSES, MUTED, Piece
from kurator_tui.widgets.prompt import PromptBar
from kurator_tui.widgets.text_view import TextLine

if TYPE_CHECKING:
    from kurator_tui.link.session import Session
    from kurator_tui.screens.acting import Acting


REACTION = 0.3
"""Seconds that a plan must have been seen before a key confirms it: what was typed before meant something else."""


class WordBar(PromptBar):
    """Where the name of a destructive plan is typed."""

    class Typed(Message):
        """Enter."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """Escape: nothing is applied."""

    def __init__(self) -> None:
        super().__init__("")

    def ask(self, word: str) -> None:
        """Open it for `word`."""
        self.open()
        self._sign.show(f"type {inert(word)} to apply it: ", ACCENT)

    def keys(self) -> Mapping[str, Callable[[], Message | None]]:
        return {"enter": lambda: self.Typed(self.value), "escape": self.Left}


class PlanScreen(ApartScreen):
    """One plan, asked for when it opens; `confirmed` gets it with how it is to be applied."""

    view = PLAN
    called = "Plan"

    def __init__(self, frame: Acting, asked: Asked, confirmed: Callable[[Joined, Commit], None]) -> None:
        super().__init__(frame)
        self.asked = asked
        self.bar = WordBar()
        self.applied = False
        """Whether it was confirmed."""
        self._confirmed = confirmed
        self._joined: Joined | None = None
        self._error: ConsoleError | None = None
        self._tried = 0.0
        self._seen = float("inf")
        """When the plan was shown, as events have it."""
        self._pressed = 0.0
        self._waves: tuple[str, ...] = ()
        self._soak = 0.0
        self._every = False
        self._fresh = False
        """Whether the plan was not shown yet."""
        self._decided: dict[tuple[str, str], str] = {}

    def compose_bar(self) -> ComposeResult:
        yield self.bar

    def on_mount(self) -> None:
        self._dry_run()

    # -- the plan ---------------------------------------------------------------------------------------------

    @property
    def plan(self) -> Plan | None:
        """What the servers said last."""
        return self._joined.plan if self._joined is not None else None

    def _dry_run(self) -> None:
        self._joined, self._error = None, None
        self.run_worker(self._ask(), group=PLAN, exclusive=True)
        if self.is_attached:
            self.draw()

    async def _ask(self) -> None:
        asked = self.asked
        try:
            session = cast("Session", self.source)
            decided = self._fields("take"), self._fields("leave")
            joined = await ask(session, asked.verb.id, asked.targets, self._arguments(), *decided)
        except ConsoleError as error:
            self._error = error
        else:
            self._waves = self._waves or joined.plan.waves
            self._joined = joined
            self._fresh = True
        self._tried = self.look.clock()
        self._seen = time.monotonic()
        self.draw()

    def draw(self) -> None:
        title = self.plan.title if self.plan is not None else self.asked.verb.label
        lines = self._lines()
        cursor = self.lines.cursor
        if self._fresh:  # at what has to be decided, if there is something
            cursor = next((at for at, line in enumerate(lines) if isinstance(line.about, Refusal | Clash)), 0)
            self._fresh = False
        self.show(f"Plan: {inert(title)}", self._note(), lines, cursor)
        text, level = self._confirmation()
        self.told.show(text, LEVEL_CLASSES[level])

    def _note(self) -> str:
        plan = self.plan
        if plan is None:
            return ""
        risk = f"{plan.risk.value}{', protected' if plan.protected else ''}".upper()
        user = f"as {inert(plan.user)} · " if plan.user else ""
        return f"{user}{risk} · dry run {duration(max(0.0, self.look.clock() - self._tried))} ago"

    def _lines(self) -> list[TextLine]:
        if self._error is not None:
            return error_lines(self._error)
        if self.plan is None:
            return [TextLine((Piece("  asking the servers what they would store", MUTED),))]
        reviewed = Reviewed(
            self.plan, self._waves, self._soak, self._every, self._decided, ascii_only=self.look.ascii_only
        )
        return plan_lines(reviewed)

    def _confirmation(self) -> tuple[str, Level]:
        if self._error is not None:
            return "there is no plan, and nothing was written", Level.FAILED
        return ("nothing was written yet", Level.UNKNOWN) if self.plan is None else confirmation(self.plan)

    def has(self) -> frozenset[str]:
        plan, about = self.plan, self.about
        found = {
            "parameters": bool(self.asked.verb.parameters),
            "ready": plan is not None and plan.ready,
            "clusters": plan is not None and len(plan.clusters) > 1,
            "target": self._target() is not None,
            "instead": isinstance(about, Refusal) and about.instead is not None and about.instead.verb in VERBS,
            "decides": isinstance(about, Clash),
        }
        return frozenset(word for word, true in found.items() if true)

    def _target(self) -> Target | None:
        """The object that the line under the cursor leads to."""
        about = self.about
        if isinstance(about, Refusal):
            return about.instead.target if about.instead is not None and about.instead.target else about.target
        return about.target if isinstance(about, PlannedStep) else None

    # -- confirmation -----------------------------------------------------------------------------------------

    async def on_key(self, event: events.Key) -> None:
        if not self.bar.is_open:
            self._pressed = event.time
            await super().on_key(event)
            return
        said = await self.bar.take(event)
        event.stop()
        match said:
            case WordBar.Typed():
                self._typed(said.text)
            case WordBar.Left():
                self.bar.close()
            case _:
                pass

    def on_paste(self, event: events.Paste) -> None:
        if self.bar.is_open:
            self.bar.paste(event.text)

    def _apply_meant(self, confirmed: str) -> None:
        """Apply it, if the key was pressed by somebody who had seen the plan; it is said when not."""
        if self._pressed - self._seen >= REACTION:
            self._apply(confirmed)
        else:
            self.frame.say(
                "The plan has only just come", "If you have read it, press that again.", level="warning"
            )

    def do_plan_enter(self, request: Request) -> None:
        plan = self.plan
        if plan is None:
            return
        if plan.risk is Risk.SAFE:
            self._apply_meant("")
        elif plan.risk is Risk.DESTRUCTIVE:
            self.bar.ask(plan.word)
        else:
            self.frame.say("Enter applies safe plans only", "y applies this one", level="warning")

    def do_plan_yes(self, request: Request) -> None:
        plan = self.plan
        if plan is None:
            return
        if plan.risk is Risk.DISRUPTIVE:
            self._apply_meant("y")
        else:
            self.frame.say("y applies disruptive plans only", confirmation(plan)[0], level="warning")

    def _typed(self, text: str) -> None:
        plan = self.plan
        if plan is not None and plan.ready and text == plan.word:
            self.bar.close()
            self._apply(text)
        else:
            self.bar.note("that is not the name; nothing was written", LEVEL_CLASSES[Level.FAILED])

    def _apply(self, confirmed: str) -> None:
        joined = self._joined
        if joined is None:
            return
        if why := outdated(self.look.clock() - self._tried):
            self.frame.say(why, "d asks the servers again", level="warning")
            return
        clusters = joined.plan.clusters
        self.applied = True
        staged = stage(clusters, self._waves) if self._waves and len(clusters) > 1 else ()
        self.dismiss(None)
        self._confirmed(joined, Commit(joined.plan.id, confirmed, staged, self._soak))

    def do_plan_close(self, request: Request) -> None:
        self.dismiss(None)

    # -- changing it ------------------------------------------------------------------------------------------

    def do_plan_again(self, request: Request) -> None:
        self._dry_run()

    def do_plan_parameters(self, request: Request) -> None:
        def told(arguments: dict[str, str]) -> None:
            self.asked = replace(self.asked, arguments=arguments)
            self._dry_run()

        asked = self.asked
        self.frame.changes.ask_again(asked.verb, asked.targets, asked.arguments, told)

    def do_plan_waves(self, request: Request) -> None:
        plan = self.plan
        if plan is None:
            return

        def filled(values: dict[str, str] | None) -> None:
            if values is not None:
                self._waves = _sizes(values["waves"])
                self._soak = seconds(values["soak"])
                self.draw()

        text = f"{len(plan.clusters)} clusters. Empty waves: all at once."
        fields = [
            Field("waves", "Waves", ", ".join(self._waves), "1, 25%, 100%: clusters, or a share of them"),
            Field("soak", "Watch for", f"{self._soak:g}s" if self._soak else "", "60s: after each wave"),
        ]
        self.app.push_screen(FormDialog("Waves", text, fields, _wrong_waves), filled)

    def do_plan_targets(self, request: Request) -> None:
        self._every = not self._every
        self.draw()

    # -- elsewhere --------------------------------------------------------------------------------------------

    def do_plan_open(self, request: Request) -> None:
        if (target := self._target()) is not None:
            self.frame.open_object(target)

    def do_plan_instead(self, request: Request) -> None:
        about = self.about
        if isinstance(about, Refusal) and about.instead is not None:
            instead = about.instead
            target = instead.target or about.target
            self.frame.changes.begin(VERBS[instead.verb], (target,), dict(instead.arguments))

    def do_plan_take(self, request: Request) -> None:
        self._decide("take")

    def do_plan_leave(self, request: Request) -> None:
        self._decide("leave")

    def _decide(self, word: str) -> None:
        """When all is decided the servers are asked again, with what was decided."""
        plan, clash = self.plan, self.about
        if plan is None or not isinstance(clash, Clash):
            return
        self._decided[(clash.field, clash.manager)] = word
        self.draw()
        if all((each.field, each.manager) in self._decided for each in plan.clashes):
            self._dry_run()

    def _arguments(self) -> dict[str, str]:
        """What the verb is told; one that merges by itself is told what was decided, too."""
        known = {each.name for each in self.asked.verb.parameters}
        said = {word: json.dumps(fields) for word in ("take", "leave") if (fields := self._fields(word))}
        return {**self.asked.arguments, **{word: text for word, text in said.items() if word in known}}

    def _fields(self, word: str) -> list[str]:
        """Fields of which it was said `take` or `leave`."""
        return sorted({path for (path, _manager), said in self._decided.items() if said == word})


def _sizes(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _wrong_waves(values: dict[str, str]) -> str:
    """What is wrong with waves and soak, "" when nothing is."""
    try:
        stage(["one"], _sizes(values["waves"]))
        seconds(values["soak"])
    except ValueError as error:
        return str(error)
    return ""
