"""Applications on the host and the Flux objects Kurator makes of them: sources, Kustomizations, releases, charts.

Joins follow Kurator's formulas: sources are named after the Application, releases after policy, kind and cluster.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kurator_tui.demo.world import gated, kurator, rollouts
from kurator_tui.demo.world.site import DAY, HOUR, MINUTE, Site, condition, event
from kurator_tui.demo.world.topology import EDGE_FLEET, EDGE_NAMESPACE, MAIN_FLEET, MAIN_NAMESPACE, ClusterPlan

Obj = dict[str, Any]

_APPS = "apps.kurator.dev/v1alpha1"
_SOURCE, _KUSTOMIZE = "source.toolkit.fluxcd.io/v1beta2", "kustomize.toolkit.fluxcd.io/v1beta2"
_HELM = "helm.toolkit.fluxcd.io/v2beta1"
_APP_LABEL = "apps.kurator.dev/app-name"
_HELM_LABEL = "helm.toolkit.fluxcd.io"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One Application: a Git repository (`url`) of manifests, or a Helm repository when it names a `chart`.

    `broken` is (cluster, reason, message) of the one delivery that fails; `chosen` is the label (`key=value`) of
    the members it goes to.  `workloads` are the Deployments that it writes beside the one of its own name,
    `databases` the StatefulSets.  `newer` is what its source has and nobody has begun to apply.
    """

    name: str
    fleet: str
    url: str
    chosen: str
    revision: str
    chart: str = ""
    namespace: str = "webapp"
    suspended: bool = False
    broken: tuple[str, str, str] = ("", "", "")
    workloads: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()
    newer: str = ""


DELIVERIES = (
    Delivery(
        "webapp",
        MAIN_FLEET,
        "https://git.shop.example/platform/webapp-deploy.git",
        "shop.example/mesh=true",
        "main@sha1:8d2f1c7e5b0a94d36f2e1a7c9b8d4f6051e3a2c7",
        workloads=("frontend", "backend", "cart", "catalog", "recommendation"),
        databases=("session-redis", "orders-db"),
    ),
    Delivery(
        "search",
        MAIN_FLEET,
        "https://git.shop.example/search/deploy.git",
        "shop.example/wave=2",
        "main@sha1:5b90e7a1c3d24f68a0b7e9d1f2c486350aeb47d9",
    ),
    Delivery(
        "checkout",
        MAIN_FLEET,
        "https://git.shop.example/checkout/deploy.git",
        "shop.example/wave=3",
        "main@sha1:e04b6d5f8c1a27930bd4f6e8a5c7132f9d60be84",
    ),
    Delivery(
        "notification",
        MAIN_FLEET,
        "https://git.shop.example/notification/deploy.git",
        "shop.example/wave=1",
        "main@sha1:1f7a3c95d8e0b2464c6f9a0d7e5b3182c4d6f0a9",
    ),
    Delivery(
        "payments",
        MAIN_FLEET,
        "https://git.shop.example/payments/deploy.git",
        "shop.example/payments=true",
        "release-6.2@sha1:41c09be7d6f35a2810ec94bb7d1f6a3e5c2087fd",
        namespace="payments",
        workloads=("gateway", "fraud-scoring", "ledger", "settlement"),
    ),
    Delivery(
        "feature-store",
        MAIN_FLEET,
        "https://charts.ai.example/stable",
        "shop.example/batch=true",
        "2.2.0",
        chart="feature-store",
        namespace="features",
    ),
    Delivery(
        "erp",
        MAIN_FLEET,
        "https://charts.corp.example/erp",
        "shop.example/erp=true",
        "2024.6.1",
        chart="erp-suite",
        namespace="erp",
        broken=(
            "on-prem",
            "UpgradeFailed",
            'Helm upgrade failed: cannot patch "reporting" with kind Deployment: Deployment.apps '
            '"reporting" is invalid: '
            "spec.selector: Invalid value: field is immutable",
        ),
    ),
    Delivery(
        "edge-apps",
        EDGE_FLEET,
        "https://git.edge.example/fleet/edge-apps.git",
        "shop.example/edge=true",
        "main@sha1:b7e0d15fa93c4826d07bb1e2f98a65cc34d7e019",
        namespace="edge-apps",
        workloads=("sensor-gateway", "video-analytics", "mqtt-bridge", "telemetry"),
        newer="main@sha1:3c5d9e0f7a1b2468cde0f13579bdf02468ace135",
        broken=(
            "edge-cold-chain",
            "HealthCheckFailed",
            "Health check failed after 5m0.3s: timeout waiting for: [Deployment/edge-apps/video-analytics "
            "status: 'InProgress']",
        ),
    ),
    Delivery(
        "firmware",
        EDGE_FLEET,
        "ssh://git@git.edge.example/fleet/firmware.git",
        "shop.example/edge=true",
        "",
        namespace="edge-apps",
        suspended=True,
    ),
)
_AUTHENTICATION = (
    "failed to checkout and determine revision: unable to clone 'ssh://git@git.edge.example/fleet/firmware.git': "
    "ssh: handshake failed: knownhosts: key mismatch"
)


