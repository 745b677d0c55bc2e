"""What a server-side apply must say: fields of an object picked out by sets of fields (FieldsV1). Pure.

An apply that leaves out what its manager applied before would remove it. So the body of an apply is what we
applied before, with its present values, and what is changed now.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from kurator_tui.actions.difference import Path
from kurator_tui.api.writing import MANAGER
from kurator_tui.kinds.shapes import Object, mapping, mappings, meta

Fields = dict[str, Any]
"""FieldsV1: `f:key`, `k:{…}`, `v:…`, `.`."""


def applied(obj: Object, manager: str = MANAGER) -> Fields:
    """What `manager` applied to `obj` itself, not to a subresource."""
    found: Fields = {}
    for entry in mappings(meta(obj).get("managedFields")):
        if entry.get("manager") == manager and entry.get("operation") == "Apply" and not entry.get("subresource"):
            _join(found, mapping(entry.get("fieldsV1")))
    return found


def _join(found: Fields, more: Mapping[str, Any]) -> None:
    for key, below in more.items():
        _join(found.setdefault(key, {}), mapping(below))


def with_paths(fields: Fields, paths: Iterable[Path], obj: Object) -> Fields:
    """`fields` and the fields at `paths`. Items of a list are named as `obj.metadata.managedFields` names them; a
    list that nobody names items of is one field.
    """
    found = copy.deepcopy(fields)
    known = [mapping(entry.get("fieldsV1")) for entry in mappings(meta(obj).get("managedFields"))]
    for path in paths:
        at, there, value = found, known, obj
        for segment in path:
            key = f"f:{segment}" if isinstance(segment, str) else _item(segment, there, value)
            if key is None:
                at.clear()  # the list as a whole
                break
            at = at.setdefault(key, {})
            there = [mapping(each.get(key)) for each in there]
            value = _at(value, segment)
        else:
            at.clear()
    return found


def _at(value: Any, segment: str | tuple[str, str | int]) -> Any:
    if isinstance(segment, str):
        return value.get(segment) if isinstance(value, Mapping) else None
    items = value if isinstance(value, list) else ()
    return next((each for each in mappings(list(items)) if each.get(segment[0]) == segment[1]), None)


def _item(segment: tuple[str, str | int], there: list[Object], items: Any) -> str | None:
    """The key of an item: of its own, or made as its siblings' are."""
    name, wanted = segment
    siblings: list[str] = [key for each in there for key in each if key.startswith("k:")]
    for key in siblings:
        if _keys(key).get(name) == wanted:
            return key
    names = set(_keys(siblings[0])) if siblings else set()
    return f"k:{json.dumps({name: wanted})}" if names == {name} else None


def _keys(key: str) -> Mapping[str, Any]:
    try:
        return mapping(msgspec.json.decode(key[2:]))
    except msgspec.DecodeError:
        return {}


def picked(value: Any, fields: Mapping[str, Any]) -> Any:
    """The parts of `value` that `fields` name; UNSET where there are none."""
    below = {key: each for key, each in fields.items() if key != "."}
    if not below:
        return value
    if isinstance(value, Mapping):
        pairs = ((key[2:], picked(value[key[2:]], each)) for key, each in below.items() if key[2:] in value)
        return {key: each for key, each in pairs if each is not UNSET}
    if isinstance(value, list):
        return list(_items(value, below))
    return UNSET


def _items(items: list[Any], fields: Mapping[str, Any]) -> Iterator[Any]:
    sets = [key[2:] for key in fields if key.startswith("v:")]
    for item in items:
        for key, below in fields.items():
            wanted = _keys(key) if key.startswith("k:") else {}
            if wanted and isinstance(item, Mapping) and all(item.get(each) == wanted[each] for each in wanted):
                yield {**wanted, **mapping(picked(item, below))}
                break
        if json.dumps(item) in sets or msgspec.json.encode(item).decode() in sets:
            yield item


# -- fields as conflicts name them ------------------------------------------------------------------------------


_SELECTOR = re.compile(r"\[([^\]]*)\]")
_PAIR = re.compile(r'([A-Za-z0-9_]+)=("(?:[^"\\]|\\.)*"|[^,]+)')


def spoken(path: Path) -> str:
    """`path` as servers name it in conflicts: `.spec.template.spec.containers[name="web"].image`."""
    return "".join(f".{each}" if isinstance(each, str) else f"[{each[0]}={json.dumps(each[1])}]" for each in path)


def without(body: Any, field: str) -> Any:
    """`body` without the field that a conflict names and what is empty then; UNSET where nothing is left."""
    if not field:
        return UNSET
    if isinstance(body, dict):
        return _without_key(body, field)
    if isinstance(body, list):
        return _without_item(body, field)
    return body


def _without_key(body: dict[str, Any], field: str) -> Any:
    found = {
        key: without(value, rest) if (rest := _rest(key, field)) is not None else value
        for key, value in body.items()
    }
    kept = {key: value for key, value in found.items() if value is not UNSET}
    return kept or UNSET


def _rest(key: str, field: str) -> str | None:
    """What of `field` is below `key`; None where it is not."""
    if not field.startswith(f".{key}"):
        return None
    rest = field[len(key) + 1 :]
    return rest if not rest or rest[0] in ".[" else None


def _without_item(items: list[Any], field: str) -> Any:
    selector = _SELECTOR.match(field)
    if selector is None:
        return items
    wanted = {name: _value(said) for name, said in _PAIR.findall(selector[1])}
    kept = []
    for item in items:
        if wanted and isinstance(item, dict) and all(item.get(name) == value for name, value in wanted.items()):
            left = without(item, field[selector.end() :])
            if left is not UNSET and set(left) - set(wanted):
                kept.append(left)
        elif selector[1].startswith("=") and item == _value(selector[1][1:]):
            continue
        else:
            kept.append(item)
    return kept or UNSET


def _value(said: str) -> Any:
    try:
        return json.loads(said)
    except ValueError:
        return said
