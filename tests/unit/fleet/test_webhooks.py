"""Where the webhook of a pipeline listens: what is reached from the farthest comes first."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.networking import INGRESS
from kurator_tui.kinds.tekton import EVENT_LISTENER
from kurator_tui.store.freshness import State
from tests.unit.fleet.pipeline_objects import Host
from tests.unit.fleet.rollout_objects import meta


@pytest.fixture
def host() -> Host:
    return Host()


def ingress(host: Host, *, tls: bool = False, version: str = "v1", path: str = "/web") -> None:
    service = "el-web-listener"
    backend = {"service": {"name": service}} if version == "v1" else {"serviceName": service}
    rule = {"host": "hooks.example", "http": {"paths": [{"path": path, "backend": backend}]}}
    spec = {"rules": [rule]} | ({"tls": [{"secretName": "hooks-tls"}]} if tls else {})
    host.put(INGRESS, {"metadata": meta("hooks"), "spec": spec})


def test_without_a_service_that_is_seen_the_listener_names_its_own_address(host: Host) -> None:
    assert host.row().address == "http://el-web-listener.shop.svc.cluster.local:8080 (inside the cluster)"


def test_a_service_inside_the_cluster_says_that_it_is(host: Host) -> None:
    host.service()
    assert host.row().address == "http://el-web-listener.shop.svc:8080 (inside the cluster)"


def test_a_node_port_and_a_load_balancer_are_reached_from_outside(host: Host) -> None:
    host.service("NodePort")
    assert host.row().address == "port 30080 of any node"
    host.service("LoadBalancer", loadBalancer={"ingress": [{"ip": "192.0.2.7"}]})
    assert host.row().address == "http://192.0.2.7:8080"
    host.service("LoadBalancer")
    assert host.row().address == "waits for an address of the load balancer"


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_an_ingress_goes_before_its_service(host: Host, version: str) -> None:
    host.service("NodePort")
    ingress(host, version=version)
    assert host.row().address == "http://hooks.example/web"
    ingress(host, version=version, tls=True, path="/")
    assert host.row().address == "https://hooks.example"


def test_without_tekton_triggers_nothing_listens(host: Host) -> None:
    host.delete(EVENT_LISTENER, "web-listener")
    host.state(EVENT_LISTENER, State.ABSENT)
    assert host.row().address == "none: Tekton Triggers is not installed"


def test_where_listeners_may_not_be_read_nothing_is_said_to_be_missing(host: Host) -> None:
    host.delete(EVENT_LISTENER, "web-listener")
    host.state(EVENT_LISTENER, State.FORBIDDEN)
    assert (host.row().address, host.row().reason) == ("", "")
