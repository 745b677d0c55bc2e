"""5,000 log lines a second from 100 containers of 10 clusters, through a feeder and the link to a console's hands.

Every container's lines count up: one that is missing or out of order is seen. Latency is from the moment a line is
stamped to the moment the console has it.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.harness import Figure, percentile
from benchmarks.log_load import Load
from benchmarks.processes import cost, share
from kurator_tui.kinds.log_lines import LogBatch, LogQuery, LogTarget
from kurator_tui.link import messages as m
from kurator_tui.link.logs import open_logs
from kurator_tui.link.session import Session

CLUSTERS, COUNT, RATE = 10, 100, 5000.0
SETTLE, SECONDS = 3.0, 10.0
LATENCY_BUDGET = 1000.0
"""Milliseconds: a line is held 250 ms for older ones of other containers, and batches go ten times a second."""


@dataclass
class Received:
    """What the console was given."""

    lines: int = 0
    missing: int = 0
    """Lines that should have come and did not, and that no mark told of."""
    dropped: int = 0
    marks: int = 0
    latencies: list[float] = field(default_factory=list)
    _last: dict[int, int] = field(default_factory=dict)

    def take(self, batch: LogBatch) -> None:
        now = time.time_ns()
        for line in batch.lines:
            if line.mark:
                self.marks += 1
                self.dropped += line.lost if line.mark == "dropped" else 0
                continue
            self.lines += 1
            number = int(line.text.partition("/api/orders/")[2].partition('"')[0])
            self.missing += abs(number - self._last.get(line.source, 0) - 1)
            self._last[line.source] = number
            self.latencies.append((now - line.time) / 1e6)


def run(quick: bool = False) -> list[Figure]:
    """CPU of feeder and console, latency, and what was lost."""
    seconds = SECONDS / 2 if quick else SECONDS
    with Load(CLUSTERS, COUNT, RATE) as load, tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measure(load, load.kubeconfig(Path(folder) / "kubeconfig"), seconds))


async def _measure(load: Load, kubeconfig: str, seconds: float) -> list[Figure]:
    session = Session(m.Configured(kubeconfig=kubeconfig, members_from="contexts"))
    running = asyncio.create_task(session.run())
    session.subscribe("clusters")
    synced = asyncio.Event()
    session.listen(lambda _fact: synced.set() if session.synced else None)
    await synced.wait()
    clusters = ["host", *load.names[1:]]
    targets = [LogTarget(clusters[n % CLUSTERS], "default", f"web-{n}", "app") for n in range(COUNT)]
    received, ended = Received(), asyncio.Event()
    handle = open_logs(session, LogQuery(tuple(targets)), received.take, lambda _end: ended.set())
    await asyncio.sleep(SETTLE)
    feeder, console = [worker.pid for worker in session.workers], [os.getpid()]
    before, own, began = cost(feeder), cost(console), received.lines
    received.latencies.clear()
    await asyncio.sleep(seconds)
    after, own_after, count = cost(feeder), cost(console), received.lines - began
    handle.close()
    await session.close()
    await running
    if ended.is_set():
        raise RuntimeError("the stream ended")
    rate, spent = count / (after.at - before.at), after.cpu - before.cpu
    what = f"{RATE:,.0f} log lines/s from {COUNT} containers of {CLUSTERS} clusters"
    note = (
        f"{spent / max(1, count) * 1e6:.0f} µs a line; {received.marks} marks, {received.dropped} dropped and told"
    )
    return [
        Figure(f"{what}: lines a second", rate, "/s", RATE * 0.97, lower_is_better=False),
        Figure(f"{what}: lost unseen", received.missing - received.dropped, "lines", 0.0),
        Figure(f"{what}: CPU of the feeder", share(before, after), "%", note=note),
        Figure(f"{what}: CPU of reading the batches", share(own, own_after), "%"),
        Figure(
            f"{what}: from its stamp to the console, p99",
            percentile(received.latencies, 0.99),
            "ms",
            LATENCY_BUDGET,
            max(received.latencies, default=0.0),
        ),
        Figure(f"{what}: memory of the feeder", after.rss, "MiB", None, after.peak),
    ]
