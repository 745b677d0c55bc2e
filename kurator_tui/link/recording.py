"""A recording as bytes: what the link brought, in the order in which it came. Pure: files are somebody else's.

    MAGIC with the number of the format · head (a record) · records

A record is `length, CRC-32, moment, marks` and a msgpack array of entries that belong to that moment (Unix seconds
of the console's clock); the sum is of marks, moment and body. Entries are the link's own messages and a few beside
them. A keyframe is a record marked so and those up to the one marked as whole: all rows and how fresh they are.
What is read from a keyframe on is everything; one in the middle changes nothing for who read what was before it.

Whatever is wrong with a file is told in `Recording.problem`, and what is whole before it is used. What may quote a
secret never gets into one: see `store.recordable`.
"""

from __future__ import annotations

import enum
import io
import math
import struct
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from kurator_tui.errors import ConsoleError
from kurator_tui.link import messages as m

MAGIC = b"kurator-tui recording "
FORMAT = 1
_LINE = MAGIC + b"%d\n" % FORMAT
LONGEST_LINE = 40
"""Bytes of the first line, of whatever format."""

LONGEST_HEAD = 16 * 1024
"""Bytes within which the head ends."""
SMALL = 256
"""Bytes up to which a body is not packed."""
LARGEST_FILE = 2**30
"""Bytes of a file that is read."""
LARGEST = 32 * 2**20
"""Bytes of one record, packed or not: a larger one is no record of ours."""

_RECORD = struct.Struct(">IIdB")
_SUMMED = struct.Struct(">dB")


class NoRecording(ConsoleError):
    """A file that is no recording, or one of a format that this program does not read."""

    title = "No recording"
    exit_code = 2


class Mark(enum.IntFlag):
    """What a reader needs to know of a record before it reads it."""

    KEYFRAME = 1
    """A keyframe begins."""
    WHOLE = 2
    """It is whole: from here on a moment can be shown."""
    TURNED = 4
    """Incidents began, changed or were over."""
    PACKED = 8
    """The body is compressed."""
    ENDED = 16
    """The console ended."""


PLAIN = Mark(0)


class Head(msgspec.Struct, frozen=True, array_like=True):
    """What a recording is of."""

    version: str
    """Of the program that wrote it."""
    session: str = ""
    """The same in all recordings of one console."""
    context: str = ""


class Introduced(msgspec.Struct, frozen=True, tag=True):
    """A kind, before its first rows: the fingerprint of these; JSON of its `Definition` if it is no file's."""

    kind: str
    shape: int
    definition: bytes = b""


class Turned(msgspec.Struct, frozen=True, tag=True):
    """Incidents changed: how many go on now, what those that began or got worse are called, and those over."""

    going: int
    began: tuple[str, ...] = ()
    over: tuple[str, ...] = ()


Entry = (
    Introduced
    | Turned
    | m.RowsChanged
    | m.FreshnessChanged
    | m.ClusterForgotten
    | m.HostDescribed
    | m.Unsubscribed
)
"""What happened; `Unsubscribed` is a kind that the console reads no longer."""


class Record(NamedTuple):
    """Where a record is, and when."""

    at: float
    mark: Mark
    start: int
    """Of its body."""
    length: int


_encoder = msgspec.msgpack.Encoder()
_heads = msgspec.msgpack.Decoder(Head)
_entries = msgspec.msgpack.Decoder(list[Entry])


# -- to bytes ---------------------------------------------------------------------------------------------------


def header(head: Head) -> bytes:
    """What a recording begins with."""
    return _LINE + _packed(0.0, _encoder.encode(head), PLAIN)


def record(at: float, entries: Sequence[Entry], mark: Mark = PLAIN) -> bytes:
    """One record; `at` may not be less than that of the one before."""
    return _packed(at, _encoder.encode(entries), mark)


def _packed(at: float, body: bytes, mark: Mark) -> bytes:
    if len(body) > SMALL:
        body, mark = zlib.compress(body, 1), mark | Mark.PACKED
    check = zlib.crc32(body, zlib.crc32(_SUMMED.pack(at, mark)))
    return _RECORD.pack(len(body), check, at, mark) + body


# -- from bytes -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Recording:
    """What is whole of a recording."""

    head: Head
    data: bytearray
    end: int
    """Bytes of it that are whole."""
    records: list[Record] = field(default_factory=list)
    problem: str = ""
    """What is wrong with the rest, "" when nothing is."""

    def entries(self, record: Record) -> list[Entry]:
        """What a record holds. Raises msgspec.DecodeError for what no program of ours wrote."""
        return _entries.decode(_body(self.data, record))

    @property
    def first(self) -> float | None:
        """The first moment that can be shown, None when there is none."""
        return next((each.at for each in self.records if each.mark & Mark.WHOLE), None)

    @property
    def last(self) -> float:
        """The moment of the last record."""
        return self.records[-1].at if self.records else 0.0

    def keyframe(self, moment: float) -> int | None:
        """Number of the record with which the last keyframe begins that was whole at `moment`."""
        begun: int | None = None
        found: int | None = None
        for number, each in enumerate(self.records):
            if each.mark & Mark.KEYFRAME:
                begun = number
            if each.mark & Mark.WHOLE and each.at <= moment:
                found = begun
        return found

    def grow(self, more: bytes) -> None:
        """The file has `more` than it had."""
        self.data += more
        self.problem = ""
        while self.end < len(self.data):
            each, problem = _next(self.data, self.end)
            if each is not None and each.at < self.last:
                each, problem = None, "damaged"
            if each is None:
                self.problem = _told(problem, self)
                break
            self.records.append(each)
            self.end = each.start + each.length

    def turns(self, start: int = 0) -> Iterator[tuple[float, Turned]]:
        """When incidents changed, and how: from the record with the number `start` on."""
        for each in self.records[start:]:
            if each.mark & Mark.TURNED:
                try:
                    found = self.entries(each)
                except msgspec.DecodeError:
                    continue
                yield from ((each.at, entry) for entry in found if isinstance(entry, Turned))


