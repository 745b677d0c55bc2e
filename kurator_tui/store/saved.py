"""The last known rows as bytes, for the first frame of the next start. Pure: files are `config.rows_file`'s.

A saved file is an index and chunks of rows:

    MAGIC · length and CRC-32 of the index · index (msgpack) · chunks (msgpack arrays of at most CHUNK rows)

The index is checked when it is read, a chunk when it is needed, so that a start pays for the rows it shows only.
Whatever does not fit (another version, another shape of a row, another estate, a byte that differs) is no error:
there is nothing to remember then.

What may quote a secret never gets into the bytes: texts that people or programs write freely (`LEFT_OUT`), names
of Secrets, and every text field that nobody has decided about. URLs lose their credentials.
"""

from __future__ import annotations

import math
import struct
import typing
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec
from msgspec import structs

from kurator_tui.kinds.base import AnyKind, Row

LIMIT = 8 * 2**20
"""Bytes of rows in a file; kinds that do not fit are left out whole."""
LARGEST_INDEX = 2 * 2**20
LARGEST_FILE = LIMIT + LARGEST_INDEX + 4096
CHUNK = 500
"""Rows encoded or decoded before the screen may have a turn."""
LEAST_ROW = 48
"""Bytes that hardly a row is smaller than: a uid alone has 36."""

MAGIC = b"kurator-tui rows 1\n"
_HEAD = struct.Struct(">II")

LEFT_OUT = frozenset(
    {
        "values",
        "silenced",
        *("reason", "message", "note", "secret", "secret_key", "secret_prefix", "credential_secret"),
        *(
            "control_plane",
            "cells",
            "takes",
            "summary",
            "query",
            "stranger",
            "runbook",
            "messages",
            "marks",
            "cause",
            "because",
            "notes",
            "told",
            "stale",
            "overrides",
            "category",
            "spaces",
            "names",
            "hint",
            "preemptor",
            "desired",
            "reported",
        ),
        *("params", "results", "attestation"),
        "history",
    }
)
"""Text fields of rows that are never written: free text, and what names Secrets or copies annotations."""

URLS = frozenset({"server", "endpoint", "repository", "address"})
"""Text fields that are written unless they hold user information."""

KEPT = frozenset(
    {
        *("cluster", "namespace", "name", "uid", "labels"),
        *("kind", "object_name", "object_kind", "object_namespace", "fleet", "members", "via", "state", "phase"),
        *("version", "infrastructure", "type", "source", "status", "ready", "node", "ip", "owner", "owner_kind"),
        *("qos", "images", "roles", "pressures", "taints", "internal_ip", "os_image", "runtime", "release"),
        *("plugin", "plugins", "component", "member", "chart", "revision", "level", "mode"),
        *("clusters", "resources", "excluded", "unit", "severity", "target"),
        *("application", "application_namespace", "policy", "strategy", "canary", "provider", "attempted"),
        *("weights", "mtls", "gateways", "host", "ports", "back", "cable", "remote_node", "remote_version"),
        *("rule", "rules", "kinds", "policies", "namespaces", "scope"),
        *("step", "schedule", "schedules", "velero", "location", "outcome", "backup"),
        *("revision_before", "revision_after", "image_before", "image_after", "verdict", "seen_in"),
        *("pipeline", "run", "task", "trigger", "signature", "steps", "pod"),
        *("path",),
        *("blocked_by", "depends", "root", "where"),
        *("devices", "path", "parent", "resource", "deserved_by", "allocated", "deserved", "capability"),
        *("queue", "priority_class", "asks", "model", "label", "victim", "job", "took"),
        *("binding", "match", "evicting", "region", "zones", "complete", "hop", "root", "policy_namespace"),
        *("site", "region", "line", "edgecore", "cloudcore", "model", "protocol", "contact"),
        *("job", "step", "before", "after"),
        *("wanted", "ladder", "oldest", "next", "route"),
        *("prometheus", "sidecar", "exposed", "store", "grafana", "ceph"),
        *("code", "title", "suggests", "ended"),
    }
)
"""Text fields that are written: names, numbers of versions, words of a fixed set."""


class About(msgspec.Struct, frozen=True, array_like=True):
    """What a file is of. `estate` says where one looked (see `config.rows_file`), `context` and `server` are what
    the feeder found there, "" when it never said."""

    version: str
    estate: str
    context: str = ""
    server: str = ""


