"""Keys in a log view that shows 5,000 lines a second from 100 containers of 10 clusters.

The console's own loop, its screen and a real feeder; nothing is sent to a terminal. A key's time is from its event
until it was done and what it changed was drawn. A line that is missing and that no mark told of is counted.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from textual import events

from benchmarks.harness import Figure, percentile
from benchmarks.log_load import Load
from kurator_tui.app import KuratorApp
from kurator_tui.config.actions import Action
from kurator_tui.config.settings import Settings
from kurator_tui.kinds.log_lines import LogTarget
from kurator_tui.link import messages as m
from kurator_tui.link.session import Session
from kurator_tui.screens.keys import Request
from kurator_tui.screens.log_keys import LogsScreen
from kurator_tui.screens.log_targets import Logged

CLUSTERS, COUNT, RATE = 10, 100, 5000.0
SETTLE, SECONDS = 4.0, 15.0
KEYS = ("k", "k", "j", "ctrl+b", "ctrl+f", "G", "t", "w", "f", "G", "o", "g", "G")
PAUSE = 0.03
"""Seconds between two keys."""
BUDGET = 50.0
"""Milliseconds."""


class Timed(LogsScreen):
    """Says when a key was done and drawn."""

    done: asyncio.Event

    async def perform(self, action: Action, request: Request) -> None:
        await super().perform(action, request)
        self.call_after_refresh(self.done.set)


def run(quick: bool = False) -> list[Figure]:
    """Latency of keys, and lines that were lost without a word."""
    with Load(CLUSTERS, COUNT, RATE) as load, tempfile.TemporaryDirectory() as folder:
        return asyncio.run(
            _measure(load, load.kubeconfig(Path(folder) / "kubeconfig"), SECONDS / 2 if quick else SECONDS)
        )


async def _measure(load: Load, kubeconfig: str, seconds: float) -> list[Figure]:
    session = Session(m.Configured(kubeconfig=kubeconfig, members_from="contexts"))
    running = asyncio.create_task(session.run())
    app = KuratorApp(session, Settings())
    async with app.run_test(size=(200, 50)):
        synced = asyncio.Event()
        session.listen(lambda _fact: synced.set() if session.synced else None)
        await synced.wait()
        clusters = ["host", *load.names[1:]]
        targets = tuple(LogTarget(clusters[n % CLUSTERS], "default", f"web-{n}", "app") for n in range(COUNT))
        screen = Timed(session, app.frame.look, app.frame.keys, Logged("load", targets), None)
        screen.done = asyncio.Event()
        app.push_screen(screen)
        await asyncio.sleep(SETTLE)
        times = await _press(app, screen, seconds)
        ring, lost = screen.feed.ring, _lost(screen)
        came, missing = ring.came, ring.missing
        await session.close()
        await running
    what = f"{RATE:,.0f} log lines/s from {COUNT} containers of {CLUSTERS} clusters, shown"
    return [
        Figure(f"{what}: key p99", percentile(times, 0.99), "ms", BUDGET, max(times)),
        Figure(f"{what}: lost unseen", float(lost), "lines", 0.0, note=f"{came} came, {missing} dropped and told"),
    ]


async def _press(app: KuratorApp, screen: Timed, seconds: float) -> list[float]:
    times: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for key in KEYS:
            screen.done.clear()
            began = time.perf_counter()
            app.post_message(events.Key(key, key if len(key) == 1 else None))
            await screen.done.wait()
            times.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(PAUSE)
    return times


def _lost(screen: Timed) -> int:
    """Lines missing between those that are held, each container's counting up, that no mark told of."""
    last: dict[int, int] = {}
    missing = 0
    for line in screen.feed.ring:
        if line.mark:
            continue
        number = int(line.text.partition("/api/orders/")[2].partition('"')[0])
        missing += abs(number - last.get(line.source, number - 1) - 1)
        last[line.source] = number
    return max(0, missing - screen.feed.ring.missing)
