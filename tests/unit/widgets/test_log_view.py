"""The window on log lines: follows or stays, and draws only what differs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from kurator_tui.kinds.log_lines import LogLine
from kurator_tui.store.log_ring import LogRing, Sieve
from kurator_tui.store.patterns import compile_search
from kurator_tui.widgets.log_view import LogView


class Shown(App[None]):
    def __init__(self, ring: LogRing) -> None:
        super().__init__()
        self.ring = ring
        self.view = LogView()
        self.above = 0

    def compose(self) -> ComposeResult:
        yield self.view

    def on_log_view_above_top(self) -> None:
        self.above += 1


@asynccontextmanager
async def shown(count: int, most: int = 1000) -> AsyncIterator[tuple[LogView, LogRing, Pilot[None]]]:
    ring = LogRing(most)
    ring.append(numbered(0, count))
    app = Shown(ring)
    async with app.run_test(size=(20, 5)) as pilot:
        app.view.show(Sieve(ring))
        await pilot.pause()
        yield app.view, ring, pilot


def numbered(start: int, end: int) -> list[LogLine]:
    return [LogLine(1, 1, f"line {number}") for number in range(start, end)]


def add(view: LogView, lines: list[LogLine]) -> None:
    view.sieve.ring.append(lines)
    view.sieve.follow()
    view.redraw()


async def test_it_follows_the_end() -> None:
    async with shown(10) as (view, _ring, _pilot):
        assert view.text.split("\n") == [f"line {n}" for n in range(5, 10)]
        add(view, numbered(10, 12))
        assert view.text.split("\n")[-1] == "line 11"


async def test_moving_up_stops_following_and_what_is_seen_stays_while_lines_come() -> None:
    async with shown(10) as (view, _ring, _pilot):
        view.move(-1)
        before = view.text
        assert not view.follow
        add(view, numbered(10, 50))
        assert view.text == before
        line = view.line
        assert line is not None
        assert line.text == "line 8"
        view.end()
        assert view.text.split("\n")[-1] == "line 49"


async def test_what_is_seen_stays_when_older_lines_come_before_it() -> None:
    async with shown(10) as (view, ring, _pilot):
        view.home()
        before = view.text
        ring.prepend(numbered(-20, 0))
        view.redraw()
        assert view.text == before
        view.move(-1)
        assert view.text.split("\n")[0] == "line -1"


async def test_above_the_first_line_older_ones_are_wanted() -> None:
    async with shown(10) as (view, _ring, pilot):
        view.home()
        view.move(-1)
        await pilot.pause()
        assert isinstance(pilot.app, Shown)
        assert pilot.app.above == 1


async def test_the_window_stands_on_what_is_left_when_its_lines_leave_the_ring() -> None:
    async with shown(10, most=20) as (view, ring, _pilot):
        view.home()
        add(view, numbered(10, 60))
        assert view.text.split("\n")[0] == ring[ring.first].text


async def test_a_line_taller_than_the_window_is_scrolled_through() -> None:
    async with shown(0) as (view, _ring, _pilot):
        add(view, [LogLine(1, 1, "first"), LogLine(1, 1, "".join(f"{n:<20}" for n in range(12)))])
        add(view, numbered(0, 1))
        view.home()
        view.move(1)
        seen = [view.text.split("\n")[0].strip()]
        for _ in range(9):
            view.move(1)
            seen.append(view.text.split("\n")[-1].strip())
        assert {"8", "9", "10", "11"} <= set(seen)


async def test_pages_move_by_the_window_and_back() -> None:
    async with shown(50) as (view, _ring, _pilot):
        view.page(-1)
        assert view.text.split("\n")[0] == "line 41"
        view.page(-1, half=True)
        assert view.text.split("\n")[0] == "line 39"
        view.page(1)
        assert view.text.split("\n")[0] == "line 43"


async def test_filters_show_only_what_they_let_through_and_say_when_that_is_nothing() -> None:
    async with shown(50) as (view, ring, _pilot):
        sieve = Sieve(ring, compile_search("7$"))
        sieve.work(1.0)
        view.show(sieve)
        assert view.text.split("\n") == [f"line {n}7" for n in ("", 1, 2, 3, 4)]
        view.empty = "nothing"
        view.show(Sieve(ring, compile_search("x")))
        assert "nothing" in view.text


async def test_the_same_line_is_the_same_strip_after_scrolling() -> None:
    async with shown(10) as (view, _ring, _pilot):
        before = [view.render_line(y) for y in range(5)]
        add(view, numbered(10, 11))
        assert [view.render_line(y) for y in range(4)] == before[1:]
        assert all(view.render_line(y) is before[y + 1] for y in range(4))
