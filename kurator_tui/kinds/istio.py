"""Istio: traffic routes, policies of destinations, gateways, services outside, who may call whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kurator_tui.kinds import istio_parts
from kurator_tui.kinds.base import HEALTHY, Format, Health, Level
from kurator_tui.kinds.judge import conditions, judge, worst
from kurator_tui.kinds.table import Part, cell, table

NETWORKING = "networking.istio.io"
SECURITY = "security.istio.io"

_TRAFFIC = ("v1", "v1beta1", "v1alpha3")
_ACCESS = ("v1", "v1beta1")
_LEVELS = {"ERROR": Level.FAILED, 3: Level.FAILED, "WARNING": Level.DEGRADED, 8: Level.DEGRADED}
"""Levels of the messages of Istio's analysis, by name and by number."""


def _message(found: Mapping[str, Any]) -> str:
    kind = found.get("type") or {}
    words = (kind.get("code"), kind.get("name"), found.get("message"))
    return " ".join(str(word) for word in words if word)


@judge(
    "status.validationMessages[*]",
    says="`status.validationMessages`, where analysis writes them: ERROR is failed, WARNING is degraded",
)
def _valid(messages: Any) -> Health:
    for level in (Level.FAILED, Level.DEGRADED):
        found = [each for each in messages or () if _LEVELS.get(each.get("level")) is level]
        if found:
            return Health(level, "; ".join(_message(each) or level for each in found[:3]))
    return HEALTHY


_APPLIED = worst(
    _valid,
    conditions("Reconciled", waiting=("StillPropagating", "Reconciling"), none=HEALTHY),
)


def _distinct(words: Iterable[Any]) -> str:
    return ",".join(dict.fromkeys(str(word) for word in words))


def _destination(route: Mapping[str, Any]) -> str:
    its = route.get("destination") or {}
    host = str(its.get("host", "")).split(".")[0]
    return f"{host}/{its['subset']}" if its.get("subset") else host


def _weights(routes: Any) -> str:
    """`web-primary 90, web-canary 10` of each route that divides its traffic."""
    split = [each for each in routes or () if isinstance(each, list) and len(each) > 1]
    return "; ".join(", ".join(f"{_destination(one)} {one.get('weight', 0)}" for one in each) for each in split)


def _routes(routes: Any) -> list[dict[str, Any]]:
    """Of each HTTP route whether it has conditions, its (host, weight)s, and whether it mirrors."""
    return [
        {
            "match": bool(each.get("match")),
            "to": [
                ((one.get("destination") or {}).get("host"), one.get("weight")) for one in each.get("route") or ()
            ],
            "mirror": bool(each.get("mirror")),
        }
        for each in routes or ()
        if isinstance(each, Mapping)
    ]


_SELECTOR = cell("selector", "spec.selector.matchLabels", width=50)
_EXPORT = cell("export_to", "spec.exportTo", wide=True)

VIRTUAL_SERVICE = table(
    f"virtualservices.{NETWORKING}",
    "VirtualService",
    _TRAFFIC,
    cell("gateways", "spec.gateways", read=lambda found: ",".join(found) if found else "mesh", width=40),
    cell("hosts", "spec.hosts", width=50),
    cell("weights", "spec.http[*].route", read=_weights, width=50, priority=2),
    cell(
        "routes",
        "spec.http",
        "spec.tls",
        "spec.tcp",
        read=lambda *kinds: sum(len(each or ()) for each in kinds),
        format=Format.COUNT,
    ),
    cell("mirror", "spec.http[*].mirror.host", wide=True),
    _EXPORT,
    health=_APPLIED,
    short_names=("vs",),
    parts={
        "routes": Part(("spec.http",), _routes),
        "says": Part(
            ("spec.hosts", "spec.gateways", "spec.exportTo", "spec.http", "spec.tls", "spec.tcp"),
            istio_parts.routes,
        ),
    },
)

DESTINATION_RULE = table(
    f"destinationrules.{NETWORKING}",
    "DestinationRule",
    _TRAFFIC,
    cell("host", "spec.host", width=50),
    cell("subsets", "spec.subsets[*].name", width=40),
    cell("balancer", "spec.trafficPolicy.loadBalancer.simple"),
    cell("tls", "spec.trafficPolicy.tls.mode"),
    cell(
        "ejects_after",
        "spec.trafficPolicy.outlierDetection.consecutive5xxErrors",
        "spec.trafficPolicy.outlierDetection.consecutiveGatewayErrors",
        "spec.trafficPolicy.outlierDetection.consecutiveErrors",
        format=Format.COUNT,
        title="EJECTS AFTER",
        priority=5,
    ),
    _EXPORT,
    health=_APPLIED,
    short_names=("dr",),
    parts={"says": Part(("spec.host", "spec.trafficPolicy.tls.mode", "spec.subsets"), istio_parts.rule)},
)


