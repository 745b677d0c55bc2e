"""An estate in which nothing is wrong: what is broken elsewhere is taken out, or mended, before anything moves.

`GONE` names what is only there to be broken; `_MENDED` says how the rest is when it is well.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kurator_tui.demo.world import blemishes, kurator, podstates
from kurator_tui.demo.world.cluster import SimCluster
from kurator_tui.demo.world.controllers import common, endpoints
from kurator_tui.demo.world.nodes import LEASES, heard
from kurator_tui.demo.world.world import World

Obj = dict[str, Any]
Place = tuple[str, str, str, str]
"""(cluster, resource, namespace, how the name begins)."""

GONE: tuple[Place, ...] = (
    ("ai-cloud", "jobs.batch.volcano.sh", "training", "embeddings-backfill"),
    ("ai-cloud", "jobs.batch.volcano.sh", "training", "pretrain-70b"),
    ("ai-cloud", "jobs.batch.volcano.sh", "training", "tokenizer"),
    ("ai-cloud", "jobs.batch.volcano.sh", "training", "ablation-train"),
    ("ai-cloud", "jobflows.flow.volcano.sh", "training", "ablation"),
    ("ai-cloud", "commands.bus.volcano.sh", "training", "tokenizer-abort"),
    ("ai-cloud", "clusterpolicyreports.wgpolicyk8s.io", "", "cpol-default-deny"),
    ("ai-cloud", "persistentvolumeclaims", "features", "feature-cache"),
    ("edge-cold-chain", "devices.devices.kubeedge.io", "edge-apps", "cooling-unit-truck-02"),
    ("edge-cold-chain", "rules.rules.kubeedge.io", "edge-apps", "alarms-to-cloud"),
    ("edge-east", "rules.rules.kubeedge.io", "edge-apps", "alarms-to-cloud"),
    ("edge-east", "devices.devices.kubeedge.io", "edge-apps", "cooling-unit-east-site-02"),
    ("edge-east", "devicestatuses.devices.kubeedge.io", "edge-apps", "cooling-unit-east-site-02"),
    ("edge-east", "imageprepulljobs.operations.kubeedge.io", "", "video-0-9"),
    ("edge-east", "nodeupgradejobs.operations.kubeedge.io", "", "to-1-21"),
    ("host", "applications.apps.kurator.dev", "default", "notification"),
    ("host", "fleets.fleet.kurator.dev", "staging", "staging"),
    ("host", "pods", "staging", "staging-init"),
    ("host", "gitrepositories.source.toolkit.fluxcd.io", "edge", "firmware"),
    ("host", "ocirepositories.source.toolkit.fluxcd.io", "default", "manifests"),
    ("host", "resourcebindings.work.karmada.io", "edge-apps", "telemetry-deployment"),
    ("host", "resourcebindings.work.karmada.io", "features", "feature-store-deployment"),
    ("host", "resourcebindings.work.karmada.io", "shop", "batch-scoring-job"),
    ("host", "works.work.karmada.io", "karmada-es-on-prem", "feature-store"),
    ("on-prem", "canaries.flagger.app", "webapp", "cart"),
    ("on-prem", "horizontalpodautoscalers.autoscaling", "webapp", "cart"),
    ("pre-cloud", "canaries.flagger.app", "webapp", "notification"),
    ("on-prem", "jobs.batch.volcano.sh", "speech", "asr-finetune"),
    ("on-prem", "jobs.batch.volcano.sh", "speech", "diarize-backfill"),
    ("on-prem", "jobs.batch.volcano.sh", "speech", "voices-eval"),
    ("on-prem", "mutatingwebhookconfigurations.admissionregistration.k8s.io", "", "istio-sidecar-injector"),
    (
        "on-prem",
        "validatingwebhookconfigurations.admissionregistration.k8s.io",
        "",
        "istio-validator-istio-system",
    ),
    ("on-prem", "serviceexports.multicluster.x-k8s.io", "webapp", "frontend"),
    ("on-prem", "virtualservices.networking.istio.io", "webapp", "catalog"),
    ("pre-cloud", "destinationrules.networking.istio.io", "webapp", "session-redis"),
    ("pre-cloud", "helmreleases.helm.toolkit.fluxcd.io", "preview", ""),
    ("pre-cloud", "kustomizations.kustomize.toolkit.fluxcd.io", "flux-system", "preview-9312"),
    ("pre-cloud", "kustomizations.kustomize.toolkit.fluxcd.io", "flux-system", "tenants"),
    ("pre-cloud", "rollouts.argoproj.io", "webapp", "cart"),
    ("pre-cloud", "virtualservices.networking.istio.io", "webapp", "frontend"),
    ("prod-cloud", "canaries.flagger.app", "payments", "ledger"),
    ("prod-cloud", "jobs.batch", "payments", "reconcile-ledger-"),
    ("prod-cloud", "serviceexports.multicluster.x-k8s.io", "webapp", "legacy-catalog"),
)

FAILED = (
    ("host", "machines.cluster.x-k8s.io"),
    ("host", "pipelineruns.tekton.dev"),
    ("on-prem", "podvolumebackups.velero.io"),
)
"""(cluster, resource) of which those go that failed: their names are drawn."""


def mend(world: World) -> None:
    """Have nothing wrong in a world that was just built."""
    for cluster, resource, namespace, name in GONE:
        if cluster in world.clusters:
            _take_out(world.clusters[cluster], resource, namespace, name)
    for cluster, resource in FAILED:
        for each in world.clusters[cluster].all_of(resource) if cluster in world.clusters else ():
            if _failed(each):
                _take_out(world.clusters[cluster], resource, *common.key_of(each))
    for cluster, resource, namespace, name, change in _MENDED:
        if cluster in world.clusters:
            for each in _named(world.clusters[cluster], resource, namespace, name):
                world.clusters[cluster].modify(resource, *common.key_of(each), change)
    for one in world.clusters.values():
        _heal_pods(one)
        _wake_nodes(one)
        blemishes.recount(one)
        _count_endpoints(one)
        _make_ready(one)


def _failed(obj: Obj) -> bool:
    status = obj.get("status") or {}
    wrong = (each["type"] for each in status.get("conditions") or () if each["status"] == "False")
    return status.get("phase") == "Failed" or not {"Succeeded", "InfrastructureReady"}.isdisjoint(wrong)


def _named(cluster: SimCluster, resource: str, namespace: str, name: str) -> list[Obj]:
    return [each for each in cluster.all_of(resource, namespace) if each["metadata"]["name"].startswith(name)]


def _take_out(cluster: SimCluster, resource: str, namespace: str, name: str) -> None:
    for each in _named(cluster, resource, namespace, name):
        for kind, space, owned in cluster.owned_refs(each["metadata"]["uid"]):
            _take_out(cluster, kind, space, owned)
        cluster.remove(resource, *common.key_of(each))


def _heal_pods(cluster: SimCluster) -> None:
    """Pods that could not start run, what failed is gone, and their controllers have counted them."""
    cluster.bad_images.clear()
    now = cluster.clock.stamp(600)
    for pod in cluster.all_of("pods"):
        if podstates.waiting_reason(pod):
            address = pod["status"].get("podIP") or cluster.next_ip("10.244")
            fresh = {**pod, "status": {**pod["status"], "containerStatuses": []}}
            cluster.set_status("pods", pod, podstates.running(fresh, now, address, ready=True, restarts=0))
        elif (pod.get("status") or {}).get("phase") == "Failed":
            cluster.remove("pods", *common.key_of(pod))


def _count_endpoints(cluster: SimCluster) -> None:
    """EndpointSlices have the pods as they are now."""
    for service in cluster.all_of("services"):
        if (service.get("spec") or {}).get("selector"):
            made = endpoints.slice_of(cluster, service)
            place = (service["metadata"].get("namespace", ""), made["metadata"]["name"])
            cluster.modify(endpoints.SLICES, *place, partial(_put, "endpoints", made["endpoints"]))


def _put(key: str, value: object, obj: Obj) -> None:
    obj[key] = value


def _wake_nodes(cluster: SimCluster) -> None:
    now = cluster.clock.stamp()
    for name in sorted(cluster.stopped_nodes):
        cluster.modify("nodes", "", name, lambda node: heard(node, now))
        cluster.modify(
            LEASES, "kube-node-lease", name, lambda it: it["spec"].update(renewTime=cluster.clock.micro_stamp())
        )
        for pod in cluster.pods_on(name):
            cluster.modify("pods", *common.key_of(pod), _pod_ready)
    cluster.stopped_nodes.clear()


def _pod_ready(pod: Obj) -> None:
    for each in pod["status"].get("conditions") or ():
        each["status"] = "True"


_HELM, _KUSTOMIZE = "helmreleases.helm.toolkit.fluxcd.io", "kustomizations.kustomize.toolkit.fluxcd.io"


def _make_ready(cluster: SimCluster) -> None:
    """Releases and Kustomizations have what their sources have."""
    now = cluster.clock.stamp()
    for each in cluster.all_of(_HELM):
        if not kurator.is_ready(each):
            namespace, name = common.key_of(each)
            version = str(each["status"].get("lastAttemptedRevision"))
            cluster.set_status(_HELM, each, kurator.release_status(name, namespace, version, now))
    sources = {common.key_of(each): each for each in cluster.all_of("gitrepositories.source.toolkit.fluxcd.io")}
    for each in cluster.all_of(_KUSTOMIZE):
        namespace, _name = common.key_of(each)
        source = sources.get((namespace, str(each["spec"]["sourceRef"]["name"])))
        if source is not None:
            revision = str(source["status"]["artifact"]["revision"])
            cluster.modify(_KUSTOMIZE, *common.key_of(each), partial(_applied, revision, now))


def _applied(revision: str, now: str, obj: Obj) -> None:
    if obj["status"].get("lastAppliedRevision") == revision and kurator.is_ready(obj):
        return
    said = {"reason": "ReconciliationSucceeded", "message": f"Applied revision: {revision}"}
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": now, **said}
    obj["status"].update(lastAppliedRevision=revision, lastAttemptedRevision=revision, conditions=[ready])


# -- what is mended one by one ------------------------------------------------------------------------------------


def _policy(obj: Obj) -> None:
    obj["status"]["ready"] = True
    obj["status"]["conditions"] = [{**obj["status"]["conditions"][0], "status": "True", "reason": "Succeeded"}]
    obj["status"]["conditions"][0].pop("message", None)


def _gateway(obj: Obj) -> None:
    for each in obj["status"]["connections"]:
        each.update(status="connected", statusMessage="")


def _ceph(obj: Obj) -> None:
    told = obj["status"]["ceph"]
    told.update(health="HEALTH_OK", details={})
    used = told["capacity"]["bytesTotal"] // 3
    told["capacity"].update(bytesUsed=used, bytesAvailable=told["capacity"]["bytesTotal"] - used)


def _autoscaler(obj: Obj) -> None:
    """Not at its most, and it sees what it scales by."""
    for each in obj["status"]["conditions"]:
        if each["type"] == "ScalingLimited":
            each.update(status="False", reason="DesiredWithinRange", message="the desired count is within range")


def _quota(obj: Obj) -> None:
    for hard in (obj["spec"]["hard"], obj["status"]["hard"]):
        hard.update({"pods": "80", "requests.cpu": "40"})


def _saved(obj: Obj) -> None:
    _completed(obj["status"])


def _all_saved(obj: Obj) -> None:
    for each in obj["status"]["backupDetails"]:
        _completed(each["backupStatusInCluster"])


def _completed(status: Obj) -> None:
    status["phase"] = "Completed"
    for key in ("errors", "warnings", "failureReason"):
        status.pop(key, None)


def _location(obj: Obj) -> None:
    obj["status"]["phase"] = "Available"
    obj["status"].pop("message", None)


def _joined(obj: Obj) -> None:
    for each in obj["status"]["conditions"]:
        if each["type"] == "Ready":
            each.update(
                status="True", reason="ClusterReady", message="cluster is healthy and ready to accept workloads"
            )
    obj["spec"].pop("taints", None)


def _prometheus(obj: Obj) -> None:
    obj["status"].update(availableReplicas=obj["status"]["replicas"], unavailableReplicas=0)
    for each in obj["status"]["conditions"]:
        each.update(status="True", reason="", message="")


def _everywhere(obj: Obj) -> None:
    for each in obj["status"]["workloadStatus"]:
        each["conditions"] = "Available"


def _released(obj: Obj) -> None:
    if obj["status"]["phase"] != "Succeeded":
        obj["status"].update(phase="Succeeded", canaryWeight=0, failedChecks=0)
        for each in obj["status"].get("conditions") or ():
            each.update(status="True", reason="Succeeded", message="Canary analysis completed successfully.")


def _application(obj: Obj) -> None:
    for each in obj["status"].get("syncStatus") or ():
        for told in each.values():
            if isinstance(told, dict) and told.get("conditions"):
                told["conditions"] = [_READY]


def _open(obj: Obj) -> None:
    obj["status"].update(state="Open", pending=0)


_READY = {"type": "Ready", "status": "True", "reason": "ReconciliationSucceeded", "message": "Applied"}
_HPA, _EDGE = "horizontalpodautoscalers.autoscaling", "edgeapplications.apps.kubeedge.io"
_MENDED: tuple[tuple[str, str, str, str, Callable[[Obj], None]], ...] = (
    ("ai-cloud", "backupstoragelocations.velero.io", "velero", "default", _location),
    ("edge-cold-chain", "prometheuses.monitoring.coreos.com", "monitoring", "", _prometheus),
    ("edge-cold-chain", _EDGE, "edge-apps", "", _everywhere),
    ("edge-east", _EDGE, "edge-apps", "", _everywhere),
    ("edge-east", _HPA, "edge-apps", "", _autoscaler),
    ("edge-cold-chain", _HPA, "edge-apps", "", _autoscaler),
    ("host", "backups.backup.kurator.dev", "default", "", _all_saved),
    ("host", "clusters.cluster.karmada.io", "", "", _joined),
    ("on-prem", "backups.velero.io", "velero", "on-prem-backup", _saved),
    ("on-prem", "cephclusters.ceph.rook.io", "rook-ceph", "", _ceph),
    ("on-prem", "clusterpolicies.kyverno.io", "", "disallow-latest-tag", _policy),
    ("on-prem", "gateways.submariner.io", "submariner-operator", "", _gateway),
    ("on-prem", _HPA, "erp", "", _autoscaler),
    ("on-prem", "queues.scheduling.volcano.sh", "", "research-tts", _open),
    ("pre-cloud", _HPA, "webapp", "", _autoscaler),
    ("prod-cloud", "canaries.flagger.app", "webapp", "checkout", _released),
    ("host", "applications.apps.kurator.dev", "edge", "edge-apps", _application),
    ("prod-cloud", _HPA, "webapp", "", _autoscaler),
    ("prod-cloud", _HPA, "payments", "", _autoscaler),
    ("prod-cloud", "resourcequotas", "payments", "team", _quota),
)
