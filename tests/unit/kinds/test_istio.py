"""Istio: how traffic is divided, who is let in, and what analysis found wrong."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds import istio
from kurator_tui.kinds.base import HEALTHY, Health, Level
from tests.unit.kinds.support import health, values

Obj = dict[str, Any]


def message(level: str | int) -> Obj:
    return {"level": level, "type": {"code": "IST0101", "name": "ReferencedResourceNotFound"}}


TOLD = "IST0101 ReferencedResourceNotFound"


@pytest.mark.parametrize(
    ("messages", "verdict"),
    [
        (None, HEALTHY),
        ([message("INFO")], HEALTHY),
        ([message("WARNING")], Health(Level.DEGRADED, TOLD)),
        ([message("WARNING"), message("ERROR")], Health(Level.FAILED, TOLD)),
        ([message(3)], Health(Level.FAILED, TOLD)),
    ],
)
def test_what_analysis_found_is_the_verdict(messages: Any, verdict: Health) -> None:
    for kind in istio.KINDS:
        assert health(kind, status={"validationMessages": messages}) == verdict


def test_what_is_still_being_spread_to_the_proxies_is_progressing() -> None:
    status = {"conditions": [{"type": "Reconciled", "status": "False", "reason": "StillPropagating"}]}
    assert health(istio.GATEWAY, status=status) == Health(Level.PROGRESSING, "StillPropagating")


def test_a_workload_entry_that_fails_its_probe_is_failed() -> None:
    status = {"conditions": [{"type": "Healthy", "status": "False", "message": "connection refused"}]}
    assert health(istio.WORKLOAD_ENTRY, status=status) == Health(Level.FAILED, "connection refused")


def test_a_virtual_service_shows_how_it_divides_traffic() -> None:
    def to(host: str, weight: int, **more: Any) -> Obj:
        return {"destination": {"host": host, **more}, "weight": weight}

    spec = {
        "hosts": ["shop.example.com"],
        "http": [
            {"route": [to("web-primary.shop.svc.cluster.local", 90), to("web-canary", 10)]},
            {"route": [to("reviews", 100, subset="v1"), to("reviews", 0, subset="v2")]},
            {"route": [to("plain", 100)]},
            {"redirect": {"uri": "/"}},
        ],
        "tcp": [{}],
    }
    assert values(istio.VIRTUAL_SERVICE, "gateways", "weights", "routes", spec=spec) == (
        "mesh",
        "web-primary 90, web-canary 10; reviews/v1 100, reviews/v2 0",
        5,
    )


def test_gateways_and_entries_show_hosts_and_ports() -> None:
    servers = [
        {"port": {"number": 443, "protocol": "HTTPS"}, "hosts": ["a"], "tls": {"mode": "SIMPLE"}},
        {"port": {"number": 80, "protocol": "HTTP"}, "hosts": ["a", "b"]},
    ]
    found = values(
        istio.GATEWAY, "hosts", "ports", "tls", "selector", spec={"servers": servers, "selector": {"k": "v"}}
    )
    assert found == ("a,b", "443/HTTPS,80/HTTP", "SIMPLE", "k=v")
    entry = {
        "hosts": ["db"],
        "ports": [{"number": 5432, "protocol": "TCP"}],
        "endpoints": [{"address": "10.0.0.1"}],
    }
    assert values(istio.SERVICE_ENTRY, "hosts", "ports", "endpoints", spec=entry) == ("db", "5432/TCP", 1)


def test_a_destination_rule_shows_subsets_and_when_it_ejects() -> None:
    spec = {
        "host": "web",
        "subsets": [{"name": "v1"}, {"name": "v2"}],
        "trafficPolicy": {"outlierDetection": {"consecutive5xxErrors": 5}, "tls": {"mode": "ISTIO_MUTUAL"}},
    }
    found = values(istio.DESTINATION_RULE, "host", "subsets", "tls", "ejects_after", spec=spec)
    assert found == ("web", "v1,v2", "ISTIO_MUTUAL", 5)


def test_policies_show_their_defaults() -> None:
    assert values(istio.AUTHORIZATION_POLICY, "action", "rules", spec={}) == ("ALLOW", 0)
    deny = {"action": "DENY", "rules": [{"from": [{"source": {"principals": ["a", "b"]}}]}]}
    found = values(istio.AUTHORIZATION_POLICY, "action", "rules", "principals", spec=deny)
    assert found == ("DENY", 1, "a,b")
    assert values(istio.PEER_AUTHENTICATION, "mode", spec={}) == ("UNSET",)
    strict = {"mtls": {"mode": "STRICT"}, "portLevelMtls": {"8080": {"mode": "DISABLE"}}}
    assert values(istio.PEER_AUTHENTICATION, "mode", "ports", spec=strict) == ("STRICT", "8080=DISABLE")


def test_a_sidecar_shows_what_its_pods_may_reach() -> None:
    spec = {"egress": [{"hosts": ["./*", "istio-system/*"]}], "outboundTrafficPolicy": {"mode": "REGISTRY_ONLY"}}
    assert values(istio.SIDECAR, "egress", "outbound", spec=spec) == ("./*,istio-system/*", "REGISTRY_ONLY")
