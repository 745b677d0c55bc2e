"""If the console is killed, somebody must give the user's terminal back: its feeder does.

The console hands over the tty's name and the termios settings it found at start (see link.terminal). When the link
ends without a goodbye, the feeder leaves the alternate screen, turns the mouse off, shows the cursor and restores
the settings.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys

import msgspec

RESET = (
    b"\x1b[?1049l"  # alternate screen
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l"  # mouse
    b"\x1b[?1004l\x1b[?2004l\x1b[?2026l"  # focus, bracketed paste, synchronized output
    b"\x1b[<u\x1b[?25h\x1b[0m\r\n"  # kitty keys, cursor, colours
)


def restore(tty: str, settings: bytes) -> None:
    """Give the terminal `tty` back as `settings` had it. Never raises: there is nobody left to tell."""
    if not tty or sys.platform == "win32":
        return
    import termios

    # A background process that changes its terminal is stopped by SIGTTOU unless it ignores it.
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    with contextlib.suppress(OSError, termios.error, ValueError, msgspec.DecodeError):
        fd = os.open(tty, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            if settings:
                termios.tcsetattr(fd, termios.TCSANOW, msgspec.msgpack.decode(settings, type=list))
            os.write(fd, RESET)
        finally:
            os.close(fd)
