"""Kinds that are asked for in rounds: alerts, sparks and forecasts, as long as somebody reads them."""

from __future__ import annotations

import asyncio
from typing import Any

import promql_parser

from kurator_tui.errors import ConsoleError, NotInstalled, TimedOut
from kurator_tui.feeder.triaging import blindspots
from kurator_tui.fleet.alerts import alert_rows
from kurator_tui.fleet.estimates import forecast_rows, spark_rows
from kurator_tui.fleet.polled import Poll, Polled
from kurator_tui.fleet.thanos import Thanoses
from kurator_tui.kinds.alerts import ALERTS, AlertRow, alert_health
from kurator_tui.kinds.base import HOST, Level
from kurator_tui.kinds.estimates import FORECASTS, SPARKS, ForecastRow, SparkRow, forecast_health
from kurator_tui.metrics.catalog import load
from kurator_tui.metrics.sparks import NUMBERS
from kurator_tui.store.freshness import State
from kurator_tui.store.store import Store
from tests.unit.fleet.thanoses import NOW, endpoint, member, probed, thanoses
from tests.unit.metrics.endpoint import FakeEndpoint, data_of, matrix_of

CATALOG = load()
ALERT = Poll(20.0, alert_rows)


def told(*clusters: str, severity: str = "warning", state: str = "firing") -> dict[str, Any]:
    """An answer of /rules: one alert in each of `clusters`."""
    alert = {
        "labels": {"alertname": "Down", "severity": severity, "namespace": "shop", "pod": "p"},
        "annotations": {"summary": "it is down"},
        "state": state,
        "activeAt": "2026-11-21T02:41:50Z",
        "value": "1",
    }
    rules = [{"name": "Down", "query": "up == 0", "labels": {"cluster": c}, "alerts": [alert]} for c in clusters]
    return data_of({"groups": [{"rules": rules}]})


