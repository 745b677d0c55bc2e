"""A plan that is applied, or was, as lines of text: pure functions. What went wrong stands first.

Nothing is told half: of a target that was sent and not answered for it is said that nobody knows.
"""

from __future__ import annotations

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.cells import duration
from kurator_tui.kinds.plans import State
from kurator_tui.screens.plan_lines import error_lines, glyph
from kurator_tui.screens.plan_run import Run
from kurator_tui.widgets.layout import pad
from kurator_tui.widgets.palette import LEVEL_CLASSES, MUTED, STRONG, Piece
from kurator_tui.widgets.text_view import TextLine

_STATES: dict[State, tuple[Level, str]] = {
    "waiting": (Level.UNKNOWN, "waiting"),
    "writing": (Level.PROGRESSING, "writing"),
    "done": (Level.HEALTHY, "done"),
    "failed": (Level.FAILED, "failed"),
    "unknown": (Level.DEGRADED, "unknown"),
    "skipped": (Level.STALE, "not begun"),
}
UNKNOWN = "sent, and no answer came: it may have been written; look at the object before doing it again"
_TROUBLE = ("failed", "unknown")


def bar(done: int, total: int, width: int, *, ascii_only: bool = False) -> str:
    """How much is done, `width` cells wide."""
    full = width * done // total if total else 0
    return ("#" if ascii_only else "█") * full + ("." if ascii_only else "░") * (width - full)


def run_lines(run: Run, now: float, *, ascii_only: bool = False) -> list[TextLine]:
    """The bar, what is going on, and a line a target."""
    plan, total = run.plan, len(run.plan.steps)
    done = run.states.count("done")
    drawn = bar(done, total, 30, ascii_only=ascii_only)
    lines = [
        TextLine((Piece(f"  {drawn} ", LEVEL_CLASSES[Level.PROGRESSING]), Piece(f"{done}/{total} done"))),
        TextLine((Piece(f"  {standing(run, now)}", STRONG),), 2),
        TextLine(()),
    ]
    if run.error is not None:
        return [*lines, *error_lines(run.error)]
    wide = min(60, max((len(step.target.label) for step in plan.steps), default=0))
    told: set[str] = set()
    for number in sorted(range(total), key=lambda at: run.states[at] not in _TROUBLE):
        state, step = run.states[number], plan.steps[number]
        level, word = _STATES[state]
        said = _said(state, run.messages[number])
        again, said = said in told, said if said not in told else ""
        told.add(said)
        sign = Piece(f"  {glyph(level, ascii_only)} {pad(word, 9)} ", LEVEL_CLASSES[level])
        tail = Piece(f"  {said}" if said and not again else "", MUTED)
        lines.append(TextLine((sign, Piece(pad(step.target.label, wide)), tail), 14, step))
    return lines


def _said(state: State, message: str) -> str:
    if state == "unknown":
        return f"{message}; {UNKNOWN}" if message else UNKNOWN
    return message


def standing(run: Run, now: float) -> str:
    """What a run is doing, in words."""
    if run.error is not None:
        return "nothing was begun"
    if run.end is not None:
        return f"ended: {summary(run)}"
    waves = len(run.commit.waves)
    wave = f"wave {run.wave + 1} of {waves}" if waves > 1 and run.wave >= 0 else ""
    doing = (
        "aborting: what was sent is waited for"
        if run.aborting
        else "paused: nothing more is begun until r"
        if run.paused
        else f"watching for {duration(max(0.0, run.soaks_until - now))}"
        if run.soaks_until
        else "applying"
    )
    return ", ".join(part for part in (doing, wave, run.unjudged) if part)


def summary(run: Run) -> str:
    """How many targets are in which state, and why it stopped."""
    counts = [(run.states.count(state), _STATES[state][1]) for state in _STATES]
    said = ", ".join(f"{count} {word}" for count, word in counts if count) or "nothing to do"
    why = run.end.message if run.end is not None else run.error.message if run.error is not None else ""
    return f"{said} ({why})" if why else said
