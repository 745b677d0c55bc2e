"""What Thanos counts of workloads in a mesh, as rows: one query a number for all clusters."""

from __future__ import annotations

from typing import Any

import promql_parser
import pytest

from kurator_tui.fleet.traffic_numbers import QUERIES, traffic_rows
from kurator_tui.kinds.base import Row
from kurator_tui.kinds.traffic import TrafficNumberRow
from tests.unit.fleet.thanoses import probed, thanoses
from tests.unit.metrics.endpoint import FakeEndpoint, vector_of

Samples = dict[str, list[tuple[str, str, float | str]]]


def answering(samples: Samples, *capabilities: str) -> FakeEndpoint:
    """A Thanos with these (cluster, workload, value) by the number that is asked."""

    def answer(given: dict[str, str]) -> dict[str, Any]:
        number = next((name for name, query in QUERIES.items() if query == given["query"]), "")
        if not number:
            return probed(*(capabilities or ("istio",)))
        return vector_of(
            *(
                (
                    {
                        "cluster": cluster,
                        "destination_workload_namespace": "shop",
                        "destination_workload": name,
                    },
                    value,
                )
                for cluster, name, value in samples.get(number, [])
            )
        )

    return FakeEndpoint(query=answer)


async def rows(samples: Samples, *capabilities: str) -> tuple[list[Row], list[str]]:
    """Rows, and what was asked for them."""
    asked = answering(samples, *capabilities)
    found = await traffic_rows(thanoses(asked), "default")
    return found, [query for query in asked.queries("query") if query in QUERIES.values()]


async def test_one_query_a_number_makes_a_row_a_workload_of_all_clusters() -> None:
    found, asked = await rows(
        {
            "rate": [("a", "web", 20.04), ("b", "web", 2.0)],
            "good": [("a", "web", 19.04), ("b", "web", 2.0)],
            "p99": [("a", "web", 243.7)],
        }
    )
    assert sorted(asked) == sorted(QUERIES.values())
    for query in asked:
        promql_parser.parse(query)
    assert found == [
        TrafficNumberRow("a", "shop", "web", "shop/web", 0.0, 20.0, 95.0, 240.0),
        TrafficNumberRow("b", "shop", "web", "shop/web", 0.0, 2.0, 100.0, None),
    ]


async def test_nothing_is_asked_where_nobody_scrapes_istio() -> None:
    assert await rows({"rate": [("a", "web", 1.0)]}, "kubelet") == ([], [])


@pytest.mark.parametrize("value", ["NaN", "+Inf", 0.0])
async def test_workloads_without_requests_and_strangers_are_no_rows(value: float | str) -> None:
    found, _asked = await rows({"rate": [("a", "web", value), ("elsewhere", "web", 1.0)]})
    assert found == []
