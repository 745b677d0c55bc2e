"""Where Enter leads: one function a kind, from the full object (a plain dict) or from a row to targets. Pure.

A new kind with children is a line in `CHILDREN`, or in `ROW_CHILDREN` where the row is enough: of a derived kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from kurator_tui.kinds import (
    children_batch,
    children_delivery,
    children_edge,
    children_karmada,
    children_lifecycle,
    children_mesh,
    children_pipelines,
    children_policy,
)
from kurator_tui.kinds.base import HOST, Row
from kurator_tui.kinds.flux_inventory import inventory_id
from kurator_tui.kinds.links import NoLink, Place, Target, kind_named, one, referred
from kurator_tui.kinds.registry import KINDS
from kurator_tui.kinds.selectors import equal, of_spec
from kurator_tui.kinds.shapes import Object, at, mapping, mappings, name_of, namespace_of, text

Children = Callable[[str, Object], "list[Target]"]
"""(cluster, object) -> where Enter leads; several are chosen from."""


def has_children(kind: str) -> bool:
    """Whether Enter leads on from objects of this kind."""
    return kind in CHILDREN or kind in ROW_CHILDREN


def needs_object(kind: str) -> bool:
    """Whether that takes the full object; else what a row knows (`bare`) is enough."""
    return kind not in _BY_NAME


def bare(row: Row) -> Object:
    """An object with what every row knows."""
    return {"metadata": {"name": row.name, "namespace": row.namespace, "uid": row.uid}}


def row_children(kind: str, row: Row) -> list[Target]:
    """Where Enter leads from a row of a derived kind. Raises NoLink where it leads nowhere."""
    found = ROW_CHILDREN[kind](row)
    if not found:
        raise NoLink("nothing belongs to it")
    return found


def children(kind: str, cluster: str, obj: Object) -> list[Target]:
    """Where Enter leads from an object. Raises NoLink where it leads nowhere."""
    found = CHILDREN[kind](cluster, obj)
    if not found:
        raise NoLink("nothing belongs to it")
    return found


def _selected(kind: str, *path: str) -> Children:
    """Rows of `kind` beside the object that the label selector at `path` selects."""

    def read(cluster: str, obj: Object) -> list[Target]:
        selector = of_spec(at(obj, *path))
        if not selector:
            raise NoLink("it selects nothing: its selector is empty")
        return [Target(kind, cluster, namespace_of(obj), labels=selector)]

    return read


def _labelled(kind: str, label: str, *, anywhere: bool = False) -> Children:
    """Rows of `kind` whose `label` is the object's name; beside it, or `anywhere` in the fleet."""

    def read(cluster: str, obj: Object) -> list[Target]:
        labels = equal({label: name_of(obj)})
        return [
            Target(kind, labels=labels) if anywhere else Target(kind, cluster, namespace_of(obj), labels=labels)
        ]

    return read


def _owned(kind: str, owner_kind: str) -> Children:
    return lambda cluster, obj: [
        Target(kind, cluster, namespace_of(obj), where=(("owner", f"{owner_kind}/{name_of(obj)}"),))
    ]


def _reference(*path: str) -> Children:
    return lambda cluster, obj: [referred(cluster, mapping(at(obj, *path)), namespace_of(obj))]


def _named(kind: str, *path: str, namespace: tuple[str, ...] = ()) -> Children:
    """The one object of `kind` whose name is at `path`."""

    def read(cluster: str, obj: Object) -> list[Target]:
        where = text(at(obj, *namespace)) if namespace else namespace_of(obj)
        return [one(kind, cluster, where, text(at(obj, *path)))]

    return read


def _claim(cluster: str, obj: Object) -> list[Target]:
    name, space = name_of(obj), namespace_of(obj)
    using = Target("pods", cluster, space, users_of=("persistentvolumeclaims", name))
    volume = text(at(obj, "spec", "volumeName"))
    return [*([one("persistentvolumes", cluster, "", volume)] if volume else []), using]


