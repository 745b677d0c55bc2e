"""What every object has: who it is, health, conditions, owners, events; and a tree of fields for the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from kurator_tui.describe.parts import (
    Grid,
    Item,
    Part,
    ago,
    each,
    grid,
    item,
    joined,
    moment,
    part,
    reference,
    said_of,
)
from kurator_tui.kinds.base import AnyKind, Format, Health, Level, Row
from kurator_tui.kinds.cells import cell_text, duration
from kurator_tui.kinds.core import EventRow
from kurator_tui.kinds.decode import fit
from kurator_tui.kinds.masking import LAST_APPLIED
from kurator_tui.kinds.shapes import Object, mapping, mappings, meta, text

LONG = 300
"""Characters of an annotation that a description shows."""
DEEPEST = 8
LARGEST = 400
"""Depth and lines of a tree of fields; YAML has the rest."""

_TOLD = frozenset({"name", "namespace", "cluster", "age", "health", "owner", "reason"})
"""Columns that are told elsewhere."""
_BAD = ("Failed", "Failure", "Pressure", "Degraded", "Stalled", "Error", "Unavailable", "DisruptionTarget")
_NEUTRAL = ("Paused", "Suspended", "Progressing", "Reconciling", "Issuing")


def head(kind: AnyKind, found: Object, cluster: str, now: float) -> Part:
    """Who it is, and since when."""
    about = meta(found)
    annotations = {
        key: _short(said_of(value))
        for key, value in mapping(about.get("annotations")).items()
        if key != LAST_APPLIED
    }
    lines: list[Item | Grid | None] = [
        item("Name", about.get("name")),
        item("Namespace", about.get("namespace")),
        item("Cluster", cluster),
        item("Kind", " ".join(filter(None, (kind.name, _version(found))))),
        item("Created", moment(about.get("creationTimestamp"), now)),
        item("Deleting since", moment(about.get("deletionTimestamp"), now), Level.PROGRESSING),
        item("Finalizers", joined(about.get("finalizers"))),
        *each("Labels", about.get("labels")),
        *each("Annotations", annotations),
        item("Generation", _generation(found)),
        item("UID", about.get("uid")),
    ]
    return Part("Object", tuple(line for line in lines if line is not None))


def _version(found: Object) -> str:
    version = text(found.get("apiVersion"))
    return f"({version})" if version else ""


def _short(value: str) -> str:
    one = " ".join(value.split())
    return one if len(one) <= LONG else f"{one[:LONG]}… ({len(value)} characters)"


def _generation(found: Object) -> str:
    generation = said_of(meta(found).get("generation"))
    observed = said_of(mapping(found.get("status")).get("observedGeneration"))
    late = f", of which {observed} is observed" if observed and observed != generation else ""
    return generation + late if generation else ""


def row_of(kind: AnyKind, found: Object, cluster: str) -> Row | None:
    """The table's row of the object; None where it cannot be made."""
    if kind.projection is None or kind.project is None:
        return None
    try:
        row: Row = kind.project(cluster, fit(found, kind.projection))
        if kind.also is not None:
            row = kind.also.extend(row, found)
    except (msgspec.ValidationError, TypeError, ValueError):
        return None
    return row


def verdict(kind: AnyKind, row: Row | None) -> Part | None:
    """The health that the table shows, with its reason."""
    if row is None:
        return None
    health: Health = kind.health(row)
    said = str(health.level) + (f": {health.reason}" if health.reason else "")
    return Part("Health", (Item("", said, health.level),))


def summary(kind: AnyKind, row: Row | None, now: float) -> Part | None:
    """The table's columns: what an expert looks at first."""
    if row is None:
        return None
    lines: list[Item | None] = []
    for column in kind.columns:
        value = column.value(row)
        shown = cell_text(value, column.format, now)
        if column.format is Format.HEALTH or column.key in _TOLD or not shown:
            continue
        level = column.level(row) if column.level is not None else None
        label = column.title.replace("_", " ").capitalize()
        lines.append(Item(label, shown, None if level is Level.HEALTHY else level))
    return part("Summary", *lines)


def conditions(found: Object, now: float) -> Part | None:
    """The status conditions as a table, what is wrong coloured."""
    listed = list(mappings(mapping(found.get("status")).get("conditions")))
    rows = [
        (
            said_of(each.get("type")),
            said_of(each.get("status")),
            ago(each.get("lastTransitionTime") or each.get("lastUpdateTime"), now),
            said_of(each.get("reason")),
            " ".join(said_of(each.get("message")).split()),
        )
        for each in listed
    ]
    table = grid(("TYPE", "STATUS", "SINCE", "REASON", "MESSAGE"), rows, [_level(each) for each in listed])
    return part("Conditions", table)


def _level(condition: Object) -> Level | None:
    kind, status = text(condition.get("type")), text(condition.get("status"))
    if status == "Unknown":
        return Level.UNKNOWN
    if kind in _NEUTRAL:
        return Level.PROGRESSING if status == "True" and kind != "Progressing" else None
    bad = any(word in kind for word in _BAD)
    return None if (status == "True") != bad else Level.DEGRADED


