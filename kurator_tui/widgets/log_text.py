"""One log line as the lines of a screen: when, whose, what; wrapped or cut, JSON read or as it came. Pure.

The text is a container's own and passes `inert`. Colour sequences are left out (they are the program's idea of a
terminal, not ours); any other control character is shown, never sent.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.cells import inert, size
from kurator_tui.kinds.log_lines import LogLine, LogSource, Mark
from kurator_tui.widgets.layout import cells, truncate
from kurator_tui.widgets.palette import LEVEL_CLASSES, MUTED, PAINTS, PLAIN, Line, Paint, Piece

RAW, COMPACT, PRETTY = "raw", "one-line", "pretty"
JSON_FORMS = (RAW, COMPACT, PRETTY)
MOST_ROWS = 100
"""Lines of the screen one log line is folded into at most; the file of `save` and a copy have all of it."""
TAB = 4

MATCH = "log--match"
ORIGINS = tuple(f"log--origin-{number}" for number in range(4))
_ORIGIN_COLORS = ("text-primary", "text-secondary", "text-accent", "text-success")
LOG_PAINTS: Mapping[str, Paint] = {
    **PAINTS,
    MATCH: Paint("block-cursor-foreground", "block-cursor-background", bold=True),
    **{name: Paint(color) for name, color in zip(ORIGINS, _ORIGIN_COLORS, strict=True)},
}

_COLOURS = re.compile("\x1b\\[[0-9;:]*[mK]")
_LEVEL_KEYS = ("level", "severity", "lvl", "loglevel", "log.level", "levelname")
_MESSAGE_KEYS = ("msg", "message", "event")
_TIME_KEYS = ("ts", "time", "timestamp", "@timestamp")
_WORD = re.compile(
    r"\b(?:(?P<failed>error|err|fatal|panic|critical|crit|exception|severe|emerg|traceback)|(?P<degraded>warn|warning)"
    r"|(?P<healthy>info|notice)|(?P<unknown>debug|trace|verbose))\b|^(?P<klog>[EWIF])\d{4} ",
    re.IGNORECASE,
)
_SEARCHED = 160
"""Characters in which a line says its level."""
_KLOG = {"E": Level.FAILED, "F": Level.FAILED, "W": Level.DEGRADED, "I": Level.HEALTHY}
_NUMBERS = ((50, Level.FAILED), (40, Level.DEGRADED), (30, Level.HEALTHY), (0, Level.UNKNOWN))
"""Levels of loggers that count (pino, bunyan)."""
_STYLES = {
    Level.FAILED: LEVEL_CLASSES[Level.FAILED],
    Level.DEGRADED: LEVEL_CLASSES[Level.DEGRADED],
    Level.UNKNOWN: MUTED,
}
_MARKS: dict[str, str] = {
    Mark.WAITING: "waits to start",
    Mark.LOST: "the stream broke and is opened again",
    Mark.RESUMED: "it goes on, nothing is missing",
    Mark.STOPPED: "the container ended",
    Mark.RESTARTED: "the container runs again",
    Mark.ENDED: "the pod has finished",
    Mark.GONE: "it is not there (any more)",
    Mark.FORBIDDEN: "may not be read",
    Mark.REFUSED: "refused",
    Mark.FAILED: "given up",
    Mark.BEGINS: "nothing older exists",
    Mark.EMPTY: "no pod matches",
}
_BAD: frozenset[str] = frozenset({Mark.LOST, Mark.FORBIDDEN, Mark.REFUSED, Mark.FAILED, Mark.DROPPED})

Spans = Callable[[str], list[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class LogLook:
    """How lines are drawn."""

    timestamps: bool = False
    utc: bool = False
    names: bool = False
    wrap: bool = True
    form: str = RAW
    fields: tuple[str, ...] = ()
    """Of JSON lines, only these; others are shown as they are."""
    shift: int = 0
    """Characters to the left of what is seen, where lines are not wrapped."""
    highlight: Spans | None = None
    ascii_only: bool = False


def level_of(text: str, decoded: Mapping[str, Any] | None = None) -> Level | None:
    """The level a line says it has, by its field or by a word near its beginning; None when it says none."""
    if decoded is not None:
        said = next((decoded[key] for key in _LEVEL_KEYS if key in decoded), None)
        if isinstance(said, (int, float)) and not isinstance(said, bool):
            return next(level for least, level in _NUMBERS if said >= least or not least)
        text = said if isinstance(said, str) else text
    found = _WORD.search(text, 0, _SEARCHED)
    if found is None:
        return None
    if letter := found["klog"]:
        return _KLOG[letter.upper()]
    return Level(found.lastgroup or Level.HEALTHY)


def decode(text: str) -> dict[str, Any] | None:
    """A line that is one JSON object."""
    if not text.startswith("{"):
        return None
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return None
    return found if isinstance(found, dict) else None


def plain(text: str) -> str:
    """`text` as it may be drawn: on one line, colours left out, tabs as blanks."""
    if "\x1b" in text:
        text = _COLOURS.sub("", text)
    if "\t" in text:
        text = text.expandtabs(TAB)
    return inert(text)


def texts(text: str, look: LogLook) -> list[str]:
    """What is shown of a line's text: one line, or several where JSON is spread out."""
    decoded = decode(text) if look.form != RAW or look.fields else None
    if decoded is None:
        return [plain(text)]
    if look.fields:
        return [plain("  ".join(_field(decoded, path) for path in look.fields))]
    if look.form == COMPACT:
        return [plain(_compact(decoded))]
    return [plain(line) for line in json.dumps(decoded, indent=2, ensure_ascii=False).splitlines()]


