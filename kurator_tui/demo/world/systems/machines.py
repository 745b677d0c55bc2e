"""Cluster API on the host: the machines of the clusters Kurator made, on AWS and on bare metal."""

from collections.abc import Iterator
from typing import Any

from kurator_tui.demo.world.nodes import NodePool
from kurator_tui.demo.world.site import DAY, HOUR, MINUTE, Site
from kurator_tui.demo.world.topology import ClusterPlan, Registration

Obj = dict[str, Any]

_CORE, _CONTROL = "cluster.x-k8s.io/v1beta1", "controlplane.cluster.x-k8s.io/v1beta1"
_AWS, _BARE = "infrastructure.cluster.x-k8s.io/v1beta2", "infrastructure.cluster.x-k8s.io/v1alpha1"
_OWNER = "cluster.x-k8s.io/cluster-name"
_NO_ROOM = (
    "failed to create AWSMachine instance: failed to run instance: InsufficientInstanceCapacity: We "
    "currently do not "
    "have sufficient m5.4xlarge capacity in the Availability Zone you requested (eu-west-1b)"
)


def objects(site: Site) -> Iterator[Obj]:
    """The Cluster API objects of every member that has them."""
    for plan in site.members:
        if plan.registration is Registration.CLUSTER:
            yield from _cloud(site, plan)
        elif plan.registration is Registration.CUSTOM:
            yield from _metal(site, plan)


def _condition(kind: str, since: str, *, good: bool = True, reason: str = "", message: str = "") -> Obj:
    """A Cluster API condition: severity only when false."""
    made: Obj = {"type": kind, "status": "True" if good else "False", "lastTransitionTime": since}
    return made if good else {**made, "severity": "Warning", "reason": reason, "message": message}


def _labels(cluster: str, **more: str) -> Obj:
    kurator = {"cluster.kurator.dev/cluster-name": cluster, "cluster.kurator.dev/cluster-namespace": "default"}
    return {"labels": {_OWNER: cluster, **kurator, **more}}


def _reference(api: str, kind: str, name: str) -> Obj:
    return {"apiVersion": api, "kind": kind, "name": name, "namespace": "default"}


def _cluster(site: Site, name: str, infrastructure: Obj, control: str, endpoint: Obj, *, pods: str) -> Obj:
    since = site.stamp(40 * DAY)
    spec = {
        "clusterNetwork": {"pods": {"cidrBlocks": [pods]}, "services": {"cidrBlocks": ["10.96.0.0/12"]}},
        "controlPlaneEndpoint": endpoint,
        "controlPlaneRef": _reference(_CONTROL, "KubeadmControlPlane", control),
        "infrastructureRef": infrastructure,
    }
    kinds = ("Ready", "ControlPlaneInitialized", "ControlPlaneReady", "InfrastructureReady")
    status = {
        "phase": "Provisioned",
        "infrastructureReady": True,
        "controlPlaneReady": True,
        "observedGeneration": 1,
        "conditions": [_condition(kind, since) for kind in kinds],
    }
    meta = {**_labels(name), "finalizers": ["cluster.cluster.x-k8s.io"]}
    return site.make(_CORE, "Cluster", name, "default", age=45 * DAY, meta=meta, spec=spec, status=status)


def _control_plane(site: Site, owner: Obj, name: str, version: str, count: int, template: Obj) -> Obj:
    since = site.stamp(30 * DAY)
    kinds = (
        *("Ready", "Available", "CertificatesAvailable", "ControlPlaneComponentsHealthy", "EtcdClusterHealthy"),
        *("MachinesReady", "MachinesSpecUpToDate", "Resized"),
    )
    counts = dict.fromkeys(("replicas", "readyReplicas", "updatedReplicas"), count)
    status = {
        **counts,
        "unavailableReplicas": 0,
        "initialized": True,
        "ready": True,
        "version": version,
        "observedGeneration": 1,
        "selector": f"cluster.x-k8s.io/cluster-name={owner['metadata']['name']},cluster.x-k8s.io/control-plane",
        "conditions": [_condition(kind, since) for kind in kinds],
    }
    spec = {
        "replicas": count,
        "version": version,
        "machineTemplate": {"infrastructureRef": template},
        "kubeadmConfigSpec": {"clusterConfiguration": {}, "initConfiguration": {}, "joinConfiguration": {}},
        "rolloutStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}},
    }
    meta = {**_labels(owner["metadata"]["name"]), "finalizers": ["kubeadm.controlplane.cluster.x-k8s.io"]}
    return site.make(
        _CONTROL,
        "KubeadmControlPlane",
        name,
        "default",
        age=45 * DAY,
        owner=owner,
        meta=meta,
        spec=spec,
        status=status,
    )


