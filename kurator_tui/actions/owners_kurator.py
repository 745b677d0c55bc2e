"""What Kurator and Karmada write again: one function an owner, from the object to its claim.

Sources: Kurator's controllers. Canaries (spec and annotations), Flux objects of an Application and plugin objects
of a Fleet are rendered again within 30 s or at the next pass. A claim also names the verb that does the same where
it lasts, for the changes that have one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from kurator_tui.actions.claim import (
    CONTENT,
    LABELS,
    NOTES,
    REPLICAS,
    SPEC,
    TEMPLATE,
    Claim,
    label,
    listed,
    no_verb,
    note,
)
from kurator_tui.actions.difference import Change
from kurator_tui.actions.federation import BINDINGS, EXECUTION, workload
from kurator_tui.actions.plan import Obj, Reader
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Instead, Target
from kurator_tui.kinds.shapes import Object, at, mappings, meta, name_of, text

APPLICATION, FLEET, CLUSTER = (
    "applications.apps.kurator.dev",
    "fleets.fleet.kurator.dev",
    "clusters.cluster.kurator.dev",
)


async def rollout(reader: Reader, _target: Target, obj: Obj) -> Claim | None:
    """Canaries and what else Kurator renders of an Application's rollout policy on members."""
    policy = note(obj, "kurator.dev/rollout")
    if not policy:
        return None
    reason = "Kurator renders it again within 30 s"
    for app in await listed(reader, HOST, APPLICATION):
        for number, each in enumerate(mappings(at(app, "spec", "syncPolicies"))):
            if policy == policy_name(app, number, each):
                field = f"spec.syncPolicies[{number}].rollout"
                where = Target(HOST, APPLICATION, text(meta(app).get("namespace")), name_of(app))
                instead = Instead(f"Application {name_of(app)}, {field}", where, fields=(field,))
                return Claim(reason, (SPEC, NOTES), instead, better=_of_policy(instead, policy))
    return Claim(reason, (SPEC, NOTES), Instead(f"the rollout of sync policy {policy}, in its Application"))


def policy_name(app: Obj, number: int, policy: Object) -> str:
    """A sync policy's own name, else the one that Kurator gives it."""
    return text(policy.get("name")) or f"{name_of(app)}-{number}"


def _of_policy(instead: Instead, policy: str) -> Callable[[Sequence[Change]], Instead | None]:
    """Pausing and promoting a Canary, by the verbs that write the Application's sync policy."""

    def better(changed: Sequence[Change]) -> Instead | None:
        if [each.path for each in changed] == [("spec", "suspend")]:
            given = {"to": _to(changed[0]), "policy": policy}
            return msgspec.structs.replace(instead, verb="rollout.pause", arguments=given)
        if [each.path for each in changed] == [("spec", "skipAnalysis")]:
            given = {"analysis": "skip" if changed[0].after is True else "on", "full": "no", "policy": policy}
            return msgspec.structs.replace(instead, verb="rollout.promote", arguments=given)
        return None

    return better


def _to(change: Change) -> str:
    return "pause" if change.after is True else "resume"


_PARTS = {"kustomizations": "kustomization", "helmreleases": "helm"}
"""What a sync policy calls a Flux kind."""


