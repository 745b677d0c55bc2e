"""Verbs of nodes and of the pods on them: evict, cordon, uncordon, drain, taint. They send nothing.

A node that nobody hears from confirms no pod's end: a drain would wait for ever. It is refused, and the plan says
what force would do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kurator_tui.actions.budgets import why_held, why_never
from kurator_tui.actions.edge import is_edge, offline
from kurator_tui.actions.gathering import objects
from kurator_tui.actions.owners import controller
from kurator_tui.actions.plan import Arguments, Delete, Draft, Evict, JsonPatch, Obj, Planner, Reader, seen
from kurator_tui.actions.wording import counted
from kurator_tui.errors import ConsoleError, UsageError
from kurator_tui.kinds.plans import Instead, Target
from kurator_tui.kinds.shapes import at, mapping, mappings, meta, name_of, namespace_of, text
from kurator_tui.kinds.verb import Risk
from kurator_tui.store.amounts import seconds

_MIRROR = "kubernetes.io/config.mirror"
_BUDGETS = "poddisruptionbudgets.policy"
_SYSTEM_TAINTS = ("node.kubernetes.io/", "node.cloudprovider.kubernetes.io/")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_NAMED = 5
"""Pods that are named one by one in a sentence."""


def _eviction(arguments: Arguments) -> Evict:
    grace = int(arguments["grace"]) if arguments["grace"] else None
    return Evict(grace, seconds(arguments["patience"]))


def _names(pods: Sequence[Obj]) -> str:
    """`3 pods (d/a, d/b, d/c)`."""
    named = ", ".join(f"{namespace_of(pod)}/{name_of(pod)}" for pod in pods[:_NAMED])
    more = f", {len(pods) - _NAMED} more" if len(pods) > _NAMED else ""
    return f"{len(pods)} pod{'' if len(pods) == 1 else 's'} ({named}{more})"


# -- pods -------------------------------------------------------------------------------------------------------


async def plan_evict(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Evictions, respecting budgets."""
    draft = Draft(f"Evict {counted(targets)}")
    for target, pod in await objects(reader, targets, draft):
        if at(pod, "metadata", "deletionTimestamp"):
            draft.refuse(target, "it is ending already")
            continue
        if _is_static(pod):
            draft.refuse(target, "it is a static pod: its node makes it again from a file")
            continue
        budgets = await _listed(reader, draft, target.cluster, _BUDGETS, target.namespace)
        if never := why_never(pod, budgets):
            draft.refuse(target, never, Instead("delete it", target, verb="delete"))
            continue
        draft.write(target, _eviction(arguments))
        if controller(pod) is None:
            draft.warn("it has no controller: nobody makes another one", target)
        if held := why_held(pod, budgets):
            draft.warn(f"{held}; it is tried for {arguments['patience']}", target)
    return draft


async def _listed(reader: Reader, draft: Draft, cluster: str, kind: str, namespace: str = "") -> list[Obj]:
    try:
        return await reader.list(cluster, kind, namespace)
    except ConsoleError as error:
        draft.warn(f"{kind.partition('.')[0]} of {cluster} cannot be read: {error.message}")
        return []


def _is_static(pod: Obj) -> bool:
    return _MIRROR in mapping(meta(pod).get("annotations"))


# -- cordon -----------------------------------------------------------------------------------------------------


async def plan_cordon(reader: Reader, targets: Sequence[Target], _arguments: Arguments) -> Draft:
    """No new pods."""
    draft = Draft(f"Cordon {counted(targets)}")
    for target, node in await objects(reader, targets, draft):
        if not _cordon(draft, target, node):
            draft.refuse(target, "it is cordoned already")
    return draft


def _cordon(draft: Draft, target: Target, node: Obj) -> bool:
    if at(node, "spec", "unschedulable") is True:
        return False
    draft.write(target, JsonPatch(({"op": "add", "path": "/spec/unschedulable", "value": True},)))
    return True


