"""Clusters get a newer Kubernetes: machines are replaced one after another, and hosts by kubespray, in its order.

What Cluster API and kubespray do is played, step by step, not simulated: each step writes what they would have
written by then.
"""

from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any

from kurator_tui.demo.world import podstates
from kurator_tui.demo.world.cluster import SimCluster, owner_reference
from kurator_tui.demo.world.incidents import incident
from kurator_tui.demo.world.objects import container, pod_from_template, pod_template
from kurator_tui.demo.world.story import told
from kurator_tui.demo.world.topology import Registration
from kurator_tui.demo.world.world import World

Obj = dict[str, Any]
Steps = list[tuple[float, Callable[[], None]]]

SUMMARY = "at 5 s a cluster's version is raised: its machines roll; at 10 s kubespray upgrades another one's hosts"
BEGIN, KUBESPRAY, PACE, JOINS = 5.0, 10.0, 8.0, 5.0
"""World seconds: the first step of each, between two machines, from a machine's making to its node's joining."""
_DEFAULT = "default"
CLUSTERS, CUSTOM = "clusters.cluster.kurator.dev", "customclusters.infrastructure.cluster.x-k8s.io"
PLANES, SETS = "kubeadmcontrolplanes.controlplane.cluster.x-k8s.io", "machinesets.cluster.x-k8s.io"
MACHINES, POOLS = "machines.cluster.x-k8s.io", "machinedeployments.cluster.x-k8s.io"
INSTANCES = "awsmachines.infrastructure.cluster.x-k8s.io"
IMAGE = "quay.io/kubespray/kubespray:v2.22.1"


def upgrade(world: World) -> Steps:
    """The first cluster that Kurator made on a cloud, and the first on bare metal."""
    steps: Steps = []
    cloud = next((name for name in world.members if _registered(world, name, Registration.CLUSTER)), None)
    metal = next((name for name in world.members if _registered(world, name, Registration.CUSTOM)), None)
    if cloud is not None:
        steps += _cloud(world, cloud)
    if metal is not None:
        steps += _metal(world, metal)
    return steps


def _registered(world: World, name: str, how: Registration) -> bool:
    return world.plans[name].registration is how


def next_version(version: str) -> str:
    """One minor later: `v1.30.4` → `v1.31.1`."""
    major, minor, *_patch = version.removeprefix("v").split(".")
    return f"v{major}.{int(minor) + 1}.1"


def _made(machine: Obj) -> str:
    return str(machine["metadata"]["creationTimestamp"])


# -- Cluster API ------------------------------------------------------------------------------------------------


def _cloud(world: World, name: str) -> Steps:
    """The control plane first, then the workers, the oldest machine first in each."""
    version = next_version(world.plans[name].version)
    machines = [
        machine
        for machine in world.host.all_of(MACHINES, _DEFAULT)
        if machine["spec"]["clusterName"] == name and machine["status"]["phase"] == "Running"
    ]
    ordered = sorted(machines, key=lambda one: (not _plane(one), _made(one), one["metadata"]["name"]))
    ask = partial(_ask, world, name, version)
    steps: Steps = [(BEGIN, told(name, f"Kurator is asked for {version}", ask))]
    at = BEGIN + 2
    planes = [machine for machine in ordered if _plane(machine)]
    for number, machine in enumerate(ordered):
        steps.append((at, partial(_surge, world, name, machine, version)))
        last = machine is planes[-1] if planes else number == 0
        steps.append((at + JOINS, partial(_replace, world, name, machine, version, serves=last)))
        at += PACE
    steps.append((at, told(name, f"all machines run {version}", partial(_settle, world, name, version))))
    return steps


def _plane(machine: Obj) -> bool:
    return "cluster.x-k8s.io/control-plane" in machine["metadata"]["labels"]


def _ask(world: World, name: str, version: str) -> None:
    """The Cluster is edited, and Kurator passes it on at once."""
    host = world.host
    host.modify(CLUSTERS, world.plans[name].namespace, name, lambda one: one["spec"].update(version=version))
    host.modify(PLANES, _DEFAULT, f"{name}-kcp", partial(_roll, version=version, moves=True))
    for pool in _of(host, POOLS, name):
        host.modify(POOLS, _DEFAULT, pool["metadata"]["name"], partial(_pool_version, version=version))


