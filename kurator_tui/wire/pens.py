"""How a cell is painted, as the terminal's own codes: styles become pens, a change of pen its shortest sequence.

A pen holds only what the colour depth in use can show, so two styles that look the same there are the same pen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rich.color import Color, ColorSystem
from rich.style import Style

DEPTHS: Mapping[str, ColorSystem | None] = {
    "truecolor": ColorSystem.TRUECOLOR,
    "256": ColorSystem.EIGHT_BIT,
    "16": ColorSystem.STANDARD,
    "mono": None,
}
"""Colour depths by name; None writes no colour at all."""
CONTRAST = 0.12
"""In mono: a background this much lighter or darker than the screen's is shown reversed."""

STYLES = 8192
"""Styles whose pens are kept: some differ by what they mean only, and there is no end of those."""

_ATTRIBUTES = (
    ("bold", 1, 22),
    ("dim", 2, 22),
    ("italic", 3, 23),
    ("underline", 4, 24),
    ("blink", 5, 25),
    ("blink2", 6, 25),
    ("reverse", 7, 27),
    ("conceal", 8, 28),
    ("strike", 9, 29),
    ("underline2", 21, 24),
    ("overline", 53, 55),
)
"""Name in Rich, code that switches on, code that switches off (ECMA-48)."""
_UNSEEN = frozenset((1, 2, 3))
"""Attributes that a blank does not show."""
_OFF = {on: off for _, on, off in _ATTRIBUTES}


class Pen(NamedTuple):
    """SGR parameters of one look: codes of attributes, of the foreground, of the background; and a link."""

    attributes: tuple[int, ...] = ()
    fg: str = ""
    bg: str = ""
    link: str = ""

    @property
    def erases(self) -> bool:
        """Whether a blank looks like an erased cell: nothing but the background can be seen of it."""
        return not self.link and _UNSEEN.issuperset(self.attributes)

    @property
    def codes(self) -> str:
        """All parameters, as they follow a reset."""
        return ";".join([*map(str, self.attributes), *filter(None, (self.fg, self.bg))])


PLAIN = Pen()
"""What a reset leaves."""
RESET = "\x1b[m"


class Pens:
    """Pens of styles at one colour depth, and the sequences from one to another."""

    def __init__(self, depth: ColorSystem | None, ground: Color | None = None) -> None:
        """`ground` is the background of the screen; only mono asks what stands out from it."""
        self.depth = depth
        self._ground = None if ground is None else _lightness(ground)
        self._of: dict[Style, Pen] = {}
        self._pens: dict[Pen, Pen] = {PLAIN: PLAIN}
        self._changes: dict[tuple[Pen, Pen], str] = {}

    def of(self, style: Style | None) -> Pen:
        """The pen that paints `style`: the same object for all that look the same."""
        if style is None:
            return PLAIN
        pen = self._of.get(style)
        if pen is None:
            if len(self._of) >= STYLES:
                self._of.clear()
            made = self._make(style)
            pen = self._of[style] = self._pens.setdefault(made, made)
        return pen

    def change(self, old: Pen, new: Pen) -> str:
        """The shortest sequence after which `new` paints where `old` did; empty when nothing changes."""
        found = self._changes.get((old, new))
        if found is None:
            found = self._changes[old, new] = _change(old, new)
        return found

    def _make(self, style: Style) -> Pen:
        attributes = tuple(code for name, code, _ in _ATTRIBUTES if getattr(style, name))
        link = ""
        if style.link and style.link.isprintable():
            link = f"id={style.link_id};{style.link}"
        if self.depth is None:
            if self._stands_out(style) and 7 not in attributes:
                attributes = (*attributes, 7)
            return Pen(attributes, link=link)
        return Pen(attributes, self._colour(style.color, True), self._colour(style.bgcolor, False), link)

    def _colour(self, colour: Color | None, foreground: bool) -> str:
        if colour is None or self.depth is None or colour.is_default:
            return ""
        return ";".join(colour.downgrade(self.depth).get_ansi_codes(foreground))

    def _stands_out(self, style: Style) -> bool:
        if style.bgcolor is None or style.bgcolor.is_default or self._ground is None:
            return False
        return abs(_lightness(style.bgcolor) - self._ground) > CONTRAST


def _lightness(colour: Color) -> float:
    """Perceived lightness, 0 to 1 (ITU-R BT.601)."""
    red, green, blue = colour.get_truecolor()
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def _change(old: Pen, new: Pen) -> str:
    link = "" if old.link == new.link else f"\x1b]8;{new.link or ';'}\x1b\\"
    if old[:3] == new[:3]:
        return link
    codes = new.codes
    if not codes:
        return RESET + link
    afresh = f"\x1b[0;{codes}m"
    gone = {_OFF[code] for code in old.attributes if code not in new.attributes}
    parts = [str(off) for off in sorted(gone)]
    parts += [str(on) for on in new.attributes if on not in old.attributes or _OFF[on] in gone]
    if old.fg != new.fg:
        parts.append(new.fg or "39")
    if old.bg != new.bg:
        parts.append(new.bg or "49")
    onward = f"\x1b[{';'.join(parts)}m"
    return min(onward, afresh, key=len) + link
