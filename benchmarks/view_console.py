"""A console without a terminal over rows that a benchmark puts in: keys, their frames, pauses of its loop."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from textual import events

from benchmarks.view import changed
from kurator_tui import memory
from kurator_tui.app import KuratorApp
from kurator_tui.config.keymap import key_name
from kurator_tui.config.settings import Settings
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.store.freshness import Freshness, State
from tests.ui.source import FakeSource, live_host


class Live:
    """One console. A probe looks each millisecond: `pauses` are the milliseconds it was late, `busy` those of CPU
    that the loop spent since the look before (which other programs on the machine do not lengthen)."""

    def __init__(self, app: KuratorApp, source: FakeSource) -> None:
        self.app, self.source = app, source
        self.pauses: list[float] = []
        self.busy: list[float] = []
        self.opened = 0.0
        """Milliseconds from the command to the complete table."""

    @classmethod
    @asynccontextmanager
    async def open(cls, rows: Sequence[PodRow]) -> AsyncIterator[Live]:
        """A console that shows `rows`, with the collector as a console has it."""
        memory.tune()
        source = FakeSource()
        live_host(source)
        for cluster in {row.cluster for row in rows}:
            source.store.set_freshness(cluster, "", Freshness(State.LIVE, 0.0))
            source.store.put(POD.id, cluster, {row.uid: row for row in rows if row.cluster == cluster})
        app = KuratorApp(source, Settings())
        async with app.run_test(size=(200, 50), notifications=True) as pilot:
            await pilot.pause()
            live = cls(app, source)
            probe = asyncio.create_task(live._probe())
            began = time.perf_counter()
            await app.frame.open_place(POD.id)
            await live._complete()
            live.opened = (time.perf_counter() - began) * 1000
            yield live
            probe.cancel()

    async def press(self, key: str) -> float:
        """Milliseconds from the key to the frame that holds all it asked for."""
        began = time.perf_counter()
        self.app.post_message(events.Key(key if len(key) > 1 else key_name(key), key if len(key) == 1 else None))
        await asyncio.sleep(0)
        await self._complete()
        return (time.perf_counter() - began) * 1000

    async def churn(self, rows: Sequence[PodRow], *, seconds: float, events: int) -> float:
        """Per cent of a core while `events` a second arrive, ten times a second, merged by key."""
        chance = random.Random(3)
        batches = []
        for _ in range(int(seconds * 10)):
            delta = changed(rows, min(events // 10, len(rows)), chance)
            by_cluster: dict[str, dict[str, PodRow]] = {}
            for (cluster, uid), row in delta.items():
                by_cluster.setdefault(cluster, {})[uid] = row  # type: ignore[assignment]
            batches.append(by_cluster)
        await asyncio.sleep(0.01)  # making them was a pause of its own
        self.pauses.clear()
        self.busy.clear()
        began, spent = time.perf_counter(), time.process_time()
        for number, batch in enumerate(batches):
            for cluster, some in batch.items():
                self.source.store.put(POD.id, cluster, some)
            await asyncio.sleep(max(0.0, began + (number + 1) / 10 - time.perf_counter()))
        await self._complete()
        return (time.process_time() - spent) / (time.perf_counter() - began) * 100

    async def _complete(self) -> None:
        """Until all is shown and nothing waits to be drawn."""
        quiet = 0
        while quiet < 2:
            await asyncio.sleep(0)
            screen = self.app.screen
            pumps = [self.app, screen, *screen.walk_children()]
            waits = any(not pump._message_queue.empty() for pump in pumps)
            current = self.app.frame.current
            done = current.is_mounted and not current.working and not current._pending
            if done and not waits:
                screen._on_timer_update()  # the frame, without the timer's wait
                quiet += 1
            else:
                quiet = 0
                await asyncio.sleep(0.0005)

    async def _probe(self) -> None:
        while True:
            began, spent = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0.001)
            self.pauses.append((time.perf_counter() - began - 0.001) * 1000)
            self.busy.append((time.thread_time() - spent) * 1000)