def _pool_version(pool: Obj, version: str) -> None:
    pool["spec"]["template"]["spec"]["version"] = version


def _roll(plane: Obj, version: str, *, moves: bool) -> None:
    plane["spec"]["version"] = version
    for each in plane["status"]["conditions"]:
        if each["type"] == "MachinesSpecUpToDate":
            each.update(status="False" if moves else "True")
            each.update({"severity": "Warning", "reason": "RollingUpdateInProgress"} if moves else {})
            if not moves:
                each.pop("severity", None)
                each.pop("reason", None)
    plane["status"]["updatedReplicas"] = 0 if moves else plane["spec"]["replicas"]
    if not moves:
        plane["status"]["version"] = version


def _of(host: SimCluster, kind: str, name: str) -> list[Obj]:
    return [each for each in host.all_of(kind, _DEFAULT) if each["spec"].get("clusterName") == name]


def _new_name(machine: Obj) -> str:
    return f"{machine['metadata']['name'].rpartition('-')[0]}-n{machine['metadata']['name'][-5:]}"


def _surge(world: World, name: str, machine: Obj, version: str) -> None:
    """The machine that takes the place of `machine` is made."""
    made = deepcopy(machine)
    new = _new_name(machine)
    kept = ("labels", "finalizers", "ownerReferences")
    meta = {key: value for key, value in machine["metadata"].items() if key in kept}
    made["metadata"] = {**deepcopy(meta), "name": new, "namespace": _DEFAULT}
    made["metadata"]["creationTimestamp"] = world.clock.stamp()
    made["spec"]["version"] = version
    made["spec"]["infrastructureRef"]["name"] = new
    made["spec"].pop("providerID", None)
    waits = {"type": "Ready", "status": "False", "severity": "Info", "reason": "WaitingForInfrastructure"}
    booted = {"type": "BootstrapReady", "status": "True"}
    stamp = {"lastTransitionTime": world.clock.stamp()}
    made["status"] = {
        "phase": "Provisioning",
        "bootstrapReady": True,
        "infrastructureReady": False,
        "conditions": [{**waits, **stamp}, {**booted, **stamp}, {**waits, "type": "InfrastructureReady", **stamp}],
    }
    world.host.create(MACHINES, made)


def _replace(world: World, name: str, machine: Obj, version: str, *, serves: bool) -> None:
    """The new machine's node joins with the new kubelet; the old machine and its instance go."""
    host, old = world.host, machine["metadata"]["name"]
    new, node = _new_name(machine), machine["status"]["nodeRef"]["name"]

    def runs(made: Obj) -> None:
        made["status"] = {**deepcopy(machine["status"]), "lastUpdated": world.clock.stamp()}
        made["spec"]["providerID"] = f"aws:///eu-west-1a/i-{old[-5:]}new"

    host.modify(MACHINES, _DEFAULT, new, runs)
    instance = host.find(INSTANCES, _DEFAULT, old)
    if instance is not None:
        moved = deepcopy(instance)
        meta = instance["metadata"]
        moved["metadata"] = {"name": new, "namespace": _DEFAULT, "labels": dict(meta.get("labels") or {})}
        host.create(INSTANCES, moved)
        host.remove(INSTANCES, _DEFAULT, old)
    host.remove(MACHINES, _DEFAULT, old)
    _kubelet(world, name, node, version)
    if _plane(machine):
        host.modify(PLANES, _DEFAULT, f"{name}-kcp", _one_more)
    if serves:
        world.upgrade(name, version)


def _one_more(plane: Obj) -> None:
    updated = plane["status"].get("updatedReplicas", 0) + 1
    plane["status"]["updatedReplicas"] = min(updated, plane["spec"]["replicas"])


def _kubelet(world: World, name: str, node: str, version: str) -> None:
    def renewed(found: Obj) -> None:
        found["status"]["nodeInfo"] |= {"kubeletVersion": version, "kubeProxyVersion": version}

    world.clusters[name].modify("nodes", "", node, renewed)


