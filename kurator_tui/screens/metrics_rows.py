"""Rows of the metrics overview: one a cluster, with the newest values and the last hour of each panel. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kurator_tui.kinds.base import HEALTHY, SEVERITY, AnyColumn, AnyKind, Column, Format, Health, Kind, Level, Row
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.estimates import SOON, VERY_SOON, ForecastRow
from kurator_tui.kinds.units import amount
from kurator_tui.link.metrics import PanelData, PanelMeta, unpacked
from kurator_tui.screens.metrics_lines import level_of
from kurator_tui.widgets.sparkline import spark

PAGE = "overview"
MOST = 12
"""Panels of the overview: as many queries as there are, whatever the number of clusters."""
TREND = 8
"""Cells of a sparkline."""
ROOM = 1.4
"""Height of a sparkline, by its greatest value."""
TOLD_HOURS = 24 * 14
"""Hours to full that are worth a cell."""
_TITLES = {
    "cpu": "CORES",
    "cpu_ratio": "CPU",
    "memory": "MEMORY",
    "memory_ratio": "MEM",
    "pods": "PODS",
    "restarts": "RESTARTS",
    "nodes_not_ready": "DOWN",
    "api_errors": "ERR/S",
    "api_p99": "P99",
    "disk": "DISK",
    "cost": "$/H",
    "carbon": "WATTS",
}
"""Panel -> title of its column; that of any other is its own."""
_ORDER = ("cpu_ratio", "memory_ratio", "pods", "restarts", "api_errors", "api_p99", "disk", "nodes_not_ready")
_TRENDS = ("cpu_ratio", "memory_ratio", "pods", "restarts", "api_errors", "api_p99")
_PRIORITY = {"cpu_ratio": 1, "memory_ratio": 1, "pods": 2, "api_errors": 2, "api_p99": 2, "restarts": 2}
WIDE = frozenset({"cpu", "memory"})
"""Panels with a column in wide mode only."""


class MetricsRow(Row, frozen=True, gc=False, array_like=True):
    """One cluster; `values`, `trends` and `levels` are by the panels of the kind."""

    level: Level = Level.UNKNOWN
    reason: str = ""
    values: tuple[float | None, ...] = ()
    trends: tuple[str, ...] = ()
    levels: tuple[Level, ...] = ()
    full_at: float = 0.0
    """When the first resource is full, Unix seconds; 0.0 where nothing can be said."""
    full_of: str = ""
    full_level: Level = Level.HEALTHY


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known to make rows of: answers by panel, members with the reason they are missing, forecasts."""

    panels: Sequence[PanelMeta]
    answers: Mapping[str, PanelData]
    members: Sequence[str]
    missing: Mapping[str, str]
    forecasts: Sequence[ForecastRow] = ()
    ascii_only: bool = False


def metrics_health(row: MetricsRow) -> Health:
    """Degraded or failed where a value is beyond a threshold of its panel, unknown where there is none."""
    return Health(row.level, row.reason) if row.level is not Level.HEALTHY else HEALTHY


def metrics_rows(known: Measured) -> list[MetricsRow]:
    """A row for each member, whether it is in an answer or not."""
    series: list[dict[str, bytes]] = []
    for panel in known.panels:
        data = known.answers.get(panel.id)
        series.append({each.label("cluster"): each.data for each in data.series} if data is not None else {})
    forecasts: dict[str, list[ForecastRow]] = {}
    for forecast in known.forecasts:
        forecasts.setdefault(forecast.cluster, []).append(forecast)
    return [_row(name, known, series, forecasts.get(name, ())) for name in sorted(known.members)]


def _row(
    name: str,
    known: Measured,
    series: Sequence[Mapping[str, bytes]],
    forecasts: Iterable[ForecastRow],
) -> MetricsRow:
    cells = [
        _cell(each[name], panel.unit, known.ascii_only) if name in each else NOTHING
        for each, panel in zip(series, known.panels, strict=True)
    ]
    values = [value for value, _trend in cells]
    levels = [
        level_of(value, panel) if value is not None else Level.HEALTHY
        for value, panel in zip(values, known.panels, strict=True)
    ]
    trends = tuple(trend for _value, trend in cells)
    full_at, full_of, full_level = _full(forecasts)
    level, reason = _verdict(known, values, levels, known.missing.get(name, ""))
    if SEVERITY[full_level] > SEVERITY[level]:
        level, reason = full_level, f"full soon: {full_of}"
    return MetricsRow(
        name,
        "",
        name,
        name,
        0.0,
        level,
        reason,
        tuple(values),
        trends,
        tuple(levels),
        full_at,
        full_of,
        full_level,
    )


NOTHING: tuple[None, str] = (None, "")
"""A cluster of which a panel says nothing."""


@lru_cache(maxsize=4096)
def _cell(data: bytes, unit: str, ascii_only: bool) -> tuple[float | None, str]:
    """(newest value, trend) of one series: rows are made again with each panel, and most series are as before."""
    values = unpacked(data)
    return _last(values), spark(values, TREND, high=_top(unit, values), ascii_only=ascii_only)


