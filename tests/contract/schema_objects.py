"""Objects that an openAPIV3Schema allows: the least one, and random ones where the fields a kind reads abound."""

from __future__ import annotations

import types
import typing
from functools import cache
from random import Random
from typing import Any, Union

import msgspec

Json = dict[str, Any]

TIMES = (
    "2026-01-01T00:00:00Z",
    "2026-08-21T10:11:12.123456Z",
    "0001-01-01T00:00:00Z",
    "2026-01-01T02:00:00+02:00",
)
TEXTS = (
    *("", "a", "True", "False", "Unknown", "Ready", "100m", "1Gi", "5", "-3", "1e3", "v1", "a/b", "*"),
    *("\x1b[31mred\x1b[0m", "two\nlines", "\u202egnp", "日本語 🚀", "x" * 500, "2026-01-01T00:00:00Z", "NaN"),
)
CONDITIONS = ("Ready", "Available", "Succeeded", "Progressing", "Degraded", "Scheduled", "Stalled", "Failed")
NUMBERS = (0, 1, 2, 3, 100, -1, 2**31 - 1, 2**53)
_DEEPEST = 12
_ROOM = 250


@cache
def read_below(projection: Any) -> dict[str, Any] | None:
    """Field on the wire → type, of what a partial struct decodes; None where it takes everything."""
    if isinstance(projection, type) and issubclass(projection, msgspec.Struct):
        return {field.encode_name: field.type for field in msgspec.structs.fields(projection)}
    if typing.get_origin(projection) in (Union, types.UnionType):
        for option in typing.get_args(projection):
            if (found := read_below(option)) is not None:
                return found
    if typing.get_origin(projection) in (list, dict):
        return read_below(typing.get_args(projection)[-1])
    return None


def least(schema: Json) -> Any:
    """Nothing but what is required, each at its first or emptiest value."""
    if schema.get("enum"):
        return schema["enum"][0]
    kind = _type(schema)
    if kind == "object":
        properties = schema.get("properties", {})
        return {key: least(properties.get(key, {})) for key in schema.get("required", ())}
    if kind == "string" and schema.get("format") == "date-time":
        return TIMES[0]
    return {"array": [], "string": "", "integer": 0, "number": 0.5, "boolean": False}.get(kind, {})


def full(random: Random, schema: Json, projection: Any) -> Any:
    """A random object. Of the fields that `projection` reads most are there, of others few."""
    return _Maker(random).value(schema, projection, 0, "")


class _Maker:
    """Makes one object of a bounded number of values."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._room = _ROOM

    def value(self, schema: Json, projection: Any, depth: int, name: str) -> Any:
        random = self._random
        self._room -= 1
        if schema.get("nullable") and random.random() < 0.2:
            return None
        if schema.get("enum"):
            return random.choice(schema["enum"])
        if schema.get("x-kubernetes-int-or-string"):
            return random.choice((*NUMBERS, *TEXTS))
        kind = _type(schema)
        if kind == "object":
            return self._object(schema, projection, depth)
        if kind == "array":
            many = random.randrange(4) if self._room > 0 and depth < _DEEPEST else 0
            return [self.value(schema.get("items", {}), projection, depth + 1, name) for _ in range(many)]
        if kind == "string":
            return self._text(schema, name)
        if kind == "integer":
            return random.choice(NUMBERS)
        if kind == "number":
            return random.choice((*NUMBERS, 0.5, 1e300))
        return random.random() < 0.5 if kind == "boolean" else self._anything(depth)

    def _object(self, schema: Json, projection: Any, depth: int) -> Json:
        random, reads = self._random, read_below(projection)
        required, made = schema.get("required", ()), {}
        for key, below in sorted(
            schema.get("properties", {}).items(), key=lambda each: each[0] not in (reads or ())
        ):
            wanted = reads is None or key in reads
            room = self._room > 0 and depth < _DEEPEST
            if key in required or (room and random.random() < (0.75 if wanted else 0.05)):
                made[key] = self.value(below, (reads or {}).get(key, int if reads else Any), depth + 1, key)
        more = schema.get("additionalProperties")
        inside = random.randrange(3) if (more or not schema.get("properties")) and self._room > 0 else 0
        for _ in range(inside if depth < _DEEPEST else 0):
            key = random.choice(("a", "app", "cpu", "example.com/x"))
            made[key] = (
                self.value(more, projection, depth + 1, key) if isinstance(more, dict) else self._anything(depth)
            )
        return made

    def _text(self, schema: Json, name: str) -> str:
        if schema.get("format") == "date-time":
            return self._random.choice(TIMES)
        if name == "type":
            return self._random.choice(CONDITIONS)
        return self._random.choice(TEXTS)

    def _anything(self, depth: int) -> Any:
        """A value of a field whose schema says nothing."""
        random = self._random
        self._room -= 1
        if depth < _DEEPEST and self._room > 0 and random.random() < 0.4:
            inside = [self._anything(depth + 1) for _ in range(random.randrange(3))]
            return inside if random.random() < 0.5 else dict(zip(("a", "status"), inside, strict=False))
        return random.choice((None, True, 1, 0.5, *TEXTS[:4]))


def _type(schema: Json) -> str:
    if "properties" in schema or "additionalProperties" in schema:
        return "object"
    return str(schema.get("type", ""))
