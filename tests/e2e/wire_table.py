"""A table that changes, scrolls and sorts itself hundreds of times, always the same way, and says when it is done.

`python -m tests.e2e.wire_table`, in any terminal.
"""

from __future__ import annotations

import asyncio
import random

from textual.app import ComposeResult

from kurator_tui.kinds.overview import CLUSTERS
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.view import View
from kurator_tui.widgets.table import LiveTable
from kurator_tui.wire.display import WireApp
from tests.ui.estate import NOW, cluster

ROWS, STEPS = 500, 300
LIVE = Freshness(State.LIVE, 1.0)
DONE = "finished"


class TableApp(WireApp):
    """The table, and the hand that changes it."""

    def __init__(self) -> None:
        super().__init__()
        self.table = LiveTable(clock=lambda: NOW)

    def compose(self) -> ComposeResult:
        yield self.table

    def on_ready(self) -> None:
        self.animation_level = "none"
        self.run_worker(self._live())

    async def _live(self) -> None:
        view = View(CLUSTERS)
        rows = [cluster(f"member-{number:03}-你", pods=number) for number in range(ROWS)]
        view.load(rows)
        self.table.set_view(view, lambda _: LIVE)
        dice = random.Random(7)
        for _ in range(STEPS):
            self._step(dice)
            await self._frame()
        self.table.home()
        changed = cluster(DONE, pods=1)
        self.table.sort("name")
        self.table.apply({changed.key: changed})
        self.table.home()

    def _step(self, dice: random.Random) -> None:
        choice = dice.random()
        if choice < 0.5:
            numbers = dice.sample(range(1, ROWS), 40)
            rows = [cluster(f"member-{n:03}-你", pods=dice.randrange(900)) for n in numbers]
            self.table.apply({row.key: row for row in rows})
        elif choice < 0.8:
            self.table.move(dice.choice((-3, -1, 1, 1, 2, 40)))
        elif choice < 0.95:
            self.table.page(dice.choice((-1, 1)))
        else:
            self.table.sort(dice.choice(("pods", "name")), descending=dice.random() < 0.5)

    async def _frame(self) -> None:
        done = asyncio.Event()
        self.call_after_refresh(done.set)
        await done.wait()


if __name__ == "__main__":
    TableApp().run()
