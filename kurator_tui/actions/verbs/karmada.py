"""Verbs of Karmada: clusters cordoned and evicted, policies placed, weighted and paused, workloads rescheduled.

They send nothing. Lists of Karmada (taints, names, weights) have no merge keys: each is written as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kurator_tui.actions.arguments import pairs
from kurator_tui.actions.gathering import objects
from kurator_tui.actions.making import fresh
from kurator_tui.actions.plan import Arguments, Create, Draft, JsonPatch, Obj, Planner, Reader
from kurator_tui.actions.wording import counted
from kurator_tui.errors import ConsoleError, UsageError
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import at, mapping, mappings, name_of, text

TAINT = "cluster.karmada.io/unschedulable"
_CLUSTER, _REBALANCER = "clusters.cluster.karmada.io", "workloadrebalancers.apps.karmada.io"
_BINDINGS = ("resourcebindings.work.karmada.io", "clusterresourcebindings.work.karmada.io")
_KEPT = 3600
"""Seconds for which a rebalancer is kept after it is done."""


# -- clusters ---------------------------------------------------------------------------------------------------


async def plan_cordon(reader: Reader, targets: Sequence[Target], _arguments: Arguments) -> Draft:
    """Nothing new."""
    return await _tainted(reader, targets, Draft(f"Cordon {counted(targets)} in Karmada"), "NoSchedule")


async def plan_evict(reader: Reader, targets: Sequence[Target], _arguments: Arguments) -> Draft:
    """Nothing at all."""
    return await _tainted(reader, targets, Draft(f"Evict {counted(targets)} in Karmada"), "NoExecute")


async def plan_uncordon(reader: Reader, targets: Sequence[Target], _arguments: Arguments) -> Draft:
    """As before."""
    return await _tainted(reader, targets, Draft(f"Uncordon {counted(targets)} in Karmada"), "")


async def _tainted(reader: Reader, targets: Sequence[Target], draft: Draft, effect: str) -> Draft:
    for target, obj in await objects(reader, targets, draft):
        present = [dict(each) for each in mappings(at(obj, "spec", "taints"))]
        wanted = [each for each in present if each.get("key") != TAINT]
        if effect:
            wanted.append({"key": TAINT, "effect": effect})
        if [_pair(each) for each in wanted] == [_pair(each) for each in present]:
            draft.refuse(target, "its taints are so already" if effect else "it is not cordoned")
            continue
        draft.write(target, JsonPatch(({"op": "add", "path": "/spec/taints", "value": wanted},)))
        if effect == "NoExecute":
            await _tell_moving(reader, draft, target)
    return draft


def _pair(taint: Obj) -> tuple[object, object]:
    return taint.get("key"), taint.get("effect")


async def _tell_moving(reader: Reader, draft: Draft, target: Target) -> None:
    """What is bound to the cluster, and what has nowhere else to go."""
    for kind in _BINDINGS:
        try:
            bindings = await reader.list(target.cluster, kind)
        except ConsoleError as error:
            draft.warn(f"what is bound to it cannot be read: {error.message}", target)
            continue
        bound = [each for each in bindings if target.name in _clusters(each)]
        only = [name_of(each) for each in bound if len(_clusters(each)) == 1]
        if bound:
            draft.warn(f"{len(bound)} {kind.partition('.')[0]} are moved away from it", target)
        if only:
            draft.warn(f"nowhere else yet: {', '.join(only[:5])}{' and more' if len(only) > 5 else ''}", target)


def _clusters(binding: Obj) -> list[str]:
    return [text(each.get("name")) for each in mappings(at(binding, "spec", "clusters"))]


# -- policies ---------------------------------------------------------------------------------------------------


async def _known(reader: Reader, cluster: str, names: Sequence[str], draft: Draft) -> None:
    """Raises UsageError for a cluster that Karmada does not have."""
    try:
        known = {name_of(each) for each in await reader.list(cluster, _CLUSTER)}
    except ConsoleError as error:
        draft.warn(f"Karmada's clusters cannot be read: {error.message}")
        return
    if unknown := [name for name in names if name not in known]:
        raise UsageError(f"Karmada has no cluster {unknown[0]}", f"It has: {', '.join(sorted(known)) or 'none'}.")


def _within(obj: Obj, *way: str) -> list[dict[str, Any]]:
    """Operations that make the maps on the way to a field."""
    made: list[dict[str, Any]] = []
    for depth in range(1, len(way) + 1):
        if not isinstance(at(obj, *way[:depth]), dict):
            made.append({"op": "add", "path": f"/{'/'.join(way[:depth])}", "value": {}})
    return made


async def plan_place(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """The clusters that a policy goes to."""
    names = list(dict.fromkeys(arguments["clusters"].split()))
    draft = Draft(f"Place {counted(targets)} on {', '.join(names)}")
    for cluster in dict.fromkeys(target.cluster for target in targets):
        await _known(reader, cluster, names, draft)
    for target, obj in await objects(reader, targets, draft):
        if at(obj, "spec", "placement", "clusterAffinities"):
            draft.refuse(target, "it has clusterAffinities, groups in an order: edit them")
            continue
        affinity = mapping(at(obj, "spec", "placement", "clusterAffinity"))
        present = affinity.get("clusterNames")
        if present == names:
            draft.refuse(target, "it goes to these clusters already")
            continue
        way = ("spec", "placement", "clusterAffinity")
        path = f"/{'/'.join(way)}/clusterNames"
        draft.write(target, JsonPatch((*_within(obj, *way), {"op": "add", "path": path, "value": names})))
        before = [each for each in present if isinstance(each, str)] if isinstance(present, list) else []
        if left := [name for name in before if name not in names]:
            draft.warn(f"it is taken away from {', '.join(left)}", target)
        if others := [key for key in ("labelSelector", "fieldSelector", "exclude") if affinity.get(key)]:
            draft.warn(f"its {', '.join(others)} still applies to these clusters, too", target)
    return draft


async def plan_weight(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Replicas by weight."""
    weights: list[tuple[str, int]] = []
    for name, value in pairs(arguments["weights"]).items():
        if value is None or not value.isdecimal() or int(value) < 1:
            raise UsageError(f"the weight of {name} is a number from 1 on", "cluster=weight, blanks between")
        weights.append((name, int(value)))
    draft = Draft(f"Divide {counted(targets)}: {', '.join(f'{name} {weight}' for name, weight in weights)}")
    for cluster in dict.fromkeys(target.cluster for target in targets):
        await _known(reader, cluster, [name for name, _weight in weights], draft)
    listed = [{"targetCluster": {"clusterNames": [name]}, "weight": weight} for name, weight in weights]
    wanted = {
        "replicaSchedulingType": "Divided",
        "replicaDivisionPreference": "Weighted",
        "weightPreference": {"staticWeightList": listed},
    }
    for target, obj in await objects(reader, targets, draft):
        present = mapping(at(obj, "spec", "placement", "replicaScheduling"))
        if present == wanted:
            draft.refuse(target, "its replicas are divided so already")
            continue
        path = "/spec/placement/replicaScheduling"
        made = _within(obj, "spec", "placement")
        draft.write(target, JsonPatch((*made, {"op": "add", "path": path, "value": wanted})))
        if present.get("replicaSchedulingType", "Duplicated") == "Duplicated":
            draft.warn("until now every cluster had all replicas: from now on they share them", target)
        draft.warn("clusters without a weight get no replicas", target)
    return draft


