"""Host objects of clusters' lives for the tests of their joins: what Kurator and Cluster API would write."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from kurator_tui.fleet import lifecycle
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HOST, AnyKind
from kurator_tui.kinds.cluster_api import CLUSTER as CAPI_CLUSTER
from kurator_tui.kinds.cluster_api import KUBEADM_CONTROL_PLANE, MACHINE, MACHINE_DEPLOYMENT, MACHINE_SET
from kurator_tui.kinds.cluster_api_aws import AWS_MACHINE
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, CLUSTER, CUSTOM_CLUSTER
from kurator_tui.kinds.kurator_apps import CUSTOM_MACHINE
from kurator_tui.kinds.lifecycle import LifecycleRow
from kurator_tui.kinds.pods import POD
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store

Object = dict[str, Any]
LIVE = Freshness(State.LIVE, 1.0)
NOW = 1_800_000_000.0
OLD, NEW = "v1.27.3", "v1.28.4"
_IN = "cluster.x-k8s.io/cluster-name"
NEVER: Callable[[str, str, str], tuple[Any, ...]] = lambda *_place: ()  # noqa: E731 - nobody has gates here


def condition(kind: str, status: str = "True", reason: str = "", severity: str = "") -> Object:
    return {"type": kind, "status": status, "reason": reason, "severity": severity}


def meta(name: str, uid: str = "", **more: Any) -> Object:
    return {
        "name": name,
        "namespace": "default",
        "uid": uid or f"u-{name}",
        "creationTimestamp": "2026-01-01T00:00:00Z",
        **more,
    }


class Host:
    """A host that serves all kinds the joins read, and has nothing yet."""

    def __init__(self, join: Join = lifecycle.JOIN) -> None:
        self.join = join
        self.store = Store()
        self.seen = Seen(self.store, lambda: NOW, NEVER)
        self.seen.members = {HOST: Member(HOST, "Host")}
        self.store.set_freshness(HOST, "", LIVE)
        for kind in (*join.host, *join.members):
            self.store.set_freshness(HOST, kind.id, LIVE)

    def put(self, kind: AnyKind, obj: Object, cluster: str = HOST) -> None:
        row = RowDecoder(kind, cluster).row(json.dumps(obj).encode())
        self.store.put(kind.id, cluster, {row.uid: row})
        self.seen.shared_changed()
        self.seen.changed(cluster)

    def state(self, kind: AnyKind, state: State, cluster: str = HOST) -> None:
        self.store.set_freshness(cluster, kind.id, Freshness(state, 1.0, "said so"))
        self.seen.shared_changed()

    def member(self, name: str, kind: str, object_name: str = "") -> None:
        found = Member(name, kind, "default", object_name or name)
        self.seen.members = {**self.seen.members, name: found}
        self.store.set_freshness(name, "", LIVE)

    def rows(self, cluster: str = HOST) -> list[Any]:
        self.seen.begin(cluster)
        return list(self.join.rows(self.seen, cluster))

    def lines(self) -> list[LifecycleRow]:
        return sorted(self.rows(), key=lambda row: row.path)

    def line(self, name: str, kind: str = "") -> LifecycleRow:
        found = [row for row in self.rows() if row.name == name and kind in ("", row.kind)]
        assert len(found) == 1, (name, kind, [(row.kind, row.name) for row in self.rows()])
        line: LifecycleRow = found[0]
        return line

    # -- objects ------------------------------------------------------------------------------------------------

    def cluster(
        self, name: str = "prod", version: str = OLD, *told: Object, phase: str = "Ready", **more: Any
    ) -> None:
        conditions = told or tuple(condition(kind) for kind in ("Ready", "CNI", "InfrastructureReady"))
        spec = {"infraType": "aws", "version": version, "master": {"replicas": 1}, "workers": [{"replicas": 2}]}
        status = {"phase": phase, "conditions": list(conditions), "apiEndpoint": "lb.example:6443"}
        self.put(CLUSTER, {"metadata": meta(name), "spec": spec, "status": status})

    def capi(self, name: str = "prod", infrastructure: str = "AWSCluster", of: str = "", **more: Any) -> None:
        labels = {"cluster.kurator.dev/cluster-name": of or name}
        spec: Object = {"infrastructureRef": {"kind": infrastructure, "name": of or name}}
        spec["controlPlaneEndpoint"] = {"host": "10.0.0.5", "port": 6443}
        told = [condition("Ready")]
        status = {"phase": "Provisioned", "conditions": told}
        self.put(
            CAPI_CLUSTER,
            {"metadata": meta(name, f"capi-{name}", labels=labels, **more), "spec": spec, "status": status},
        )

    def plane(self, cluster: str = "prod", version: str = OLD, running: str = "", *told: Object) -> None:
        status = {
            "version": running or version,
            "replicas": 1,
            "readyReplicas": 1,
            "updatedReplicas": 1,
            "initialized": True,
            "conditions": list(told) or [condition("Available"), condition("Ready")],
        }
        obj = {
            "metadata": meta(f"{cluster}-kcp", labels={_IN: cluster}),
            "spec": {"replicas": 1, "version": version},
        }
        self.put(KUBEADM_CONTROL_PLANE, {**obj, "status": status})

    def workers(self, cluster: str = "prod", version: str = OLD, phase: str = "Running", number: int = 0) -> None:
        name = f"{cluster}-md-{number}"
        spec = {"clusterName": cluster, "replicas": 2, "template": {"spec": {"version": version}}}
        status = {"phase": phase, "replicas": 2, "readyReplicas": 2, "updatedReplicas": 2}
        self.put(MACHINE_DEPLOYMENT, {"metadata": meta(name), "spec": spec, "status": status})
        # Cluster API's reference to the owner of a MachineSet is a controlling one, that to a Cluster is not
        owner = {"kind": "MachineDeployment", "name": name, "uid": f"u-{name}", "controller": True}
        self.put(
            MACHINE_SET,
            {"metadata": meta(f"{name}-x", ownerReferences=[owner]), "spec": spec, "status": status},
        )

    def machine(
        self, name: str, owner: str, version: str = OLD, *told: Object, phase: str = "Running", **more: Any
    ) -> None:
        kind, its = owner.split("/")
        cluster = its.rsplit("-kcp")[0].split("-md-")[0]
        references = [{"kind": kind, "name": its, "uid": f"u-{its}", "controller": True}]
        spec = {"clusterName": cluster, "version": version, "infrastructureRef": {"name": f"aws-{name}"}}
        status = {
            "phase": phase,
            "nodeRef": {"name": f"node-{name}"},
            "conditions": list(told) or [condition("Ready"), condition("NodeHealthy")],
        }
        self.put(
            MACHINE, {"metadata": meta(name, ownerReferences=references, **more), "spec": spec, "status": status}
        )

    def instance(self, machine: str, state: str = "running", *told: Object) -> None:
        status = {"ready": not told, "instanceState": state, "conditions": list(told)}
        self.put(
            AWS_MACHINE,
            {"metadata": meta(f"aws-{machine}"), "spec": {"instanceType": "m5.large"}, "status": status},
        )

    def custom(self, name: str = "metal", phase: str = "Provisioned", *told: Object, machines: str = "") -> None:
        spec = {
            "machineRef": {"name": machines or name},
            "controlPlaneConfig": {"address": "192.168.0.5", "loadBalancerDomainName": "k8s.example"},
        }
        status = {
            "phase": phase,
            "conditions": list(told) or [condition("Ready"), condition("ObtainedKubeConfig")],
        }
        self.put(CUSTOM_CLUSTER, {"metadata": meta(name, f"cc-{name}"), "spec": spec, "status": status})

    def hosts(self, name: str, masters: int = 1, nodes: int = 2) -> None:
        spec = {
            "master": [{"hostName": f"m{at}", "privateIP": f"10.0.0.{at}"} for at in range(masters)],
            "node": [{"hostName": f"n{at}", "privateIP": f"10.0.1.{at}"} for at in range(nodes)],
        }
        self.put(CUSTOM_MACHINE, {"metadata": meta(name, f"cm-{name}"), "spec": spec, "status": {"ready": True}})

    def attached(self, name: str, secret: str) -> None:
        spec = {"kubeconfig": {"name": secret}}
        self.put(ATTACHED_CLUSTER, {"metadata": meta(name, f"at-{name}"), "spec": spec, "status": {"ready": True}})

    def worker(self, name: str, cluster: str, phase: str = "Running", made: str = "2026-01-01T00:00:00Z") -> None:
        owner = [{"kind": "CustomCluster", "name": cluster, "uid": f"cc-{cluster}", "controller": True}]
        self.put(
            POD,
            {
                "metadata": {**meta(name, ownerReferences=owner), "creationTimestamp": made},
                "spec": {"containers": [{"name": "kubespray"}]},
                "status": {"phase": phase},
            },
        )
