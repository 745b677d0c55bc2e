"""A Gateway of a mesh as one cluster has it: its ports, the pods behind it, and where they are reached."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kurator_tui.fleet import mesh_names
from kurator_tui.fleet.mesh import Mesh, Workload
from kurator_tui.fleet.unread import cannot_be_read
from kurator_tui.kinds.base import HEALTHY, Health, Level
from kurator_tui.kinds.istio import GATEWAY
from kurator_tui.kinds.istio_parts import Entrance, Pairs, Server, includes, told
from kurator_tui.kinds.meta import label_pairs_of
from kurator_tui.kinds.networking import SERVICE
from kurator_tui.kinds.table import ObjectRow, part


class Gate(NamedTuple):
    """A Gateway. `address` are those of the Services of its pods; endpoints None where they are not known."""

    row: ObjectRow
    servers: tuple[Server, ...]
    address: str
    ready: int | None
    endpoints: int | None
    health: Health

    @property
    def ports(self) -> str:
        """`80/HTTP 443/HTTPS`."""
        return " ".join(dict.fromkeys(each.port for each in self.servers))

    def serves(self, host: str, namespace: str) -> bool:
        """Whether one of its servers takes `host` of a VirtualService in `namespace`."""
        return any(
            mesh_names.serves(pattern, host, namespace, self.row.namespace)
            for server in self.servers
            for pattern in server.hosts
        )


class Gates:
    """All Gateways of a cluster by (namespace, name)."""

    def __init__(self, mesh: Mesh) -> None:
        says = {
            place: told(part(GATEWAY, row, "says"), Entrance) or Entrance() for place, row in mesh.gateways.items()
        }
        behind = _selected({each.selector for each in says.values()}, mesh.workloads.values())
        spaces = {each.row.namespace for found in behind.values() for each in found}
        services: dict[str, list[ObjectRow]] = {}
        for (space, _name), row in mesh.services.items():
            if space in spaces:
                services.setdefault(space, []).append(row)
        self.by_place = {
            place: _gate(mesh, mesh.gateways[place], each, behind[each.selector], services)
            for place, each in says.items()
        }


def gates(mesh: Mesh) -> dict[tuple[str, str], Gate]:
    """The Gateways of a cluster."""
    return Gates(mesh).by_place


def _selected(selectors: set[Pairs], workloads: Iterable[Workload]) -> dict[Pairs, list[Workload]]:
    """By selector the workloads whose pods it selects."""
    first = {
        selector[0]: [each for each in selectors if each[:1] == selector[:1]] for selector in selectors if selector
    }
    found: dict[Pairs, list[Workload]] = {selector: [] for selector in selectors}
    for workload in workloads:
        for pair in workload.labels:
            for selector in first.get(pair, ()):
                if includes(workload.labels, selector):
                    found[selector].append(workload)
    return found


def _gate(
    mesh: Mesh, row: ObjectRow, says: Entrance, pods: list[Workload], services: dict[str, list[ObjectRow]]
) -> Gate:
    its = [
        service
        for workload in pods
        for service in services.get(workload.row.namespace, ())
        if includes(workload.labels, label_pairs_of(part(SERVICE, service, "selector")))
    ]
    its = list({service.uid: service for service in its}.values())
    targets = [mesh.target(mesh_names.full(each.name, each.namespace)) for each in its]

    def make() -> Gate:
        counted = [target.backends for target in targets if target.backends is not None]
        ready = max((sum(each.ready for each in backends) for backends in counted), default=None)
        known = max((sum(each.endpoints for each in backends) for backends in counted), default=None)
        address, health = _reached(mesh, says, pods, its, ready)
        return Gate(row, says.servers, address, ready, known, health)

    inputs = (row, *(each.row for each in pods), None, *its, *targets)
    return mesh.seen.unchanged(("gate", row.uid), inputs, make)


def _reached(
    mesh: Mesh, says: Entrance, pods: list[Workload], services: list[ObjectRow], ready: int | None
) -> tuple[str, Health]:
    """Its addresses, and how well it can be reached."""
    blind = [kind for kind in mesh.unread if kind in ("services", "endpointslices", "replicasets")]
    if blind:
        return "", Health(Level.UNKNOWN, cannot_be_read(blind[0]))
    selector = ",".join(f"{key}={value}" for key, value in says.selector)
    if not pods:
        return "", Health(Level.FAILED, f"no pods have the labels of its selector: {selector or 'it is empty'}")
    if not services:
        return "", Health(Level.DEGRADED, f"no Service leads to its pods ({selector})")
    if ready == 0:
        return "", Health(Level.FAILED, "none of its pods is ready")
    outside = [str(SERVICE.value(each, "external") or "") for each in services]
    address = ",".join(dict.fromkeys(each for each in outside if each and each != "<pending>"))
    if not address and "<pending>" in outside:
        return "", Health(Level.PROGRESSING, "no address from the load balancer yet")
    return address or ",".join(str(SERVICE.value(each, "cluster_ip") or "") for each in services[:2]), HEALTHY
