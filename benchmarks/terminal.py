"""A program under a pseudo-terminal, timed from spawn to the end of the frame that shows a text."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from dataclasses import dataclass

SYNC_QUERY = b"\x1b[?2026$p"
SYNC_ANSWER = b"\x1b[?2026;2$y"
QUIET = 0.05
"""Seconds without output that end a frame."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Seconds from spawn to the first byte and to the last byte of the first full frame; bytes until then."""

    first_byte: float
    full_frame: float
    bytes: int


def first_frame(
    command: list[str], markers: tuple[bytes, ...], *, size: tuple[int, int] = (190, 50), timeout: float = 30.0
) -> Shown:
    """Run `command` until one frame holds all of `markers`, then end it. Raises TimeoutError."""
    began = time.perf_counter()
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
        os.execvp(command[0], command)
    try:
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        return _read(fd, markers, began, timeout)
    finally:
        os.kill(pid, signal.SIGTERM)
        _drain(fd)
        os.waitpid(pid, 0)
        os.close(fd)


def _read(fd: int, markers: tuple[bytes, ...], began: float, timeout: float) -> Shown:
    seen, first, last = b"", 0.0, 0.0
    while time.perf_counter() - began < timeout:
        complete = all(marker in seen for marker in markers)
        ready, _, _ = select.select([fd], [], [], QUIET if complete else 1.0)
        if not ready:
            if complete:
                return Shown(first, last, len(seen))
            continue
        chunk = os.read(fd, 65536)
        if SYNC_QUERY in chunk:
            os.write(fd, SYNC_ANSWER)
        seen += chunk
        last = time.perf_counter() - began
        first = first or last
        if complete:  # the table goes on living: the frame that completed it is what counts
            return Shown(first, last, len(seen))
    raise TimeoutError(f"no full frame in {timeout} s; the last output was {seen[-200:]!r}")


def _drain(fd: int) -> None:
    end = time.perf_counter() + 5
    while time.perf_counter() < end:
        try:
            if select.select([fd], [], [], 0.2)[0] and not os.read(fd, 65536):
                return
        except OSError:
            return
