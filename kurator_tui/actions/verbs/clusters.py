"""Verbs of clusters that Kurator makes: scale, upgrade, nodes of bare metal, control planes. They send nothing.

Kurator renders Cluster API objects of a Cluster on each pass, so a Cluster is written and they are not. Kubespray
does one thing at a time for a CustomCluster: what is changed while it runs would count as done and not be.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from kurator_tui.actions.arguments import pairs
from kurator_tui.actions.fleets import CUSTOM_CLUSTER
from kurator_tui.actions.gathering import objects
from kurator_tui.actions.making import is_name
from kurator_tui.actions.plan import Arguments, Draft, JsonPatch, Obj, Planner, Reader
from kurator_tui.actions.plugins import few
from kurator_tui.actions.versions import refused, several, skewed, version
from kurator_tui.actions.wording import counted
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import Object, at, mapping, mappings, meta, name_of, text
from kurator_tui.kinds.verb import Risk

MASTER = "master"
_CAPI = "clusters.cluster.x-k8s.io"
_DEPLOYMENTS = "machinedeployments.cluster.x-k8s.io"
_GOING = ("Provisioning", "Deleting")
_BUSY = ("Pending", "Provisioning", "ScalingUp", "ScalingDown", "Upgrading", "Deleting")
"""Phases of a CustomCluster in which kubespray runs."""


# -- a Cluster of Kurator ---------------------------------------------------------------------------------------


async def plan_scale(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """More or fewer machines of a pool."""
    wanted = int(arguments["replicas"])
    draft = Draft(f"Scale {counted(targets)} to {wanted}")
    for target, obj in await objects(reader, targets, draft):
        pool = _pool(obj, arguments["pool"])
        if isinstance(pool, str):
            draft.refuse(target, pool)
            continue
        path, name, spec = pool
        now = spec.get("replicas")
        if not _may(draft, target, obj):
            continue
        if why := _wrong(name, now, wanted):
            draft.refuse(target, why)
            continue
        test = {"op": "test", "path": f"{path}/instanceType", "value": spec.get("instanceType")}
        draft.write(
            target,
            JsonPatch(
                ((test,) if "instanceType" in spec else ())
                + ({"op": "replace", "path": f"{path}/replicas", "value": wanted},)
            ),
        )
        _tell_scaled(draft, target, obj, name, now if isinstance(now, int) else 0, wanted)
    return draft


def _pool(obj: Obj, said: str) -> tuple[str, str, Object] | str:
    """(path, name, spec) of a pool of machines, or why there is no such one."""
    workers = list(mappings(at(obj, "spec", "workers")))
    if said == MASTER:
        return "/spec/master", MASTER, mapping(at(obj, "spec", "master"))
    number = int(said) if said.isascii() and said.isdecimal() else -1
    if not said and len(workers) == 1:
        number = 0
    if 0 <= number < len(workers):
        return f"/spec/workers/{number}", f"{name_of(obj)}-md-{number}", workers[number]
    has = ", ".join(f"{place} ({text(each.get('instanceType'))})" for place, each in enumerate(workers))
    return f"say which pool: {MASTER}{', ' + has if has else ''}"


def _may(draft: Draft, target: Target, obj: Obj) -> bool:
    """Whether Kurator would take a change now."""
    phase = text(at(obj, "status", "phase"))
    if phase in _GOING or meta(obj).get("deletionTimestamp"):
        draft.refuse(target, f"it is {phase or 'Deleting'}: wait until it is Ready")
        return False
    if phase != "Ready":
        draft.warn(f"it is {phase or 'of no phase yet'}: nothing may come of it until that is mended", target)
    return True


def _wrong(name: str, now: object, wanted: int) -> str:
    if now == wanted:
        return f"{name} has {wanted} already"
    if name == MASTER and wanted % 2 == 0:
        return f"a control plane of {wanted} cannot decide: an odd number is needed"
    return ""


def _tell_scaled(draft: Draft, target: Target, obj: Obj, name: str, now: int, wanted: int) -> None:
    if wanted > now:
        draft.tell(f"{name}: {wanted - now} more machines are made, which takes minutes and is paid for", target)
        return
    draft.warn(f"{name}: {now - wanted} machines are drained and deleted; Cluster API chooses which", target)
    left = sum(each for each in _replicas(obj) if isinstance(each, int)) - now + wanted
    if name == MASTER:
        draft.risk = Risk.DESTRUCTIVE
        draft.warn("members of etcd go with machines of the control plane", target)
    elif left <= 0:
        draft.risk = Risk.DESTRUCTIVE
        draft.warn("no worker is left: its pods wait for one", target)


def _replicas(obj: Obj) -> list[object]:
    return [each.get("replicas") for each in mappings(at(obj, "spec", "workers"))]


async def plan_upgrade(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """A newer version for all machines."""
    wanted = _written(arguments["version"])
    draft = Draft(f"Upgrade {counted(targets)} to {inert(wanted)}")
    for target, obj in await objects(reader, targets, draft):
        now = text(at(obj, "spec", "version"))
        if not _may(draft, target, obj):
            continue
        kubelets = await _kubelets(reader, draft, target)
        if why := refused(now, wanted) or _too_old(wanted, kubelets) or _unfinished(now, kubelets):
            draft.refuse(target, why)
            continue
        draft.write(target, JsonPatch(({"op": "replace", "path": "/spec/version", "value": wanted},)))
        machines = at(obj, "spec", "master", "replicas"), *_replicas(obj)
        count = sum(each for each in machines if isinstance(each, int))
        draft.warn(f"all {count} machines are replaced, some at a time; pods move with them", target)
        draft.warn("control plane and workers are changed in one pass: kubelets may be newer for a while", target)
        draft.tell(f"the provider needs an image for {inert(wanted)} in {text(at(obj, 'spec', 'region'))}", target)
    return draft


def _written(said: str) -> str:
    """As Kurator's webhook and kubeadm take it: with a `v`."""
    return f"v{said}" if said[:1].isdigit() else said


