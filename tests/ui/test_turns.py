"""Tables of many rows: work that takes several turns of the loop, with keys and changes in between."""

from __future__ import annotations

import msgspec
import pytest
from textual import events

from kurator_tui.kinds.pods import PodRow
from kurator_tui.screens import table_turns
from kurator_tui.screens.table_base import TableBase
from kurator_tui.store import work
from tests.ui.driver import Driver, console
from tests.ui.estate import NOW, pod, workloads
from tests.ui.source import FakeSource

MANY = 3000


@pytest.fixture(autouse=True)
def _short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """One step a turn: what takes seconds with a million rows takes many turns with a few thousand."""
    monkeypatch.setattr(table_turns, "SLICE", 0.0)
    monkeypatch.setattr(table_turns, "WORK", 0.0)
    monkeypatch.setattr(table_turns, "GAP", 0.0001)
    monkeypatch.setattr(table_turns, "HIDDEN", 0.0001)
    monkeypatch.setattr(work, "PIECE", 2)


def many(source: FakeSource, count: int = MANY) -> list[PodRow]:
    """So many pods more, `p-0000` and on."""
    rows = [pod("prod-cloud", "load", f"p-{number:04}", restarts=number % 7) for number in range(count)]
    source.put(*rows)
    return rows


def first(drive: Driver, count: int = 3) -> list[str]:
    return drive.names()[:count]


async def test_all_rows_come_in_order() -> None:
    source = workloads()
    async with console(source) as drive:
        await drive.command("pods")
        many(source)
        await drive.idle()
        assert drive.app.frame.current.counts() == (MANY + 4, MANY + 4)
        await drive.filter("p-29")
        assert first(drive) == ["p-2900", "p-2901", "p-2902"]
        assert "100 of 3004" in drive.title()


async def test_a_screen_opened_over_many_rows_is_complete() -> None:
    source = workloads()
    many(source)
    async with console(source) as drive:
        await drive.command("pods")
        assert first(drive) == ["cart-7d4b9", "p-0000", "p-0001"]
        assert drive.app.frame.current.counts() == (MANY + 4, MANY + 4)


async def test_until_a_filter_is_complete_the_rows_before_stay_and_the_title_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(table_turns, "PATIENCE", -1.0)
    said: list[tuple[str, int]] = []
    source = workloads()
    many(source)
    async with console(source, size=(160, 40)) as drive:
        await drive.command("pods")
        tell = TableBase.said

        def note(screen: TableBase) -> None:
            tell(screen)
            said.append((drive.title(), screen.counts()[0]))

        monkeypatch.setattr(TableBase, "said", note)
        await drive.command("filter restarts>5")
        assert any("filtering…" in title for title, _ in said)
        assert {shown for title, shown in said if "filtering…" in title} == {MANY + 4}
        assert "filtering" not in drive.title()
        assert drive.app.frame.current.counts()[0] == 429


async def test_keys_typed_in_a_burst_end_in_the_last_filter() -> None:
    source = workloads()
    many(source)
    async with console(source) as drive:
        await drive.command("pods")
        await drive.burst("/p-2\b\b-1\b\b\b\bp-123\r")
        assert drive.names() == [f"p-123{n}" for n in range(10)]


async def test_keys_come_between_the_turns_of_an_order() -> None:
    source = workloads()
    many(source)
    async with console(source) as drive:
        await drive.command("pods")
        screen = drive.app.frame.current
        screen.order("restarts", descending=True)
        assert screen.working
        screen.table.move(2)
        assert drive.selected() == "p-0001"
        await drive.idle()
        assert drive.selected() == "p-0001"
        assert screen.table.view is not None
        assert screen.table.view.sort_key == "restarts"


async def test_the_same_order_asked_for_twice_at_once_is_turned_round() -> None:
    source = workloads()
    many(source)
    async with console(source) as drive:
        await drive.command("pods")
        await drive.burst("NN")
        assert first(drive, 1) == ["cart-7d4b9"]
        await drive.burst("jkN")
        assert drive.selected() == "cart-7d4b9"
        assert drive.names()[-1] == "cart-7d4b9"


async def test_an_order_begins_at_its_first_row_until_somebody_went_to_a_row() -> None:
    """Who asks for the most restarts wants to see them, not the row that happened to be the first before."""
    source = workloads()
    many(source)
    async with console(source) as drive:
        await drive.command("pods")
        before = drive.selected()
        await drive.burst("N")
        assert drive.selected() == drive.names()[0] != before


