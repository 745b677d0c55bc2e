"""The form an answer takes: whole objects, metadata alone or a Table, as the Accept header asks.

Bodies are put together from encodings kept in storage where that is possible.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from kurator_tui.demo.apiserver import errors, tables
from kurator_tui.demo.apiserver.changes import Obj, Stored, encode
from kurator_tui.demo.apiserver.resources import ResourceType


class Form(Enum):
    """How objects are written."""

    OBJECT = auto()
    PARTIAL = auto()
    TABLE = auto()


@dataclass(frozen=True, slots=True)
class View:
    """A form and, for tables, what a row carries (None, Metadata, Object)."""

    form: Form = Form.OBJECT
    include: str = "Metadata"


def media_types(header: str) -> list[tuple[str, dict[str, str]]]:
    """The media ranges of an Accept or Content-Type header with their parameters, in order."""
    found = []
    for item in header.split(","):
        kind, *parameters = (part.strip() for part in item.split(";"))
        pairs = (parameter.partition("=") for parameter in parameters)
        found.append((kind.lower(), {key.strip(): value.strip() for key, _, value in pairs}))
    return found


def negotiate(accept: str, include: str = "") -> View:
    """The first form of the Accept header this server has; JSON objects when it has none.

    Raises BadRequest for an unknown `includeObject`.
    """
    if include not in ("", "None", "Metadata", "Object"):
        message = f'unrecognized includeObject value: "{include}"'
        raise errors.bad_request(message)
    for kind, parameters in media_types(accept or "*/*"):
        if kind not in ("application/json", "application/*", "*/*"):
            continue
        wanted = parameters.get("as")
        if not wanted:
            return View()
        if parameters.get("g") == "meta.k8s.io" and parameters.get("v") == "v1":
            if wanted == "Table":
                return View(Form.TABLE, include or "Metadata")
            if wanted in ("PartialObjectMetadata", "PartialObjectMetadataList"):
                return View(Form.PARTIAL)
    return View()


def one(view: View, rt: ResourceType, obj: Obj, now: float) -> bytes:
    """One object as a body."""
    if view.form is Form.PARTIAL:
        return encode(tables.partial(obj))
    if view.form is Form.TABLE:
        metadata = {"resourceVersion": (obj.get("metadata") or {}).get("resourceVersion", "")}
        return encode(tables.table(rt, [obj], metadata, now, include=view.include))
    return encode(obj)


def many(view: View, rt: ResourceType, entries: Sequence[Stored], metadata: Obj, now: float) -> bytes:
    """A list as a body; `metadata` is the list's (resourceVersion, continue, remainingItemCount)."""
    if view.form is Form.TABLE:
        objects = [entry.obj for entry in entries]
        return encode(tables.table(rt, objects, metadata, now, include=view.include))
    if view.form is Form.PARTIAL:
        items: list[Any] = [tables.partial(entry.obj) for entry in entries]
        head = {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1"}
        return encode({**head, "metadata": metadata, "items": items})
    opening = {"kind": f"{rt.kind}List", "apiVersion": rt.api_version, "metadata": metadata}
    raws = (entry.raw if rt.custom else entry.item_raw for entry in entries)
    return encode(opening)[:-1] + b',"items":[' + b",".join(raws) + b"]}"


def event(view: View, rt: ResourceType, kind: str, obj: Obj, raw: bytes, now: float, *, first: bool) -> bytes:
    """One line of a watch; `raw` is the object's encoding, `first` adds a table's column definitions."""
    if view.form is Form.PARTIAL:
        raw = encode(tables.partial(obj))
    elif view.form is Form.TABLE:
        metadata = {"resourceVersion": (obj.get("metadata") or {}).get("resourceVersion", "")}
        rows = [] if kind == "BOOKMARK" else [obj]
        table = tables.table(rt, rows, metadata, now, include=view.include, with_columns=first)
        raw = encode(table)
    return b'{"type":"' + kind.encode() + b'","object":' + raw + b"}\n"


def bookmark(view: View, rt: ResourceType, rv: int, now: float, *, initial_end: bool = False) -> bytes:
    """A BOOKMARK line; `initial_end` marks the end of the initial events."""
    metadata: Obj = {"resourceVersion": str(rv)}
    if initial_end:
        metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
    obj = {"kind": rt.kind, "apiVersion": rt.api_version, "metadata": metadata}
    if view.form is Form.TABLE:
        table = {**tables.table(rt, [], metadata, now, with_columns=False), "rows": None}
        return event(View(), rt, "BOOKMARK", obj, encode(table), now, first=False)
    return event(view, rt, "BOOKMARK", obj, encode(obj), now, first=False)


def error(failure: errors.StatusError) -> bytes:
    """An ERROR line."""
    return b'{"type":"ERROR","object":' + encode(failure.body()) + b"}\n"
