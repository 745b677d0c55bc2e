"""Objects of a host and its members, for tests of analysers: small, and as the platform writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from kurator_tui.kinds.base import HOST, AnyKind
from kurator_tui.kinds.findings import FindingRow
from kurator_tui.kinds.flux import APPLICATION_LABEL, GIT_REPOSITORY, HELM_RELEASE, KUSTOMIZATION
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, FLEET
from kurator_tui.kinds.kurator_apps import APPLICATION
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.triage.rules import Analyser
from tests.unit.triage.stage import NOW, Stage, project

Object = dict[str, Any]
SPACE = "prod"


class Estate(Stage):
    """A stage on which every kind that is looked at is known, on the host and in `cluster`."""

    def __init__(self, *analysers: Analyser[Any], cluster: str = "eu") -> None:
        super().__init__(*analysers)
        for each in analysers:
            self.live(each.kind, HOST)
            for kind in (each.kind, *each.beside):
                self.live(kind, HOST)
                self.live(kind, cluster)
            for kind in each.host:
                self.live(kind, HOST)

    def add(self, kind: AnyKind, *objects: Object, cluster: str = HOST) -> None:
        """These objects are there now, as their kind reads them."""
        self.put(kind, *project(kind, cluster, objects))

    def told(self, cluster: str, kind: AnyKind | None, state: State) -> None:
        """How far rows there can be trusted."""
        self.store.set_freshness(cluster, kind.id if kind is not None else "", Freshness(state, self.now))
        self.engine.refresh()

    def found(self, code: str) -> FindingRow:
        """The one finding of a code."""
        (row,) = (row for row in self.findings if row.code == code)
        return row


def stamp(at: float) -> str:
    """A Unix second as the API writes it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def named(name: str, namespace: str = SPACE, /, **more: Any) -> Object:
    """Metadata."""
    created = stamp(NOW - 86400)
    return {"name": name, "namespace": namespace, "uid": f"u-{name}", "creationTimestamp": created, **more}


def condition(type: str, status: str, reason: str = "", message: str = "", since: float = NOW - 60) -> Object:
    """A condition of a status."""
    told: Object = {"type": type, "status": status, "reason": reason, "message": message}
    return {**told, "lastTransitionTime": stamp(since)}


def fleet(name: str = "f", *members: str, kind: str = "AttachedCluster", **status: Any) -> Object:
    """A ready Fleet without plugins; `plugin` sets them."""
    plugin = status.pop("plugin", None)
    listed = [{"kind": kind, "name": member} for member in members]
    spec = {"clusters": listed, "plugin": plugin} if plugin is not None else {"clusters": listed}
    return {"metadata": named(name), "spec": spec, "status": {"phase": "Ready", **status}}


def attached(name: str, ready: bool | None = True, **labels: str) -> Object:
    """An AttachedCluster."""
    return {"metadata": named(name, labels=labels), "spec": {}, "status": {"ready": ready}}


def release(name: str, ready: str = "True", reason: str = "", message: str = "", **labels: str) -> Object:
    """A HelmRelease; `plugin` and `component` make it one of a fleet's plugins."""
    known = {f"fleet.kurator.dev/{key}": value for key, value in labels.items()}
    its = {"fleet.kurator.dev/name": "f", **known} if "plugin" in labels else {}
    return {
        "metadata": named(name, labels=its),
        "spec": {"kubeConfig": {"secretRef": {"name": "k"}}},
        "status": {"conditions": [condition("Ready", ready, reason, message)]},
    }


def of_application(obj: Object, application: str = "web") -> Object:
    """The same with the label of an Application's Flux objects."""
    labels = {**obj["metadata"].get("labels", {}), APPLICATION_LABEL: application}
    return {**obj, "metadata": {**obj["metadata"], "labels": labels}}


def kustomization(name: str, ready: str = "True", reason: str = "", message: str = "", **status: Any) -> Object:
    """A Kustomization of the Application `web`, with the revision `main/1` applied."""
    told: Object = {"conditions": [condition("Ready", ready, reason, message)]}
    told |= {"lastAppliedRevision": "main/1", "lastAttemptedRevision": "main/1", **status}
    spec = {"sourceRef": {"kind": "GitRepository", "name": "web"}, "path": "./"}
    return of_application({"metadata": named(name), "spec": spec, "status": told})


def repository(revision: str = "main/1", ready: str = "True", reason: str = "", message: str = "") -> Object:
    """The GitRepository of the Application `web`."""
    told = [condition("Ready", ready, reason, message)]
    status = {"conditions": told, "artifact": {"revision": revision}}
    return of_application({"metadata": named("web"), "spec": {"url": "https://x"}, "status": status})


def application(*policies: Object, fleet: str = "f", name: str = "web", **more: Any) -> Object:
    """An Application of one policy `web-0` of a fleet, unless others are given."""
    spec = {"destination": {"fleet": fleet}, "syncPolicies": list(policies) or [{"kustomization": {"path": "./"}}]}
    return {"metadata": named(name, **more), "spec": spec, "status": {}}


def rollout(**more: Any) -> Object:
    """A whole rollout block of a sync policy."""
    return {
        "trafficRoutingProvider": "istio",
        "serviceName": "web",
        "workload": {"kind": "Deployment", "name": "web", "namespace": "shop"},
        "rolloutPolicy": {
            "trafficRouting": {},
            "trafficAnalysis": {"metrics": [{"name": "request-success-rate", "intervalSeconds": 60}]},
        },
        **more,
    }


def delivered(stage: Estate) -> None:
    """A fleet of `eu` and `us` with the Application `web`, at `main/1` on both."""
    stage.add(FLEET, fleet("f", "eu", "us"))
    stage.add(ATTACHED_CLUSTER, attached("eu"), attached("us"))
    stage.add(GIT_REPOSITORY, repository())
    stage.add(KUSTOMIZATION, *(kustomization(f"web-0-attachedcluster-{name}") for name in ("eu", "us")))
    stage.add(APPLICATION, application())


def plugins(stage: Estate, *lacking: str) -> None:
    """A fleet of `eu` and `us` with the plugins kyverno and backup, without the HelmReleases of `lacking`."""
    stage.add(FLEET, fleet("f", "eu", "us", plugin={"policy": {"kyverno": {}}, "backup": {}}))
    stage.add(ATTACHED_CLUSTER, attached("eu"), attached("us"))
    for component, plugin in (("kyverno", "kyverno"), ("velero", "backup")):
        for member in ("eu", "us"):
            if (its := f"{component}-{member}") not in lacking:
                stage.add(HELM_RELEASE, release(its, plugin=plugin, component=component))
