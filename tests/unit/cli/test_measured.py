"""`get metrics`: a row a cluster, or why there is none."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from kurator_tui.cli import measured
from kurator_tui.cli.get import _printed
from kurator_tui.cli.measured import NoMetrics
from kurator_tui.cli.options import Options
from kurator_tui.link.metrics import Failure, PageMeta, PanelData
from tests.ui.metrics_source import GONE, OVERVIEW, MetricsSource
from tests.ui.metrics_source import measured as estate


@pytest.fixture
def thanos(monkeypatch: pytest.MonkeyPatch) -> MetricsSource:
    """A session of a feeder with a Thanos."""
    made = estate()

    @asynccontextmanager
    async def session(*_asked: Any) -> AsyncIterator[tuple[MetricsSource, list[Any], bool]]:
        yield made, [], True

    monkeypatch.setattr(measured, "session", session)
    return made


async def test_each_member_has_a_row_with_its_newest_values(thanos: MetricsSource) -> None:
    kind, rows = await measured.measured(Options())
    items = {item["cluster"]: item for item in json.loads(_printed(kind, rows, "json", None, wide=False))["items"]}
    assert 0.2 <= items["prod-cloud"]["cpu_ratio"] <= 1.0
    assert "disk" not in items["prod-cloud"]  # nothing measures it
    assert (items[GONE]["health"], items[GONE]["reason"]) == ("unknown", "no sidecar tells of it")
    assert not thanos.panels()


async def test_without_a_thanos_there_is_no_empty_table(thanos: MetricsSource) -> None:
    thanos.serve(OVERVIEW, error=Failure("Not installed", "no Thanos on the host", "Turn on the metric plugin."))
    with pytest.raises(NoMetrics, match="Not installed: no Thanos on the host") as caught:
        await measured.measured(Options())
    assert caught.value.hint == "Turn on the metric plugin."


async def test_panels_that_all_fail_are_told(thanos: MetricsSource) -> None:
    thanos.told = lambda _query: PanelData(error=Failure("Timeout", "no answer in 10 s"))
    with pytest.raises(NoMetrics, match="Timeout: no answer in 10 s"):
        await measured.measured(Options())


async def test_a_page_that_nothing_measures_says_so(thanos: MetricsSource) -> None:
    thanos.serve(PageMeta("overview", "Overview"))
    with pytest.raises(NoMetrics, match="nothing that the overview shows is measured"):
        await measured.measured(Options())
