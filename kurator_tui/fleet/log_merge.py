"""Lines of many logs in the order of their times, as far as they come within a moment of each other. Pure.

A line waits `window` seconds for older ones of other logs; whatever is older than a line that has waited goes out
before it. What comes later than that goes out late. Lines of one log are never reordered: each comes with a key
that never decreases within its log.

Bounded: `full` says when to stop reading. A reader who would rather have the newest lines drops the oldest
(`drop`), which leaves a line that says how many.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from operator import itemgetter

from kurator_tui.kinds.log_lines import LogLine, Mark

Keyed = tuple[int, LogLine]
"""(key in nanoseconds, line)"""

WINDOW = 0.25
MOST_LINES = 20_000
MOST_BYTES = 8 * 2**20
"""What waits at most, more or less a network read of each log."""
OVERHEAD = 120
"""Bytes that a line takes beside its text."""

_key = itemgetter(0)


def size_of(line: LogLine) -> int:
    """Bytes that a line takes, about."""
    return len(line.text) + OVERHEAD


class Merge:
    """See the module. Times given to it are seconds of one clock that only goes forward."""

    def __init__(
        self,
        window: float = WINDOW,
        most_lines: int = MOST_LINES,
        most_bytes: int = MOST_BYTES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.dropped = 0
        """Lines dropped since the start."""
        self._window = window
        self._most_lines = most_lines
        self._most_bytes = most_bytes
        self._clock = clock
        self._lines: list[Keyed] = []
        self._bytes = 0
        self._came: deque[tuple[float, int]] = deque()
        """(when, highest key) of what came, not all of which went out."""
        self._dropped_here = 0
        """Lines dropped since the last were taken."""

    def __len__(self) -> int:
        return len(self._lines)

    def put(self, now: float, lines: list[Keyed]) -> None:
        """Lines of one log, keys not decreasing."""
        self._lines += lines
        self._bytes += sum([len(line.text) for _key, line in lines]) + OVERHEAD * len(lines)
        self._came.append((now, lines[-1][0]))

    @property
    def full(self) -> bool:
        """Whether no more should come."""
        return len(self._lines) >= self._most_lines or self._bytes >= self._most_bytes

    @property
    def low(self) -> bool:
        """Whether there is room again."""
        return len(self._lines) < self._most_lines // 2 and self._bytes < self._most_bytes // 2

    @property
    def oldest(self) -> int:
        """Key of the oldest line that waits, marks apart; 0 without any."""
        return min((key for key, line in self._lines if not line.mark), default=0)

    def take(self, now: float, *, everything: bool = False) -> list[LogLine]:
        """The lines whose turn it is."""
        cutoff = -1
        while self._came and (everything or self._came[0][0] + self._window <= now):
            cutoff = max(cutoff, self._came.popleft()[1])
        if cutoff < 0:
            return []
        self._lines.sort(key=_key)
        end = bisect_right(self._lines, cutoff, key=_key)
        taken = [line for _key, line in self._lines[:end]]
        del self._lines[:end]
        self._bytes -= sum(map(size_of, taken)) if self._lines else self._bytes
        if self._dropped_here:
            mark = LogLine(0, int(self._clock() * 1e9), "", self._dropped_here, Mark.DROPPED)
            taken.insert(0, mark)
            self._dropped_here = 0
        return taken

    def drop(self) -> int:
        """Drop the oldest lines until there is room again; returns how many. Marks stay."""
        self._lines.sort(key=_key)
        most_lines, most_bytes = self._most_lines // 2, self._most_bytes // 2
        kept: list[Keyed] = []
        left, bytes_left, dropped = len(self._lines), self._bytes, 0
        for at, keyed in enumerate(self._lines):
            if left < most_lines and bytes_left < most_bytes:
                kept += self._lines[at:]
                break
            if keyed[1].mark:
                kept.append(keyed)
                continue
            left -= 1
            bytes_left -= size_of(keyed[1])
            dropped += 1
        self._lines, self._bytes = kept, bytes_left
        self._dropped_here += dropped
        self.dropped += dropped
        return dropped
