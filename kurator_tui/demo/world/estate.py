"""Fills a new cluster with what has been running there for weeks: nodes, namespaces, workloads, pods.

Everything is written once, already settled; controllers start afterwards and find nothing to do.
"""

from typing import Any

from kurator_tui.demo.world import blemishes, gated, podstates, rollouts, scheduling
from kurator_tui.demo.world.apps import App, apps
from kurator_tui.demo.world.cluster import SimCluster, owner_reference
from kurator_tui.demo.world.controllers import budgets, cleanup, common, deployment, replicaset, revisions
from kurator_tui.demo.world.nodes import LEASES, NodePool, lease, make_node
from kurator_tui.demo.world.objects import container, matches, pod_from_template, pod_template
from kurator_tui.demo.world.systems.delivery import release_labels
from kurator_tui.demo.world.topology import ClusterPlan
from kurator_tui.demo.world.workloads import budget, service, workload

Obj = dict[str, Any]

DAY = 86400.0
_SYSTEM_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
_CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")


class Builder:
    """Fills one cluster after its plan."""

    def __init__(self, cluster: SimCluster, plan: ClusterPlan) -> None:
        self._cluster = cluster
        self._plan = plan
        self._rng = cluster.rng
        self._age = self._rng.uniform(60, 400) * DAY

    def build(self) -> None:
        """Write everything."""
        running = apps(self._plan.name, self._plan.version, self._plan.flavours, self._plan.size)
        running = gated.split(self._plan.name, running)
        extra = [self._plan.namespace] if self._plan.name == "host" else []
        for name in sorted({*_SYSTEM_NAMESPACES, *extra, *(app.namespace for app in running)}):
            self.namespace(name)
        for pool in self._plan.pools:
            for number in range(pool.count):
                self._node(pool, number)
        self._basics()
        for app in running:
            self._app(app)
        blemishes.apply(self._cluster)

    def namespace(self, name: str) -> None:
        """An Active namespace with what every namespace has."""
        labels = {"kubernetes.io/metadata.name": name}
        if name in ("webapp", "payments") and "mesh" in self._plan.flavours:
            labels["istio-injection"] = "enabled"
        meta = {"name": name, "labels": labels, **self._born(self._age)}
        spec = {"finalizers": ["kubernetes"]}
        self._put("namespaces", "v1", "Namespace", meta, spec=spec, status={"phase": "Active"})
        cleanup.furnish(self._cluster, name)

    def _born(self, seconds_ago: float) -> Obj:
        return {"creationTimestamp": self._cluster.clock.stamp(seconds_ago)}

    def _put(self, resource: str, version: str, kind: str, meta: Obj, **more: Any) -> Obj:
        return self._cluster.create(resource, {"apiVersion": version, "kind": kind, "metadata": meta, **more})

    def _node(self, pool: NodePool, number: int) -> None:
        cluster = self._cluster
        count = len(cluster.all_of("nodes"))
        name = f"{pool.prefix}-{number + 1:02d}" if pool.role != "gpu" else f"{pool.prefix}-{'abcdefgh'[number]}"
        beat = cluster.clock.stamp(self._rng.uniform(0, 40))
        node = make_node(pool, name, self._plan.version, number=count, subnet=self._plan.subnet, now=beat)
        age = self._age * self._rng.uniform(0.2, 1.0)
        for each in node["status"]["conditions"]:
            each["lastTransitionTime"] = cluster.clock.stamp(age - 30)
        node["metadata"] |= self._born(age)
        created = cluster.create("nodes", node)
        renewed = cluster.clock.micro_stamp(self._rng.uniform(0, 10))
        cluster.create(LEASES, {**lease(name, created["metadata"]["uid"], renewed)})
        if pool.role == "control-plane":
            for component in _CONTROL_PLANE:
                self._static_pod(component, created, age)

    def _static_pod(self, component: str, node: Obj, age: float) -> None:
        """A mirror pod of the control plane."""
        image = f"registry.k8s.io/{component}:{self._plan.version}"
        if component == "etcd":
            image = "registry.k8s.io/etcd:3.5.12-0"
        labels = {"component": component, "tier": "control-plane"}
        template = pod_template(labels, [container(component, image, cpu="200m")], hostNetwork=True)
        name = f"{component}-{node['metadata']['name']}"
        pod = pod_from_template(template, namespace="kube-system", name=name, token_suffix=self._cluster.suffix())
        owner = owner_reference(node)
        del owner["blockOwnerDeletion"]
        pod["metadata"]["ownerReferences"] = [owner]
        digest = f"{self._rng.getrandbits(128):032x}"
        pod["metadata"]["annotations"] = {
            "kubernetes.io/config.mirror": digest,
            "kubernetes.io/config.source": "file",
        }
        self._settle(pod, age, node["metadata"]["name"])

    def _basics(self) -> None:
        """The Service of the API server and a storage class."""
        meta = {"name": "kubernetes", "namespace": "default", **self._born(self._age)}
        meta["labels"] = {"component": "apiserver", "provider": "kubernetes"}
        spec = {
            "ports": [{"name": "https", "protocol": "TCP", "port": 443, "targetPort": 6443}],
            "clusterIP": "10.96.0.1",
            "clusterIPs": ["10.96.0.1"],
            "type": "ClusterIP",
            "sessionAffinity": "None",
        }
        self._put("services", "v1", "Service", meta, spec=spec, status={"loadBalancer": {}})
        meta = {"name": "standard", **self._born(self._age)}
        meta["annotations"] = {"storageclass.kubernetes.io/is-default-class": "true"}
        more = {"provisioner": "csi.demo.example", "reclaimPolicy": "Delete", "allowVolumeExpansion": True}
        self._put(
            "storageclasses.storage.k8s.io",
            "storage.k8s.io/v1",
            "StorageClass",
            meta,
            volumeBindingMode="WaitForFirstConsumer",
            **more,
        )

    def _app(self, app: App) -> None:
        age = self._age * self._rng.uniform(0.1, 0.9)
        obj = workload(app)
        obj["metadata"] |= self._born(age)
        obj["metadata"]["labels"] = {**obj["metadata"]["labels"], **release_labels(app.namespace, self._plan)}
        uid = self._cluster.storage.new_uid()
        obj["metadata"]["uid"] = uid
        if app.kind != "Job":
            obj["metadata"]["generation"] = 1
        if app.release == "primary":
            obj["metadata"]["ownerReferences"] = [self._canary_of(app)]
        {
            "Deployment": self._deployment,
            "StatefulSet": self._stateful_set,
            "DaemonSet": self._daemon_set,
            "Job": self._job,
        }[app.kind](obj, age)
        if app.port and app.kind != "DaemonSet" and not app.release:
            exposed = service(app, self._cluster.next_ip("10.96"))
            exposed["metadata"] |= self._born(age)
            self._cluster.create("services", exposed)
        if app.budget and app.release != "target":
            self._budget(app, age)
        if app.scaled and app.release != "primary":
            meta = {"name": f"{app.name}-config", "namespace": app.namespace, **self._born(age)}
            data = {"LOG_LEVEL": "info", "CLUSTER": self._plan.name}
            self._put("configmaps", "v1", "ConfigMap", meta, data=data)

    def _canary_of(self, app: App) -> Obj:
        uid = gated.canary_uid(self._cluster.name, app.namespace, app.name)
        meta = {"name": app.name, "uid": uid}
        return owner_reference({"apiVersion": rollouts.CANARY_API, "kind": "Canary", "metadata": meta})

    def _budget(self, app: App, age: float) -> None:
        obj = budget(app)
        obj["metadata"] |= {**self._born(age), "generation": 1}
        pods = [
            pod
            for pod in self._cluster.all_of("pods", app.namespace)
            if matches(obj["spec"]["selector"], pod["metadata"].get("labels"))
        ]
        obj["status"] = budgets.budget_status(obj, pods, app.replicas, self._cluster.clock.stamp(age))
        self._cluster.create("poddisruptionbudgets.policy", obj)

    def _deployment(self, obj: Obj, age: float) -> None:
        number = self._rng.randint(1, 9)
        obj["metadata"]["annotations"] = {deployment.REVISION: str(number)}
        rolled = age * self._rng.uniform(0.02, 0.9)
        rs = deployment.replica_set(obj, replicas=common.replicas_of(obj), number=number)
        rs["metadata"] |= {**self._born(rolled), "uid": self._cluster.storage.new_uid(), "generation": 1}
        pods = [
            self._settle(replicaset.pod_of(self._cluster, rs), self._pod_age(rolled))
            for _ in range(common.replicas_of(rs))
        ]
        rs["status"] = replicaset.status_of(rs, pods)
        obj["status"] = deployment.status_of(obj, [rs], self._cluster.clock.stamp(rolled))
        self._cluster.create("replicasets.apps", rs)
        self._cluster.create("deployments.apps", obj)

    def _stateful_set(self, obj: Obj, age: float) -> None:
        pods = [
            self._settle(revisions.stateful_pod(self._cluster, obj, number), self._pod_age(age))
            for number in range(common.replicas_of(obj))
        ]
        obj["status"] = revisions.stateful_status(obj, pods)
        self._cluster.create("statefulsets.apps", obj)

    def _daemon_set(self, obj: Obj, age: float) -> None:
        nodes = revisions.eligible_nodes(self._cluster, obj)
        pods = [
            self._settle(revisions.daemon_pod(self._cluster, obj, node), self._pod_age(age), node)
            for node in nodes
        ]
        obj["status"] = revisions.daemon_status(obj, nodes, pods)
        self._cluster.create("daemonsets.apps", obj)

    def _job(self, obj: Obj, _age: float) -> None:
        """A Job that has been running for an hour or two."""
        age = self._rng.uniform(3600, 9000)
        obj["metadata"] |= {**self._born(age), "generation": 1}
        for pod in [budgets.job_pod(self._cluster, obj) for _ in range(int(obj["spec"]["parallelism"]))]:
            self._settle(pod, age - 5)
        count = int(obj["spec"]["parallelism"])
        obj["status"] = {"startTime": self._cluster.clock.stamp(age), "active": count, "ready": count}
        self._cluster.create("jobs.batch", obj)

    def _pod_age(self, limit: float) -> float:
        return min(limit, self._rng.uniform(0.01, 1.0) ** 2 * 40 * DAY + 600)

    def _settle(self, pod: Obj, age: float, node: str = "") -> Obj:
        """Store a pod that has been running for `age` seconds on `node`, or wherever it fits."""
        cluster = self._cluster
        pod["metadata"] |= {"uid": cluster.storage.new_uid(), **self._born(age), "generation": 1}
        target = node or scheduling.pick(cluster, pod)[0]
        if target is None:
            return cluster.create("pods", pod)
        pod["spec"]["nodeName"] = target
        host = cluster.find("nodes", "", target)
        host_ip = str(host["status"]["addresses"][0]["address"]) if host else ""
        since = cluster.clock.stamp(max(0.0, age - 4))
        pod["status"] = podstates.creating(pod, since, host_ip)
        address = host_ip if pod["spec"].get("hostNetwork") else cluster.next_ip("10.244")
        restarts = self._rng.choice((0, 0, 0, 0, 0, 0, 0, 1, 2)) if age > DAY else 0
        pod["status"] = podstates.running(pod, since, address, ready=True, restarts=restarts)
        if restarts:
            ended = {"exitCode": 137, "reason": "OOMKilled", "startedAt": since, "finishedAt": since}
            pod["status"]["containerStatuses"][0]["lastState"] = {"terminated": ended}
        return cluster.create("pods", pod)
