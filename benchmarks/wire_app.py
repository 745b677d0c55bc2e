"""What `benchmarks.wire` measures: a table of 10,000 rows that changes itself when a key says so.

`python -m benchmarks.wire_app FOLDER wire|stock|datatable`: `wire` is the console's display with its live table,
`stock` Textual's own display and driver with the same table, `datatable` those with Textual's own table. The
answer to key X is the file FOLDER/X.json.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from textual import events
from textual.app import App, ComposeResult
from textual.widgets import DataTable

from benchmarks.probe import Pauses
from benchmarks.table_app import LIVE, ROWS, change, row
from kurator_tui import memory
from kurator_tui.kinds.overview import CLUSTERS
from kurator_tui.store.view import View
from kurator_tui.widgets.table import LiveTable
from kurator_tui.wire.display import WireApp

COLUMNS = 11
BATCHES, BATCH = 10, 0.1
"""Batches a second, and the seconds between two."""
CELLS = range(34)
"""Rows of a batch: their three digits are about a hundred cells."""
BUSY = range(45)
"""Rows that change in every batch while the terminal is slow."""
ROUNDS = 40

Case = dict[str, Any]


class Ours:
    """The live table, by the same words as `Theirs`."""

    def __init__(self) -> None:
        self.widget = LiveTable()

    def fill(self) -> None:
        view = View(CLUSTERS)
        view.load(row(number) for number in range(ROWS))
        self.widget.set_view(view, lambda _: LIVE)

    def change(self, rows: range, turn: int) -> None:
        change(self.widget, rows, turn)

    def line(self, by: int) -> None:
        self.widget.move(by)

    def page(self, by: int) -> None:
        self.widget.page(by)

    def to(self, index: int) -> None:
        self.widget.home()
        self.widget.move(index)


class Theirs:
    """Textual's DataTable with as many columns and rows."""

    def __init__(self) -> None:
        self.widget: DataTable[str] = DataTable(cursor_type="row")

    def fill(self) -> None:
        self.widget.add_columns(*[f"COLUMN {at}" for at in range(COLUMNS)])
        for number in range(ROWS):
            cells = [f"member-{number:05}", "AttachedCluster", "v1.31.2", "100", "3/3", "production", "live"]
            self.widget.add_row(*cells, *["12 ms"] * (COLUMNS - len(cells)), key=str(number))
        self._pods = list(self.widget.columns)[3]

    def change(self, rows: range, turn: int) -> None:
        for number in rows:
            self.widget.update_cell(str(number), self._pods, str(100 + (turn + 1) % 100))

    def line(self, by: int) -> None:
        self.widget.move_cursor(row=self.widget.cursor_row + by)

    def page(self, by: int) -> None:
        self.widget.action_page_down() if by > 0 else self.widget.action_page_up()

    def to(self, index: int) -> None:
        self.widget.move_cursor(row=0)
        self.widget.move_cursor(row=index)


class Bench:
    """Runs the cases inside an application; mixed into one of two."""

    app: App[Any]

    def __init__(self, app: App[Any], folder: Path, table: Ours | Theirs) -> None:
        self.app, self.folder, self.table = app, folder, table
        self.pauses = Pauses()
        self.busy = False
        self.cases: dict[str, Callable[[], Awaitable[Case]]] = {
            "o": lambda: self.steps(lambda turn: self.table.change(range(20, 21), turn)),
            "x": lambda: self.steps(lambda turn: self.table.change(range(5000, 5001), turn)),
            "s": self.scrolled,
            "p": lambda: self.steps(lambda turn: self.table.page(1), rounds=20),
            "k": self.thousand,
            "b": self.begin,
            "e": self.end,
        }

    async def start(self) -> None:
        self.pauses.watch(asyncio.get_running_loop())
        self.table.fill()
        await self.frame()
        memory.settle()
        self.tell("ready", {})

    def tell(self, case: str, said: Case) -> None:
        """The answer to a case, there all at once."""
        part = self.folder / f"{case}.part"
        part.write_text(json.dumps(said))
        part.rename(self.folder / f"{case}.json")

    async def run(self, case: str) -> None:
        self.tell(case, await self.cases[case]())

    async def frame(self) -> None:
        """Wait until the screen was painted and its bytes are on their way."""
        done = asyncio.Event()
        self.app.call_after_refresh(done.set)
        await done.wait()
        await asyncio.sleep(0.01)

    async def steps(self, step: Callable[[int], None], rounds: int = ROUNDS) -> Case:
        """CPU milliseconds and bytes of each step."""
        driver = self.app._driver
        assert driver is not None
        write, sent, costs, spent = driver.write, [0], [], []

        def counting(data: str) -> None:
            sent[0] += len(data.encode())
            write(data)

        driver.write = counting  # type: ignore[method-assign]
        for turn in range(rounds):
            sent[0] = 0
            began = time.process_time()
            step(turn)
            await self.frame()
            spent.append((time.process_time() - began) * 1000)
            costs.append(sent[0])
        driver.write = write  # type: ignore[method-assign]
        return {"bytes": costs, "cpu": spent}

    async def scrolled(self) -> Case:
        self.table.to(60)
        await self.frame()
        return await self.steps(lambda turn: self.table.line(1))

    async def thousand(self) -> Case:
        """Ten batches a second of about a hundred changed cells each, for five seconds."""
        self.table.to(0)
        await self.frame()
        cpu, began = time.process_time(), time.monotonic()
        for turn in range(5 * BATCHES):
            self.table.change(CELLS, turn * 37)
            await asyncio.sleep(max(0.0, began + (turn + 1) * BATCH - time.monotonic()))
        seconds = time.monotonic() - began
        return {"seconds": seconds, "cpu": (time.process_time() - cpu) / seconds}

    async def begin(self) -> Case:
        self.table.to(0)
        await self.frame()
        self.busy = True
        self.pauses.clear()
        self.app.run_worker(self.live())
        return {}

    async def live(self) -> None:
        turn = 0
        while self.busy:
            turn += 1
            self.table.change(BUSY, turn * 37)
            await asyncio.sleep(BATCH)

    async def end(self) -> Case:
        """Stop changing: the worst pause of the loop, and the text that the terminal has to end with."""
        self.busy = False
        report = self.pauses.report()
        await self.frame()
        strips = self.app.screen._compositor.render_strips()
        return {
            "worst_ms": report["worst_ms"],
            "worst_cpu_ms": report["worst_cpu_ms"],
            "text": [strip.text.rstrip() for strip in strips],
        }


class WireBench(WireApp):
    """The console's display."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.bench = Bench(self, folder, Ours())

    def compose(self) -> ComposeResult:
        yield self.bench.table.widget

    def on_ready(self) -> None:
        self.animation_level = "none"
        self.run_worker(self.bench.start())

    def on_key(self, event: events.Key) -> None:
        event.prevent_default()
        if event.key in self.bench.cases:
            self.run_worker(self.bench.run(event.key))


class StockBench(App[int], inherit_bindings=False):
    """Textual's display and driver."""

    def __init__(self, folder: Path, table: Ours | Theirs) -> None:
        super().__init__()
        self.bench = Bench(self, folder, table)

    compose = WireBench.compose
    on_ready = WireBench.on_ready
    on_key = WireBench.on_key


def main(folder: Path, mode: str) -> None:
    """Run until ended from outside."""
    memory.tune()
    if mode == "wire":
        WireBench(folder).run()
    else:
        StockBench(folder, Theirs() if mode == "datatable" else Ours()).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
