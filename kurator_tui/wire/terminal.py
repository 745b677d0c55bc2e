"""What the terminal surely can do, by the names it goes by. Unknown names can nothing special."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SCROLLS = re.compile(
    r"(xterm|tmux|screen|linux|vte|gnome|konsole|rxvt|kitty|alacritty|foot|wezterm|ghostty|contour|st|putty|mlterm)"
    r"([-.+].*)?"
)
"""Families with scroll regions and with insertion and deletion of lines inside them (VT102)."""


def has_scroll_regions(environ: Mapping[str, str]) -> bool:
    """Whether the terminal named by $TERM is known to scroll part of its screen."""
    return _SCROLLS.fullmatch(environ.get("TERM", "")) is not None
