"""Numbers of clusters that Thanos tells, as rows: `sparks` (the last hour, for a sparkline) and `forecasts`.

`fleet.polled` asks for them in rounds while somebody reads them; one query a number for all clusters.
"""

from __future__ import annotations

from kurator_tui.kinds.base import HEALTHY, AnyKind, Column, Format, Health, Interned, Kind, Level, Row

SOON, VERY_SOON = 72.0, 24.0
"""Hours to full that are degraded, and failed."""


class SparkRow(Row, frozen=True, gc=False, array_like=True):
    """One number of one cluster. `name` is the number's (`metrics.sparks`), `created` when it was asked."""

    values: tuple[float | None, ...] = ()
    """The oldest first, `step` seconds apart, the newest at `created`; None where there is none."""
    step: float = 0.0
    unit: Interned = ""

    @property
    def last(self) -> float | None:
        """The newest value."""
        return next((value for value in reversed(self.values) if value is not None), None)


class ForecastRow(Row, frozen=True, gc=False, array_like=True):
    """When one resource of one cluster is full, if it goes on as it did. `name` is disk, memory or cpu."""

    used: float | None = None
    """Share that is used now; 1.0 is all."""
    hours: float | None = None
    """Until it is full; None where nothing can be said: no steady growth, too few values, not within a month."""
    earliest: float | None = None
    latest: float | None = None
    """Bounds of `hours` (95 %); None for never."""
    confidence: float = 0.0
    """0.0 … 1.0: how steadily it grew (Kendall's tau)."""


def spark_health(_row: SparkRow) -> Health:
    """Always healthy: a number is no verdict."""
    return HEALTHY


def forecast_health(row: ForecastRow) -> Health:
    """Full within a day is failed, within three degraded."""
    if row.hours is None or row.hours >= SOON:
        return HEALTHY
    level = Level.FAILED if row.hours < VERY_SOON else Level.DEGRADED
    return Health(level, f"{row.name} is full in about {row.hours:.0f} h")


def _rounded(hours: float | None) -> float | None:
    """To what such an estimate can say."""
    return None if hours is None else round(hours, 1)


def _confidence(row: ForecastRow) -> float | None:
    """Of what is said; where nothing is said there is none."""
    return None if row.hours is None else row.confidence


SPARKS: AnyKind = Kind(
    id="sparks",
    name="Spark",
    plural="sparks",
    row=SparkRow,
    health=spark_health,
    namespaced=False,
    columns=(
        Column("name", "NUMBER", lambda r: r.name, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=0),
        Column("last", "LAST", lambda r: r.last, priority=1),
        Column("unit", "UNIT", lambda r: r.unit, priority=2),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=3),
    ),
)

FORECASTS: AnyKind = Kind(
    id="forecasts",
    name="Forecast",
    plural="forecasts",
    row=ForecastRow,
    health=forecast_health,
    namespaced=False,
    columns=(
        Column("name", "RESOURCE", lambda r: r.name, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=0),
        Column("used", "USED", lambda r: r.used, Format.RATIO, priority=1),
        Column(
            "hours",
            "FULL IN H",
            lambda r: _rounded(r.hours),
            Format.COUNT,
            priority=1,
            level=lambda r: forecast_health(r).level,
        ),
        Column("earliest", "EARLIEST H", lambda r: _rounded(r.earliest), Format.COUNT, priority=3),
        Column("latest", "LATEST H", lambda r: _rounded(r.latest), Format.COUNT, priority=3),
        Column("confidence", "CONFIDENCE", _confidence, Format.RATIO, priority=2),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=4),
        Column("reason", "REASON", lambda r: forecast_health(r).reason, priority=4, width=60),
    ),
)

KINDS = (SPARKS, FORECASTS)
