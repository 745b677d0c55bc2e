"""The numbers that tables show as sparklines and forecasts are made of: panels of the catalogue, in one query.

The queries are those of the pages, asked through the same front (`metrics.service`). Pure but for `read`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kurator_tui.metrics.answers import Lines
from kurator_tui.metrics.capabilities import Capabilities
from kurator_tui.metrics.catalog import Catalog
from kurator_tui.metrics.service import Grid, Metrics

NUMBERS: Mapping[str, tuple[str, str]] = {
    "cpu": ("overview", "cpu_ratio"),
    "memory": ("overview", "memory_ratio"),
    "pods": ("overview", "pods"),
    "restarts": ("overview", "restarts"),
    "api_errors": ("overview", "api_errors"),
    "edge": ("edge", "connected"),
}
"""Number -> (page, panel)."""
FORECAST: Mapping[str, tuple[str, str]] = {
    "disk": ("overview", "disk"),
    "memory": ("overview", "memory_ratio"),
    "cpu": ("overview", "cpu_ratio"),
}
NUMBER = "number"
"""Label by which the numbers of one answer are told apart."""
SECONDS, POINTS = 3600.0, 20
FORECAST_SECONDS, FORECAST_POINTS = 6 * 3600.0, 72


@dataclass(frozen=True, slots=True)
class Trace:
    """One number of one cluster: (Unix second, value) of what there is."""

    label: str
    """Value of the label `cluster`."""
    number: str
    unit: str
    points: tuple[tuple[float, float], ...]


async def read(
    metrics: Metrics, catalog: Catalog, wanted: Mapping[str, tuple[str, str]], has: Capabilities, over: Grid
) -> list[Trace]:
    """All `wanted` numbers of all clusters; those without series are left out. Raises ConsoleError.

    They are asked for in one query, each number with its name as a label.
    """
    units: dict[str, str] = {}
    parts: list[str] = []
    for number, (page, id) in wanted.items():
        panel = catalog.pages[page].panel(id) if page in catalog.pages else None
        asked = panel.asked(has, has.known()) if panel is not None else None
        if panel is not None and asked is not None:
            units[number] = panel.unit
            parts.append(f'label_replace({asked[0]}, "{NUMBER}", "{number}", "", "")')
    return traces(units, await metrics.range(" or ".join(parts), over, most=len(parts))) if parts else []


def traces(units: Mapping[str, str], lines: Lines) -> list[Trace]:
    """The series that have a cluster, by their number."""
    return [
        Trace(label, number, units[number], tuple(line.points))
        for line in lines.series
        if (label := line.labels.get("cluster", "")) and (number := line.labels.get(NUMBER, "")) in units
    ]
