"""Event to screen: a row in sight changes on its server while 2,000 events a second arrive from the others.

One member of the fleet is a server of ours with a single pod, first in the table. The clock starts before its
status is written there and stops when the terminal has read the word.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import yaml

from benchmarks.console import console
from benchmarks.estate import load
from benchmarks.harness import Figure, median, percentile
from benchmarks.terminal import Terminal

MEMBERS, PODS, RATE = 50, 100_000, 2_000
EVENTS = 100
BUDGET = 200.0
WORDS = ("QQQQQQQQ", "ZZZZZZZZ")
"""No letter of one is in the other: a terminal that is sent changed cells only is sent the whole word."""
NAME = "0-marker"


def run(quick: bool = False) -> list[Figure]:
    """p95 and worst of a hundred changes at random moments, with and without other events."""
    with (
        load(MEMBERS, pods=PODS) as estate,
        marker() as server,
        merged(estate.kubeconfig, server) as path,
        console(path, "--members-from", "contexts", shows=("Fleets",)) as running,
    ):
        running.command("pods")
        running.until_rows("pods", PODS + 1)
        running.until(lambda state: state["synced"])
        time.sleep(2.0)
        calm = [server.change(running.terminal) for _ in range(EVENTS // 4)]
        estate.post(f"/rate?events={RATE}")
        time.sleep(2.0)
        busy = [server.change(running.terminal) for _ in range(EVENTS // 4 if quick else EVENTS)]
    what = f"event → screen of a row in sight at {RATE:,} events/s"
    alone = ("nothing else arriving", percentile(calm, 0.95))
    note = f"{len(busy)} events, p50 {median(busy):.0f} ms; rows are sent in batches of 100 ms"
    return [Figure(f"{what}, p95", percentile(busy, 0.95), "ms", BUDGET, max(busy), alone, note)]


class Marker:
    """The process with the one pod."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        ready = json.loads(self._out.readline())
        self.server, self.token = str(ready["server"]), str(ready["token"])
        self._turn = 0

    @property
    def _out(self) -> IO[str]:
        assert self._process.stdout is not None
        return self._process.stdout

    def change(self, terminal: Terminal) -> float:
        """Change the pod at a random moment; milliseconds until the terminal had read the word."""
        time.sleep(random.uniform(0.2, 0.5))
        terminal.forget()
        self._turn += 1
        word = WORDS[self._turn % 2]
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        began = float(self._out.readline())
        return (terminal.until_shown(word) - began) * 1000


@contextmanager
def marker() -> Iterator[Marker]:
    """The server, for the length of the block."""
    command = [sys.executable, "-m", "benchmarks.marker_server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Marker(process)
        finally:
            process.kill()


@contextmanager
def merged(kubeconfig: str, server: Marker) -> Iterator[str]:
    """A copy of `kubeconfig` with the marker's context in it."""
    with tempfile.TemporaryDirectory() as folder:
        found = yaml.load(Path(kubeconfig).read_text(), Loader=yaml.CSafeLoader)
        found["clusters"].append({"name": NAME, "cluster": {"server": server.server}})
        found["users"].append({"name": NAME, "user": {"token": server.token}})
        found["contexts"].append({"name": NAME, "context": {"cluster": NAME, "user": NAME}})
        path = Path(folder) / "kubeconfig"
        path.touch(mode=0o600)
        path.write_text(yaml.dump(found, Dumper=yaml.CSafeDumper))
        yield str(path)
