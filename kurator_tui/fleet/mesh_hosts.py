"""The hosts of one cluster's mesh, each with all that its rows are made of.

A host is what a VirtualService, a ServiceEntry or a Gateway names, and what a DestinationRule is about where no
route leads to it. Hosts whose objects did not change are not made again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kurator_tui.fleet import mesh_names
from kurator_tui.fleet.mesh import Mesh, Place
from kurator_tui.fleet.mesh_gates import Gate, gates
from kurator_tui.fleet.mesh_lines import HostView, Its, Tree
from kurator_tui.kinds.istio_parts import Route, Routes
from kurator_tui.kinds.table import ObjectRow


@dataclass(slots=True)
class _Named:
    """What names one host; VirtualServices the oldest first, Gateways that no VirtualService takes it from."""

    virtual: list[ObjectRow] = field(default_factory=list)
    gates: list[Gate] = field(default_factory=list)


def hosts(mesh: Mesh) -> Iterator[HostView]:
    """All hosts of a cluster."""
    doors = gates(mesh)
    piloted = "services" in mesh.unread or any(name.startswith("istiod") for _space, name in mesh.services)
    for host, named in _named(mesh, doors).items():
        yield _view(mesh, host, named, doors, piloted=piloted)


def _named(mesh: Mesh, doors: dict[Place, Gate]) -> dict[str, _Named]:
    found: dict[str, _Named] = {}
    led_to: set[str] = set()
    for row in mesh.virtual.values():
        its = mesh.says(row)
        names = its.hosts if its is not None else (row.name,)
        for host in dict.fromkeys(names):
            found.setdefault(mesh_names.full(host, row.namespace), _Named()).virtual.append(row)
        for route in its.routes if its is not None else ():
            led_to.update(mesh_names.full(to.host, row.namespace) for to in route.to)
    for host in (*mesh.entries, *mesh.rules):
        if host not in led_to:
            found.setdefault(host, _Named())
    _let_in(found, doors)
    return found


def _let_in(found: dict[str, _Named], doors: dict[Place, Gate]) -> None:
    """Add what Gateways let in and no VirtualService takes."""
    taken = [host for host, named in found.items() if named.virtual]
    patterns = [host for host in taken if host.startswith("*")]
    exact = set(taken)
    for gate in doors.values():
        named = {host.rpartition("/")[2] for server in gate.servers for host in server.hosts}
        for host in sorted(named - exact):
            if not host.startswith("*") and not any(mesh_names.covers(pattern, host) for pattern in patterns):
                found.setdefault(host, _Named()).gates.append(gate)


def _view(mesh: Mesh, host: str, named: _Named, doors: dict[Place, Gate], *, piloted: bool) -> HostView:
    """Made again only when something it is made of is another object."""
    virtual = [Its(row, mesh.says(row) or Routes()) for row in named.virtual]
    delegates = {
        place: other
        for row, its in virtual
        for route in its.routes
        if (place := _delegate(route, row)) and (other := mesh.virtual.get(place)) is not None
    }
    its = [*virtual, *(Its(row, mesh.says(row) or Routes()) for row in delegates.values())]
    targets = {
        each: mesh.target(each)
        for row, said in its
        for route in said.routes
        for to in route.to
        for each in (mesh_names.full(to.host, row.namespace),)
    }
    bound = {
        place: doors.get(place)
        for row, said in virtual
        for word in said.gateways
        if word != "mesh"
        for place in (mesh_names.placed(word, row.namespace),)
    }
    own = mesh.target(host)

    def make() -> HostView:
        return Tree(mesh, host, virtual, delegates, targets, bound, named.gates, own, piloted=piloted).view()

    inputs = (own, *named.virtual, *delegates.values(), *targets.values(), *bound.values(), *named.gates)
    key = ("host", host, piloted, mesh.unread, len(virtual), len(delegates), tuple(bound), len(named.gates))
    return mesh.seen.unchanged(key, inputs, make)


def _delegate(route: Route, row: ObjectRow) -> Place | None:
    if route.delegate is None:
        return None
    space, name = route.delegate
    return space or row.namespace, name