async def plan_dispatch(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Pause or resume dispatching."""
    draft = Draft("")
    names = arguments["clusters"].split()
    found = await objects(reader, targets, draft)
    on = arguments["to"] == "pause"
    if arguments["to"] == "toggle":
        on = bool(names) or not all(at(obj, "spec", "suspension") for _target, obj in found)
    draft.title = f"{'Pause' if on else 'Resume'} dispatch of {counted(targets)}"
    wanted = (
        ({"dispatchingOnClusters": {"clusterNames": names}} if names else {"dispatching": True}) if on else None
    )
    for target, obj in found:
        present = at(obj, "spec", "suspension")
        if present == wanted or (not wanted and not present):
            draft.refuse(target, "it is so already")
        elif wanted:
            draft.write(target, JsonPatch(({"op": "add", "path": "/spec/suspension", "value": wanted},)))
            where = ", ".join(names) or "any cluster"
            draft.warn(f"changes of what it propagates do not reach {where} until it is resumed", target)
            draft.tell("Karmada before 1.11 does not know this field", target)
        else:
            draft.write(target, JsonPatch(({"op": "remove", "path": "/spec/suspension"},)))
    return draft


# -- workloads --------------------------------------------------------------------------------------------------


async def plan_rebalance(reader: Reader, targets: Sequence[Target], _arguments: Arguments) -> Draft:
    """One request for all bindings of a control plane."""
    draft = Draft(f"Rebalance {counted(targets)}")
    listed: dict[str, list[dict[str, str]]] = {}
    for target, obj in await objects(reader, targets, draft):
        resource = mapping(at(obj, "spec", "resource"))
        keys = ("apiVersion", "kind", "name", "namespace")
        workload = {key: text(resource.get(key)) for key in keys if text(resource.get(key))}
        if not workload.get("name"):
            draft.refuse(target, "it does not say which workload it binds")
            continue
        listed.setdefault(target.cluster, []).append(workload)
        now = ", ".join(f"{each.get('name')} {each.get('replicas', '')}".strip() for each in _placed(obj))
        draft.tell(f"{workload['kind']} {workload['name']} is at {now or 'no cluster'}", target)
    for cluster, workloads in listed.items():
        name = fresh("kurator-tui")
        spec = {"workloads": workloads, "ttlSecondsAfterFinished": _KEPT}
        body = {"apiVersion": "apps.karmada.io/v1alpha1", "kind": "WorkloadRebalancer", "metadata": {"name": name}}
        draft.write(Target(cluster, _REBALANCER, "", name), Create({**body, "spec": spec}))
    if listed:
        draft.warn("pods may move to other clusters; what runs is not waited for")
    return draft


def _placed(binding: Obj) -> list[Any]:
    return list(mappings(at(binding, "spec", "clusters")))


PLANNERS: dict[str, Planner] = {
    "karmada.cordon": plan_cordon,
    "karmada.uncordon": plan_uncordon,
    "karmada.evict": plan_evict,
    "karmada.place": plan_place,
    "karmada.weight": plan_weight,
    "karmada.dispatch": plan_dispatch,
    "karmada.rebalance": plan_rebalance,
}
