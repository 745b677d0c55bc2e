"""Verbs of fleets: create, members, join, leave. They send nothing.

A Fleet lists its members by kind and name; whatever namespace it says, Kurator looks in the Fleet's own. What a
member gets and loses with it (plugins, applications, backups) is told before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from kurator_tui.actions.fleets import (
    CONTROL_PLANE,
    CUSTOM_CLUSTER,
    FLEET,
    MEMBERS,
    fleet_at,
    fleet_of,
    found,
    is_ready,
    kind_of,
    listed,
    policies,
    selected,
)
from kurator_tui.actions.gathering import objects
from kurator_tui.actions.making import is_name
from kurator_tui.actions.plan import Arguments, Create, Draft, JsonPatch, Obj, Planner, Reader, seen
from kurator_tui.actions.plugins import few, tell_members, tell_releases
from kurator_tui.actions.wording import counted
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.plans import Instead, Target
from kurator_tui.kinds.shapes import at, mapping, mappings, meta, name_of, text
from kurator_tui.kinds.verb import Risk

_PATH = "/spec/clusters"
Member = tuple[str, str]
"""(kind, name)."""


async def plan_create(reader: Reader, _targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Make a Fleet."""
    name, namespace = arguments["name"], arguments["namespace"]
    where = Target(HOST, FLEET, namespace, name)
    draft = Draft(f"Create Fleet {inert(name)} in {inert(namespace)}")
    if not is_name(name):
        draft.refuse(where, f"{inert(name)} is no name of an object")
        return draft
    if not isinstance(await found(reader, where), str):
        draft.refuse(where, "there is one of this name already: edit its members", _members_verb(where))
        return draft
    members = await _joining(reader, draft, where, arguments["clusters"].split())
    if draft.refusals:
        return draft
    head: Obj = {"name": name, "namespace": namespace}
    if arguments["karmada"] == "yes":
        head["annotations"] = {CONTROL_PLANE: "karmada"}
        draft.warn(
            "Kurator runs a pod that installs Karmada; the Fleet is Running until that has succeeded", where
        )
    clusters = [_reference(each) for each in members]
    draft.write(where, Create({"metadata": head, "spec": {"clusters": clusters}}))
    draft.tell("it has no plugin yet: none is installed", where)
    await _neighbours(reader, draft, where)
    return draft


async def _neighbours(reader: Reader, draft: Draft, where: Target) -> None:
    """Kurator does not support several fleets in one namespace: releases on the host have one name for all."""
    try:
        others = [name_of(each) for each in await reader.list(HOST, FLEET, where.namespace)]
    except ConsoleError:
        return
    if others := [name for name in others if name != where.name]:
        draft.warn(
            f"{few(others)} is in this namespace, too: Kurator does not support several, their plugins clash",
            where,
        )


def _members_verb(where: Target) -> Instead:
    return Instead(f"the members of Fleet {where.name}", where, verb="fleet.members")


# -- who may join -------------------------------------------------------------------------------------------------


async def _joining(reader: Reader, draft: Draft, fleet: Target, names: Iterable[str]) -> list[Member]:
    """Clusters of those names that can join; why the others cannot is in `draft`."""
    members: list[Member] = []
    for name in names:
        both = {kind: Target(HOST, id, fleet.namespace, name) for kind, id in MEMBERS.items()}
        there = {kind: obj for kind, each in both.items() if isinstance(obj := await found(reader, each), dict)}
        if not there:
            draft.refuse(fleet, f"there is no cluster {inert(name)} in {fleet.namespace}, where its fleet looks")
        elif len(there) > 1:
            draft.refuse(fleet, f"{inert(name)} is a Cluster and an AttachedCluster: join one from its own row")
        else:
            ((kind, obj),) = there.items()
            if await _may_join(reader, draft, both[kind], obj, fleet):
                members.append((kind, name))
    return members


async def _may_join(reader: Reader, draft: Draft, target: Target, obj: Obj, fleet: Target) -> bool:
    """Whether no other Fleet has it: its label would flip between the two."""
    others = [fleet_of(obj)]
    others.append(await _lists(reader, target.namespace, (kind_of(target), target.name), besides=fleet.name))
    other = next((name for name in others if name not in ("", fleet.name)), "")
    if other:
        instead = Instead(f"leave Fleet {other} first", target, verb="fleet.leave")
        draft.refuse(target, f"it is in Fleet {other}: a cluster in two has the label of either by turns", instead)
    return not other


