"""A real console under a terminal, with the probe inside: keys are typed and timed, processes weighed.

The clock of a key starts when its byte is written to the terminal, and stops when the terminal has read the last
byte of the answering frame: the first one whose drawing began after the key had been handled.
"""

from __future__ import annotations

import contextlib
import json
import math
import random
import socket
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.harness import percentile
from benchmarks.processes import Cost, cost, descendants
from benchmarks.terminal import SIZE, Terminal

PATIENCE = 120.0
FEEDER = "kurator_tui.feeder"


class Console:
    """A running console. `keys` measures, `probe` asks, `until` waits for what the probe says."""

    def __init__(self, terminal: Terminal, path: str) -> None:
        self.terminal = terminal
        self._socket = socket.socket(socket.AF_UNIX)
        self._connect(path)
        self._answers = self._socket.makefile("rb")

    def _connect(self, path: str) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return self._socket.connect(path)
            except OSError:
                if time.monotonic() > end or not self.terminal.alive:
                    raise TimeoutError(f"no console: {bytes((self.terminal.kept or b'')[-500:])!r}") from None
                time.sleep(0.01)

    def probe(self, do: str, **arguments: str) -> Any:
        """Ask the probe: see `benchmarks.probe`."""
        self._socket.sendall(json.dumps({"do": do, **arguments}).encode() + b"\n")
        return json.loads(self._answers.readline())

    def until(
        self, true: Callable[[dict[str, Any]], bool], *, timeout: float = PATIENCE, every: float = 0.1
    ) -> dict[str, Any]:
        """Ask for the state until it is as wanted; returns it. Raises TimeoutError with the last one."""
        end = time.monotonic() + timeout
        while True:
            state: dict[str, Any] = self.probe("state")
            if true(state):
                return state
            if time.monotonic() > end:
                raise TimeoutError(f"the console is at {state}")
            time.sleep(every)

    def until_rows(self, kind: str, count: int, timeout: float = PATIENCE) -> None:
        """Wait until the console holds `count` rows of `kind`."""
        self.until_true(lambda: self.count(kind) >= count, timeout=timeout)

    def until_true(self, true: Callable[[], bool], *, timeout: float = PATIENCE, every: float = 0.05) -> float:
        """Wait for anything; returns the moment. Raises TimeoutError with the console's state."""
        end = time.monotonic() + timeout
        while not true():
            if time.monotonic() > end:
                raise TimeoutError(f"the console is at {self.probe('state')}")
            time.sleep(every)
        return time.monotonic()

    def count(self, kind: str) -> int:
        """Rows of `kind` that the console holds now."""
        return int(self.probe("count", kind=kind)["count"])

    def command(self, text: str) -> None:
        """Type a command into the command bar: `pods` opens its table."""
        for part in (b":", text.encode(), b"\r"):
            self.terminal.until_frame(self.terminal.type(part))

    @property
    def feeders(self) -> list[int]:
        """Process ids of the console's feeders."""
        return descendants(self.terminal.pid, running=FEEDER)

    def costs(self) -> tuple[Cost, Cost]:
        """What the console and its feeders cost until now."""
        return cost([self.terminal.pid]), cost(self.feeders)

    # -- keys -----------------------------------------------------------------------------------------------------

    def keys(
        self,
        keys: Iterable[bytes],
        *,
        gap: tuple[float, float] = (0.06, 0.14),
        done: Callable[[], bool] = lambda: False,
    ) -> Latencies:
        """Press `keys` at random gaps until `done`, answered or not: a stall delays every key in it."""
        self.probe("mark")
        self.terminal.forget(keep=False)
        pressed: list[tuple[bytes, float]] = []
        due = time.monotonic()
        for key in keys:
            due += random.uniform(*gap)
            time.sleep(max(0.0, due - time.monotonic()))
            self.terminal.type(key)
            pressed.append((key, due))  # a key that this program pressed late was due then
            if done():
                break
        time.sleep(1.0)
        return Latencies(pressed, self.probe("report"), self.terminal)


class Latencies:
    """Milliseconds from each key to the end of its frame, and where they went. A lost key is an endless one."""

    def __init__(self, pressed: Sequence[tuple[bytes, float]], report: dict[str, Any], terminal: Terminal) -> None:
        self.report = report
        handled: list[float] = report["keys"]
        drawn: list[float] = report["frames"]
        self.unanswered = len(pressed) - len(handled)
        self.total: list[float] = []
        self.handling: list[float] = []
        """Milliseconds until the key was handled: the loop was busy, or handling took long."""
        self.waiting: list[float] = []
        """Milliseconds from there until the answering frame was begun."""
        self.drawing: list[float] = []
        """Milliseconds from there until the terminal had read it."""
        self.by_key: dict[bytes, list[float]] = {}
        for (key, began), done in zip(pressed, handled, strict=False):
            place = bisect_left(drawn, done)
            frame = terminal.frame_after(drawn[place]) if place < len(drawn) else None
            if frame is None:
                self.unanswered += 1
                continue
            self.total.append((frame.ended - began) * 1000)
            self.by_key.setdefault(key, []).append(self.total[-1])
            self.handling.append((done - began) * 1000)
            self.waiting.append((drawn[place] - done) * 1000)
            self.drawing.append((frame.ended - drawn[place]) * 1000)

    def at(self, share: float) -> float:
        """A percentile of all keys; one that was never answered is infinitely late."""
        return percentile([*self.total, *[math.inf] * self.unanswered], share)


def key_mix(count: int, *, seed: int = 1, screens: Sequence[bytes] = ()) -> list[bytes]:
    """Keys that each change the screen: lines, pages, both ends and, now and then, another screen and back."""
    dice = random.Random(seed)
    keys: list[bytes] = []
    while len(keys) < count:
        choice = dice.random()
        if choice < 0.5:
            keys += [b"j"] * dice.randint(1, 5)
        elif choice < 0.75:
            keys += [b"j", b"k"]
        elif choice < 0.9:
            keys += [b"\x06", b"\x02"]  # Ctrl-f, Ctrl-b
        elif choice < 0.95 or not screens:
            keys += [b"G", b"g"]
        else:
            keys += screens
    return keys[:count]


@contextmanager
def console(
    kubeconfig: str, *arguments: str, size: tuple[int, int] = SIZE, shows: Sequence[str] = ("Fleets", "filter")
) -> Iterator[Console]:
    """A console on `kubeconfig` that is surely gone after the block; it has shown its first frame."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        path = str(Path(folder) / "probe")
        command = [sys.executable, "-m", "benchmarks.probed_console", path, "--kubeconfig", kubeconfig, *arguments]
        env = {"XDG_CACHE_HOME": folder, "XDG_STATE_HOME": folder}
        terminal = Terminal(command, size=size, env=env)
        stack.callback(terminal.close)
        terminal.until_shown(*shows)
        yield Console(terminal, path)
