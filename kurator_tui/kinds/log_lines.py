"""What is asked of the logs of many containers, and what comes of it: plain data, alike on both sides of the link.

A query crosses as JSON, batches come back as msgpack (`decode_batch`). Text is a container's own: undecodable
bytes are U+FFFD, all else is as it was written, so it passes `kinds.cells.inert` before it reaches a terminal.
"""

from __future__ import annotations

import enum

import msgspec

ALL_CONTAINERS = "*"
"""As `container`: init and ephemeral containers as well."""


class LogTarget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One pod's log. `container` "" is each of its main containers, "*" each container it has."""

    cluster: str
    namespace: str
    pod: str
    container: str = ""


class LogSelector(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The pods of a label selector, of a workload, or of a node; while following, those that come later too.

    Empty `clusters` are all that are read, empty `namespaces` all. `labels` is Kubernetes' selector syntax. `kind`
    (id in the registry, such as `deployments.apps`) and `name` are the workload whose pods are meant, in the first
    of `namespaces`. All that is given must hold.
    """

    clusters: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    labels: str = ""
    kind: str = ""
    name: str = ""
    node: str = ""
    container: str = ""


class LogQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Times are nanoseconds since 1970; 0 or None is no limit. `tail` is lines a container, the newest ones.

    With `until` the lines before that moment are wanted, of each container the newest `tail` of them (5000 at
    most) or, without one, all from `since` on; then the stream ends: `follow` is ignored. Pods that come later
    while following are read from their beginning.
    """

    targets: tuple[LogTarget, ...] = ()
    selectors: tuple[LogSelector, ...] = ()
    follow: bool = True
    previous: bool = False
    """The log of the instance before the last restart."""
    tail: int | None = None
    since: int = 0
    until: int = 0
    limit_bytes: int = 0
    """Bytes a container at most, from the beginning of what is wanted; the last line may be cut short."""
    first: int = 1
    """Number of the first `LogSource`."""


class Mark(enum.StrEnum):
    """What a line with `LogLine.mark` says of its source (or, with source 0, of the query) instead of a text."""

    WAITING = "waiting"
    """The container has not started: it is asked again."""
    LOST = "lost"
    """The stream broke, or the cluster cannot be reached: it is opened again where it was."""
    RESUMED = "resumed"
    """It goes on after `waiting` or `lost`; nothing was lost or repeated."""
    STOPPED = "stopped"
    """The container ended; its pod is still there and may start it again."""
    RESTARTED = "restarted"
    """The container runs again: what follows is another instance's."""
    ENDED = "ended"
    """The pod has finished: no more will come."""
    GONE = "gone"
    """There is no such pod (any more)."""
    FORBIDDEN = "forbidden"
    REFUSED = "refused"
    """The server says no to what was asked: no such container, no previous instance."""
    FAILED = "failed"
    """Given up after several tries, where nothing is followed."""
    BEGINS = "begins"
    """Nothing older exists (for `until`)."""
    DROPPED = "dropped"
    """`lost` lines were dropped here, because they came faster than they were read."""
    EMPTY = "empty"
    """No pod matches (yet)."""


FINAL = frozenset({Mark.ENDED, Mark.GONE, Mark.FORBIDDEN, Mark.REFUSED, Mark.FAILED})
"""Marks after which nothing comes of a source."""


class LogSource(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One container whose log is read. `number` is never used again in its stream."""

    number: int
    cluster: str
    namespace: str
    pod: str
    container: str


class LogLine(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One line, or what is to be said between lines (`mark`).

    `time` is nanoseconds since 1970 as the node stamped it, 0 where it did not; a mark has the feeder's time.
    `lost` is how many bytes were cut off the end of `text`; of a `dropped` mark, how many lines.
    """

    source: int
    time: int
    text: str
    lost: int = 0
    mark: str = ""


class LogState(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """How the query stands: containers that are `open`, that wait for a turn, that ended, and all of them."""

    sources: int = 0
    open: int = 0
    queued: int = 0
    ended: int = 0
    dropped: int = 0
    """Lines dropped since the query began."""
    lagging: bool = False
    """Whether lines wait for the reader."""


class LogBatch(msgspec.Struct, frozen=True, array_like=True):
    """One message of the stream: new sources first, then lines in order; `state` where it changed."""

    sources: list[LogSource] = []
    lines: list[LogLine] = []
    state: LogState | None = None


_encoder = msgspec.msgpack.Encoder()
_batches = msgspec.msgpack.Decoder(LogBatch)
_queries = msgspec.json.Decoder(LogQuery)


def encode_query(query: LogQuery) -> str:
    """A query for `arguments["query"]`."""
    return msgspec.json.encode(query).decode()


def decode_query(text: str) -> LogQuery:
    """Raises msgspec.DecodeError."""
    return _queries.decode(text)


def encode_batch(batch: LogBatch) -> bytes:
    """A batch as a stream's message."""
    return _encoder.encode(batch)


def decode_batch(data: bytes) -> LogBatch:
    """Raises msgspec.DecodeError."""
    return _batches.decode(data)
