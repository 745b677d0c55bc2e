"""One host of a mesh as rows: its own (`traffichosts`) and the lines of its tree (`traffic`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from kurator_tui.fleet import mesh_faults, mesh_names
from kurator_tui.fleet.mesh import Backend, Mesh, Place, Target
from kurator_tui.fleet.mesh_gates import Gate
from kurator_tui.fleet.unread import cannot_be_read
from kurator_tui.kinds.base import HEALTHY, AnyKind, Health, Level
from kurator_tui.kinds.istio import DESTINATION_RULE, GATEWAY, SERVICE_ENTRY, VIRTUAL_SERVICE
from kurator_tui.kinds.istio_parts import Destination, Route, Routes
from kurator_tui.kinds.networking import SERVICE
from kurator_tui.kinds.table import ObjectRow
from kurator_tui.kinds.traffic import TrafficHostRow, TrafficRow

LARGE = "its routes are too large to be read here"
NO_PILOT = "no istiod is in this cluster: who applies its routes is not known"
NO_ROUTE = "no VirtualService takes what the gateway lets in: it answers 404"
REST = "all"
"""What a route without conditions takes."""


class Its(NamedTuple):
    """A VirtualService and what it says."""

    row: ObjectRow
    says: Routes


class HostView(NamedTuple):
    """One host: its row, and the lines of its tree, itself first."""

    row: TrafficHostRow
    lines: tuple[TrafficRow, ...]


class _About(NamedTuple):
    """The object that a line stands for."""

    kind: AnyKind
    row: ObjectRow


class Tree:
    """Makes the rows of one host. `bound` are the Gateways that its routes name, None for one that is missing."""

    def __init__(
        self,
        mesh: Mesh,
        host: str,
        virtual: Sequence[Its],
        delegates: Mapping[Place, ObjectRow],
        targets: Mapping[str, Target],
        bound: Mapping[Place, Gate | None],
        alone: Sequence[Gate],
        own: Target,
        *,
        piloted: bool,
    ) -> None:
        self._mesh = mesh
        self._host = host
        self._virtual = virtual
        self._delegates = delegates
        self._targets = targets
        self._bound = bound
        self._alone = alone
        self._own = own
        self._piloted = piloted
        self._lines: list[TrafficRow] = []
        self._entered: list[Gate] = []
        """Gateways that the host is reached by."""
        self._used: dict[int, Backend] = {}
        """Backends that requests go to, by identity."""

    def view(self) -> HostView:
        """Both."""
        self._add_gateways()
        for row, said in self._virtual:
            self._add_routes(row, said, f"vs/{row.namespace}/{row.name}", 1)
        if not self._virtual:
            self._add_subsets()
        faults = [Health(Level(line.level), line.reason) for line in self._lines]
        health = mesh_faults.worst((*self._faults(), *faults))
        top = self._top(health)
        return HostView(self._summary(top), (top, *self._lines))

    # -- the host -------------------------------------------------------------------------------------------------

    def _faults(self) -> list[Health]:
        """What is wrong with the host itself."""
        found = [*mesh_faults.same_host(self._virtual), *mesh_faults.shadowed(self._own)]
        if self._alone and not self._virtual:
            found.append(Health(Level.DEGRADED, NO_ROUTE))
        if not self._piloted:
            found.append(Health(Level.UNKNOWN, NO_PILOT))
        if self._mesh.unread:
            found.append(Health(Level.UNKNOWN, cannot_be_read(*self._mesh.unread)))
        return found

    def _top(self, health: Health) -> TrafficRow:
        own, about = self._own, None
        if self._virtual:
            about = _About(VIRTUAL_SERVICE, self._virtual[0].row)
        elif own.service is not None:
            about = _About(SERVICE, own.service)
        elif own.entries:
            about = _About(SERVICE_ENTRY, own.entries[0])
        elif own.rules:
            about = _About(DESTINATION_RULE, own.rules[0][0])
        elif self._alone:
            about = _About(GATEWAY, self._alone[0].row)
        used = list(self._used.values()) or list(own.backends or ())
        counted = _counted(used) if used or own.backends is not None else {}
        gates = [*self._entered, *self._alone]
        address = ", ".join(dict.fromkeys(gate.address for gate in gates if gate.address))
        mtls = ", ".join(dict.fromkeys(each.mode for each in used)) or own.mode
        return self._line(
            "", 0, mesh_names.short(self._host), "host", health, about, mtls=mtls, address=address, **counted
        )

    def _summary(self, top: TrafficRow) -> TrafficHostRow:
        gateways = [
            "mesh" if word == "mesh" else mesh_names.placed(word, row.namespace)[1]
            for row, said in self._virtual
            for word in said.gateways
        ]
        routes = [route for _row, said in self._virtual for route in said.routes]
        return TrafficHostRow(
            top.cluster,
            top.namespace,
            top.name,
            top.uid,
            top.created,
            root=self._host,
            kind=top.kind,
            object_name=top.object_name,
            routes=len(routes),
            weights=shares(routes),
            endpoints_ready=top.endpoints_ready,
            endpoints=top.endpoints,
            mtls=top.mtls,
            gateways=", ".join(dict.fromkeys((*gateways, *(gate.row.name for gate in self._alone)))),
            address=top.address,
            success=top.success,
            p99=top.p99,
            rate=top.rate,
            level=top.level,
            reason=top.reason,
        )

    # -- below it -------------------------------------------------------------------------------------------------

    def _add_gateways(self) -> None:
        for (space, name), gate in self._bound.items():
            shown = f"gateway {space}/{name}"
            if gate is None:
                fault = self._missing(space, name)
                self._lines.append(self._line(f"gw/{space}/{name}", 1, shown, "gateway", fault, None))
                continue
            health = self._taken(gate, (space, name))
            if health is not None:
                self._entered.append(gate)
                self._add_gate(gate, shown, mesh_faults.worst((gate.health, health)))
        for gate in self._alone:
            self._add_gate(gate, f"gateway {gate.row.namespace}/{gate.row.name}", gate.health)

    def _taken(self, gate: Gate, place: Place) -> Health | None:
        """Whether a Gateway lets the host in; None where it need not: the mesh has it, others come in there."""
        asking = [each for each in self._virtual if _binds(each.row, each.says, place)]
        if any(gate.serves(self._host, row.namespace) for row, _said in asking):
            return HEALTHY
        inside = all("mesh" in said.gateways for _row, said in asking)
        others = any(
            gate.serves(mesh_names.full(host, row.namespace), row.namespace)
            for row, said in asking
            for host in said.hosts
        )
        if inside and others:
            return None
        text = f"none of its servers takes the host {mesh_names.short(self._host)}"
        return Health(Level.DEGRADED if inside else Level.FAILED, text)

    def _add_gate(self, gate: Gate, shown: str, health: Health) -> None:
        counted: dict[str, Any] = {"endpoints_ready": gate.ready, "endpoints": gate.endpoints}
        key = f"gw/{gate.row.namespace}/{gate.row.name}"
        about = _About(GATEWAY, gate.row)
        self._lines.append(
            self._line(key, 1, shown, "gateway", health, about, takes=gate.ports, address=gate.address, **counted)
        )

    def _missing(self, space: str, name: str) -> Health:
        if "gateways" in self._mesh.unread:
            return Health(Level.UNKNOWN, cannot_be_read("gateways"))
        others = any(gate is not None for gate in self._bound.values())
        inside = any("mesh" in said.gateways for _row, said in self._virtual)
        level = Level.DEGRADED if others or inside else Level.FAILED
        return Health(level, f"gateway {space}/{name} does not exist")

    def _add_routes(self, row: ObjectRow, said: Routes, key: str, depth: int) -> None:
        """The routes of one VirtualService, and those of VirtualServices that it delegates to."""
        about = _About(VIRTUAL_SERVICE, row)
        if self._mesh.says(row) is None:
            self._lines.append(
                self._line(key, depth, f"route {row.name}", "route", Health(Level.UNKNOWN, LARGE), about)
            )
        last = mesh_faults.unreached(said.routes)
        for number, route in enumerate(said.routes):
            health = mesh_faults.weights(route)
            if last is not None and number > last:
                health = Health(Level.DEGRADED, "never reached: a route before it takes all")
            other = self._delegates.get(_delegate(route, row)) if route.delegate and depth == 1 else None
            if route.delegate and depth > 1:
                health = Health(Level.DEGRADED, "a delegate that delegates: Istio ignores it")
            elif route.delegate and other is None:
                health = Health(Level.FAILED, f"delegate {'/'.join(_delegate(route, row))} does not exist")
            name = " ".join(filter(None, ("route", row.name, route.instead)))
            its = f"{key}/{number}"
            self._lines.append(self._line(its, depth, name, "route", health, about, takes=route.match or REST))
            for place, to in enumerate(route.to):
                self._add_destination(row, to, f"{its}/{place}", depth + 1)
            if other is not None:
                self._add_routes(other, self._mesh.says(other) or Routes(), f"{its}/vs", depth + 1)

    def _add_destination(self, row: ObjectRow, to: Destination, key: str, depth: int) -> None:
        host = mesh_names.full(to.host, row.namespace)
        target = self._targets.get(host) or self._mesh.target(host)
        health = mesh_faults.destination(target, to, self._mesh.unread)
        about = _About(SERVICE, target.service) if target.service is not None else None
        name = f"{mesh_names.short(host)} {to.subset}".strip()
        self._add_target(target, to.subset, key, depth, name, health, about, to.weight)

    def _add_subsets(self) -> None:
        """Of a host that no VirtualService routes: its subsets, which only DestinationRules name."""
        for row, rule in self._own.rules:
            for number, subset in enumerate(rule.subsets):
                health = mesh_faults.tls(self._own, subset.name)
                key = f"dr/{row.namespace}/{row.name}/{number}"
                about = _About(DESTINATION_RULE, row)
                self._add_target(self._own, subset.name, key, 1, f"subset {subset.name}", health, about, None)

    def _add_target(
        self,
        target: Target,
        subset: str,
        key: str,
        depth: int,
        name: str,
        health: Health,
        about: _About | None,
        weight: int | None,
    ) -> None:
        its = target.subset(subset) if subset else None
        defined = its is not None or not subset
        found = target.of(its) if defined else []
        if weight != 0:
            self._used.update((id(each), each) for each in found)
        counted = _counted(found) if defined and target.backends is not None else {}
        mtls = ", ".join(mesh_faults.modes(target, subset))
        self._lines.append(
            self._line(key, depth, name, "destination", health, about, weight=weight, mtls=mtls, **counted)
        )

    def _line(
        self, key: str, depth: int, name: str, type: str, health: Health, about: _About | None, **more: Any
    ) -> TrafficRow:
        number = len(self._lines) + 1 if depth else 0
        return TrafficRow(
            self._mesh.cluster,
            about.row.namespace if about is not None else "",
            name,
            f"{self._host}/{key}" if key else self._host,
            about.row.created if about is not None else 0.0,
            root=self._host,
            path=f"{self._host} {self._mesh.cluster} {number:04d}",
            depth=depth,
            type=type,
            kind=about.kind.id if about is not None else "",
            object_name=about.row.name if about is not None else "",
            level=str(health.level),
            reason=health.reason,
            **more,
        )


def shares(routes: Iterable[Route]) -> str:
    """`primary 90 · canary 10` of the last route that divides: those before it take what has conditions."""
    divided = [route for route in routes if len(route.to) > 1]
    if not divided:
        return ""
    plain = next((route for route in reversed(divided) if not route.match), divided[-1])
    names = [to.subset or to.host.partition(".")[0] for to in plain.to]
    own, _, _ = names[0].rpartition("-")
    cut = len(own) + 1 if own and all(name.startswith(f"{own}-") for name in names) else 0
    told = [f"{name[cut:]} {to.weight}" for name, to in zip(names, plain.to, strict=True) if to.weight]
    return " · ".join(told) or "none"


def _counted(backends: Iterable[Backend]) -> dict[str, Any]:
    """Endpoints, and what Thanos counts: the success of all requests, the slowest p99."""
    those = list(backends)
    ready, known = mesh_faults.counted(those)
    numbers = list({id(each.number): each.number for each in those if each.number is not None}.values())
    rate = sum(each.rate for each in numbers)
    good = [(each.success, each.rate) for each in numbers if each.success is not None]
    slow = [each.p99 for each in numbers if each.p99 is not None]
    weight = sum(share for _success, share in good)
    return {
        "endpoints_ready": ready,
        "endpoints": known,
        "rate": round(rate, 2) if numbers else None,
        "success": round(sum(success * share for success, share in good) / weight, 2) if weight else None,
        "p99": max(slow, default=None),
    }


def _binds(row: ObjectRow, said: Routes, place: Place) -> bool:
    return any(word != "mesh" and mesh_names.placed(word, row.namespace) == place for word in said.gateways)


def _delegate(route: Route, row: ObjectRow) -> Place:
    space, name = route.delegate or ("", "")
    return space or row.namespace, name
