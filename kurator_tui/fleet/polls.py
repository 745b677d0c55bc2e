"""The one registry of kinds that are asked for in rounds. Adding one is adding its `Poll`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from kurator_tui.config.paths import config_dir
from kurator_tui.fleet.alerts import alert_rows
from kurator_tui.fleet.estimates import forecast_rows, spark_rows
from kurator_tui.fleet.polled import Poll
from kurator_tui.fleet.sidecars import sidecar_rows
from kurator_tui.fleet.traffic_numbers import traffic_rows
from kurator_tui.kinds.alerts import ALERTS
from kurator_tui.kinds.estimates import FORECASTS, SPARKS
from kurator_tui.kinds.observability import SIDECARS
from kurator_tui.kinds.traffic import TRAFFIC_NUMBERS
from kurator_tui.metrics.catalog import Catalog, load

OWN_PAGES = "metrics"
"""Directory of the user's own pages, beside `settings.yaml`."""


@cache
def catalog() -> Catalog:
    """The pages, ours and the user's, read when somebody first wants them."""
    return load(config_dir() / OWN_PAGES)


POLLS: Mapping[str, Poll] = {
    ALERTS.id: Poll(20.0, alert_rows),
    SIDECARS.id: Poll(20.0, sidecar_rows),
    SPARKS.id: Poll(60.0, lambda thanoses, place: spark_rows(thanoses, place, catalog)),
    FORECASTS.id: Poll(300.0, lambda thanoses, place: forecast_rows(thanoses, place, catalog)),
    TRAFFIC_NUMBERS.id: Poll(30.0, traffic_rows),
}
