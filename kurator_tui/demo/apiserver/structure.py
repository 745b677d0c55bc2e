"""Checks and changes that follow from a schema alone: types, required fields, limits, unknown fields, defaults.

Pure functions over `schemas.Schema`; rules of single kinds are in `validation` and `defaulting`.
"""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

from kurator_tui.demo.apiserver import errors
from kurator_tui.demo.apiserver.errors import Cause
from kurator_tui.demo.apiserver.schemas import Schema, zero

Object = dict[str, Any]

_JSON_TYPES: dict[type, str] = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
}


def json_type(value: Any) -> str:
    """The JSON type of a value: object, array, string, boolean, integer, number or null."""
    return _JSON_TYPES.get(type(value), "object")


def written(value: Any) -> str:
    """A value as error messages quote it: compact JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def join(path: str, name: str) -> str:
    """The path of a field below `path`."""
    return f"{path}.{name}" if path else name


def fits(schema: Schema, value: Any) -> bool:
    """True when the JSON type of a value is one the schema allows."""
    found = json_type(value)
    if schema.format == "int-or-string":
        return found in ("string", "integer")
    if schema.format == "quantity":
        return found in ("string", "integer", "number")
    if not schema.type:
        return True
    return found == schema.type or (schema.type == "number" and found == "integer")


def misfits(schema: Schema, value: Any, path: str = "") -> Iterator[tuple[str, Schema, Any]]:
    """(path, schema, value) of each value of the wrong JSON type; null counts as absent."""
    if value is None:
        return
    if not fits(schema, value):
        yield path, schema, value
        return
    if isinstance(value, dict):
        for name, child in value.items():
            below = schema.child(name)
            if below is not None:
                yield from misfits(below, child, join(path, name))
    elif isinstance(value, list) and schema.items is not None:
        for index, item in enumerate(value):
            yield from misfits(schema.items, item, f"{path}[{index}]")


def pruned(schema: Schema, value: Any, path: str, unknown: list[str]) -> Any:
    """A copy without the fields the schema does not know; their paths are appended to `unknown`."""
    if isinstance(value, list):
        items = schema.items
        if items is None or schema.type != "array":
            return value
        return [pruned(items, item, f"{path}[{index}]", unknown) for index, item in enumerate(value)]
    if not isinstance(value, dict) or schema.type != "object":
        return value
    result: Object = {}
    for name, child in value.items():
        below = schema.child(name)
        if below is not None:
            result[name] = pruned(below, child, join(path, name), unknown)
        elif schema.open:
            result[name] = child
        else:
            unknown.append(join(path, name))
    return result


def with_defaults(schema: Schema, value: Any) -> Any:
    """A copy with absent or null fields filled from defaults and always-present zero values."""
    if isinstance(value, list) and schema.items is not None:
        return [with_defaults(schema.items, item) for item in value]
    if schema.format == "quantity" and isinstance(value, int | float):
        return str(value)  # a server writes amounts as text
    if not isinstance(value, dict) or schema.type != "object":
        return value
    result = {name: _filled(schema, name, child) for name, child in value.items()}
    for name, child in schema.properties.items():
        if result.get(name) is None:
            if child.default is not None:
                result[name] = with_defaults(child, copy.deepcopy(child.default))
            elif child.always:
                result[name] = with_defaults(child, zero(child))
    return result


def _filled(schema: Schema, name: str, value: Any) -> Any:
    child = schema.child(name)
    return value if child is None else with_defaults(child, value)


def violations(schema: Schema, value: Any, path: str, custom: bool) -> Iterator[Cause]:
    """Causes for missing, unsupported and out-of-range values. `custom` picks the wording of custom resources."""
    if isinstance(value, dict):
        yield from _missing(schema, value, path)
        for name, child in value.items():
            below = schema.child(name)
            if below is not None and child is not None:
                yield from violations(below, child, join(path, name), custom)
    elif isinstance(value, list):
        for index, item in enumerate(value if schema.items is not None else ()):
            assert schema.items is not None
            yield from violations(schema.items, item, f"{path}[{index}]", custom)
    else:
        yield from _scalar_violations(schema, value, path, custom)


def _missing(schema: Schema, value: Object, path: str) -> Iterator[Cause]:
    """A cause for each required field that is absent, null, or an always-written field left empty."""
    for name in schema.required:
        child, found = schema.properties[name], value.get(name)
        unset_time = child.always and child.format == "date-time" and name in value
        if (found is None and not unset_time) or (child.always and found in ("", {}, [])):
            yield errors.required(join(path, name))


def _scalar_violations(schema: Schema, value: Any, path: str, custom: bool) -> Iterator[Cause]:
    if schema.enum and value not in schema.enum:
        yield errors.unsupported_value(path, written(value), schema.enum)
    elif schema.pattern and isinstance(value, str) and not re.search(schema.pattern, value):
        yield errors.invalid_value(path, written(value), f"{path} in body should match '{schema.pattern}'")
    elif isinstance(value, int) and not isinstance(value, bool):
        why = _out_of_range(schema, value, path, custom)
        if why:
            yield errors.invalid_value(path, written(value), why)


def _out_of_range(schema: Schema, value: int, path: str, custom: bool) -> str:
    """Why a number is refused, or ''."""
    low, high = schema.minimum, schema.maximum
    if (low is None or value >= low) and (high is None or value <= high):
        return ""
    if custom and low is not None and value < low:
        return f"{path} in body should be greater than or equal to {low}"
    if custom:
        return f"{path} in body should be less than or equal to {high}"
    if low is not None and high is not None:
        return f"must be between {low} and {high}, inclusive"
    if low == 1:
        return "must be greater than 0"
    return (
        f"must be greater than or equal to {low}" if low is not None else f"must be less than or equal to {high}"
    )


def frozen_changes(schema: Schema, old: Any, new: Any, path: str = "") -> Iterator[Cause]:
    """A cause for each field marked immutable whose value changed."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return
    for name, child in schema.properties.items():
        before, after = old.get(name), new.get(name)
        if child.immutable and before is not None and before != after:
            yield errors.invalid_value(join(path, name), written(after), "field is immutable")
        elif child.type == "object":
            yield from frozen_changes(child, before, after, join(path, name))
