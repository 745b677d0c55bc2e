"""Objects as byte templates with holes: made once from a dict, filled with one `%` an event.

A hole is the text `@{name}` anywhere in a string value, or `@{#name}` as a whole value for a bare number.
"""

import json
import re
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

Obj = dict[str, Any]
Pick = Callable[[tuple[Any, ...]], tuple[Any, ...]]

_HOLE = re.compile(r'"@\{#(\w+)\}"|@\{(\w+)\}')
_HEAD = 2
"""Leading keys (apiVersion and kind) that items of a list of built-in kinds do not carry."""


class Template:
    """One object's encoding. `fields` names the values of `body`, `item` and `line` in order.

    Values are bytes, already fit for the inside of a JSON string; those named in `numbers` are integers.
    `obj` must begin with kind and apiVersion. Raises ValueError for a hole that no field fills.
    """

    __slots__ = ("_body", "_body_holes", "_item", "_item_holes", "_line", "_line_holes")

    def __init__(self, obj: Obj, fields: Sequence[str], numbers: frozenset[str]) -> None:
        self._body, self._body_holes = _format(obj, fields, numbers)
        self._item, self._item_holes = _format(dict(list(obj.items())[_HEAD:]), fields, numbers)
        event, self._line_holes = _format({"type": "@{type}", "object": obj}, (*fields, "type"), numbers)
        self._line = event + b"\n"

    def line(self, values: tuple[Any, ...]) -> bytes:
        """The line of a watch event; `values` end with its type."""
        return self._line % self._line_holes(values)

    def body(self, values: tuple[Any, ...]) -> bytes:
        """The whole object, as a GET or a watch event carries it."""
        return self._body % self._body_holes(values)

    def item(self, values: tuple[Any, ...]) -> bytes:
        """The object without kind and apiVersion, as a list carries it."""
        return self._item % self._item_holes(values)


def _format(obj: Obj, fields: Sequence[str], numbers: frozenset[str]) -> tuple[bytes, Pick]:
    order: list[int] = []

    def hole(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        order.append(fields.index(name))
        return "%d" if name in numbers else "%b"

    text = json.dumps(obj, separators=(",", ":")).replace("%", "%%")
    made = _HOLE.sub(hole, text).encode()
    pick: Pick = itemgetter(*order)
    return made, pick


def managed_fields(manager: str, about: Obj, *, subresource: str = "") -> Obj:
    """One entry of `metadata.managedFields` that says `manager` owns the fields of `about`."""
    entry: Obj = {
        "manager": manager,
        "operation": "Update",
        "apiVersion": "v1",
        "time": "@{created}",
        "fieldsType": "FieldsV1",
        "fieldsV1": _owned(about),
    }
    return {**entry, "subresource": subresource} if subresource else entry


def _owned(value: Any) -> Obj:
    """`fieldsV1` of a value: `f:` for fields, `k:` for items of lists keyed by name or type, `.` for their own."""
    if isinstance(value, dict):
        return {f"f:{key}": _owned(inner) for key, inner in value.items()}
    if not isinstance(value, list):
        return {}
    owned: Obj = {".": {}}
    for item in value:
        key = next((key for key in ("name", "type", "uid", "ip") if isinstance(item, dict) and key in item), "")
        if key:
            owned[f'k:{{"{key}":"{item[key]}"}}'] = {".": {}, **_owned(item)}
    return owned
