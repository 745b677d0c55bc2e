"""Writes: patch, create, delete, evict, scale, for real or as a dry run, as ourselves or as another user.

Promises: one request a call, never sent again (but once after a 401, which nothing was done for); always with our
field manager and strict validation; and a failure says what is known of the write:

    ApiError (4xx)      refused: nothing was written. `Conflict` and `Throttled` (retry_after) among them
    TransportError      not sent: nothing was written
    Unanswered          sent, or maybe sent, and no usable answer: read back what became of it

The caller tests that the object is the one it looked at (resourceVersion, uid); nothing here reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec
from multidict import CIMultiDict

from kurator_tui.api.connection import Connection
from kurator_tui.errors import (
    ConsoleError,
    DnsFailure,
    OutOfFiles,
    Refused,
    ServerFault,
    TlsFailure,
    TransportError,
    Unanswered,
    UsageError,
)

Obj: TypeAlias = dict[str, Any]
Form: TypeAlias = Literal["json", "merge", "apply"]

MANAGER = "kurator-tui"
"""Our field manager."""
_TYPES = {
    "json": "application/json-patch+json",
    "merge": "application/merge-patch+json",
    "apply": "application/apply-patch+yaml",
}
_CREATED = 201
_UNSENT = (DnsFailure, Refused, TlsFailure, OutOfFiles)
"""What happens before a request is on its way."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a write is made: `dry_run` stores nothing; `user` and `groups` impersonate, "" and () do not.

    Raises UsageError for groups without a user: no server takes them, and left out we would write as ourselves.
    """

    dry_run: bool = False
    user: str = ""
    groups: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.groups and not self.user:
            raise UsageError("Groups are impersonated with a user only.", "Say --as USER, too.")

    @property
    def headers(self) -> CIMultiDict[str]:
        """Of the impersonation. Also for reads that must be made as that user."""
        headers: CIMultiDict[str] = CIMultiDict()
        if self.user:
            headers.add("Impersonate-User", self.user)
            for group in self.groups:
                headers.add("Impersonate-Group", group)
        return headers


class Answer(NamedTuple):
    """What a server said to a write: an object, and whether the write made it (201)."""

    obj: Obj
    made: bool = False


async def patch(
    connection: Connection, path: str, body: object, form: Form, manner: Manner, *, force: bool = False
) -> Answer:
    """The object after a JSON patch, merge patch or server-side apply; `force` takes others' fields (apply)."""
    query = [*_query(manner), *([("force", "true")] if force else [])]
    return await _send(connection, "PATCH", path, query, body, manner, _TYPES[form])


async def create(connection: Connection, path: str, body: object, manner: Manner) -> Answer:
    """The new object; `path` is the collection's, or a subresource's."""
    return await _send(connection, "POST", path, _query(manner), body, manner)


async def delete(
    connection: Connection,
    path: str,
    manner: Manner,
    *,
    uid: str = "",
    version: str = "",
    propagation: str = "Background",
    grace: int | None = None,
) -> Answer:
    """What the server says of it: the object while it still exists, else a Status."""
    options = _options(manner, uid, version, grace)
    options |= {"propagationPolicy": propagation}
    query = [("dryRun", "All")] if manner.dry_run else []
    return await _send(connection, "DELETE", path, query, options, manner)


async def evict(
    connection: Connection,
    path: str,
    manner: Manner,
    *,
    namespace: str,
    name: str,
    uid: str = "",
    grace: int | None = None,
) -> Answer:
    """`path` is the pod's subresource `eviction`. Raises Throttled while a budget is in the way."""
    body = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": namespace},
        "deleteOptions": _options(manner, uid, "", grace),
    }
    query = [("dryRun", "All")] if manner.dry_run else []
    return await _send(connection, "POST", path, query, body, manner)


def _options(manner: Manner, uid: str, version: str, grace: int | None) -> Obj:
    """DeleteOptions; empty preconditions test nothing."""
    tested = {key: value for key, value in (("uid", uid), ("resourceVersion", version)) if value}
    options: Obj = {"apiVersion": "v1", "kind": "DeleteOptions"}
    if tested:
        options["preconditions"] = tested
    if grace is not None:
        options["gracePeriodSeconds"] = grace
    if manner.dry_run:
        options["dryRun"] = ["All"]
    return options


def _query(manner: Manner) -> list[tuple[str, str]]:
    asked = [("fieldManager", MANAGER), ("fieldValidation", "Strict")]
    return [*asked, ("dryRun", "All")] if manner.dry_run else asked


async def _send(
    connection: Connection,
    method: str,
    path: str,
    query: Sequence[tuple[str, str]],
    body: object,
    manner: Manner,
    content_type: str = "application/json",
) -> Answer:
    headers = manner.headers
    headers["Content-Type"] = content_type
    try:
        answer = await connection.request(method, path, query=query, headers=headers, body=body)
    except _UNSENT:
        raise
    except (TransportError, ServerFault) as error:
        if type(error) is TransportError:  # no way to the server
            raise
        raise unanswered(error) from error
    try:
        decoded = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        decoded = None
    if not isinstance(decoded, dict):
        raise Unanswered(f"{connection.name} took the write and answered with something that is no object.")
    return Answer(decoded, answer.status == _CREATED)


def unanswered(error: ConsoleError) -> Unanswered:
    """`error` of a write after which nobody knows whether it was made."""
    return Unanswered(error.message, "It is read back to find out whether it was made.")
