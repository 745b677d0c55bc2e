"""The front of a Thanos: shared, bounded, cancelled, never waited for beyond its deadline."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from kurator_tui.errors import Broken, Refused, ServerFault, TimedOut, TooLarge
from kurator_tui.metrics.answers import MOST_SERIES
from kurator_tui.metrics.service import MOST_POINTS, REST, Grid, Metrics, grid
from tests.unit.metrics.endpoint import FakeEndpoint, matrix_of, vector_of

ONE = vector_of(({"cluster": "a"}, 3))


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_identical_queries_share_one_request() -> None:
    endpoint = FakeEndpoint(query=ONE)
    endpoint.gate.clear()
    metrics = Metrics(endpoint)
    asking = [asyncio.create_task(metrics.query("up")) for _ in range(20)]
    await settled()
    endpoint.gate.set()
    answers = await asyncio.gather(*asking)
    assert len(endpoint.asked) == 1
    assert all(answer.samples[0].value == 3 for answer in answers)
    await metrics.query("up")
    assert len(endpoint.asked) == 2


async def test_a_panel_that_goes_away_cancels_its_request_unless_another_one_waits_for_it() -> None:
    endpoint = FakeEndpoint(query=ONE)
    endpoint.gate.clear()
    metrics = Metrics(endpoint)
    first, second = (asyncio.create_task(metrics.query("up")) for _ in range(2))
    await settled()
    first.cancel()
    await settled()
    assert endpoint.cancelled == 0
    second.cancel()
    await settled()
    assert endpoint.cancelled == 1
    assert metrics.pending == 0
    endpoint.gate.set()
    assert (await metrics.query("up")).samples


async def test_no_more_than_its_places_are_asked_at_once() -> None:
    endpoint = FakeEndpoint(query=ONE)
    endpoint.gate.clear()
    metrics = Metrics(endpoint, places=3)
    asking = [asyncio.create_task(metrics.query(f"up{number}")) for number in range(10)]
    await settled()
    assert endpoint.at_once == 3
    endpoint.gate.set()
    await asyncio.gather(*asking)
    assert endpoint.most_at_once == 3


async def test_one_that_hangs_ends_at_its_deadline_and_so_do_those_that_queue_behind_it() -> None:
    endpoint = FakeEndpoint(query=ONE)
    endpoint.gate.clear()
    metrics = Metrics(endpoint, places=1, deadline=0.02)
    results = await asyncio.gather(*(metrics.query(f"up{n}") for n in range(5)), return_exceptions=True)
    assert [type(result) for result in results] == [TimedOut] * 5


async def test_after_a_failure_it_is_not_asked_again_for_a_while() -> None:
    now = 100.0
    endpoint = FakeEndpoint(query=[Broken("cut short"), ONE])
    metrics = Metrics(endpoint, now=lambda: now)
    for _ in range(3):
        with pytest.raises(Broken):
            await metrics.query("up")
    assert len(endpoint.asked) == 1
    now += REST
    assert (await metrics.query("up")).samples


async def test_a_refusal_in_words_is_told_each_time_and_stops_nobody() -> None:
    endpoint = FakeEndpoint(query=[ServerFault("query timed out", code=503), ONE])
    metrics = Metrics(endpoint)
    with pytest.raises(ServerFault):
        await metrics.query("heavy")
    assert (await metrics.query("light")).samples


async def test_an_answer_that_is_too_large_stops_nobody_else() -> None:
    endpoint = FakeEndpoint(query=[TooLarge("more than 8 MiB"), ONE])
    metrics = Metrics(endpoint)
    with pytest.raises(TooLarge):
        await metrics.query("everything")
    assert (await metrics.query("light")).samples


async def test_only_a_refused_connection_is_tried_once_more() -> None:
    refused = FakeEndpoint(query=[Refused("no"), ONE])
    assert (await Metrics(refused).query("up")).samples
    assert len(refused.asked) == 2
    broken = FakeEndpoint(query=[Broken("cut short"), ONE])
    with pytest.raises(Broken):
        await Metrics(broken).query("up")
    assert len(broken.asked) == 1


async def test_ten_thousand_series_are_capped_and_counted() -> None:
    one: list[tuple[float, float | str]] = [(1.0, 1)]
    series = [({"cluster": f"c{number}"}, one) for number in range(10_000)]
    lines = await Metrics(FakeEndpoint(query_range=matrix_of(*series))).range("up", Grid(0, 15, 2))
    assert (len(lines.series), lines.total) == (MOST_SERIES, 10_000)


async def test_a_range_is_asked_with_its_grid_and_the_replica_label() -> None:
    endpoint = FakeEndpoint(query_range=matrix_of(({"cluster": "a"}, [(15.0, "NaN"), (30.0, "+Inf")])))
    lines = await Metrics(endpoint).range("up", Grid(15, 15, 2))
    ((path, given),) = endpoint.asked
    assert (path, given["start"], given["end"], given["step"]) == ("query_range", "15", "30", "15")
    assert (given["replicaLabels[]"], given["dedup"], given["partial_response"]) == (
        "prometheus_replica",
        "true",
        "true",
    )
    assert lines.series[0].points[1] == (30.0, float("inf"))


async def test_a_page_instead_of_json_is_broken() -> None:
    with pytest.raises(Broken):
        await Metrics(FakeEndpoint(query_range=b"<html>log in</html>")).range("up", Grid(0, 15, 2))


async def test_closing_ends_what_is_under_way() -> None:
    endpoint = FakeEndpoint(query=ONE)
    endpoint.gate.clear()
    metrics = Metrics(endpoint)
    asking = asyncio.create_task(metrics.query("up"))
    await settled()
    await metrics.close()
    with contextlib.suppress(asyncio.CancelledError):
        await asking
    assert endpoint.closed
    assert endpoint.cancelled == 1


@pytest.mark.parametrize(
    ("seconds", "points", "step", "expected"),
    [(3600, 200, 0, 30), (3600, 400, 0, 15), (86400, 200, 0, 600), (60, 200, 0, 15), (7 * 86400, 100, 0, 7200)],
)
def test_the_step_is_the_finest_that_fits(seconds: float, points: int, step: float, expected: float) -> None:
    over = grid(1e6 + 7, seconds, points=points, step=step)
    assert over.step == expected
    assert over.end <= 1e6 + 7 < over.end + over.step
    assert over.end % over.step == 0


@pytest.mark.parametrize("step", [0.001, 1.0, 0.0, float("nan"), float("inf"), -5.0])
def test_no_grid_has_more_points_than_prometheus_allows(step: float) -> None:
    over = grid(1.8e9, 30 * 86400, points=10**6, step=step)
    assert over.points <= MOST_POINTS
    assert (over.end - over.start) / over.step <= MOST_POINTS


def test_panels_of_one_range_share_a_grid_until_the_next_step() -> None:
    assert grid(1_000_000, 3600) == grid(1_000_010, 3600) != grid(1_000_040, 3600)