class _Entry(msgspec.Struct, frozen=True, array_like=True):
    """One part in the index; `chunks` are (length, CRC-32)."""

    kind: str
    cluster: str
    since: float
    chunks: tuple[tuple[int, int], ...]


class _Index(msgspec.Struct, frozen=True, array_like=True):
    about: About
    shapes: dict[str, int]
    parts: tuple[_Entry, ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """At most `CHUNK` rows, and the CRC-32 they had when they were encoded."""

    data: bytes | memoryview
    check: int


@dataclass(frozen=True, slots=True)
class Part:
    """All rows of one kind in one cluster. `since` is the Unix second at which they were last known to be true."""

    kind: str
    cluster: str
    since: float
    chunks: tuple[Chunk, ...]

    @property
    def size(self) -> int:
        """Bytes of its rows."""
        return sum(len(chunk.data) for chunk in self.chunks)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one cluster on their way into a part."""

    cluster: str
    since: float
    rows: Sequence[Row]


# -- which fields -----------------------------------------------------------------------------------------------


def _inside(annotation: Any) -> Iterator[Any]:
    """`annotation` and all types it is made of."""
    yield annotation
    for argument in typing.get_args(annotation):
        yield from _inside(argument)


def text_fields(shape: type[msgspec.Struct]) -> set[str]:
    """Names of the fields of `shape` that hold text, whatever is around it."""
    return {item.name for item in structs.fields(shape) if str in _inside(item.type)}


def nested(shape: type[msgspec.Struct]) -> dict[str, type[msgspec.Struct]]:
    """Fields of `shape` that hold tuples of other structs."""
    return {
        item.name: inner
        for item in structs.fields(shape)
        for inner in _inside(item.type)
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct)
    }


def shape_of(kind: AnyKind) -> type[Row]:
    """What the rows of `kind` are."""
    shape: type[Row] = kind.row
    return shape


@cache
def fingerprint(shape: type[msgspec.Struct]) -> int:
    """The same for two programs whose rows of `shape` mean the same."""
    return _fingerprint(shape, len(structs.fields(shape)))


def _fingerprint(shape: type[msgspec.Struct], count: int) -> int:
    """That of the first `count` fields."""
    fields, inner = structs.fields(shape)[:count], nested(shape)
    told = [f"{item.name}:{item.type}" for item in fields]
    told += [f"{item.name}={fingerprint(inner[item.name])}" for item in fields if item.name in inner]
    return zlib.crc32("\n".join(told).encode())


@cache
def fingerprints(shape: type[msgspec.Struct]) -> frozenset[int]:
    """Those of `shape` and of what it was before fields were added at its end: such rows can be read."""
    fields = structs.fields(shape)
    found = {fingerprint(shape)}
    for count in range(len(fields) - 1, 0, -1):
        if fields[count].required:
            break
        found.add(_fingerprint(shape, count))
    return frozenset(found)


@cache
def _blanks(shape: type[msgspec.Struct]) -> dict[str, Any]:
    """Field -> what stands in the file for it, for all that is not to be written."""
    unwanted = text_fields(shape) - KEPT - URLS
    return {item.name: item.default for item in structs.fields(shape) if item.name in unwanted}


@cache
def cleaner(shape: type[msgspec.Struct]) -> Callable[[Any], Any]:
    """What turns a struct into one that may be written."""
    blanks, inner = _blanks(shape), {name: cleaner(kind) for name, kind in nested(shape).items()}
    urls = URLS & text_fields(shape)

    def clean(row: Any) -> Any:
        changed = {name: blank for name, blank in blanks.items() if getattr(row, name) != blank}
        for name in urls:
            if "@" in getattr(row, name):
                changed[name] = ""
        for name, clean_inner in inner.items():
            changed[name] = tuple(clean_inner(item) for item in getattr(row, name))
        return structs.replace(row, **changed) if changed else row

    return clean


def plain(url: str) -> str:
    """`url` unless it holds user information."""
    return "" if "@" in url else url


# -- to bytes ---------------------------------------------------------------------------------------------------

_encoder = msgspec.msgpack.Encoder()


@dataclass(slots=True)
class Collector:
    """Parts for one file, at most `limit` bytes of rows."""

    limit: int = LIMIT
    parts: list[Part] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """Kinds that did not fit."""
    size: int = 0

    def add(self, kind: AnyKind, tables: Sequence[Table], carried: Sequence[Part] = ()) -> Iterator[None]:
        """Take the rows of one kind, all or none; `carried` are parts of an earlier file that still hold good.

        A generator: whoever drives it may do something else after each `CHUNK` rows.
        """
        if not tables and not carried:
            return
        found = list(carried)
        size = sum(part.size for part in found)
        least = size + LEAST_ROW * sum(len(table.rows) for table in tables)
        clean = cleaner(shape_of(kind))
        for table in tables:
            if self.size + max(size, least) > self.limit:
                break
            chunks: list[Chunk] = []
            for start in range(0, len(table.rows), CHUNK):
                data = _encoder.encode([clean(row) for row in table.rows[start : start + CHUNK]])
                chunks.append(Chunk(data, zlib.crc32(data)))
                size += len(data)
                yield
            found.append(Part(kind.id, table.cluster, table.since, tuple(chunks)))
        if self.size + max(size, least) > self.limit:
            self.left_out.append(kind.id)
            return
        self.parts += found
        self.size += size


def pack(about: About, parts: Iterable[Part], kinds: Iterable[AnyKind]) -> list[bytes | memoryview]:
    """A whole file, to be written one after another. `kinds` are those of `parts`."""
    parts = list(parts)
    shapes = {kind.id: fingerprint(shape_of(kind)) for kind in kinds}
    entries = tuple(
        _Entry(part.kind, part.cluster, part.since, tuple((len(chunk.data), chunk.check) for chunk in part.chunks))
        for part in parts
    )
    index = _encoder.encode(_Index(about, shapes, entries))
    head = MAGIC + _HEAD.pack(len(index), zlib.crc32(index))
    return [head, index, *(chunk.data for part in parts for chunk in part.chunks)]


# -- from bytes -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Saved:
    """What a file holds; rows are decoded when they are asked for."""

    about: About
    shapes: dict[str, int]
    parts: tuple[Part, ...]

    def of(self, kind: AnyKind) -> list[Part]:
        """The parts of `kind`; none when its rows look different now."""
        if self.shapes.get(kind.id) != fingerprint(shape_of(kind)):
            return []
        return [part for part in self.parts if part.kind == kind.id]


@cache
def _decoder(shape: type[Row]) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(list[shape])  # type: ignore[valid-type]


def decode(kind: AnyKind, part: Part) -> Iterator[list[Row]]:
    """The rows of `part`, chunk by chunk.

    Raises msgspec.DecodeError when they are not as they were written, no rows of `kind`, or another cluster's.
    """
    if any(zlib.crc32(chunk.data) != chunk.check for chunk in part.chunks):
        raise msgspec.DecodeError("bytes that differ from what was written")
    decoder = _decoder(shape_of(kind))
    for chunk in part.chunks:
        rows: list[Row] = decoder.decode(chunk.data)
        if any(row.cluster != part.cluster for row in rows):
            raise msgspec.DecodeError("rows of another cluster")
        yield rows


def unpack(data: bytes, about: About) -> Saved | None:
    """What `data` holds; None unless it is a whole file of the same version and estate as `about`."""
    start = len(MAGIC) + _HEAD.size
    if len(data) < start or not data.startswith(MAGIC):
        return None
    length, check = _HEAD.unpack_from(data, len(MAGIC))
    view = memoryview(data)
    raw = view[start : start + length]
    if len(raw) != length or zlib.crc32(raw) != check:
        return None
    try:
        index = msgspec.msgpack.decode(raw, type=_Index)
    except (msgspec.DecodeError, RecursionError):
        return None
    if (index.about.version, index.about.estate) != (about.version, about.estate):
        return None
    parts = _parts(index, view[start + length :])
    return None if parts is None else Saved(index.about, index.shapes, parts)


def _parts(index: _Index, view: memoryview) -> tuple[Part, ...] | None:
    """The parts of `index` with their chunks out of `view`; None when it holds less, or more."""
    parts: list[Part] = []
    at = 0
    for entry in index.parts:
        chunks: list[Chunk] = []
        for length, check in entry.chunks:
            data = view[at : at + max(length, 0)]
            if len(data) != length:
                return None
            chunks.append(Chunk(data, check))
            at += length
        if not math.isfinite(entry.since):
            return None
        parts.append(Part(entry.kind, entry.cluster, entry.since, tuple(chunks)))
    return tuple(parts) if at == len(view) else None
