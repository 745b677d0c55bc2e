"""Who writes an object again, as facts: one function an owner, from the object to its claim. Registry: `RULES`.

Sources: Kurator's controllers (Canary spec and annotations are rendered again within 30 s; Flux objects of an
Application and plugin objects of a Fleet likewise), Flux, Helm, Karmada, Argo CD, Flagger, autoscalers, and owner
references. A claim that lasts (`sure`) makes the pipeline refuse; others are told.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from kurator_tui.actions.difference import Path
from kurator_tui.actions.managed_fields import owners
from kurator_tui.actions.plan import Obj, Reader
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.links import kind_named
from kurator_tui.kinds.plans import Instead, Target
from kurator_tui.kinds.shapes import at, mapping, mappings, meta, name_of, text

APPLICATION, FLEET, CLUSTER = (
    "applications.apps.kurator.dev",
    "fleets.fleet.kurator.dev",
    "clusters.cluster.kurator.dev",
)
AUTOSCALER, CANARY, ARGO = (
    "horizontalpodautoscalers.autoscaling",
    "canaries.flagger.app",
    "applications.argoproj.io",
)
SPEC: Path = ("spec",)
LABELS: Path = ("metadata", "labels")
NOTES: Path = ("metadata", "annotations")
REPLICAS: Path = ("spec", "replicas")
TEMPLATE: Path = ("spec", "template")
CONTENT: tuple[Path, ...] = (SPEC, ("data",), ("binaryData",), ("stringData",), LABELS)
_REQUESTS = ("reconcile.fluxcd.io/", "kurator-tui/")
"""Annotations that ask a controller for something once: nobody needs to keep them."""


@dataclass(frozen=True, slots=True)
class Claim:
    """`reason` completes "… and X"; what is below `fields` and not below `spared` is claimed."""

    reason: str
    fields: tuple[Path, ...]
    instead: Instead | None = None
    spared: tuple[Path, ...] = ()
    sure: bool = True
    """Whether it is known that the owner puts it back."""
    remakes: bool = True
    """Whether it makes the object again when it is deleted."""

    def holds(self, path: Path) -> bool:
        """Whether a changed field is claimed."""
        if path[:2] == NOTES and isinstance(path[-1], str) and path[-1].startswith(_REQUESTS):
            return False
        if any(path[: len(spared)] == spared for spared in self.spared):
            return False
        return any(path[: len(field)] == field or field[: len(path)] == path for field in self.fields)


Rule = Callable[[Reader, Target, Obj], Awaitable[Claim | None]]


def _label(obj: Obj, key: str) -> str:
    return text(mapping(meta(obj).get("labels")).get(key))


def _note(obj: Obj, key: str) -> str:
    return text(mapping(meta(obj).get("annotations")).get(key))


async def _listed(reader: Reader, cluster: str, kind: str, namespace: str = "") -> list[Obj]:
    """What can be listed: an owner that we may not see is none that we can name."""
    try:
        return await reader.list(cluster, kind, namespace)
    except ConsoleError:
        return []


async def rollout(reader: Reader, _target: Target, obj: Obj) -> Claim | None:
    """Canaries and what else Kurator renders of an Application's rollout policy on members."""
    policy = _note(obj, "kurator.dev/rollout")
    if not policy:
        return None
    instead = Instead(f"the rollout of sync policy {policy}, in its Application")
    for app in await _listed(reader, HOST, APPLICATION):
        for number, each in enumerate(mappings(at(app, "spec", "syncPolicies"))):
            if policy == (text(each.get("name")) or f"{name_of(app)}-{number}"):
                field = f"spec.syncPolicies[{number}].rollout"
                where = Target(HOST, APPLICATION, text(meta(app).get("namespace")), name_of(app))
                instead = Instead(f"Application {name_of(app)}, {field}", where, fields=(field,))
    return Claim("Kurator renders it again within 30 s", (SPEC, NOTES), instead)


async def application(_reader: Reader, target: Target, obj: Obj) -> Claim | None:
    """Flux objects of an Application."""
    app = _label(obj, "apps.kurator.dev/app-name")
    if not app or ".toolkit.fluxcd.io" not in target.kind:
        return None
    part = {"kustomizations": "kustomization", "helmreleases": "helm"}.get(target.kind.partition(".")[0])
    field = f"spec.syncPolicies[].{part}" if part else "spec.source"
    where = Target(target.cluster, APPLICATION, target.namespace, app)
    instead = Instead(f"Application {app}, {field}", where, fields=(field,))
    return Claim(f"Application {app} renders it again", (SPEC, LABELS), instead)


