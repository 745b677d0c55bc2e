"""The styles all widgets share, and the lines drawn with them.

Colours come from theme variables only. A colour never stands alone: levels come with a glyph or a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
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


class Paint(NamedTuple):
    """How a style is painted: theme variables for text and background ("" for the widget's own), attributes."""

    color: str
    background: str = ""
    bold: bool | None = None
    dim: bool | None = None


PAINTS: dict[str, Paint] = {
    PLAIN: Paint("foreground"),
    MUTED: Paint("text-muted"),
    STRONG: Paint("foreground", bold=True),
    ACCENT: Paint("text-accent", bold=True),
    KEY: Paint("text-primary", bold=True),
    OFF: Paint("text-disabled", dim=True),
    LEVEL_CLASSES[Level.HEALTHY]: Paint("text-success"),
    LEVEL_CLASSES[Level.PROGRESSING]: Paint("text-primary"),
    LEVEL_CLASSES[Level.DEGRADED]: Paint("text-warning"),
    LEVEL_CLASSES[Level.FAILED]: Paint("text-error", bold=True),
    LEVEL_CLASSES[Level.UNKNOWN]: Paint("text-muted"),
    LEVEL_CLASSES[Level.STALE]: Paint("text-muted", dim=True),
}
"""What all widgets share. As component classes, each rule would be parsed and matched once a widget at start."""


class Piece(NamedTuple):
    """A run of text in one style. The text is data: it never holds markup."""

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


def resolve(widget: Widget, paints: Mapping[str, Paint] = PAINTS) -> dict[str, Style]:
    """Style name -> rich style without the widget's own background, as the theme has it now."""
    variables = widget.app.theme_variables
    behind = widget.background_colors[1]
    styles: dict[str, Style] = {}
    for name, paint in paints.items():
        background = _color(variables[paint.background], behind) if paint.background else None
        color = _color(variables[paint.color], background or behind)
        styles[name] = Style(
            color=color.rich_color,
            bgcolor=background.rich_color if background else None,
            bold=paint.bold,
            dim=paint.dim,
        )
    return styles


def _color(value: str, behind: Color) -> Color:
    """A theme variable on the background `behind`: `#rrggbb`, `ansi_…`, or Textual's `auto 60%`."""
    word, _, percent = value.partition(" ")
    if word != "auto":
        return behind + Color.parse(word)
    return behind + Color.automatic(float(percent.rstrip("%") or 100))


class Painted(Widget):
    """Base of the widgets that draw with paints; they repaint when the theme changes."""

    PAINTS: ClassVar[Mapping[str, Paint]] = PAINTS

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._paints: dict[str, Style] | None = None
        self._theme: Mapping[str, str] = {}

    @property
    def paints(self) -> dict[str, Style]:
        """Style name -> rich style, as the theme has it now."""
        if self._paints is None:
            self._theme = self.app.theme_variables
            self._paints = resolve(self, self.PAINTS)
        return self._paints

    def notify_style_update(self) -> None:
        if self._paints is not None and self._theme != self.app.theme_variables:
            self.refresh()
        self._paints = None
        super().notify_style_update()
