"""Bytes of an API server into rows: a strict fast path in C, a tolerant slow path for odd objects.

An object whose field has the wrong type, or a null where a list belongs, must not cost its neighbours (nor
itself): the fast decoder refuses the page or line, and `fit` reads the same bytes field by field, dropping only
what does not fit. Only text that is no JSON at all is an error (`msgspec.DecodeError`).
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import Any, Generic, NamedTuple, TypeVar, Union

import msgspec

from kurator_tui.kinds.base import Also, Kind, P, R


class ListMeta(msgspec.Struct, rename="camel"):
    resource_version: str = ""
    continue_: str = msgspec.field(default="", name="continue")


class Page(msgspec.Struct):
    """One page of a list: rows, the list's resourceVersion, and the token of the next page ("" at the end)."""

    rows: list[Any]
    resource_version: str
    continue_token: str


class WatchEvent(msgspec.Struct, gc=False):
    """One watch line. `type` is ADDED, MODIFIED, DELETED, BOOKMARK or ERROR.

    `row` is None for BOOKMARK and ERROR; `initial_events_end` is true on the bookmark that closes the initial
    events of a WatchList; `status` holds the raw Status object of an ERROR.
    """

    type: str
    row: Any = None
    resource_version: str = ""
    initial_events_end: bool = False
    status: bytes = b""


class _Envelope(msgspec.Struct):
    type: str
    object: msgspec.Raw


class _RawList(msgspec.Struct):
    metadata: Any = None
    items: list[msgspec.Raw] | None = None


class _BookmarkMeta(msgspec.Struct, rename="camel"):
    resource_version: str = ""
    annotations: dict[str, str] | None = None


class _Bookmark(msgspec.Struct):
    metadata: _BookmarkMeta = msgspec.field(default_factory=_BookmarkMeta)


INITIAL_EVENTS_END = "k8s.io/initial-events-end"

_envelope = msgspec.json.Decoder(_Envelope)
_bookmark = msgspec.json.Decoder(_Bookmark)
_raw_list = msgspec.json.Decoder(_RawList)
_any = msgspec.json.Decoder()


T = TypeVar("T")
Raw = bytes | msgspec.Raw


def _reading(read: Callable[[Any, Any], T]) -> Callable[[Any, Any], T]:
    """Text in no encoding, or nested deeper than the stack, is no JSON either."""

    @wraps(read)
    def guarded(decoder: Any, raw: Any) -> T:
        try:
            return read(decoder, raw)
        except (RecursionError, UnicodeDecodeError) as error:
            raise msgspec.DecodeError(f"not JSON: {error}") from None

    return guarded


class _Decoders(NamedTuple):
    one: msgspec.json.Decoder[Any]
    listed: msgspec.json.Decoder[Any]
    event: msgspec.json.Decoder[Any]
    """A watch line whose object is of the kind, read in one pass."""


@cache
def _decoders(projection: type[Any]) -> _Decoders:
    """The decoders of a kind, shared by all clusters."""
    name = projection.__name__
    fields = [("items", list[projection] | None, None), ("metadata", ListMeta | None, None)]  # type: ignore[valid-type]
    listed = msgspec.defstruct(f"{name}List", fields)
    event = msgspec.defstruct(f"{name}Event", [("type", str), ("object", projection)], gc=False)
    return _Decoders(msgspec.json.Decoder(projection), msgspec.json.Decoder(listed), msgspec.json.Decoder(event))


class _More:
    """Reads from bytes that were decoded once already what users added to a kind."""

    def __init__(self, also: Also) -> None:
        self.extend = also.extend
        self._projection = also.projection
        self._decoders = _decoders(also.projection)

    def one(self, raw: Raw) -> Any:
        """What was added of one object."""
        try:
            return self._decoders.one.decode(raw)
        except msgspec.ValidationError:
            return fit(_any.decode(raw), self._projection)

    def listed(self, raw: bytes) -> list[Any]:
        """The same of each object of a list."""
        try:
            return self._decoders.listed.decode(raw).items or []
        except msgspec.ValidationError:
            return [self.one(item) for item in _raw_list.decode(raw).items or ()]

    def event(self, line: bytes) -> Any:
        """The same of the object of a watch line."""
        try:
            return self._decoders.event.decode(line).object
        except msgspec.ValidationError:
            return self.one(_envelope.decode(line).object)


