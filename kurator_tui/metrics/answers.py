"""What a Prometheus or Thanos answers, as typed samples, series, names and stores. Pure; both ways to ask use it.

The body is data of a stranger: it is decoded by shape, never trusted to be whole, and its texts are made inert.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from kurator_tui.api.failures import Status, error_from_status
from kurator_tui.errors import Broken, ConsoleError
from kurator_tui.kinds.cells import inert

LARGEST = 8 * 2**20
"""Bytes of an answer, unpacked. One sample a cluster takes about a hundred."""
TOO_MUCH = "Ask for less: fewer clusters in scope, a shorter range, or sums by (cluster)."
PREFIX = 200
"""Bytes of `data` in which a query's answer says its type: servers write it first."""
LONGEST_TEXT = 500
"""Characters kept of a warning or an error."""
MOST_WARNINGS = 50
MOST_SERIES = 300
"""Series kept of a range: more than that are no chart."""

PARAMETERS = (
    ("dedup", "true"),
    ("partial_response", "true"),
    ("replicaLabels[]", "prometheus_replica"),
    ("timeout", "10s"),
)
"""Sent with every query. Thanos counts a Prometheus that runs twice once, by the label that Prometheus' operator
gives it (its own default is another one), and answers with what it has where a store is lost, warning of it."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One element of an instant vector; a scalar has no labels. `value` may be NaN or infinite."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Answer:
    """Samples, and what the server warns of: with warnings the samples may be of some clusters only."""

    samples: list[Sample]
    warnings: tuple[str, ...] = ()
    at: float = field(default=0.0, compare=False)
    """Unix second for which the server answered, by its own clock; 0.0 unknown."""


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a range. Points are (Unix seconds, value) in order; values may be NaN or infinite."""

    labels: Mapping[str, str]
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Lines:
    """Answer of a range query: at most `MOST_SERIES` of the `total` series there were."""

    series: list[Series]
    total: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Payload:
    """Any successful answer: its `data` (of a query: its `result`) as JSON, and what the server warns of."""

    data: msgspec.Raw
    warnings: tuple[str, ...] = ()
    kind: str = ""
    """Of a query: vector, matrix, scalar or string."""


Parameters = Sequence[tuple[str, str]]


class Source(Protocol):
    """Somebody who answers instant queries."""

    async def query(self, promql: str) -> Answer:
        """The value now. Raises ConsoleError."""

    async def close(self) -> None:
        """Let go of threads and sockets."""


class Endpoint(Source, Protocol):
    """Somebody who answers all of the query API, by GET."""

    @property
    def name(self) -> str:
        """Who that is, for people: host:port, or namespace/service in the host."""

    async def get(self, path: str, parameters: Parameters) -> Payload:
        """`path` is below /api/v1/. Raises ConsoleError."""


class _Point(msgspec.Struct):
    metric: dict[str, str]
    value: tuple[float, str]


class _Line(msgspec.Struct):
    metric: dict[str, str]
    values: list[tuple[float, str]]


class _Data(msgspec.Struct, rename="camel"):
    """Some versions put `warnings` here."""

    result_type: str
    result: msgspec.Raw
    warnings: list[str] | None = None


class _Envelope(msgspec.Struct, rename="camel"):
    """`infos` are warnings of less weight."""

    status: str
    data: msgspec.Raw = msgspec.Raw()
    error: str = ""
    error_type: str = ""
    warnings: list[str] | None = None
    infos: list[str] | None = None


def payload(body: bytes, where: str) -> Payload:
    """What the body of a 200 holds; `where` (host:port) is for messages. Raises Broken or ApiError."""
    try:
        envelope = msgspec.json.decode(body, type=_Envelope)
        if envelope.status == "success" and bytes(envelope.data).strip() not in (b"", b"null"):
            return _unpacked(envelope, envelope.data)
    except (msgspec.DecodeError, ValueError):
        raise _no_answer(where) from None
    if envelope.status == "error":
        raise _said(envelope, 422, where)
    raise _no_answer(where)


def _unpacked(envelope: _Envelope, data: msgspec.Raw) -> Payload:
    told = [*(envelope.warnings or ()), *(envelope.infos or ())]
    kind = ""
    if b'"resultType"' in bytes(data)[:PREFIX]:
        found = msgspec.json.decode(data, type=_Data)
        kind, data, told = found.result_type, found.result, [*told, *(found.warnings or ())]
    return Payload(data, tuple(inert(text[:LONGEST_TEXT]) for text in told[:MOST_WARNINGS]), kind)


def parse(body: bytes, where: str) -> Answer:
    """The instant answer in the body of a 200. Raises Broken or ApiError."""
    return vector(payload(body, where), where)


def vector(found: Payload, where: str) -> Answer:
    """The samples of an instant query. Raises Broken."""
    try:
        if found.kind == "vector":
            points = msgspec.json.decode(found.data, type=list[_Point])
            samples = [Sample(point.metric, float(point.value[1])) for point in points]
            return Answer(samples, found.warnings, points[0].value[0] if points else 0.0)
        if found.kind == "scalar":
            value = msgspec.json.decode(found.data, type=tuple[float, str])
            return Answer([Sample({}, float(value[1]))], found.warnings, value[0])
    except (msgspec.DecodeError, ValueError):
        raise _no_answer(where) from None
    if not found.kind:
        raise _no_answer(where)
    raise Broken(f"{where} answered with a {inert(found.kind[:20])} instead of a vector.")


def matrix(found: Payload, where: str, most: int = MOST_SERIES) -> Lines:
    """The series of a range query; only those that are kept are decoded. Raises Broken."""
    if found.kind != "matrix":
        raise Broken(f"{where} answered with a {inert(found.kind[:20]) or 'text'} instead of a matrix.")
    try:
        raw = msgspec.json.decode(found.data, type=list[msgspec.Raw])
        lines = [msgspec.json.decode(each, type=_Line) for each in raw[:most]]
        kept = [Series(each.metric, [(at, float(text)) for at, text in each.values]) for each in lines]
    except (msgspec.DecodeError, ValueError):
        raise _no_answer(where) from None
    return Lines(kept, len(raw), found.warnings)


def decoded(found: Payload, shape: Any, where: str) -> Any:
    """The data as a `shape` of msgspec. Raises Broken."""
    try:
        return msgspec.json.decode(found.data, type=shape)
    except (msgspec.DecodeError, ValueError):
        raise _no_answer(where) from None


def refusal(code: int, body: bytes, where: str) -> ConsoleError:
    """The error of an answer that is no 200: in Prometheus' own words if it has any."""
    try:
        return _said(msgspec.json.decode(body, type=_Envelope), code, where)
    except msgspec.DecodeError:
        return error_from_status(Status(message=f"{where} answered {code}"), code, None)


def _said(envelope: _Envelope, code: int, where: str) -> ConsoleError:
    words = ": ".join(part for part in (envelope.error_type, envelope.error) if part) or f"status {code}"
    return error_from_status(Status(message=f"{where}: {words[:LONGEST_TEXT]}"), code, None)


def _no_answer(where: str) -> Broken:
    return Broken(f"{where} sent something that is no answer of a Prometheus.", "Is this the URL of Thanos Query?")
