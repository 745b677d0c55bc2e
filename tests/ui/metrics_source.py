"""A source that answers pages of charts: what a feeder with a Thanos is to the metrics screens, without either."""

from __future__ import annotations

import asyncio
import math
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from kurator_tui.link.metrics import (
    Completion,
    Failure,
    Missing,
    PageMeta,
    Pages,
    PanelData,
    PanelMeta,
    PanelQuery,
    PanelSeries,
    decode_query,
    encode,
    packed,
)
from kurator_tui.link.streams import OnData, OnEnd
from tests.ui.estate import NOW, clusters
from tests.ui.source import FakeSource, FakeStream, live_host

THANOS = "default/default-thanos-query"
GONE = "edge-cold-chain"
"""A member whose sidecar is gone."""
NODE_EXPORTER = "no series of node-exporter: set Fleet spec.plugin.metric.prometheus.extraArgs"
STEP = 60.0


def wave(seed: int, count: int, low: float, high: float) -> array[float]:
    """A curve of `count` values between `low` and `high`, another one for each seed."""
    middle, reach = (low + high) / 2, (high - low) / 2
    values = (middle + reach * math.sin(at / (7 + seed % 5) + seed) for at in range(count))
    return array("d", values)


OVERVIEW = PageMeta(
    "overview",
    "Overview",
    (
        PanelMeta("cpu_ratio", "CPU of capacity", "ratio", warning=0.8, critical=0.95),
        PanelMeta("memory_ratio", "Memory of capacity", "ratio", warning=0.85, critical=0.95),
        PanelMeta("pods", "Pods running", "count"),
        PanelMeta("restarts", "Restarts in 1 h", "count", warning=5, critical=50),
        PanelMeta("api_errors", "API errors", "1/s", warning=0.5, critical=5),
        PanelMeta("api_p99", "API p99", "seconds", warning=1, critical=5),
        PanelMeta("disk", "Fullest disk", "ratio", available=False, hint=NODE_EXPORTER),
    ),
)
CLUSTER = PageMeta(
    "cluster",
    "Cluster",
    (
        PanelMeta("load", "Load", "count", available=False, hint=NODE_EXPORTER),
        PanelMeta("cpu", "CPU used", "cores"),
        PanelMeta("memory", "Memory used", "bytes"),
        PanelMeta("success", "Success rate", "percent", warning=99, critical=95, below=True),
        PanelMeta("namespaces", "CPU by namespace", "cores", by=("cluster", "namespace")),
        PanelMeta("network", "Network received", "bytes/s"),
    ),
    ("cluster",),
)
WORKLOAD = PageMeta("workload", "Workload", (PanelMeta("cpu", "CPU used", "cores"),), ("namespace", "workload"))
MANY = PageMeta("many", "Many", tuple(PanelMeta(f"p{at}", f"Panel {at}", "count") for at in range(20)))
RANGES = {"ratio": (0.2, 0.6), "percent": (97.0, 100.0), "bytes": (2**30, 2**33), "seconds": (0.1, 0.4)}


@dataclass
class MetricsSource(FakeSource):
    """Streams named `panel` are answered at once by `answer_of`; calls by what a test put into `answers`."""

    told: Callable[[PanelQuery], PanelData] | None = None
    metas: dict[tuple[str, str], PanelMeta] = field(default_factory=dict)
    clock: Callable[[], float] = lambda: NOW

    def serve(self, *pages: PageMeta, error: Failure | None = None) -> None:
        """There are these pages."""
        self.metas = {(page.id, panel.id): panel for page in pages for panel in page.panels}
        missing = (Missing(GONE, "no sidecar tells of it"),)
        answer = Pages(pages, source=THANOS, missing=missing, error=error)
        self.answers[("metrics_pages", "", "")] = msgspec.json.encode(answer).decode()

    def completes(self, completion: Completion) -> None:
        """Any query is completed so."""
        self.answers[("metrics_names", "", "")] = msgspec.json.encode(completion).decode()

    def open_stream(
        self, method: str, arguments: dict[str, str], on_data: OnData, on_end: OnEnd, worker: Any = None
    ) -> FakeStream:
        stream = super().open_stream(method, arguments, on_data, on_end, worker)
        asyncio.get_running_loop().call_soon(self.tell_panel, stream)
        return stream

    def tell_panel(self, stream: FakeStream) -> None:
        """Answer a stream (again)."""
        if stream.closed:
            return
        query = decode_query(stream.arguments["query"])
        for message in encode((self.told or self.answer_of)(query)):
            stream.flow(message)

    def tell_again(self) -> None:
        """Every open panel is answered again."""
        for stream in list(self.panels()):
            self.tell_panel(stream)

    def panels(self) -> list[FakeStream]:
        """Streams that are open."""
        return [stream for stream in self.streams if stream.method == "panel" and not stream.closed]

    def asked(self) -> list[PanelQuery]:
        """What they ask."""
        return [decode_query(stream.arguments["query"]) for stream in self.panels()]

    def answer_of(self, query: PanelQuery) -> PanelData:
        """A curve for each member, or for each of three namespaces of it."""
        meta = self.metas.get((query.page, query.panel), PanelMeta("query", "Query"))
        names = [name for name in members() if name != GONE and name in (query.clusters or members())]
        low, high = RANGES.get(meta.unit, (0.0, 10.0))
        end = (query.end or self.clock()) // STEP * STEP
        count = int(query.seconds / STEP) + 1
        spaces = ("shop", "kube-system", "pay") if "namespace" in meta.by else ("",)
        series = [
            PanelSeries(
                (("cluster", name), *((("namespace", space),) if space else ())),
                packed(wave(at * 3 + sub + len(meta.id), count, low, high * (1 + at / 4))),
            )
            for at, name in enumerate(names)
            for sub, space in enumerate(spaces)
        ]
        return PanelData(
            end - (count - 1) * STEP,
            STEP,
            count,
            tuple(series),
            len(series),
            missing=(Missing(GONE, "no sidecar tells of it"),),
            source=THANOS,
            variant="cadvisor",
            query=query.promql or f"sum by (cluster) ({query.page}_{query.panel})",
            at=self.clock(),
        )


def members() -> Sequence[str]:
    """The members of the estate."""
    return [row.name for row in clusters() if row.name != "host"]


def measured() -> MetricsSource:
    """The estate with a Thanos."""
    source = MetricsSource()
    live_host(source)
    source.put(*clusters())
    source.serve(OVERVIEW, CLUSTER, WORKLOAD, MANY)
    return source
