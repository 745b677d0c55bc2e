"""The component classes all widgets share, and the lines drawn with them.

Colours come from theme variables only. A colour never stands alone: levels come with a glyph or a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.cells import inert
from kurator_tui.widgets.layout import cells, truncate

PLAIN = "kt--plain"
MUTED = "kt--muted"
STRONG = "kt--strong"
ACCENT = "kt--accent"
KEY = "kt--key"
OFF = "kt--off"
LEVEL_CLASSES: dict[Level, str] = {level: f"kt--{level}" for level in Level}
CLASSES = frozenset({PLAIN, MUTED, STRONG, ACCENT, KEY, OFF, *LEVEL_CLASSES.values()})

_RULES: dict[str, str] = {
    PLAIN: "color: $foreground;",
    MUTED: "color: $text-muted;",
    STRONG: "color: $foreground; text-style: bold;",
    ACCENT: "color: $text-accent; text-style: bold;",
    KEY: "color: $text-primary; text-style: bold;",
    OFF: "color: $text-disabled; text-style: dim;",
    LEVEL_CLASSES[Level.HEALTHY]: "color: $text-success;",
    LEVEL_CLASSES[Level.PROGRESSING]: "color: $text-primary;",
    LEVEL_CLASSES[Level.DEGRADED]: "color: $text-warning;",
    LEVEL_CLASSES[Level.FAILED]: "color: $text-error; text-style: bold;",
    LEVEL_CLASSES[Level.UNKNOWN]: "color: $text-muted;",
    LEVEL_CLASSES[Level.STALE]: "color: $text-muted; text-style: dim;",
}


def css(widget: str) -> str:
    """Default CSS of the shared component classes, for the widget type `widget`."""
    return "\n".join(f"{widget} > .{name} {{ {rule} }}" for name, rule in _RULES.items())


class Piece(NamedTuple):
    """A run of text in one component class. The text is data: it never holds markup."""

    text: str
    style: str = PLAIN


Line = tuple[Piece, ...]


def text_of(pieces: Iterable[Piece]) -> str:
    """The plain text of a line."""
    return "".join(piece.text for piece in pieces)


def width_of(pieces: Iterable[Piece]) -> int:
    """Cells a line takes."""
    return sum(cells(inert(piece.text)) for piece in pieces)


def cut(pieces: Sequence[Piece], width: int) -> Line:
    """`pieces` in at most `width` cells, inert, the last one truncated with `…`."""
    kept: list[Piece] = []
    room = width
    for piece in pieces:
        text = truncate(inert(piece.text), room)
        if text:
            kept.append(Piece(text, piece.style))
        room -= cells(text)
        if room <= 0:
            break
    return tuple(kept)


def spread(left: Sequence[Piece], right: Sequence[Piece], width: int) -> Line:
    """`left` at the left edge, `right` at the right edge; `right` is cut first when there is no room for both."""
    taken = width_of(left)
    right = cut(right, width - taken - 1)
    if not right:
        return cut(left, width)
    return (*cut(left, width), Piece(" " * (width - taken - width_of(right))), *right)


def to_strip(pieces: Sequence[Piece], width: int, styles: Mapping[str, Style], base: Style) -> Strip:
    """A strip of exactly `width` cells."""
    segments = [Segment(text, base + styles[style]) for text, style in cut(pieces, width)]
    return Strip(segments, width_of(pieces) if width_of(pieces) <= width else None).adjust_cell_length(width, base)


def resolve(widget: Widget) -> dict[str, Style]:
    """Component class -> rich style without the widget's own background, as the theme has it now."""
    styles: dict[str, Style] = {}
    for name in widget._get_component_classes():
        whole = widget.get_component_rich_style(name)
        own = widget.get_component_rich_style(name, partial=True)
        # `auto` colours are only known against a background, so the colour is taken from the whole style.
        color = whole.color if own.color is not None else None
        styles[name] = own.without_color + Style(color=color, bgcolor=own.bgcolor)
    return styles
