"""Kinds that nobody wrote a file for open like any other."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from kurator_tui.kinds import registry
from kurator_tui.kinds.generic import Definition, PrinterColumn
from kurator_tui.kinds.registry import ServedKind
from tests.ui.driver import console
from tests.ui.estate import workloads
from tests.ui.source import FakeSource

WIDGETS = ServedKind("example.org", "widgets", "Widget", ("v1",), True, ("wd",), 2)
WINDOWS = ServedKind("example.net", "windows", "Window", ("v1",), False, ("wd",), 1)


@pytest.fixture
def source() -> Iterator[FakeSource]:
    found = workloads()
    found.answers[("kinds", "", "")] = msgspec.json.encode([WIDGETS, WINDOWS]).decode()
    columns = (PrinterColumn("Size", ".spec.size", "integer"), PrinterColumn("Bad", ".spec[", "string"))
    definitions = [
        Definition(kind.group, kind.plural, kind.name, kind.versions, kind.namespaced, kind.short_names, columns)
        for kind in (WIDGETS, WINDOWS)
    ]
    found.answers[("define", "", "")] = msgspec.json.encode(definitions).decode()
    yield found
    registry.offer([])
    for id in ("widgets.example.org", "windows.example.net"):
        registry.KINDS.pop(id, None)
        registry.WRONG.pop(id, None)


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