def objects(site: Site) -> Iterator[Obj]:
    """Every Application with its source and its deliveries."""
    for delivery in DELIVERIES:
        namespace = EDGE_NAMESPACE if delivery.fleet == EDGE_FLEET else MAIN_NAMESPACE
        targets = [p for p in site.members if p.fleet == delivery.fleet and _is_chosen(delivery, p)]
        if targets:
            yield from _delivered(site, delivery, namespace, targets)
    yield _artifact(site)


def _is_chosen(delivery: Delivery, plan: ClusterPlan) -> bool:
    key, _, value = delivery.chosen.partition("=")
    return kurator.member_labels(plan).get(key) == value


def _delivered(site: Site, delivery: Delivery, namespace: str, targets: list[ClusterPlan]) -> Iterator[Obj]:
    born = site.rng.uniform(8, 50) * DAY
    meta = {"finalizers": ["apps.kurator.dev"]}
    app = site.make(_APPS, "Application", delivery.name, namespace, age=born, meta=meta, spec=_spec(delivery))
    common = {"labels": {_APP_LABEL: delivery.name}, "finalizers": ["finalizers.fluxcd.io"]}
    source = _source(site, delivery, namespace, app, common)
    made = [_one(site, delivery, namespace, app, common, plan) for plan in targets]
    app["status"] = {
        "sourceStatus": {("helmRepoStatus" if delivery.chart else "gitRepoStatus"): source["status"]},
        "syncStatus": [
            _synced(site, delivery, obj, made[-1]["status"], plan) for obj, plan in zip(made, targets, strict=True)
        ],
    }
    yield app
    yield source
    for obj in made:
        if delivery.chart:
            yield _chart(site, delivery, obj)
        yield obj
        for each in obj["status"].get("conditions") or ():
            if each["type"] == "Ready" and each["status"] == "False":
                who = "helm-controller" if delivery.chart else "kustomize-controller"
                yield event(site, obj, each["reason"], each["message"], who)


def _spec(delivery: Delivery) -> Obj:
    """What the user wrote."""
    key, _, value = delivery.chosen.partition("=")
    destination = {"fleet": delivery.fleet, "clusterSelector": {"matchLabels": {key: value}}}
    policy: Obj = {"name": delivery.name, "destination": destination}
    if delivery.chart:
        chart = {"chart": delivery.chart, "version": delivery.revision}
        policy["helm"] = {
            "chart": {"spec": chart},
            "interval": "5m0s",
            "targetNamespace": delivery.namespace,
            "timeout": "5m0s",
        }
        return {"source": {"helmRepository": _repository(delivery)}, "syncPolicies": [policy]}
    policy["kustomization"] = {
        "interval": "0s" if gated.of_application(delivery.name) else "5m0s",
        "path": "./deploy",
        "prune": True,
        "timeout": "5m0s",
        **({"suspend": True} if delivery.suspended else {}),
    }
    for each in gated.of_application(delivery.name):
        policy["rollout"] = rollouts.block(each)
    return {"source": {"gitRepository": _repository(delivery)}, "syncPolicies": [policy]}


def _repository(delivery: Delivery) -> Obj:
    if delivery.chart:
        return {"interval": "5m0s", "url": delivery.url}
    branch = delivery.revision.partition("@")[0] or "main"
    secret = {"secretRef": {"name": "git-ssh"}} if delivery.url.startswith("ssh:") else {}
    return {"interval": "3m0s", "ref": {"branch": branch}, "timeout": "1m0s", "url": delivery.url, **secret}


