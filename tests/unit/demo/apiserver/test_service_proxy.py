"""Requests that a server hands over to what runs behind a Service."""

import asyncio
import json
import threading
from collections.abc import Callable

import pytest
from multidict import MultiMapping

from kurator_tui.demo.apiserver import errors
from kurator_tui.demo.apiserver.auth import ADMIN, Authenticator
from kurator_tui.demo.apiserver.dispatch import Dispatcher, Reply, Request
from kurator_tui.demo.apiserver.serviceproxy import Told
from kurator_tui.demo.world.world import World
from tests.unit.demo.apiserver.serving import serving

PATH = "/api/v1/namespaces/istio-system/services/{name}/proxy/api/v1/query"


def echo(path: str, parameters: MultiMapping[str]) -> tuple[int, bytes, str]:
    return 200, f"{path} {parameters.get('query')}".encode(), "text/plain"


@pytest.fixture
def server() -> Dispatcher:
    world = World(1)
    world.build({})
    found = Dispatcher(world.clusters["prod-cloud"].storage, Authenticator({"a": ADMIN}))
    found.proxy.add("istio-system", "prometheus", 9090, echo)
    return found


def ask(server: Dispatcher, name: str, method: str = "GET") -> Reply:
    headers = {"Authorization": "Bearer a"}
    reply = server.handle(Request(method, PATH.format(name=name), {"query": "up"}, headers))
    assert isinstance(reply, Reply)
    return reply


@pytest.mark.parametrize("name", ["prometheus", "prometheus:9090", "prometheus:http", "http:prometheus:9090"])
def test_a_service_is_reached_by_each_of_its_addresses(server: Dispatcher, name: str) -> None:
    assert ask(server, name) == Reply(200, b"/api/v1/query up", "text/plain")


@pytest.mark.parametrize("name", ["http:prometheus:9091", "http:istiod:8080"])
def test_another_port_or_service_has_no_endpoints(server: Dispatcher, name: str) -> None:
    with pytest.raises(errors.StatusError) as caught:
        ask(server, name)
    assert caught.value.code == 503
    assert "no endpoints available for service" in json.dumps(caught.value.body())


def test_a_service_that_is_not_there_is_not_found(server: Dispatcher) -> None:
    with pytest.raises(errors.StatusError) as caught:
        ask(server, "http:nothing:9090")
    assert caught.value.code == 404


async def test_others_are_answered_while_a_backend_computes() -> None:
    done = threading.Event()

    def slow(_path: str, _parameters: MultiMapping[str]) -> Callable[[], Told]:
        def make() -> Told:
            assert done.wait(60)
            return 200, b"at last", "text/plain"

        return make

    async with serving() as api:
        api.add(
            "services", {"metadata": {"name": "thanos", "namespace": "d"}, "spec": {"ports": [{"port": 9090}]}}
        )
        api.server.proxy.add("d", "thanos", 9090, slow)
        async with asyncio.TaskGroup() as both:
            asked = both.create_task(api.call("GET", "/api/v1/namespaces/d/services/thanos:9090/proxy/query"))
            assert (await api.call("GET", "/version"))[0] == 200
            assert not asked.done()
            done.set()
        assert asked.result() == (200, "at last")
