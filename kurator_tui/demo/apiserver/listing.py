"""List requests: selectors, pages and resourceVersion semantics over the storage.

Pages of one list are a consistent snapshot: later pages rewind the kept history to the first page's version, and
answer 410 when that history is gone.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass

from kurator_tui.demo.apiserver import errors, selectors
from kurator_tui.demo.apiserver.changes import Key, Obj
from kurator_tui.demo.apiserver.resources import ResourceType
from kurator_tui.demo.apiserver.storage import Entries, Storage

_TOKEN_VERSION = "meta.k8s.io/v1"


@dataclass(frozen=True, slots=True)
class Page:
    """The entries of one answer and the list's metadata."""

    entries: Entries
    metadata: Obj


def parse_version(text: str) -> int:
    """A resourceVersion of a list or watch as a number; '' is 0.  Raises 500, as a real server does."""
    if not text:
        return 0
    if not text.isascii() or not text.isdigit():
        message = f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax'
        raise errors.StatusError(500, "", message)
    return int(text)


def select(storage: Storage, rt: ResourceType, ns: str | None, query: Mapping[str, str]) -> Page:
    """The objects a list request asks for; `ns` None is every namespace."""
    selector = selectors.parse(rt, query.get("labelSelector", ""), query.get("fieldSelector", ""))
    limit = _limit(query)
    if query.get("continue"):
        version, after = decode_token(query["continue"], ns)
        entries = [e for e in _snapshot(storage, rt, version, ns) if e.key > after]
    else:
        version, entries = _versioned(storage, rt, ns, query)
        if query.get("resourceVersion") == "0":
            limit = 0
    if not selector.everything:
        entries = [entry for entry in entries if selector.matches(entry.obj)]
    metadata: Obj = {"resourceVersion": str(version)}
    if limit and len(entries) > limit:
        metadata["continue"] = encode_token(version, entries[limit - 1].key, ns)
        if selector.everything:
            metadata["remainingItemCount"] = len(entries) - limit
        entries = entries[:limit]
    return Page(entries, metadata)


def _limit(query: Mapping[str, str]) -> int:
    text = query.get("limit") or "0"
    if not text.isdigit():
        raise errors.bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return int(text)


def _versioned(
    storage: Storage, rt: ResourceType, ns: str | None, query: Mapping[str, str]
) -> tuple[int, Entries]:
    """The list's version and entries by `resourceVersion` and `resourceVersionMatch`."""
    asked = parse_version(query.get("resourceVersion", ""))
    match = query.get("resourceVersionMatch", "")
    if match and "resourceVersion" not in query:
        why = "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"
        cause: errors.Cause = {"reason": "FieldValueForbidden", "message": why, "field": "resourceVersionMatch"}
        raise errors.invalid_kind("meta.k8s.io", "ListOptions", "", [cause])
    if asked > storage.rv:
        raise errors.too_large_version(asked, storage.rv)
    if match == "Exact":
        return asked, _snapshot(storage, rt, asked, ns)
    return storage.rv, storage.entries(rt, ns)


def _snapshot(storage: Storage, rt: ResourceType, version: int, ns: str | None) -> Entries:
    if version == storage.rv:
        return storage.entries(rt, ns)
    try:
        return storage.entries_at(rt, version, ns)
    except errors.StatusError as gone:
        message = "The provided continue parameter is too old to display a consistent list result. You can start"
        message += " a new list without the continue parameter, or use the continue token in this response to"
        message += " retrieve the remainder of the results. Continuing with the provided token results in an"
        message += " inconsistent list."
        raise errors.expired(message) from gone


def encode_token(version: int, last: Key, ns: str | None) -> str:
    """The continue token after `last`, as a real server writes it (base64 of JSON, unpadded)."""
    start = f"/{last[1]}\0" if ns is not None or not last[0] else f"/{last[0]}/{last[1]}\0"
    raw = json.dumps({"v": _TOKEN_VERSION, "rv": version, "start": start}, separators=(",", ":"))
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def decode_token(token: str, ns: str | None) -> tuple[int, Key]:
    """(version, key after which to go on); raises BadRequest."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        fields = json.loads(raw.decode())
        version, start = int(fields["rv"]), str(fields["start"])
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        why = "invalid character looking for beginning of value"
        raise errors.bad_request(f"invalid continue token: continue key is not valid: {why}") from error
    if fields.get("v") != _TOKEN_VERSION:
        message = "continue key is not valid: server does not recognize this encoded version"
        raise errors.bad_request(f"invalid continue token: {message}")
    parts = start.strip("/\0").split("/")
    if len(parts) == 2:
        return version, (parts[0], parts[1])
    return version, (ns or "", parts[0])
