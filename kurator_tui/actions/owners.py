"""Who writes an object again, as facts: one function an owner, from the object to its claim. Registry: `RULES`.

Sources: Flux, Helm, Argo CD, Flagger, autoscalers, owner references; Kurator's own are in `owners_kurator`. A
claim that lasts (`sure`) makes the pipeline refuse; others are told.
"""

from __future__ import annotations

from kurator_tui.actions.claim import CONTENT, REPLICAS, SPEC, Claim, Rule, label, listed, note
from kurator_tui.actions.difference import Path
from kurator_tui.actions.managed_fields import owners
from kurator_tui.actions.owners_kurator import application, cluster_api, karmada, plugin, rollout
from kurator_tui.actions.plan import Obj, Reader
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.links import kind_named
from kurator_tui.kinds.plans import Instead, Target
from kurator_tui.kinds.shapes import at, mapping, mappings, meta, name_of, text

AUTOSCALER, CANARY, ARGO = (
    "horizontalpodautoscalers.autoscaling",
    "canaries.flagger.app",
    "applications.argoproj.io",
)


async def kustomize(_reader: Reader, _target: Target, obj: Obj) -> Claim | None:
    """What a Flux Kustomization applied: fields that it owns are put back with its next interval."""
    name = label(obj, "kustomize.toolkit.fluxcd.io/name")
    off = note(obj, "kustomize.toolkit.fluxcd.io/reconcile") == "disabled"
    if not name or off or note(obj, "kustomize.toolkit.fluxcd.io/ssa") in ("Ignore", "IfNotPresent"):
        return None
    where = f"{label(obj, 'kustomize.toolkit.fluxcd.io/namespace')}/{name}"
    instead = Instead(f"the source that Kustomization {where} builds from")
    return Claim(f"Kustomization {where} applies it again", CONTENT, instead)


async def helm(_reader: Reader, _target: Target, obj: Obj) -> Claim | None:
    """What Helm installed: written again with the next upgrade, by Flux or by hand."""
    release = label(obj, "helm.toolkit.fluxcd.io/name")
    if release:
        where = f"{label(obj, 'helm.toolkit.fluxcd.io/namespace')}/{release}"
        instead = Instead(f"the values of HelmRelease {where}")
        return Claim(f"HelmRelease {where} writes it with its next upgrade", CONTENT, instead, sure=False)
    if label(obj, "app.kubernetes.io/managed-by") != "Helm":
        return None
    name = note(obj, "meta.helm.sh/release-name") or "its release"
    return Claim(f"Helm writes it with the next upgrade of {name}", CONTENT, sure=False, remakes=False)


async def argo(reader: Reader, target: Target, obj: Obj) -> Claim | None:
    """What Argo CD tracks; put back at once where it heals by itself."""
    app = note(obj, "argocd.argoproj.io/tracking-id").partition(":")[0] or label(
        obj, "argocd.argoproj.io/instance"
    )
    if not app:
        return None
    instead = Instead(f"the source of Argo CD's Application {app}")
    for cluster in dict.fromkeys((target.cluster, HOST)):
        for each in await listed(reader, cluster, ARGO):
            if name_of(each) == app:
                heals = at(each, "spec", "syncPolicy", "automated", "selfHeal") is True
                reason = f"Argo CD's Application {app} {'heals it' if heals else 'writes it with its next sync'}"
                return Claim(reason, CONTENT, instead, sure=heals)
    return Claim(f"Argo CD's Application {app} may write it again", CONTENT, instead, sure=False)


async def autoscaler(reader: Reader, target: Target, obj: Obj) -> Claim | None:
    """A HorizontalPodAutoscaler sets replicas, unless they are 0."""
    if at(obj, "spec", "replicas") in (None, 0) or not target.namespace:
        return None
    for each in await listed(reader, target.cluster, AUTOSCALER, target.namespace):
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
    for each in await listed(reader, target.cluster, CANARY, target.namespace):
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
