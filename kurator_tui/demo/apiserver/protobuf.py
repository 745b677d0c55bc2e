"""Reads the few protobuf bodies that kubectl's typed clients send.  Answers stay JSON, which they accept.

The layout is k8s.io/apimachinery's: the prefix `k8s\\0`, an envelope (type, raw message), and per kind the field
numbers of its `generated.proto`.  Kinds without a table here are an unsupported media type.
"""

from collections.abc import Iterator
from typing import Any

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
_PREFIX = b"k8s\0"

Fields = dict[int, tuple[str, Any]]
"""Field number → (JSON name, how): str, int, bool, [str], 'map', or the Fields of a nested message."""

_META: Fields = {
    1: ("name", str),
    2: ("generateName", str),
    3: ("namespace", str),
    5: ("uid", str),
    6: ("resourceVersion", str),
    11: ("labels", "map"),
    12: ("annotations", "map"),
    14: ("finalizers", [str]),
}
_DELETE: Fields = {
    1: ("gracePeriodSeconds", int),
    2: ("preconditions", {1: ("uid", str), 2: ("resourceVersion", str)}),
    3: ("orphanDependents", bool),
    4: ("propagationPolicy", str),
    5: ("dryRun", [str]),
}
_RESOURCE: Fields = {
    1: ("namespace", str),
    2: ("verb", str),
    3: ("group", str),
    4: ("version", str),
    5: ("resource", str),
    6: ("subresource", str),
    7: ("name", str),
}
_ACCESS: Fields = {
    1: ("resourceAttributes", _RESOURCE),
    2: ("nonResourceAttributes", {1: ("path", str), 2: ("verb", str)}),
}
_WITH_META = {1: ("metadata", _META)}
_KINDS: dict[str, Fields] = {
    "ConfigMap": {**_WITH_META, 2: ("data", "map")},
    "DeleteOptions": _DELETE,
    "Eviction": {**_WITH_META, 2: ("deleteOptions", _DELETE)},
    "Namespace": {**_WITH_META, 2: ("spec", {1: ("finalizers", [str])})},
    "SelfSubjectAccessReview": {**_WITH_META, 2: ("spec", _ACCESS)},
    "SelfSubjectReview": _WITH_META,
    "SelfSubjectRulesReview": {**_WITH_META, 2: ("spec", {1: ("namespace", str)})},
    "ServiceAccount": _WITH_META,
    "SubjectAccessReview": {**_WITH_META, 2: ("spec", {**_ACCESS, 3: ("user", str), 4: ("groups", [str])})},
}
_ENVELOPE: Fields = {1: ("type", {1: ("apiVersion", str), 2: ("kind", str)}), 2: ("raw", bytes)}


def decode(body: bytes) -> dict[str, Any] | None:
    """The object of a body, None for a kind without a table; raises ValueError for what is no such message."""
    if not body.startswith(_PREFIX):
        raise ValueError("the body has no protobuf prefix")
    envelope = _message(body[len(_PREFIX) :], _ENVELOPE)
    kind = envelope.get("type", {}).get("kind", "")
    fields = _KINDS.get(kind)
    if fields is None:
        return None
    return {**envelope["type"], **_message(envelope.get("raw", b""), fields)}


def _message(data: bytes, fields: Fields) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, value in _pairs(data):
        name, how = fields.get(number, ("", None))
        if how is None:
            continue
        if how == "map":
            entry = _message(_bytes(value), {1: ("key", str), 2: ("value", str)})
            found.setdefault(name, {})[entry.get("key", "")] = entry.get("value", "")
        elif isinstance(how, list):
            found.setdefault(name, []).append(_scalar(value, how[0]))
        elif isinstance(how, dict):
            found[name] = _message(_bytes(value), how)
        else:
            found[name] = _scalar(value, how)
    return {name: value for name, value in found.items() if value != ""}


def _scalar(value: int | bytes, how: type) -> Any:
    if how is bytes:
        return _bytes(value)
    if how is str:
        return _bytes(value).decode("utf-8", "replace")
    if not isinstance(value, int):
        raise ValueError("a number was expected")
    return bool(value) if how is bool else value - (1 << 64) if value >> 63 else value


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise ValueError("a message or text was expected")
    return value


def _pairs(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(field number, value) of a message's wire format."""
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        wire = key & 7
        if wire == 0:
            value, position = _varint(data, position)
            yield key >> 3, value
            continue
        if wire == 2:
            length, position = _varint(data, position)
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
        else:
            raise ValueError(f"unknown wire type {wire}")
        if position + length > len(data):
            raise ValueError("the message is cut short")
        yield key >> 3, data[position : position + length]
        position += length


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if position >= len(data) or shift > 63:
            raise ValueError("the message is cut short")
        byte = data[position]
        position += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, position
