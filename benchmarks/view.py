"""What 100,000 rows cost: a filter keystroke, an order, a batch of a storm, a steady change, memory; a console.

In the view itself figures are CPU milliseconds, so that other programs on the machine count little; the slices are
wall time. Compared in the same run with a plain comprehension, a plain `sorted` and a stock DataTable.
"""

from __future__ import annotations

import asyncio
import gc
import random
import sys
import time
import tracemalloc
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import msgspec
from textual.app import App, ComposeResult
from textual.widgets import DataTable

from benchmarks.harness import Figure, median, percentile
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.store.filter import compile_filter
from kurator_tui.store.store import Delta
from kurator_tui.store.view import View

ROWS = 100_000
SLICE = 0.008
TYPED = ("w", "we", "web", "web-", "web-3", "web-", "web", "z", "zq", "", "api", "api member-07", "!api")
DIGITS = ("5", "50", "250")
COLUMNS = ("status", "name", "restarts", "node", "age", "ip", "cluster", "name")
STATUSES = ["Running"] * 90 + ["Pending"] * 4 + ["CrashLoopBackOff"] * 4 + ["Completed"] * 2


def pods(count: int, seed: int = 1) -> list[PodRow]:
    """Rows of 2,000 pods a cluster, listed as an API server lists them; repeated strings are one string."""
    chance = random.Random(seed)
    namespaces = [sys.intern(f"team-{number:02}") for number in range(40)]
    owners = [sys.intern(f"{word}-{n:03}") for word in ("web", "api", "cart", "db", "cache") for n in range(80)]
    found: list[PodRow] = []
    for number in range(count):
        cluster = sys.intern(f"member-{number // 2000:02}")
        owner, status = chance.choice(owners), chance.choice(STATUSES)
        found.append(
            PodRow(
                cluster,
                chance.choice(namespaces),
                f"{owner}-{chance.getrandbits(36):09x}-{chance.getrandbits(20):05x}",
                str(uuid.UUID(int=chance.getrandbits(128))),
                1.7e9 + chance.randrange(10**7),
                phase="Running",
                status=status,
                ready=1,
                containers=1,
                restarts=chance.randrange(3),
                node=sys.intern(f"node-{chance.randrange(200):03}.{cluster}.example.internal"),
                ip=f"10.{chance.randrange(255)}.{chance.randrange(255)}.{chance.randrange(255)}",
                cpu_requested=250,
                memory_requested=2**28,
                owner_kind="ReplicaSet",
                owner=owner,
                qos="Burstable",
            )
        )
    return sorted(found, key=lambda row: (row.cluster, row.namespace, row.name))


