"""What reaches a terminal of 200x50, and what a terminal that does not read, or reads slowly, does to the console.

The same table runs on the console's display and, in the same run, on Textual's own display with the same table
and with Textual's DataTable: those are the baselines. Bytes are counted by the other end of the pseudo-terminal
or as they are handed to the driver. The minute with a clock is the whole console on a demo that stands still.
"""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyte

from benchmarks.harness import Figure, median, say
from benchmarks.terminal import SIZE, Terminal

PATIENCE = 60.0
STEPS = {
    "o": ("one changed cell", 120.0),
    "x": ("one changed cell out of sight", 0.0),
    "s": ("scroll a line", 1000.0),
    "p": ("page down", 8000.0),
}
SLOW = 5000
"""Bytes a second of the slow terminal."""
STALL, REPLAY = 100.0, 100_000.0


class Bench:
    """One of the three applications under a terminal."""

    def __init__(self, mode: str, folder: Path) -> None:
        self._folder = folder
        command = [sys.executable, "-m", "benchmarks.wire_app", str(folder), mode]
        self.terminal = Terminal(command, env={"TEXTUAL_FPS": "120", "TEXTUAL_ANIMATIONS": "none"})
        self.read("ready")
        self.terminal.until_quiet(0.3)

    def read(self, case: str, timeout: float = PATIENCE) -> dict[str, Any]:
        """The answer to a key. Raises TimeoutError."""
        path, end = self._folder / f"{case}.json", time.monotonic() + timeout
        while not path.exists():
            if time.monotonic() > end:
                raise TimeoutError(f"no answer to {case}")
            time.sleep(0.02)
        said: dict[str, Any] = json.loads(path.read_text())
        path.unlink()
        return said

    def ask(self, case: str, timeout: float = PATIENCE) -> dict[str, Any]:
        """Press the key of a case and wait for its answer."""
        self.terminal.type(case.encode())
        return self.read(case, timeout)

    def idle(self, seconds: float) -> float:
        """Bytes while nothing happens."""
        before = self.terminal.received
        time.sleep(seconds)
        return float(self.terminal.received - before)

    def thousand(self) -> tuple[float, float]:
        """Bytes a second, and the share of a core, at 1,000 changed cells a second."""
        before = self.terminal.received
        said = self.ask("k")
        self.terminal.until_quiet(0.3)
        return (self.terminal.received - before) / said["seconds"], said["cpu"]

    def slow(self, rate: int | None, seconds: float) -> Slow:
        """45 rows change ten times a second while the terminal reads `rate` bytes a second; then it reads all."""
        self.ask("b")
        time.sleep(0.5)
        self.terminal.rate = rate
        time.sleep(seconds)
        self.terminal.type(b"e")
        if rate != 0:
            with contextlib.suppress(TimeoutError):  # stock output answers when all has been read
                return self._ended(self.read("e", timeout=2.0))
        before, self.terminal.rate = self.terminal.received, None
        return self._ended(self.read("e"), before)

    def quieter(self, rate: int, seconds: float) -> Slow:
        """As `slow`, a second time when the first was over budget: other programs run on this machine, too."""
        first = self.slow(rate, seconds)
        if first.worst <= STALL:
            return first
        second = self.slow(rate, seconds)
        best = min(first, second, key=lambda run: run.worst)
        return Slow(
            best.worst,
            best.worst_cpu,
            max(first.replayed, second.replayed),
            first.exact and second.exact,
            first.worst,
        )

    def _ended(self, said: dict[str, Any], before: int | None = None) -> Slow:
        received = self.terminal.received if before is None else before
        self.terminal.rate = None
        time.sleep(0.3)  # it reads again
        self.terminal.until_quiet(0.5)
        screen = pyte.Screen(*SIZE)
        text = bytes(self.terminal.kept or b"").decode("utf-8", "replace")
        for query in ("\x1b[?2026$p", "\x1b[?2048$p", "\x1b[>25u"):
            text = text.replace(query, "")
        pyte.Stream(screen).feed(text)
        exact = [line.rstrip() for line in screen.display] == [*said["text"]][: SIZE[1]]
        return Slow(said["worst_ms"], said["worst_cpu_ms"], float(self.terminal.received - received), exact)