def _cloud(site: Site, plan: ClusterPlan) -> Iterator[Obj]:
    """An AWS cluster: control plane, one MachineDeployment a pool, a health check, every machine."""
    name = plan.name
    endpoint = {"host": f"{name}-apiserver-1029384756.eu-west-1.elb.amazonaws.com", "port": 6443}
    cluster = _cluster(
        site, name, _reference(_AWS, "AWSCluster", name), f"{name}-kcp", endpoint, pods="10.244.0.0/16"
    )
    yield cluster
    network = {"vpc": {"id": "vpc-0b1d7c2e9f8a45630", "cidrBlock": "10.10.0.0/16"}}
    aws = {"region": "eu-west-1", "sshKeyName": "ops", "controlPlaneEndpoint": endpoint, "network": network}
    ready = {"ready": True, "conditions": [_condition("Ready", site.stamp(40 * DAY))]}
    meta = _labels(name)
    yield site.make(
        _AWS, "AWSCluster", name, "default", age=45 * DAY, owner=cluster, meta=meta, spec=aws, status=ready
    )
    control, *pools = plan.pools
    template = _reference(_AWS, "AWSMachineTemplate", f"{name}-cp")
    plane = _control_plane(site, cluster, f"{name}-kcp", plan.version, control.count, template)
    yield plane
    yield from _machines(site, plan, plane, control, {"cluster.x-k8s.io/control-plane": ""})
    for number, pool in enumerate(pools):
        yield from _pool(site, plan, cluster, pool, f"{name}-md-{number}")
    yield _health_check(site, plan, cluster)


def _pool(site: Site, plan: ClusterPlan, cluster: Obj, pool: NodePool, name: str) -> Iterator[Obj]:
    """A MachineDeployment that is scaling up: its newest machine finds no room in the zone."""
    wanted, ready = pool.count + 1, pool.count
    since = site.stamp(35 * MINUTE)
    template = {
        "metadata": {"labels": {_OWNER: plan.name, "cluster.x-k8s.io/deployment-name": name}},
        "spec": {
            "clusterName": plan.name,
            "version": plan.version,
            "bootstrap": {
                "configRef": _reference("bootstrap.cluster.x-k8s.io/v1beta1", "KubeadmConfigTemplate", name)
            },
            "infrastructureRef": _reference(_AWS, "AWSMachineTemplate", name),
        },
    }
    selector = {"matchLabels": {_OWNER: plan.name, "cluster.x-k8s.io/deployment-name": name}}
    short = f"Minimum availability requires {wanted} replicas, current {ready} available"
    counts = {"replicas": wanted, "readyReplicas": ready, "availableReplicas": ready}
    condition = _condition("Available", since, good=False, reason="WaitingForAvailableMachines", message=short)
    status = {
        **counts,
        "phase": "ScalingUp",
        "updatedReplicas": wanted,
        "unavailableReplicas": 1,
        "observedGeneration": 4,
        "selector": f"cluster.x-k8s.io/deployment-name={name}",
        "conditions": [{**condition, "type": "Ready"}, condition],
    }
    spec = {"clusterName": plan.name, "replicas": wanted, "selector": selector, "template": template}
    labels = _labels(plan.name, **{"cluster.x-k8s.io/deployment-name": name})
    deployment = site.make(
        _CORE,
        "MachineDeployment",
        name,
        "default",
        age=45 * DAY,
        owner=cluster,
        meta=labels,
        spec=spec,
        status=status,
    )
    yield deployment
    machine_set = site.make(
        _CORE,
        "MachineSet",
        f"{name}-{site.suffix(10)}",
        "default",
        age=30 * DAY,
        owner=deployment,
        meta=labels,
        spec=spec,
        status={**counts, "fullyLabeledReplicas": wanted, "observedGeneration": 4},
    )
    yield machine_set
    yield from _machines(site, plan, machine_set, pool, {"cluster.x-k8s.io/deployment-name": name}, lacking=1)


