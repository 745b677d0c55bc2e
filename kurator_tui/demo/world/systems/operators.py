"""Systems few clusters have: Rook, Argo CD and Rollouts, an operator's own kinds, a platform's own kinds."""

from collections.abc import Iterator
from typing import Any

from kurator_tui.demo.world.site import DAY, HOUR, MINUTE, Site, condition

Obj = dict[str, Any]

_ROOK, _ARGO, _WIDGETS, _PLATFORM = (
    "ceph.rook.io/v1",
    "argoproj.io/v1alpha1",
    "widgets.example.com/v1",
    "platform.example.com/v1beta1",
)


def storage(site: Site) -> Iterator[Obj]:
    """A Ceph cluster with a slow disk, and its pools."""
    nodes = [node["metadata"]["name"] for node in site.all_of("nodes")][-4:]
    since = site.stamp(6 * HOUR)
    checked = site.stamp(50)
    ceph = {
        "health": "HEALTH_WARN",
        "previousHealth": "HEALTH_OK",
        "lastChanged": since,
        "lastChecked": checked,
        "fsid": "5d2c9f3e-7b0a-4c1d-9e86-20f4a1b7c3d9",
        "details": {
            "BLUESTORE_SLOW_OP_ALERT": {
                "severity": "HEALTH_WARN",
                "message": "1 OSD(s) experiencing slow operations",
            },
            "OSD_NEARFULL": {"severity": "HEALTH_WARN", "message": "1 nearfull osd(s)"},
        },
        "capacity": {
            "bytesTotal": 48_010_010_001_408,
            "bytesUsed": 40_808_508_501_196,
            "bytesAvailable": 7_201_501_500_212,
            "lastUpdated": checked,
        },
        "versions": {"overall": {"ceph version 17.2.6 quincy (stable)": 9}},
    }
    status = {
        "phase": "Ready",
        "state": "Created",
        "message": "Cluster created successfully",
        "observedGeneration": 3,
        "ceph": ceph,
        "version": {"image": "quay.io/ceph/ceph:v17.2.6", "version": "17.2.6-0"},
        "conditions": [condition("Ready", True, checked, "ClusterCreated", "Cluster created successfully")],
    }
    spec = {
        "cephVersion": {"image": "quay.io/ceph/ceph:v17.2.6"},
        "dataDirHostPath": "/var/lib/rook",
        "mon": {"count": 3, "allowMultiplePerNode": False},
        "mgr": {"count": 2},
        "storage": {
            "useAllNodes": False,
            "nodes": [{"name": name, "devices": [{"name": "sdb"}]} for name in nodes],
        },
    }
    yield site.make(_ROOK, "CephCluster", "rook-ceph", "rook-ceph", age=120 * DAY, spec=spec, status=status)
    for name, phase in (("replicapool", "Ready"), ("archive", "Failure")):
        pool = {"replicated": {"size": 3}, "failureDomain": "host"}
        info = {"type": "Replicated", "failureDomain": "host"}
        state = {"phase": phase, "observedGeneration": 1, "info": info}
        yield site.make(_ROOK, "CephBlockPool", name, "rook-ceph", age=110 * DAY, spec=pool, status=state)


_SYNC_FAILED = (
    'one or more objects failed to apply, reason: admission webhook "validate.kyverno.svc-fail" denied '
    "the request: "
    "resource Deployment/preview/search was blocked due to the following policies: disallow-privileged-containers"
)
#: name → (path, sync, health, phase of the last operation, what was said)
_APPLICATIONS = {
    "catalog-preview": ("Synced", "Healthy", "Succeeded", "successfully synced (all tasks run)"),
    "checkout-preview": ("OutOfSync", "Healthy", "Succeeded", "successfully synced (all tasks run)"),
    "search-preview": ("OutOfSync", "Missing", "Failed", _SYNC_FAILED),
    "frontend-preview": ("Synced", "Progressing", "Running", "waiting for healthy state of apps/Rollout/frontend"),
    "reports-preview": ("Unknown", "Unknown", "Error", "rpc error: code = Unknown desc = authentication required"),
    "cart-preview": ("Synced", "Degraded", "Succeeded", "successfully synced (all tasks run)"),
    "legacy-preview": ("Synced", "Suspended", "Succeeded", "successfully synced (all tasks run)"),
}


