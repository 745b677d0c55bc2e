"""How a gate's query travels: through the member's API server, or to Thanos narrowed to the member."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from kurator_tui.api.connection import Response
from kurator_tui.errors import ConsoleError, Forbidden, UsageError
from kurator_tui.feeder.gates import gate_readings
from kurator_tui.fleet.hub import Hub
from kurator_tui.metrics.engine import DEPLOYMENTS
from kurator_tui.metrics.gates import Server, usual
from kurator_tui.store.store import Store
from tests.unit.fleet.thanoses import member, thanoses
from tests.unit.metrics.endpoint import FakeEndpoint, vector_of
from tests.unit.metrics.server import OK


class Stage:
    """A hub of one member whose API server notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.answers: dict[str, bytes | ConsoleError] = {}
        self.thanos = FakeEndpoint(query=vector_of(({}, 97)))
        self.derived = SimpleNamespace(reads=lambda _kind: True, touch=lambda _kind, _cluster: None, gates=None)
        self.hub = cast(
            Hub,
            SimpleNamespace(
                store=Store(),
                links={"a": SimpleNamespace(connection=self, failure=None)},
                thanos=thanoses(self.thanos, member("a")),
                derived=self.derived,
            ),
        )
        self.readings = gate_readings(self.hub)

    async def request(self, method: str, path: str, *, query: Any, timeout: float) -> Response:
        self.asked.append((f"{method} {path}", tuple(query)))
        answer = self.answers.get(path, OK)
        if isinstance(answer, ConsoleError):
            raise answer
        return Response(200, {}, answer)


async def test_the_members_prometheus_is_asked_through_its_api_server_by_get() -> None:
    stage = Stage()
    answer = await stage.readings._ask_member("a", Server("mon", "prom", "9091", "https", "/p"), "up")
    assert answer.samples[0].value == 3.0
    path = "/api/v1/namespaces/mon/services/https:prom:9091/proxy/p/api/v1/query"
    assert stage.asked == [(f"GET {path}", (("query", "up"),))]


async def test_where_flagger_itself_asks_is_found_out_once() -> None:
    stage = Stage()
    container = {"command": ["./flagger", "-metrics-server=http://flagger-prometheus:9090"]}
    flagger = {"metadata": {"namespace": "ingress"}, "spec": {"template": {"spec": {"containers": [container]}}}}
    stage.answers[DEPLOYMENTS] = msgspec.json.encode({"items": [flagger]})
    for _ in range(2):
        await stage.readings._ask_member("a", usual("nginx"), "up")
    path = "/api/v1/namespaces/ingress/services/http:flagger-prometheus:9090/proxy/api/v1/query"
    assert [asked for asked, _query in stage.asked] == [f"GET {DEPLOYMENTS}", f"GET {path}", f"GET {path}"]


async def test_a_flagger_that_asks_outside_of_its_cluster_is_not_asked_for_elsewhere() -> None:
    stage = Stage()
    container = {"args": ["-metrics-server=https://prometheus.example.com"]}
    flagger = {"metadata": {"namespace": "f"}, "spec": {"template": {"spec": {"containers": [container]}}}}
    stage.answers[DEPLOYMENTS] = msgspec.json.encode({"items": [flagger]})
    with pytest.raises(UsageError, match="no service of the member"):
        await stage.readings._ask_member("a", usual("istio"), "up")


async def test_a_flagger_that_may_not_be_read_asks_where_such_usually_ask() -> None:
    stage = Stage()
    stage.answers[DEPLOYMENTS] = Forbidden("you may not list deployments", code=403)
    await stage.readings._ask_member("a", usual("kuma"), "up")
    path = "/api/v1/namespaces/kuma-system/services/http:prometheus:9090/proxy/api/v1/query"
    assert stage.asked[-1][0] == f"GET {path}"


async def test_thanos_is_asked_about_that_member_only() -> None:
    stage = Stage()
    answer = await stage.readings._ask_thanos("a", 'sum(rate(x{n="1"}[1m]))')
    assert answer.samples[0].value == 97.0
    assert stage.thanos.queries("query") == ['sum(rate(x{cluster=~"a|a-attachedcluster",n="1"}[1m]))']


async def test_what_is_no_member_cannot_be_asked() -> None:
    stage = Stage()
    for asking in (stage.readings._ask_member("z", Server("a", "b"), "up"), stage.readings._ask_thanos("z", "up")):
        with pytest.raises(UsageError):
            await asking


def test_the_rollouts_of_the_hub_have_their_gates_from_here() -> None:
    stage = Stage()
    assert stage.derived.gates == stage.readings.of
