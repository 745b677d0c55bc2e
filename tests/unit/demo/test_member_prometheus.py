"""A member's own Prometheus: what Flagger sees, without external labels."""

import json
from typing import Any

import pytest
from multidict import MultiDict

from kurator_tui.demo.member_prometheus import MemberPrometheus
from kurator_tui.demo.series.estate import Metrics
from kurator_tui.demo.world.scenarios import apply, named
from kurator_tui.demo.world.world import World


@pytest.fixture(scope="module")
def prometheus() -> MemberPrometheus:
    world = World(2)
    metrics = Metrics(world)
    world.build({})
    apply(world, named("calm"))
    return MemberPrometheus(metrics, world.clock.wall)


def ask(prometheus: MemberPrometheus, path: str, **parameters: str) -> tuple[int, Any]:
    status, body, kind = prometheus.answer("prod-cloud", path, MultiDict(parameters))
    return status, json.loads(body) if kind == "application/json" else body


def test_it_knows_its_cluster_only_and_names_none(prometheus: MemberPrometheus) -> None:
    status, body = ask(prometheus, "/api/v1/query", query='count by (cluster, prometheus) (up{job="kubelet"})')
    assert (status, body["status"]) == (200, "success")
    (row,) = body["data"]["result"]
    assert (row["metric"], row["value"][1]) == ({}, "14")


def test_flaggers_own_query_has_an_answer(prometheus: MemberPrometheus) -> None:
    query = (
        'sum(rate(istio_requests_total{reporter="destination",destination_workload_namespace="webapp",'
        'destination_workload="cart",response_code!~"5.*"}[1m])) / sum(rate(istio_requests_total{'
        'reporter="destination",destination_workload_namespace="webapp",destination_workload="cart"}[1m])) * 100'
    )
    _, body = ask(prometheus, "/api/v1/query", query=query)
    assert 99 < float(body["data"]["result"][0]["value"][1]) <= 100
    _, body = ask(prometheus, "/api/v1/query", query=query.replace("cart", "nobody"))
    assert body["data"]["result"] == []


def test_errors_are_prometheus_own(prometheus: MemberPrometheus) -> None:
    status, body = ask(prometheus, "/api/v1/query", query="rate(up)")
    assert (status, body["errorType"]) == (400, "bad_data")
    assert ask(prometheus, "/api/v1/nope") == (404, b"404 page not found\n")
    assert ask(prometheus, "/-/ready") == (200, b"Prometheus Server is Ready.\n")
    assert ask(prometheus, "/api/v1/status/buildinfo")[1]["data"]["version"]
