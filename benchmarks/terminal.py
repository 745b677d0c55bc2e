"""The terminal of the benchmarks: a program under a pseudo-terminal whose other end is read and timed here.

A thread reads all the time (or slowly, or not at all, as told), answers what programs ask a terminal, and notes
each frame between the marks of synchronized output. It interprets nothing else. All times are `time.monotonic()`
seconds, which the processes of one machine share.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

SIZE = (200, 50)
ANSWERS = {
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",  # synchronized output: known, off
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[6n": b"\x1b[1;1R",
}
SEQUENCES = re.compile(rb"\x1b\[\?2026(?:h|l|\$p)|\x1b\[c|\x1b\[6n")
LONGEST = 9
"""Bytes of the longest of these sequences: one may be cut in two by a read."""
CHUNK = 65536
SLICE = 0.05
"""Seconds between two reads of a slow terminal."""
PATIENCE = 60.0
FULL = 4095
"""Bytes of a pseudo-terminal's buffer: after a read of as many, the same write goes on."""


@dataclass(frozen=True, slots=True)
class Frame:
    """When the first and the last byte of a frame were read, and how many bytes it has with its marks.

    A `loose` one came without marks, as small changes do.
    """

    began: float
    ended: float
    bytes: int
    loose: bool = False


class Terminal:
    """A running program and what it wrote. `close` ends it."""

    def __init__(
        self, command: Sequence[str], *, size: tuple[int, int] = SIZE, env: Mapping[str, str] | None = None
    ) -> None:
        self.frames: list[Frame] = []
        self.received = 0
        """Bytes read so far."""
        self.began = time.monotonic()
        self.last_read = 0.0
        self.first_read = 0.0
        self.rate: float | None = None
        """Bytes a second that this terminal takes; 0 stops reading, None is as fast as it can."""
        self.kept: bytearray | None = bytearray()
        """The output since the start or since `forget`; None keeps nothing."""
        self._tail, self._frame_began, self._frame_bytes = b"", 0.0, 0
        self._news = threading.Condition()
        self._ended = False
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.environ.update(env or {})
            os.execvp(command[0], list(command))
        self.resize(*size)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def resize(self, columns: int, lines: int) -> None:
        """Change the window's size; the program is told by the kernel."""
        self.size = columns, lines
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def type(self, keys: bytes) -> float:
        """Press keys; returns when."""
        now = time.monotonic()
        os.write(self.fd, keys)
        return now

    @property
    def alive(self) -> bool:
        """Whether the program still writes."""
        return not self._ended

    def until_frame(self, after: float, timeout: float = PATIENCE) -> Frame:
        """The first frame that began after `after`, complete. Raises TimeoutError."""
        end = time.monotonic() + timeout
        with self._news:
            while True:
                found = self.frame_after(after)
                if found is not None:
                    return found
                if self._ended or not self._news.wait(end - time.monotonic()):
                    raise TimeoutError(f"no frame: {bytes((self.kept or b'')[-300:])!r}")

    def frame_after(self, began: float) -> Frame | None:
        """The first complete frame of those read so far that began after `began`."""
        found = None
        for frame in reversed(self.frames):
            if frame.began < began:
                break
            found = frame
        return found

    def until_shown(self, *texts: str, timeout: float = PATIENCE) -> float:
        """Wait until the bytes so far hold all texts; returns when they were read. Raises TimeoutError."""
        end = time.monotonic() + timeout
        wanted = [text.encode() for text in texts]
        with self._news:
            while not all(text in (self.kept or b"") for text in wanted):
                if self._ended or not self._news.wait(end - time.monotonic()):
                    raise TimeoutError(f"never saw {texts}: {bytes((self.kept or b'')[-300:])!r}")
            return self.last_read

    def until_quiet(self, seconds: float, timeout: float = PATIENCE) -> None:
        """Wait until nothing has come for `seconds`. Raises TimeoutError."""
        end = time.monotonic() + timeout
        with self._news:
            while (idle := time.monotonic() - max(self.last_read, self.began)) < seconds:
                if time.monotonic() > end:
                    raise TimeoutError("it went on writing")
                self._news.wait(seconds - idle)

    def forget(self, *, keep: bool = True) -> None:
        """Forget the output and the frames so far; `keep=False` stops keeping output."""
        with self._news:
            self.frames.clear()
            self.kept = bytearray() if keep else None

    def close(self) -> None:
        """End the program and wait for it."""
        self.rate = None
        for number, grace in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
            self._thread.join(grace)
            if not self._thread.is_alive():
                break
        os.waitpid(self.pid, 0)
        os.close(self.fd)

    # -- reading ------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while chunk := self._chunk():
                self._take(chunk)
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _chunk(self) -> bytes:
        """What comes next, at the pace of this terminal. Raises OSError when the program has ended."""
        while (rate := self.rate) == 0:
            time.sleep(SLICE)
        if rate is None:
            select.select([self.fd], [], [], SLICE)  # a pace set meanwhile is heeded soon
            return os.read(self.fd, CHUNK)
        time.sleep(SLICE)
        return os.read(self.fd, max(1, int(rate * SLICE)))

    def _take(self, chunk: bytes) -> None:
        now = time.monotonic()
        with self._news:
            self.first_read = self.first_read or now
            self.last_read = now
            self.received += len(chunk)
            if self.kept is not None:
                self.kept += chunk
            self._scan(chunk, now)
            self._news.notify_all()

    def _scan(self, chunk: bytes, now: float) -> None:
        """Note the frames that begin and end in `chunk`; answer what it asks."""
        data = self._tail + chunk
        done, after = len(self._tail), 0  # what is before was counted with the chunk before
        for found in SEQUENCES.finditer(data):
            after = found.end()
            if found[0].endswith(b"h"):
                self._loose(data[done : found.start()], now)
                self._frame_began, self._frame_bytes = now, 0
                done = found.start()
            elif found[0].endswith(b"l") and self._frame_began:
                self.frames.append(Frame(self._frame_began, now, self._frame_bytes + found.end() - done))
                self._frame_began, done = 0.0, found.end()
            elif found[0] in ANSWERS:
                os.write(self.fd, ANSWERS[found[0]])
        if self._frame_began:
            self._frame_bytes += len(data) - done
        else:
            self._loose(data[done:], now)
        self._tail = data[max(after, len(data) - LONGEST + 1) :]

    def _loose(self, data: bytes, now: float) -> None:
        """Output outside of any marks is a frame, too; one that fills the buffer goes on in the next read."""
        if not data:
            return
        last = self.frames[-1] if self.frames else None
        if last is not None and last.loose and last.bytes % FULL == 0:
            self.frames[-1] = Frame(last.began, now, last.bytes + len(data), True)
        else:
            self.frames.append(Frame(now, now, len(data), True))


@contextmanager
def terminal(
    command: Sequence[str], *, size: tuple[int, int] = SIZE, env: Mapping[str, str] | None = None
) -> Iterator[Terminal]:
    """A program that is surely gone after the block."""
    running = Terminal(command, size=size, env=env)
    try:
        yield running
    finally:
        running.close()


@dataclass(frozen=True, slots=True)
class Shown:
    """Seconds from spawn to the first byte and to the last byte of the first full frame; bytes until then."""

    first_byte: float
    full_frame: float
    bytes: int


def first_frame(
    command: Sequence[str],
    markers: Sequence[str],
    *,
    size: tuple[int, int] = SIZE,
    env: Mapping[str, str] | None = None,
    timeout: float = 30.0,
) -> Shown:
    """Run `command` until what it wrote holds all of `markers`, then end it. Raises TimeoutError."""
    with terminal(command, size=size, env=env) as running:
        running.until_shown(*markers, timeout=timeout)
        return Shown(running.first_read - running.began, running.last_read - running.began, running.received)
