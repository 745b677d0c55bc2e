"""One object as lines for `widgets.text_view`: described, as YAML, its events; and which lines changed. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from kurator_tui.describe.common import NO_EVENTS, event_cells, event_level, merged
from kurator_tui.describe.parts import Grid, Item, Part, grid
from kurator_tui.describe.yaml_lines import YamlLine, scalar, yaml_lines
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.cells import ASCII_GLYPHS, GLYPHS, inert, size
from kurator_tui.kinds.core import EventRow
from kurator_tui.kinds.masking import MASK
from kurator_tui.widgets.layout import cells, pad
from kurator_tui.widgets.palette import ACCENT, KEY, LEVEL_CLASSES, MUTED, PLAIN, Piece
from kurator_tui.widgets.text_view import TextLine

WIDEST_LABEL = 28
WIDEST_CELL = 44
"""Cells of a column that is not the last one; longer texts push the rest of their line to the right."""
MOST_COMPARED = 4_000_000
"""Lines of one text times lines of another that are compared one by one."""

Revealed = tuple[str, str] | None
"""(key, value) of a Secret that is shown."""


# -- described --------------------------------------------------------------------------------------------------


def described(
    parts: Iterable[Part], *, ascii_only: bool = False, secret: bool = False, revealed: Revealed = None
) -> list[TextLine]:
    """A description as lines. Of a `secret` the lines of its data know their key, and one may be `revealed`."""
    lines: list[TextLine] = []
    for part in parts:
        if lines:
            lines.append(TextLine(()))
        lines.append(TextLine((Piece(part.title, ACCENT),)))
        items = [one for one in part.items if isinstance(one, Item)]
        width = min(WIDEST_LABEL, max((cells(inert(one.label)) + 2 * one.depth for one in items), default=0))
        data = secret and part.title.startswith("Data")
        for one in part.items:
            if isinstance(one, Grid):
                lines += _grid(one, ascii_only)
            else:
                lines.append(_item(one, width, ascii_only, data, revealed))
    return lines


def _item(one: Item, width: int, ascii_only: bool, data: bool, revealed: Revealed) -> TextLine:
    text, style = one.text, PLAIN
    about = ("data", one.label) if data and one.label else None
    if data and text.startswith(MASK):
        style = MUTED
    if about is not None and revealed is not None and revealed[0] == one.label:
        text, style = scalar(revealed[1]), KEY
    if one.level is not None:
        text, style = f"{(ASCII_GLYPHS if ascii_only else GLYPHS)[one.level]} {text}", LEVEL_CLASSES[one.level]
    indent = "  " * (one.depth + 1)
    if not one.label and not width:
        return TextLine((Piece(indent), Piece(text, style)), len(indent), about)
    label = indent + pad(inert(one.label), max(width - 2 * one.depth, cells(inert(one.label)))) + "  "
    return TextLine((Piece(label, MUTED), Piece(text, style)), cells(label), about)


def _grid(table: Grid, ascii_only: bool) -> Iterator[TextLine]:
    levels = table.levels or (None,) * len(table.rows)
    return _table(table.titles, list(zip(table.rows, levels, strict=True)), ascii_only=ascii_only)


def _table(
    titles: Sequence[str], rows: Sequence[tuple[Sequence[str], Level | None]], *, ascii_only: bool
) -> Iterator[TextLine]:
    """A header and rows, columns in line; the glyph of a level stands before its row."""
    glyphs = ASCII_GLYPHS if ascii_only else GLYPHS
    shown = [[inert(cell) for cell in row] for row, _level in rows]
    widths = [
        min(WIDEST_CELL, max(cells(title), *(cells(row[at]) for row in shown))) for at, title in enumerate(titles)
    ]
    hang = 4 + sum(widths[:-1]) + 2 * (len(widths) - 1)
    yield TextLine((Piece("    " + _padded(titles, widths), MUTED),), hang)
    for row, (_texts, level) in zip(shown, rows, strict=True):
        style = PLAIN if level is None else LEVEL_CLASSES[level]
        sign = "    " if level is None else f"  {glyphs[level]} "
        yield TextLine((Piece(sign + _padded(row, widths), style),), hang)


def _padded(texts: Sequence[str], widths: Sequence[int]) -> str:
    last = len(texts) - 1
    return "  ".join(
        text if at == last else text + " " * max(0, widths[at] - cells(text)) for at, text in enumerate(texts)
    )


# -- events -----------------------------------------------------------------------------------------------------


def happened(
    rows: Iterable[EventRow], now: float, own: tuple[str, str], *, oldest: bool = False, ascii_only: bool = False
) -> list[TextLine]:
    """Events as a table, merged; `own` is the object's (kind, name), which needs no naming."""
    told = merged(rows)
    if not told:
        return [TextLine((Piece(f"  {NO_EVENTS}", MUTED),))]
    if oldest:
        told.reverse()
    others = any((row.object_kind, row.object_name) != own for row in told)
    titles = ("SEEN", "COUNT", "TYPE", "REASON", "OBJECT", "MESSAGE")
    table = grid(titles, [event_cells(row, now, others=others) for row in told], map(event_level, told))
    return list(_grid(table, ascii_only)) if table is not None else []