_FLAGGER, _STORAGE = ("plugin.flagger", "flagger"), ("plugin.storage", "distributedStorage")
_PLUGINS = {
    "metric": ("plugin.metric", "metric"),
    "grafana": ("plugin.grafana", "grafana"),
    "kyverno": ("plugin.kyverno", "policy.kyverno"),
    "backup": ("plugin.backup", "backup"),
    **dict.fromkeys(("flagger", "testloader", "kuma", "nginx"), _FLAGGER),
    **dict.fromkeys(("storage-operator", "cluster-storage"), _STORAGE),
    **dict.fromkeys(("submariner-broker", "submariner-operator"), ("plugin.submariner", "submariner")),
}
"""Label of a plugin's objects -> (verb, key in `spec.plugin`)."""


async def plugin(_reader: Reader, target: Target, obj: Obj) -> Claim | None:
    """Helm objects that a Fleet makes for its plugins."""
    name, fleet = _label(obj, "fleet.kurator.dev/plugin"), _label(obj, "fleet.kurator.dev/name")
    if not name or _label(obj, "app.kubernetes.io/managed-by") != "fleet-manager":
        return None
    verb, key = _PLUGINS.get(name, ("", name))
    where = Target(HOST, FLEET, target.namespace, fleet)
    instead = Instead(f"Fleet {fleet}, spec.plugin.{key}", where, verb, fields=(f"spec.plugin.{key}",))
    return Claim(f"Fleet {fleet} replaces it with its next pass", (SPEC, LABELS, NOTES), instead)


async def cluster_api(_reader: Reader, target: Target, obj: Obj) -> Claim | None:
    """Cluster API objects of a Kurator Cluster."""
    name = _label(obj, "cluster.kurator.dev/cluster-name")
    if not name or not target.kind.endswith("cluster.x-k8s.io"):
        return None
    namespace = _label(obj, "cluster.kurator.dev/cluster-namespace") or target.namespace
    where = Target(target.cluster, CLUSTER, namespace, name)
    fields = ("spec.version", "spec.master", "spec.workers")
    return Claim(
        f"Cluster {name} renders it again", (SPEC, LABELS), Instead(f"Cluster {name}", where, fields=fields)
    )


async def karmada(_reader: Reader, _target: Target, obj: Obj) -> Claim | None:
    """What Karmada propagated to a member."""
    work = _note(obj, "work.karmada.io/name")
    if not work and _label(obj, "karmada.io/managed") != "true":
        return None
    instead = Instead("its template at Karmada, for every cluster; or an OverridePolicy, for this one")
    return Claim("Karmada applies it again", CONTENT, instead)


async def kustomize(_reader: Reader, _target: Target, obj: Obj) -> Claim | None:
    """What a Flux Kustomization applied: fields that it owns are put back with its next interval."""
    name = _label(obj, "kustomize.toolkit.fluxcd.io/name")
    off = _note(obj, "kustomize.toolkit.fluxcd.io/reconcile") == "disabled"
    if not name or off or _note(obj, "kustomize.toolkit.fluxcd.io/ssa") in ("Ignore", "IfNotPresent"):
        return None
    where = f"{_label(obj, 'kustomize.toolkit.fluxcd.io/namespace')}/{name}"
    instead = Instead(f"the source that Kustomization {where} builds from")
    return Claim(f"Kustomization {where} applies it again", CONTENT, instead)


async def helm(_reader: Reader, _target: Target, obj: Obj) -> Claim | None:
    """What Helm installed: written again with the next upgrade, by Flux or by hand."""
    release = _label(obj, "helm.toolkit.fluxcd.io/name")
    if release:
        where = f"{_label(obj, 'helm.toolkit.fluxcd.io/namespace')}/{release}"
        instead = Instead(f"the values of HelmRelease {where}")
        return Claim(f"HelmRelease {where} writes it with its next upgrade", CONTENT, instead, sure=False)
    if _label(obj, "app.kubernetes.io/managed-by") != "Helm":
        return None
    name = _note(obj, "meta.helm.sh/release-name") or "its release"
    return Claim(f"Helm writes it with the next upgrade of {name}", CONTENT, sure=False, remakes=False)


