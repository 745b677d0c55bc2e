"""Who wrote which field: `metadata.managedFields` read as paths. Pure.

FieldsV1 names a map's key `f:key`, an item of a list `k:{"name":"web"}`, a value of a set `v:"x"`, and a field
itself `.`. A manager owns a path when it names it, something above it as a whole, or something below it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from kurator_tui.actions.difference import Path
from kurator_tui.kinds.shapes import Object, mapping, mappings, meta, text


@dataclass(frozen=True, slots=True)
class Owner:
    """One entry. `operation` is Apply or Update; `time` RFC 3339."""

    manager: str
    operation: str
    subresource: str
    time: str


def owners(obj: Object, path: Path) -> list[Owner]:
    """Managers that own the field at `path`, or something in it, the last writer first."""
    found = [owner for owner, fields in _entries(obj) if _owns(fields, path)]
    return sorted(found, key=lambda owner: owner.time, reverse=True)


def last_time(obj: Object, manager: str) -> str:
    """When `manager` wrote anything last, "" when never."""
    return max((owner.time for owner, _fields in _entries(obj) if owner.manager == manager), default="")


def _entries(obj: Object) -> Iterator[tuple[Owner, Object]]:
    for entry in mappings(meta(obj).get("managedFields")):
        named = (text(entry.get(key)) for key in ("manager", "operation", "subresource", "time"))
        yield Owner(*named), mapping(entry.get("fieldsV1"))


def _owns(fields: Object, path: Path) -> bool:
    at: Object = fields
    for segment in path:
        found = _below(at, segment)
        if found is None:
            return False
        if not found:
            return True  # the field as a whole
        at = found
    return True


def _below(fields: Object, segment: str | tuple[str, str | int]) -> Object | None:
    if isinstance(segment, str):
        key = f"f:{segment}"
        return mapping(fields[key]) if key in fields else None
    name, value = segment
    for key, below in fields.items():
        if key.startswith("k:") and _keys(key).get(name) == value:
            return mapping(below)
    return None


def _keys(key: str) -> Mapping[str, Any]:
    try:
        return mapping(msgspec.json.decode(key[2:]))
    except msgspec.DecodeError:
        return {}
