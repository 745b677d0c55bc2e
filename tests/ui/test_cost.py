"""The screen of costs, the feeder's pace, and that figures are read only while they are seen."""

from __future__ import annotations

import asyncio
import json

import pytest
from textual import events

from kurator_tui.link.messages import Costed
from kurator_tui.screens.cost import CostPane, CostScreen
from kurator_tui.screens.cost_facts import Figures
from tests.ui.driver import Driver, console
from tests.ui.estate import workloads
from tests.ui.source import FakeFeeder, FakeSource


def costly() -> FakeSource:
    source = workloads()
    source.workers.append(FakeFeeder(cost=Costed(streams=51, requests=230, bytes_in=3 << 20, events=1203)))
    return source


def figures(drive: Driver) -> str:
    """What the pane says, white space collapsed."""
    return " ".join(drive.app.frame.query_one(CostPane).text.split())


def asked(source: FakeSource) -> int:
    """How often feeders were asked what they watch."""
    return sum(method == "watched" for method, _arguments in source.calls)


@pytest.mark.parametrize("keys", [["tilde"], ["colon", "c", "o", "s", "t", "enter"]])
async def test_it_opens_by_key_and_by_command_and_is_a_view_like_any(keys: list[str]) -> None:
    async with console(costly(), size=(160, 40)) as drive:
        await drive.press(*keys)
        assert drive.view() == "cost"
        assert "feeder 4711 51 230 3.0Mi 1,203" in figures(drive)
        await drive.press("back")
        assert drive.view() == "fleets"
        await drive.press("history.forward")
        assert drive.view() == "cost"


async def test_clusters_are_below_the_worst_first_with_their_streams() -> None:
    async with console(costly(), size=(160, 40)) as drive:
        await drive.press("screen.cost")
        assert drive.names()[:3] == ["edge-cold-chain", "on-prem", "edge-east"]
        assert drive.table()[1]["STREAMS"] == "9"
        await drive.press("open")
        assert "credentials" in drive.detail()


async def test_figures_are_read_each_second_while_they_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    source = costly()
    reads: list[Figures] = []
    read = CostScreen.figures

    def counted(self: CostScreen) -> Figures:
        reads.append(read(self))
        return reads[-1]

    monkeypatch.setattr(CostScreen, "figures", counted)
    async with console(source, size=(160, 40)) as drive:
        await drive.later(1)
        assert reads == []
        await drive.press("screen.cost")
        await drive.later(1)
        source.workers[0].cost = Costed(streams=52, requests=240, bytes_in=4 << 20, events=1303)
        await drive.later(1)
        assert "52 240 5.0 4.0Mi 512Ki 1,303 50.0" in figures(drive)
        seen = len(reads)
        await drive.press("screen.fleets")
        await drive.later(1)
        assert len(reads) == seen


async def test_what_each_kind_costs_is_asked_for_while_it_is_seen_and_not_again_before_an_answer() -> None:
    source = costly()
    source.answers[("watched", "", "")] = '{"pods": [6, 1300], "deployments.apps": [3, 42]}'
    async with console(source, size=(160, 40)) as drive:
        await drive.later(1)
        assert asked(source) == 0
        await drive.press("screen.cost")
        assert "deployments 3 42" in figures(drive)
        assert drive.names()[:3] == ["edge-cold-chain", "on-prem", "edge-east"]
        seen = asked(source)
        source.answers[("watched", "", "")] = '{"pods": [6, 1301]}'
        await drive.later(1)
        assert asked(source) == seen + 1
        assert "pods 6 1,301" in figures(drive)
        assert "deployments" not in figures(drive)
        await drive.press("screen.fleets")
        await drive.later(1)
        assert asked(source) == seen + 1


async def test_a_slow_feeder_is_asked_once() -> None:
    source, answer = costly(), asyncio.Event()

    async def slow(_method: str, **_arguments: str) -> list[str]:
        source.calls.append(("watched", {}))
        await answer.wait()
        return ['{"pods": [6, 1300]}']

    source.call_all = slow  # type: ignore[method-assign, assignment]
    async with console(source, size=(160, 40)) as drive:
        drive.app.post_message(events.Key("tilde", "~"))
        while not asked(source):
            await asyncio.sleep(0)
        drive.app.frame._tick()
        drive.app.frame._tick()
        answer.set()
        await drive.idle()
        assert asked(source) == 1
        assert "pods 6 1,300" in figures(drive)


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_the_clusters_keep_half_of_the_screen(size: tuple[int, int]) -> None:
    source = costly()
    source.answers[("watched", "", "")] = json.dumps({f"kind{n}.example.org": [6, n] for n in range(30)})
    async with console(source, size=size) as drive:
        await drive.press("screen.cost")
        assert drive.names()[0] == "edge-cold-chain"
        assert len(drive.names()) >= min(7, size[1] // 2 - 5)
        assert "more" in figures(drive)


async def test_every_feeder_has_its_row() -> None:
    source = costly()
    source.workers.append(FakeFeeder(pid=0, state="feeder lost: killed by signal 9; restarting"))
    async with console(source, size=(160, 40)) as drive:
        await drive.press("screen.cost")
        assert "feeder 1 4711" in figures(drive)
        assert "feeder lost: killed by signal 9" in figures(drive)
        assert drive.names()[0] == "edge-cold-chain"


async def test_rows_and_keys_are_counted() -> None:
    async with console(costly(), size=(160, 40)) as drive:
        await drive.press("screen.cost")
        await drive.later(1)
        assert "rows 13" in figures(drive)
        assert drive.app.frame.gauges.reactions.last_key is not None
        assert "watches: 6 by secret, 1 by context" in figures(drive)


async def test_the_feeder_sends_less_often_while_the_terminal_has_no_focus() -> None:
    source = costly()
    async with console(source) as drive:
        drive.app.post_message(events.AppBlur())
        await drive.idle()
        drive.app.post_message(events.AppFocus())
        await drive.idle()
        assert source.paces == [0.25, 0.1]