def argo(site: Site) -> Iterator[Obj]:
    """Argo CD Applications in every state with their project, and Rollouts that refer to existing Deployments."""
    for name, (sync, health, phase, said) in _APPLICATIONS.items():
        yield _application(site, name, sync, health, phase, said)
    project = {
        "description": "Previews of the shop",
        "sourceRepos": ["https://git.shop.example/*"],
        "destinations": [{"namespace": "webapp", "server": "https://kubernetes.default.svc"}],
    }
    yield site.make(_ARGO, "AppProject", "previews", "argocd", age=90 * DAY, spec=project)
    yield from (_rollout(site, name, phase) for name, phase in (("frontend", "Paused"), ("cart", "Degraded")))


def _application(site: Site, name: str, sync: str, health: str, phase: str, said: str) -> Obj:
    workload = name.removesuffix("-preview")
    revision = site.digest()
    source = {
        "repoURL": "https://git.shop.example/preview/apps.git",
        "path": f"apps/{workload}",
        "targetRevision": "main",
    }
    spec = {
        "project": "previews",
        "source": source,
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "webapp"},
        "syncPolicy": {"automated": {"prune": True, "selfHeal": sync == "Synced"}},
    }
    kinds = (("apps", "Deployment"), ("", "Service"), ("", "ConfigMap"))
    resources = [
        {
            **({"group": group} if group else {}),
            "version": "v1",
            "kind": kind,
            "namespace": "webapp",
            "name": workload if kind != "ConfigMap" else f"{workload}-config",
            "status": sync,
            **({"health": {"status": health}} if kind != "ConfigMap" else {}),
        }
        for group, kind in kinds
    ]
    started = site.stamp(40 * MINUTE)
    operation = {
        "phase": phase,
        "message": said,
        "startedAt": started,
        **({} if phase == "Running" else {"finishedAt": site.stamp(39 * MINUTE)}),
        "operation": {"sync": {"revision": revision}},
        "syncResult": {"revision": revision, "source": source},
    }
    status: Obj = {
        "sync": {
            "status": sync,
            "revision": revision,
            "comparedTo": {"source": source, "destination": spec["destination"]},
        },
        "health": {"status": health},
        "operationState": operation,
        "reconciledAt": site.stamp(90),
        "resources": resources,
        "history": [{"id": 4, "revision": revision, "deployedAt": started, "source": source}],
        "sourceType": "Kustomize",
        "summary": {"images": [f"registry.shop.example/webapp/{workload}:preview"]},
    }
    if sync == "Unknown":
        kind = "ComparisonError"
        status["conditions"] = [
            {"type": kind, "message": f"Failed to load target state: {said}", "lastTransitionTime": started}
        ]
    meta = {"finalizers": ["resources-finalizer.argocd.argoproj.io"]}
    return site.make(_ARGO, "Application", name, "argocd", age=25 * DAY, meta=meta, spec=spec, status=status)


def _rollout(site: Site, name: str, phase: str) -> Obj:
    deployment = site.find("deployments.apps", "webapp", name) or {}
    count = int((deployment.get("spec") or {}).get("replicas") or 1)
    steps = [
        {"setWeight": 20},
        {"pause": {"duration": "30s"}},
        {"setWeight": 60},
        {"pause": {"duration": "20s"}},
    ]
    message = (
        "CanaryPauseStep"
        if phase == "Paused"
        else f'ProgressDeadlineExceeded: ReplicaSet "{name}-6c9d" has timed out progressing.'
    )
    since = site.stamp(25 * MINUTE)
    conditions = [condition("Available", True, since, "AvailableReason", "Rollout has minimum availability")]
    if phase == "Paused":
        conditions.append(condition("Paused", True, since, "RolloutPaused", "Rollout is paused"))
    else:
        conditions.append(condition("Progressing", False, since, "ProgressDeadlineExceeded", message))
    status = {
        "phase": phase,
        "message": message,
        "replicas": count,
        "readyReplicas": count,
        "availableReplicas": count if phase == "Paused" else count - 1,
        "updatedReplicas": 1,
        "currentStepIndex": 1,
        "currentPodHash": site.suffix(10),
        "stableRS": site.suffix(10),
        "observedGeneration": "5",
        "conditions": conditions,
    }
    spec = {
        "replicas": count,
        "workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "scaleDown": "never"},
        "selector": {"matchLabels": {"app": name}},
        "strategy": {"canary": {"steps": steps}},
    }
    return site.make(_ARGO, "Rollout", name, "webapp", age=25 * DAY, spec=spec, status=status)


