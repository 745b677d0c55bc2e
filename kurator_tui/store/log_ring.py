"""The lines of one log view: a bounded ring whose positions never change, and a sieve of those that are shown.

A line's position is a number that stays its own while others come: newer ones get higher numbers, older ones that
are fetched later get lower ones. What leaves the ring is counted (`LogRing.gone`), and so is what never reached it
(`LogRing.missing`): no line is lost unseen. Marks are lines too, and no filter hides them.

Searching is the user's expression on others' text, so only expressions of bounded cost are taken
(`store.patterns`), and a sieve over many lines is worked off a slice at a time, the newest lines first.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from kurator_tui.kinds.log_lines import LogLine, Mark
from kurator_tui.store.patterns import Search

MOST_LINES = 100_000
MOST_BYTES = 48 * 2**20
"""What a ring holds at most, by default."""
OVERHEAD = 160
"""Bytes a line takes beside its text, about."""
SLAB = 64
"""A full ring gives up a part of this size (one in so many) at once: the rest is moved in memory less often."""
PIECE = 500
"""Lines a sieve looks at between two looks at the clock."""


def size_of(line: LogLine) -> int:
    """Bytes a line takes, about."""
    return len(line.text) + OVERHEAD


class LogRing:
    """Lines from position `first` up to `end`, which is the next line's."""

    def __init__(self, most_lines: int = MOST_LINES, most_bytes: int = MOST_BYTES) -> None:
        self.most_lines = max(1, most_lines)
        self.most_bytes = most_bytes
        self.first = 0
        self.bytes = 0
        self.gone = 0
        """Lines that left the ring because newer ones came; marks are no lines here."""
        self.missing = 0
        """Lines that were dropped before they came here, as marks told."""
        self.cut = 0
        """Bytes that were cut off lines too long."""
        self.came = 0
        """Lines that came since the beginning, older ones that were fetched apart."""
        self._lines: list[LogLine] = []

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def end(self) -> int:
        """Position of the line that comes next."""
        return self.first + len(self._lines)

    @property
    def full(self) -> bool:
        """Whether the next line drives out another."""
        return len(self._lines) >= self.most_lines or self.bytes >= self.most_bytes

    @property
    def room(self) -> int:
        """How many lines can come (if they are short) before the oldest leaves."""
        return 0 if self.bytes >= self.most_bytes else max(0, self.most_lines - len(self._lines))

    def __getitem__(self, position: int) -> LogLine:
        """The line at `position`. Raises IndexError for one that is not there (any more)."""
        if position < self.first:
            raise IndexError(position)
        return self._lines[position - self.first]

    def slice(self, start: int, end: int) -> Sequence[LogLine]:
        """The lines of positions `start` up to `end`, as far as they are there."""
        return self._lines[max(0, start - self.first) : max(0, end - self.first)]

    def __iter__(self) -> Iterator[LogLine]:
        return iter(self._lines)

    def append(self, lines: Sequence[LogLine]) -> int:
        """Newer lines. Returns how many positions left at the other end."""
        for line in lines:
            self.bytes += size_of(line)
            if not line.mark:
                self.came += 1
                self.cut += line.lost
            elif line.mark == Mark.DROPPED:
                self.missing += line.lost
        self._lines += lines
        return self._evict()

    def prepend(self, lines: Sequence[LogLine]) -> int:
        """Older lines, oldest first; as many of the newest of them as there is room for. Returns how many."""
        room, kept = self.room, 0
        for line in reversed(lines):
            if kept == room or self.bytes + size_of(line) > self.most_bytes:
                break
            self.bytes += size_of(line)
            self.cut += 0 if line.mark else line.lost
            kept += 1
        if kept:
            self._lines[:0] = lines[len(lines) - kept :]
            self.first -= kept
        return kept

    def _evict(self) -> int:
        if len(self._lines) <= self.most_lines and self.bytes <= self.most_bytes:
            return 0
        lines = self._lines
        least = max(0, len(lines) - self.most_lines + self.most_lines // SLAB)
        bytes_left, count, gone = self.bytes, 0, 0
        enough = self.most_bytes - self.most_bytes // SLAB
        while count < len(lines) - 1 and (count < least or bytes_left > enough):
            bytes_left -= size_of(lines[count])
            gone += not lines[count].mark
            count += 1
        del lines[:count]
        self.bytes, self.first = bytes_left, self.first + count
        self.gone += gone
        return count


class Sieve:
    """Which lines of a ring are shown: those that hold `include` and do not hold `exclude`, and marks."""

    def __init__(self, ring: LogRing, include: Search | None = None, exclude: Search | None = None) -> None:
        self.ring = ring
        self.include = include
        self.exclude = exclude
        self._kept: list[int] = []
        """Positions of the lines shown, among those that were looked at; not kept where all are shown."""
        self._low = ring.end if self.limited else ring.first
        """Positions from here on up to `_high` were looked at."""
        self._high = ring.end

    @property
    def limited(self) -> bool:
        """Whether lines may be hidden."""
        return self.include is not None or self.exclude is not None

    @property
    def working(self) -> bool:
        """Whether older lines were not looked at yet."""
        return self.limited and self._low > self.ring.first

    def __len__(self) -> int:
        """Lines shown."""
        return len(self._kept) if self.limited else len(self.ring)

    def position(self, index: int) -> int:
        """Position of the `index`-th line shown. Raises IndexError."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self._kept[index] if self.limited else self.ring.first + index

    def index(self, position: int) -> int:
        """Index of the line at `position`, or of the next one shown after it; `len` behind the last one."""
        if self.limited:
            return bisect_left(self._kept, position)
        return min(max(0, position - self.ring.first), len(self.ring))

    def holds(self, line: LogLine) -> bool:
        """Whether `line` is shown."""
        if line.mark:
            return True
        if self.include is not None and self.include(line.text) is None:
            return False
        return self.exclude is None or self.exclude(line.text) is None

    def follow(self) -> None:
        """Lines came at the end, or left at the beginning: look at the new ones."""
        ring = self.ring
        if not self.limited:
            return
        start = max(self._high, ring.first)
        lines = ring.slice(start, ring.end)
        self._kept += [at for at, line in enumerate(lines, start) if self.holds(line)]
        self._high = ring.end
        self._low = max(self._low, ring.first)
        if self._kept and self._kept[0] < ring.first:
            del self._kept[: bisect_left(self._kept, ring.first)]

    def work(self, seconds: float) -> bool:
        """Look at older lines for so long; whether something changed."""
        until = time.perf_counter() + seconds
        changed = False
        while self.working:
            start = max(self.ring.first, self._low - PIECE)
            lines = self.ring.slice(start, self._low)
            self._kept[:0] = [at for at, line in enumerate(lines, start) if self.holds(line)]
            self._low = start
            changed = True
            if time.perf_counter() >= until:
                break
        return changed

    def lines(self) -> list[LogLine]:
        """All lines shown, oldest first, as far as was looked."""
        return [self.ring[at] for at in self._kept] if self.limited else list(self.ring)
