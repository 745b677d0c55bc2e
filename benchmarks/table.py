"""What one changed cell of a 10,000-row table costs: CPU time and bytes to a real (pseudo) terminal of 200x50.

Prints one line a case. Budgets: a changed cell under 3 ms of CPU and 1,000 bytes; out of sight 0 bytes.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import pty
import select
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from pathlib import Path

SIZE = (200, 50)
ROWS = 10_000
ROUNDS = 100
CPU_BUDGET, BYTES_BUDGET = 3.0, 1000


def main() -> bool:
    """Run the cases under a pseudo-terminal, print them, and say whether the budgets are kept."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        pid, fd = pty.fork()
        if pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execv(sys.executable, [sys.executable, "-m", "benchmarks.table", str(report)])
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
        _drain(fd)
        os.waitpid(pid, 0)
        cases: dict[str, tuple[float, float]] = json.loads(report.read_text())
    for name, (cpu, sent) in cases.items():
        print(f"table: {name:32} {cpu:6.2f} ms CPU {sent:8.0f} bytes")
    changed, hidden = cases["one cell in sight"], cases["one cell out of sight"]
    kept = changed[0] < CPU_BUDGET and changed[1] < BYTES_BUDGET and hidden[1] == 0
    print(f"table: {'kept' if kept else 'NOT KEPT'}: a cell in sight < {CPU_BUDGET} ms, < {BYTES_BUDGET} bytes")
    return kept


def _drain(fd: int) -> None:
    """Read until the program ends."""
    while True:
        select.select([fd], [], [])
        try:
            if not os.read(fd, 65536):
                return
        except OSError:
            return


def _child(report: Path) -> None:
    """The measured program. Imports are here: the parent needs none of them."""
    from textual.app import App, ComposeResult

    from kurator_tui.kinds.base import Level, Row
    from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
    from kurator_tui.store.freshness import Freshness, State
    from kurator_tui.store.view import View
    from kurator_tui.widgets.table import LiveTable

    live = Freshness(State.LIVE, 1.0)

    def row(number: int, pods: int = 0) -> ClusterOverview:
        level = Level.DEGRADED if number % 7 == 0 else Level.HEALTHY
        name = f"member-{number:05}"
        return ClusterOverview(
            "estate", "", name, f"u{number}", 1e9, level, "1 of 3 nodes not ready" if number % 7 == 0 else "",
            "AttachedCluster", fleet="production", state="live", version="v1.31.2", nodes=3, nodes_ready=3,
            pods=100 + pods % 100, latency=12.0, contact=1.7e9, cpu_requested=5, cpu_allocatable=10,
        )  # fmt: skip

    class Bench(App[None]):
        def compose(self) -> ComposeResult:
            yield LiveTable()

        def on_ready(self) -> None:
            self.animation_level = "none"
            self.run_worker(self._measure())

        async def _frame(self) -> None:
            done = asyncio.Event()
            self.call_after_refresh(done.set)
            await done.wait()

        async def _case(self, change: Callable[[int], None]) -> tuple[float, float]:
            sent = 0
            driver = self._driver
            assert driver is not None
            write = driver.write

            def counting(data: str) -> None:
                nonlocal sent
                sent += len(data.encode())
                write(data)

            driver.write = counting  # type: ignore[method-assign]
            began = time.process_time()
            for turn in range(ROUNDS):
                change(turn)
                await self._frame()
            spent = time.process_time() - began
            driver.write = write  # type: ignore[method-assign]
            return spent / ROUNDS * 1000, sent / ROUNDS

        async def _measure(self) -> None:
            table = self.query_one(LiveTable)
            view = View(CLUSTERS)
            view.load(row(number) for number in range(ROWS))

            def freshness(_: Row) -> Freshness:
                return live

            began = time.process_time()
            table.set_view(view, freshness)
            await self._frame()
            cases = {"load": ((time.process_time() - began) * 1000, 0.0)}
            await self._frame()

            def change(number: int, turn: int) -> None:
                changed = row(number, turn + 1)
                table.apply({changed.key: changed})

            cases["one cell in sight"] = await self._case(lambda turn: change(20, turn))
            cases["one cell out of sight"] = await self._case(lambda turn: change(5000, turn))
            cases["45 cells in 45 rows"] = await self._case(
                lambda turn: table.apply({r.key: r for r in (row(n, turn + 1) for n in range(45))})
            )
            cases["cursor down in view"] = await self._case(lambda turn: table.move(1 if turn % 2 else -1))
            table.home()
            table.move(48)
            cases["scroll one line"] = await self._case(lambda turn: table.move(1))
            cases["page down"] = await self._case(lambda turn: table.page(1))
            table.home()
            table.page(5)
            await self._frame()
            cases["row inserted above"] = await self._case(
                lambda turn: table.apply({(new := row(-turn - 1)).key: new})
            )
            save(cases)
            self.exit()

    def save(cases: dict[str, tuple[float, float]]) -> None:
        report.write_text(json.dumps(cases))

    Bench().run()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _child(Path(sys.argv[1]))
    else:
        sys.exit(0 if main() else 1)