def _instances(cluster: str, obj: Object) -> list[Target]:
    plural, group = text(at(obj, "spec", "names", "plural")), text(at(obj, "spec", "group"))
    kind = f"{plural}.{group}" if group else plural
    if kind not in KINDS:
        raise NoLink(f"no view shows {kind}")
    return [Target(kind, cluster)]


def _role(cluster: str, obj: Object) -> list[Target]:
    role = mapping(obj.get("roleRef"))
    group = text(role.get("apiGroup")) or "rbac.authorization.k8s.io"
    return [referred(cluster, {**role, "apiVersion": f"{group}/v1"}, namespace_of(obj))]


def _involved(cluster: str, obj: Object) -> list[Target]:
    return [referred(cluster, mapping(obj.get("involvedObject") or obj.get("regarding")), namespace_of(obj))]


def _backends(cluster: str, obj: Object) -> list[Target]:
    """Services that an Ingress sends requests to."""
    spec = mapping(obj.get("spec"))
    backends = [mapping(spec.get("defaultBackend"))]
    for rule in mappings(spec.get("rules")):
        backends += [mapping(each.get("backend")) for each in mappings(at(rule, "http", "paths"))]
    names = {text(at(backend, "service", "name")) for backend in backends} - {""}
    space = namespace_of(obj)
    return _several("services", {(cluster, space, name) for name in names})


def _addressed(*path: str) -> Children:
    """Pods behind the addresses in the lists at `path` (each with `addresses` or `targetRef`)."""

    def read(cluster: str, obj: Object) -> list[Target]:
        pods = set[Place]()
        for each in mappings(at(obj, *path)):
            for address in (each, *mappings(each.get("addresses")), *mappings(each.get("notReadyAddresses"))):
                target = mapping(address.get("targetRef"))
                if target.get("kind") == "Pod":
                    pods.add((cluster, namespace_of(obj), text(target.get("name"))))
        return _several("pods", pods)

    return read


def _several(kind: str, places: Iterable[Place]) -> list[Target]:
    found = frozenset(places)
    clusters = {cluster for cluster, _, _ in found}
    return [Target(kind, clusters.pop() if len(clusters) == 1 else "", objects=found)] if found else []


# -- Kurator and Flux ---------------------------------------------------------------------------------------------

_MEMBER = re.compile(r"-(?:attachedcluster|customcluster|cluster)-(?P<cluster>.+)$")
_SOURCES = {
    "gitRepository": "gitrepositories.source.toolkit.fluxcd.io",
    "helmRepository": "helmrepositories.source.toolkit.fluxcd.io",
    "ociRepository": "ocirepositories.source.toolkit.fluxcd.io",
}
KUSTOMIZATIONS, HELM_RELEASES = "kustomizations.kustomize.toolkit.fluxcd.io", "helmreleases.helm.toolkit.fluxcd.io"


def _delivered_to(cluster: str, name: str, spec: Object) -> str:
    """The cluster that a Kustomization or HelmRelease of Kurator applies to: its name ends in it."""
    found = _MEMBER.search(name)
    if found is not None:
        return found["cluster"]
    return "" if mapping(spec.get("kubeConfig")) else cluster


def _inventory(cluster: str, status: Object) -> list[Target]:
    """The objects that Flux wrote, a target a kind; entries of kinds that nobody shows are left out."""
    made: dict[str, set[Place]] = {}
    for entry in mappings(at(status, "inventory", "entries")):
        told = inventory_id(text(entry.get("id")))
        if told is None:
            continue
        space, name, group, kind = told
        found = kind_named(f"{group}/{text(entry.get('v'))}" if group else text(entry.get("v")), kind)
        if found is not None:
            made.setdefault(found.id, set()).add((cluster, space if found.namespaced else "", name))
    return [target for kind, places in made.items() for target in _several(kind, places)]


