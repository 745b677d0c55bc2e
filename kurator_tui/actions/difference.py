"""What tells two states of one object apart, field by field; and the way back from one to the other. Pure.

A field is a path; an item of a list that has a name (or another key of its own) is named by it, so that somebody
else's new item does not move it. Lists without such keys, or in another order, are one field each.

    changes(before, after)      what was changed, without what servers write by themselves
    reverted(current, changed)  the JSON Patch that takes exactly these changes back, and where it cannot
    shown(…)                    lines for people, secret values masked
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec
from msgspec import UNSET

from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.masking import masked
from kurator_tui.kinds.plans import WHOLE, Line
from kurator_tui.kinds.secret_names import covered

Obj: TypeAlias = dict[str, Any]
Segment: TypeAlias = str | tuple[str, str | int]
"""A key of a map, or (key, value): the item of a list that has this value at that key."""
Path: TypeAlias = tuple[Segment, ...]

NOISE = frozenset({"managedFields", "resourceVersion", "generation", "creationTimestamp", "uid", "selfLink"})
"""Metadata that servers write by themselves."""
ITEM_KEYS = (
    *(
        "name",
        "key",
        "type",
        "containerPort",
        "port",
        "mountPath",
        "devicePath",
        "ip",
        "topologyKey",
        "hostName",
        "uid",
    ),
    "propertyName",
)
"""What names an item of a list, the first one that does."""
_SETS = ("annotations", "labels")
"""Maps that are the same whether empty or absent: each key is a field of its own."""
LONGEST = 400
"""Characters of a value that are shown."""


class Change(msgspec.Struct, frozen=True):
    """One changed field; UNSET where there is none. `place` is the index of an item that was added or removed."""

    path: Path
    before: Any = UNSET
    after: Any = UNSET
    place: int = -1


class Clashing(msgspec.Struct, frozen=True):
    """A field that somebody changed since: it is not what we left."""

    path: str
    ours: str
    now: str


def changes(before: Obj, after: Obj, *, status: bool = False) -> list[Change]:
    """What a write made of `before`; `status` is looked at only when it was written."""
    left, right = _plain(before, status), _plain(after, status)
    return list(_map((), left, right))


def _plain(obj: Obj, status: bool) -> Obj:
    kept = {key: value for key, value in obj.items() if status or key != "status"}
    if isinstance(meta := kept.get("metadata"), dict):
        kept["metadata"] = {key: value for key, value in meta.items() if key not in NOISE}
    return kept


def _map(path: Path, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Change]:
    for key in dict.fromkeys((*before, *after)):
        yield from _value((*path, key), before.get(key, UNSET), after.get(key, UNSET))


def _value(path: Path, before: Any, after: Any) -> Iterable[Change]:
    if path[-2:-1] == ("metadata",) and path[-1] in _SETS:
        before, after = ({} if each is UNSET else each for each in (before, after))
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _map(path, before, after)
    elif isinstance(before, list) and isinstance(after, list) and (key := _item_key(before, after)):
        yield from _items(path, key, before, after)
    elif not _same(before, after):
        yield Change(path, before, after)


def _same(left: Any, right: Any) -> bool:
    """Equal as JSON: 1 is not true."""
    if left is UNSET or right is UNSET:
        return left is right
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


def _item_key(before: Sequence[Any], after: Sequence[Any]) -> str:
    """The key that names the items of both lists, "" when none does or their order is another one."""
    if not before and not after:
        return ""
    for key in ITEM_KEYS:
        left, right = _names(key, before), _names(key, after)
        if left is not None and right is not None:
            common = [name for name in left if name in right]
            return key if common == [name for name in right if name in left] else ""
    return ""


def _names(key: str, items: Sequence[Any]) -> list[str | int] | None:
    names = [item.get(key) if isinstance(item, dict) else None for item in items]
    if not all(isinstance(name, str | int) and not isinstance(name, bool) for name in names):
        return None
    known = [name for name in names if name is not None]
    return known if len(set(known)) == len(known) else None


def _items(path: Path, key: str, before: Sequence[Obj], after: Sequence[Obj]) -> Iterable[Change]:
    old = {item[key]: (place, item) for place, item in enumerate(before)}
    new = {item[key]: (place, item) for place, item in enumerate(after)}
    for name in dict.fromkeys((*old, *new)):
        there = (*path, (key, name))
        if name not in new:
            yield Change(there, old[name][1], UNSET, old[name][0])
        elif name not in old:
            yield Change(there, UNSET, new[name][1], new[name][0])
        else:
            yield from _map(there, old[name][1], new[name][1])


# -- the way back -----------------------------------------------------------------------------------------------


def reverted(current: Obj, changed: Sequence[Change]) -> tuple[tuple[dict[str, Any], ...], list[Clashing]]:
    """Operations that give `current` the values of before, for every changed field that still is as we left it.

    A field that has its old value already needs none; one that somebody changed since is told and left alone.
    """
    work = copy.deepcopy(current)
    operations: list[dict[str, Any]] = []
    clashing: list[Clashing] = []
    # Added items go first, then removed ones return to their places in order, so that each place is the right one.
    for change in sorted(changed, key=lambda each: (each.after is UNSET, each.place)):
        now = value_at(work, change.path)
        if _same(now, change.before):
            continue
        if not _same(now, change.after) or not _revert(work, change, operations):
            clashing.append(Clashing(label(change.path), text(change.after), text(now)))
    return tuple(operations), clashing


def value_at(obj: Any, path: Path) -> Any:
    """What is at `path`, UNSET where there is nothing."""
    for segment in path:
        if isinstance(segment, str):
            obj = obj.get(segment, UNSET) if isinstance(obj, dict) else UNSET
        else:
            place = _place(obj, segment)
            obj = obj[place] if place is not None else UNSET
    return obj


def _place(items: Any, segment: tuple[str, str | int]) -> int | None:
    key, name = segment
    found = enumerate(items) if isinstance(items, list) else ()
    return next((at for at, item in found if isinstance(item, dict) and item.get(key) == name), None)


def pointer(obj: Any, path: Path) -> str | None:
    """RFC 6901; None where an item on the way is not there."""
    parts: list[str] = []
    for segment in path:
        if isinstance(segment, str):
            parts.append(segment.replace("~", "~0").replace("/", "~1"))
            obj = obj.get(segment) if isinstance(obj, dict) else None
        else:
            place = _place(obj, segment)
            if place is None:
                return None
            parts.append(str(place))
            obj = obj[place]
    return "".join(f"/{part}" for part in parts)


def _revert(work: Obj, change: Change, operations: list[dict[str, Any]]) -> bool:
    """Take one change back in `work`; False where the way to its field is gone."""
    *way, last = change.path
    parent = value_at(work, tuple(way))
    if parent is UNSET and len(way) > 1 and way[-1] in _SETS:
        parent = _filled(work, tuple(way), operations)
    to = pointer(work, tuple(way))
    if to is None or not isinstance(parent, dict | list):
        return False
    if isinstance(parent, list):
        return isinstance(last, tuple) and _revert_item(parent, to, last, change, operations)
    if not isinstance(last, str):
        return False
    at = f"{to}/{last.replace('~', '~0').replace('/', '~1')}"
    if change.before is not UNSET:
        operations.append({"op": "add" if last not in parent else "replace", "path": at, "value": change.before})
        parent[last] = change.before
        return True
    operations.append({"op": "remove", "path": at})
    del parent[last]
    return True


def _filled(work: Obj, way: Path, operations: list[dict[str, Any]]) -> Any:
    """The map of labels or annotations that had gone with its last key."""
    above, to = value_at(work, way[:-1]), pointer(work, way)
    if isinstance(above, dict) and isinstance(way[-1], str) and to is not None:
        operations.append({"op": "add", "path": to, "value": {}})
        above[way[-1]] = {}
    return value_at(work, way)


def _revert_item(
    items: list[Any], to: str, name: tuple[str, str | int], change: Change, operations: list[dict[str, Any]]
) -> bool:
    if change.before is UNSET:
        place = _place(items, name)
        if place is None:
            return False
        operations.append({"op": "remove", "path": f"{to}/{place}"})
        del items[place]
        return True
    place = min(max(change.place, 0), len(items))
    operations.append({"op": "add", "path": f"{to}/{place}", "value": change.before})
    items.insert(place, change.before)
    return True


# -- for people -------------------------------------------------------------------------------------------------


def shown(before: Obj | None, after: Obj | None, salt: str, *, status: bool = False) -> tuple[Line, ...]:
    """The changes as lines; of a Secret's values, and of values with such names, only that they differ.

    None: no object before, or after.
    """
    left, right = (covered(masked(each, salt), salt) if each is not None else {} for each in (before, after))
    if after is None:
        return (Line(WHOLE, text(WHOLE), ""),)
    if before is None:
        return (Line(WHOLE, "", text(WHOLE)), *_made(right))
    found = changes(left, right, status=status)
    return tuple(Line(label(each.path), text(each.before), text(each.after)) for each in found)


_OWN = frozenset({"name", "namespace", *NOISE})
"""Metadata that is each object's own: objects that are alike but for it are shown together."""
MOST_LINES = 60
"""Fields of a new object that are told one by one."""