def _source(site: Site, delivery: Delivery, namespace: str, app: Obj, common: Obj) -> Obj:
    now = site.stamp(site.rng.uniform(60, 5000))
    kind = "HelmRepository" if delivery.chart else "GitRepository"
    digest = site.digest(64)
    revision = f"sha256:{digest}" if delivery.chart else delivery.newer or delivery.revision
    artifact = {
        "digest": f"sha256:{digest}",
        "lastUpdateTime": now,
        "path": f"{kind.lower()}/{namespace}/{delivery.name}/{revision.rpartition(':')[2]}.tar.gz",
        "revision": revision,
        "size": site.rng.randint(900, 90_000),
        "url": f"http://source-controller.fluxcd-system.svc.cluster.local./{kind.lower()}/{delivery.name}",
    }
    message = f"stored artifact for revision '{revision}'"
    status: Obj = {
        "observedGeneration": 1,
        "conditions": [
            _flux(True, "Succeeded", message, now),
            _flux(True, "Succeeded", message, now, "ArtifactInStorage"),
        ],
        "artifact": artifact,
    }
    if not delivery.revision:
        conditions = [
            _flux(False, "GitOperationFailed", _AUTHENTICATION, now),
            _flux(True, "GitOperationFailed", _AUTHENTICATION, now, "FetchFailed"),
        ]
        status = {"observedGeneration": -1, "conditions": conditions}
    spec = _repository(delivery)
    return site.make(_SOURCE, kind, delivery.name, namespace, owner=app, meta=common, spec=spec, status=status)


def _flux(good: bool, reason: str, message: str, since: str, kind: str = "Ready") -> Obj:
    return condition(kind, good, since, reason, message, observedGeneration=1)


def _one(site: Site, delivery: Delivery, namespace: str, app: Obj, common: Obj, plan: ClusterPlan) -> Obj:
    """The Kustomization or HelmRelease of one member."""
    name = _name(delivery, plan)
    secret = {"secretRef": kurator.secret_of(plan)}
    failed = delivery.broken if delivery.broken[0] == plan.name else ("", "", "")
    now = site.stamp(site.rng.uniform(1, 20) * HOUR if not failed[1] else 11 * MINUTE)
    if delivery.chart:
        reference = {"kind": "HelmRepository", "name": delivery.name}
        chart = {"chart": delivery.chart, "version": delivery.revision, "sourceRef": reference, "interval": "5m0s"}
        spec: Obj = {
            "chart": {"spec": chart},
            "interval": "5m0s",
            "timeout": "5m0s",
            "kubeConfig": secret,
            "targetNamespace": delivery.namespace,
            "storageNamespace": delivery.namespace,
        }
        status = kurator.release_status(name, namespace, delivery.revision, now, failure=failed[2])
        return site.make(_HELM, "HelmRelease", name, namespace, owner=app, meta=common, spec=spec, status=status)
    spec = {
        **_spec(delivery)["syncPolicies"][0]["kustomization"],
        "kubeConfig": secret,
        "sourceRef": {"kind": "GitRepository", "name": delivery.name},
        "force": False,
    }
    status = _kustomized(delivery, failed, now)
    return site.make(
        _KUSTOMIZE, "Kustomization", name, namespace, owner=app, meta=common, spec=spec, status=status
    )


def _kustomized(delivery: Delivery, failed: tuple[str, str, str], now: str) -> Obj:
    if not delivery.revision:
        return {"observedGeneration": -1}
    applied = f"Applied revision: {delivery.revision}"
    entries = [{"id": f"{delivery.namespace}_{each}", "v": "v1"} for each in _written(delivery)]
    found = {
        "observedGeneration": 1,
        "lastAttemptedRevision": delivery.revision,
        "inventory": {"entries": entries},
    }
    if failed[1]:
        conditions = [_flux(False, failed[1], failed[2], now), _flux(False, failed[1], failed[2], now, "Healthy")]
        older = "main@sha1:2a9b7c0d1e8f46533b1d0c9a8e7f5d4c3b2a1908"
        return {**found, "lastAppliedRevision": older, "conditions": conditions}
    ready = _flux(True, "ReconciliationSucceeded", applied, now)
    return {**found, "lastAppliedRevision": delivery.revision, "conditions": [ready]}