@contextmanager
def frozen() -> Iterator[None]:
    """As the console does after its first sync: the collector leaves what is there alone."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def worked(view: View, slices: list[float]) -> float:
    """CPU milliseconds until all that was begun is complete; the wall milliseconds of each slice are added."""
    began = time.process_time()
    while view.working:
        start = time.perf_counter()
        view.work(SLICE)
        slices.append((time.perf_counter() - start) * 1000)
    return (time.process_time() - began) * 1000


def cpu(action: Callable[[], object]) -> float:
    """CPU milliseconds of `action`."""
    began = time.process_time()
    action()
    return (time.process_time() - began) * 1000


def changed(rows: Sequence[PodRow], count: int, chance: random.Random) -> Delta:
    """Another number of restarts for some rows."""
    found = chance.sample(rows, count)
    return {row.key: msgspec.structs.replace(row, restarts=chance.randrange(100)) for row in found}


def run(quick: bool = False) -> list[Figure]:
    """All figures; `quick` has fewer rounds of the same size."""
    rows = pods(ROWS)
    figures = [_memory(rows)]
    with frozen():
        figures += _filters_and_orders(rows, 1 if quick else 3)
        figures += _changes(rows, 20 if quick else 60)
        figures += asyncio.run(_console(rows, 2 if quick else 6))
    return figures


def _memory(rows: list[PodRow]) -> Figure:
    gc.collect()
    tracemalloc.start()
    view = View(POD)
    view.load(rows)
    bare = tracemalloc.get_traced_memory()[0]
    view.begin_texts()
    view.work()
    texts = tracemalloc.get_traced_memory()[0] - bare
    tracemalloc.stop()
    note = f"texts of a search, while one goes on: {texts / len(rows):.0f} B more"
    return Figure("memory of the view a row", bare / len(rows), "B", budget=250, note=note)


def _filters_and_orders(rows: list[PodRow], rounds: int) -> list[Figure]:
    view, slices = View(POD), list[float]()
    view.begin_load(rows)
    load = worked(view, slices)
    view.begin_texts()
    texts = worked(view, slices)
    keystrokes, digits, orders, plain_filters, plain_orders = [list[float]() for _ in range(5)]
    for _ in range(rounds):
        for text in TYPED:
            view.begin_filter(compile_filter(text, POD, time.time))
            keystrokes.append(worked(view, slices))
            plain_filters.append(cpu(lambda: [row for row in rows if "web-3" in row.name.casefold()]))
        for text in DIGITS:
            view.begin_filter(compile_filter(text, POD, time.time))
            digits.append(worked(view, slices))
        view.filter(None)
        for number, column in enumerate(COLUMNS):
            view.begin_sort(column, descending=bool(number % 2))
            orders.append(worked(view, slices))
            plain_orders.append(cpu(lambda: sorted(rows, key=lambda row: (row.name, row.cluster, row.namespace))))
    found = compile_filter("web age<100d", POD, lambda: 1.71e9)
    view.begin_filter(found)
    worked(view, slices)
    view.begin_recheck(1.71e9, 1.71e9 + 1)
    recheck = worked(view, slices)
    return [
        _figure("filter keystroke, p95", keystrokes, 60, ("comprehension over the names", median(plain_filters))),
        Figure(
            "filter by digits only, median", median(digits), "ms CPU", worst=max(digits), note="numbers as well"
        ),
        _figure("order, p95", orders, 150, ("sorted() by name and place", median(plain_orders))),
        Figure("rows loaded and ordered", load, "ms CPU"),
        Figure("texts of a search made", texts, "ms CPU", note="once, when the filter bar opens"),
        Figure("a second of a timed filter", recheck, "ms CPU", budget=60),
        Figure("slice, p99", percentile(slices, 0.99), "ms", budget=50, worst=max(slices), note="wall"),
    ]


def _figure(name: str, samples: list[float], budget: float, baseline: tuple[str, float]) -> Figure:
    note = f"median {median(samples):.0f}"
    return Figure(
        name, percentile(samples, 0.95), "ms CPU", budget, worst=max(samples), baseline=baseline, note=note
    )


def _changes(rows: list[PodRow], rounds: int) -> list[Figure]:
    chance = random.Random(2)
    view, storm = View(POD), list[float]()
    for start in range(0, len(rows), 500):
        delta: Delta = {row.key: row for row in rows[start : start + 500]}
        storm.append(cpu(lambda delta=delta: view.apply(delta)))  # type: ignore[misc]
    late = storm[len(storm) // 2 :]

    def steady(count: int) -> list[float]:
        deltas = [changed(rows, count, chance) for _ in range(rounds)]
        return [cpu(lambda delta=delta: view.apply(delta)) for delta in deltas]  # type: ignore[misc]

    in_place, few = steady(1000), steady(20)
    view.sort("restarts", descending=True)
    moving = steady(1000)
    return [
        Figure("storm: 500 rows into 50,000 to 100,000", median(late), "ms CPU", budget=5, worst=max(late)),
        Figure("steady: 1,000 rows change", median(in_place), "ms CPU", budget=10, worst=max(in_place)),
        Figure("steady: 1,000 rows move", median(moving), "ms CPU", worst=max(moving)),
        Figure("20 rows change", median(few), "ms CPU", budget=1, worst=max(few)),
    ]


# -- a whole console, without a terminal ----------------------------------------------------------------------


class _Stock(App[None]):
    """The yardstick of a table: a stock DataTable."""

    def compose(self) -> ComposeResult:
        yield DataTable()


async def _stock(rows: list[PodRow]) -> float:
    """CPU milliseconds of a stock DataTable to order 10,000 rows by name."""
    app = _Stock()
    async with app.run_test(size=(200, 50)) as pilot:
        table = app.query_one(DataTable)
        keys = table.add_columns(*(column.title for column in POD.columns[:11]))
        table.add_rows([[str(column.value(row)) for column in POD.columns[:11]] for row in rows[:10_000]])
        await pilot.pause()
        began = time.process_time()
        table.sort(keys[4], keys[0])
        await pilot.pause()
        return (time.process_time() - began) * 1000


async def _console(rows: list[PodRow], rounds: int) -> list[Figure]:
    from benchmarks.view_console import Live

    stock = await _stock(rows)
    async with Live.open(rows) as live:
        first = live.opened
        eager, keys, orders = list[float](), list[float](), list[float]()
        live.pauses.clear()
        live.busy.clear()
        for _ in range(rounds):
            await live.press("/")
            eager.append(await live.press("w"))  # the first time the texts of the search are not made yet
            keys += [await live.press(char) for char in ("e", "b", "-", "3", "backspace")]
            await live.press("escape")
            for key in ("S", "N", "S", "A", "N"):
                orders.append(await live.press(key))
        still, still_wall = max(live.busy), max(live.pauses)
        live.pauses.clear()
        live.busy.clear()
        rest = await live.churn(rows, seconds=1.0, events=0)
        churn = await live.churn(rows, seconds=3.0, events=200)
        storm = await live.churn(rows, seconds=3.0, events=10_000)
        busy, busy_wall = max(live.busy), max(live.pauses)
    return [
        Figure("console: screen of 100,000 pods opened", first, "ms", note="to the complete table"),
        Figure("console: filter key right after /", median(eager), "ms", worst=max(eager)),
        Figure("console: filter key to complete result, p95", percentile(keys, 0.95), "ms", 60, worst=max(keys)),
        Figure(
            "console: order key to complete result, p95",
            percentile(orders, 0.95),
            "ms",
            150,
            worst=max(orders),
            baseline=("stock DataTable, 10,000 rows, CPU", stock),
        ),
        Figure(
            "console: worst pause of the loop, filters, orders",
            still,
            "ms CPU",
            50,
            note=f"wall {still_wall:.0f} ms",
        ),
        Figure("console: worst pause, 10,000 events/s", busy, "ms CPU", 50, note=f"wall {busy_wall:.0f} ms"),
        Figure(
            "console: 200 events/s out of sight", churn - rest, "% of a core", 5, note=f"above rest, {rest:.1f} %"
        ),
        Figure("console: 10,000 events/s", storm - rest, "% of a core", 15, note="above rest"),
    ]
