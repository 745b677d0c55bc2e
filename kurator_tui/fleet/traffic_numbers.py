"""Rows of `trafficnumbers`: what Istio's proxies counted of each workload, one query a number for all clusters."""

from __future__ import annotations

import asyncio
import math
from typing import Any

from kurator_tui.fleet.thanos import Thanoses
from kurator_tui.kinds.base import Row
from kurator_tui.kinds.traffic import TrafficNumberRow

_BY = "cluster, destination_workload_namespace, destination_workload"
_ALL = 'istio_requests_total{reporter="destination"}[5m]'
_GOOD = 'istio_requests_total{reporter="destination",response_code!~"5.."}[5m]'
_BUCKETS = 'istio_request_duration_milliseconds_bucket{reporter="destination"}[5m]'
QUERIES = {
    "rate": f"sum by ({_BY}) (rate({_ALL}))",
    "good": f"sum by ({_BY}) (rate({_GOOD}))",
    "p99": f"histogram_quantile(0.99, sum by ({_BY}, le) (rate({_BUCKETS})))",
}
"""By what each tells."""


async def traffic_rows(thanoses: Thanoses, place: str) -> list[Row]:
    """One row a workload that had requests; none where nobody scrapes Istio. Raises ConsoleError."""
    facts = await thanoses.facts(place)
    if not facts.capabilities.has(("istio",)):
        return []
    metrics, owners = thanoses.at(place), thanoses.owners(place)
    answers = await asyncio.gather(*(metrics.query(query) for query in QUERIES.values()))
    found: dict[tuple[str, str, str], dict[str, float]] = {}
    for name, answer in zip(QUERIES, answers, strict=True):
        for sample in answer.samples:
            its = sample.labels
            cluster = owners.names.get(its.get("cluster", ""))
            if cluster is not None and math.isfinite(sample.value):
                key = (cluster, its.get("destination_workload_namespace", ""), its.get("destination_workload", ""))
                found.setdefault(key, {})[name] = sample.value
    return [_row(*key, numbers) for key, numbers in found.items() if numbers.get("rate")]


def _row(cluster: str, namespace: str, workload: str, numbers: dict[str, Any]) -> TrafficNumberRow:
    """Rounded to what people read: a number that hardly moves is the same row."""
    rate = numbers["rate"]
    return TrafficNumberRow(
        cluster,
        namespace,
        workload,
        f"{namespace}/{workload}",
        0.0,
        float(f"{rate:.2g}"),
        round(min(100.0, 100 * numbers.get("good", 0.0) / rate), 1),
        float(f"{numbers['p99']:.2g}") if "p99" in numbers else None,
    )
