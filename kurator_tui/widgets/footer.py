"""The last line: the keys that work on this row. Fits by dropping hints from the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kurator_tui.widgets.one_line import OneLine
from kurator_tui.widgets.palette import KEY, MUTED, OFF, Line, Piece, cut, width_of


@dataclass(frozen=True, slots=True)
class Hint:
    """One key and what it does here; `reason` says why it is off."""

    key: str
    label: str
    enabled: bool = True
    reason: str = ""


def footer_text(hints: Sequence[Hint], width: int) -> Line:
    """As many hints, from the left, as fit whole on `width` cells; the last one (help) stays longest."""
    blocks = [_block(hint) for hint in hints]
    kept: list[Line] = []
    room = width - (width_of(blocks[-1]) if blocks else 0)
    for block in blocks[:-1]:
        room -= width_of(block)
        if room < 0:
            break
        kept.append(block)
    line = tuple(piece for block in [*kept, *blocks[-1:]] for piece in block)
    return cut(line, width)


def _block(hint: Hint) -> Line:
    if hint.enabled:
        return (Piece(f" <{hint.key}>", KEY), Piece(f" {hint.label}", MUTED))
    return (Piece(f" <{hint.key}> {hint.label}", OFF),)


class Footer(OneLine):
    """Shows hints; put the one that must stay (help) last."""

    DEFAULT_CSS = "Footer { background: $panel; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._hints: tuple[Hint, ...] = ()

    def show(self, hints: Sequence[Hint]) -> None:
        """Show `hints`; repaints only when the line differs."""
        self._hints = tuple(hints)
        self.redraw()

    def compose_line(self, width: int) -> Line:
        return footer_text(self._hints, width)
