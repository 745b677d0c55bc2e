"""ASCII for terminals and fonts without box drawing and symbols: the last look at every line before it is shown.

Widgets choose ASCII glyphs where a state is told; this catches all that is drawn beside them: borders, scroll bars
and separators, whoever draws them. Letters of any script stay: they are data.
"""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from kurator_tui.kinds.cells import ASCII_GLYPHS, GLYPHS


def _table() -> dict[int, str]:
    """Each character of one cell that is drawing, not data -> one of ASCII."""
    table = dict.fromkeys(range(0x2500, 0x2580), "+")  # box drawing: corners and crossings
    table |= dict.fromkeys(range(0x2580, 0x25A0), "#")  # blocks
    table |= dict.fromkeys(map(ord, "─━┄┅┈┉╌╍═╴╶╸╺╼╾▔"), "-")
    table |= dict.fromkeys(map(ord, "│┃┆┇┊┋╎╏║╵╷╹╻╽╿▏▎▍▌▐▕"), "|")
    table |= dict(zip(map(ord, "▁·•…–—→←↑↓▸▼✓✔◆"), "_--~--><^v>vxx#", strict=True))
    return table | {ord(glyph): ASCII_GLYPHS[level] for level, glyph in GLYPHS.items() if ord(glyph) not in table}


_ASCII = _table()


def to_ascii(text: str) -> str:
    """`text`, as many cells wide, without drawing characters."""
    return text if text.isascii() else text.translate(_ASCII)


class AsciiOnly(LineFilter):
    """Textual's filter of lines that does this to all widgets."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment if segment.text.isascii() else Segment(to_ascii(segment.text), segment.style, segment.control)
            for segment in segments
        ]