def load(path: Path) -> Recording:
    """`read` of the first `LARGEST_FILE` bytes of a file. Raises OSError, NoRecording."""
    with path.open("rb") as file:
        return read(file.read(LARGEST_FILE))


def read(data: bytes | bytearray) -> Recording:
    """What is whole of `data`. Raises NoRecording for what cannot be one."""
    head, end = _begun(data)
    found = Recording(head, bytearray(data), end)
    found.grow(b"")
    return found


def _begun(data: bytes | bytearray) -> tuple[Head, int]:
    """The head that `data` begins with, and where it ends. Raises NoRecording."""
    line = data[: data.find(b"\n", 0, LONGEST_LINE) + 1]
    if not line.startswith(MAGIC):
        raise NoRecording("this is no recording of kurator-tui", "kurator-tui record -o FILE makes one")
    if line != _LINE:
        written = line[len(MAGIC) : -1].decode(errors="replace")
        raise NoRecording(
            f"the recording has format {written!r}, this program reads {FORMAT}", "use the version that wrote it"
        )
    first, _problem = _next(data, len(_LINE))
    try:
        head = _heads.decode(_body(data, first)) if first is not None else None
    except msgspec.DecodeError:
        head = None
    if head is None or first is None:
        raise NoRecording("the recording is cut short before anything was recorded", "nothing can be shown of it")
    return head, first.start + first.length


@dataclass(slots=True)
class Outline:
    """What a recording tells without its rows."""

    head: Head
    first: float | None = None
    """As of a `Recording`."""
    last: float = 0.0
    turns: list[tuple[float, Turned]] = field(default_factory=list)


def outline(file: BinaryIO) -> Outline:
    """When incidents changed in `file`: of a record in which none did only what stands before its body is read.

    So a body that is damaged is found when it is shown, not here. Raises OSError, NoRecording.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    head, at = _begun(file.read(LONGEST_HEAD))
    found = Outline(head)
    whole, turned = Mark.WHOLE.value, Mark.TURNED.value  # flags would cost more than all the rest
    while (start := at + _RECORD.size) <= size:
        file.seek(at)
        length, check, moment, mark = _RECORD.unpack(file.read(_RECORD.size))
        at = start + length
        if at > size or length > LARGEST or not math.isfinite(moment) or moment < found.last:
            break
        found.last = moment
        if mark & whole and found.first is None:
            found.first = moment
        if mark & turned:
            found.turns += ((moment, each) for each in _turned(file.read(length), check, moment, Mark(mark)))
    return found


def _turned(body: bytes, check: int, moment: float, mark: Mark) -> list[Turned]:
    """How incidents changed in one record; nothing where that is damaged."""
    if zlib.crc32(body, zlib.crc32(_SUMMED.pack(moment, mark))) != check:
        return []
    try:
        entries = _entries.decode(_body(body, Record(moment, mark, 0, len(body))))
    except msgspec.DecodeError:
        return []
    return [entry for entry in entries if isinstance(entry, Turned)]


def _next(data: bytes | bytearray, at: int) -> tuple[Record | None, str]:
    """The record at `at`, or what is wrong with it."""
    start = at + _RECORD.size
    if start > len(data):
        return None, "cut short"
    length, check, moment, mark = _RECORD.unpack_from(data, at)
    if length > LARGEST or not math.isfinite(moment):
        return None, "damaged"
    body = memoryview(data)[start : start + length]
    if len(body) != length:
        return None, "cut short"
    if zlib.crc32(body, zlib.crc32(_SUMMED.pack(moment, mark))) != check:
        return None, "damaged"
    return Record(moment, Mark(mark), start, length), ""


def _told(problem: str, found: Recording) -> str:
    if not found.records:
        return f"{problem} from its beginning"
    return f"{problem} after {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(found.last))}"


def _body(data: bytes | bytearray, record: Record) -> bytes | bytearray:
    """Raises msgspec.DecodeError where it is not what was packed, or too much of it."""
    body = data[record.start : record.start + record.length]
    if not record.mark & Mark.PACKED:
        return body
    unpacking = zlib.decompressobj()
    try:
        found = unpacking.decompress(body, LARGEST)
    except zlib.error as error:
        raise msgspec.DecodeError(str(error)) from None
    if not unpacking.eof:
        raise msgspec.DecodeError("more than a record holds")
    return found