class Stage:
    """A store and what polls into it; time passes when `passes` is awaited."""

    def __init__(self, of: Thanoses, *, mine: tuple[str, ...] = ("a", "b", HOST), poll: Poll = ALERT) -> None:
        self.store = Store()
        self.slept: list[float] = []
        self._woken = asyncio.Event()
        self.polled = Polled(self.store, of, {ALERTS.id: poll}, mine.__contains__, self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._woken.clear()
        await self._woken.wait()

    async def passes(self) -> None:
        self._woken.set()
        await self.settle()

    async def settle(self) -> None:
        for _ in range(60):
            await asyncio.sleep(0)

    def alerts(self) -> dict[str, AlertRow]:
        return {row.cluster: row for row in self.store.rows(ALERTS.id) if isinstance(row, AlertRow)}


async def test_alerts_of_all_members_are_rows_while_somebody_reads_them() -> None:
    stage = Stage(thanoses(FakeEndpoint(rules=told("a", "b"), alerts=data_of({"alerts": []}))))
    assert stage.alerts() == {}
    stage.polled.require(ALERTS.id)
    assert stage.polled.pending
    await stage.settle()
    assert not stage.polled.pending
    assert set(stage.alerts()) == {"a", "b"}
    row = stage.alerts()["a"]
    assert (row.name, row.namespace, row.target, row.stranger) == ("Down", "shop", "p", "")
    assert stage.store.freshness("a", ALERTS.id).state is State.LIVE
    stage.polled.release(ALERTS.id)
    await stage.settle()
    assert stage.alerts() == {}


async def test_they_are_asked_for_again_and_one_that_is_over_goes_while_one_that_stays_is_the_same_row() -> None:
    asked = FakeEndpoint(rules=[told("a", "b"), told("a")], alerts=data_of({"alerts": []}))
    stage = Stage(thanoses(asked))
    stage.polled.require(ALERTS.id)
    await stage.settle()
    uid = stage.alerts()["a"].uid
    await stage.passes()
    assert {cluster: row.uid for cluster, row in stage.alerts().items()} == {"a": uid}
    assert stage.slept == [20.0, 20.0]
    await stage.polled.close()


async def test_a_label_that_is_no_member_is_a_row_of_the_host_and_says_so() -> None:
    stage = Stage(thanoses(FakeEndpoint(rules=told("old"), alerts=data_of({"alerts": []}))))
    stage.polled.require(ALERTS.id)
    await stage.settle()
    row = stage.alerts()[HOST]
    assert alert_health(row).reason.startswith("old is no member")
    await stage.polled.close()


async def test_a_thanos_that_fails_leaves_old_rows_stale_and_costs_only_its_own_members() -> None:
    places = {
        "red": FakeEndpoint(rules=told("a"), alerts=data_of({"alerts": []})),
        "blue": FakeEndpoint(
            rules=[told("b"), TimedOut("late")], alerts=[data_of({"alerts": []}), TimedOut("late")]
        ),
    }
    stage = Stage(thanoses(places, member("a", "red"), member("b", "blue")))
    stage.polled.require(ALERTS.id)
    await stage.settle()
    await stage.passes()
    assert set(stage.alerts()) == {"a", "b"}
    assert stage.store.freshness("a", ALERTS.id).state is State.LIVE
    stale = stage.store.freshness("b", ALERTS.id)
    assert (stale.state, stale.reason) == (State.STALE, "late")
    await stage.polled.close()


async def test_without_any_answer_it_is_said_why_and_not_that_there_are_none() -> None:
    failing = ConsoleError("The host has no Thanos.")
    stage = Stage(thanoses(FakeEndpoint(rules=failing, alerts=failing)))
    stage.polled.require(ALERTS.id)
    await stage.settle()
    for cluster in ("a", "b", HOST):
        found = stage.store.freshness(cluster, ALERTS.id)
        assert (found.state, found.reason) == (State.UNREACHABLE, "The host has no Thanos.")
    assert not stage.polled.pending
    await stage.polled.close()


async def test_where_there_is_no_thanos_a_kind_is_absent_which_is_no_failure() -> None:
    none = NotInstalled("The host has no Thanos.")
    stage = Stage(thanoses(FakeEndpoint(rules=none, alerts=none)))
    stage.polled.require(ALERTS.id)
    await stage.settle()
    for cluster in ("a", "b", HOST):
        found = stage.store.freshness(cluster, ALERTS.id)
        assert (found.state, found.reason) == (State.ABSENT, "The host has no Thanos.")
    assert blindspots(stage.store, "a", {ALERTS.id: None}) == []
    await stage.polled.close()


async def test_of_two_fleets_only_the_one_without_a_thanos_has_no_alerts() -> None:
    none = NotInstalled("The host has no Thanos.")
    empty = data_of({"alerts": []})
    places = {
        "red": FakeEndpoint(rules=told("a"), alerts=empty, query=probed("cadvisor", clusters=("a",))),
        "blue": FakeEndpoint(rules=none, alerts=none, query=none),
    }
    stage = Stage(thanoses(places, member("a", "red"), member("b", "blue")))
    stage.polled.require(ALERTS.id)
    await stage.settle()
    assert stage.store.freshness("a", ALERTS.id).state is State.LIVE
    assert stage.store.freshness("b", ALERTS.id).state is State.ABSENT
    await stage.polled.close()


async def test_members_of_other_feeders_are_left_to_them() -> None:
    stage = Stage(thanoses(FakeEndpoint(rules=told("a", "b"), alerts=data_of({"alerts": []}))), mine=("b",))
    stage.polled.require(ALERTS.id)
    await stage.settle()
    assert set(stage.alerts()) == {"b"}
    await stage.polled.close()


async def test_a_mistake_of_ours_costs_these_rows_only() -> None:
    async def wrong(_thanoses: Thanoses, _place: str) -> list[Any]:
        raise ZeroDivisionError

    stage = Stage(thanoses(FakeEndpoint()), poll=Poll(20.0, wrong))
    stage.polled.require(ALERTS.id)
    await stage.settle()
    assert "ZeroDivisionError" in stage.store.freshness("a", ALERTS.id).reason
    await stage.polled.close()


def test_the_level_of_an_alert_goes_by_its_state_and_severity() -> None:
    def level(state: str, severity: str) -> Level:
        return alert_health(AlertRow("a", "", "n", "u", 0.0, state=state, severity=severity)).level

    assert level("firing", "critical") is Level.FAILED
    assert level("firing", "warning") is Level.DEGRADED
    assert level("firing", "info") is Level.PROGRESSING
    assert level("pending", "critical") is Level.PROGRESSING


async def test_sparks_are_one_query_for_all_numbers_of_all_clusters() -> None:
    end = NOW - NOW % 300
    last: list[tuple[float, float | str]] = [(end - 300, 1), (end, "NaN")]
    numbers = ("cpu", "memory", "pods")
    lines = matrix_of(*(({"cluster": name, "number": n}, last) for name in ("a", "b", "old") for n in numbers))
    asked = endpoint(lines)
    rows = await spark_rows(thanoses(asked), "default", lambda: CATALOG)
    (query,) = asked.queries()
    promql_parser.parse(query)
    assert [number for number in NUMBERS if f'"{number}"' in query] == [*numbers]  # what there are series of
    assert {(row.cluster, row.name) for row in rows} == {(c, n) for c in "ab" for n in numbers}
    row = rows[0]
    assert isinstance(row, SparkRow)
    assert (row.values[-2:], row.step, row.created, row.last) == ((1.0, None), 300.0, end, 1.0)
    assert len(row.values) == 13
    assert SPARKS.row is SparkRow


async def test_a_forecast_says_when_and_says_nothing_where_it_does_not_fit() -> None:
    def points(by_hour: float) -> list[tuple[float, float | str]]:
        return [(NOW - NOW % 300 - n * 300, 0.9 - by_hour * n / 12) for n in range(72, -1, -1)]

    labels = [{"cluster": name, "number": "memory"} for name in ("a", "b")]
    lines = matrix_of((labels[0], points(0.01)), (labels[1], points(0.0)))
    rows = await forecast_rows(thanoses(endpoint(lines)), "default", lambda: CATALOG)
    found = {(row.cluster, row.name): row for row in rows if isinstance(row, ForecastRow)}
    assert FORECASTS.row is ForecastRow
    steady, flat = found[("a", "memory")], found[("b", "memory")]
    assert steady.hours is not None
    assert abs(steady.hours - 10) < 0.1
    assert (steady.used, steady.confidence) == (0.9, 1.0)
    assert forecast_health(steady).level is Level.FAILED
    assert (flat.used, flat.hours, flat.confidence) == (0.9, None, 0.0)
    assert forecast_health(flat).level is Level.HEALTHY


async def test_what_derived_kinds_are_made_of_is_asked_for_until_neither_they_nor_readers_need_it() -> None:
    stage = Stage(thanoses(FakeEndpoint(rules=told("a"), alerts=data_of({"alerts": []}))))
    stage.polled.join((ALERTS.id, "pods"))
    await stage.settle()
    assert set(stage.alerts()) == {"a"}
    stage.polled.require(ALERTS.id)
    stage.polled.join(())
    await stage.settle()
    assert set(stage.alerts()) == {"a"}
    stage.polled.join((ALERTS.id,))
    stage.polled.release(ALERTS.id)
    await stage.settle()
    assert set(stage.alerts()) == {"a"}
    stage.polled.join(())
    await stage.settle()
    assert stage.alerts() == {}
