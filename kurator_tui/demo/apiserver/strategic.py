"""Kubernetes' strategic merge patch: objects merge, lists with a merge key merge by it, other lists are replaced.

Merge keys and the retainKeys strategy come from `schemas`. Directives: `$patch: delete|replace|merge`,
`$retainKeys`, `$deleteFromPrimitiveList/<list>`, `$setElementOrder/<list>`. The order of merged lists follows
apimachinery's `strategicpatch` package. Pure: inputs are never changed.
"""

from collections.abc import Callable
from typing import Any

from kurator_tui.demo.apiserver import errors, schemas
from kurator_tui.demo.apiserver.resources import ResourceType
from kurator_tui.demo.apiserver.schemas import Schema

Object = dict[str, Any]
_DIRECTIVE = "$patch"
_RETAIN = "$retainKeys"
_DELETE_PREFIX = "$deleteFromPrimitiveList/"
_ORDER_PREFIX = "$setElementOrder/"


def strategic_merge(obj: Object, patch: Object, rt: ResourceType) -> Object:
    """The object after the patch.

    Raises `StatusError` 400 for a patch that is no object, an unknown directive or a list item without merge key.
    """
    if not isinstance(patch, dict):
        raise errors.bad_request("error decoding patch: json: the patch is not an object")
    return _merge_map(obj, patch, schemas.of(rt.api_version, rt.kind))


def _merge_map(old: Object, patch: Object, schema: Schema) -> Object:
    directive = patch.get(_DIRECTIVE)
    if directive == "delete":
        return {}
    if directive == "replace":
        return {key: value for key, value in patch.items() if key != _DIRECTIVE}
    if directive not in (None, "merge"):
        raise errors.bad_request(f"unknown patch type: {directive!r}")
    result = dict(old)
    if _RETAIN in patch:
        kept = _retained(patch)
        result = {key: value for key, value in old.items() if key in kept}
    for key, value in patch.items():
        if key.startswith(_DELETE_PREFIX):
            name = key.removeprefix(_DELETE_PREFIX)
            result[name] = [item for item in _as_list(result.get(name)) if item not in _as_list(value)]
    for key, value in patch.items():
        if key.startswith("$"):
            continue
        _merge_field(result, key, value, _child(schema, key))
    for key, order in patch.items():
        if key.startswith(_ORDER_PREFIX):
            name = key.removeprefix(_ORDER_PREFIX)
            _apply_order(result, old, name, _as_list(order), _child(schema, name))
    return result


def _retained(patch: Object) -> list[Any]:
    """The keys `$retainKeys` keeps; every patched key must be among them."""
    kept = _as_list(patch[_RETAIN])
    for key in patch:
        if not key.startswith("$") and key not in kept:
            raise errors.bad_request("keys in patch do not match the $retainKeys list")
    return kept


def _child(schema: Schema, name: str) -> Schema:
    return schema.child(name) or schemas.ANY


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _merge_field(result: Object, key: str, value: Any, schema: Schema) -> None:
    """Put one patched field into `result`."""
    old = result.get(key)
    if value is None:
        result.pop(key, None)
    elif isinstance(value, dict):
        result[key] = _merge_map(old if isinstance(old, dict) else {}, value, schema)
    elif isinstance(value, list) and schema.merge is not None:
        result[key] = _merge_list(_as_list(old), value, schema)
    elif isinstance(value, list):
        result[key] = [item for item in value if not _is_directive(item)]
    else:
        result[key] = value


def _is_directive(item: Any) -> bool:
    return isinstance(item, dict) and _DIRECTIVE in item


def _merge_list(old: list[Any], patch: list[Any], schema: Schema) -> list[Any]:
    """Merge a list by its merge key, or as a set when the items are no objects."""
    key = schema.merge or ""
    if not key:
        merged = list(old) + [item for item in patch if item not in old]
        return _ordered(merged, _unique(patch), old, _itself)
    old, patch = _apply_item_directives(old, patch, key)
    identity = _identity(key)
    merged = list(old)
    positions = {identity(item): index for index, item in enumerate(old)}
    items = schema.items or schemas.ANY
    for item in patch:
        at = positions.get(_required_key(item, key))
        if at is None:
            positions[identity(item)] = len(merged)
            merged.append(_merge_map({}, item, items))
        else:
            merged[at] = _merge_map(merged[at], item, items)
    return _ordered(merged, patch, old, identity)


def _apply_item_directives(old: list[Any], patch: list[Any], key: str) -> tuple[list[Any], list[Any]]:
    """Take `$patch` items out of a list patch: delete drops old items, replace drops them all."""
    plain = [item for item in patch if not _is_directive(item)]
    for item in patch:
        directive = item[_DIRECTIVE] if _is_directive(item) else None
        if directive == "replace":
            return [], plain
        if directive == "delete":
            gone = _required_key(item, key)
            old = [existing for existing in old if not (isinstance(existing, dict) and existing.get(key) == gone)]
        elif directive == "merge":
            raise errors.bad_request("merging lists cannot yet be specified in the patch")
        elif directive is not None:
            raise errors.bad_request(f"unknown patch type: {directive!r}")
    return old, plain


def _required_key(item: Any, key: str) -> Any:
    if not isinstance(item, dict) or key not in item:
        raise errors.bad_request(f"map: {item} does not contain declared merge key: {key}")
    return item[key]


def _identity(key: str) -> Callable[[Any], Any]:
    return lambda item: item.get(key) if isinstance(item, dict) else item


def _itself(item: Any) -> Any:
    return item


def _unique(items: list[Any]) -> list[Any]:
    found: list[Any] = []
    for item in items:
        if item not in found:
            found.append(item)
    return found


def _apply_order(result: Object, old: Object, name: str, order: list[Any], schema: Schema) -> None:
    """Arrange a list as `$setElementOrder` wants it; items it does not name keep their place among themselves."""
    if not isinstance(result.get(name), list):
        return
    identity = _identity(schema.merge) if schema.merge else _itself
    result[name] = _ordered(result[name], order, _as_list(old.get(name)), identity)


def _ordered(merged: list[Any], patch: list[Any], server: list[Any], identity: Callable[[Any], Any]) -> list[Any]:
    """Interleave patched items, in patch order, with the server's own; a patched item goes first unless the server
    had both and the other one before it."""
    patch_order = {_hashable(identity(item)): index for index, item in enumerate(patch)}
    server_order = {_hashable(identity(item)): index for index, item in enumerate(server)}

    def named(item: Any) -> Any:
        return _hashable(identity(item))

    right = sorted(
        (item for item in merged if named(item) in patch_order), key=lambda item: patch_order[named(item)]
    )
    left = [item for item in merged if named(item) not in patch_order]
    left.sort(key=lambda item: server_order.get(named(item), len(server_order)))
    result: list[Any] = []
    while left and right:
        mine, theirs = server_order.get(named(left[0])), server_order.get(named(right[0]))
        before = mine is not None and theirs is not None and mine < theirs
        result.append(left.pop(0) if before else right.pop(0))
    return result + left + right


def _hashable(value: Any) -> Any:
    return value if isinstance(value, (str, int, float, bool, type(None))) else repr(value)