async def plan_uncordon(reader: Reader, targets: Sequence[Target], _arguments: Arguments) -> Draft:
    """Pods again."""
    draft = Draft(f"Uncordon {counted(targets)}")
    for target, node in await objects(reader, targets, draft):
        if at(node, "spec", "unschedulable") is not True:
            draft.refuse(target, "it is not cordoned")
            continue
        draft.write(target, JsonPatch(({"op": "remove", "path": "/spec/unschedulable"},)))
    return draft


# -- drain ------------------------------------------------------------------------------------------------------


async def plan_drain(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Cordon, then evict what can be."""
    draft = Draft(f"Drain {counted(targets)}")
    for target, node in await objects(reader, targets, draft):
        try:
            pods = await reader.list(target.cluster, "pods", fields=f"spec.nodeName={target.name}")
        except ConsoleError as error:
            draft.refuse(target, f"its pods cannot be read: {error.message}")
            continue
        _cordon(draft, target, node)
        movable = _movable(draft, target, pods)
        if offline(node):
            _abandon(draft, target, node, movable, arguments)
        else:
            await _evictions(reader, draft, target, movable, arguments)
    return draft


def _movable(draft: Draft, target: Target, pods: Sequence[Obj]) -> list[Obj]:
    """Pods that a drain is about: not those of DaemonSets, static ones, nor what is ending anyhow."""
    daemons = [pod for pod in pods if (controller(pod) or ("", "", ""))[1] == "DaemonSet"]
    if daemons:
        draft.tell(f"{_names(daemons)} of DaemonSets stay", target)
    static = [pod for pod in pods if _is_static(pod)]
    if static:
        draft.tell(f"{_names(static)} are static and stay", target)
    return [
        pod
        for pod in pods
        if pod not in daemons and pod not in static and not at(pod, "metadata", "deletionTimestamp")
    ]


def _abandon(draft: Draft, target: Target, node: Obj, pods: Sequence[Obj], arguments: Arguments) -> None:
    """Of a node that nobody hears from."""
    where = "edge node, which may be running its pods on its own" if is_edge(node) else "node"
    what = _names(pods)
    if arguments["force"] != "yes":
        said = f"this {where}, is offline" if is_edge(node) else "this node is offline"
        instead = Instead(
            f"force=yes removes {what} from the API without waiting; their processes may go on running there",
            target,
            verb="drain",
            arguments={**arguments, "force": "yes"},
        )
        draft.refuse(target, f"{said}: nobody would confirm that pods end, so none is evicted", instead)
        return
    draft.risk = Risk.DESTRUCTIVE
    draft.warn(
        f"{what} are removed from the API without waiting; on this {where} they may go on beside new ones",
        target,
    )
    for pod in pods:
        draft.write(_place(target, pod), Delete(grace=0), "removed, not waited for")


def _place(node: Target, pod: Obj) -> Target:
    return seen(Target(node.cluster, "pods", namespace_of(pod), name_of(pod)), pod)


async def _evictions(
    reader: Reader, draft: Draft, target: Target, pods: Sequence[Obj], arguments: Arguments
) -> None:
    budgets = await _listed(reader, draft, target.cluster, _BUDGETS)
    ended = [pod for pod in pods if at(pod, "status", "phase") in ("Succeeded", "Failed")]
    alone = [pod for pod in pods if controller(pod) is None and pod not in ended]
    scratch = [pod for pod in pods if _scratch(pod) and pod not in ended]
    if alone and arguments["force"] != "yes":
        draft.refuse(target, f"{_names(alone)}: no controller makes them again; force=yes evicts them for good")
    elif alone:
        draft.warn(f"{_names(alone)}: no controller makes them again", target)
    if scratch and arguments["emptydir"] != "yes":
        draft.refuse(
            target, f"{_names(scratch)}: they keep data in emptyDir; emptydir=yes evicts them, it is lost"
        )
    elif scratch:
        draft.warn(f"{_names(scratch)}: data in emptyDir is lost", target)
    staying = [*(alone if arguments["force"] != "yes" else ())]
    staying += scratch if arguments["emptydir"] != "yes" else ()
    for pod in pods:
        if pod in staying:
            continue
        where, held = _place(target, pod), why_held(pod, budgets)
        if never := why_never(pod, budgets):
            draft.refuse(where, never, Instead("delete it", where, verb="delete"))
            continue
        if held:
            draft.warn(f"{held}; it is tried for {arguments['patience']}, then the drain stops", where)
        draft.write(where, _eviction(arguments))


def _scratch(pod: Obj) -> bool:
    return any("emptyDir" in each for each in mappings(at(pod, "spec", "volumes")))


# -- taints -----------------------------------------------------------------------------------------------------


async def plan_taint(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Taints set and removed."""
    set_, gone = _said(arguments["taints"])
    draft = Draft(f"Taint {counted(targets)}")
    for target, node in await objects(reader, targets, draft):
        present = [dict(each) for each in mappings(at(node, "spec", "taints"))]
        kept = [each for each in present if not any(_same(each, other) for other in (*set_, *gone))]
        wanted = [*kept, *(_timed(each, present) for each in set_)]
        if sorted(map(repr, wanted)) == sorted(map(repr, present)):
            draft.refuse(target, "its taints are so already")
            continue
        draft.write(target, JsonPatch(({"op": "add", "path": "/spec/taints", "value": wanted},)))
        for each in set_:
            if each["effect"] == "NoExecute":
                await _tell_evicted(reader, draft, target, each)
    return draft


def _said(words: str) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Taints to set, and to remove (without an effect: all of that key). Raises UsageError."""
    set_: list[dict[str, str]] = []
    gone: list[dict[str, str]] = []
    for word in words.split():
        head, _, effect = word.removesuffix("-").partition(":")
        key, equals, value = head.partition("=")
        if not key or (effect and effect not in _EFFECTS) or (not effect and not word.endswith("-")):
            raise UsageError(f"{word} is no taint", "key=value:NoSchedule, key:NoExecute, key- or key:NoSchedule-")
        if key.startswith(_SYSTEM_TAINTS):
            raise UsageError(
                f"{key} is the node controller's", "cordon, uncordon and drain do what it stands for."
            )
        taint = {"key": key, **({"value": value} if equals else {}), **({"effect": effect} if effect else {})}
        (gone if word.endswith("-") else set_).append(taint)
    return set_, gone


def _same(taint: dict[str, Any], said: dict[str, str]) -> bool:
    return taint.get("key") == said["key"] and said.get("effect", taint.get("effect")) == taint.get("effect")


def _timed(said: dict[str, str], present: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A taint that is there already keeps its `timeAdded`."""
    known = next((each for each in present if _same(each, said)), {})
    return {**known, **said} if known.get("value") == said.get("value") else {**said}


async def _tell_evicted(reader: Reader, draft: Draft, target: Target, taint: dict[str, str]) -> None:
    try:
        pods = await reader.list(target.cluster, "pods", fields=f"spec.nodeName={target.name}")
    except ConsoleError as error:
        draft.warn(f"NoExecute ends pods that do not tolerate it; they cannot be read: {error.message}", target)
        return
    ending = [pod for pod in pods if not _tolerates(pod, taint)]
    if ending:
        draft.warn(f"{_names(ending)} end at once, budgets or not: they do not tolerate {taint['key']}", target)


def _tolerates(pod: Obj, taint: dict[str, str]) -> bool:
    for each in mappings(at(pod, "spec", "tolerations")):
        if each.get("effect") not in (None, "", taint["effect"]) or each.get("key") not in (
            None,
            "",
            taint["key"],
        ):
            continue
        if each.get("operator") == "Exists" or (
            each.get("key") and text(each.get("value")) == taint.get("value", "")
        ):
            return True
    return False


PLANNERS: dict[str, Planner] = {
    "evict": plan_evict,
    "cordon": plan_cordon,
    "uncordon": plan_uncordon,
    "drain": plan_drain,
    "taint": plan_taint,
}