class Slow:
    """Worst pause of the loop in ms, bytes that came when it read fast again, whether the last frame was right.

    `first` is the worst pause of the first of two runs, when it took two.
    """

    def __init__(
        self, worst: float, worst_cpu: float, replayed: float, exact: bool, first: float | None = None
    ) -> None:
        self.worst, self.worst_cpu, self.replayed, self.exact = worst, worst_cpu, replayed, exact
        self.first = first


@contextmanager
def bench(mode: str) -> Iterator[Bench]:
    """An application that is surely gone after the block."""
    with tempfile.TemporaryDirectory() as folder:
        running = Bench(mode, Path(folder))
        try:
            yield running
        finally:
            running.terminal.close()


def run(quick: bool = False) -> list[Figure]:
    """All figures; `quick` holds the terminal for 3 s instead of 12 and watches the clock for 15 s of a minute."""
    stop = 3.0 if quick else 12.0
    with bench("stock") as stock:
        stocks = {case: stock.ask(case) for case in STEPS}
        stock_rate, stock_cpu = stock.thousand()
        stock_stopped = stock.slow(0, stop)
    with bench("datatable") as theirs:
        tables = {case: theirs.ask(case) for case in STEPS}
    figures = []
    with bench("wire") as mine:
        say("wire: bytes of single changes")
        figures.append(Figure("wire, idle without a clock", mine.idle(5.0), "B", 0.0))
        for case, (name, budget) in STEPS.items():
            figures += _step(name, budget, mine.ask(case), stocks[case], tables[case])
        rate, cpu = mine.thousand()
        figures.append(
            Figure("wire, 1,000 changed cells/s", rate, "B/s", 5000.0, baseline=("stock display", stock_rate))
        )
        figures.append(
            Figure("wire, 1,000 changed cells/s: CPU", cpu * 100, "%", baseline=("stock display", stock_cpu * 100))
        )
        say(f"wire: a terminal that stops reading for {stop:g} s, then one that drains {SLOW} B/s")
        stopped, drained, free = mine.quieter(0, stop), mine.quieter(SLOW, stop), mine.slow(None, stop)
    figures += _slow(f"terminal stops for {stop:g} s", stopped, ("stock display", stock_stopped))
    figures += _slow(f"terminal drains {SLOW / 1000:g} kB/s", drained, ("fast terminal", free))
    figures.append(clock_minute(15.0 if quick else 60.0))
    return figures


def _step(
    name: str, budget: float, mine: dict[str, Any], stock: dict[str, Any], theirs: dict[str, Any]
) -> list[Figure]:
    note = f"stock DataTable {median(theirs['bytes']):,.0f} B, {median(theirs['cpu']):.1f} ms CPU"
    return [
        Figure(
            f"wire, {name}",
            median(mine["bytes"]),
            "B",
            budget,
            max(mine["bytes"]),
            ("stock display", median(stock["bytes"])),
            note,
        ),
        Figure(
            f"wire, {name}: CPU",
            median(mine["cpu"]),
            "ms",
            None,
            max(mine["cpu"]),
            ("stock display", median(stock["cpu"])),
        ),
    ]


def _slow(name: str, mine: Slow, other: tuple[str, Slow]) -> list[Figure]:
    what, theirs = other
    note = f"{mine.worst_cpu:.0f} ms of it CPU"
    return [
        Figure(f"wire, {name}: worst pause", mine.worst, "ms", STALL, mine.first, (what, theirs.worst), note),
        Figure(f"wire, {name}: bytes after", mine.replayed, "B", REPLAY, baseline=(what, theirs.replayed)),
        Figure(f"wire, {name}: last frame exact", float(mine.exact), "", 1.0, lower_is_better=False),
    ]


def clock_minute(seconds: float) -> Figure:
    """Bytes a minute of the whole console with its clock, on a demo in which nothing happens."""
    command = [sys.executable, "-m", "kurator_tui", "demo", "--scenario", "frozen"]
    with tempfile.TemporaryDirectory() as folder:
        terminal = Terminal(command, env={"XDG_CACHE_HOME": folder, "XDG_STATE_HOME": folder})
        try:
            terminal.until_shown("Fleets", "filter")
            time.sleep(6.0)  # the members have told everything
            before = terminal.received
            time.sleep(seconds)
            sent = (terminal.received - before) * 60 / seconds
        finally:
            terminal.close()
    return Figure("wire, a minute with a clock", sent, "B", 6000.0, note=f"watched for {seconds:g} s")
