"""One container's log over HTTP: lines with the node's time, as fast as they are taken and no faster.

Knows one request. Trying again, and what was seen before, is `fleet.log_stream`'s. A log is a container's output,
so anything may come: lines are bytes, `MOST` of each are kept and it is counted how many were not; a reader that
is full stops the socket (`LogStream.pause`) and with it the server.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import NamedTuple

from kurator_tui.api.connection import Connection
from kurator_tui.api.paths import segment
from kurator_tui.api.stream import Stream

MOST = 2**16
"""Bytes of a line that are kept, its time included."""
SECOND = 1_000_000_000


class LogOptions(NamedTuple):
    """Parameters of the request; `since` in nanoseconds since 1970 (servers read seconds). 0 and None: none.

    `until` is no parameter: a server knows no end, so the reader stops there (nanoseconds, too).
    """

    container: str = ""
    follow: bool = False
    previous: bool = False
    tail: int | None = None
    since: int = 0
    limit_bytes: int = 0
    until: int = 0

    def query(self) -> list[tuple[str, str]]:
        """As PodLogOptions; times are always asked for."""
        asked = [("timestamps", "true")]
        if self.container:
            asked.append(("container", self.container))
        if self.follow:
            asked.append(("follow", "true"))
        if self.previous:
            asked.append(("previous", "true"))
        if self.tail is not None:
            asked.append(("tailLines", str(self.tail)))
        if self.since > 0:
            whole = datetime.fromtimestamp(self.since // SECOND, UTC)
            asked.append(("sinceTime", f"{whole:%Y-%m-%dT%H:%M:%S}Z"))
        if self.limit_bytes > 0:
            asked.append(("limitBytes", str(self.limit_bytes)))
        return asked


class RawLine(NamedTuple):
    """One line as it came, without its end; `cut` bytes of it are not there."""

    data: bytes
    cut: int = 0


class LogLines:
    """Splits what comes into lines as `body.LineSplitter` does; no line takes more than `MOST`."""

    __slots__ = ("_begun", "_cut", "cuts")

    def __init__(self) -> None:
        self._begun = bytearray()
        self._cut = 0
        self.cuts: dict[int, int] = {}
        """Of the lines that `feed` returned last: index -> bytes cut."""

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that `data` completes; empty ones are left out (with times there are none)."""
        lines = data.split(b"\n")
        rest = lines.pop()
        if self.cuts:
            self.cuts = {}
        if lines and (self._begun or self._cut):
            self._keep(lines[0])
            if self._cut:
                self.cuts[0] = self._cut
            lines[0] = bytes(self._begun)
            self._begun.clear()
            self._cut = 0
        if len(data) > MOST:
            for index, line in enumerate(lines):
                if len(line) > MOST:
                    self.cuts[index] = self.cuts.get(index, 0) + len(line) - MOST
                    lines[index] = line[:MOST]
        if rest:
            self._keep(rest)
        return lines

    @property
    def whole(self) -> bool:
        """Whether the next byte begins a line."""
        return not self._begun and not self._cut

    def finish(self) -> bytes:
        """Nothing: what has no end yet is `rest`, and whoever reads decides what it is."""
        return b""

    @property
    def rest(self) -> RawLine | None:
        """What came after the last line end."""
        return RawLine(bytes(self._begun), self._cut) if not self.whole else None

    def _keep(self, piece: bytes) -> None:
        room = MOST - len(self._begun)
        self._begun += piece[:room]
        self._cut += max(0, len(piece) - room)


class LogStream:
    """One open log."""

    def __init__(self, stream: Stream, lines: LogLines) -> None:
        self._stream = stream
        self._lines = lines

    async def run(self, take: Callable[[list[bytes], dict[int, int]], None]) -> None:
        """Call `take(lines, cuts)` with what each network read completes, until the answer ends.

        `cuts` has the bytes cut off a line by its index. Raises what `Stream.run` raises.
        """
        lines = self._lines
        await self._stream.run(lambda whole: take(whole, lines.cuts))

    @property
    def rest(self) -> RawLine | None:
        """What came without a line end before the answer ended."""
        return self._lines.rest

    def pause(self) -> None:
        """Read nothing until `resume`: the server has to wait."""
        self._stream.pause()

    def resume(self) -> None:
        """Read on."""
        self._stream.resume()

    def finish(self) -> None:
        """End `run` as if the server had."""
        self._stream.finish()


@asynccontextmanager
async def open_log(
    connection: Connection, namespace: str, pod: str, options: LogOptions, prefix: str = ""
) -> AsyncIterator[LogStream]:
    """A container's log while the block runs; `prefix` is the path of a proxy to the cluster.

    Raises the error tree: 400 for a container that waits to start (or is not there), 403, 404.
    """
    path = f"{prefix}/api/v1/namespaces/{segment(namespace)}/pods/{segment(pod)}/log"
    lines = LogLines()
    async with connection.stream(path, query=options.query(), splitter=lines) as stream:
        yield LogStream(stream, lines)


class Clock:
    """Reads the time before a line. Remembers the last second it read: most lines are of the same one."""

    __slots__ = ("_base", "_second")

    def __init__(self) -> None:
        self._second = b""
        self._base = 0

    def read(self, line: bytes) -> tuple[int, bytes]:
        """(nanoseconds since 1970, text) of a line; (0, all of it) where it has no time."""
        if line[29:31] == b"Z " and line[19:20] == b".":  # as a kubelet writes it, in UTC
            digits = line[20:29]
            if digits.isdigit():
                if line[:19] != self._second:
                    base = _seconds(line[:19] + b"Z")
                    if base is None:
                        return 0, line
                    self._second, self._base = line[:19], base
                return self._base + int(digits), line[31:]
        return _odd(line)


def _seconds(stamp: bytes) -> int | None:
    """Nanoseconds of a time in whole seconds with its zone; None for what is none."""
    try:
        moment = datetime.fromisoformat(stamp.decode("ascii"))
        return round(moment.timestamp()) * SECOND if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _odd(line: bytes) -> tuple[int, bytes]:
    """As `Clock.read`, for times with another zone or number of digits (RFC 3339)."""
    stamp, _, text = line.partition(b" ")
    if not 20 <= len(stamp) <= 40 or stamp[10:11] != b"T":
        return 0, line
    fraction = b""
    if stamp[19:20] == b".":
        end = 20
        while stamp[end : end + 1].isdigit():
            end += 1
        fraction, stamp = stamp[20:end], stamp[:19] + stamp[end:]
    base = _seconds(stamp)
    return (0, line) if base is None else (base + int(fraction[:9].ljust(9, b"0")), text)