def _field(decoded: Mapping[str, Any], path: str) -> str:
    found: Any = decoded
    for key in [path] if path in decoded else path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return "-" if found is None else _value(found)


def _value(found: Any) -> str:
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


def _compact(decoded: Mapping[str, Any]) -> str:
    """Level and message first, the rest as key=value; the time last, since lines have a stamp of their own."""
    first = [key for keys in (_LEVEL_KEYS, _MESSAGE_KEYS) if (key := next((k for k in keys if k in decoded), ""))]
    parts = [
        _value(decoded[key]).upper().ljust(5) if key in _LEVEL_KEYS else _value(decoded[key]) for key in first
    ]
    rest = sorted((key for key in decoded if key not in first), key=lambda key: key in _TIME_KEYS)
    for key in rest:
        value = decoded[key]
        quoted = not isinstance(value, str) or " " in value or not value
        parts.append(f"{key}={json.dumps(value, ensure_ascii=False) if quoted else value}")
    return " ".join(parts)


def stamp(time: int, look: LogLook) -> str:
    """A line's time, 19 cells; blank where none is known."""
    if not time:
        return " " * 19
    seconds, rest = divmod(time, 10**9)
    moment = datetime.fromtimestamp(seconds, UTC if look.utc else None)
    return f"{moment:%m-%d %H:%M:%S}.{rest // 10**6:03d} "


def origin_style(label: str) -> str:
    """The style of a name: the same in every session."""
    return ORIGINS[zlib.crc32(label.encode("utf-8", "replace")) % len(ORIGINS)]


def origin(source: LogSource, parts: tuple[bool, bool, bool, bool], room: int) -> str:
    """Whose a line is, of the parts (cluster, namespace, pod, container) that differ, in at most `room` cells."""
    names = (source.cluster, source.namespace, source.pod, source.container)
    shown = [inert(name) for name, wanted in zip(names, parts, strict=True) if wanted and name]
    label = "/".join(shown)
    if cells(label) <= room:
        return label
    head = f"{shown[0]}/" if parts[0] and len(shown) > 1 and cells(shown[0]) < room // 2 else ""
    tail = label[len(head) :]
    return truncate(f"{head}…{tail[len(tail) - max(1, room - cells(head) - 1) :]}", room)


