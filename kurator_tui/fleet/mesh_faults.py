"""What is wrong with a mesh's routes: one function a rule of Istio, from what is known to a verdict. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from kurator_tui.fleet import mesh_names
from kurator_tui.fleet.mesh import Backend, Target
from kurator_tui.fleet.unread import cannot_be_read
from kurator_tui.kinds.base import HEALTHY, SEVERITY, Health, Level
from kurator_tui.kinds.istio import SERVICE_ENTRY
from kurator_tui.kinds.istio_parts import Destination, Route, Routes
from kurator_tui.kinds.table import ObjectRow

Its = tuple[ObjectRow, Routes]
"""A VirtualService and what it says."""
_PLAIN = ("DISABLE", "SIMPLE", "MUTUAL")
"""Modes of clients that do not speak the mesh's own TLS."""


def worst(found: Iterable[Health]) -> Health:
    """The worst verdict; how many more there are is said behind its reason."""
    bad = [each for each in found if each.level is not Level.HEALTHY]
    if not bad:
        return HEALTHY
    chosen = max(bad, key=lambda each: SEVERITY[each.level])
    others = len({each.reason for each in bad} - {chosen.reason})
    return Health(chosen.level, f"{chosen.reason} (+{others} more)" if others else chosen.reason)


# -- hosts ------------------------------------------------------------------------------------------------------


def same_host(those: Sequence[Its]) -> list[Health]:
    """Several VirtualServices with one host, the oldest first: in the mesh one counts, at a gateway they mix."""
    found: dict[str, dict[str, ObjectRow]] = {}
    for (one, its), (other, others) in combinations(those, 2):
        hidden = (its.private or others.private) and one.namespace != other.namespace
        for gate in _gates(one, its) & _gates(other, others):
            if gate != "mesh" or not hidden:
                found.setdefault(gate, {}).update({one.uid: one, other.uid: other})
    told = []
    for gate, rows in sorted(found.items()):
        names = [f"{row.namespace}/{row.name}" for row in rows.values()]
        count = f"{len(names)} VirtualServices"
        if gate == "mesh":
            text = f"{count}: {names[0]} counts, {', '.join(names[1:])} is ignored"
        else:
            text = f"{count} at gateway {gate}: {', '.join(names)} are mixed in no defined order"
        told.append(Health(Level.DEGRADED, text))
    return told


def _gates(row: ObjectRow, says: Routes) -> set[str]:
    return {name if name == "mesh" else "/".join(mesh_names.placed(name, row.namespace)) for name in says.gateways}


def shadowed(target: Target) -> list[Health]:
    """A ServiceEntry whose host a Service has, or another ServiceEntry."""
    export = SERVICE_ENTRY.column("export_to")
    own = target.entries
    names = [f"{row.namespace}/{row.name}" for row in own]
    if own and target.service is not None:
        its = f"{target.service.namespace}/{target.service.name}"
        return [Health(Level.DEGRADED, f"ServiceEntry {names[0]} has the host of Service {its}, which shadows it")]
    for one, other in combinations(own, 2):
        private = export is not None and "." in (export.value(one), export.value(other))
        if not (private and one.namespace != other.namespace):
            first, second = f"{one.namespace}/{one.name}", f"{other.namespace}/{other.name}"
            return [Health(Level.DEGRADED, f"ServiceEntry {first} shadows {second}: both have this host")]
    return []


# -- routes -----------------------------------------------------------------------------------------------------


def weights(route: Route) -> Health:
    """Shares of several destinations that do not add up to 100."""
    if len(route.to) < 2:
        return HEALTHY
    total = sum(each.weight or 0 for each in route.to)
    if total == 100:
        return HEALTHY
    return Health(Level.DEGRADED if total else Level.FAILED, f"weights add up to {total}, not 100")


