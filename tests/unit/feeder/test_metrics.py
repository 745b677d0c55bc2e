"""The stream `panel` asks again each step while it is open, and calls tell pages, names and alerts."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from kurator_tui.errors import ConsoleError, TimedOut, UsageError
from kurator_tui.feeder.channel import Channel
from kurator_tui.feeder.metrics import AGAIN, LONGEST, SHORTEST, alerts, metrics_names, metrics_pages, panel, pause
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.thanos import Thanoses
from kurator_tui.link import messages as m
from kurator_tui.link.metrics import Completion, Pages, PanelData, PanelQuery, decode, encode_query
from tests.unit.fleet.thanoses import NOW, endpoint, probed, sidecars, thanoses
from tests.unit.metrics.endpoint import FakeEndpoint, data_of, matrix_of


def hub(of: Thanoses) -> Hub:
    return cast(Hub, SimpleNamespace(thanos=of))


def rows(*clusters: str) -> dict[str, Any]:
    at = NOW - NOW % 30
    return matrix_of(*(({"cluster": cluster}, [(at, 1)]) for cluster in clusters))


class Reader:
    """The console's end: keeps answers; acknowledges unless it is told not to."""

    def __init__(self) -> None:
        self.heard: list[PanelData] = []
        self.slept: list[float] = []
        self.woken = asyncio.Event()
        self.channel = Channel(1, self._take)
        self.reads = True
        self._count = 0

    def _take(self, message: m.Message) -> None:
        assert isinstance(message, m.StreamFlowed)
        self.heard.append(decode(message.data))
        self._count += 1
        if self.reads:
            self.channel.acknowledged(self._count)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.woken.clear()
        await self.woken.wait()

    async def settle(self) -> None:
        for _ in range(60):
            await asyncio.sleep(0)

    def open(self, of: Thanoses, query: PanelQuery) -> asyncio.Task[str]:
        return asyncio.create_task(panel(hub(of), {"query": encode_query(query)}, self.channel, self.sleep))


async def test_a_panel_is_answered_now_and_again_each_step_until_it_is_closed() -> None:
    reader = Reader()
    asked = endpoint(rows("a", "b"))
    task = reader.open(thanoses(asked), PanelQuery("overview", "cpu"))
    await reader.settle()
    assert [len(data.series) for data in reader.heard] == [2]
    assert reader.slept == [30.0]
    reader.woken.set()
    await reader.settle()
    assert len(reader.heard) == 2
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_panel_that_is_closed_while_it_is_asked_cancels_its_request() -> None:
    reader = Reader()
    asked = endpoint(rows("a"))
    of = thanoses(asked)
    await of.facts("default")
    asked.gate.clear()
    task = reader.open(of, PanelQuery("overview", "cpu"))
    await reader.settle()
    assert asked.at_once == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await reader.settle()
    assert (asked.cancelled, asked.at_once, reader.heard) == (1, 0, [])


async def test_a_failure_is_told_and_asked_again_soon() -> None:
    reader = Reader()
    task = reader.open(thanoses(endpoint([TimedOut("late"), rows("a")])), PanelQuery("overview", "cpu"))
    await reader.settle()
    (data,) = reader.heard
    assert data.error is not None
    assert data.error.message == "late"
    assert reader.slept == [AGAIN]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_the_past_is_asked_for_once() -> None:
    reader = Reader()
    task = reader.open(thanoses(endpoint(rows("a"))), PanelQuery("overview", "cpu", end=NOW - 86400))
    assert await task == ""
    assert (len(reader.heard), reader.slept) == (1, [])


async def test_one_that_hangs_keeps_nobody_else_waiting() -> None:
    hanging = endpoint(rows("a"))
    hanging.gate.clear()
    slow, quick = Reader(), Reader()
    tasks = [slow.open(thanoses(hanging), PanelQuery("overview", "cpu"))]
    tasks.append(quick.open(thanoses(endpoint(rows("a"))), PanelQuery("overview", "cpu")))
    await quick.settle()
    assert (len(slow.heard), len(quick.heard)) == (0, 1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_is_no_query_is_refused() -> None:
    with pytest.raises(UsageError):
        await panel(hub(thanoses(FakeEndpoint())), {"query": "{"}, Reader().channel)


def test_the_pause_is_the_step_within_bounds() -> None:
    query = PanelQuery()
    assert pause(query, 60.0, failed=False) == 60.0
    assert pause(query, 1.0, failed=False) == SHORTEST
    assert pause(query, 86400.0, failed=False) == LONGEST
    assert pause(query, 86400.0, failed=True) == AGAIN


async def pages(of: Thanoses) -> Pages:
    return msgspec.json.decode(await metrics_pages(hub(of), {}), type=Pages)


async def test_pages_say_what_is_there_and_what_turns_the_rest_on() -> None:
    stores = sidecars("a", failing={"b": "lost"})
    found = await pages(thanoses(endpoint(rows("a"), probed("cadvisor"), stores)))
    overview = next(page for page in found.pages if page.id == "overview")
    by_id = {each.id: each for each in overview.panels}
    assert by_id["cpu"].available
    assert not by_id["restarts"].available
    assert "kube-state-metrics" in by_id["restarts"].hint
    assert "cost" not in by_id
    assert [(each.cluster, "lost" in each.reason) for each in found.missing] == [("b", True)]
    assert (found.source, found.error) == ("thanos:9090", None)


async def test_without_a_thanos_pages_say_so_and_still_have_their_names() -> None:
    found = await pages(thanoses(endpoint(None, ConsoleError("The host has no Thanos.", "--thanos URL"))))
    assert found.error is not None
    assert (found.error.message, found.error.hint) == ("The host has no Thanos.", "--thanos URL")
    assert [each.cluster for each in found.missing] == ["a", "b"]
    assert len(found.pages) == 9


async def test_names_complete_a_query_and_point_at_what_is_wrong_with_it() -> None:
    of = thanoses(FakeEndpoint(**{"label/__name__/values": data_of(["up", "upper"])}))
    answer = await metrics_names(hub(of), {"promql": "sum(up", "cursor": "6"})
    found = msgspec.json.decode(answer, type=Completion)
    assert (found.start, found.end, found.words) == (4, 6, ("upper", "group"))
    assert (found.at, found.problem.startswith("1:7")) == (6, True)


async def test_names_are_functions_where_thanos_does_not_answer() -> None:
    of = thanoses(FakeEndpoint(**{"label/__name__/values": TimedOut("late")}))
    found = msgspec.json.decode(await metrics_names(hub(of), {"promql": "histo"}), type=Completion)
    assert found.words == ("histogram_quantile",)


async def test_alerts_are_told_or_why_not() -> None:
    late = TimedOut("late")
    with pytest.raises(TimedOut):
        await alerts(hub(thanoses(FakeEndpoint(rules=late, alerts=late))), {})
    assert await alerts(hub(thanoses(FakeEndpoint(rules=data_of({"groups": []}), alerts=data_of({})))), {}) == "[]"