def _kustomized(cluster: str, obj: Object) -> list[Target]:
    member = _delivered_to(cluster, name_of(obj), mapping(obj.get("spec")))
    if not member:
        raise NoLink("its kubeconfig does not say which member it applies to")
    return _inventory(member, mapping(obj.get("status")))


_HELM_MADE = ("deployments.apps", "statefulsets.apps", "daemonsets.apps", "services", "configmaps")


def _released(cluster: str, obj: Object) -> list[Target]:
    """Flux labels what a chart made with the release's name and namespace."""
    member = _delivered_to(cluster, name_of(obj), mapping(obj.get("spec")))
    prefix = "helm.toolkit.fluxcd.io"
    labels = equal({f"{prefix}/name": name_of(obj), f"{prefix}/namespace": namespace_of(obj)})
    return [Target(kind, member, labels=labels) for kind in _HELM_MADE]


def _application(cluster: str, obj: Object) -> list[Target]:
    """Its Flux objects on the host, then what they wrote on the members, a target a kind."""
    space = namespace_of(obj)
    flux: dict[str, set[Place]] = {}
    made: dict[str, set[Place]] = {}
    for synced in mappings(at(obj, "status", "syncStatus")):
        name, status = text(synced.get("name")), mapping(synced.get("kustomizationStatus"))
        kind = HELM_RELEASES if mapping(synced.get("helmReleaseStatus")) else KUSTOMIZATIONS
        flux.setdefault(kind, set()).add((cluster, space, name))
        member = HOST if name.endswith("-currentcluster-host") else _delivered_to("", name, {})
        for target in _inventory(member, status) if member else ():
            made.setdefault(target.kind, set()).update(target.objects)
    for key, kind in _SOURCES.items():
        if mapping(at(obj, "spec", "source", key)):
            flux.setdefault(kind, set()).add((cluster, space, name_of(obj)))
    return [target for kinds in (flux, made) for kind in kinds for target in _several(kind, kinds[kind])]


def _fleet(cluster: str, obj: Object) -> list[Target]:
    kinds = {
        "Cluster": "clusters.cluster.kurator.dev",
        "AttachedCluster": "attachedclusters.cluster.kurator.dev",
        "CustomCluster": "customclusters.infrastructure.cluster.x-k8s.io",
    }
    listed: dict[str, set[Place]] = {}
    for each in mappings(at(obj, "spec", "clusters")):
        kind = kinds.get(text(each.get("kind")))
        if kind is not None:
            listed.setdefault(kind, set()).add((cluster, namespace_of(obj), text(each.get("name"))))
    return [target for kind, places in listed.items() for target in _several(kind, places)]


_PODS = _selected("pods", "spec", "selector")
_MACHINES = "machines.cluster.x-k8s.io"

_BY_NAME: dict[str, Children] = {
    "nodes": lambda cluster, obj: [Target("pods", cluster, where=(("node", name_of(obj)),))],
    "namespaces": lambda cluster, obj: [Target("pods", cluster, name_of(obj))],
    "cronjobs.batch": _owned("jobs.batch", "CronJob"),
    "serviceaccounts": lambda cluster, obj: [
        Target("pods", cluster, namespace_of(obj), users_of=("serviceaccounts", name_of(obj)))
    ],
    "jobs.batch.volcano.sh": _labelled("pods", "volcano.sh/job-name"),
    "taskruns.tekton.dev": _labelled("pods", "tekton.dev/taskRun"),
    "pipelineruns.tekton.dev": _labelled("taskruns.tekton.dev", "tekton.dev/pipelineRun"),
    "pipelines.tekton.dev": _labelled("pipelineruns.tekton.dev", "tekton.dev/pipeline"),
    "tasks.tekton.dev": _labelled("taskruns.tekton.dev", "tekton.dev/task"),
    "schedules.velero.io": _labelled("backups.velero.io", "velero.io/schedule-name"),
    "backups.backup.kurator.dev": _labelled("backups.velero.io", "kurator.dev/backup-name", anywhere=True),
    "restores.backup.kurator.dev": _labelled("restores.velero.io", "kurator.dev/restore-name", anywhere=True),
    "clusters.cluster.x-k8s.io": _labelled(_MACHINES, "cluster.x-k8s.io/cluster-name"),
    "clusters.cluster.karmada.io": children_karmada.of_cluster,
    "propagationpolicies.policy.karmada.io": children_karmada.of_namespaced_policy,
    "clusterpropagationpolicies.policy.karmada.io": children_karmada.of_wide_policy,
}
"""Children that the name alone tells."""

