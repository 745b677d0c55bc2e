"""Kinds that nobody wrote a file for open like any other."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from kurator_tui.errors import FeederLost
from kurator_tui.kinds import registry
from kurator_tui.kinds.generic import Definition, PrinterColumn
from kurator_tui.kinds.registry import ServedKind
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
