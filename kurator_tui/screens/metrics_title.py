"""The lines above and below charts: what they show, who said so and when; who and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.cells import ASCII_GLYPHS, GLYPHS, inert
from kurator_tui.widgets.one_line import OneLine
from kurator_tui.widgets.palette import ACCENT, LEVEL_CLASSES, MUTED, PLAIN, STRONG, Line, Piece, cut, width_of


@dataclass(frozen=True, slots=True)
class ChartsTitle:
    """What the line says; empty texts are left out."""

    name: str = ""
    about: str = ""
    """Whose charts these are."""
    span: str = ""
    source: str = ""
    age: str = ""
    """How old the newest answer is."""
    trouble: str = ""
    """Why there is no newer one."""
    shown: str = ""
    """Which of the charts are in sight."""
    words: str = ""
    yesterday: bool = False
    ascii_only: bool = False


def charts_title(title: ChartsTitle, width: int) -> Line:
    """The line on `width` cells. What fails comes first; what is chosen comes last."""
    rule = "-" if title.ascii_only else "─"
    bad = LEVEL_CLASSES[Level.DEGRADED]
    parts = [
        Piece(title.about, STRONG),
        Piece(title.trouble, bad),
        Piece(title.span, STRONG),
        Piece(f"{title.source} {title.age} ago" if title.source and title.age else title.source),
        Piece(title.shown, PLAIN),
        Piece(f"/{title.words}" if title.words else "", PLAIN),
        Piece("against yesterday" if title.yesterday else "", PLAIN),
    ]
    pieces: list[Piece] = [Piece(f"{rule} ", MUTED), Piece(title.name, ACCENT)]
    for part in parts:
        if part.text:
            pieces += [Piece(f" {rule} ", MUTED), Piece(inert(part.text), part.style)]
    pieces.append(Piece(" "))
    pieces = list(cut(pieces, width))
    return (*pieces, Piece(rule * (width - width_of(pieces)), MUTED))


class ChartsTitleLine(OneLine):
    """Shows a `ChartsTitle`."""

    def __init__(self) -> None:
        super().__init__()
        self._title = ChartsTitle()

    def show(self, title: ChartsTitle) -> None:
        """Show `title`; repaints only when the line differs."""
        self._title = title
        self.redraw()

    def compose_line(self, width: int) -> Line:
        return charts_title(self._title, width)


def notice_text(missing: Mapping[str, str], hints: Sequence[tuple[str, str]], remarks: Sequence[str]) -> str:
    """Members without values with the reason of each, panels that nothing measures, what else was remarked."""
    by_reason: dict[str, list[str]] = {}
    for cluster, reason in sorted(missing.items()):
        by_reason.setdefault(reason, []).append(cluster)
    parts = [f"without {few(clusters)}: {reason}" for reason, clusters in by_reason.items()]
    by_hint: dict[str, list[str]] = {}
    for panel, hint in hints:
        by_hint.setdefault(hint, []).append(panel)
    parts += [f"{few(panels)}: {hint}" for hint, panels in by_hint.items()]
    return " · ".join(inert(part) for part in (*parts, *remarks))


def few(names: Sequence[str], most: int = 2) -> str:
    """`eu-1, eu-2 and 3 more`."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


class NoticeLine(OneLine):
    """One line of warning; hidden while there is none."""

    DEFAULT_CSS = "NoticeLine { display: none; } NoticeLine.-said { display: block; }"

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._text = ""
        self._glyph = (ASCII_GLYPHS if ascii_only else GLYPHS)[Level.DEGRADED]

    def show(self, text: str) -> None:
        """Say `text`; nothing hides the line."""
        self._text = text
        self.set_class(bool(text), "-said")
        self.redraw()

    def compose_line(self, width: int) -> Line:
        return cut([Piece(f" {self._glyph} {self._text}", LEVEL_CLASSES[Level.DEGRADED])], width)
