"""What the terminal surely can do, by the names it goes by. Unknown names can nothing special."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple, Self

_SCROLLS = re.compile(
    r"(xterm|tmux|screen|linux|vte|gnome|konsole|rxvt|kitty|alacritty|foot|wezterm|ghostty|contour|st|putty|mlterm)"
    r"([-.+].*)?"
)
"""Families with scroll regions and with insertion and deletion of lines inside them (VT102)."""
_ERASES = re.compile(r"(xterm|vte|gnome|konsole|kitty|alacritty|foot|wezterm|ghostty|contour)([-.+].*)?")
"""Families that erase in the colour of the pen (terminfo `bce` and `ech`); `screen` and its heirs need not."""


class Skills(NamedTuple):
    """What frames may make use of."""

    scrolls: bool = False
    """Part of the screen can be scrolled."""
    erases: bool = False
    """Characters can be erased to blanks in the background of the pen."""

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self:
        """Skills of the terminal named by $TERM."""
        name = environ.get("TERM", "")
        return cls(_SCROLLS.fullmatch(name) is not None, _ERASES.fullmatch(name) is not None)
