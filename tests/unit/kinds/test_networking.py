"""Services and what leads to them, printed as kubectl does."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import HEALTHY, Health, Level
from kurator_tui.kinds.networking import ENDPOINT_SLICE, ENDPOINTS, INGRESS, INGRESS_CLASS, NETWORK_POLICY, SERVICE
from tests.unit.kinds.support import health, meta, values


def balanced(*ingress: dict[str, str]) -> dict[str, Any]:
    return {"loadBalancer": {"ingress": list(ingress)}}


@pytest.mark.parametrize(
    ("spec", "status", "external"),
    [
        ({"type": "ClusterIP"}, {}, ""),
        ({"type": "ClusterIP", "externalIPs": ["1.2.3.4"]}, {}, "1.2.3.4"),
        ({"type": "LoadBalancer"}, {}, "<pending>"),
        ({"type": "LoadBalancer"}, balanced({"ip": "5.6.7.8"}, {"hostname": "lb"}), "5.6.7.8,lb"),
        ({"type": "ExternalName", "externalName": "db.example.com"}, {}, "db.example.com"),
    ],
)
def test_where_a_service_is_from_outside(spec: Any, status: Any, external: str) -> None:
    assert values(SERVICE, "external", spec=spec, status=status) == (external,)


def test_a_service_waits_for_its_load_balancer() -> None:
    spec = {"type": "LoadBalancer", "ports": [{"port": 80, "nodePort": 30080}, {"port": 53, "protocol": "UDP"}]}
    assert health(SERVICE, spec=spec) == Health(Level.PROGRESSING, "no address from the load balancer yet")
    assert health(SERVICE, spec=spec, status=balanced({"ip": "5.6.7.8"})) == HEALTHY
    assert values(SERVICE, "ports", spec=spec) == ("80:30080/TCP,53/UDP",)


def test_endpoints_are_counted_as_ready_or_not() -> None:
    subsets = [
        {"addresses": [{"ip": "10.0.0.1"}], "notReadyAddresses": [{"ip": "10.0.0.2"}], "ports": [{"port": 80}]}
    ]
    assert values(ENDPOINTS, "endpoints", "ready", "not_ready", subsets=subsets) == ("10.0.0.1:80", 1, 1)
    slices = [
        {"addresses": ["10.0.0.1"], "conditions": {"ready": True}},
        {"addresses": ["10.0.0.2"], "conditions": {"ready": False}},
        {"addresses": ["10.0.0.3"], "conditions": {}},
    ]
    labels = {"kubernetes.io/service-name": "web"}
    found = values(
        ENDPOINT_SLICE,
        "service",
        "ports",
        "ready",
        metadata=meta(labels=labels),
        endpoints=slices,
        ports=[{"port": 80}],
    )
    assert found == ("web", "80", 2)


def test_an_ingress_of_either_version_shows_hosts_and_services() -> None:
    def rule(backend: dict[str, Any], **more: str) -> dict[str, Any]:
        return {"http": {"paths": [{"backend": backend}]}} | more

    keys = ("class", "hosts", "address", "services")
    new = {"ingressClassName": "nginx", "rules": [rule({"service": {"name": "web"}}, host="shop")]}
    assert values(INGRESS, *keys, spec=new, status=balanced({"ip": "1.1.1.1"})) == (
        "nginx",
        "shop",
        "1.1.1.1",
        "web",
    )
    old = {"rules": [rule({"serviceName": "web", "servicePort": 80})]}
    annotated = meta(annotations={"kubernetes.io/ingress.class": "traefik"})
    assert values(INGRESS, *keys, metadata=annotated, spec=old) == ("traefik", "*", "", "web")


def test_classes_and_policies() -> None:
    default = meta(annotations={"ingressclass.kubernetes.io/is-default-class": "true"})
    found = values(INGRESS_CLASS, "controller", "default", metadata=default, spec={"controller": "k8s.io/nginx"})
    assert found == ("k8s.io/nginx", "true")
    spec = {"podSelector": {"matchLabels": {"app": "db"}}, "policyTypes": ["Ingress"], "ingress": [{}, {}]}
    assert values(NETWORK_POLICY, "selector", "types", "ingress", spec=spec) == ("app=db", "Ingress", 2)
