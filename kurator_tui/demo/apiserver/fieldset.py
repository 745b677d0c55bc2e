"""Sets of field paths and their FieldsV1 form: the algebra below managed fields (`fields`). Pure functions.

A path is a tuple of elements written as in FieldsV1: `f:<field>`, `k:{"name":"web"}` for an item of a list that is
a map, `v:"text"` for an item of a set. A field set is a frozenset of paths; a path in it means that this very
field, item or value is owned. The rules follow sigs.k8s.io/structured-merge-diff.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from kurator_tui.demo.apiserver.schemas import ANY, Schema

Path = tuple[str, ...]
FieldSet = frozenset[Path]
Object = dict[str, Any]
EMPTY: FieldSet = frozenset()
_MISSING = object()


def to_v1(paths: Iterable[Path]) -> Object:
    """The FieldsV1 tree of a set; `.` marks an owned node that has owned children."""
    tree: Object = {}
    for path in sorted(paths):
        node = tree
        for element in path[:-1]:
            child = node.setdefault(element, {})
            node = child
        node.setdefault(path[-1], {})
    owned = frozenset(paths)
    return _marked(tree, (), owned)


def _marked(tree: Object, at: Path, owned: FieldSet) -> Object:
    """The tree with sorted keys and `.` where an inner node is owned itself."""
    result: Object = {}
    if tree and at in owned:
        result["."] = {}
    for element in sorted(tree):
        result[element] = _marked(tree[element], (*at, element), owned)
    return result


def from_v1(tree: Any) -> FieldSet:
    """The set of a FieldsV1 tree; anything that is no tree is an empty set."""
    found: set[Path] = set()
    _collect(tree if isinstance(tree, dict) else {}, (), found)
    return frozenset(found)


def _collect(tree: Object, at: Path, found: set[Path]) -> None:
    for element, below in tree.items():
        if element == ".":
            found.add(at)
            continue
        path = (*at, element)
        if not isinstance(below, dict) or not below:
            found.add(path)
        else:
            _collect(below, path, found)


def spoken(path: Path) -> str:
    """A path as error messages write it: `.spec.containers[name="web"].image`."""
    words = []
    for element in path:
        tag, rest = element[:2], element[2:]
        if tag == "f:":
            words.append(f".{rest}")
        elif tag == "k:":
            keys = json.loads(rest)
            words.append("[" + ",".join(f"{key}={json.dumps(value)}" for key, value in keys.items()) + "]")
        else:
            words.append(f"[={rest}]")
    return "".join(words)


def compact(value: Any) -> str:
    """JSON as it is written inside path elements."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def item_element(schema: Schema, item: Any) -> str:
    """The path element of a list item; missing keys take their schema default."""
    if schema.unique:
        return f"v:{compact(item)}"
    keys: Object = {}
    for name in schema.keys:
        value = item.get(name) if isinstance(item, dict) else None
        if value is None and schema.items is not None:
            field = schema.items.child(name)
            value = field.default if field else None
        if value is not None:
            keys[name] = value
    return f"k:{compact(keys)}"


def is_leaf(schema: Schema, value: Any) -> bool:
    """True when a value is owned as a whole: scalars, atomic maps and lists."""
    if isinstance(value, dict):
        return schema.atomic
    if isinstance(value, list):
        return not schema.granular_list
    return True


def members(schema: Schema, value: Any) -> Iterator[tuple[str, Schema, Any]]:
    """(path element, schema, value) of the fields, entries or items of a granular value."""
    if isinstance(value, dict):
        for name, child in value.items():
            yield f"f:{name}", schema.child(name) or ANY, child
    elif isinstance(value, list):
        items = schema.items or ANY
        for item in value:
            yield item_element(schema, item), items, item


def applied_set(schema: Schema, value: Any) -> FieldSet:
    """What an applied configuration claims: its leaves, list items, and empty or null objects."""
    found: set[Path] = set()
    _claim(schema, value, (), found)
    return frozenset(found)


