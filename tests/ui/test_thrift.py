"""A console that holds too much gives up what is not seen, says so once, and goes on."""

from __future__ import annotations

import pytest

from kurator_tui.screens import thrift
from kurator_tui.screens.cost import CostPane
from tests.ui.driver import Driver, console
from tests.ui.estate import workloads


def hold(drive: Driver, held: list[int], limit: int) -> None:
    """The console holds so much from now on."""
    now = [0.0]

    def clock() -> float:
        now[0] += thrift.AGAIN
        return now[0]

    drive.app.frame.gauges.thrift = thrift.Thrift(limit, resident=lambda: held[0], clock=clock)


def toasts(drive: Driver) -> list[str]:
    return [f"{toast.title} {toast.message}" for toast in drive.app._notifications]


async def test_kinds_that_are_not_on_the_screen_are_given_up_and_come_again() -> None:
    source = workloads()
    async with console(source, size=(160, 40)) as drive:
        await drive.command("nodes")
        nodes = drive.names()
        await drive.command("pods")
        await drive.filter("e")
        shown = drive.names()
        assert "nodes" in source.subscribed
        held = [200 << 20]
        hold(drive, held, 100 << 20)
        await drive.later(1)
        held[0] = 0
        assert "nodes" not in source.subscribed
        assert {"pods", "clusters", "fleets"} <= source.subscribed
        assert drive.names() == shown
        assert any("200Mi of 100Mi of memory used" in text for text in toasts(drive))
        await drive.command("nodes")
        assert "nodes" in source.subscribed
        assert drive.names() == nodes
        await drive.command("pods")
        assert drive.names() == shown


async def test_it_is_said_once_and_on_the_screen_of_costs() -> None:
    async with console(workloads(), size=(160, 40)) as drive:
        held = [200 << 20]
        hold(drive, held, 100 << 20)
        for _ in range(3):
            await drive.later(1)
        held[0] = 0
        times = drive.app.frame.gauges.thrift.times
        assert times >= 3
        assert len([text for text in toasts(drive) if "of memory used" in text]) == 1
        await drive.press("screen.cost")
        said = " ".join(drive.app.frame.query_one(CostPane).text.split())
        assert "of 100Mi" in said
        assert f"given up {times}x" in said


async def test_within_its_limit_nothing_is_given_up_and_without_one_nothing_is_said() -> None:
    source = workloads()
    async with console(source, size=(160, 40)) as drive:
        await drive.command("deploy")
        await drive.command("pods")
        hold(drive, [99 << 20], 100 << 20)
        await drive.later(1)
        assert "deployments.apps" in source.subscribed
        assert toasts(drive) == []
        drive.app.frame.gauges.thrift = thrift.Thrift()
        await drive.press("screen.cost")
        assert "given up" not in drive.app.frame.query_one(CostPane).text


@pytest.mark.parametrize("place", ["fleets", "clusters"])
async def test_a_kind_that_details_are_made_of_stays(place: str) -> None:
    source = workloads()
    async with console(source, size=(160, 40)) as drive:
        related = {kind for screen in drive.app.frame.screens.values() for kind in screen.related}
        await drive.command(place)
        hold(drive, [200 << 20], 100 << 20)
        await drive.later(1)
        assert related <= source.subscribed