class RowDecoder(Generic[P, R]):
    """Decodes one kind's lists, objects and watch lines of one cluster."""

    def __init__(self, kind: Kind[P, R], cluster: str) -> None:
        if kind.projection is None or kind.project is None:
            raise TypeError(f"{kind.id} is derived: it has nothing to decode")
        self.kind = kind
        self.cluster = cluster
        self._projection: type[P] = kind.projection
        self._project = kind.project
        self._strict, self._strict_list, self._strict_event = _decoders(kind.projection)
        self._more = _More(kind.also) if kind.also is not None else None

    @_reading
    def row(self, raw: Raw) -> R:
        """One object's bytes as a row."""
        row = self._project(self.cluster, self._object(raw))
        return row if self._more is None else self._more.extend(row, self._more.one(raw))

    @_reading
    def page(self, raw: bytes) -> Page:
        """A list response as rows."""
        try:
            listed: Any = self._strict_list.decode(raw)
            objects: list[P] = listed.items or []
            meta = listed.metadata or ListMeta()
        except msgspec.ValidationError:
            loose = _raw_list.decode(raw)
            objects = [self._object(item) for item in loose.items or ()]
            meta = fit(loose.metadata or {}, ListMeta)
        project, cluster = self._project, self.cluster
        rows = [project(cluster, obj) for obj in objects]
        if (more := self._more) is not None:
            rows = [more.extend(row, found) for row, found in zip(rows, more.listed(raw), strict=True)]
        return Page(rows, meta.resource_version, meta.continue_)

    def event(self, line: bytes) -> WatchEvent:
        """One watch line. Raises `msgspec.DecodeError` for a line cut short or no JSON object."""
        try:
            found = self._strict_event.decode(line)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return self._odd_event(line)
        kind: str = found.type
        if kind == "BOOKMARK" or kind == "ERROR":
            return self._odd_event(line)
        obj = found.object
        row = self._project(self.cluster, obj)
        if self._more is not None:
            row = self._more.extend(row, self._more.event(line))
        return WatchEvent(kind, row, obj.metadata.resource_version)

    @_reading
    def _odd_event(self, line: bytes) -> WatchEvent:
        """A line about no object of the kind, or about an odd one."""
        envelope = _envelope.decode(line)
        if envelope.type == "BOOKMARK":
            mark = _bookmark.decode(envelope.object).metadata
            end = (mark.annotations or {}).get(INITIAL_EVENTS_END) == "true"
            return WatchEvent("BOOKMARK", None, mark.resource_version, end)
        if envelope.type == "ERROR":
            return WatchEvent("ERROR", status=bytes(envelope.object))
        obj = self._object(envelope.object)
        version: str = getattr(obj, "metadata").resource_version  # noqa: B009 - every projection has metadata
        row = self._project(self.cluster, obj)
        if self._more is not None:
            row = self._more.extend(row, self._more.one(envelope.object))
        return WatchEvent(envelope.type, row, version)

    def _object(self, raw: Raw) -> P:
        found: P
        try:
            found = self._strict.decode(raw)
        except msgspec.ValidationError:
            found = fit(_any.decode(raw), self._projection)
        return found


def fit(value: object, target: Any) -> Any:
    """`value` (plain JSON data) as `target`, dropping what does not fit down to the single field.

    Struct fields that do not fit take their default, list items and dict entries that do not fit are left out.
    Raises `msgspec.ValidationError` where `target` is a scalar and nothing can be dropped.
    """
    origin = typing.get_origin(target)
    if origin in (Union, types.UnionType):
        return _fit_union(value, typing.get_args(target))
    if isinstance(target, type) and issubclass(target, msgspec.Struct):
        return _fit_struct(value, target)
    if origin is list:
        (item,) = typing.get_args(target)
        if not isinstance(value, list):
            raise msgspec.ValidationError("expected an array")
        return [fitted for raw in value if (fitted := _try(raw, item)) is not _MISFIT]
    if origin is dict:
        _, item = typing.get_args(target)
        if not isinstance(value, Mapping):
            raise msgspec.ValidationError("expected an object")
        return {k: fitted for k, raw in value.items() if (fitted := _try(raw, item)) is not _MISFIT}
    return msgspec.convert(value, target)


_MISFIT = object()


def _try(value: object, target: Any) -> Any:
    try:
        return fit(value, target)
    except msgspec.ValidationError:
        return _MISFIT


def _fit_union(value: object, options: tuple[Any, ...]) -> Any:
    if value is None and type(None) in options:
        return None
    for option in options:
        if option is not type(None) and (fitted := _try(value, option)) is not _MISFIT:
            return fitted
    raise msgspec.ValidationError("no type of the union fits")


def _fit_struct(value: object, target: type[msgspec.Struct]) -> Any:
    if not isinstance(value, Mapping):
        value = {}
    fields: dict[str, Any] = {}
    for field in msgspec.structs.fields(target):
        if field.encode_name in value:
            fitted = _try(value[field.encode_name], field.type)
            if fitted is not _MISFIT:
                fields[field.name] = fitted
    return target(**fields)
