"""Reads the few protobuf bodies that kubectl's typed clients send.  Answers stay JSON, which they accept.

The layout is k8s.io/apimachinery's: the prefix `k8s\\0`, an envelope (type, raw message), and per kind the field
numbers of its `generated.proto`.  Kinds without a table here are an unsupported media type, and so is a message
with a field its table does not know: nothing a client set is lost silently.
"""

import base64
from collections.abc import Iterator
from typing import Any

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
_PREFIX = b"k8s\0"

Fields = dict[int, tuple[str, Any]]
"""Field number → (JSON name, how): str, int, bool, bytes, 'map', 'bytemap', 'either' (IntOrString), 'skip', the
Fields of a nested message, or any of these in a list when it is repeated."""

_SKIP = ("", "skip")
_META: Fields = {
    8: _SKIP,
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
_SELECTOR: Fields = {
    1: ("matchLabels", "map"),
    2: ("matchExpressions", [{1: ("key", str), 2: ("operator", str), 3: ("values", [str])}]),
}
_PORT: Fields = {1: ("name", str), 2: ("hostPort", int), 3: ("containerPort", int), 4: ("protocol", str)}
_CONTAINER: Fields = {
    1: ("name", str),
    2: ("image", str),
    3: ("command", [str]),
    4: ("args", [str]),
    5: ("workingDir", str),
    6: ("ports", [_PORT]),
    7: ("env", [{1: ("name", str), 2: ("value", str)}]),
    14: ("imagePullPolicy", str),
    18: ("tty", bool),
}
_POD: Fields = {
    2: ("containers", [_CONTAINER]),
    3: ("restartPolicy", str),
    4: ("terminationGracePeriodSeconds", int),
    7: ("nodeSelector", "map"),
    8: ("serviceAccountName", str),
    10: ("nodeName", str),
}
_DEPLOYMENT: Fields = {
    1: ("replicas", int),
    2: ("selector", _SELECTOR),
    3: ("template", {1: ("metadata", _META), 2: ("spec", _POD)}),
    4: ("strategy", {1: ("type", str)}),
}
_BUDGET: Fields = {1: ("minAvailable", "either"), 2: ("selector", _SELECTOR), 3: ("maxUnavailable", "either")}
_KINDS: dict[str, Fields] = {
    "ConfigMap": {**_WITH_META, 2: ("data", "map")},
    "DeleteOptions": _DELETE,
    "Deployment": {**_WITH_META, 2: ("spec", _DEPLOYMENT), 3: _SKIP},
    "Eviction": {**_WITH_META, 2: ("deleteOptions", _DELETE)},
    "Namespace": {**_WITH_META, 2: ("spec", {1: ("finalizers", [str])})},
    "PodDisruptionBudget": {**_WITH_META, 2: ("spec", _BUDGET), 3: _SKIP},
    "Secret": {**_WITH_META, 2: ("data", "bytemap"), 3: ("type", str)},
    "SelfSubjectAccessReview": {**_WITH_META, 2: ("spec", _ACCESS)},
    "SelfSubjectReview": _WITH_META,
    "SelfSubjectRulesReview": {**_WITH_META, 2: ("spec", {1: ("namespace", str)})},
    "ServiceAccount": _WITH_META,
    "SubjectAccessReview": {**_WITH_META, 2: ("spec", {**_ACCESS, 3: ("user", str), 4: ("groups", [str])})},
}
_ENVELOPE: Fields = {
    1: ("type", {1: ("apiVersion", str), 2: ("kind", str)}),
    2: ("raw", bytes),
    3: _SKIP,
    4: _SKIP,
}
_TEXT_PAIR: Fields = {1: ("key", str), 2: ("value", str)}
_BYTE_PAIR: Fields = {1: ("key", str), 2: ("value", bytes)}
_EITHER: Fields = {1: ("type", int), 2: ("intVal", int), 3: ("strVal", str)}


class UnknownField(ValueError):
    """A message sets a field its table does not know."""


def decode(body: bytes) -> dict[str, Any] | None:
    """The object of a body, None for a kind or field not known; raises ValueError for what is no such message."""
    if not body.startswith(_PREFIX):
        raise ValueError("the body has no protobuf prefix")
    envelope = _message(body[len(_PREFIX) :], _ENVELOPE)
    fields = _KINDS.get(envelope.get("type", {}).get("kind", ""))
    if fields is None:
        return None
    try:
        return {**envelope["type"], **_message(envelope.get("raw", b""), fields)}
    except UnknownField:
        return None


def _message(data: bytes, fields: Fields) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, value in _pairs(data):
        name, how = fields.get(number, ("", None))
        if how is None and not _is_empty(value):
            raise UnknownField(f"field {number}")
        if not name:
            continue
        if how in ("map", "bytemap"):
            entry = _message(_bytes(value), _TEXT_PAIR if how == "map" else _BYTE_PAIR)
            text = entry.get("value", "" if how == "map" else b"")
            plain = text if isinstance(text, str) else base64.b64encode(text).decode()
            found.setdefault(name, {})[entry.get("key", "")] = plain
        elif isinstance(how, list):
            found.setdefault(name, []).append(_value(value, how[0]))
        else:
            found[name] = _value(value, how)
    return {name: value for name, value in found.items() if value not in ("", {})}


def _is_empty(value: int | bytes) -> bool:
    """Go writes every field that is no pointer, set or not: zeros and messages of zeros mean nothing."""
    if isinstance(value, int):
        return not value
    try:
        return all(_is_empty(inner) for _, inner in _pairs(value))
    except ValueError:
        return False


def _value(value: int | bytes, how: Any) -> Any:
    if isinstance(how, dict):
        return _message(_bytes(value), how)
    if how == "either":
        either = _message(_bytes(value), _EITHER)
        return either.get("strVal", "") if either.get("type") else either.get("intVal", 0)
    return _scalar(value, how)


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
