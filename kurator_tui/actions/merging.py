"""An edit meets what others changed meanwhile: three states of one object made one. Pure.

    base     what the user began from (secret values masked, as they were shown)
    edited   what the user made of it
    live     what the object is now

What only we changed is taken, what only they changed stays; a field that both changed is a clash: taken (ours) or
left (theirs) by its name, undecided until somebody says so.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import UNSET

from kurator_tui.actions.difference import Change, Path, changes, label, value_at
from kurator_tui.actions.field_sets import spoken
from kurator_tui.kinds.masking import MASK, masked

Obj = dict[str, Any]


@dataclass(slots=True)
class Merged:
    """`wanted` is `live` with our changes."""

    wanted: Obj
    ours: list[Change] = field(default_factory=list)
    """What is to be written."""
    theirs: list[Change] = field(default_factory=list)
    """What others changed since."""
    clashing: list[Change] = field(default_factory=list)
    """What both changed, undecided; `before` is their value."""
    left: list[Change] = field(default_factory=list)
    """What both changed, and theirs stays."""


class Unmergeable(Exception):
    """A change that cannot be written; the message says why."""


def merged(base: Obj, edited: Obj, live: Obj, take: Collection[str] = (), leave: Collection[str] = ()) -> Merged:
    """What an edit makes of the object as it is now. `take` and `leave` are clashes by `spoken` name.

    Raises Unmergeable.
    """
    found = Merged(copy.deepcopy(live), theirs=_since(base, live))
    for change in changes(base, edited):
        _refuse_marker(change)
        now = value_at(live, change.path)
        if _same(now, change.after):
            continue
        name = spoken(change.path)
        if not _same(now, change.before) and not _same_masked(base, live, change, now):
            if name in leave:
                found.left.append(change)
                continue
            if name not in take:
                found.clashing.append(msgspec.structs.replace(change, before=now))
        if not _put(found.wanted, change):
            raise Unmergeable(f"{label(change.path)}: what it is in is gone")
        found.ours.append(msgspec.structs.replace(change, before=now))
    return found


def _since(base: Obj, live: Obj) -> list[Change]:
    """What others changed, secret values masked."""
    if _version(base) and _version(base) == _version(live):
        return []
    return [each for each in changes(base, masked(live)) if not _marks(each.before) and not _marks(each.after)]


def _version(obj: Obj) -> str:
    return str((obj.get("metadata") or {}).get("resourceVersion") or "")


def _same(left: Any, right: Any) -> bool:
    if left is UNSET or right is UNSET:
        return left is right
    return bool(left == right) and type(left) is type(right)


def _same_masked(base: Obj, live: Obj, change: Change, now: Any) -> bool:
    """Whether a value that was masked is known to be the same still: the object has the version that was shown."""
    return _marks(change.before) and now is not UNSET and bool(_version(base)) and _version(base) == _version(live)


def _marks(value: object) -> bool:
    return any(isinstance(each, str) and each.startswith(MASK) for each in _leaves(value))


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    else:
        yield value


def _refuse_marker(change: Change) -> None:
    """What stands for a secret value says nothing of it: it can stay where it is or go, not move or change."""
    if change.after is not UNSET and _marks(change.after):
        raise Unmergeable(f"{label(change.path)} holds what stands for a secret value: give the whole value")


def _put(obj: Obj, change: Change) -> bool:
    """Make the change in `obj`; False where the way to its field is gone."""
    *way, last = change.path
    parent: Any = obj
    for number, segment in enumerate(way):
        below = value_at(parent, (segment,))
        if below is UNSET and isinstance(segment, str) and isinstance(parent, dict) and change.after is not UNSET:
            following = change.path[number + 1]
            below = parent[segment] = {} if isinstance(following, str) else []
        parent = below
    if isinstance(last, str):
        return isinstance(parent, dict) and _put_key(parent, last, change)
    return isinstance(parent, list) and _put_item(parent, last, change)


def _put_key(parent: dict[str, Any], key: str, change: Change) -> bool:
    if change.after is UNSET:
        parent.pop(key, None)
    else:
        parent[key] = change.after
    return True


def _put_item(items: list[Any], name: tuple[str, str | int], change: Change) -> bool:
    place = next(
        (at for at, item in enumerate(items) if isinstance(item, dict) and item.get(name[0]) == name[1]), None
    )
    if change.after is UNSET:
        if place is not None:
            del items[place]
    elif place is None:
        items.insert(min(max(change.place, 0), len(items)), change.after)
    else:
        items[place] = change.after
    return True


def removes(found: Merged) -> bool:
    """Whether it takes anything away, which a server-side apply can not."""
    return any(change.after is UNSET or _fewer(change.before, change.after) for change in found.ours)


def _fewer(before: Any, after: Any) -> bool:
    """Whether a map that is changed as a whole loses keys."""
    return isinstance(before, dict) and isinstance(after, dict) and bool(set(before) - set(after))


def paths(found: Merged) -> list[Path]:
    """Of every field to write."""
    return [change.path for change in found.ours]
