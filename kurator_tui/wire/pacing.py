"""How much may be handed over now: what the user allows a second, and what the terminal has not shown it has read.

Between us and the terminal lie buffers that swallow seconds of a slow line (a pseudo-terminal some 16 kB, an SSH
server megabytes), and what is in them can no longer be shed. Therefore a frame now and then ends with the
question for the cursor's position, and until the answer comes at most a window of bytes follows it. The window
shrinks when answers take longer than the line's own delay and grows when they do not. A terminal that has not
answered twice is not trusted to answer, and never waited for.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

QUESTION = "\x1b[6n"
"""Device status report: where is the cursor? Answered by practically every terminal, in order with output."""
ASK_EVERY = 4096
"""Bytes after which to ask again."""
SMALLEST, FIRST, LARGEST = 2048, 16384, 32768
"""The window in bytes: its bounds, and what it is before anything was measured."""
DELAY = 0.3
"""Seconds that buffered output may lag behind."""
GIVE_UP = 20.0
"""Seconds after which an answer counts as lost."""
BURST = 0.25
"""Seconds of the allowed rate that may be sent at once."""
LEAST = 256
"""Bytes below which waiting for more allowance is better than writing."""


class Pacing:
    """Allowance in bytes. Told of everything `sent` and of every answer; asks nobody."""

    def __init__(self, max_kbps: float = 0, clock: Callable[[], float] = time.monotonic) -> None:
        """`max_kbps`: kilobits a second, 0 for no limit."""
        self._clock = clock
        self._rate = max_kbps * 125.0
        self._burst = max(self._rate * BURST, LEAST)
        self._tokens = self._burst
        self._filled = clock()
        self.reset()

    def reset(self) -> None:
        """The terminal may be another one now: nothing is known of it."""
        self._answers = 0
        self._asked: float | None = None
        self._asked_in_flight = 0
        self._since = 0
        self._least = math.inf
        self._window = FIRST

    def allowance(self) -> float:
        """Bytes that may be handed over now; 0 when it is better to wait, infinite when nothing limits."""
        room = min(self._allowed(), self._unread())
        return room if room >= LEAST else 0

    def wait(self) -> float:
        """Seconds until time alone gives an allowance."""
        waits = [0.0]
        if self._allowed() < LEAST:
            waits.append((LEAST - self._tokens) / self._rate)
        if self._unread() < LEAST and self._asked is not None:
            waits.append(GIVE_UP - (self._clock() - self._asked))
        return max(0.001, *waits)

    def sent(self, count: int) -> None:
        """`count` bytes were handed over."""
        self._since += count
        if self._rate:
            self._fill()
            self._tokens -= count

    def should_ask(self) -> bool:
        """Whether what is handed over next should end with `QUESTION`."""
        return self._asked is None and (not self._answers or self._since >= min(ASK_EVERY, self._window / 2))

    def asked(self) -> None:
        """`QUESTION` was handed over."""
        self._asked = self._clock()
        self._asked_in_flight, self._since = self._since, 0

    def answered(self) -> None:
        """The terminal answered: it has read everything up to the question."""
        if self._asked is None:
            return
        took, self._asked = self._clock() - self._asked, None
        self._answers += 1
        self._least = min(self._least, took)
        if took - self._least > DELAY:
            fair = self._asked_in_flight / took * (DELAY + self._least)
            self._window = int(min(max(fair, SMALLEST), self._window))
        else:
            self._window = min(LARGEST, self._window * 2)

    def _unread(self) -> float:
        """Bytes of the window that are left."""
        if self._asked is None or self._answers < 2:
            return math.inf
        if self._clock() - self._asked > GIVE_UP:
            self._asked, self._since = None, 0
            return math.inf
        return max(0.0, self._window - self._asked_in_flight - self._since)

    def _allowed(self) -> float:
        if not self._rate:
            return math.inf
        self._fill()
        return self._tokens

    def _fill(self) -> None:
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
