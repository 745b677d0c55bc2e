"""What a cell of the release board says of one rollout, in the room it has. Pure.

`30% ▁▃▅ 99.2% 1/3`, `30% 1/3` or `30%`: how far it is, the trend, the gate that decides, failed checks.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence

from kurator_tui.kinds.base import SEVERITY, Level
from kurator_tui.kinds.rollouts import DONE, WAITING, Gate, RolloutRow, Verdict
from kurator_tui.kinds.units import amount


class Room(enum.IntEnum):
    """Cells a column takes."""

    FULL = 24
    MEDIUM = 12
    SHORT = 7
    STRIP = 1
    """All in one column, a glyph each."""


Trend = Callable[[RolloutRow], tuple[int, ...]]
"""The last weights that were seen of a rollout."""


def urgency(row: RolloutRow) -> tuple[int, bool]:
    """The greatest is the worst."""
    return SEVERITY[row.level], row.phase in WAITING


_WORDS = {
    "": "starting",
    "Initializing": "starting",
    "Initialized": "idle",
    "Waiting": "waits",
    "WaitingPromotion": "waits",
    "Promoting": "promoting",
    "Finalising": "finishing",
    "Succeeded": "done",
    "Failed": "failed",
    "Terminating": "ending",
    "Terminated": "ended",
}
SHORT_WORDS = {"starting": "starts", "promoting": "promo", "finishing": "finish"}


def cell(row: RolloutRow, trend: Sequence[int] = (), room: Room = Room.FULL, *, ascii_only: bool = False) -> str:
    """What one member's cell says of its rollout."""
    state = state_word(row)
    how = how_far(row)
    if room <= Room.SHORT:
        return how if how and state == "" else SHORT_WORDS.get(state, state[: Room.SHORT - 1])
    said = [state, how if state in ("", "paused") else "", budget(row)]
    if room >= Room.FULL and row.phase == "Progressing":
        said[2:2] = [blocks(trend, ascii_only=ascii_only), gate_value(row.gates)]
    return " ".join(part for part in said if part)


def state_word(row: RolloutRow) -> str:
    """Its phase in a word; "" while the analysis goes on, where `how_far` says more."""
    if row.suspended and row.phase not in DONE:
        return "paused"
    if row.phase == "Progressing":
        return ""
    return _WORDS.get(row.phase, row.phase.casefold())


def how_far(row: RolloutRow) -> str:
    """Checks that are done, else the weight."""
    if row.iterations:
        return f"{row.iteration}/{row.iterations}"
    return "" if row.weight is None else f"{row.weight}%"


def budget(row: RolloutRow) -> str:
    """Failed checks of those that roll it back; "" where nothing is checked now."""
    return f"{row.failed_checks}/{row.threshold}" if row.threshold and row.phase == "Progressing" else ""


def blocks(trend: Sequence[int], *, ascii_only: bool) -> str:
    """Weights as blocks of a scale from 0 to 100 %."""
    heights = "_.-~=+*#" if ascii_only else "▁▂▃▄▅▆▇█"
    return "".join(heights[min(7, max(0, weight * 8 // 101))] for weight in trend[-4:])


def gate_value(gates: Sequence[Gate]) -> str:
    """The value of the gate that decides."""
    chosen = deciding(gates)
    if chosen is None:
        return ""
    if chosen.verdict == Verdict.NO_VALUES:
        return "no values"
    return amount(chosen.values[-1], gate_unit(chosen.name)) if chosen.values else ""


def deciding(gates: Sequence[Gate]) -> Gate | None:
    """The gate that decides: one that fails, else the first."""
    return next((gate for gate in gates if gate.verdict == Verdict.BAD), gates[0] if gates else None)


def gate_unit(name: str) -> str:
    """The unit of a gate by the names of Flagger's own metrics (kurator-api §4.4); others are plain numbers."""
    return {"request-success-rate": "percent", "request-duration": "ms"}.get(name, "")


def level_of(row: RolloutRow | None) -> Level:
    """The colour of a member's cell."""
    if row is None:
        return Level.HEALTHY
    return Level.STALE if row.stale else row.level
