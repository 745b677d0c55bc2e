"""`views.yaml` is followed while the console runs: its columns come, a broken entry is told."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from kurator_tui.config.paths import views_file
from kurator_tui.kinds import registry
from kurator_tui.kinds.arranging import Arrangements
from kurator_tui.kinds.registry import KINDS
from tests.ui.driver import Driver, console
from tests.ui.estate import workloads


@pytest.fixture(autouse=True)
def _nothing_chosen() -> Iterator[None]:
    yield
    registry.arrange({})


def write(text: str) -> None:
    views_file().parent.mkdir(parents=True, exist_ok=True)
    views_file().write_text(text)


def fill(drive: Driver) -> None:
    """The feeder read what was added: the value is the pod's own name."""
    store, kind = drive.source.store, KINDS["pods"]
    store.remake("pods", lambda row: msgspec.structs.replace(row, extra=(f"zone-{row.name}",)))
    assert kind.also is not None


PODS = "pods:\n  columns:\n    - {key: zone, path: spec.nodeSelector.zone, after: name}\n"


async def test_a_column_comes_when_the_file_changes_and_the_table_keeps_its_place() -> None:
    async with console(workloads(), size=(200, 40)) as drive:
        await drive.command("pods")
        await drive.press("move.down", "move.down")
        await drive.filter("name!=nothing")
        chosen, names = drive.selected(), drive.names()
        assert chosen
        assert "ZONE" not in drive.table()[0]
        write(PODS)
        await drive.later(1)
        fill(drive)
        await drive.idle()
        assert [row["ZONE"] for row in drive.table()] == [f"zone-{name}" for name in drive.names()]
        assert (drive.selected(), drive.names()) == (chosen, names)
        assert drive.app.frame.current.filter_text == "name!=nothing"
        told = msgspec.json.decode(drive.source.arranged[-1], type=Arrangements)
        assert [column.path for column in told["pods"].columns] == ["spec.nodeSelector.zone"]


async def test_a_broken_entry_is_told_and_the_other_columns_stay() -> None:
    write(PODS)
    async with console(workloads(), size=(200, 40)) as drive:
        await drive.later(1)
        await drive.command("pods")
        write(PODS + "    - {key: bad, path: 'status['}\n")
        await drive.later(1)
        assert "ZONE" in drive.table()[0]
        assert any("line 4" in toast and "status[" in toast for toast in drive.toasts())


async def test_a_file_that_cannot_be_read_changes_nothing() -> None:
    write(PODS)
    async with console(workloads(), size=(200, 40)) as drive:
        await drive.later(1)
        await drive.command("pods")
        write("pods: [")
        await drive.later(1)
        assert "ZONE" in drive.table()[0]
        assert any("the columns stay as they are" in toast for toast in drive.toasts())


async def test_a_filter_on_a_column_that_goes_is_cleared_and_said() -> None:
    write(PODS)
    async with console(workloads(), size=(200, 40)) as drive:
        await drive.later(1)
        await drive.command("pods")
        await drive.filter("zone:x")
        assert drive.names() == []
        views_file().unlink()
        await drive.later(1)
        assert drive.names() != []
        assert any("zone:x" in toast for toast in drive.toasts())


async def test_a_filter_finds_what_its_column_holds_now() -> None:
    async with console(workloads(), size=(200, 40)) as drive:
        await drive.command("pods")
        names = drive.names()
        await drive.filter("node:nowhere")
        assert drive.names() == []
        write("pods:\n  columns: [{key: node, path: spec.place}]\n")
        await drive.later(1)
        kind = registry.kind("pods")
        drive.source.store.remake("pods", lambda row: kind.row(*msgspec.structs.astuple(row)[:-1], ("nowhere",)))
        await drive.idle()
        assert drive.names() == names


async def test_columns_of_fleets_are_hidden() -> None:
    async with console(workloads(), size=(200, 40)) as drive:
        assert "AGE" in drive.table()[0]
        write("fleets:\n  hide: [age]\n")
        await drive.later(1)
        assert "AGE" not in drive.table()[0]