def _made(obj: Obj) -> tuple[Line, ...]:
    """The fields of a new object, its secrets masked already."""
    body = {key: value for key, value in obj.items() if key not in ("apiVersion", "kind", "status", "metadata")}
    if isinstance(meta := obj.get("metadata"), dict):
        body = {"metadata": {key: value for key, value in meta.items() if key not in _OWN}, **body}
    found = [Line(label(path), "", text(value)) for path, value in _leaves((), body) if value != {}]
    more = len(found) - MOST_LINES
    return (*found[:MOST_LINES], *((Line(f"and {more} fields more", "", "…"),) if more > 0 else ()))


def _leaves(path: Path, value: Any) -> Iterable[tuple[Path, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves((*path, key), inner)
    elif isinstance(value, list) and value and (key := _item_key(value, value)):
        for item in value:
            yield from _leaves((*path, (key, item[key])), item)
    else:
        yield path, value


def label(path: Path) -> str:
    """`spec.template.spec.containers[name=web].image`, `metadata.annotations["a/b"]`; inert."""
    said = ""
    for segment in path:
        if isinstance(segment, tuple):
            said += f"[{segment[0]}={segment[1]}]"
        elif segment.replace("_", "").replace("-", "").isalnum():
            said += f".{segment}" if said else segment
        else:
            said += f'["{segment}"]'
    return inert(said)


def text(value: Any) -> str:
    """A value as JSON text, "" for none; inert and of bounded length."""
    if value is UNSET:
        return ""
    said = inert(json.dumps(value, ensure_ascii=False))
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"