async def test_rows_that_change_while_a_filter_is_worked_on_are_in_it() -> None:
    source = workloads()
    rows = many(source)
    async with console(source) as drive:
        await drive.command("pods")
        screen = drive.app.frame.current
        screen.set_filter("status:Evicted")
        assert screen.working
        source.put(*(msgspec.structs.replace(row, status="Evicted") for row in rows[:20]))
        source.drop(rows[0])
        await drive.idle()
        assert len(drive.names()) == 19


async def test_a_hidden_screen_follows() -> None:
    source = workloads()
    async with console(source) as drive:
        await drive.command("pods")
        screen = drive.app.frame.current
        await drive.press("screen.fleets")
        many(source)
        for _ in range(10_000):
            if screen.settled:
                break
            await drive.pilot._wait_for_screen()
        assert screen.counts() == (MANY + 4, MANY + 4)


async def test_more_changes_than_are_worth_applying_are_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_turns, "RELOAD", 100)
    source = workloads()
    async with console(source) as drive:
        await drive.command("pods")
        rows = many(source)
        source.drop(rows[5])
        await drive.idle()
        assert drive.app.frame.current.counts() == (MANY + 3, MANY + 3)
        assert first(drive, 2) == ["cart-7d4b9", "p-0000"]


async def test_rows_leave_a_filter_by_age_as_time_goes_by() -> None:
    source = workloads()
    young = [PodRow("prod-cloud", "load", f"y-{age}", f"y{age}", NOW - age) for age in (10, 50, 59)]
    source.put(*young)
    async with console(source) as drive:
        await drive.command("pods")
        await drive.filter("age<1m")
        assert drive.names() == ["y-10", "y-50", "y-59"]
        await drive.later(5)
        assert drive.names() == ["y-10", "y-50"]
        await drive.later(40)
        assert drive.names() == ["y-10"]
        assert "1 of 7" in drive.title()


async def test_many_changes_wait_for_keys_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    source = workloads()
    async with console(source) as drive:
        await drive.command("pods")
        screen = drive.app.frame.current
        monkeypatch.setattr(table_turns, "CALM", 1e6)
        monkeypatch.setattr(table_turns, "LONGEST", 1e6)
        drive.app.post_message(events.Key("j", "j"))
        for _ in range(5):
            await drive.pilot._wait_for_screen()
        rows = many(source)
        for _ in range(5):
            await drive.pilot._wait_for_screen()
        assert (screen.counts()[0], screen.settled) == (4, False)
        monkeypatch.setattr(table_turns, "LONGEST", 0.0)
        source.drop(rows[0])
        await drive.idle()
        assert screen.counts() == (MANY + 3, MANY + 3)


async def test_few_changes_wait_for_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_turns, "CALM", 1e6)
    monkeypatch.setattr(table_turns, "LONGEST", 1e6)
    source = workloads()
    async with console(source) as drive:
        await drive.command("pods")
        many(source, table_turns.FEWEST)
        await drive.idle()
        assert f" {table_turns.FEWEST + 4} " in drive.title()


async def test_a_screen_that_is_shown_again_first_shows_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_turns, "HIDDEN", 1e6)
    source = workloads()
    async with console(source) as drive:
        await drive.command("pods")
        screen = drive.app.frame.current
        await drive.press("screen.fleets")
        many(source)
        shown: list[int] = []
        turn = TableBase.turn

        def note(table: TableBase) -> None:
            shown.append(screen.counts()[0])
            turn(table)

        monkeypatch.setattr(TableBase, "turn", note)
        await drive.press("history.last")
        assert screen.display
        assert shown[0] == 4  # what came meanwhile is worked off after it
        assert screen.counts() == (MANY + 4, MANY + 4)


async def test_title_and_footer_follow_a_storm_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    source = workloads()
    async with console(source) as drive:
        await drive.command("pods")
        said: list[int] = []
        tell = TableBase.said

        def note(screen: TableBase) -> None:
            tell(screen)
            said.append(screen.counts()[0])

        monkeypatch.setattr(TableBase, "said", note)
        many(source)
        turns = 0
        turn = TableBase.turn

        def count(screen: TableBase) -> None:
            nonlocal turns
            turns += 1
            turn(screen)

        monkeypatch.setattr(TableBase, "turn", count)
        await drive.idle()
        assert said[-1] == MANY + 4
        assert len(said) < turns / 2
        assert f" {MANY + 4} " in drive.title()
