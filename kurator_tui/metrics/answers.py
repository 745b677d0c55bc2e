"""What a Prometheus or Thanos answers an instant query with, as typed samples. Pure; both ways to ask use it.

The body is data of a stranger: it is decoded by shape, never trusted to be whole, and its texts are made inert.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec

from kurator_tui.api.failures import Status, error_from_status
from kurator_tui.errors import Broken, ConsoleError
from kurator_tui.kinds.cells import inert

LARGEST = 8 * 2**20
"""Bytes of an answer, unpacked. One sample a cluster takes about a hundred."""
LONGEST_TEXT = 500
"""Characters kept of a warning or an error."""
MOST_WARNINGS = 50

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


class Source(Protocol):
    """Somebody who answers instant queries."""

    async def query(self, promql: str) -> Answer:
        """The value now. Raises ConsoleError."""

    async def close(self) -> None:
        """Let go of threads and sockets."""


class _Point(msgspec.Struct):
    metric: dict[str, str]
    value: tuple[float, str]


class _Data(msgspec.Struct, rename="camel"):
    result_type: str
    result: msgspec.Raw


class _Envelope(msgspec.Struct, rename="camel"):
    """Some versions put `warnings` beside `data`, and `infos` are warnings of less weight."""

    status: str
    data: _Data | None = None
    error: str = ""
    error_type: str = ""
    warnings: list[str] | None = None
    infos: list[str] | None = None


def parse(body: bytes, where: str) -> Answer:
    """The answer in the body of a 200; `where` (host:port) is for messages. Raises Broken or ApiError."""
    try:
        envelope = msgspec.json.decode(body, type=_Envelope)
        if envelope.status == "success" and envelope.data is not None:
            samples = _samples(envelope.data, where)
            told = [*(envelope.warnings or ()), *(envelope.infos or ())][:MOST_WARNINGS]
            return Answer(samples, tuple(inert(text[:LONGEST_TEXT]) for text in told))
    except (msgspec.DecodeError, ValueError):
        raise _no_answer(where) from None
    if envelope.status == "error":
        raise _said(envelope, 422, where)
    raise _no_answer(where)


def refusal(code: int, body: bytes, where: str) -> ConsoleError:
    """The error of an answer that is no 200: in Prometheus' own words if it has any."""
    try:
        return _said(msgspec.json.decode(body, type=_Envelope), code, where)
    except msgspec.DecodeError:
        return error_from_status(Status(message=f"{where} answered {code}"), code, None)


def _samples(data: _Data, where: str) -> list[Sample]:
    if data.result_type == "vector":
        points = msgspec.json.decode(data.result, type=list[_Point])
        return [Sample(point.metric, float(point.value[1])) for point in points]
    if data.result_type == "scalar":
        return [Sample({}, float(msgspec.json.decode(data.result, type=tuple[float, str])[1]))]
    raise Broken(f"{where} answered with a {inert(data.result_type[:20])} instead of a vector.")


def _said(envelope: _Envelope, code: int, where: str) -> ConsoleError:
    words = ": ".join(part for part in (envelope.error_type, envelope.error) if part) or f"status {code}"
    return error_from_status(Status(message=f"{where}: {words[:LONGEST_TEXT]}"), code, None)


def _no_answer(where: str) -> Broken:
    return Broken(f"{where} sent something that is no answer of a Prometheus.", "Is this the URL of Thanos Query?")
