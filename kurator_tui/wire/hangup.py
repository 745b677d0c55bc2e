"""How a user leaves a remote process that does not answer any more: Ctrl-] twice within a moment. Pure.

Not ssh's `~.`: over ssh, where this console often runs, that would end the ssh session. A single Ctrl-] belongs to
the remote process (it is a command of vim), and so do two with a pause between them.
"""

from __future__ import annotations

import time
from collections.abc import Callable

KEY = b"\x1d"
INTERRUPT = b"\x03"
MOMENT = 0.5
"""Seconds."""


class Hangup:
    """Looks at what is typed. `interrupts`: Ctrl-C leaves as well, where nobody would take it as a signal."""

    def __init__(self, *, interrupts: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._interrupts = interrupts
        self._clock = clock
        self._pressed = float("-inf")
        """When Ctrl-] was the last byte typed."""

    def asked(self, data: bytes) -> bool:
        """Whether the user wants to leave with `data`, of which nothing is to be sent then."""
        now = self._clock()
        if data == KEY * 2 or (data == KEY and now - self._pressed <= MOMENT):
            return True
        self._pressed = now if data.endswith(KEY) else float("-inf")
        return self._interrupts and INTERRUPT in data
