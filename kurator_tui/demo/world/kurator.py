"""The Kurator and Flux objects of the host: fleets, registered clusters, their Secrets and the plugins' releases.

Shapes, names and labels are those Kurator v0.6 writes.  Pure functions from values to objects.
"""

import base64
import json
from dataclasses import dataclass
from typing import Any

from kurator_tui.demo.world.plugins import HOST_COMPONENTS, MEMBER_COMPONENTS, SPECS, VALUES
from kurator_tui.demo.world.topology import ClusterPlan, Registration

Obj = dict[str, Any]

FLEET_LABEL = "fleet.kurator.dev/fleet-name"
_FLEET_API, _CLUSTER_API = "fleet.kurator.dev/v1alpha1", "cluster.kurator.dev/v1alpha1"
_INFRA_API = "infrastructure.cluster.x-k8s.io/v1alpha1"

_SHOP = "shop.example"
_CHOOSING = ("mesh", "payments", "batch", "erp", "edge")
#: Members by the wave in which new versions reach them.
_WAVES = {"pre-cloud": "1", "on-prem": "2", "prod-cloud": "3"}


def fleet(name: str, namespace: str, members: list[Obj], plugins: tuple[str, ...], **meta: Any) -> Obj:
    """A Fleet with these member references and plugins, Ready with all members."""
    spec: Obj = {"clusters": members}
    if plugins:
        spec["plugin"] = {plugin: SPECS[plugin] for plugin in plugins}
    return {
        "apiVersion": _FLEET_API,
        "kind": "Fleet",
        "metadata": {"name": name, "namespace": namespace, "finalizers": ["fleet.kurator.dev"], **meta},
        "spec": spec,
        "status": {"phase": "Ready", "readyClusters": len(members), "unReadyClusters": 0},
    }


def reference(plan: ClusterPlan) -> Obj:
    """How a Fleet names this member."""
    kind = "Cluster" if plan.registration is Registration.CLUSTER else "AttachedCluster"
    return {"name": plan.name, "kind": kind}


@dataclass(frozen=True, slots=True)
class Access:
    """How a cluster is reached: its URL, an admin's bearer token, the authority (PEM, b'' for none)."""

    server: str = "http://127.0.0.1:9"
    token: str = ""
    authority: bytes = b""

    def cluster_entry(self) -> Obj:
        """The `cluster` of a kubeconfig."""
        authority = base64.b64encode(self.authority).decode()
        return {"server": self.server, **({"certificate-authority-data": authority} if authority else {})}


def kubeconfig(name: str, access: Access) -> str:
    """A kubeconfig with one context and an embedded token, as text."""
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": access.cluster_entry()}],
            "users": [{"name": f"{name}-admin", "user": {"token": access.token}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": f"{name}-admin"}}],
            "current-context": name,
        }
    )


def secret(name: str, namespace: str, data: dict[str, str], *, kind: str = "Opaque", **meta: Any) -> Obj:
    """A Secret with these plain values."""
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    found = {"name": name, "namespace": namespace, **meta}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": found, "type": kind, "data": encoded}


def registration(plan: ClusterPlan, access: Access, now: str) -> list[Obj]:
    """The host objects that make a member known, its kubeconfig Secret first."""
    text = kubeconfig(plan.name, access)
    if plan.registration is Registration.CLUSTER:
        return _aws_cluster(plan, access.server, text, now)
    if plan.registration is Registration.CUSTOM:
        return _custom_cluster(plan, text, now)
    made = secret(plan.name, plan.namespace, {plan.secret_key: text})
    return [made, _attached(plan, plan.name, plan.secret_key)]


def member_labels(plan: ClusterPlan) -> dict[str, str]:
    """The labels of a member's Cluster or AttachedCluster: what it runs, and which wave of a release it is in."""
    labels = {FLEET_LABEL: plan.fleet, "env": "prod" if plan.name.startswith("prod") else "demo"}
    labels["location"] = "edge" if "edge" in plan.flavours else "site"
    labels |= {f"{_SHOP}/{flavour}": "true" for flavour in _CHOOSING if flavour in plan.flavours}
    return labels | ({f"{_SHOP}/wave": _WAVES[plan.name]} if plan.name in _WAVES else {})


def _attached(plan: ClusterPlan, secret_name: str, key: str) -> Obj:
    labels = member_labels(plan)
    return {
        "apiVersion": _CLUSTER_API,
        "kind": "AttachedCluster",
        "metadata": {"name": plan.name, "namespace": plan.namespace, "labels": labels},
        "spec": {"kubeconfig": {"name": secret_name, "key": key}},
        "status": {"ready": True},
    }


def _severity_condition(kind: str, now: str) -> Obj:
    return {"type": kind, "status": "True", "lastTransitionTime": now}


