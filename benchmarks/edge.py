"""The Edge screen with 10,000 nodes and 50,000 devices in one member: the joins, the wire, the keys.

Joins are CPU milliseconds of the feeder's own code over rows that are put in: the first join of all, a second of
renewed Leases (a thousand), a node that falls out of contact. The console is whole, on its own terminal: bytes
are those that the terminal accepted, a key's time is from its event until what it changed was drawn.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator

import pytest
from msgspec import structs

from benchmarks.board import press
from benchmarks.harness import Figure, percentile
from kurator_tui import memory
from kurator_tui.app import KuratorApp
from kurator_tui.config.settings import Settings
from kurator_tui.fleet import edge_devices, edge_nodes, edge_sites
from kurator_tui.fleet.derived import Derived
from kurator_tui.fleet.interest import Interest, Reach
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.membership import Member
from kurator_tui.kinds.base import AnyKind, Level, Row
from kurator_tui.kinds.configuration import LEASE
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.edge import EDGE_NODES, Contact, EdgeNodeRow
from kurator_tui.kinds.kubeedge import DEVICE
from kurator_tui.kinds.pods import POD
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store
from tests.e2e.wire_console import WireConsole, wire_console
from tests.ui.estate import NOW
from tests.ui.source import FakeSource, live_host
from tests.unit.fleet.edge_objects import START, at, encoded, lease, node, pod

NODES, DEVICES, RENEWED = 10_000, 50_000, 1000
SITES = 100
CHANGES, BATCHES = 200, 10
"""Nodes a second whose row changes, in so many batches."""
SECONDS = 10.0
FEW = 20
BUDGET_KEY, BUDGET_CELL, BUDGET_LINE, BUDGET_PAGE = 50.0, 120.0, 1000.0, 8000.0
BUDGET_LEASES, BUDGET_ONE = 50.0, 5.0
"""CPU milliseconds a second of renewals may cost, and one node."""


def run(quick: bool = False) -> list[Figure]:
    """Joins, bytes, keys."""
    return [*_joins(), *asyncio.run(_console(SECONDS / 2 if quick else SECONDS))]


# -- the feeder's joins -------------------------------------------------------------------------------------------


class _Member:
    """A member with nodes, Leases, a pod a node and devices, and what joins them."""

    def __init__(self, join: Join) -> None:
        self.store = Store()
        self.join = join
        self.now = START
        self.derived = Derived(
            self.store,
            (join,),
            Interest(lambda: None, lambda _seconds, _act: None),
            lambda: self.now,
            lambda: None,
            lambda _seconds, _act: None,
        )
        self.store.listen(self.derived.take)
        self.members = {"edge": Member("edge", "AttachedCluster")}
        self.store.set_freshness("edge", "", Freshness(State.LIVE, START))

    def put(self, kind: AnyKind, rows: list[Row]) -> None:
        self.store.put(kind.id, "edge", {row.uid: row for row in rows})
        self.store.set_freshness("edge", kind.id, Freshness(State.LIVE, START))

    def refresh(self) -> float:
        """CPU milliseconds of a round of joins."""
        began = time.process_time()
        self.derived.refresh(self.members)
        return (time.process_time() - began) * 1000


def _rows(kind: AnyKind, objects: Iterator[dict[str, object]]) -> list[Row]:
    decoder = RowDecoder(kind, "edge")
    return [decoder.row(encoded(each)) for each in objects]


def _device(number: int) -> dict[str, object]:
    twins = [{"propertyName": "setpoint", "reported": {"value": f"{number % 30}"}}]
    wish = {"name": "setpoint", "desired": {"value": "-18"}}
    return {
        "metadata": {"name": f"d{number}", "namespace": "edge", "uid": f"d{number}"},
        "spec": {"nodeName": f"e{number % NODES}", "properties": [wish]},
        "status": {"state": "online", "lastOnlineTime": at(0), "twins": twins},
    }


def _joins() -> list[Figure]:
    nodes = _rows(NODE, (node(f"e{n}", group=f"g{n % SITES}", region="eu") for n in range(NODES)))
    leases = _rows(LEASE, (lease(f"e{n}", 0) for n in range(NODES)))
    pods = _rows(POD, (pod(f"p{n}", f"e{n}") for n in range(NODES)))
    devices = _rows(DEVICE, (_device(n) for n in range(DEVICES)))
    renewed = [encoded(lease(f"e{n}", 10)) for n in range(RENEWED)]
    lost = _rows(NODE, iter([node("e77", "Unknown", group="g77", region="eu")]))
    figures = []
    for join in (edge_nodes.JOIN, edge_sites.JOIN, edge_devices.JOIN):
        member = _Member(join)
        for kind, rows in ((NODE, nodes), (LEASE, leases), (POD, pods), (DEVICE, devices)):
            if kind in join.members:
                member.put(kind, rows)
        member.derived.require(join.kind.id, Reach(frozenset(("edge",))))
        what = f"{join.kind.plural} of {NODES:,} nodes" + (
            f", {DEVICES:,} devices" if DEVICE in join.members else ""
        )
        figures.append(Figure(f"{what}: first join, CPU", member.refresh(), "ms"))
        if LEASE in join.members:
            began, decoder = time.process_time(), RowDecoder(LEASE, "edge")
            member.put(LEASE, [decoder.row(each) for each in renewed])
            spent = (time.process_time() - began) * 1000 + member.refresh()
            figures.append(
                Figure(f"{what}: {RENEWED:,} renewed Leases, from bytes, CPU", spent, "ms", BUDGET_LEASES)
            )
        began = time.process_time()
        member.put(NODE, lost)
        spent = (time.process_time() - began) * 1000 + member.refresh()
        figures.append(Figure(f"{what}: one node out of contact, CPU", spent, "ms", BUDGET_ONE))
    return figures


# -- the console --------------------------------------------------------------------------------------------------


def edge_rows() -> list[EdgeNodeRow]:
    """As the join makes them: one in fifty is out of contact."""
    chance = random.Random(7)
    found = []
    for number in range(NODES):
        away = chance.random() < 0.02
        found.append(
            EdgeNodeRow(
                "edge-east",
                "",
                f"site-{number % SITES:03}-node-{number:05}",
                f"n{number}",
                NOW - 1e6,
                level=str(Level.UNKNOWN if away else Level.HEALTHY),
                reason="no contact; may work on its own: 7 of 7 pods ran" if away else "",
                state=str(Contact.AUTONOMOUS if away else Contact.ONLINE),
                site=f"site-{number % SITES:03}",
                region=f"region-{number % 7}",
                heard=NOW - 100 if away else 0.0,
                since=NOW - 1e5,
                version="v1.29.5",
                edgecore="v1.17.0",
                runtime="containerd://1.7.13",
                pods=7,
                running=7,
                cpu_requested=400 + number % 800,
                cpu_allocatable=4000,
                memory_requested=2**30,
                memory_allocatable=2**33,
            )
        )
    return found


def _turned(row: EdgeNodeRow) -> EdgeNodeRow:
    """A node that comes, or goes."""
    away = row.state == Contact.ONLINE
    state, level = (Contact.AUTONOMOUS, Level.UNKNOWN) if away else (Contact.ONLINE, Level.HEALTHY)
    return structs.replace(row, state=str(state), level=str(level), heard=NOW - 45 if away else 0.0)


async def _console(seconds: float) -> list[Figure]:
    memory.tune()
    source, rows = FakeSource(), edge_rows()
    live_host(source)
    source.store.set_freshness("edge-east", "", Freshness(State.LIVE, 0.0))
    source.store.put(EDGE_NODES.id, "edge-east", {row.uid: row for row in rows})
    what = f"edgenodes of {NODES:,} nodes"
    with pytest.MonkeyPatch.context() as patch:
        async with wire_console(patch, source=source) as console:
            await console.driver.command(EDGE_NODES.id)
            figures = await _bytes(console, rows, what)
    app = KuratorApp(source, Settings())
    async with app.run_test(size=(200, 50)) as pilot:
        await app.frame.open_place(EDGE_NODES.id)
        await pilot.pause()
        at_rest = await press(app, seconds / 3)
        churn = asyncio.create_task(_churn(source, rows))
        times = await press(app, seconds)
        churn.cancel()
    quiet = ("nothing changing", percentile(at_rest, 0.99))
    name = f"{what}, {CHANGES} coming or going a second: key"
    return [
        *figures,
        Figure(f"{name} p99", percentile(times, 0.99), "ms", BUDGET_KEY, max(times), quiet),
        Figure(f"{name} p50", percentile(times, 0.5), "ms"),
    ]


async def _bytes(console: WireConsole, rows: list[EdgeNodeRow], what: str) -> list[Figure]:
    """Of a changed cell, of rows out of sight, of a line, of a page."""
    table = console.app.frame.current.table
    await console.driver.press("move.top")
    if table.view is None:
        raise RuntimeError("the table shows nothing")
    cells, lines, pages = [], [], []
    for turn in range(FEW):
        shown = table.view.row(5 + turn % 10)
        before = await console.cost()
        console.source.put(structs.replace(shown, cpu_requested=400 + 40 * turn))
        cells.append(await console.cost() - before)
    before = await console.cost()
    console.source.put(*(_turned(row) for row in rows[-RENEWED:]))
    hidden = await console.cost() - before
    console.source.put(*rows[-RENEWED:])
    await console.driver.press(*["move.down"] * table.size.height)
    for _ in range(FEW):
        lines.append(await console.bytes_of("move.down"))
        pages.append(await console.bytes_of("page.down"))
    return [
        Figure(f"{what}: a changed cell", max(cells), "B", BUDGET_CELL),
        Figure(f"{what}: {RENEWED:,} nodes out of sight come or go", hidden, "B", BUDGET_CELL),
        Figure(f"{what}: a line", percentile(lines, 0.5), "B", BUDGET_LINE, max(lines)),
        Figure(f"{what}: a page", percentile(pages, 0.5), "B", BUDGET_PAGE, max(pages)),
    ]


async def _churn(source: FakeSource, rows: list[EdgeNodeRow]) -> None:
    chance = random.Random(8)
    while True:
        began = time.perf_counter()
        changed = {}
        for _ in range(CHANGES // BATCHES):
            where = chance.randrange(len(rows))
            row = rows[where] = _turned(rows[where])
            changed[row.uid] = row
        source.store.put(EDGE_NODES.id, "edge-east", changed)
        await asyncio.sleep(max(0.0, 1 / BATCHES - (time.perf_counter() - began)))