def unreached(routes: Sequence[Route]) -> int | None:
    """Number of the route that takes all that is left, if others come after it."""
    number = next((number for number, each in enumerate(routes) if not each.match), None)
    return number if number is not None and number + 1 < len(routes) else None


# -- destinations -----------------------------------------------------------------------------------------------


def destination(target: Target, to: Destination, unread: Sequence[str]) -> Health:
    """Whether requests that go there are answered."""
    if not target.known:
        if blind := next((kind for kind in unread if kind in ("services", "serviceentries")), ""):
            return Health(Level.UNKNOWN, cannot_be_read(blind))
        if f".{mesh_names.CLUSTER_SET}." in target.host:
            return Health(Level.UNKNOWN, "a host of the cluster set: see exportedservices")
        # In a mesh over several clusters the Service may be in another one: that nothing answers is not sure.
        return Health(Level.DEGRADED, f"no Service or ServiceEntry {mesh_names.short(target.host)} is here")
    if to.subset and (fault := _subset(target, to.subset, unread)) is not None:
        return fault
    carries = to.weight != 0
    return worst((tls(target, to.subset), _endpoints(target, to) if carries else HEALTHY))


def _subset(target: Target, name: str, unread: Sequence[str]) -> Health | None:
    if target.subset(name) is not None:
        return None
    if "destinationrules" in unread:
        return Health(Level.UNKNOWN, cannot_be_read("destinationrules"))
    if not target.rules:
        its = mesh_names.short(target.host)
        return Health(Level.FAILED, f"subset {name} is undefined: no DestinationRule is for {its}")
    row = target.rules[0][0]
    known = ", ".join(each.name for _row, rule in target.rules for each in rule.subsets) or "none"
    text = f"subset {name} is undefined: DestinationRule {row.namespace}/{row.name} has {known}"
    return Health(Level.FAILED, text)


def _endpoints(target: Target, to: Destination) -> Health:
    if target.backends is None:
        return HEALTHY
    subset = target.subset(to.subset) if to.subset else None
    found = target.of(subset)
    ready, known = counted(found)
    if not known and subset is not None and target.unlabelled():
        return Health(Level.UNKNOWN, f"labels of {target.unlabelled()} endpoints are not known")
    if not known:
        if subset is not None:
            words = ",".join(f"{key}={value}" for key, value in subset.labels)
            return Health(Level.FAILED, f"subset {subset.name} ({words}) selects no pods")
        return Health(Level.FAILED, "it has no endpoints")
    if not ready:
        return Health(Level.FAILED, f"none of {known} endpoints is ready")
    return HEALTHY if ready == known else Health(Level.DEGRADED, f"{known - ready} of {known} endpoints not ready")


def counted(backends: Iterable[Backend]) -> tuple[int, int]:
    """(ready, all)."""
    those = list(backends)
    return sum(each.ready for each in those), sum(each.endpoints for each in those)


def modes(target: Target, subset: str) -> list[str]:
    """mTLS modes of the pods behind it; of its namespace where there are none."""
    found = target.of(target.subset(subset) if subset else None)
    return list(dict.fromkeys(each.mode for each in found)) or ([target.mode] if target.mode else [])


def tls(target: Target, subset: str) -> Health:
    """A DestinationRule whose TLS mode the pods' mTLS mode contradicts."""
    for row, rule in target.rules:
        its = target.subset(subset) if subset else None
        mode = (its.tls if its is not None and its in rule.subsets else "") or rule.tls
        if not mode:
            continue
        servers = modes(target, subset)
        rule_name = f"DestinationRule {row.namespace}/{row.name}"
        if mode in _PLAIN and "STRICT" in servers:
            return Health(Level.FAILED, f"STRICT, but {rule_name} sets {mode}: refused")
        if mode == "ISTIO_MUTUAL" and servers == ["DISABLE"]:
            return Health(Level.FAILED, f"DISABLE, but {rule_name} sets {mode}: refused")
        return HEALTHY
    return HEALTHY
