"""What the stream `panel` is asked and tells: series of one panel, refreshed by the feeder while it is open.

The stream's argument `query` is a `PanelQuery` as JSON; each message is a `PanelData` as msgpack. One answer may
come in several messages (`more`), which `PanelHandle` puts together. Used on both sides of the link; nothing here
knows PromQL or a server.

    series ──values──► bytes of IEEE doubles on one grid (start, step, count), NaN where there is no value
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Iterator

import msgspec
from msgspec import structs

from kurator_tui.link.streams import MESSAGE, Handle, OnEnd, Opener

METHOD = "panel"
Labels = tuple[tuple[str, str], ...]


class PanelQuery(msgspec.Struct, frozen=True):
    """One panel: of a page of the catalogue, or a user's own PromQL.

    `clusters` (members' names) and `namespaces` are the scope, empty for all; `variables` fill in what a page is
    about (`workload`, `namespace`, `node`, `canary`). Times are Unix seconds and seconds.
    """

    page: str = ""
    panel: str = ""
    promql: str = ""
    clusters: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    variables: dict[str, str] = {}
    seconds: float = 3600.0
    """Length of the range; 0 for the value now."""
    end: float = 0.0
    """End of the range; 0 for now, moving on."""
    step: float = 0.0
    """Seconds between two points; 0 lets the feeder choose."""
    points: int = 200
    """How many points are of use: as many as the chart is wide."""


class PanelSeries(msgspec.Struct, frozen=True, array_like=True):
    """One line. `labels` are sorted, `cluster` being the member's name where it is one."""

    labels: Labels
    data: bytes
    """Little-endian IEEE doubles, one a point of the grid."""

    @property
    def values(self) -> array[float]:
        """The values, NaN where there is none."""
        return unpacked(self.data)

    def label(self, name: str) -> str:
        """The label called `name`, "" without it."""
        return next((value for key, value in self.labels if key == name), "")


class Missing(msgspec.Struct, frozen=True, array_like=True):
    """A member in scope that is not in the answer, and why."""

    cluster: str
    reason: str


class Failure(msgspec.Struct, frozen=True, array_like=True):
    """Why there are no series, as of `errors.ConsoleError`."""

    title: str = ""
    message: str = ""
    hint: str = ""


class PanelData(msgspec.Struct, frozen=True):
    """One answer. With an `error` there are no series: whoever shows it keeps those of before, as old as they are.

    `notes` are our own remarks (series left out, clocks that differ), `warnings` the server's.
    """

    start: float = 0.0
    step: float = 0.0
    count: int = 0
    series: tuple[PanelSeries, ...] = ()
    total: int = 0
    """How many series the answer had; more than `series` when it was capped."""
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    strangers: tuple[str, ...] = ()
    """Values of the label `cluster` that are no member's."""
    source: str = ""
    """Who answered: host:port, or namespace/service in the host."""
    variant: str = ""
    """The capability by which the query was chosen."""
    query: str = ""
    """The PromQL that was asked."""
    at: float = 0.0
    """Unix seconds, by our clock, at which it was answered."""
    error: Failure | None = None
    more: bool = False
    """Whether the next message goes on with this answer's series."""

    def points(self, series: PanelSeries) -> Iterator[tuple[float, float]]:
        """(Unix seconds, value) of each point that has a value."""
        for number, value in enumerate(series.values):
            if value == value:
                yield self.start + number * self.step, value


class PanelMeta(msgspec.Struct, frozen=True):
    """A panel of a page, as the call `metrics_pages` tells it."""

    id: str
    title: str
    unit: str = ""
    """`cores`, `bytes`, `bytes/s`, `ratio` (1 is all), `percent` (100 is all), `seconds`, `ms`, `1/s`, `count`"""
    kind: str = "line"
    """`line`, `bar` or `number`."""
    warning: float | None = None
    critical: float | None = None
    below: bool = False
    """Whether values below the thresholds are bad, rather than those above."""
    by: tuple[str, ...] = ("cluster",)
    """Labels that tell its series apart."""
    available: bool = True
    """Whether some Thanos in scope has the series of one of its variants."""
    hint: str = ""
    """What is missing, and which Fleet setting turns it on."""


class PageMeta(msgspec.Struct, frozen=True):
    """A page of panels. `needs` names the variables without which it shows nothing."""

    id: str
    title: str
    panels: tuple[PanelMeta, ...] = ()
    needs: tuple[str, ...] = ()
    own: bool = False
    """Whether the user wrote it."""


class Pages(msgspec.Struct, frozen=True):
    """Answer of the call `metrics_pages` (no arguments). `problems` are entries of the user's that are wrong."""

    pages: tuple[PageMeta, ...] = ()
    problems: tuple[str, ...] = ()
    source: str = ""
    missing: tuple[Missing, ...] = ()
    """Members whose sidecar is not there or fails."""
    error: Failure | None = None


class Completion(msgspec.Struct, frozen=True):
    """Answer of the call `metrics_names` (`promql`, `cursor`): words that may stand for text[start:end]."""

    start: int = 0
    end: int = 0
    words: tuple[str, ...] = ()
    problem: str = ""
    """Why the query cannot be asked as it stands, "" when it can."""
    at: int = -1
    """Where the problem is: index into the text; -1 unknown."""


# -- values -------------------------------------------------------------------------------------------------------


def packed(values: array[float]) -> bytes:
    """Values for `PanelSeries.data`."""
    if sys.byteorder == "big":
        values = array("d", values)
        values.byteswap()
    return values.tobytes()


def unpacked(data: bytes) -> array[float]:
    """The inverse of `packed`."""
    values = array("d")
    values.frombytes(data[: len(data) // 8 * 8])
    if sys.byteorder == "big":
        values.byteswap()
    return values


# -- messages -----------------------------------------------------------------------------------------------------

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(PanelData)


def encode_query(query: PanelQuery) -> str:
    """The stream's argument `query`."""
    return msgspec.json.encode(query).decode()


def decode_query(text: str) -> PanelQuery:
    """The inverse. Raises msgspec.DecodeError."""
    return msgspec.json.decode(text, type=PanelQuery)


def encode(data: PanelData) -> Iterator[bytes]:
    """The messages of one answer, each of about `MESSAGE` bytes at most; the first has everything but series."""
    part: list[PanelSeries] = []
    parts = [part]
    room = MESSAGE // 2
    for series in data.series:
        size = len(series.data) + sum(len(key) + len(value) + 4 for key, value in series.labels)
        if part and size > room:
            part, room = [], MESSAGE // 2
            parts.append(part)
        part.append(series)
        room -= size
    for number, each in enumerate(parts):
        more = number < len(parts) - 1
        head = structs.replace(data, series=tuple(each), more=more)
        yield _encoder.encode(head if not number else PanelData(series=tuple(each), more=more))


def decode(message: bytes) -> PanelData:
    """One message. Raises msgspec.DecodeError."""
    return _decoder.decode(message)


# -- the console's end --------------------------------------------------------------------------------------------

OnPanel = Callable[[PanelData], None]


class PanelHandle:
    """An open panel: close it as soon as it is off screen, for then nobody asks for its series any more."""

    def __init__(self, on_data: OnPanel) -> None:
        self._on_data = on_data
        self._head: PanelData | None = None
        self._series: list[PanelSeries] = []
        self.stream: Handle | None = None

    def close(self) -> None:
        """Nothing is called any more. Idempotent."""
        if self.stream is not None:
            self.stream.close()

    def flowed(self, message: bytes) -> None:
        """The next message of the stream."""
        part = decode(message)
        if self._head is None:
            self._head = part
        self._series += part.series
        if not part.more:
            whole = structs.replace(self._head, series=tuple(self._series), more=False)
            self._head, self._series = None, []
            self._on_data(whole)


def open_panel(session: Opener, query: PanelQuery, on_data: OnPanel, on_end: OnEnd) -> PanelHandle:
    """Have `query` answered now and each step from now on. `on_end` is called once, unless it is closed."""
    handle = PanelHandle(on_data)
    handle.stream = session.open_stream(METHOD, {"query": encode_query(query)}, handle.flowed, on_end)
    return handle
