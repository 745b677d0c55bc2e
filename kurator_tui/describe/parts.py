"""What a description is made of: parts with a title, labelled lines, small tables. Texts are data, not markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.cells import duration
from kurator_tui.kinds.meta import unix
from kurator_tui.kinds.shapes import Object, mapping, mappings, text

NONE = "none"


@dataclass(frozen=True, slots=True)
class Item:
    """`label` and `text`, `depth` steps to the right; a level adds its glyph and colour."""

    label: str
    text: str = ""
    level: Level | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """A small table: titles, rows of texts, and a level for each row (or none at all)."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    levels: tuple[Level | None, ...] = ()
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A title with what belongs to it."""

    title: str
    items: tuple[Item | Grid, ...] = ()


def part(title: str, *items: Item | Grid | None) -> Part | None:
    """A part of what there is of `items`; None of nothing."""
    kept = tuple(item for item in items if item is not None)
    return Part(title, kept) if kept else None


def item(label: str, value: object, level: Level | None = None, depth: int = 0) -> Item | None:
    """A line, or None where there is nothing to say."""
    said = said_of(value)
    return Item(label, said, level, depth) if said else None


def said_of(value: object) -> str:
    """A scalar as a person writes it; "" for nothing."""
    if value is None or value == "" or isinstance(value, (dict, list)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def grid(titles: Sequence[str], rows: Iterable[Sequence[str]], levels: Iterable[Level | None] = ()) -> Grid | None:
    """A table without the columns that are empty in every row; None without rows."""
    found = [tuple(row) for row in rows]
    kept = [at for at in range(len(titles)) if any(row[at] for row in found)]
    if not found or not kept:
        return None
    return Grid(
        tuple(titles[at] for at in kept), tuple(tuple(row[at] for at in kept) for row in found), tuple(levels)
    )


def moment(stamp: object, now: float) -> str:
    """`2025-11-21 04:40:00 UTC (3h ago)`; "" for nothing, the text itself where it is no time."""
    seconds = unix(text(stamp))
    if not seconds:
        return text(stamp)
    shown = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return (
        f"{shown} ({'in ' + duration(seconds - now) if seconds > now + 1 else duration(now - seconds) + ' ago'})"
    )


def ago(stamp: object, now: float) -> str:
    """`3h`; "" for nothing."""
    seconds = unix(text(stamp))
    return duration(now - seconds) if seconds else ""


def joined(values: object, separator: str = ", ") -> str:
    """A list of scalars as one text; a scalar as itself."""
    if isinstance(values, list):
        return separator.join(filter(None, map(said_of, values)))
    return said_of(values)


def pairs(values: object, separator: str = ", ") -> str:
    """An object of scalars as `a=b, c=d`."""
    return separator.join(f"{key}={said_of(value)}" for key, value in mapping(values).items())


def selector_text(selector: object) -> str:
    """A LabelSelector as kubectl writes it."""
    found = mapping(selector)
    terms = [f"{key}={said_of(value)}" for key, value in mapping(found.get("matchLabels")).items()]
    for each in mappings(found.get("matchExpressions")):
        key, values = said_of(each.get("key")), joined(each.get("values"), ",")
        operator = text(each.get("operator"))
        forms = {"Exists": key, "DoesNotExist": f"!{key}"}
        terms.append(forms.get(operator, f"{key} {operator.casefold()} ({values})"))
    return ",".join(terms)


def each(title: str, values: object, *, most: int = 0) -> list[Item]:
    """An object of scalars, a line each; the first one has `title`."""
    found = list(mapping(values).items())
    lines = [Item(title if at == 0 else "", f"{key}={said_of(value)}") for at, (key, value) in enumerate(found)]
    if most and len(lines) > most:
        return [*lines[:most], Item("", f"… and {len(lines) - most} more")]
    return lines


def reference(value: object) -> str:
    """What a reference names: `Kind namespace/name`."""
    found = mapping(value)
    where = "/".join(filter(None, (said_of(found.get("namespace")), said_of(found.get("name")))))
    return " ".join(filter(None, (said_of(found.get("kind")), where)))


def first(*values: Any) -> Any:
    """The first of `values` that is something."""
    return next((value for value in values if value not in (None, "", [], {})), None)


def present(parts: Iterable[Part | None]) -> list[Part]:
    """Those that are."""
    return [found for found in parts if found is not None]


def obj(value: object) -> Object:
    """`value` if it is an object, else an empty one."""
    return mapping(value)
