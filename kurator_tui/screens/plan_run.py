"""One plan that is being applied, or was: what is known of each target, and what can be done about it.

It belongs to no screen: leaving the one that shows it changes nothing. Nothing is told half: a target is done,
failed, unknown (it may have been written) or not begun, and as long as it is none of these, it says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.plans import Commit, Plan, Progress, State, Target
from kurator_tui.kinds.verb import Verb
from kurator_tui.link.plans import Committing, Joined
from kurator_tui.screens.source import Source

if TYPE_CHECKING:
    from kurator_tui.link.session import Session

ENDED = ("done", "failed", "unknown", "skipped")
"""States of a target about which nothing more is to come."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be planned."""

    verb: Verb
    targets: tuple[Target, ...]
    arguments: dict[str, str] = field(default_factory=dict)


class Run:
    """Applies a plan; `changed` is called with each thing that happened, the end among them."""

    def __init__(
        self,
        source: Source,
        joined: Joined,
        commit: Commit,
        clock: Callable[[], float],
        changed: Callable[[Run], None],
        asked: Asked | None = None,
    ) -> None:
        self.asked = asked
        """What it was planned for; None for one that an earlier console left."""
        self.plan: Plan = joined.plan
        self.commit = commit
        self.states: list[State] = ["waiting"] * len(self.plan.steps)
        self.messages = [""] * len(self.plan.steps)
        self.wave = -1
        self.soaks_until = 0.0
        """Unix seconds; 0.0 while it does not soak."""
        self.unjudged = ""
        """Whose health nobody can tell while it soaks."""
        self.paused = False
        self.aborting = False
        self.began = clock()
        self.end: Progress | None = None
        """How it ended, None while it goes on."""
        self.error: ConsoleError | None = None
        """Why nothing could be begun."""
        self._clock = clock
        self._changed = changed
        self._committing = Committing(cast("Session", source), joined, commit, self._heard)
        self._task: asyncio.Task[None] | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more is to come."""
        return self.end is not None or self.error is not None

    @property
    def settled(self) -> int:
        """Targets about which nothing more is to come."""
        return sum(state in ENDED for state in self.states)

    @property
    def rest(self) -> tuple[Target, ...]:
        """What it was planned for and was not done.

        Where steps are about other objects than the targets (pods of a node), all targets of their cluster.
        """
        targets = self.asked.targets if self.asked is not None else ()
        steps = zip(self.plan.steps, self.states, strict=True)
        left = {_place(step.target) for step, state in steps if state != "done"}
        others = {cluster for cluster, *_rest in left - {_place(target) for target in targets}}
        return tuple(each for each in targets if _place(each) in left or each.cluster in others)

    def start(self) -> None:
        """Begin; a reference to the task is kept."""
        self._task = asyncio.get_running_loop().create_task(self._go())

    async def _go(self) -> None:
        try:
            self.end = await self._committing.run()
        except ConsoleError as error:
            self.error = error
        self.soaks_until = 0.0
        self._changed(self)

    def pause(self) -> None:
        """Begin nothing more until `resume`; what was sent is waited for."""
        self.paused = True
        self._committing.pause()
        self._changed(self)

    def resume(self) -> None:
        """Go on."""
        self.paused = False
        self._committing.resume()
        self._changed(self)

    def abort(self) -> None:
        """Begin nothing more at all."""
        self.aborting = True
        self._committing.abort()
        self._changed(self)

    def _heard(self, progress: Progress) -> None:
        self.soaks_until, self.unjudged = 0.0, ""
        match progress.kind:
            case "step":
                self.states[progress.step] = progress.state
                self.messages[progress.step] = progress.message
            case "wave":
                self.wave = progress.wave
            case "soak":
                self.soaks_until = self._clock() + progress.seconds
                self.unjudged = progress.message
            case "paused" | "resumed":
                self.paused = progress.kind == "paused"
            case _:
                pass
        self._changed(self)


def _place(target: Target) -> tuple[str, str, str, str]:
    return target.cluster, target.kind, target.namespace, target.name