CHILDREN: dict[str, Children] = {
    **dict.fromkeys(
        ("deployments.apps", "statefulsets.apps", "daemonsets.apps", "replicasets.apps", "jobs.batch"), _PODS
    ),
    **dict.fromkeys(("services", "poddisruptionbudgets.policy", "rollouts.argoproj.io"), _PODS),
    "horizontalpodautoscalers.autoscaling": _reference("spec", "scaleTargetRef"),
    "canaries.flagger.app": _reference("spec", "targetRef"),
    "events": _involved,
    "ingresses.networking.k8s.io": _backends,
    "endpoints": _addressed("subsets"),
    "endpointslices.discovery.k8s.io": _addressed("endpoints"),
    "persistentvolumeclaims": _claim,
    "persistentvolumes": _named(
        "persistentvolumeclaims", "spec", "claimRef", "name", namespace=("spec", "claimRef", "namespace")
    ),
    "rolebindings.rbac.authorization.k8s.io": _role,
    "clusterrolebindings.rbac.authorization.k8s.io": _role,
    "customresourcedefinitions.apiextensions.k8s.io": _instances,
    "applications.apps.kurator.dev": _application,
    "fleets.fleet.kurator.dev": _fleet,
    KUSTOMIZATIONS: _kustomized,
    HELM_RELEASES: _released,
    "machinedeployments.cluster.x-k8s.io": _selected(_MACHINES, "spec", "selector"),
    "machinesets.cluster.x-k8s.io": _selected(_MACHINES, "spec", "selector"),
    **dict.fromkeys(children_karmada.BINDINGS, children_karmada.of_binding),
    **_BY_NAME,
}
"""Kind -> where Enter leads. Pods lead to their containers, which are no rows: a list of their own."""

ROW_CHILDREN: dict[str, Callable[[Any], list[Target]]] = {
    "deliveries": children_delivery.of_delivery,
    "deliverysteps": children_delivery.of_step,
    "pipelineexecutions": children_pipelines.of_execution,
    "pipelinetasks": children_pipelines.of_line,
    "traffichosts": children_mesh.of_host,
    "linkmatrix": children_mesh.of_matrix,
    "propagations": children_karmada.of_propagation,
    "propagationsteps": children_karmada.of_step,
    "policystatus": children_policy.of_policy,
    "violations": children_policy.of_violation,
    "compliance": children_policy.of_compliance,
    "exemptions": children_policy.of_exemption,
    "batchqueues": children_batch.of_queue,
    "batchjobs": children_batch.of_job,
    "accelerators": children_batch.of_accelerator,
    "preemptions": children_batch.of_preemption,
    "edgesites": children_edge.of_site,
    "edgemap": children_edge.of_site,
    "edgenodes": children_edge.of_node,
    "edgejobs": children_edge.of_job,
    "backupstatus": children_policy.of_backup,
    "backupschedules": children_policy.of_schedule,
    "uncovered": children_policy.of_namespace,
    "clusters": children_lifecycle.of_cluster,
    "versions": children_lifecycle.of_cluster,
    "fleets": children_lifecycle.of_fleet,
    "pluginreleases": children_lifecycle.of_plugin_release,
    "lifecycle": children_lifecycle.of_line,
}
"""Derived kind -> where Enter leads from one of its rows, which knows all that this takes."""
