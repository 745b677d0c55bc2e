"""Kurator's objects in the storage of a demo host, for tests of verbs."""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Plan, Target
from tests.unit.actions.estate import Estate, Obj, end

CLUSTER, FLEETS, INFRA = "cluster.kurator.dev", "fleet.kurator.dev", "infrastructure.cluster.x-k8s.io"
LABEL = "fleet.kurator.dev/fleet-name"
RELEASES = "helm.toolkit.fluxcd.io"


def attached(name: str, namespace: str = "d") -> Target:
    """An AttachedCluster as a target."""
    return Target(HOST, f"attachedclusters.{CLUSTER}", namespace, name)


def fleet(name: str = "f", namespace: str = "d") -> Target:
    """A Fleet as a target."""
    return Target(HOST, f"fleets.{FLEETS}", namespace, name)


def add_cluster(world: Estate, name: str, *, fleet: str = "", ready: bool = True, **labels: str) -> Target:
    """An AttachedCluster, labelled as the member of a fleet that it says it is."""
    head = {"name": name, "namespace": "d", "labels": {**({LABEL: fleet} if fleet else {}), **labels}}
    spec = {"kubeconfig": {"name": name, "key": "value"}}
    world.add("attachedclusters", {"metadata": head, "spec": spec, "status": {"ready": ready}}, CLUSTER, HOST)
    return attached(name)


def add_fleet(
    world: Estate,
    *members: str,
    plugin: Obj | None = None,
    name: str = "f",
    others: tuple[str, ...] = (),
    **head: Any,
) -> Target:
    """A Fleet of AttachedClusters, which are made, too, but for the `others`."""
    for member in members:
        add_cluster(world, member, fleet=name)
    spec: Obj = {"clusters": [{"name": member, "kind": "AttachedCluster"} for member in (*members, *others)]}
    spec |= {"plugin": plugin} if plugin is not None else {}
    world.add("fleets", {"metadata": {"name": name, "namespace": "d", **head}, "spec": spec}, FLEETS, HOST)
    return fleet(name)


def add_release(world: Estate, name: str, *, ready: bool = True, of: str = "f") -> None:
    """A plugin's HelmRelease."""
    labels = {"fleet.kurator.dev/name": of, "app.kubernetes.io/managed-by": "fleet-manager"}
    status = {"conditions": [{"type": "Ready", "status": "True" if ready else "False", "reason": "x"}]}
    spec = {
        "interval": "1m",
        "chart": {"spec": {"chart": "c", "sourceRef": {"kind": "HelmRepository", "name": "r"}}},
    }
    obj = {"metadata": {"name": name, "namespace": "d", "labels": labels}, "spec": spec, "status": status}
    world.add("helmreleases", obj, RELEASES, HOST)


async def on_host(world: Estate, plural: str, name: str, group: str = "", namespace: str = "d") -> Obj:
    """An object of the host, or the Status that says why not."""
    rt = world.apis[HOST].server.catalogue.by_plural(plural, group)
    root = f"apis/{rt.api_version}" if group else "api/v1"
    return await world.get(HOST, f"{root}/namespaces/{namespace}/{plural}/{name}")


async def members(world: Estate, name: str = "f") -> list[str]:
    """Names that a Fleet lists."""
    found = await on_host(world, "fleets", name, FLEETS)
    return [each["name"] for each in found["spec"].get("clusters", [])]


async def write(world: Estate, plan: Plan) -> None:
    """Apply a plan: every step must be done."""
    assert plan.ready, plan
    heard = await world.commit(plan)
    assert end(heard).done == len(plan.steps), heard


async def take_back(world: Estate, plan: Plan) -> None:
    """Undo a plan that was applied."""
    back = await world.plan("undo", [], plan=plan.id)
    assert not back.refusals, back.refusals
    await write(world, back)


def said(plan: Plan) -> str:
    """All consequences as one text."""
    return "\n".join(each.text for each in plan.consequences)


def refused(plan: Plan) -> str:
    """Why the first refused target is; nothing is written."""
    assert plan.steps == (), plan.steps
    return plan.refusals[0].reason