def widgets(site: Site) -> Iterator[Obj]:
    """An operator nobody else knows: widgets with conditions, one of them broken, on production lines."""
    for name, hall, phase in (("north", "A", "Running"), ("south", "B", "Maintenance")):
        state = {"phase": phase}
        yield site.make(_WIDGETS, "WidgetLine", name, age=200 * DAY, spec={"hall": hall}, status=state)
    for number in range(9):
        line = "north" if number % 3 else "south"
        reason, said, good = "Running", "The widget turns.", "True"
        if number == 4:
            reason, said, good = "BearingWorn", "vibration 9.2 mm/s is above the limit of 7.1 mm/s", "False"
        elif number == 7:
            reason, said, good = "Calibrating", "calibration 3/5", "Unknown"
        since = site.stamp(site.rng.uniform(1, 90) * HOUR)
        status = {
            "unitsPerHour": round(site.rng.uniform(80, 140), 1),
            "lastInspection": site.stamp(site.rng.uniform(1, 30) * DAY),
            "conditions": [
                condition("Ready", good, since, reason, said),
                condition("Powered", True, since, "Mains"),
            ],
        }
        spec = {"size": 2 + number % 4, "line": line, "recipe": {"steel": "S235", "coating": "zinc"}}
        name = f"widget-{number + 1:02d}"
        yield site.make(_WIDGETS, "Widget", name, "erp", age=100 * DAY, spec=spec, status=status)


def platform_host(site: Site) -> Iterator[Obj]:
    """Words a platform team gave its own meaning, on the host."""
    for name, good in (("shop-frontend", True), ("shop-search", False)):
        since = site.stamp(3 * HOUR)
        said = condition(
            "Ready", good, since, "AllReady" if good else "ClusterLagging", "" if good else "on-prem has 2/4"
        )
        spec = {"placement": {"clusters": ["prod-cloud", "on-prem"]}, "replicas": 4}
        status = {"conditions": [said]}
        yield site.make(_PLATFORM, "FederatedDeployment", name, "default", spec=spec, status=status)
    for name, phase, ago in (("gold", "Active", 5 * HOUR), ("bronze", "Failed", 9 * DAY)):
        spec = {"schedule": "0 1 * * *", "retention": "30d"}
        state = {"phase": phase, "lastSuccessfulTime": site.stamp(ago)}
        yield site.make(_PLATFORM, "BackupPolicy", name, "default", spec=spec, status=state)


def platform_edge(site: Site) -> Iterator[Obj]:
    """The platform's own view of edge nodes."""
    for number, node in enumerate(site.all_of("nodes")):
        meta = node["metadata"]
        if "node-role.kubernetes.io/edge" in meta["labels"]:
            seen = site.stamp(20 if number % 4 else 2 * HOUR)
            status = {"connected": bool(number % 4), "lastSeen": seen, "agentVersion": "1.17.0"}
            spec = {"site": meta["labels"]["topology.kubernetes.io/zone"]}
            yield site.make(_PLATFORM, "EdgeNode", meta["name"], spec=spec, status=status)


def platform_mesh(site: Site) -> Iterator[Obj]:
    """The platform's own view of a mesh."""
    spec, status = (
        {"provider": "istio", "version": "1.18.7"},
        {"state": "Degraded", "message": "1/2 revisions ready"},
    )
    yield site.make(_PLATFORM, "ServiceMesh", "default", spec=spec, status=status)
