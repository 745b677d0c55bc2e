"""Flux of a newer release on a member, run by a team of its own: source v1, kustomize v1, helm v2."""

from collections.abc import Iterator
from typing import Any

from kurator_tui.demo.world.site import DAY, HOUR, MINUTE, Site, condition

Obj = dict[str, Any]

_SOURCE, _KUSTOMIZE, _HELM = (
    "source.toolkit.fluxcd.io/v1",
    "kustomize.toolkit.fluxcd.io/v1",
    "helm.toolkit.fluxcd.io/v2",
)
_NAMESPACE = "flux-system"
_REVISION = "main@sha1:77c0e3b1a9d25f4486c1be03d7a5928f1c6e4d02"
_BUILD = (
    "kustomize build failed: accumulating resources: accumulation err='accumulating resources from "
    "'../base': '/tmp/kustomization-291/base' must resolve to a file': missing metadata.name in object"
)
_EXHAUSTED = "Failed to upgrade after 3 attempt(s): terminal error: exceeded maximum retries"


def objects(site: Site) -> Iterator[Obj]:
    """Sources, then what is made of them."""
    yield _source(
        site,
        "GitRepository",
        "team-preview",
        {"url": "https://git.shop.example/preview/apps.git", "ref": {"branch": "main"}},
    )
    yield _source(site, "HelmRepository", "bitnami", {"url": "https://charts.bitnami.com/bitnami"})
    yield _source(site, "HelmRepository", "podinfo", {"url": "https://stefanprodan.github.io/podinfo"})
    oci = {"url": "oci://ghcr.io/shop/policies", "ref": {"semver": ">=1.0.0"}, "provider": "generic"}
    yield _source(site, "OCIRepository", "policies", oci)
    for name, reason, message in (
        ("apps", "ReconciliationSucceeded", f"Applied revision: {_REVISION}"),
        ("infrastructure", "ReconciliationSucceeded", f"Applied revision: {_REVISION}"),
        ("preview-9312", "BuildFailed", _BUILD),
        ("tenants", "DependencyNotReady", "dependency 'flux-system/preview-9312' is not ready"),
    ):
        yield _kustomization(site, name, reason, message)
    yield from _release(
        site,
        "podinfo",
        "podinfo",
        "6.7.1",
        "UpgradeSucceeded",
        "Helm upgrade succeeded for release preview/podinfo.v4",
    )
    yield from _release(site, "redis", "bitnami", "19.6.4", "RetriesExceeded", _EXHAUSTED)
    yield from _release(
        site, "minio", "bitnami", "14.8.0", "Progressing", "Running 'upgrade' action with timeout of 5m0s"
    )


def _source(site: Site, kind: str, name: str, spec: Obj) -> Obj:
    now = site.stamp(site.rng.uniform(60, 3000))
    revision = _REVISION if kind == "GitRepository" else f"sha256:{site.digest(64)}"
    artifact = {
        "digest": f"sha256:{site.digest(64)}",
        "lastUpdateTime": now,
        "path": f"{kind.lower()}/{_NAMESPACE}/{name}/artifact.tar.gz",
        "revision": revision,
        "size": 20_480,
        "url": f"http://source-controller.{_NAMESPACE}.svc.cluster.local./{kind.lower()}/{_NAMESPACE}/{name}",
    }
    message = f"stored artifact for revision '{revision}'"
    status = {
        "observedGeneration": 1,
        "artifact": artifact,
        "conditions": [
            condition("Ready", True, now, "Succeeded", message, observedGeneration=1),
            condition("ArtifactInStorage", True, now, "Succeeded", message, observedGeneration=1),
        ],
    }
    return site.make(
        _SOURCE, kind, name, _NAMESPACE, spec={"interval": "5m0s", "timeout": "60s", **spec}, status=status
    )


def _kustomization(site: Site, name: str, reason: str, message: str) -> Obj:
    good = reason == "ReconciliationSucceeded"
    since = site.stamp(3 * HOUR if good else 14 * MINUTE)
    status: Obj = {
        "observedGeneration": 2,
        "lastAttemptedRevision": _REVISION,
        "conditions": [condition("Ready", good, since, reason, message, observedGeneration=2)],
    }
    if good:
        ids = [f"preview_{name}-web_apps_Deployment", f"preview_{name}-web__Service"]
        status |= {
            "lastAppliedRevision": _REVISION,
            "inventory": {"entries": [{"id": each, "v": "v1"} for each in ids]},
        }
    spec: Obj = {
        "interval": "10m0s",
        "path": f"./{name}",
        "prune": True,
        "sourceRef": {"kind": "GitRepository", "name": "team-preview"},
        "force": False,
    }
    if name == "tenants":
        spec["dependsOn"] = [{"name": "preview-9312"}]
    return site.make(_KUSTOMIZE, "Kustomization", name, _NAMESPACE, spec=spec, status=status)


def _release(site: Site, name: str, repository: str, version: str, reason: str, message: str) -> Iterator[Obj]:
    """A release with its history, and its chart."""
    reference = {"kind": "HelmRepository", "name": repository, "namespace": _NAMESPACE}
    chart = {"chart": name, "version": version, "sourceRef": reference}
    good, busy = reason == "UpgradeSucceeded", reason == "Progressing"
    since = site.stamp(4 * MINUTE if busy else 5 * HOUR)
    ready = condition("Ready", "Unknown" if busy else good, since, reason, message, observedGeneration=4)
    conditions = [ready]
    if busy:
        conditions.append(condition("Reconciling", True, since, reason, message, observedGeneration=4))
    elif good:
        conditions.append(condition("Released", True, since, reason, message, observedGeneration=4))
    else:
        conditions.append(condition("Stalled", True, since, reason, message, observedGeneration=4))
    history = [
        {
            "name": name,
            "namespace": "preview",
            "chartName": name,
            "chartVersion": version,
            "version": 4,
            "status": "deployed" if good else "pending-upgrade" if busy else "failed",
            "configDigest": f"sha256:{site.digest(64)}",
            "digest": f"sha256:{site.digest(64)}",
            "firstDeployed": site.stamp(30 * DAY),
            "lastDeployed": since,
        }
    ]
    status: Obj = {
        "observedGeneration": 4,
        "conditions": conditions,
        "history": history,
        "helmChart": f"{_NAMESPACE}/preview-{name}",
        "lastAttemptedRevision": version,
        "lastAttemptedReleaseAction": "upgrade",
        "storageNamespace": "preview",
        **({} if good or busy else {"failures": 3, "upgradeFailures": 3}),
    }
    spec = {"interval": "10m0s", "timeout": "5m0s", "chart": {"spec": chart}}
    yield site.make(_HELM, "HelmRelease", name, "preview", age=30 * DAY, spec=spec, status=status)
    pulled = f"pulled '{name}' chart with version '{version}'"
    said = condition("Ready", True, site.stamp(DAY), "ChartPullSucceeded", pulled, observedGeneration=1)
    source = {"kind": "HelmRepository", "name": repository}
    about = {"chart": name, "version": version, "interval": "10m0s", "sourceRef": source}
    state = {"observedGeneration": 1, "observedChartName": name, "conditions": [said]}
    yield site.make(_SOURCE, "HelmChart", f"preview-{name}", _NAMESPACE, spec=about, status=state)