def _machines(
    site: Site, plan: ClusterPlan, owner: Obj, pool: NodePool, labels: dict[str, str], lacking: int = 0
) -> Iterator[Obj]:
    """A Machine and an AWSMachine a node, and `lacking` ones that wait for an instance."""
    for number in range(pool.count + lacking):
        waiting = number >= pool.count
        node = f"{pool.prefix}-{number + 1:02d}"
        name = f"{owner['metadata']['name']}-{site.suffix()}"
        born = 35 * MINUTE if waiting else site.rng.uniform(5, 30) * DAY
        instance = f"aws:///{pool.zones[number % len(pool.zones)]}/i-{site.digest(17)}"
        machine = _machine(site, plan, owner, name, node, instance, labels, born, waiting=waiting)
        yield machine
        since = site.stamp(born - MINUTE)
        reason = "InstanceProvisionFailed"
        made = _condition("InstanceReady", since, good=not waiting, reason=reason, message=_NO_ROOM)
        status = {"ready": not waiting, "conditions": [{**made, "type": "Ready"}, made]}
        status |= {} if waiting else {"instanceState": "running"}
        spec = {"instanceType": pool.instance, "sshKeyName": "ops", "ami": {"id": "ami-0d3c03228ebd38b1e"}}
        spec |= {} if waiting else {"providerID": instance, "instanceID": instance.rpartition("/")[2]}
        meta = _labels(plan.name, **labels)
        yield site.make(
            _AWS, "AWSMachine", name, "default", age=born, owner=machine, meta=meta, spec=spec, status=status
        )


def _machine(
    site: Site,
    plan: ClusterPlan,
    owner: Obj,
    name: str,
    node: str,
    instance: str,
    labels: dict[str, str],
    born: float,
    *,
    waiting: bool,
) -> Obj:
    since = site.stamp(born - 4 * MINUTE if born > HOUR else born)
    ready = _condition("Ready", since, good=not waiting, reason="InstanceProvisionFailed", message=_NO_ROOM)
    status: Obj = {
        "phase": "Provisioning" if waiting else "Running",
        "bootstrapReady": True,
        "infrastructureReady": not waiting,
        "observedGeneration": 3,
        "lastUpdated": since,
        "conditions": [ready, _condition("BootstrapReady", since), {**ready, "type": "InfrastructureReady"}],
    }
    spec: Obj = {
        "clusterName": plan.name,
        "version": plan.version,
        "bootstrap": {"dataSecretName": f"{name}-bootstrap"},
        "infrastructureRef": _reference(_AWS, "AWSMachine", name),
        "nodeDeletionTimeout": "10s",
    }
    if not waiting:
        spec["providerID"] = instance
        status["nodeRef"] = {"apiVersion": "v1", "kind": "Node", "name": node}
        status["addresses"] = [{"type": "Hostname", "address": node}]
        status["conditions"].append(_condition("NodeHealthy", since))
    meta = {**_labels(plan.name, **labels), "finalizers": ["machine.cluster.x-k8s.io"]}
    return site.make(_CORE, "Machine", name, "default", age=born, owner=owner, meta=meta, spec=spec, status=status)


def _health_check(site: Site, plan: ClusterPlan, cluster: Obj) -> Obj:
    workers = sum(pool.count for pool in plan.pools[1:])
    spec = {
        "clusterName": plan.name,
        "maxUnhealthy": "40%",
        "nodeStartupTimeout": "10m0s",
        "selector": {"matchLabels": {_OWNER: plan.name}},
        "unhealthyConditions": [
            {"type": "Ready", "status": value, "timeout": "5m0s"} for value in ("Unknown", "False")
        ],
    }
    status = {
        "expectedMachines": workers + 1,
        "currentHealthy": workers,
        "remediationsAllowed": 4,
        "observedGeneration": 1,
        "targets": [f"{plan.name}-md-0"],
        "conditions": [_condition("RemediationAllowed", site.stamp(6 * DAY))],
    }
    return site.make(
        _CORE,
        "MachineHealthCheck",
        f"{plan.name}-workers",
        "default",
        age=44 * DAY,
        owner=cluster,
        meta=_labels(plan.name),
        spec=spec,
        status=status,
    )


def _metal(site: Site, plan: ClusterPlan) -> Iterator[Obj]:
    """A bare-metal cluster: Cluster and control plane by name only, the machines are Kurator's own kind."""
    name = f"{plan.name}-metal"
    endpoint = {"host": f"{plan.subnet}.5", "port": 6443}
    cluster = _cluster(
        site, name, _reference(_BARE, "CustomCluster", name), f"{name}-kcp", endpoint, pods="10.233.64.0/18"
    )
    yield cluster
    control = plan.pools[0]
    template = _reference(_BARE, "CustomMachine", name)
    yield _control_plane(site, cluster, f"{name}-kcp", plan.version, control.count, template)
