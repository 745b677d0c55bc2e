"""What lets a host of a mesh in: gateways, and the TLS between its services."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import Level
from tests.unit.fleet.mesh_objects import Members

# -- gateways ---------------------------------------------------------------------------------------------------


def door(mesh: Members, *hosts: str, pods: bool = True, **spec: Any) -> None:
    """A Gateway, its pods and their load balancer; `web` behind it."""
    mesh.service("gateway", "istio-system", type="LoadBalancer", **spec)
    if pods:
        mesh.pods("gateway", "gateway", namespace="istio-system")
    mesh.gateway("public", *hosts)
    mesh.routes("web", hosts=["shop.example"], gateways=["istio-system/public"])


def test_a_gateway_shows_its_ports_and_the_address_of_its_load_balancer(mesh: Members) -> None:
    door(mesh, "shop.example", status={"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}})
    row = mesh.line("gateway istio-system/public", "shop.example")
    assert (row.takes, row.address, row.endpoints, row.level) == ("443/HTTPS", "203.0.113.7", 2, Level.HEALTHY)
    assert (mesh.host("shop.example").address, mesh.host("shop.example").gateways) == ("203.0.113.7", "public")


def test_a_gateway_without_an_address_yet_is_progressing(mesh: Members) -> None:
    door(mesh, "*")
    assert mesh.host("shop.example").reason == "no address from the load balancer yet"
    assert mesh.host("shop.example").level == Level.PROGRESSING


def test_a_gateway_whose_selector_selects_no_pods_is_failed(mesh: Members) -> None:
    door(mesh, "*", pods=False)
    assert mesh.host("shop.example").reason == "no pods have the labels of its selector: app=gateway"


def test_a_gateway_that_does_not_exist_is_told(mesh: Members) -> None:
    mesh.routes("web", gateways=["public"])
    assert (mesh.host().level, mesh.host().reason) == (Level.FAILED, "gateway shop/public does not exist")
    mesh.routes("web", gateways=["public", "mesh"])
    assert mesh.host().level == Level.DEGRADED


@pytest.mark.parametrize("pattern", ["other.example", "team/shop.example", "./shop.example"])
def test_a_gateway_that_does_not_take_the_host_is_told(mesh: Members, pattern: str) -> None:
    door(mesh, pattern)
    assert (
        "none of its servers takes the host shop.example"
        in mesh.line("gateway istio-system/public", "shop.example").reason
    )


@pytest.mark.parametrize("pattern", ["*", "*.example", "shop.example", "shop/shop.example", "*/*.example"])
def test_a_gateway_takes_a_host_by_its_patterns(mesh: Members, pattern: str) -> None:
    door(mesh, pattern, status={"loadBalancer": {"ingress": [{"hostname": "lb.example"}]}})
    assert mesh.host("shop.example").level == Level.HEALTHY


def test_a_host_of_the_mesh_that_only_another_host_of_its_route_is_let_in_for_is_no_fault(mesh: Members) -> None:
    door(mesh, "shop.example", status={"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}})
    mesh.routes("web", hosts=["web", "shop.example"], gateways=["istio-system/public", "mesh"])
    assert (mesh.host().level, mesh.host().address) == (Level.HEALTHY, "")
    assert mesh.host("shop.example").address == "203.0.113.7"


def test_a_host_that_a_gateway_lets_in_and_nobody_routes_is_told(mesh: Members) -> None:
    mesh.service("gateway", "istio-system")
    mesh.pods("gateway", "gateway", namespace="istio-system")
    mesh.gateway("public", "old.example")
    assert mesh.host("old.example").reason == "no VirtualService takes what the gateway lets in: it answers 404"


# -- mTLS -------------------------------------------------------------------------------------------------------


def test_the_narrowest_mode_of_mtls_counts(mesh: Members) -> None:
    mesh.routes("web")
    assert mesh.host().mtls == "PERMISSIVE"
    mesh.mtls("STRICT")
    assert mesh.host().mtls == "STRICT"
    mesh.mtls("PERMISSIVE", "shop")
    assert mesh.host().mtls == "PERMISSIVE"
    mesh.mtls("DISABLE", "shop", "web", selector={"matchLabels": {"app": "web"}})
    assert mesh.host().mtls == "DISABLE"


def test_a_mode_that_is_unset_inherits(mesh: Members) -> None:
    mesh.routes("web")
    mesh.mtls("STRICT")
    mesh.mtls("UNSET", "shop")
    assert mesh.host().mtls == "STRICT"


def test_a_port_may_have_a_mode_of_its_own(mesh: Members) -> None:
    mesh.routes("web")
    its = {"selector": {"matchLabels": {"app": "web"}}, "portLevelMtls": {"8080": {"mode": "DISABLE"}}}
    mesh.mtls("STRICT", "shop", "web", **its)
    assert mesh.host().mtls == "DISABLE"


@pytest.mark.parametrize(
    ("server", "client", "reason"),
    [
        (
            "STRICT",
            "DISABLE",
            "STRICT, but DestinationRule shop/web sets DISABLE: refused",
        ),
        (
            "DISABLE",
            "ISTIO_MUTUAL",
            "DISABLE, but DestinationRule shop/web sets ISTIO_MUTUAL: refused",
        ),
        ("STRICT", "ISTIO_MUTUAL", ""),
        ("PERMISSIVE", "DISABLE", ""),
    ],
)
def test_clients_that_speak_another_tls_than_their_servers_are_told(
    mesh: Members, server: str, client: str, reason: str
) -> None:
    mesh.mtls(server)
    mesh.rule("web", tls=client)
    mesh.routes("web")
    assert mesh.host().reason == reason
    assert mesh.host().level == (Level.FAILED if reason else Level.HEALTHY)