async def argo(reader: Reader, target: Target, obj: Obj) -> Claim | None:
    """What Argo CD tracks; put back at once where it heals by itself."""
    app = _note(obj, "argocd.argoproj.io/tracking-id").partition(":")[0] or _label(
        obj, "argocd.argoproj.io/instance"
    )
    if not app:
        return None
    instead = Instead(f"the source of Argo CD's Application {app}")
    for cluster in dict.fromkeys((target.cluster, HOST)):
        for each in await _listed(reader, cluster, ARGO):
            if name_of(each) == app:
                heals = at(each, "spec", "syncPolicy", "automated", "selfHeal") is True
                reason = f"Argo CD's Application {app} {'heals it' if heals else 'writes it with its next sync'}"
                return Claim(reason, CONTENT, instead, sure=heals)
    return Claim(f"Argo CD's Application {app} may write it again", CONTENT, instead, sure=False)


async def autoscaler(reader: Reader, target: Target, obj: Obj) -> Claim | None:
    """A HorizontalPodAutoscaler sets replicas, unless they are 0."""
    if at(obj, "spec", "replicas") in (None, 0) or not target.namespace:
        return None
    for each in await _listed(reader, target.cluster, AUTOSCALER, target.namespace):
        scaled = mapping(at(each, "spec", "scaleTargetRef"))
        if (scaled.get("kind"), scaled.get("name")) == (obj.get("kind"), target.name):
            name = name_of(each)
            where = Target(target.cluster, AUTOSCALER, target.namespace, name)
            fields = ("spec.minReplicas", "spec.maxReplicas")
            instead = Instead(f"HorizontalPodAutoscaler {name}, its least and most replicas", where, fields=fields)
            return Claim(f"HorizontalPodAutoscaler {name} sets replicas", (REPLICAS,), instead, remakes=False)
    return None


async def flagger(reader: Reader, target: Target, obj: Obj) -> Claim | None:
    """Flagger scales the target of a Canary; the pods that serve are those of `<name>-primary`."""
    if target.kind not in ("deployments.apps", "daemonsets.apps") or controller(obj) is not None:
        return None
    for each in await _listed(reader, target.cluster, CANARY, target.namespace):
        aim = mapping(at(each, "spec", "targetRef"))
        if (aim.get("kind"), aim.get("name")) == (obj.get("kind"), target.name):
            primary = Target(target.cluster, target.kind, target.namespace, f"{target.name}-primary")
            instead = Instead(f"{primary.name}, which serves", primary, verb="scale")
            reason = f"Flagger scales it for Canary {name_of(each)}"
            return Claim(reason, (REPLICAS,), instead, remakes=False)
    return None


def controller(obj: Obj) -> tuple[str, str, str] | None:
    """(apiVersion, kind, name) of the owner that controls it."""
    for each in mappings(meta(obj).get("ownerReferences")):
        if each.get("controller") is True:
            return text(each.get("apiVersion")), text(each.get("kind")), text(each.get("name"))
    return None


_KEEPERS = frozenset({("ReplicaSet", "Deployment"), ("Deployment", "Canary"), ("DaemonSet", "Canary")})
"""(object, owner): the owner is known to put the spec of the object back."""


async def owned(_reader: Reader, target: Target, obj: Obj) -> Claim | None:
    """An object with a controlling owner reference."""
    found = controller(obj)
    if found is None:
        return None
    version, kind, name = found
    known = kind_named(version, kind)
    where = name.removesuffix("-primary") if kind == "Canary" else name
    aim = target.kind if kind == "Canary" else known.id if known is not None else ""
    instead = Instead(f"{kind} {name}", Target(target.cluster, aim, target.namespace, where) if aim else None)
    spared: tuple[Path, ...] = (REPLICAS,) if kind == "Canary" else ()
    sure = (text(obj.get("kind")), kind) in _KEEPERS
    return Claim(f"{kind} {name} owns it and may write it again", (SPEC,), instead, spared, sure=sure)


RULES: tuple[Rule, ...] = (
    *(rollout, application, plugin, cluster_api, karmada),
    *(kustomize, argo, helm, autoscaler, flagger, owned),
)
"""The first sure claim is the one that is told."""


def applied_by(obj: Obj, path: Path, manager: str) -> bool:
    """Whether `manager` owns a field; true where the object does not say who owns what."""
    if not meta(obj).get("managedFields"):
        return True
    return any(owner.manager == manager for owner in owners(obj, path))
