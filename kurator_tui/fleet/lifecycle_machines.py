"""The lifecycle tree of a Kurator Cluster, and what any Cluster API Cluster has below it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from kurator_tui.fleet.lifecycle_estate import Estate, Tree, parts_of, place_of, towards, value
from kurator_tui.fleet.lifecycle_order import Line, leaving
from kurator_tui.kinds import ladder as rungs
from kurator_tui.kinds.base import HOST, SEVERITY, AnyKind, Health, Level
from kurator_tui.kinds.cluster_api import CLUSTER as CAPI_CLUSTER
from kurator_tui.kinds.cluster_api import KUBEADM_CONTROL_PLANE, MACHINE, MACHINE_DEPLOYMENT, MACHINE_SET
from kurator_tui.kinds.cluster_api_aws import AWS_MACHINE
from kurator_tui.kinds.kurator import CLUSTER, ManagedClusterRow, managed_cluster_health
from kurator_tui.kinds.lifecycle import LifecycleRow
from kurator_tui.kinds.table import ObjectRow, object_health, part
from kurator_tui.store.freshness import State

SET_NAME, DEPLOYMENT_NAME = "cluster.x-k8s.io/set-name", "cluster.x-k8s.io/deployment-name"


def kurator_tree(estate: Estate, row: ManagedClusterRow) -> Iterator[Line]:
    """A Cluster that Kurator makes on a cloud."""
    tree = Tree(estate, row, estate.member(row), f"{row.name}.{row.namespace}")
    capi = estate.made.get(place_of(row))
    below = list(machinery(tree, capi, row.version)) if capi is not None else []
    found = rungs.steps(parts_of(row).conditions, rungs.KURATOR) or rungs.missing(rungs.KURATOR)
    running = _running(below)
    health = managed_cluster_health(row)
    if capi is None and estate.seen.freshness(HOST, CAPI_CLUSTER).state is State.ABSENT:
        health = Health(Level.DEGRADED, "Cluster API is not installed on the host: nothing makes its machines")
    elif capi is None and health.level is not Level.FAILED and not row.deleting:
        health = Health(Level.PROGRESSING, "Kurator has not made its Cluster API objects yet")
    elif health.level is Level.HEALTHY:
        health = _in_flight(below, row.version)
    top = tree.line(
        row,
        "Cluster",
        CLUSTER,
        health,
        tree.path,
        phase=row.phase,
        version=running or row.version,
        wanted=towards(running, row.version) if running else "",
        ladder=rungs.counted(found),
        ready=_ready(below, parts_of(row).wanted),
        endpoint=row.endpoint,
        infrastructure=row.infrastructure,
    )
    yield Line(top)
    yield from tree.steps(top, found)
    yield from below


def _ready(below: list[Line], wanted: int) -> str:
    """Machines that are well, of those that Kurator is asked for."""
    machines = [line.row for line in below if line.row.kind == "Machine"]
    good = sum(row.level is Level.HEALTHY for row in machines)
    return f"{good}/{wanted or len(machines)}" if machines or wanted else ""


def _running(below: list[Line]) -> str:
    """The oldest version of its machines: the cluster has got so far."""
    versions = {line.row.version for line in below if line.row.kind == "Machine" and line.row.version}
    return min(versions, key=_numbers, default="")


def _numbers(version: str) -> tuple[int, ...]:
    words = version.removeprefix("v").split("-")[0].split("+")[0].split(".")
    return tuple(int(word) if word.isdigit() and len(word) < 6 else 0 for word in words[:3])


def _in_flight(below: list[Line], wanted: str) -> Health:
    """What goes on with the machines; what of them is wrong."""
    machines = [line.row for line in below if line.row.kind == "Machine"]
    old = [row for row in machines if row.wanted]
    said = []
    if old:
        said.append(f"upgrade to {wanted}: {len(machines) - len(old)} of {len(machines)} machines have it")
    scaling = [line.row for line in below if line.row.phase in ("ScalingUp", "ScalingDown")]
    said += [f"{row.object_name} {row.phase}: {row.ready} ready" for row in scaling if not old]
    bad = [row for row in machines if SEVERITY[row.level] >= SEVERITY[Level.DEGRADED]]
    if bad:
        worst = max(bad, key=lambda row: SEVERITY[row.level])
        said.append(f"{len(bad)} of {len(machines)} machines: {worst.object_name}: {worst.reason}")
        return Health(Level.DEGRADED, "; ".join(said))
    return Health(Level.PROGRESSING if said else Level.HEALTHY, "; ".join(said))


# -- Cluster API ------------------------------------------------------------------------------------------------


def machinery(tree: Tree, capi: ObjectRow, wanted: str) -> Iterator[Line]:
    """The Cluster API Cluster and all below it; `wanted` is the version asked of Kurator, "" for none."""
    estate = tree.estate
    found = rungs.steps(part(CAPI_CLUSTER, capi, "conditions") or (), rungs.CLUSTER)
    line = tree.line(
        capi,
        "Cluster API Cluster",
        CAPI_CLUSTER,
        object_health(capi),
        f"{tree.path}/0",
        phase=value(CAPI_CLUSTER, capi, "phase"),
        ladder=rungs.counted(found),
        endpoint=value(CAPI_CLUSTER, capi, "endpoint"),
    )
    yield Line(line)
    yield from tree.steps(line, found)
    machines = estate.of(MACHINE, capi)
    taken: set[str] = set()
    for plane in estate.of(KUBEADM_CONTROL_PLANE, capi):
        own = [each for each in machines if each.owner == f"KubeadmControlPlane/{plane.name}"]
        taken |= {each.uid for each in own}
        yield from _control_plane(tree, plane, own, f"{line.path}/0{plane.name}", wanted)
    sets = estate.of(MACHINE_SET, capi)
    for number, deployment in enumerate(estate.of(MACHINE_DEPLOYMENT, capi)):
        path = f"{line.path}/1{deployment.name}"
        yield Line(_replicated(tree, deployment, "MachineDeployment", MACHINE_DEPLOYMENT, path, wanted))
        for each in [each for each in sets if _belongs(each, deployment, "MachineDeployment", DEPLOYMENT_NAME)]:
            own = [one for one in machines if one.uid not in taken and _belongs(one, each, "MachineSet", SET_NAME)]
            taken |= {one.uid for one in own} | {each.uid}
            below = f"{path}/{each.name}"
            yield Line(_replicated(tree, each, "MachineSet", MACHINE_SET, below, wanted))
            asked = wanted or value(MACHINE_DEPLOYMENT, deployment, "version")
            yield from _workers(tree, each, own, below, asked, number)
    for one in machines:
        if one.uid not in taken:
            yield _machine(tree, one, f"{line.path}/2", wanted, 99)


def _workers(
    tree: Tree, of: ObjectRow, machines: list[ObjectRow], above: str, wanted: str, group: int
) -> Iterator[Line]:
    """The machines of a MachineSet; those that go when it scales down have a turn as well."""
    count, order = part(MACHINE_SET, of, "replicas"), str(part(MACHINE_SET, of, "delete_order") or "")
    goes = leaving(machines, count if isinstance(count, int) else None, order)
    for one in machines:
        line = _machine(tree, one, above, wanted, group)
        if line.turn is None and one.uid in goes:
            said = "; ".join(filter(None, (f"goes: {of.name} scales down to {count}", line.row.reason)))
            line = Line(replace(line.row, reason=said), (1, group, 0, float(goes[one.uid]), one.name))
        yield line


def _belongs(row: ObjectRow, owner: ObjectRow, kind: str, label: str) -> bool:
    """By the owner, or where Cluster API writes no controlling one by its label."""
    if row.owner:
        return row.owner == f"{kind}/{owner.name}"
    return (label, owner.name) in row.labels


def _replicated(tree: Tree, row: ObjectRow, what: str, kind: AnyKind, path: str, wanted: str) -> LifecycleRow:
    version = value(kind, row, "version")
    return tree.line(
        row,
        what,
        kind,
        object_health(row),
        path,
        phase=value(kind, row, "phase"),
        ready=value(kind, row, "ready"),
        version=version,
        wanted=towards(version, wanted) if what != "MachineSet" else "",
    )


def _control_plane(
    tree: Tree, plane: ObjectRow, machines: list[ObjectRow], path: str, wanted: str
) -> Iterator[Line]:
    found = rungs.steps(part(KUBEADM_CONTROL_PLANE, plane, "conditions") or (), rungs.CONTROL_PLANE)
    asked, running = (value(KUBEADM_CONTROL_PLANE, plane, key) for key in ("version", "running"))
    line = tree.line(
        plane,
        "KubeadmControlPlane",
        KUBEADM_CONTROL_PLANE,
        object_health(plane),
        path,
        ready=value(KUBEADM_CONTROL_PLANE, plane, "ready"),
        version=running or asked,
        wanted=towards(running or asked, wanted or asked),
        ladder=rungs.counted(found),
    )
    yield Line(line)
    yield from tree.steps(line, found)
    for each in machines:
        yield _machine(tree, each, path, wanted or asked, -1)


def _machine(tree: Tree, row: ObjectRow, above: str, wanted: str, group: int) -> Line:
    """A Machine with its instance; one of an older version than wanted waits for its turn."""
    version = value(MACHINE, row, "version")
    found = rungs.steps(part(MACHINE, row, "conditions") or (), rungs.MACHINE)
    instance = tree.estate.instances.get((row.namespace, str(part(MACHINE, row, "template") or row.name)))
    health = object_health(row)
    words = ""
    if instance is not None:
        words = " ".join(value(AWS_MACHINE, instance, key) for key in ("type", "state")).strip()
        own = object_health(instance)
        if health.level is Level.PROGRESSING and SEVERITY[own.level] >= SEVERITY[Level.DEGRADED]:
            health = own
    line = tree.line(
        row,
        "Machine",
        MACHINE,
        health,
        f"{above}/{row.name}",
        phase=value(MACHINE, row, "phase"),
        version=version,
        wanted=towards(version, wanted),
        node=value(MACHINE, row, "node"),
        infrastructure=words or value(MACHINE, row, "address"),
        ladder="" if health.level is Level.HEALTHY else rungs.counted(found),
    )
    going = bool(line.wanted) and not row.deleting
    well = int(health.level is Level.HEALTHY)
    return Line(line, (int(group >= 0), group, well, row.created, row.name) if going else None)
