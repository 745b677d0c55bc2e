"""What a write would make of an object, as far as that can be told without its server. Pure.

For two questions only: who owns the fields of a write that the server refused to try, and whether a patch by index
still meets what was reviewed. Defaults, webhooks and the rules of server-side apply for lists are the server's;
items of lists are matched by what names them.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from kurator_tui.actions.difference import ITEM_KEYS, Change, Path, changes
from kurator_tui.actions.plan import AnyWrite, Apply, JsonPatch, MergePatch, Obj, Scale


def guessed(write: AnyWrite, before: Obj) -> Obj:
    """`before` after `write`; as it was where that cannot be told."""
    match write:
        case JsonPatch(operations):
            return _patched(before, operations)
        case MergePatch(body):
            return _overlaid(before, body, removing=True)
        case Apply(body):
            return _overlaid(before, body, removing=False)
        case Scale(replicas):
            return _overlaid(before, {"spec": {"replicas": replicas}}, removing=False)
        case _:
            return before


def astray(write: JsonPatch, present: Obj, reviewed: Sequence[Change], *, status: bool = False) -> Path:
    """A field that `write` would change in `present` and that is none of those `reviewed`, () for none.

    Items of lists are met by index: one that somebody put before them makes it another item.
    """
    paths = [each.path for each in reviewed]
    for change in changes(present, guessed(write, present), status=status):
        there = change.path
        if not any(path[: len(there)] == there or there[: len(path)] == path for path in paths):
            return there
    return ()


def _overlaid(before: object, body: Mapping[str, Any], *, removing: bool) -> Obj:
    made = dict(before) if isinstance(before, Mapping) else {}
    for key, value in body.items():
        if value is None and removing:
            made.pop(key, None)
        elif isinstance(value, Mapping):
            made[key] = _overlaid(made.get(key), value, removing=removing)
        elif isinstance(value, list) and isinstance(made.get(key), list) and not removing:
            made[key] = _items(made[key], value)
        else:
            made[key] = value
    return made


def _items(before: list[Any], said: list[Any]) -> list[Any]:
    key = next((each for each in ITEM_KEYS if all(isinstance(item, dict) and each in item for item in said)), "")
    if not key:
        return said
    made = {item[key]: item for item in before if isinstance(item, dict) and key in item}
    for item in said:
        made[item[key]] = _overlaid(made.get(item[key]), item, removing=False)
    return list(made.values())


def _patched(before: Obj, operations: tuple[dict[str, Any], ...]) -> Obj:
    made = copy.deepcopy(before)
    for each in operations:
        keys = [part.replace("~1", "/").replace("~0", "~") for part in str(each.get("path", "")).split("/")[1:]]
        if each.get("op") in ("add", "replace", "remove") and keys:
            _operate(made, keys, each)
    return made


def _operate(at: Any, keys: list[str], operation: dict[str, Any]) -> None:
    for key in keys[:-1]:
        at = at.get(key) if isinstance(at, dict) else _nth(at, key)
    last = keys[-1]
    if isinstance(at, dict):
        if operation["op"] == "remove":
            at.pop(last, None)
        else:
            at[last] = operation.get("value")
    elif isinstance(at, list):
        place = int(last) if last.isdecimal() else len(at)
        if operation["op"] != "add":
            del at[place : place + 1]
        if operation["op"] != "remove":
            at.insert(place, operation.get("value"))


def _nth(items: Any, key: str) -> Any:
    there = isinstance(items, list) and key.isdecimal() and int(key) < len(items)
    return items[int(key)] if there else None