def mark_text(line: LogLine, label: str) -> str:
    """What a mark says, in words."""
    if line.mark == Mark.DROPPED:
        return f"{line.lost:,} lines dropped here: they came faster than they were read"
    said = _MARKS.get(line.mark, line.mark)
    told = f"{said}: {line.text}" if line.text and line.text != said else said
    return f"{label}: {told}" if label else told


def compose(line: LogLine, label: str, look: LogLook, width: int, *, pad: int = 0) -> list[Line]:
    """`line` as lines of at most `width` cells. `label` says whose it is, in `pad` cells where names are shown."""
    before: list[Piece] = []
    if look.timestamps:
        before.append(Piece(stamp(line.time, look), MUTED))
    if line.mark:
        sign = ("!" if look.ascii_only else "▲") if line.mark in _BAD else "-" if look.ascii_only else "─"
        style = LEVEL_CLASSES[Level.DEGRADED] if line.mark in _BAD else MUTED
        return fold([*before, Piece(f"{sign} {plain(mark_text(line, label))}", style)], width, 2)
    if look.names and label:
        before += [Piece(label + " " * max(0, pad - cells(label)), origin_style(label)), Piece(" ")]
    indent = sum(cells(piece.text) for piece in before)
    indent = indent if indent <= width // 2 else 2
    style = _STYLES.get(level_of(line.text, decode(line.text)) or Level.HEALTHY, PLAIN)
    rows: list[Line] = []
    for text in texts(line.text, look):
        shown = text[: MOST_ROWS * width] if look.wrap else text[look.shift : look.shift + 2 * width]
        body = _highlighted(shown, style, look.highlight)
        if line.lost:
            body.append(Piece(f" … {size(line.lost)}B more were cut off", LEVEL_CLASSES[Level.DEGRADED]))
        head = before if not rows else [Piece(" " * indent)]
        rows += fold([*head, *body], width, indent) if look.wrap else [first_cells([*head, *body], width)]
        if len(rows) > MOST_ROWS:
            break
    if len(rows) > MOST_ROWS:
        rows[MOST_ROWS - 1 :] = [(Piece(" " * indent + "… and more; it can be saved or copied", MUTED),)]
    return rows


def _highlighted(text: str, style: str, spans: Spans | None) -> list[Piece]:
    pieces: list[Piece] = []
    at = 0
    for start, end in spans(text) if spans is not None else ():
        pieces += [Piece(text[at:start], style), Piece(text[start:end], MATCH)]
        at = end
    return [piece for piece in (*pieces, Piece(text[at:], style)) if piece.text]


def first_cells(pieces: list[Piece], width: int) -> Line:
    """As much of `pieces` as fits."""
    return fold(pieces, width, 0, most=1)[0]


def fold(pieces: list[Piece], width: int, indent: int, *, most: int = MOST_ROWS + 1) -> list[Line]:
    """`pieces` on lines of at most `width` cells, those after the first one indented; at most `most` lines."""
    width = max(width, indent + 2)
    rows: list[Line] = []
    row: list[Piece] = []
    room = width
    for piece in pieces:
        text = truncate(piece.text, 10**9)  # without characters whose width is disputed
        while text:
            taken, used = _fitting(text, room)
            if taken:
                row.append(Piece(text[:taken], piece.style))
                room -= used
                text = text[taken:]
            if text:
                rows.append(tuple(row))
                if len(rows) == most:
                    return rows
                row, room = ([Piece(" " * indent)] if indent else []), width - indent
    return [*rows, tuple(row)]


def _fitting(text: str, room: int) -> tuple[int, int]:
    """(characters of `text` that fit `room` cells, cells they take)."""
    if text.isascii():
        taken = min(len(text), room)
        return taken, taken
    used = 0
    for at, char in enumerate(text):
        wide = cells(char)
        if used + wide > room:
            return at, used
        used += wide
    return len(text), used
