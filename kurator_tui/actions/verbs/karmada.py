"""Verbs of Karmada: of its clusters, of policies that say where workloads go, of workloads. They send nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kurator_tui.actions.arguments import pairs
from kurator_tui.actions.federation import (
    BINDINGS,
    CLUSTER,
    bindings,
    clusters_of,
    known,
    placed,
    policy_of,
    within,
)
from kurator_tui.actions.gathering import objects
from kurator_tui.actions.making import fresh
from kurator_tui.actions.plan import Arguments, Create, Draft, JsonPatch, Obj, Planner, Reader
from kurator_tui.actions.wording import counted
from kurator_tui.errors import ConsoleError, UsageError
from kurator_tui.kinds.plans import Instead, Target
from kurator_tui.kinds.shapes import at, mapping, mappings, name_of, text

TAINT = "cluster.karmada.io/unschedulable"
_REBALANCER = "workloadrebalancers.apps.karmada.io"
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
    for kind in BINDINGS:
        try:
            bindings = await reader.list(target.cluster, kind)
        except ConsoleError as error:
            draft.warn(f"what is bound to it cannot be read: {error.message}", target)
            continue
        bound = [each for each in bindings if target.name in clusters_of(each)]
        only = [name_of(each) for each in bound if len(clusters_of(each)) == 1]
        if bound:
            draft.warn(f"{len(bound)} {kind.partition('.')[0]} are moved away from it", target)
        if only:
            draft.warn(f"nowhere else yet: {', '.join(only[:5])}{' and more' if len(only) > 5 else ''}", target)


# -- policies ---------------------------------------------------------------------------------------------------


async def plan_place(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """The clusters that a policy goes to."""
    names = list(dict.fromkeys(arguments["clusters"].split()))
    draft = Draft(f"Place {counted(targets)} on {', '.join(names)}")
    for cluster in dict.fromkeys(target.cluster for target in targets):
        await known(reader, cluster, names, draft)
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
        draft.write(target, JsonPatch((*within(obj, *way), {"op": "add", "path": path, "value": names})))
        before = [each for each in present if isinstance(each, str)] if isinstance(present, list) else []
        if left := [name for name in before if name not in names]:
            draft.warn(f"it is taken away from {', '.join(left)}", target)
        if others := [key for key in ("labelSelector", "fieldSelector", "exclude") if affinity.get(key)]:
            draft.warn(f"its {', '.join(others)} still applies to these clusters, too", target)
    return draft


async def plan_move(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """From one cluster to another, with whatever else the policy propagates."""
    source, aim = arguments["from"], arguments["to"]
    draft = Draft(f"Move {counted(targets)} from {source} to {aim}")
    if source == aim:
        raise UsageError("that is where it is", "from and to are different clusters")
    for cluster in dict.fromkeys(target.cluster for target in targets):
        await known(reader, cluster, [aim], draft)
    for target, policy in await objects(reader, await _policies(reader, targets, draft), draft):
        operations = _moved(policy, source, aim)
        if not operations:
            instead = Instead(f"place it on {aim}", target, "karmada.place", {"clusters": aim})
            draft.refuse(target, f"it does not name {source}: it selects clusters otherwise", instead)
            continue
        draft.write(target, JsonPatch(tuple(operations)))
        await _tell_moved(reader, draft, target, source)
    if draft.steps:
        draft.warn(f"Karmada does not wait for {aim} before it takes them away from {source}")
        for cluster in dict.fromkeys(step.target.cluster for step in draft.steps):
            await _tell_aim(reader, draft, cluster, aim)
    return draft


async def _policies(reader: Reader, targets: Sequence[Target], draft: Draft) -> list[Target]:
    """Policies as they are; for bindings those that they were made for."""
    found: dict[Target, None] = {}
    for target in targets:
        if target.kind not in BINDINGS:
            found[target] = None
    for target, obj in await objects(reader, [each for each in targets if each.kind in BINDINGS], draft):
        policy = policy_of(target.cluster, obj)
        if policy is None:
            draft.refuse(target, "it does not say which policy it is of")
        else:
            found[policy] = None
    return list(found)


def _moved(policy: Obj, source: str, aim: str) -> list[dict[str, Any]]:
    """Operations that put `aim` in the place of `source` wherever the placement names it."""
    placement = mapping(at(policy, "spec", "placement"))
    ways: list[tuple[str, object]] = [("clusterAffinity", at(placement, "clusterAffinity"))]
    ways += [(f"clusterAffinities/{number}", each) for number, each in _numbered(placement, "clusterAffinities")]
    weights = at(placement, "replicaScheduling", "weightPreference")
    ways += [
        (f"replicaScheduling/weightPreference/staticWeightList/{number}/targetCluster", each.get("targetCluster"))
        for number, each in _numbered(weights, "staticWeightList")
    ]
    operations: list[dict[str, Any]] = []
    for way, group in ways:
        names = at(group, "clusterNames")
        if isinstance(names, list) and source in names:
            value = list(dict.fromkeys(aim if name == source else name for name in names))
            path = f"/spec/placement/{way}/clusterNames"
            operations.append({"op": "replace", "path": path, "value": value})
    return operations


def _numbered(obj: object, key: str) -> list[tuple[int, Any]]:
    return list(enumerate(mappings(at(obj, key))))


async def _tell_moved(reader: Reader, draft: Draft, target: Target, source: str) -> None:
    """What of the policy is at `source` now."""
    try:
        every = await bindings(reader, target.cluster)
    except ConsoleError as error:
        draft.warn(f"what it propagates cannot be read: {error.message}", target)
        return
    for each in every:
        if policy_of(target.cluster, each) == _place(target) and source in clusters_of(each):
            its = mapping(at(each, "spec", "resource"))
            draft.warn(f"{text(its.get('kind'))} {text(its.get('name'))} is at {placed(each)}", target)


def _place(target: Target) -> Target:
    """The same object whatever its uid and version."""
    return Target(target.cluster, target.kind, target.namespace, target.name)


async def _tell_aim(reader: Reader, draft: Draft, cluster: str, aim: str) -> None:
    """What keeps Karmada from scheduling to where it is moved."""
    obj = await reader.get(Target(cluster, CLUSTER, "", aim))
    taints = [text(each.get("key")) for each in mappings(at(obj, "spec", "taints"))]
    if taints:
        draft.warn(f"{aim} has taints ({', '.join(taints)}): only what tolerates them is scheduled there")
    told = {text(each.get("type")): each for each in mappings(at(obj, "status", "conditions"))}
    if told.get("Ready", {}).get("status") == "False":
        draft.warn(f"{aim} is not ready: {text(told['Ready'].get('message'))}")


async def plan_weight(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Replicas by weight."""
    weights: list[tuple[str, int]] = []
    for name, value in pairs(arguments["weights"]).items():
        if value is None or not value.isdecimal() or int(value) < 1:
            raise UsageError(f"the weight of {name} is a number from 1 on", "cluster=weight, blanks between")
        weights.append((name, int(value)))
    draft = Draft(f"Divide {counted(targets)}: {', '.join(f'{name} {weight}' for name, weight in weights)}")
    for cluster in dict.fromkeys(target.cluster for target in targets):
        await known(reader, cluster, [name for name, _weight in weights], draft)
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
        made = within(obj, "spec", "placement")
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
        draft.tell(f"{workload['kind']} {workload['name']} is at {placed(obj)}", target)
    for cluster, workloads in listed.items():
        name = fresh("kurator-tui")
        spec = {"workloads": workloads, "ttlSecondsAfterFinished": _KEPT}
        body = {"apiVersion": "apps.karmada.io/v1alpha1", "kind": "WorkloadRebalancer", "metadata": {"name": name}}
        draft.write(Target(cluster, _REBALANCER, "", name), Create({**body, "spec": spec}))
    if listed:
        draft.warn("pods may move to other clusters; what runs is not waited for")
    return draft


PLANNERS: dict[str, Planner] = {
    "karmada.cordon": plan_cordon,
    "karmada.uncordon": plan_uncordon,
    "karmada.evict": plan_evict,
    "karmada.place": plan_place,
    "karmada.move": plan_move,
    "karmada.weight": plan_weight,
    "karmada.dispatch": plan_dispatch,
    "karmada.rebalance": plan_rebalance,
}
