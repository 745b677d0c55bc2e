"""The console's terminal as it was found, for the feeder to restore if the console is killed."""

from __future__ import annotations

import contextlib
import os
import sys

import msgspec


def capture() -> tuple[str, bytes]:
    """(tty name, termios settings as msgpack) of this process' terminal; ("", b"") without one."""
    if sys.platform == "win32":
        return "", b""
    import termios

    for fd in (0, 1, 2):
        with contextlib.suppress(OSError, termios.error):
            return os.ttyname(fd), msgspec.msgpack.encode(termios.tcgetattr(fd))
    return "", b""