async def application(reader: Reader, target: Target, obj: Obj) -> Claim | None:
    """Flux objects of an Application."""
    app = label(obj, "apps.kurator.dev/app-name")
    if not app or ".toolkit.fluxcd.io" not in target.kind:
        return None
    where = Target(target.cluster, APPLICATION, target.namespace, app)
    part = _PARTS.get(target.kind.partition(".")[0])
    field, name = f"spec.syncPolicies[].{part}" if part else "spec.source", "" if part else "source"
    try:
        found = await reader.get(where)
    except ConsoleError:
        found = {}
    for number, each in enumerate(mappings(at(found, "spec", "syncPolicies"))):
        # <policy>-<kind>-<cluster>, in lower case
        if part and target.name.startswith(f"{policy_name(found, number, each)}-".casefold()):
            field, name = f"spec.syncPolicies[{number}].{part}", policy_name(found, number, each)
    instead = Instead(f"Application {app}, {field}", where, fields=(field,))

    def better(changed: Sequence[Change]) -> Instead | None:
        if [each.path for each in changed] != [("spec", "suspend")] or not name:
            return None
        given = {"to": _to(changed[0]), "part": name}
        return Instead(instead.text, where, "suspend", given, (f"{field}.suspend",))

    return Claim(f"Application {app} renders it again", (SPEC, LABELS), instead, better=better)


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
    name, fleet = label(obj, "fleet.kurator.dev/plugin"), label(obj, "fleet.kurator.dev/name")
    if not name or label(obj, "app.kubernetes.io/managed-by") != "fleet-manager":
        return None
    verb, key = _PLUGINS.get(name, ("", name))
    where = Target(HOST, FLEET, target.namespace, fleet)
    instead = Instead(f"Fleet {fleet}, spec.plugin.{key}", where, verb, fields=(f"spec.plugin.{key}",))
    return Claim(f"Fleet {fleet} replaces it with its next pass", (SPEC, LABELS, NOTES), instead)


async def cluster_api(_reader: Reader, target: Target, obj: Obj) -> Claim | None:
    """Cluster API objects of a Kurator Cluster."""
    name = label(obj, "cluster.kurator.dev/cluster-name")
    if not name or not target.kind.endswith("cluster.x-k8s.io"):
        return None
    namespace = label(obj, "cluster.kurator.dev/cluster-namespace") or target.namespace
    where = Target(target.cluster, CLUSTER, namespace, name)
    fields = ("spec.version", "spec.master", "spec.workers")
    instead = Instead(f"Cluster {name}", where, fields=fields)
    pool = target.name.removeprefix(f"{name}-md-") if target.kind.startswith("machinedeployments.") else "master"

    def better(changed: Sequence[Change]) -> Instead | None:
        if [each.path for each in changed] == [REPLICAS]:
            given = {"replicas": str(changed[0].after), "pool": pool}
            return msgspec.structs.replace(instead, verb="cluster.scale", arguments=given)
        if changed and all(each.path[-1] == "version" for each in changed):
            given = {"version": text(changed[0].after)}
            return msgspec.structs.replace(instead, verb="cluster.upgrade", arguments=given)
        return None

    return Claim(f"Cluster {name} renders it again", (SPEC, LABELS), instead, better=better)


async def karmada(reader: Reader, target: Target, obj: Obj) -> Claim | None:
    """What Karmada propagated to a member; its template's binding is told where the host has it."""
    work = note(obj, "work.karmada.io/name") or label(obj, "work.karmada.io/name")
    if not work and label(obj, "karmada.io/managed") != "true":
        return None
    space = note(obj, "work.karmada.io/namespace") or label(obj, "work.karmada.io/namespace")
    template = Target(HOST, target.kind, target.namespace, target.name)
    binding: Target | None = None
    for kind in BINDINGS:
        for each in await listed(reader, HOST, kind):
            if workload(HOST, each) == template:
                binding = Target(HOST, kind, text(meta(each).get("namespace")), name_of(each))
    instead = Instead("its template at Karmada, for every cluster; or an OverridePolicy, for this one", binding)
    better = _overridden(instead, space.removeprefix(EXECUTION)) if binding and space else no_verb
    return Claim("Karmada applies it again", CONTENT, instead, better=better)


def _overridden(instead: Instead, member: str) -> Callable[[Sequence[Change]], Instead | None]:
    """Replicas and images of one member, by an OverridePolicy."""

    def better(changed: Sequence[Change]) -> Instead | None:
        given = {"clusters": member, "image": "", "replicas": ""}
        images: list[str] = []
        for each in changed:
            if each.path == REPLICAS:
                given["replicas"] = str(each.after)
            elif each.path[:3] == (*TEMPLATE, "spec") and each.path[-1] == "image":
                images.append(f"{each.path[-2][1]}={each.after}")
            else:
                return None
        given["image"] = " ".join(images)
        said = f"an OverridePolicy for {member}, where this lasts; its template at Karmada is for every cluster"
        return Instead(said, instead.target, "karmada.override", given)

    return better