# -- YAML -------------------------------------------------------------------------------------------------------


def as_yaml(
    obj: dict[str, Any], *, managers: int = 0, managed_size: int = 0, revealed: Revealed = None
) -> list[TextLine]:
    """The object as YAML; `managers` and `managed_size` are of managedFields that were left out."""
    lines: list[TextLine] = []
    secret = obj.get("kind") == "Secret"
    folded = managers > 0 and "managedFields" not in (obj.get("metadata") or {})
    inside = False
    for line in yaml_lines(obj):
        if folded and inside and len(line.path) == 1:
            lines.append(_folded(managers, managed_size))
            folded = False
        inside = inside or line.path[:1] == ("metadata",)
        lines.append(_yaml(line, secret, revealed))
    if folded and inside:
        lines.append(_folded(managers, managed_size))
    return lines


def _folded(managers: int, amount: int) -> TextLine:
    each = "manager" if managers == 1 else "managers"
    return TextLine((Piece(f"  # managedFields: {managers} {each}, {size(amount)}, folded", MUTED),), 4)


def _yaml(line: YamlLine, secret: bool, revealed: Revealed) -> TextLine:
    value, style = line.value, PLAIN
    data = secret and len(line.path) == 2 and line.path[0] in ("data", "stringData")
    if data:
        style = MUTED
        if revealed is not None and revealed[0] == line.path[1]:
            value, style = scalar(revealed[1]), KEY
    elif line.value in ("|", "|-", "|+", "null", "{}", "[]"):
        style = MUTED
    pieces = [Piece(" " * line.indent), Piece(line.dash, MUTED), Piece(line.key, KEY)]
    gap = " " if line.key and value else ""
    pieces.append(Piece(gap + value, style))
    hang = line.indent + len(line.dash) + 2
    return TextLine(tuple(piece for piece in pieces if piece.text), hang, line.path)


def key_under(about: object) -> str:
    """The key of a Secret that a line is about, or ""."""
    if isinstance(about, tuple) and len(about) == 2 and about[0] == "data":
        return str(about[1])
    return ""


def decoded(value: str) -> str:
    """A Secret's value as text; what is none is told in hex."""
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return value
    try:
        return data.decode()
    except UnicodeDecodeError:
        shown = data[:32].hex(" ")
        return f"{len(data)} bytes, no text: {shown}{' …' if len(data) > 32 else ''}"


# -- changes ----------------------------------------------------------------------------------------------------


def changes(old: Sequence[TextLine], new: Sequence[TextLine], cursor: int) -> tuple[frozenset[int], int]:
    """Which of the `new` lines are not among the `old` ones, and where the line `cursor` is now."""
    before, after = [line.text for line in old], [line.text for line in new]
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    tail = 0
    while tail < min(len(before), len(after)) - start and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    moved = len(after) - len(before)
    if cursor < start:
        place = cursor
    elif cursor >= len(before) - tail:
        place = cursor + moved
    else:
        place = min(cursor, max(start, len(after) - tail - 1))
    middle, other = before[start : len(before) - tail], after[start : len(after) - tail]
    if len(middle) * len(other) > MOST_COMPARED:
        return frozenset(range(start, len(after) - tail)), place
    marked: set[int] = set()
    for word, first, _last, begin, end in SequenceMatcher(None, middle, other, autojunk=False).get_opcodes():
        if word in ("replace", "insert"):
            marked.update(range(start + begin, start + end))
        elif word == "equal" and start + first <= cursor < start + _last:
            place = cursor - first + begin
    return frozenset(marked), place
