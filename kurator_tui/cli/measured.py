"""`kurator-tui get metrics`: the rows of the Metrics screen once, a row a cluster, as Thanos answers now."""

from __future__ import annotations

import asyncio
import contextlib
import time

import msgspec

from kurator_tui.cli.options import Options
from kurator_tui.cli.run import PATIENCE, session
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.base import HOST, AnyKind, Row
from kurator_tui.kinds.estimates import FORECASTS, ForecastRow
from kurator_tui.link.metrics import PageMeta, Pages, PanelQuery

READ = ("fleets", "clusters")
SECONDS, POINTS = 3600.0, 60
"""The range of the trends, and how many values they are made of."""


class NoMetrics(ConsoleError):
    """Nothing answers: an empty table would look like clusters that use nothing."""

    title = "No metrics"


async def measured(options: Options) -> tuple[AnyKind, list[Row]]:
    """The kind with a column for each panel that can be measured, and its rows. Raises ConsoleError."""
    from kurator_tui.screens.metrics_feed import PanelFeed
    from kurator_tui.screens.metrics_lines import merged_missing
    from kurator_tui.screens.metrics_rows import MOST, PAGE, Measured, metrics_rows, overview_kind

    async with session(options, READ) as (opened, _notices, _complete):
        opened.subscribe(FORECASTS.id)
        pages = msgspec.json.decode(await opened.call("metrics_pages"), type=Pages)
        page = next((each for each in pages.pages if each.id == PAGE), PageMeta(PAGE, "Overview"))
        panels = [panel for panel in page.panels if panel.available][:MOST]
        if pages.error is not None or not panels:
            raise _nothing(pages)
        answered = asyncio.Event()
        feed = PanelFeed(opened, time.time, answered.set)
        feed.want({each.id: PanelQuery(PAGE, each.id, seconds=SECONDS, points=POINTS) for each in panels})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while not feed.complete:
                    await answered.wait()
                    answered.clear()
        missing = {**merged_missing(feed.readings()), **{each.cluster: each.reason for each in pages.missing}}
        answers = {each.id: data for each in panels if (data := feed.reading(each.id).data) is not None}
        failure = next((each.failure for each in feed.readings() if each.failure is not None), None)
        if not answers and failure is not None:
            raise NoMetrics(f"{failure.title}: {failure.message}", failure.hint)
        members = [row.name for row in opened.store.rows("clusters") if row.name != HOST]
        forecasts = [row for row in opened.store.rows(FORECASTS.id) if isinstance(row, ForecastRow)]
        feed.close()
    kind = overview_kind(panels, forecasts=any(row.hours is not None for row in forecasts))
    return kind, list(metrics_rows(Measured(panels, answers, members, missing, forecasts)))


def _nothing(pages: Pages) -> NoMetrics:
    if pages.error is not None:
        return NoMetrics(f"{pages.error.title}: {pages.error.message}", pages.error.hint)
    return NoMetrics("nothing that the overview shows is measured", "See: kurator-tui check")
