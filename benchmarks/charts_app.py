"""What `benchmarks.charts` measures: a page of twenty charts on 200x50, all answered anew, step by step."""

from __future__ import annotations

import asyncio
import json
import math
import sys
import time
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from kurator_tui import memory
from kurator_tui.config.keymap import preset
from kurator_tui.link.metrics import PageMeta, Pages, PanelData, PanelMeta, PanelSeries, encode, packed
from kurator_tui.screens.keys import Keys
from kurator_tui.screens.metrics_keys import ChartsScreen
from kurator_tui.screens.metrics_target import Target
from kurator_tui.screens.source import LIVE
from kurator_tui.screens.table_turns import Look
from kurator_tui.store.store import Store
from kurator_tui.wire.display import WireApp

CHARTS, SERIES = 20, 5
POINTS, STEP = 121, 30.0
ROUNDS = 30
START = 1_763_700_000.0
UNITS = ("cores", "bytes", "ratio", "seconds")


def value(chart: int, line: int, at: int) -> float:
    """A curve with a little noise, as load is: the same for the same moment, whichever window it is seen in."""
    noise = math.sin(at * 12.9898 + chart * 78.233 + line * 37.719) * 43758.5453
    return 2 + line + math.sin(at / 17 + chart + line) + 0.15 * (noise - math.floor(noise))


def answer(chart: int, turn: int) -> list[bytes]:
    """The messages of a panel after `turn` steps."""
    values = [array("d", [value(chart, line, turn + at) for at in range(POINTS)]) for line in range(SERIES)]
    series = tuple(
        PanelSeries((("cluster", f"member-{line:02}"),), packed(each)) for line, each in enumerate(values)
    )
    end = START + turn * STEP
    data = PanelData(end - (POINTS - 1) * STEP, STEP, POINTS, series, SERIES, source="thanos/thanos-query", at=end)
    return list(encode(data))


class Stream:
    """An open panel."""

    def __init__(self, flow: Callable[[bytes], None]) -> None:
        self.flow = flow

    def close(self) -> None:
        """Nothing more comes."""


class Answers:
    """A source that has one page and answers when it is told to."""

    feeder_state = LIVE
    host = None
    synced = True
    workers = ()

    def __init__(self) -> None:
        self.store = Store()
        self.streams: list[Stream] = []
        self.complete = asyncio.Event()
        """All charts are open."""

    def listen(self, _listener: object) -> Callable[[], None]:
        return lambda: None

    async def call(self, _method: str, **_arguments: str) -> str:
        panels = tuple(
            PanelMeta(f"p{at}", f"Panel {at}", UNITS[at % len(UNITS)], warning=3.5) for at in range(CHARTS)
        )
        return msgspec.json.encode(Pages((PageMeta("page", "Page", panels),))).decode()

    def open_stream(
        self, _method: str, _arguments: dict[str, str], on_data: Callable[[bytes], None], *_more: object
    ) -> Stream:
        self.streams.append(Stream(on_data))
        if len(self.streams) == CHARTS:
            self.complete.set()
        return self.streams[-1]


class Bench(WireApp):
    """Answers all charts `ROUNDS` times and notes what each time cost."""

    def __init__(self, report: Path) -> None:
        super().__init__()
        self._report = report
        self.now = START
        self._answers: Any = Answers()

    def on_ready(self) -> None:
        self.animation_level = "none"
        look = Look(lambda: self.now)
        self.charts = ChartsScreen(self._answers, look, Keys(preset("default")), Target("page"))
        self.push_screen(self.charts)
        self.run_worker(self._measure())

    async def _painted(self) -> None:
        done = asyncio.Event()
        self.call_after_refresh(done.set)
        await done.wait()
        await asyncio.sleep(0.02)

    async def _measure(self) -> None:
        await self._answers.complete.wait()
        self.tell(0)
        await self._painted()
        driver = self._driver
        assert driver is not None
        write, sent = driver.write, [0]

        def counting(data: str) -> None:
            sent[0] += len(data.encode())
            write(data)

        driver.write = counting  # type: ignore[method-assign]
        cpu, sizes, keys = [], [], []
        memory.settle()
        for turn in range(1, ROUNDS + 1):
            sent[0] = 0
            messages = [answer(chart, turn) for chart in range(CHARTS)]
            self.now += STEP
            began = time.process_time()
            self.flow(messages)
            await self._painted()
            cpu.append((time.process_time() - began) * 1000)
            sizes.append(sent[0])
        for turn in range(ROUNDS):
            began = time.process_time()
            self.charts._choose(turn % CHARTS)
            await self._painted()
            keys.append((time.process_time() - began) * 1000)
        seen = len(self.charts.grid.charts)
        self._report.write_text(json.dumps({"cpu": cpu, "bytes": sizes, "keys": keys, "charts": seen}))
        self.exit()

    def tell(self, turn: int) -> None:
        """All charts as they are after `turn` steps."""
        self.flow([answer(chart, turn) for chart in range(CHARTS)])

    def flow(self, answers: list[list[bytes]]) -> None:
        """These messages come, and are drawn together."""
        for stream, messages in zip(self._answers.streams, answers, strict=True):
            for message in messages:
                stream.flow(message)
        self.charts.draw()


if __name__ == "__main__":
    memory.tune()
    Bench(Path(sys.argv[1])).run()