def _last(values: Sequence[float]) -> float | None:
    """The newest value: among the last few, or else it is none of now."""
    return next((value for value in list(values)[-3:][::-1] if math.isfinite(value)), None)


def _top(unit: str, values: Sequence[float]) -> float:
    """The top of a sparkline: all of a share, else more than there was: what is steady is no bar."""
    whole = {"ratio": 1.0, "percent": 100.0}.get(unit)
    return whole or ROOM * max((value for value in values if math.isfinite(value)), default=0.0)


def _verdict(
    known: Measured, values: Sequence[float | None], levels: Sequence[Level], missing: str
) -> tuple[Level, str]:
    worst = max(levels, key=SEVERITY.__getitem__, default=Level.HEALTHY)
    if SEVERITY[worst] >= SEVERITY[Level.DEGRADED]:
        at = levels.index(worst)
        return worst, f"{inert(known.panels[at].title)} {amount(values[at], known.panels[at].unit)}"
    if missing:
        return Level.UNKNOWN, inert(missing)
    if all(value is None for value in values):
        return Level.UNKNOWN, "no metrics" if known.answers else ""
    return Level.HEALTHY, ""


def _full(forecasts: Iterable[ForecastRow]) -> tuple[float, str, Level]:
    """When the first resource is full, which one, how bad that is."""
    told = [row for row in forecasts if row.hours is not None and row.hours <= TOLD_HOURS]
    if not told:
        return 0.0, "", Level.HEALTHY
    first = min(told, key=lambda row: row.hours or 0.0)
    hours = first.hours or 0.0
    level = Level.FAILED if hours < VERY_SOON else Level.DEGRADED if hours < SOON else Level.HEALTHY
    used = f" {first.used:.0%} now" if first.used is not None else ""
    return first.created + hours * 3600, f"{first.name}{used}, {first.confidence:.0%} sure", level


# -- the kind ----------------------------------------------------------------------------------------------------


def overview_kind(panels: Sequence[PanelMeta], *, forecasts: bool) -> AnyKind:
    """A kind with a column for each panel, and one for its last hour; `forecasts`: whether any is there."""
    by_id = {panel.id: at for at, panel in enumerate(panels)}
    ordered = [id for id in _ORDER if id in by_id] + [id for id in by_id if id not in _ORDER]
    columns: list[AnyColumn] = [Column("cluster", "CLUSTER", lambda row: row.cluster, priority=0)]
    for id in ordered:
        columns.append(_value(panels[by_id[id]], by_id[id]))
        if id in _TRENDS:
            columns.append(_trend(panels[by_id[id]], by_id[id]))
    if forecasts:
        columns += [
            Column("full", "FULL IN", lambda row: row.full_at, Format.UNTIL, 2, level=lambda row: row.full_level),
            Column("full_of", "BY", lambda row: row.full_of, wide=True, priority=5),
        ]
    columns.append(Column("reason", "REASON", lambda row: row.reason, priority=6, width=60))
    return Kind(
        id="metrics",
        name="ClusterMetrics",
        plural="clusters",
        row=MetricsRow,
        health=metrics_health,
        namespaced=False,
        columns=tuple(columns),
    )


def _value(panel: PanelMeta, at: int) -> AnyColumn:
    convert, format = _CONVERT.get(panel.unit, (_plain, Format.COUNT))

    def value(row: MetricsRow) -> float | int | None:
        found = row.values[at] if at < len(row.values) else None
        return None if found is None else convert(found)

    def level(row: MetricsRow) -> Level:
        return row.levels[at] if at < len(row.levels) else Level.HEALTHY

    title = _TITLES.get(panel.id) or inert(panel.title).upper()[:14]
    return Column(panel.id, title, value, format, _PRIORITY.get(panel.id, 4), wide=panel.id in WIDE, level=level)


def _trend(panel: PanelMeta, at: int) -> AnyColumn:
    def value(row: MetricsRow) -> str:
        return row.trends[at] if at < len(row.trends) else ""

    return Column(f"{panel.id}_trend", "LAST 1H", value, priority=_PRIORITY.get(panel.id, 4) + 4, width=TREND)


def _plain(value: float) -> float | int:
    """Three digits that count; two of what is small, since little is not nothing."""
    if abs(value) >= 100 or value == int(value):
        return round(value)
    if abs(value) < 1:
        return float(f"{value:.2g}") if abs(value) >= 0.001 else 0
    return round(value, 1 if abs(value) >= 10 else 2)


_CONVERT: dict[str, tuple[Callable[[float], float | int], Format]] = {
    "ratio": (lambda value: value, Format.RATIO),
    "percent": (lambda value: value / 100, Format.RATIO),
    "bytes": (lambda value: value, Format.BYTES),
    "seconds": (lambda value: value * 1000, Format.MILLISECONDS),
    "ms": (lambda value: value, Format.MILLISECONDS),
    "count": (round, Format.COUNT),
}
"""Unit -> how a value of it is shown in a table."""
