"""Services and what leads to them: Service, Endpoints, EndpointSlice, Ingress, IngressClass, NetworkPolicy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kurator_tui.kinds.base import HEALTHY, Format, Health, Level
from kurator_tui.kinds.judge import judge
from kurator_tui.kinds.shapes import at, mappings, text
from kurator_tui.kinds.table import Part, cell, table


def _ports(ports: Any) -> str:
    """`80:30080/TCP`, as kubectl prints the ports of a Service."""
    return ",".join(_port(port) for port in ports or () if isinstance(port, Mapping))


def _port(port: Mapping[str, Any]) -> str:
    node = f":{port['nodePort']}" if port.get("nodePort") else ""
    return f"{port.get('port', '')}{node}/{port.get('protocol', 'TCP')}"


def _address(found: Mapping[str, Any]) -> str:
    return str(found.get("ip") or found.get("hostname") or "")


def _external(kind: Any, name: Any, ips: Any, ingress: Any) -> str:
    if kind == "ExternalName":
        return str(name or "")
    found = [*(ips or ()), *(_address(each) for each in ingress or ())]
    if found:
        return ",".join(str(each) for each in found)
    return "<pending>" if kind == "LoadBalancer" else ""


def _targets(ports: Any) -> list[str]:
    """Ports of the pods: numbers or names."""
    return [str(port.get("targetPort") or port.get("port", "")) for port in ports or ()]


@judge("spec.type", "status.loadBalancer.ingress[*]", says="a load balancer without an address is progressing")
def _service(kind: Any, ingress: Any) -> Health:
    if kind == "LoadBalancer" and not ingress:
        return Health(Level.PROGRESSING, "no address from the load balancer yet")
    return HEALTHY


SERVICE = table(
    "services",
    "Service",
    ("v1",),
    cell("type", "spec.type"),
    cell("cluster_ip", "spec.clusterIP", title="CLUSTER-IP"),
    cell(
        "external",
        "spec.type",
        "spec.externalName",
        "spec.externalIPs",
        "status.loadBalancer.ingress[*]",
        read=_external,
        title="EXTERNAL-IP",
        width=40,
    ),
    cell("ports", "spec.ports[*]", read=_ports, title="PORT(S)", width=40),
    cell("selector", "spec.selector", priority=5, width=50, wide=True),
    health=_service,
    short_names=("svc",),
    parts={
        "selector": "spec.selector",
        "targets": Part(("spec.ports",), _targets),
    },
)


def _subset_addresses(subsets: Any) -> str:
    none: tuple[Mapping[str, Any], ...] = ({},)
    found = [
        f"{address.get('ip')}:{port.get('port')}"
        for subset in subsets or ()
        for address in subset.get("addresses") or ()
        for port in subset.get("ports") or none
    ]
    return ",".join(found)


ENDPOINTS = table(
    "endpoints",
    "Endpoints",
    ("v1",),
    cell("endpoints", "subsets[*]", read=_subset_addresses, width=60),
    cell("ready", "subsets[*].addresses[*]", format=Format.COUNT),
    cell("not_ready", "subsets[*].notReadyAddresses[*]", format=Format.COUNT, title="NOT READY"),
    short_names=("ep",),
)


def _behind(endpoints: Any) -> dict[str, list[int]]:
    """Owner of the pods -> (ready, all); "" for addresses that are no pods. Pods that end are left out."""
    found: dict[str, list[int]] = {}
    for each in endpoints or ():
        told = each.get("conditions") or {}
        if told.get("terminating") and not told.get("ready"):
            continue
        target = each.get("targetRef") or {}
        owner = owner_of(str(target.get("name", ""))) if target.get("kind") == "Pod" else ""
        ready, known = found.get(owner, (0, 0))
        found[owner] = [ready + (told.get("ready") is not False), known + 1]
    return found


LONGEST_BASE = 58
"""Characters of its owner's name and a dash that the generated name of a pod begins with at most."""


def owner_of(pod: str) -> str:
    """Name of the ReplicaSet, StatefulSet or DaemonSet that a pod is of, as far as its own name holds it."""
    full = len(pod) == LONGEST_BASE + 5
    return pod[:LONGEST_BASE].removesuffix("-") if full else pod.rpartition("-")[0]


ENDPOINT_SLICE = table(
    "endpointslices.discovery.k8s.io",
    "EndpointSlice",
    ("v1", "v1beta1"),
    cell("service", "metadata.labels['kubernetes.io/service-name']"),
    cell("address_type", "addressType", title="ADDRESSTYPE"),
    cell("ports", "ports[*].port"),
    cell("endpoints", "endpoints[*].addresses[*]", width=50),
    # Nothing said is ready: so the API reads it.
    cell("ready", "endpoints[?(@.conditions.ready!=false)].addresses[*]", format=Format.COUNT),
    parts={"behind": Part(("endpoints",), _behind)},
)


def _hosts(hosts: Any) -> str:
    return ",".join(str(host) for host in hosts) if hosts else "*"


def _addresses(ingress: Any) -> str:
    return ",".join(filter(None, (_address(each) for each in ingress or ())))


def _routes(rules: Any) -> list[list[str]]:
    """(host, path, name of the Service) of each rule."""
    return [
        [
            text(rule.get("host")),
            text(path.get("path")),
            text(at(path, "backend", "service", "name")) or text(at(path, "backend", "serviceName")),
        ]
        for rule in mappings(rules)
        for path in mappings(at(rule, "http", "paths"))
    ]


INGRESS = table(
    "ingresses.networking.k8s.io",
    "Ingress",
    ("v1", "v1beta1"),
    cell("class", "spec.ingressClassName", "metadata.annotations['kubernetes.io/ingress.class']"),
    cell("hosts", "spec.rules[*].host", read=_hosts, width=50),
    cell("address", "status.loadBalancer.ingress[*]", read=_addresses, width=40),
    cell("tls", "spec.tls[*].secretName", priority=5),
    cell(
        "services",
        "spec.rules[*].http.paths[*].backend.service.name",
        "spec.rules[*].http.paths[*].backend.serviceName",
        "spec.defaultBackend.service.name",
        wide=True,
        width=50,
    ),
    short_names=("ing",),
    parts={"routes": Part(("spec.rules[*]",), _routes), "class_name": "spec.ingressClassName"},
)

INGRESS_CLASS = table(
    "ingressclasses.networking.k8s.io",
    "IngressClass",
    ("v1",),
    cell("controller", "spec.controller", width=50),
    cell("default", "metadata.annotations['ingressclass.kubernetes.io/is-default-class']"),
    namespaced=False,
)

NETWORK_POLICY = table(
    "networkpolicies.networking.k8s.io",
    "NetworkPolicy",
    ("v1",),
    cell("selector", "spec.podSelector.matchLabels", title="POD-SELECTOR", width=50),
    cell("types", "spec.policyTypes"),
    cell("ingress", "spec.ingress[*]", format=Format.COUNT),
    cell("egress", "spec.egress[*]", format=Format.COUNT),
    short_names=("netpol",),
)

KINDS = (SERVICE, ENDPOINTS, ENDPOINT_SLICE, INGRESS, INGRESS_CLASS, NETWORK_POLICY)