def _port(port: Mapping[str, Any]) -> str:
    return f"{port.get('number', '')}/{port.get('protocol', '')}"


def _ports(ports: Any) -> str:
    return _distinct(_port(port) for port in ports)


GATEWAY = table(
    f"gateways.{NETWORKING}",
    "Gateway",
    _TRAFFIC,
    cell("hosts", "spec.servers[*].hosts[*]", read=_distinct, width=50),
    cell("ports", "spec.servers[*].port", read=_ports),
    cell("tls", "spec.servers[*].tls.mode", read=_distinct),
    cell("certificates", "spec.servers[*].tls.credentialName", read=_distinct, priority=5),
    cell("selector", "spec.selector", width=50),
    health=_APPLIED,
    short_names=("gw",),
    parts={"says": Part(("spec.selector", "spec.servers"), istio_parts.entrance)},
)

SERVICE_ENTRY = table(
    f"serviceentries.{NETWORKING}",
    "ServiceEntry",
    _TRAFFIC,
    cell("hosts", "spec.hosts", width=50),
    cell("location", "spec.location"),
    cell("resolution", "spec.resolution"),
    cell("ports", "spec.ports[*]", read=_ports),
    cell("addresses", "spec.addresses", "status.addresses[*].value", width=40, priority=5),
    cell("endpoints", "spec.endpoints[*].address", format=Format.COUNT),
    cell("workloads", "spec.workloadSelector.labels", width=40, wide=True),
    _EXPORT,
    health=_APPLIED,
    short_names=("se",),
    parts={"hosts": "spec.hosts"},
)

WORKLOAD_ENTRY = table(
    f"workloadentries.{NETWORKING}",
    "WorkloadEntry",
    _TRAFFIC,
    cell("address", "spec.address"),
    cell("network", "spec.network"),
    cell("locality", "spec.locality", priority=5),
    cell("weight", "spec.weight", format=Format.COUNT, priority=5),
    cell("account", "spec.serviceAccount", title="SERVICE ACCOUNT"),
    cell("ports", "spec.ports", wide=True),
    health=worst(_valid, conditions("Healthy", none=HEALTHY)),
    short_names=("we",),
)

SIDECAR = table(
    f"sidecars.{NETWORKING}",
    "Sidecar",
    _TRAFFIC,
    cell("selector", "spec.workloadSelector.labels", width=50),
    cell("egress", "spec.egress[*].hosts[*]", read=_distinct, width=60),
    cell("ingress", "spec.ingress[*].port", read=_ports),
    cell("outbound", "spec.outboundTrafficPolicy.mode"),
    health=_APPLIED,
)

AUTHORIZATION_POLICY = table(
    f"authorizationpolicies.{SECURITY}",
    "AuthorizationPolicy",
    _ACCESS,
    cell("action", "spec.action", read=lambda action: action or "ALLOW", priority=2),
    cell("rules", "spec.rules", read=lambda rules: len(rules or ()), format=Format.COUNT, priority=2),
    _SELECTOR,
    cell("principals", "spec.rules[*].from[*].source.principals[*]", read=_distinct, width=50, priority=5),
    cell("paths", "spec.rules[*].to[*].operation.paths[*]", read=_distinct, width=40, priority=5),
    cell("targets", "spec.targetRefs[*].name", "spec.targetRef.name", wide=True),
    cell("provider", "spec.provider.name", wide=True),
    health=_APPLIED,
    short_names=("ap",),
)

PEER_AUTHENTICATION = table(
    f"peerauthentications.{SECURITY}",
    "PeerAuthentication",
    _ACCESS,
    cell("mode", "spec.mtls.mode", read=lambda mode: mode or "UNSET", priority=2),
    _SELECTOR,
    cell(
        "ports",
        "spec.portLevelMtls",
        read=lambda ports: ",".join(f"{port}={its.get('mode', '')}" for port, its in ports.items()),
    ),
    health=_APPLIED,
    short_names=("pa",),
    parts={"says": Part(("spec.selector.matchLabels", "spec.mtls.mode", "spec.portLevelMtls"), istio_parts.mode)},
)

KINDS = (
    *(VIRTUAL_SERVICE, DESTINATION_RULE, GATEWAY, SERVICE_ENTRY, WORKLOAD_ENTRY, SIDECAR),
    *(AUTHORIZATION_POLICY, PEER_AUTHENTICATION),
)