def _reference(member: Member) -> dict[str, str]:
    kind, name = member
    return {"kind": kind, "name": name}


# -- join and leave -----------------------------------------------------------------------------------------------


async def plan_join(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Have clusters join a Fleet of their namespace."""
    name = arguments["to"]
    draft = Draft(f"{counted(targets)} join{'s' if len(targets) == 1 else ''} Fleet {inert(name)}")
    wanted: dict[Target, list[Member]] = {}
    for target, obj in await objects(reader, targets, draft):
        where = fleet_at(target.namespace, name)
        if target.kind == CUSTOM_CLUSTER:
            instead = Instead(
                "attach it: an AttachedCluster of its kubeconfig can join",
                target,
                "custom.attach",
                {"join": name},
            )
            draft.refuse(target, "Kurator takes no CustomCluster into a fleet", instead)
        elif await _may_join(reader, draft, target, obj, where):
            wanted.setdefault(where, []).append((kind_of(target), target.name))
    for where, members in wanted.items():
        await _edit(reader, draft, where, members, [])
    return draft


async def plan_leave(reader: Reader, targets: Sequence[Target], _arguments: Arguments) -> Draft:
    """Have clusters leave their Fleet."""
    draft = Draft(f"{counted(targets)} leave{'s' if len(targets) == 1 else ''} the fleet")
    wanted: dict[Target, list[Member]] = {}
    for target, obj in await objects(reader, targets, draft):
        member = (kind_of(target), target.name)
        name = await _lists(reader, target.namespace, member) or fleet_of(obj)
        if name:
            wanted.setdefault(fleet_at(target.namespace, name), []).append(member)
        else:
            draft.refuse(target, "no fleet of its namespace lists it")
    for where, members in wanted.items():
        await _edit(reader, draft, where, [], members)
    return draft


async def _lists(reader: Reader, namespace: str, member: Member, *, besides: str = "") -> str:
    """The first Fleet that lists a cluster, "" for none or where nobody may look."""
    try:
        fleets = await reader.list(HOST, FLEET, namespace)
    except ConsoleError:
        return ""
    return next((name_of(each) for each in fleets if member in listed(each) and name_of(each) != besides), "")


async def plan_members(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Have clusters join and leave in one change."""
    draft = Draft(f"Edit the members of {counted(targets)}")
    for target, obj in await objects(reader, targets, draft):
        joining = await _joining(reader, draft, target, arguments["add"].split())
        leaving: list[Member] = []
        for name in arguments["remove"].split():
            known = [member for member in listed(obj) if member[1] == name]
            leaving += known
            if not known:
                draft.refuse(target, f"{inert(name)} is no member of it")
        if not (joining or leaving or draft.refusals):
            draft.refuse(target, "nobody is said to join or leave")
        if not draft.refusals:
            await _edit(reader, draft, target, joining, leaving)
    return draft


async def _edit(
    reader: Reader, draft: Draft, where: Target, joining: Sequence[Member], leaving: Sequence[Member]
) -> None:
    """One request to a Fleet, and what follows from it."""
    fleet = await found(reader, where)
    if isinstance(fleet, str):
        draft.refuse(where, f"{fleet}: Kurator looks for members in the namespace of their fleet alone")
        return
    if meta(fleet).get("deletionTimestamp"):
        draft.refuse(where, "it is being deleted")
        return
    now = listed(fleet)
    if already := [name for kind, name in joining if (kind, name) in now]:
        draft.refuse(where, f"{few(already)} is a member already")
        return
    broker = text(at(fleet, "spec", "plugin", "submariner", "brokerCluster"))
    if broker in [name for _kind, name in leaving]:
        instead = Instead("another broker", where, "plugin.submariner")
        draft.refuse(where, f"{broker} holds Submariner's broker: give it to another member first", instead)
        return
    operations = _operations(fleet, joining, leaving)
    if not operations:
        draft.refuse(where, f"it does not list {few([name for _kind, name in leaving])}")
        return
    draft.write(seen(where, fleet), JsonPatch(tuple(operations)))
    after = _after(fleet, joining, leaving)
    await tell_releases(reader, draft, where, fleet, after)
    await _tell_joining(reader, draft, where, fleet, joining)
    if leaving:
        await _tell_leaving(reader, draft, where, fleet, leaving)


def _operations(fleet: Obj, joining: Sequence[Member], leaving: Sequence[Member]) -> list[dict[str, Any]]:
    """Removals from the last one on, so that each index still is the right one."""
    if at(fleet, "spec", "clusters") is None:
        added = [_reference(each) for each in joining]
        return [{"op": "add", "path": _PATH, "value": added}] if added else []
    gone = [index for index, member in enumerate(listed(fleet)) if member in leaving]
    operations: list[dict[str, Any]] = []
    for index in reversed(gone):
        operations.append({"op": "test", "path": f"{_PATH}/{index}/name", "value": listed(fleet)[index][1]})
        operations.append({"op": "remove", "path": f"{_PATH}/{index}"})
    return [*operations, *({"op": "add", "path": f"{_PATH}/-", "value": _reference(each)} for each in joining)]


def _after(fleet: Obj, joining: Sequence[Member], leaving: Sequence[Member]) -> Obj:
    members = [member for member in listed(fleet) if member not in leaving] + list(joining)
    return {**fleet, "spec": {**mapping(fleet.get("spec")), "clusters": [_reference(each) for each in members]}}


async def _tell_joining(
    reader: Reader, draft: Draft, where: Target, fleet: Obj, joining: Sequence[Member]
) -> None:
    if not joining:
        return
    if not mapping(at(fleet, "spec", "plugin")):
        await tell_members(reader, draft, where, _after(fleet, joining, []))
    said = await policies(reader, where.namespace, where.name)
    for kind, name in joining:
        obj = await found(reader, Target(HOST, MEMBERS[kind], where.namespace, name))
        if isinstance(obj, dict):
            reached = [f"{app} ({policy})" for app, policy, wanted in said if selected(wanted, obj)]
            if reached:
                draft.tell(f"Applications go to {name}: {few(reached)}", where)
            if not is_ready(obj):
                draft.tell(f"nothing goes to {name} before it is ready", where)
    if mapping(meta(fleet).get("annotations")).get(CONTROL_PLANE):
        draft.tell("it joins the fleet's Karmada as <name>-<kind>, too", where)
    await _neighbours(reader, draft, where)


async def _tell_leaving(
    reader: Reader, draft: Draft, where: Target, fleet: Obj, leaving: Sequence[Member]
) -> None:
    said = await policies(reader, where.namespace, where.name)
    plugin = mapping(at(fleet, "spec", "plugin"))
    for kind, name in leaving:
        obj = await found(reader, Target(HOST, MEMBERS[kind], where.namespace, name)) if kind in MEMBERS else ""
        apps = [app for app, _policy, wanted in said if isinstance(obj, dict) and selected(wanted, obj)]
        if apps:
            draft.warn(
                f"Applications no longer look after {name}: {few(list(dict.fromkeys(apps)))}; what they installed "
                "stays, their Flux objects are neither changed nor deleted, and Flux goes on applying them",
                where,
            )
    if plugin.get("distributedStorage") is not None:
        draft.risk = Risk.DESTRUCTIVE
        draft.warn("Rook is uninstalled: what is stored on these clusters may be lost for good", where)
    if plugin.get("policy") is not None:
        draft.warn("policies of the kyverno plugin are enforced and reported there no longer", where)
    await _tell_backups(reader, draft, where, leaving)
    if len(listed(fleet)) == len(leaving):
        draft.warn("it has no member any more", where)


async def _tell_backups(reader: Reader, draft: Draft, where: Target, leaving: Sequence[Member]) -> None:
    names = {name for _kind, name in leaving}
    try:
        backups = await reader.list(HOST, "backups.backup.kurator.dev", where.namespace)
    except ConsoleError:
        return
    hit = [
        name_of(each)
        for each in backups
        if text(at(each, "spec", "destination", "fleet")) == where.name
        and at(each, "spec", "schedule")
        and any(text(one.get("name")) in names for one in mappings(at(each, "spec", "destination", "clusters")))
    ]
    if hit:
        draft.warn(f"scheduled Backups name what leaves, and fail from then on: {few(hit)}", where)


PLANNERS: dict[str, Planner] = {
    "fleet.create": plan_create,
    "fleet.members": plan_members,
    "fleet.join": plan_join,
    "fleet.leave": plan_leave,
}
