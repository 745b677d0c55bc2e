"""The release board of 200 applications on 50 members while 2,000 rollouts change a second.

The console's own loop and screen over rows that are put in; nothing is sent to a terminal (bytes a change:
`tests/e2e/test_wire_budgets.py`). A key's time is from its event until it was done and what it changed was drawn.
"""

from __future__ import annotations

import asyncio
import random
import time

from msgspec import structs
from textual import events

from benchmarks.harness import Figure, percentile
from kurator_tui import memory
from kurator_tui.app import KuratorApp
from kurator_tui.config.settings import Settings
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.rollouts import ROLLOUTS, Gate, RolloutRow, Verdict
from kurator_tui.store.freshness import Freshness, State
from tests.ui.source import FakeSource, live_host

APPLICATIONS, MEMBERS = 200, 50
CHANGES, BATCHES = 2000, 10
"""Changes a second, in so many batches."""
SECONDS = 10.0
KEYS = ("j", "j", "k", "ctrl+f", "j", "ctrl+b", "G", "g", "j", "j")
PAUSE = 0.04
"""Seconds between two keys."""
BUDGET_KEY, BUDGET_CPU = 35.0, 40.0


def rollouts() -> list[RolloutRow]:
    """A third goes on, the others are done."""
    chance = random.Random(7)
    gate = Gate("request-success-rate", low=99.0, values=(99.9, 99.8), verdict=str(Verdict.OK))
    return [
        RolloutRow(
            f"member-{member:02}",
            "shop",
            f"app-{number:03}",
            f"{number}-{member}",
            0.0,
            level=Level.PROGRESSING if chance.random() < 0.3 else Level.HEALTHY,
            application=f"app-{number:03}",
            application_namespace="apps",
            fleet="production",
            strategy="canary",
            phase="Progressing" if chance.random() < 0.3 else "Succeeded",
            weight=10,
            weight_target=50,
            threshold=3,
            gates=(gate,),
        )
        for number in range(APPLICATIONS)
        for member in range(MEMBERS)
    ]


def run(quick: bool = False) -> list[Figure]:
    """Latency of keys, the worst pause, and the share of a core."""
    return asyncio.run(_measure(SECONDS / 2 if quick else SECONDS))


async def _measure(seconds: float) -> list[Figure]:
    memory.tune()
    source, rows = FakeSource(), rollouts()
    live_host(source)
    for member in {row.cluster for row in rows}:
        source.store.set_freshness(member, "", Freshness(State.LIVE, 0.0))
        source.store.put(ROLLOUTS.id, member, {row.uid: row for row in rows if row.cluster == member})
    app = KuratorApp(source, Settings())
    async with app.run_test(size=(200, 50)) as pilot:
        await app.frame.open_place("rollouts")
        await pilot.pause()
        at_rest = await press(app, seconds / 3)
        churn = asyncio.create_task(_churn(source, rows))
        spent, began = time.process_time(), time.perf_counter()
        times = await press(app, seconds)
        share = (time.process_time() - spent) / (time.perf_counter() - began) * 100
        churn.cancel()
    what = f"board of {APPLICATIONS} applications on {MEMBERS} members, {CHANGES:,} changes/s"
    quiet = ("nothing changing", percentile(at_rest, 0.99))
    return [
        Figure(f"{what}: key p99", percentile(times, 0.99), "ms", BUDGET_KEY, max(times), quiet),
        Figure(f"{what}: key p50", percentile(times, 0.5), "ms"),
        Figure(f"{what}: CPU of the console, keys included", share, "% of a core", BUDGET_CPU),
    ]


async def _churn(source: FakeSource, rows: list[RolloutRow]) -> None:
    chance = random.Random(8)
    while True:
        began = time.perf_counter()
        by_member: dict[str, dict[str, RolloutRow]] = {}
        for _ in range(CHANGES // BATCHES):
            at = chance.randrange(len(rows))
            row = rows[at] = structs.replace(rows[at], weight=chance.randrange(0, 60, 10))
            by_member.setdefault(row.cluster, {})[row.uid] = row
        for member, some in by_member.items():
            source.store.put(ROLLOUTS.id, member, some)
        await asyncio.sleep(max(0.0, 1 / BATCHES - (time.perf_counter() - began)))


async def press(app: KuratorApp, seconds: float) -> list[float]:
    """Milliseconds of each of the keys that are pressed for so long."""
    times: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for key in KEYS:
            done = asyncio.Event()
            began = time.perf_counter()
            app.post_message(events.Key(key, key if len(key) == 1 else None))
            app.frame.call_later(app.frame.call_after_refresh, done.set)
            await done.wait()
            times.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(PAUSE)
    return times
