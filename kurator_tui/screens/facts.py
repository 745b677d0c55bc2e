"""Small texts the detail panes share: amounts of a whole, moments, and what is not known."""

from __future__ import annotations

from kurator_tui.kinds.base import Format, Health, Level
from kurator_tui.kinds.cells import cell_text
from kurator_tui.widgets.detail_pane import Line, Section

UNKNOWN = "not known yet"


def of(part: int | None, whole: int | None, format: Format = Format.COUNT) -> str:
    """`12 of 14`; for measured amounts `18 of 32 requested  (56%)`."""
    if part is None and whole is None:
        return UNKNOWN
    shown = f"{cell_text(part, format) or '?'} of {cell_text(whole, format) or '?'}"
    if format is Format.COUNT:
        return shown
    return f"{shown} requested" + (f"  ({part / whole:.0%})" if part is not None and whole else "")


def ago(moment: float, now: float) -> str:
    """`4m ago`; nothing for a moment that never was."""
    return f"{cell_text(moment, Format.AGE, now)} ago" if moment else ""


def capacity(
    cpu: tuple[int | None, int | None], memory: tuple[int | None, int | None], gpus: int
) -> tuple[Line, ...]:
    """CPU (millicores), memory (bytes) and GPUs: requested of allocatable."""
    lines = (
        Line("CPU", of(*cpu, Format.MILLICORES), load(*cpu)),
        Line("memory", of(*memory, Format.BYTES), load(*memory)),
    )
    return (*lines, Line("GPUs", str(gpus))) if gpus else lines


def load(part: int | None, whole: int | None) -> Level | None:
    """None while there is room, degraded from 80 %, failed from 95 %: as the table's columns."""
    if part is None or not whole or part / whole < 0.8:
        return None
    return Level.FAILED if part / whole >= 0.95 else Level.DEGRADED


def verdict(health: Health, *more: str) -> Section:
    """The verdict first: level, reason, and whatever else explains it."""
    lines = [Line("", str(health.level) + (f": {health.reason}" if health.reason else ""), health.level)]
    lines.extend(Line("", text) for text in more if text and text != health.reason)
    return Section("Health", tuple(lines))