def _claim(schema: Schema, value: Any, at: Path, found: set[Path]) -> None:
    for element, child_schema, child in members(schema, value):
        path = (*at, element)
        declared = element[:2] == "f:" and element[2:] in schema.properties
        if is_leaf(child_schema, child):
            found.add(path)
            continue
        if child == {} or not declared:
            found.add(path)
        _claim(child_schema, child, path, found)


def changes(schema: Schema, old: Any, new: Any) -> tuple[FieldSet, FieldSet]:
    """(added or modified, removed) paths between two values.

    A field that is new as a whole counts itself and everything in it, so that its owner holds the container too.
    """
    changed: set[Path] = set()
    removed: set[Path] = set()
    _compare(schema, old, new, (), (changed, removed))
    return frozenset(changed), frozenset(removed)


def _compare(schema: Schema, old: Any, new: Any, at: Path, found: tuple[set[Path], set[Path]]) -> None:
    changed, removed = found
    olds = {element: (child_schema, child) for element, child_schema, child in members(schema, old)}
    for element, child_schema, child in members(schema, new):
        path = (*at, element)
        _, before = olds.pop(element, (child_schema, _MISSING))
        if before is _MISSING:
            changed.add(path)
            if not is_leaf(child_schema, child):
                _compare(child_schema, None, child, path, found)
            continue
        if before is child:
            continue
        if _both_leaves(child_schema, before, child):
            if before != child:
                changed.add(path)
        else:
            _compare(child_schema, before, child, path, found)
    for element, (child_schema, child) in olds.items():
        path = (*at, element)
        removed.add(path)
        if not is_leaf(child_schema, child):
            _compare(child_schema, child, None, path, found)


def _both_leaves(schema: Schema, old: Any, new: Any) -> bool:
    """True when the pair is compared as a whole; an empty or null container on both sides is a leaf as well."""
    if not old and not new:
        return True
    if old is None:
        return is_leaf(schema, new)
    if new is None:
        return is_leaf(schema, old)
    return is_leaf(schema, old) or is_leaf(schema, new) or type(old) is not type(new)


def with_parents(paths: FieldSet) -> FieldSet:
    """The set with every parent that is a field (not a list item): so removing all fields removes the object."""
    found = set(paths)
    for path in paths:
        for end in range(1, len(path)):
            if path[end - 1].startswith("f:"):
                found.add(path[:end])
    return frozenset(found)


def without(schema: Schema, value: Any, gone: FieldSet, at: Path = ()) -> Any:
    """A copy of `value` without the paths in `gone` and everything below them."""
    if is_leaf(schema, value):
        return value
    kept = []
    for element, child_schema, child in members(schema, value):
        path = (*at, element)
        if path not in gone:
            kept.append((element, without(child_schema, child, gone, path)))
    if isinstance(value, dict):
        return {element[2:]: child for element, child in kept}
    return [child for _, child in kept]


def merged(schema: Schema, live: Any, applied: Any) -> Any:
    """`live` with an applied configuration laid over it: granular objects and lists merge, leaves are replaced."""
    if is_leaf(schema, applied) or type(live) is not type(applied):
        return applied
    if isinstance(applied, dict):
        result = dict(live)
        for name, value in applied.items():
            child = schema.child(name) or ANY
            result[name] = merged(child, live[name], value) if name in live else value
        return result
    return _merged_list(schema, live, applied)


def _merged_list(schema: Schema, live: list[Any], applied: list[Any]) -> list[Any]:
    """Live items stay where they are, changed in place; new ones follow the applied item before them."""
    items = schema.items or ANY
    result = {item_element(schema, item): item for item in live}
    order = list(result)
    at = -1
    for item in applied:
        element = item_element(schema, item)
        if element in result:
            result[element] = merged(items, result[element], item)
            at = max(at, order.index(element))
        else:
            result[element] = item
            at = at + 1 if at >= 0 else len(order)
            order.insert(at, element)
    return [result[element] for element in order]
