"""A plan that is being applied, or was: a bar, a line a target. Left, it goes on, and `:plans` comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kurator_tui.config.action import PROGRESS
from kurator_tui.config.verb_actions import UNDO
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.verbs import VERBS
from kurator_tui.screens.apart import ApartScreen
from kurator_tui.screens.keys import Request
from kurator_tui.screens.plan_run import Run
from kurator_tui.screens.plan_run_lines import run_lines
from kurator_tui.widgets.palette import LEVEL_CLASSES

if TYPE_CHECKING:
    from kurator_tui.screens.acting import Acting


class ProgressScreen(ApartScreen):
    """Shows one run, live."""

    view = PROGRESS
    called = "Plan under way"

    def __init__(self, frame: Acting, run: Run) -> None:
        super().__init__(frame)
        self.run_shown = run

    def draw(self) -> None:
        run = self.run_shown
        lines = run_lines(run, self.look.clock(), ascii_only=self.look.ascii_only)
        self.show(f"{'Applied' if run.ended else 'Applying'}: {inert(run.plan.title)}", run.plan.id, lines)
        self.told.show(*self._said())

    def _said(self) -> tuple[str, str]:
        run = self.run_shown
        if not run.ended:
            return "Esc leaves it: it goes on, and :plans comes back", LEVEL_CLASSES[Level.UNKNOWN]
        if run.error is not None:
            return "nothing was written", LEVEL_CLASSES[Level.FAILED]
        if all(state == "done" for state in run.states):
            return "all done; U takes it back, here or in the table, and :audit keeps it", LEVEL_CLASSES[
                Level.HEALTHY
            ]
        return "not all is done: R plans the rest again, :audit says what was written", LEVEL_CLASSES[
            Level.DEGRADED
        ]

    def has(self) -> frozenset[str]:
        run = self.run_shown
        if run.ended:
            found = {"done": "done" in run.states, "rest": bool(run.rest)}
            return frozenset(word for word, true in found.items() if true)
        return frozenset({"open", "paused"} if run.paused else {"open", "running"})

    def do_progress_pause(self, request: Request) -> None:
        self.run_shown.pause()

    def do_progress_resume(self, request: Request) -> None:
        self.run_shown.resume()

    def do_progress_undo(self, request: Request) -> None:
        """Over the frame, as from the table."""
        self.dismiss(None)
        self.frame.changes.begin(VERBS[UNDO], (), {"plan": self.run_shown.plan.id})

    def do_progress_rest(self, request: Request) -> None:
        self.dismiss(None)
        self.frame.changes.plan_rest(self.run_shown)

    def do_progress_abort(self, request: Request) -> None:
        self.run_shown.abort()

    def do_progress_close(self, request: Request) -> None:
        self.dismiss(None)