async def _kubelets(reader: Reader, draft: Draft, target: Target) -> dict[str, str]:
    """Versions of the nodes of a member; none where it cannot be asked."""
    try:
        nodes = await reader.list(target.name, "nodes")
    except ConsoleError as error:
        draft.warn(f"the versions of its nodes are not known: {error.message}", target)
        return {}
    return {name_of(each): text(at(each, "status", "nodeInfo", "kubeletVersion")) for each in nodes}


def _too_old(wanted: str, kubelets: Mapping[str, str]) -> str:
    found = skewed(wanted, kubelets)
    return (
        f"an API server of {wanted} does not work with kubelets of {few(found)}: upgrade them first"
        if found
        else ""
    )


def _unfinished(now: str, kubelets: Mapping[str, str]) -> str:
    """An upgrade that is not through yet."""
    at_, others = version(now), [each for each in kubelets.values() if version(each) not in (None, version(now))]
    if at_ is None or not any((version(each) or at_).minor != at_.minor for each in others):
        return ""
    return f"the last upgrade is not through: it is {now}, and its nodes are {several(kubelets.values())}"


# -- a control plane of Cluster API -----------------------------------------------------------------------------


async def plan_control_plane(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """A newer version for a KubeadmControlPlane, and for a CustomCluster that it belongs to."""
    wanted = _written(arguments["version"])
    draft = Draft(f"Upgrade {counted(targets)} to {inert(wanted)}")
    for target, obj in await objects(reader, targets, draft):
        now = text(at(obj, "spec", "version"))
        cluster = await _whose(reader, target)
        custom = at(cluster, "spec", "infrastructureRef", "kind") == "CustomCluster"
        busy = await _kubespray(reader, draft, target, cluster) if custom else _rolling(obj)
        workers = {} if custom else await _workers(reader, target, name_of(cluster))
        if why := busy or refused(now, wanted) or _too_old(wanted, workers):
            draft.refuse(target, why)
            continue
        draft.write(target, JsonPatch(({"op": "replace", "path": "/spec/version", "value": wanted},)))
        if custom:
            image = "v2.22.1" if (version(wanted) or (1, 0))[:2] >= (1, 24) else "v2.20.0"
            draft.warn(f"kubespray {image} upgrades all nodes of the CustomCluster, one after the other", target)
            draft.tell(
                "a failed upgrade leaves it Unknown: its worker pod has the log, deleting it tries again", target
            )
        else:
            draft.warn("its machines are replaced one by one", target)
            if workers:
                draft.tell(
                    f"workers stay at {several(workers.values())}: upgrade their MachineDeployments after", target
                )
    return draft


async def _whose(reader: Reader, target: Target) -> Obj:
    """The Cluster API Cluster that a control plane belongs to, {} where it is not known."""
    try:
        clusters = await reader.list(target.cluster, _CAPI, target.namespace)
    except ConsoleError:
        return {}
    return next((each for each in clusters if at(each, "spec", "controlPlaneRef", "name") == target.name), {})


def _rolling(obj: Obj) -> str:
    """Why a control plane is not to be touched now."""
    wanted, status = at(obj, "spec", "replicas"), mapping(obj.get("status"))
    if isinstance(wanted, int) and any(status.get(key) != wanted for key in ("readyReplicas", "updatedReplicas")):
        ready, updated = status.get("readyReplicas") or 0, status.get("updatedReplicas") or 0
        return f"it is not settled: of {wanted} machines {ready} are ready and {updated} up to date"
    return ""


async def _workers(reader: Reader, target: Target, cluster: str) -> dict[str, str]:
    try:
        found = await reader.list(target.cluster, _DEPLOYMENTS, target.namespace)
    except ConsoleError:
        return {}
    mine = [each for each in found if at(each, "spec", "clusterName") == cluster]
    return {name_of(each): text(at(each, "spec", "template", "spec", "version")) for each in mine}


async def _kubespray(reader: Reader, draft: Draft, target: Target, cluster: Obj) -> str:
    """Why kubespray cannot begin now; "" where it can, or is not known."""
    name = text(at(cluster, "spec", "infrastructureRef", "name"))
    try:
        obj = await reader.get(Target(target.cluster, CUSTOM_CLUSTER, target.namespace, name))
    except ConsoleError as error:
        draft.warn(f"CustomCluster {name} cannot be read: {error.message}", target)
        return ""
    return _busy(obj)


def _busy(custom: Obj) -> str:
    phase = text(at(custom, "status", "phase"))
    if phase not in _BUSY:
        return ""
    return f"CustomCluster {name_of(custom)} is {phase}: what is changed now would count as done and not be"


# -- machines of bare metal -------------------------------------------------------------------------------------


async def plan_add(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """One more worker."""
    host = arguments["host"]
    draft = Draft(f"Add node {inert(host)} to {counted(targets)}")
    for target, obj in await objects(reader, targets, draft):
        machine = _machine(obj, arguments)
        if isinstance(machine, str):
            draft.refuse(target, machine)
        elif not await _held(reader, draft, target):
            there = isinstance(at(obj, "spec", "node"), list)
            path, value = ("/spec/node/-", machine) if there else ("/spec/node", [machine])
            draft.write(target, JsonPatch(({"op": "add", "path": path, "value": value},)))
            draft.tell(f"kubespray reaches {inert(host)} by SSH, with the key of the other machines", target)
            draft.tell("a failed scale-up leaves the cluster Provisioned: look at its condition ScaledUp", target)
    return draft


def _machine(obj: Obj, arguments: Arguments) -> Obj | str:
    """The new machine, or why it cannot be."""
    host, private = arguments["host"], arguments["private"]
    public = arguments["public"] or private
    if not is_name(host):
        return f"{inert(host)} is no name of a node"
    known = [*mappings(at(obj, "spec", "master")), *mappings(at(obj, "spec", "node"))]
    for address in (private, public):
        try:
            ipaddress.ip_address(address)
        except ValueError:
            return f"{inert(address)} is no IP address"
    for each in known:
        if each.get("hostName") == host:
            return f"{inert(host)} is among its machines already"
        if {private, public} & {each.get("privateIP"), each.get("publicIP")}:
            return f"{text(each.get('hostName'))} has that address already"
    key = next((each["sshKey"] for each in known if isinstance(each.get("sshKey"), dict)), None)
    machine: Obj = {"hostName": host, "privateIP": private, "publicIP": public}
    machine |= {"sshKey": key} if key else {}
    labels = {key: value for key, value in pairs(arguments["labels"]).items() if value is not None}
    return machine | ({"labels": labels} if labels else {})


async def plan_remove(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """One worker less."""
    host = arguments["host"]
    draft = Draft(f"Remove node {inert(host)} from {counted(targets)}")
    for target, obj in await objects(reader, targets, draft):
        nodes = [text(each.get("hostName")) for each in mappings(at(obj, "spec", "node"))]
        masters = [text(each.get("hostName")) for each in mappings(at(obj, "spec", "master"))]
        if host in masters:
            draft.refuse(target, f"{host} is of the control plane, which kubespray does not scale here")
        elif host not in nodes:
            draft.refuse(target, f"{inert(host)} is none of its nodes: {few(nodes)}")
        elif len(nodes) == 1:
            draft.refuse(target, f"{host} is its last node: Kurator takes no CustomMachine without one")
        elif not await _held(reader, draft, target):
            path = f"/spec/node/{nodes.index(host)}"
            test: dict[str, Any] = {"op": "test", "path": f"{path}/hostName", "value": host}
            draft.write(target, JsonPatch((test, {"op": "remove", "path": path})))
            draft.warn(f"kubespray drains {host} and removes it; pods with local data lose it", target)
            draft.tell(
                "a failed scale-down leaves the cluster Provisioned: look at its condition ScaledDown", target
            )
    return draft


async def _held(reader: Reader, draft: Draft, target: Target) -> bool:
    """Whether kubespray is at work for the CustomCluster of these machines: then it is refused."""
    try:
        clusters = await reader.list(target.cluster, CUSTOM_CLUSTER, target.namespace)
    except ConsoleError as error:
        draft.warn(f"whether kubespray runs is not known: {error.message}", target)
        return False
    mine = [each for each in clusters if at(each, "spec", "machineRef", "name") == target.name]
    if not mine:
        draft.warn("no CustomCluster uses these machines: nothing happens until one does", target)
    why = next((said for each in mine if (said := _busy(each))), "")
    if why:
        draft.refuse(target, why)
    return bool(why)


PLANNERS: dict[str, Planner] = {
    "cluster.scale": plan_scale,
    "cluster.upgrade": plan_upgrade,
    "kcp.upgrade": plan_control_plane,
    "machine.add": plan_add,
    "machine.remove": plan_remove,
}
