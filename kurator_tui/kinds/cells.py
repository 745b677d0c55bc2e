"""Typed values into cell text, and hostile text made inert.

Cluster data is never trusted: a name or message may hold ANSI sequences, control characters, bidirectional
overrides or markup. `inert` is the one gate; every text that reaches a terminal passes it.
"""

from __future__ import annotations

import re

from kurator_tui.kinds.base import Format, Level, Value

GLYPHS: dict[Level, str] = {
    Level.HEALTHY: "●",
    Level.PROGRESSING: "◐",
    Level.DEGRADED: "▲",
    Level.FAILED: "✖",
    Level.UNKNOWN: "○",
    Level.STALE: "…",
}
ASCII_GLYPHS: dict[Level, str] = {
    Level.HEALTHY: "*",
    Level.PROGRESSING: "~",
    Level.DEGRADED: "!",
    Level.FAILED: "x",
    Level.UNKNOWN: "?",
    Level.STALE: ".",
}

UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, DEL, C1: ANSI sequences start here
    "\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"  # bidi, zero width
    "\u2028\u2029\ud800-\udfff]"  # line separators, lone surrogates
)
"""Characters that act on a terminal, or hide."""


def _visible(match: re.Match[str]) -> str:
    char = match.group()
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)  # control pictures: ESC becomes ␛
    return "␡" if code == 0x7F else "\ufffd"


def inert(text: str) -> str:
    """`text` on one line, with every character that could act on a terminal replaced by a visible one."""
    return UNSAFE.sub(_visible, text) if UNSAFE.search(text) else text


def duration(seconds: float) -> str:
    """A span as kubectl prints ages: 90s, 5m30s, 47h, 3d4h, 120d, 2y1d."""
    s = int(seconds)
    if s < 0:
        return "0s"
    if s < 120:
        return f"{s}s"
    minutes, hours, days = s // 60, s // 3600, s // 86400
    if minutes < 10:
        return f"{minutes}m{s % 60}s" if s % 60 else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return f"{hours}h{minutes % 60}m" if minutes % 60 else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        return f"{days}d{hours % 24}h" if hours % 24 else f"{days}d"
    if days < 730:
        return f"{days}d"
    years = days // 365
    if years < 8:
        return f"{years}y{days % 365}d" if days % 365 else f"{years}y"
    return f"{years}y"


def size(number: float) -> str:
    """Bytes with a binary unit and at most three digits: 512B, 1.5Gi, 96Gi."""
    value, units = float(number), ["B", "Ki", "Mi", "Gi", "Ti", "Pi"]
    while value >= 1000 and len(units) > 1:
        value /= 1024
        units.pop(0)
    return f"{value:.1f}{units[0]}" if 0 < value < 10 and units[0] != "B" else f"{value:.0f}{units[0]}"


class AtLeast(float):
    """A Unix second of which only this is known: it was so by then. Its age is drawn as `>3m`."""


def cell_text(value: Value, format: Format = Format.TEXT, now: float = 0.0, *, ascii_only: bool = False) -> str:
    """The text of one cell, always inert. `now` is Unix seconds (for ages); None is an empty cell."""
    if value is None or value == "":
        return ""
    if format is Format.TEXT or isinstance(value, (str, bool)):
        return _text(value, format, ascii_only)
    if format is Format.AGE:
        return (">" if isinstance(value, AtLeast) else "") + duration(now - value) if value else ""
    if format is Format.UNTIL:
        return "" if not value else "expired" if value <= now else duration(value - now)
    if format is Format.BYTES:
        return size(value)
    if format is Format.MILLICORES:
        return f"{value:.0f}m" if value < 1000 else f"{value / 1000:.4g}"
    if format is Format.MILLISECONDS:
        return _span(value)
    if format is Format.RATIO:
        return f"{value * 100:.0f}%"
    return f"{value:,}" if isinstance(value, int) and value >= 100_000 else str(value)


def _span(milliseconds: float) -> str:
    """A latency as 0.4ms or 812ms, what took ten seconds or more as 42s or 3m10s."""
    if milliseconds >= 10_000:
        return duration(milliseconds / 1000)
    return f"{milliseconds:.0f}ms" if milliseconds >= 1 else f"{milliseconds:.1f}ms"


def _text(value: str | int | float | bool, format: Format, ascii_only: bool) -> str:
    if format is Format.HEALTH and isinstance(value, str):
        level = Level(value)
        return f"{(ASCII_GLYPHS if ascii_only else GLYPHS)[level]} {level}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return inert(str(value))
