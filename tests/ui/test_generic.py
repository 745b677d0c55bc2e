"""Kinds that nobody wrote a file for open like any other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import msgspec
import pytest

from kurator_tui.errors import FeederLost
from kurator_tui.kinds import registry
from kurator_tui.kinds.generic import Definition, PrinterColumn
from kurator_tui.kinds.registry import ServedKind
from kurator_tui.screens.frame import FrameBase
from kurator_tui.screens.table_base import TableBase
from tests.ui.driver import console
from tests.ui.estate import workloads
from tests.ui.source import FakeSource

WIDGETS = ServedKind("example.org", "widgets", "Widget", ("v1",), True, ("wd",), 2)
WINDOWS = ServedKind("example.net", "windows", "Window", ("v1",), False, ("wd",), 1)


def define(source: FakeSource, *columns: PrinterColumn) -> None:
    """Both kinds have these columns."""
    definitions = [
        Definition(kind.group, kind.plural, kind.name, kind.versions, kind.namespaced, kind.short_names, columns)
        for kind in (WIDGETS, WINDOWS)
    ]
    source.answers[("define", "", "")] = msgspec.json.encode(definitions).decode()


@pytest.fixture
def source() -> Iterator[FakeSource]:
    found = workloads()
    found.answers[("kinds", "", "")] = msgspec.json.encode([WIDGETS, WINDOWS]).decode()
    define(found, PrinterColumn("Size", ".spec.size", "integer"), PrinterColumn("Bad", ".spec[", "string"))
    yield found
    registry.offer([])
    for kind in (WIDGETS, WINDOWS):
        registry.undefine(kind.id)


async def test_a_kind_of_a_crd_opens_by_its_name(source: FakeSource) -> None:
    async with console(source, size=(160, 40)) as drive:
        await drive.press("command")
        await drive.type("widgets")
        await drive.press("enter")
        await drive.idle()
        assert drive.app.frame.current.kind.id == "widgets.example.org"
        assert "Widgets 0" in drive.title()
        assert "widgets.example.org" in source.subscribed
        assert [column.key for column in drive.app.frame.current.kind.columns if column.key == "size"] == ["size"]
        assert len(source.defined) == 2
        assert any("column Bad" in toast for toast in drive.toasts())


class Late(FakeSource):
    """What is served is told when the test says so."""

    def __init__(self, like: FakeSource) -> None:
        super().__init__(store=like.store, answers=like.answers)
        self.told = asyncio.Event()

    async def call_all(self, method: str, **arguments: str) -> list[str]:
        if method == "kinds":
            await self.told.wait()
        return await super().call_all(method, **arguments)


@pytest.mark.parametrize("word", ["widgets", "gadgets"])
async def test_a_kind_that_is_typed_before_it_is_known_what_is_served_opens_then(
    source: FakeSource, word: str
) -> None:
    late = Late(source)
    async with console(late, size=(160, 40)) as drive:
        frame = drive.app.frame
        before = frame.current.kind.id
        typing = asyncio.create_task(drive.burst(f":{word}\r"))
        while (bar := frame.bars._command) is None or bar._history != [word]:
            await asyncio.sleep(0)
        late.told.set()
        await typing
        opened = frame.current.kind.id
        if word == "widgets":
            assert opened == "widgets.example.org"
            assert not any("widgets" in toast and "kind" in toast for toast in drive.toasts())
        else:
            assert opened == before
            assert any("no kind 'gadgets'" in toast for toast in drive.toasts())


async def test_the_last_one_typed_before_it_is_known_opens_though_more_was_asked(source: FakeSource) -> None:
    late = Late(source)
    async with console(late, size=(160, 40)) as drive:
        typing = asyncio.create_task(drive.burst(":gadgets\r:widgets\r"))
        while (bar := drive.app.frame.bars._command) is None or "widgets" not in bar._history:
            await asyncio.sleep(0)
        late.told.set()
        await typing
        assert drive.app.frame.current.kind.id == "widgets.example.org"


def begun(frame: FrameBase, text: str) -> bool:
    """Whether `text` is being typed into a bar."""
    return frame.bars.typing is not None and frame.bars.typing.value == text


@pytest.mark.parametrize("keys", ["/ab", "2"])
async def test_a_kind_does_not_open_over_what_was_begun_meanwhile(source: FakeSource, keys: str) -> None:
    late = Late(source)
    async with console(late, size=(160, 40)) as drive:
        frame = drive.app.frame
        typing = asyncio.create_task(drive.burst(f":widgets\r{keys}"))
        while not (frame.places.place.startswith("clusters") if keys == "2" else begun(frame, "ab")):
            await asyncio.sleep(0)
        late.told.set()
        await typing
        await drive.idle()
        assert frame.current.kind.id != "widgets.example.org"
        assert any("not opened" in toast for toast in drive.toasts())


async def test_two_kinds_of_one_short_name_are_both_offered(source: FakeSource) -> None:
    async with console(source, size=(160, 40)) as drive:
        await drive.press("command")
        await drive.type("wd")
        await drive.press("enter")
        await drive.idle()
        shown = drive.screen()
        assert "widgets" in shown
        assert "windows" in shown


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_a_kind_whose_columns_changed_is_shown_as_it_is_now(source: FakeSource, elsewhere: bool) -> None:
    """Whether the user looks at it when it is opened again, or at something else."""
    async with console(source, size=(160, 40)) as drive:
        await drive.command("widgets")
        assert "SIZE" in drive.screen()
        if elsewhere:
            await drive.command("deploy")
        define(source, PrinterColumn("Hall", ".spec.hall"))
        await drive.command("widgets")
        assert drive.app.frame.current.kind.id == "widgets.example.org"
        assert "HALL" in drive.screen()
        assert "SIZE" not in drive.screen()
        assert "widgets.example.org" in source.subscribed


async def test_a_second_may_pass_while_a_screen_is_made_again(
    source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave = TableBase.leave
    async with console(source, size=(160, 40)) as drive:

        async def leaving(screen: TableBase) -> None:
            await leave(screen)
            drive.app.frame._tick()

        monkeypatch.setattr(TableBase, "leave", leaving)
        await drive.command("widgets")
        define(source, PrinterColumn("Hall", ".spec.hall"))
        await drive.command("widgets")
        assert "HALL" in drive.screen()


async def test_a_kind_that_is_the_same_keeps_its_screen(source: FakeSource) -> None:
    async with console(source, size=(160, 40)) as drive:
        await drive.command("widgets")
        screen = drive.app.frame.current
        await drive.command("deploy")
        await drive.command("widgets")
        assert drive.app.frame.current is screen


async def test_a_kind_that_is_known_opens_although_nobody_can_be_asked(source: FakeSource) -> None:
    async with console(source, size=(160, 40)) as drive:
        await drive.command("widgets")
        await drive.command("deploy")
        source.answers[("define", "", "")] = FeederLost("gone", "wait")
        await drive.command("widgets")
        assert drive.app.frame.current.kind.id == "widgets.example.org"
        assert any("gone" in toast for toast in drive.toasts())


async def test_both_kinds_of_one_short_name_are_reached_by_their_full_ids(source: FakeSource) -> None:
    async with console(source, size=(160, 40)) as drive:
        for id in ("windows.example.net", "widgets.example.org"):
            await drive.command(id)
            assert drive.app.frame.current.kind.id == id