def _aws_cluster(plan: ClusterPlan, server: str, text: str, now: str) -> list[Obj]:
    """A Cluster on AWS, the cloud credential and the Cluster API kubeconfig."""
    name, namespace = plan.name, plan.namespace
    credential = secret(
        f"{name}-aws", namespace, {"AccessKeyID": "AKIADEMODEMODEMODEMO", "SecretAccessKey": "demo"}
    )
    labels = {"cluster.x-k8s.io/cluster-name": name}
    config = secret(
        f"{name}-kubeconfig", namespace, {"value": text}, kind="cluster.x-k8s.io/secret", labels=labels
    )
    control, *workers = plan.pools
    machines = [{"replicas": pool.count, "instanceType": pool.instance, "sshKeyName": "ops"} for pool in workers]
    cluster = {
        "apiVersion": _CLUSTER_API,
        "kind": "Cluster",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": member_labels(plan),
            "finalizers": ["cluster.cluster.kurator.dev"],
        },
        "spec": {
            "infraType": "aws",
            "version": plan.version,
            "region": "eu-west-1",
            "credential": {"secretRef": f"{name}-aws"},
            "network": {
                "vpc": {"name": f"{name}-vpc", "cidrBlock": "10.10.0.0/16"},
                "podCIDRs": ["10.244.0.0/16"],
                "serviceCIDRs": ["10.96.0.0/12"],
                "cni": {"type": "calico"},
            },
            "master": {"replicas": control.count, "instanceType": control.instance, "sshKeyName": "ops"},
            "workers": machines,
            "podIdentity": {"enabled": False},
        },
        "status": {
            "phase": "Ready",
            "conditions": [_severity_condition(kind, now) for kind in ("Ready", "CNI", "InfrastructureReady")],
            "apiEndpoint": server.partition("//")[2],
            "kubeconfigSecretRef": f"{name}-kubeconfig",
        },
    }
    return [credential, config, cluster]


def _custom_cluster(plan: ClusterPlan, text: str, now: str) -> list[Obj]:
    """A bare-metal CustomCluster with its machines, and the AttachedCluster that lets it join a fleet."""
    name, namespace = f"{plan.name}-metal", plan.namespace
    config_name = f"{name}-kubeconfig-x7k2p"
    key = {"apiVersion": "v1", "kind": "Secret", "name": "cluster-secret", "namespace": namespace}
    machines = {"master": [], "node": []}  # type: dict[str, list[Obj]]
    number = 10
    for pool in plan.pools:
        for index in range(pool.count):
            address = f"{plan.subnet}.{number}"
            host = {"hostName": f"{pool.prefix}-{index + 1:02d}", "privateIP": address, "publicIP": address}
            machines["master" if pool.role == "control-plane" else "node"].append({**host, "sshKey": key})
            number += 1
    meta = {"name": name, "namespace": namespace}
    custom = {
        "apiVersion": _INFRA_API,
        "kind": "CustomCluster",
        "metadata": {**meta, "finalizers": ["customcluster.cluster.kurator.dev"]},
        "spec": {
            "cni": {"type": "calico"},
            "machineRef": {
                "apiVersion": _INFRA_API,
                "kind": "CustomMachine",
                "name": name,
                "namespace": namespace,
            },
            "controlPlaneConfig": {"address": f"{plan.subnet}.5", "loadBalancerDomainName": "k8s.dc1.example"},
        },
        "status": {
            "phase": "Provisioned",
            "conditions": [_severity_condition(kind, now) for kind in ("Ready", "ObtainedKubeConfig")],
        },
    }
    machine = {
        "apiVersion": _INFRA_API,
        "kind": "CustomMachine",
        "metadata": {**meta, "finalizers": ["customcluster.cluster.kurator.dev"]},
        "spec": machines,
        "status": {"ready": True},
    }
    ssh = secret("cluster-secret", namespace, {"ssh-privatekey": "(simulated)"})
    config = secret(config_name, namespace, {"admin.conf": text})
    return [ssh, config, machine, custom, _attached(plan, config_name, "admin.conf")]


def releases(fleet_object: Obj, plan: ClusterPlan | None, now: str) -> list[Obj]:
    """The HelmRepositories and HelmReleases a Fleet's plugins make for one member (None: on the host)."""
    table = MEMBER_COMPONENTS if plan else HOST_COMPONENTS
    made = []
    for plugin in (fleet_object.get("spec") or {}).get("plugin") or {}:
        for component in table.get(plugin, ()):
            if _installed(fleet_object, component[0]):
                made += _release(fleet_object, plan, component, now)
    return made