def _settle(world: World, name: str, version: str) -> None:
    host = world.host
    host.modify(PLANES, _DEFAULT, f"{name}-kcp", partial(_roll, version=version, moves=False))
    for each in _of(host, SETS, name):
        host.modify(SETS, _DEFAULT, each["metadata"]["name"], partial(_pool_version, version=version))


# -- kubespray --------------------------------------------------------------------------------------------------


def _metal(world: World, member: str) -> Steps:
    """The CustomCluster goes to Upgrading, a worker pod runs, the hosts' kubelets change one after another."""
    name, version = f"{member}-metal", next_version(world.plans[member].version)
    if world.host.find(CUSTOM, world.plans[member].namespace, name) is None:
        return []
    nodes = [node["metadata"]["name"] for node in world.clusters[member].all_of("nodes")]
    ask = partial(_ask_kubespray, world, member, name, version)
    steps: Steps = [(KUBESPRAY, told(member, f"kubespray upgrades its hosts to {version}", ask))]
    at = KUBESPRAY + PACE
    for number, node in enumerate(nodes):
        steps.append((at, partial(_kubelet, world, member, node, version)))
        if number == 0:
            steps.append((at, partial(world.upgrade, member, version)))
        at += PACE
    done = partial(_kubespray_done, world, member, name, version)
    steps.append((at, told(member, "kubespray is done", done)))
    return steps


def _pod(name: str) -> str:
    return f"{name}-upgrade-k8s2p"


def _ask_kubespray(world: World, member: str, name: str, version: str) -> None:
    host, namespace = world.host, world.plans[member].namespace
    host.modify(PLANES, _DEFAULT, f"{name}-kcp", lambda plane: plane["spec"].update(version=version))
    custom = host.modify(CUSTOM, namespace, name, lambda one: one["status"].update(phase="Upgrading"))
    if custom is None:
        return
    labels = {"customcluster.kurator.dev/action": "upgrade"}
    spec = pod_template(
        labels, [container("upgrade", IMAGE)]
    )  # never restarted, which a kubelet here would end soon
    pod = pod_from_template(spec, namespace=namespace, name=_pod(name), token_suffix=host.suffix())
    nodes, now = host.all_of("nodes"), world.clock.stamp()
    pod["spec"]["nodeName"] = nodes[-1]["metadata"]["name"]
    pod["metadata"] |= {"creationTimestamp": now, "ownerReferences": [owner_reference(custom)]}
    pod["status"] = podstates.creating(pod, now, nodes[-1]["status"]["addresses"][0]["address"])
    pod["status"] = podstates.running(pod, now, host.next_ip("10.244"), ready=True)
    host.create("pods", pod)


def _kubespray_done(world: World, member: str, name: str, version: str) -> None:
    host, namespace = world.host, world.plans[member].namespace

    def finished(pod: Obj) -> None:
        pod["status"] = podstates.completed(pod, world.clock.stamp())

    host.modify("pods", namespace, _pod(name), finished)
    host.modify(PLANES, _DEFAULT, f"{name}-kcp", lambda plane: plane["status"].update(version=version))
    stamp = world.clock.stamp()

    def provisioned(custom: Obj) -> None:
        custom["status"]["phase"] = "Provisioned"
        custom["status"]["conditions"] = [
            *(each for each in custom["status"]["conditions"] if each["type"] != "Upgraded"),
            {"type": "Upgraded", "status": "True", "lastTransitionTime": stamp},
        ]

    host.modify(CUSTOM, namespace, name, provisioned)


# -- Thanos -----------------------------------------------------------------------------------------------------

HOLE_SUMMARY = "at 10 s a member's sidecar is gone from Thanos, without a warning; at 310 s it is back"
GONE, BACK = 10.0, 310.0
HOLE_INCIDENTS = (incident("KT4011", "prod-cloud", "prod-cloud", since=GONE, by=GONE + 145),)


def thanos_hole(world: World) -> Steps:
    """The first member's numbers go missing: nothing fails, they are just not there."""
    if not world.members:
        return []
    name = world.members[0]
    return [
        (GONE, told(name, "its sidecar is not among Thanos' stores any more", partial(world.unexposed.add, name))),
        (BACK, told(name, "Thanos has its sidecar again", partial(world.unexposed.discard, name))),
    ]
