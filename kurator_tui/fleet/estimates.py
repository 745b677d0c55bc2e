"""Rows of `sparks` and `forecasts` of the members that one Thanos knows. `fleet.polled` asks for them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping

from kurator_tui.fleet.thanos import Thanoses
from kurator_tui.kinds.base import Row
from kurator_tui.kinds.estimates import ForecastRow, SparkRow
from kurator_tui.metrics import sparks
from kurator_tui.metrics.catalog import Catalog
from kurator_tui.metrics.forecast import forecast
from kurator_tui.metrics.service import Grid, grid
from kurator_tui.metrics.sparks import Trace

Load = Callable[[], Catalog]


async def spark_rows(thanoses: Thanoses, place: str, catalog: Load) -> list[Row]:
    """One row a number and member. Raises ConsoleError."""
    traces, over = await _traces(thanoses, place, catalog, sparks.NUMBERS, sparks.SECONDS, sparks.POINTS)
    owners = thanoses.owners(place)
    return [
        SparkRow(
            name, "", trace.number, f"{name}/{trace.number}", over.end, _on(trace, over), over.step, trace.unit
        )
        for trace in traces
        if (name := owners.names.get(trace.label)) is not None
    ]


async def forecast_rows(thanoses: Thanoses, place: str, catalog: Load) -> list[Row]:
    """One row a resource and member. Raises ConsoleError."""
    seconds, points = sparks.FORECAST_SECONDS, sparks.FORECAST_POINTS
    traces, over = await _traces(thanoses, place, catalog, sparks.FORECAST, seconds, points)
    owners = thanoses.owners(place)
    rows: list[Row] = []
    for trace in traces:
        if (name := owners.names.get(trace.label)) is not None:
            rows.append(_forecast(name, trace, over.end))
            await asyncio.sleep(0)  # a trend takes a millisecond: others have their turn between two
    return rows


async def _traces(
    thanoses: Thanoses,
    place: str,
    catalog: Load,
    wanted: Mapping[str, tuple[str, str]],
    seconds: float,
    points: int,
) -> tuple[list[Trace], Grid]:
    facts = await thanoses.facts(place)
    over = grid(thanoses.clock() + facts.skew, seconds, points=points)
    metrics = thanoses.at(place)
    return await sparks.read(metrics, catalog(), wanted, facts.capabilities, over), over


def _on(trace: Trace, over: Grid) -> tuple[float | None, ...]:
    values: list[float | None] = [None] * over.points
    for at, value in trace.points:
        number = round((at - over.start) / over.step)
        if 0 <= number < over.points and math.isfinite(value):
            values[number] = value
    return tuple(values)


def _forecast(name: str, trace: Trace, at: float) -> ForecastRow:
    used = next((value for _at, value in reversed(trace.points) if math.isfinite(value)), None)
    row = ForecastRow(name, "", trace.number, f"{name}/{trace.number}", at, used)
    found = forecast(trace.points)
    if found is None:
        return row
    latest = found.latest if math.isfinite(found.latest) else None
    head = (row.cluster, row.namespace, row.name, row.uid, row.created, row.used)
    return ForecastRow(*head, found.hours, found.earliest, latest, found.confidence)
