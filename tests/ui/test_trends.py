"""Sparklines of CPU and memory in the tables of clusters and fleets: there when Thanos tells them, and only read
while such a screen is seen."""

from __future__ import annotations

import math

import pytest
from msgspec import structs

from kurator_tui.config.settings import Settings
from kurator_tui.kinds.estimates import SPARKS, SparkRow
from kurator_tui.screens.resting import REST
from kurator_tui.screens.trends import last_hour
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store
from tests.ui.driver import Driver, console
from tests.ui.edge_source import edged
from tests.ui.estate import NOW, workloads
from tests.ui.source import FakeSource

WIDE, LIVE = (220, 40), Freshness(State.LIVE, NOW)
RISING = tuple(number / 8 for number in range(1, 9))


def hour(cluster: str, number: str, *values: float | None) -> SparkRow:
    return SparkRow(cluster, "", number, f"{cluster}/{number}", NOW, values, 180.0, "ratio")


def tell(source: FakeSource, *rows: SparkRow) -> None:
    """A round of Thanos' answers."""
    for row in rows:
        source.store.put(SPARKS.id, row.cluster, {row.uid: row})
        source.store.set_freshness(row.cluster, SPARKS.id, LIVE)


def column(drive: Driver, title: str) -> dict[str, str]:
    """Name -> cell."""
    return {row["NAME"].lstrip("▲✖●◐? "): row.get(title, "") for row in drive.table()}


@pytest.mark.parametrize("view", ["clusters", "fleets"])
async def test_nothing_is_drawn_until_something_is_told(view: str) -> None:
    async with console(workloads(), view=view, size=WIDE) as drive:
        assert not {"CPU 1H", "MEM 1H"} & drive.table()[0].keys()
        await drive.later(1)
        assert SPARKS.id in drive.source.subscribed
        assert not {"CPU 1H", "MEM 1H"} & drive.table()[0].keys()


async def test_each_cluster_has_its_last_hour() -> None:
    async with console(workloads(), view="clusters", size=WIDE) as drive:
        chosen = drive.selected()
        tell(drive.source, hour("prod-cloud", "cpu", *RISING), hour("on-prem", "memory", *RISING[::-1]))
        await drive.idle()
        cpu, memory = column(drive, "CPU 1H"), column(drive, "MEM 1H")
        assert (cpu["prod-cloud"], cpu["on-prem"]) == ("▂▃▄▅▆▇██", "")
        assert (memory["prod-cloud"], memory["on-prem"]) == ("", "██▇▆▅▄▃▂")
        assert drive.selected() == chosen


async def test_a_fleet_has_the_mean_of_its_members() -> None:
    async with console(workloads(), view="fleets", size=WIDE) as drive:
        tell(drive.source, hour("prod-cloud", "cpu", *[0.25] * 8), hour("on-prem", "cpu", *[0.5] * 8))
        await drive.idle()
        assert column(drive, "CPU 1H")["production"] == "▄" * 8


async def test_a_new_round_changes_what_is_drawn() -> None:
    async with console(workloads(), view="clusters", size=WIDE) as drive:
        tell(drive.source, hour("prod-cloud", "cpu", *RISING))
        await drive.idle()
        tell(drive.source, hour("prod-cloud", "cpu", *RISING[1:], 0.0))
        await drive.idle()
        assert column(drive, "CPU 1H")["prod-cloud"] == "▃▄▅▆▇██▁"


async def test_what_is_old_is_not_drawn_and_the_columns_go_when_nothing_is_left() -> None:
    async with console(workloads(), view="clusters", size=WIDE) as drive:
        tell(drive.source, hour("prod-cloud", "cpu", *RISING))
        await drive.idle()
        drive.source.store.set_freshness("prod-cloud", SPARKS.id, Freshness(State.STALE, NOW - 60, "timeout"))
        await drive.idle()
        assert "CPU 1H" not in drive.table()[0]


async def test_they_go_first_where_there_is_little_room() -> None:
    async with console(workloads(), view="clusters", size=(80, 24)) as drive:
        tell(drive.source, hour("prod-cloud", "cpu", *RISING))
        await drive.idle()
        assert "CPU 1H" not in drive.table()[0]
        await drive.resize(*WIDE)
        assert column(drive, "CPU 1H")["prod-cloud"]


async def test_without_unicode_they_are_ascii() -> None:
    async with console(workloads(), Settings(ascii=True), view="clusters", size=WIDE) as drive:
        tell(drive.source, hour("prod-cloud", "cpu", *RISING))
        await drive.idle()
        assert "_" not in column(drive, "CPU 1H")["prod-cloud"]
        assert column(drive, "CPU 1H")["prod-cloud"].isascii()


async def test_they_are_read_only_while_such_a_screen_is_open() -> None:
    async with console(workloads(), view="clusters", size=WIDE) as drive:
        await drive.later(1)
        await drive.command("pods")
        await drive.later(1)
        assert SPARKS.id in drive.source.subscribed, "who comes back soon finds them"
        await drive.later(REST)
        assert SPARKS.id not in drive.source.subscribed
        await drive.command("clusters")
        await drive.later(1)
        assert SPARKS.id in drive.source.subscribed


async def test_sites_of_the_edge_have_the_nodes_that_cloudcore_counted() -> None:
    async with console(edged(), size=WIDE) as drive:
        await drive.press("screen.edge")
        await drive.later(1)
        assert SPARKS.id in drive.source.subscribed
        assert "HUB 1H" not in drive.table()[0]
        tell(drive.source, hour("m1", "edge", *[8.0] * 4, *[4.0] * 4))
        await drive.idle()
        assert {row["HUB 1H"] for row in drive.table()} == {"████▅▅▅▅"}
        assert not {"CPU 1H", "MEM 1H"} & drive.table()[0].keys()
        await drive.resize(80, 24)
        assert "HUB 1H" not in drive.table()[0]


def test_a_mean_is_of_those_that_are_known_at_that_instant() -> None:
    store = Store()
    for row in (hour("a", "cpu", 0.2, None, None), hour("b", "cpu", 0.4, 0.6), hour("c", "cpu", 1.0, 1.0, 1.0)):
        store.put(SPARKS.id, row.cluster, {row.uid: row})
        store.set_freshness(row.cluster, SPARKS.id, LIVE)
    store.set_freshness("c", SPARKS.id, structs.replace(LIVE, state=State.STALE))
    found = last_hour(store, ("a", "b", "c", "d"), "cpu")
    assert found == pytest.approx((0.2, 0.4, 0.6))
    assert math.isnan(last_hour(store, ("a",), "cpu")[-1])
    assert last_hour(store, ("d",), "cpu") == ()


async def test_a_screen_whose_body_went_before_it_takes_what_is_told() -> None:
    async with console(workloads(), view="fleets", size=WIDE) as drive:
        body = drive.app.frame.current.query_one(".body")
        body.remove_class("body")  # as when the console ends: parts go one by one
        assert not drive.app.frame.current.details_open
        tell(drive.source, hour("prod-cloud", "cpu", *RISING))
        drive.source.store.flush()
        body.add_class("body")