def _written(delivery: Delivery) -> Iterator[str]:
    """`name_group_kind` of what a delivery writes, in the order in which Flux applies kinds."""
    services = {each.name: each.service_name for each in gated.of_application(delivery.name)}
    workloads = delivery.workloads or (delivery.name,)
    for name in workloads:
        yield f"{name}-config__ConfigMap"
    for name in (*workloads, *delivery.databases):
        yield f"{services.get(name, name)}__Service"
    for name in workloads:
        yield f"{name}_apps_Deployment"
    for name in delivery.databases:
        yield f"{name}_apps_StatefulSet"


def release_labels(namespace: str, plan: ClusterPlan) -> dict[str, str]:
    """What helm-controller puts on what a chart of an Application makes in a namespace of a member."""
    for each in DELIVERIES:
        if each.chart and each.namespace == namespace and _is_chosen(each, plan):
            space = EDGE_NAMESPACE if each.fleet == EDGE_FLEET else MAIN_NAMESPACE
            return {f"{_HELM_LABEL}/name": _name(each, plan), f"{_HELM_LABEL}/namespace": space}
    return {}


def _name(delivery: Delivery, plan: ClusterPlan) -> str:
    """Of the Kustomization or HelmRelease of one member."""
    return f"{delivery.name}-{kurator.reference(plan)['kind']}-{plan.name}".lower()[:63]


def _chart(site: Site, delivery: Delivery, release: Obj) -> Obj:
    """The HelmChart a HelmRelease makes."""
    meta = release["metadata"]
    now = site.stamp(2 * DAY)
    message = f"pulled '{delivery.chart}' chart with version '{delivery.revision}'"
    name = f"{meta['namespace']}-{meta['name']}"
    reference = {"kind": "HelmRepository", "name": delivery.name}
    spec = {
        "chart": delivery.chart,
        "version": delivery.revision,
        "interval": "5m0s",
        "sourceRef": reference,
        "reconcileStrategy": "ChartVersion",
    }
    status = {"observedGeneration": 1, "observedChartName": delivery.chart}
    status["conditions"] = [_flux(True, "ChartPullSucceeded", message, now)]
    return site.make(_SOURCE, "HelmChart", name, meta["namespace"], spec=spec, status=status)


def _synced(site: Site, delivery: Delivery, obj: Obj, last: Obj, plan: ClusterPlan) -> Obj:
    """As Kurator writes it: the Flux part of every item is that of the last."""
    found: Obj = {"name": obj["metadata"]["name"]}
    found["HelmReleaseStatus" if delivery.chart else "kustomizationStatus"] = last
    for each in gated.of_application(delivery.name):
        if each.service_name == each.name:
            start = each.start(plan.name)
            status = {"phase": start.phase, "canaryWeight": start.weight, "failedChecks": start.failed}
            status |= {"iterations": start.iterations, "lastTransitionTime": site.stamp(2 * MINUTE)}
            found["rolloutStatus"] = {
                "clusterName": plan.name,
                "rolloutNameInCluster": each.name,
                "rolloutStatusInCluster": status,
            }
    return found


def _artifact(site: Site) -> Obj:
    """A source from an OCI registry that has lost its credentials."""
    message = (
        "failed to determine artifact digest: GET "
        "https://ghcr.io/token?scope=repository%3Ashop%2Fmanifests%3Apull: "
        "DENIED: requested access to the resource is denied"
    )
    now = site.stamp(3 * HOUR)
    conditions = [
        condition("Ready", False, now, "OCIPullFailed", message, observedGeneration=1),
        condition("FetchFailed", True, now, "OCIPullFailed", message, observedGeneration=1),
    ]
    spec = {
        "interval": "10m0s",
        "url": "oci://ghcr.io/shop/manifests",
        "ref": {"tag": "latest"},
        "provider": "generic",
        "timeout": "60s",
        "secretRef": {"name": "ghcr-pull"},
    }
    status = {"observedGeneration": 1, "conditions": conditions}
    return site.make(_SOURCE, "OCIRepository", "manifests", MAIN_NAMESPACE, spec=spec, status=status)
