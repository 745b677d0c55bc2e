"""Who changed an object, and when: `metadata.managedFields` as a person reads it. Pure.

An entry is the last write of one manager to one subresource; fields are named as paths.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from kurator_tui.kinds.meta import unix
from kurator_tui.kinds.shapes import Object, mapping, mappings, meta, text

SHOWN = 3
"""Fields that are named; the others are counted."""
_DULL = ("metadata.managedFields", "metadata.resourceVersion")


class Written(NamedTuple):
    """One manager's last write; `at` in Unix seconds, 0.0 where it is not told."""

    at: float
    manager: str
    how: str
    """`Apply` or `Update`."""
    part: str
    """The subresource, "" for the object itself."""
    fields: tuple[str, ...]

    @property
    def words(self) -> str:
        """What was written: some of the fields, and how many more."""
        more = len(self.fields) - SHOWN
        named = ", ".join(self.fields[:SHOWN]) or "nothing that is told"
        return named + (f" and {more} more" if more > 0 else "")


def written(obj: Object) -> list[Written]:
    """The writes that are known of, the latest first."""
    found = []
    for entry in mappings(meta(obj).get("managedFields")):
        fields = tuple(path for path in _paths(mapping(entry.get("fieldsV1")), "") if path not in _DULL)
        manager, how, part = (text(entry.get(key)) for key in ("manager", "operation", "subresource"))
        found.append(Written(unix(text(entry.get("time"))), manager or "somebody", how, part, fields))
    return sorted(found, key=lambda each: -each.at)


def _paths(fields: Object, above: str) -> Iterator[str]:
    """Leaves of FieldsV1: `f:key` is a field, `k:{"name":"web"}` an item of a list, `.` the thing itself."""
    below = [(key, each) for key, each in fields.items() if key != "." and isinstance(key, str)]
    if not below and above:
        yield above
    for key, each in below:
        kind, _, rest = key.partition(":")
        name = f".{rest}" if kind == "f" else f"[{_item(rest)}]"
        yield from _paths(mapping(each), f"{above}{name}".removeprefix("."))


def _item(word: str) -> str:
    try:
        found = json.loads(word)
    except ValueError:
        return word
    return ",".join(str(value) for value in found.values()) if isinstance(found, dict) else str(found)