def _said(fleet_object: Obj, *path: str) -> Any:
    """What `spec.plugin` says at a path, None for nothing."""
    found: Any = (fleet_object.get("spec") or {}).get("plugin")
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _installed(fleet_object: Obj, component: str) -> bool:
    """Some components are there only when the plugin asks for them."""
    if component == "kyverno-policies":
        return _said(fleet_object, "policy", "kyverno", "podSecurity") is not None
    return component != "testloader" or _said(fleet_object, "flagger", "publicTestloader") is True


def _release(fleet_object: Obj, plan: ClusterPlan | None, parts: tuple[str, ...], now: str) -> list[Obj]:
    component, plugin, chart, version, url, target = parts
    meta = fleet_object["metadata"]
    name = f"{component}-{plan.name}" if plan else component
    owner = {"apiVersion": _FLEET_API, "kind": "Fleet", "name": meta["name"], "uid": meta["uid"]}
    common: Obj = {
        "name": name,
        "namespace": meta["namespace"],
        "labels": {
            "app.kubernetes.io/managed-by": "fleet-manager",
            "fleet.kurator.dev/name": meta["name"],
            "fleet.kurator.dev/plugin": plugin,
            "fleet.kurator.dev/component": component,
        },
        "ownerReferences": [owner],
        "finalizers": ["finalizers.fluxcd.io"],
    }
    oci = url.startswith("oci://")
    repository = {
        "apiVersion": "source.toolkit.fluxcd.io/v1beta2",
        "kind": "HelmRepository",
        "metadata": dict(common),
        "spec": {"interval": "5m0s", "timeout": "60s", "url": url, **({"type": "oci"} if oci else {})},
        "status": {
            "observedGeneration": 1,
            "conditions": [_flux_condition("True", "Succeeded", "stored artifact: revision 'sha256:5f1d'", now)],
        },
    }
    source = {"kind": "HelmRepository", "name": name}
    spec: Obj = {
        "chart": {"spec": {"chart": chart, "version": version, "sourceRef": source, "interval": "5m0s"}},
        "install": {"createNamespace": True},
        "interval": "1m0s",
        "timeout": "15m0s",
        "targetNamespace": target or meta["namespace"],
        "storageNamespace": target or meta["namespace"],
    }
    if values := _said(fleet_object, *VALUES.get(component, ("",)), "extraArgs"):
        spec["values"] = values
    if plan:
        spec["kubeConfig"] = {"secretRef": secret_of(plan)}
    release = {
        "apiVersion": "helm.toolkit.fluxcd.io/v2beta1",
        "kind": "HelmRelease",
        "metadata": dict(common),
        "spec": spec,
        "status": release_status(name, meta["namespace"], version, now),
    }
    return [repository, release]


def secret_of(plan: ClusterPlan) -> Obj:
    """The Secret and key with a member's kubeconfig."""
    if plan.registration is Registration.CLUSTER:
        return {"name": f"{plan.name}-kubeconfig", "key": "value"}
    if plan.registration is Registration.CUSTOM:
        return {"name": f"{plan.name}-metal-kubeconfig-x7k2p", "key": "admin.conf"}
    return {"name": plan.name, "key": plan.secret_key}


def _flux_condition(status: str, reason: str, message: str, now: str, kind: str = "Ready") -> Obj:
    return {"type": kind, "status": status, "lastTransitionTime": now, "reason": reason, "message": message}


def release_status(name: str, namespace: str, version: str, now: str, *, failure: str = "", busy: str = "") -> Obj:
    """A HelmRelease's status: ready, failed with a message, or busy with a message."""
    chart = {
        "helmChart": f"{namespace}/{namespace}-{name}",
        "observedGeneration": 1,
        "lastAttemptedRevision": version,
    }
    if busy:
        return {**chart, "conditions": [_flux_condition("Unknown", "Progressing", busy, now)]}
    if failure:
        conditions = [
            _flux_condition("False", "UpgradeFailed", failure, now),
            _flux_condition("False", "UpgradeFailed", failure, now, "Released"),
        ]
        return {**chart, "conditions": conditions, "failures": 4, "upgradeFailures": 1, "lastReleaseRevision": 3}
    done = "Release reconciliation succeeded"
    conditions = [
        _flux_condition("True", "ReconciliationSucceeded", done, now),
        _flux_condition("True", "InstallSucceeded", "Helm install succeeded", now, "Released"),
    ]
    return {**chart, "conditions": conditions, "lastAppliedRevision": version, "lastReleaseRevision": 1}


def is_ready(obj: Obj) -> bool:
    """True when a Flux object's Ready condition is True; any shape of object."""
    conditions = (obj.get("status") or {}).get("conditions") or ()
    return any(each.get("type") == "Ready" and each.get("status") == "True" for each in conditions)


PULL_FAILURE = (
    "Helm upgrade failed: timed out waiting for the condition\n\nLast Helm logs:\n\n"
    'pod {pod}: container "{container}" is waiting: ImagePullBackOff: Back-off pulling image "{image}"'
)