def owners(found: Object, chain: Sequence[tuple[str, str]]) -> Part | None:
    """Whom it belongs to, and whom those belong to."""
    listed = list(mappings(meta(found).get("ownerReferences")))
    lines: list[Item | None] = []
    if chain:
        lines.append(Item("Controlled by", " ← ".join(f"{kind}/{name}" for kind, name in chain)))
    else:
        lines += [item("Controlled by", _owner(each)) for each in listed if each.get("controller") is True]
    lines += [item("Owned by", _owner(each)) for each in listed if each.get("controller") is not True]
    return part("Owners", *lines)


def _owner(each: Object) -> str:
    return "/".join(filter(None, (said_of(each.get("kind")), said_of(each.get("name")))))


def merged(events: Iterable[EventRow]) -> list[EventRow]:
    """Events that say the same of the same object as one, the latest first: counts add up."""
    found: dict[tuple[str, ...], EventRow] = {}
    for row in events:
        key = (row.object_kind, row.object_name, row.type, row.reason, row.message, row.source)
        other = found.get(key)
        if other is not None:
            row = msgspec.structs.replace(
                row,
                count=row.count + other.count,
                last_seen=max(row.last_seen, other.last_seen),
                created=min(row.created, other.created),
            )
        found[key] = row
    return sorted(found.values(), key=lambda row: (-row.last_seen, row.object_name, row.reason, row.uid))


def events(rows: Iterable[EventRow], now: float, own: tuple[str, str], most: int = 12) -> Part:
    """The latest events; `own` is the object's (kind, name), which needs no naming."""
    told = merged(rows)
    if not told:
        return Part("Events", (Item("", NO_EVENTS),))
    others = any((row.object_kind, row.object_name) != own for row in told)
    titles = ("SEEN", "COUNT", "TYPE", "REASON", "OBJECT" if others else "", "MESSAGE")
    shown = [event_cells(row, now, others=others) for row in told[:most]]
    table = grid(titles, shown, [event_level(row) for row in told[:most]])
    more = Item("", f"… and {len(told) - most} more: the events tab has them") if len(told) > most else None
    return Part("Events", tuple(line for line in (table, more) if line is not None))


NO_EVENTS = "no events: servers keep them for an hour"


def event_cells(row: EventRow, now: float, *, others: bool = True) -> tuple[str, ...]:
    """One event as the cells of a table."""
    whose = f"{row.object_kind.casefold()}/{row.object_name}" if others else ""
    count = str(row.count) if row.count > 1 else ""
    return (duration(now - row.last_seen), count, row.type, row.reason, whose, " ".join(row.message.split()))


def event_level(row: EventRow) -> Level | None:
    """A Warning stands out."""
    return Level.DEGRADED if row.type == "Warning" else None


def tree(title: str, value: object, *, without: Iterable[str] = ()) -> Part | None:
    """Fields of any object, folded into as few lines as can be read."""
    left = {key: found for key, found in mapping(value).items() if key not in without}
    lines: list[Item] = []
    for line in _fields(left, 0):
        if len(lines) >= LARGEST:
            lines.append(Item("", "… the YAML tab has the rest"))
            break
        lines.append(line)
    return part(title, *lines)


def _fields(value: Object, depth: int) -> Iterator[Item]:
    for key, found in value.items():
        if found in (None, "", [], {}):
            continue
        if isinstance(found, list):
            yield from _listed(str(key), found, depth)
        elif isinstance(found, dict):
            flat = _flat(found)
            if flat is not None:
                yield Item(str(key), flat, None, depth)
            elif depth < DEEPEST:
                yield Item(str(key), "", None, depth)
                yield from _fields(found, depth + 1)
            else:
                yield Item(str(key), "…", None, depth)
        else:
            yield Item(str(key), said_of(found), None, depth)


def _listed(key: str, found: list[Any], depth: int) -> Iterator[Item]:
    if not any(isinstance(one, (dict, list)) for one in found):
        yield Item(key, joined(found), None, depth)
        return
    if depth >= DEEPEST:
        yield Item(key, f"{len(found)} items", None, depth)
        return
    yield Item(key, "", None, depth)
    for at, one in enumerate(found):
        flat = _flat(one) if isinstance(one, dict) else None
        if flat is not None or not isinstance(one, dict):
            yield Item(f"{at + 1}", flat or joined(one) or said_of(one), None, depth + 1)
            continue
        name = said_of(one.get("name"))
        yield Item(f"{at + 1}", name, None, depth + 1)
        yield from _fields({key: value for key, value in one.items() if not (name and key == "name")}, depth + 2)


_FLAT = 4
"""Fields of an object that is written on one line."""


def _flat(value: dict[str, Any]) -> str | None:
    """A small object of scalars on one line, or None."""
    if len(value) > _FLAT or any(isinstance(found, (dict, list)) for found in value.values()):
        return None
    if value.keys() <= {"kind", "name", "namespace", "apiVersion"} and value.get("name"):
        return reference(value)
    shown = ", ".join(f"{key}={said_of(found)}" for key, found in value.items())
    return shown if len(shown) <= 100 else None
