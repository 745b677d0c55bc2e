"""Objects as `meta.k8s.io/v1` Table and PartialObjectMetadata.  Pure."""

import json
import re
from collections.abc import Sequence
from typing import Any

from kurator_tui.demo.apiserver.columns import EVENT_COLUMNS, GENERIC, PRINTERS, Cell, Obj, event_cells
from kurator_tui.demo.apiserver.columns_platform import PLATFORM_PRINTERS
from kurator_tui.demo.apiserver.durations import age
from kurator_tui.demo.apiserver.resources import Column, ResourceType

_META = "meta.k8s.io/v1"
_PRINTERS = {**PRINTERS, **PLATFORM_PRINTERS}
#: One step of a JSON path: a field, a quoted field, a filter, an index, everything.
_STEP = re.compile(
    r"\.?((?:\\.|[^.\[\]\\])+)|\['((?:\\.|[^'\\])+)'\]|\[\?\(@\.(\S+?)\s*==\s*[\"']([^\"']*)[\"']\)\]|\[(-?\d+)\]|(\[\*\])"
)


def partial(obj: Obj) -> Obj:
    """The object's metadata alone."""
    return {"kind": "PartialObjectMetadata", "apiVersion": _META, "metadata": obj.get("metadata") or {}}


def table(
    rt: ResourceType,
    objects: Sequence[Obj],
    metadata: Obj,
    now: float,
    *,
    include: str = "Metadata",
    with_columns: bool = True,
) -> Obj:
    """A Table of the objects.

    `include` is what a row carries: None, Metadata or Object.  `with_columns` is false for a watch's later
    events, which repeat no column definitions.
    """
    rows = [{"cells": cells(rt, obj, now), "object": _row_object(obj, include)} for obj in objects]
    columns = definitions(rt) if with_columns else None
    return {
        "kind": "Table",
        "apiVersion": _META,
        "metadata": metadata,
        "columnDefinitions": columns,
        "rows": rows,
    }


def _row_object(obj: Obj, include: str) -> Obj | None:
    if include == "None":
        return None
    return obj if include == "Object" else partial(obj)


def definitions(rt: ResourceType) -> list[Obj]:
    """The column definitions of a kind; wide columns have priority 1."""
    if rt.plural == "events" and not rt.custom:
        shown = [_column(name, priority=priority) for name, priority in EVENT_COLUMNS]
        return [*shown[:-1], {**shown[-1], "format": "name"}]
    name = {**_column("Name"), "format": "name"}
    if rt.printer_columns:
        return [name, *(_column(c.name, kind=c.type, priority=c.priority) for c in rt.printer_columns)]
    printer = _PRINTERS.get((rt.group, rt.plural), GENERIC)
    return [
        name,
        *(_column(title) for title in printer.columns),
        *(_column(title, priority=1) for title in printer.wide),
    ]


def _column(name: str, *, kind: str = "string", priority: int = 0) -> Obj:
    return {"name": name, "type": kind, "format": "", "description": name, "priority": priority}


def cells(rt: ResourceType, obj: Obj, now: float) -> list[Cell]:
    """The cells of one object, in the order of `definitions`."""
    name = str((obj.get("metadata") or {}).get("name") or "")
    if rt.plural == "events" and not rt.custom:
        return event_cells(obj, now)
    if rt.printer_columns:
        return [name, *(_custom_cell(obj, column, now) for column in rt.printer_columns)]
    return [name, *_PRINTERS.get((rt.group, rt.plural), GENERIC).cells(obj, now)]


def _custom_cell(obj: Obj, column: Column, now: float) -> Cell:
    """A CRD printer column as apiextensions writes it: None when absent or of another type, dates as ages."""
    value = _at(obj, column.path)
    if column.type == "date":
        return age(value, now)
    if value is None or isinstance(value, bool):
        return value if column.type == "boolean" or value is None else str(value).lower()
    if column.type == "string":
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, int | float) and column.type in ("integer", "number"):
        return int(value) if column.type == "integer" else str(value)
    return None


def _at(obj: Any, path: str) -> Any:
    """The first value at a JSON path: `.a.b`, `['a']`, `[0]`, `[*]`, `[?(@.type=="Ready")]`; None when absent."""
    value = obj
    for plain, quoted, key, wanted, index, every in _STEP.findall(path):
        name = (plain or quoted).replace("\\", "")
        items = value if isinstance(value, list) else []
        if name:
            value = value.get(name) if isinstance(value, dict) else None
        elif key:
            value = next((item for item in items if isinstance(item, dict) and item.get(key) == wanted), None)
        else:
            place = 0 if every else int(index)
            value = items[place] if -len(items) <= place < len(items) else None
    return value
