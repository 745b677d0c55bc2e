"""The line above logs: whose they are, how many, what is missing, and how it is read."""

from __future__ import annotations

from dataclasses import dataclass

from kurator_tui.kinds.base import Level
from kurator_tui.widgets.one_line import OneLine
from kurator_tui.widgets.palette import ACCENT, LEVEL_CLASSES, MUTED, PLAIN, STRONG, Line, Piece, cut, width_of


@dataclass(frozen=True, slots=True)
class LogTitle:
    """What the line says."""

    name: str = ""
    lines: int = 0
    """Lines held."""
    shown: int | None = None
    """Lines that filters let through; None without one."""
    gone: int = 0
    """Older lines that made room for newer ones."""
    missing: int = 0
    """Lines dropped because they came faster than they were read."""
    rate: float = 0.0
    """Lines a second."""
    open: int = 0
    waiting: int = 0
    ended: int = 0
    state: str = ""
    """`following`, `ended`, `held`…"""
    trouble: str = ""
    run: str = ""
    """How far kubespray is, and what failed."""
    filters: tuple[str, ...] = ()
    looks: tuple[str, ...] = ()
    ascii_only: bool = False


def title_line(title: LogTitle, width: int) -> Line:
    """The line on `width` cells. What is missing and the state stay; the name, then the looks give way."""
    rule = "-" if title.ascii_only else "─"
    bad, plain = LEVEL_CLASSES[Level.DEGRADED], PLAIN
    count = f"{title.lines:,} lines" if title.shown is None else f"{title.shown:,} of {title.lines:,} lines"
    streams = ", ".join(
        f"{number} {word}"
        for number, word in ((title.open, "open"), (title.waiting, "waiting"), (title.ended, "ended"))
        if number
    )
    parts = [
        Piece(f"{title.missing:,} dropped", bad if title.missing else MUTED),
        Piece(count, plain),
        Piece(title.trouble, bad),
        Piece(title.run, bad if "failed: " in title.run else STRONG),
        Piece(title.state, STRONG),
        Piece(f"{title.rate:,.0f}/s" if title.rate else "", plain),
        Piece(streams, plain),
        *(Piece(text, plain) for text in title.filters),
        Piece(f"{title.gone:,} older let go" if title.gone else "", MUTED),
        *(Piece(text, MUTED) for text in title.looks),
    ]
    pieces: list[Piece] = [Piece(f"{rule} ", MUTED), *cut([Piece(title.name, ACCENT)], max(12, width * 2 // 5))]
    for part in parts:
        if part.text:
            pieces += [Piece(f" {rule} ", MUTED), part]
    pieces.append(Piece(" "))
    pieces = list(cut(pieces, width))
    return (*pieces, Piece(rule * (width - width_of(pieces)), MUTED))


class LogTitleLine(OneLine):
    """Shows a `LogTitle`."""

    def __init__(self) -> None:
        super().__init__()
        self._title = LogTitle()

    def show(self, title: LogTitle) -> None:
        """Show `title`; repaints only when the line differs."""
        self._title = title
        self.redraw()

    def compose_line(self, width: int) -> Line:
        return title_line(self._title, width)
