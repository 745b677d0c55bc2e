"""Verbs of Kurator's backups: create, restore, migrate. They send nothing.

No webhook checks these kinds, and the controller panics on a policy without resourceFilter: so that one is always
written, and what Kurator cannot do is refused here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any

from kurator_tui.actions.arguments import pairs
from kurator_tui.actions.fleets import FLEET, fleet_at, fleet_of, found, kind_of, listed, unstored
from kurator_tui.actions.gathering import objects
from kurator_tui.actions.plan import Arguments, Create, Draft, Obj, Planner, Reader
from kurator_tui.actions.wording import counted
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Instead, Target
from kurator_tui.kinds.shapes import at, mappings, text

BACKUP, RESTORE, MIGRATE = (f"{plural}.backup.kurator.dev" for plural in ("backups", "restores", "migrates"))
_CRON = re.compile(r"@(every \S+|hourly|daily|midnight|weekly|monthly|yearly|annually)|\S+( \S+){4}")
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")


def _named(reader: Reader, arguments: Arguments, base: str) -> str:
    return arguments["name"] or f"{base}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime(reader.now()))}".lower()


def _filter(arguments: Arguments) -> dict[str, Any]:
    """Never absent: without one the controller panics."""
    namespaces = arguments["namespaces"].split()
    return {"includedNamespaces": namespaces} if namespaces else {}


def _references(clusters: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"kind": kind, "name": name} for kind, name in clusters]


def _made(draft: Draft, about: Target, kind: str, name: str, spec: Obj) -> None:
    if not _NAME.fullmatch(name):
        draft.refuse(about, f"{name} is no name of an object")
        return
    where = Target(HOST, kind, about.namespace, name)
    draft.write(where, Create({"metadata": {"name": name, "namespace": about.namespace}, "spec": spec}))


async def _store(reader: Reader, draft: Draft, about: Target, fleet: str) -> Obj | None:
    """The Fleet, if what is of it can be backed up; else why not is in `draft`."""
    where = fleet_at(about.namespace, fleet)
    obj = await found(reader, where)
    if isinstance(obj, str):
        draft.refuse(about, f"{obj}: Kurator looks for the fleet there alone")
    elif reason := unstored(obj):
        instead = Instead(f"the backup plugin of Fleet {fleet}", where, fields=("spec.plugin.backup.storage",))
        draft.refuse(about, reason, instead)
    else:
        return obj
    return None


# -- back up ----------------------------------------------------------------------------------------------------


async def plan_create(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Back fleets or clusters up: one Backup a fleet."""
    schedule = " ".join(arguments["schedule"].split())
    draft = Draft(f"Back up {counted(targets)}" + (f" at {schedule}" if schedule else " now"))
    wanted: dict[tuple[str, str], list[tuple[Target, str]]] = {}
    for target, obj in await objects(reader, targets, draft):
        if schedule and not _CRON.fullmatch(schedule):
            draft.refuse(target, f"{schedule} is no cron schedule: five fields, or @daily")
        elif target.kind == FLEET:
            wanted.setdefault((target.namespace, target.name), []).append((target, ""))
        elif fleet := fleet_of(obj):
            wanted.setdefault((target.namespace, fleet), []).append((target, kind_of(target)))
        else:
            draft.refuse(target, "it is in no fleet: Kurator backs up members only")
    for (_namespace, fleet), members in wanted.items():
        await _back_up(reader, draft, fleet, members, arguments, schedule)
    return draft


async def _back_up(
    reader: Reader,
    draft: Draft,
    fleet: str,
    members: Sequence[tuple[Target, str]],
    arguments: Arguments,
    schedule: str,
) -> None:
    about = members[0][0]
    obj = await _store(reader, draft, about, fleet)
    if obj is None:
        return
    whole = any(not kind for _target, kind in members)
    clusters = listed(obj) if whole else [(kind, target.name) for target, kind in members]
    if strangers := [name for kind, name in clusters if (kind, name) not in listed(obj)]:
        draft.refuse(about, f"fleet {fleet} does not list {', '.join(strangers)}")
        return
    policy: Obj = {"resourceFilter": _filter(arguments)}
    policy |= {"ttl": arguments["ttl"]} if arguments["ttl"] else {}
    spec: Obj = {"destination": {"fleet": fleet, "clusters": _references(clusters)}, "policy": policy}
    spec |= {"schedule": schedule} if schedule else {}
    _made(draft, about, BACKUP, _named(reader, arguments, fleet if whole else about.name), spec)
    names = ", ".join(name for _kind, name in clusters)
    draft.tell(f"Velero makes a backup on {len(clusters)}: {names}", about)
    if whole:
        draft.tell("a member that joins later is not in it", about)
    draft.tell("Kurator never writes its phase: it is read from its clusters' backups", about)


# -- restore ----------------------------------------------------------------------------------------------------


async def plan_restore(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Restore a backup."""
    draft = Draft(f"Restore {counted(targets)}")
    for target, obj in await objects(reader, targets, draft):
        fleet_name = text(at(obj, "spec", "destination", "fleet"))
        fleet = await _store(reader, draft, target, fleet_name)
        if fleet is None:
            continue
        backed = [
            (text(each.get("kind")) or "Cluster", text(each.get("name")))
            for each in mappings(at(obj, "spec", "destination", "clusters"))
        ] or listed(fleet)
        chosen = _chosen(draft, target, backed, arguments["clusters"], "the backup")
        if not chosen:
            continue
        spec = {
            "backupName": target.name,
            "destination": {"fleet": fleet_name, "clusters": _references(chosen)},
            "policy": {
                "resourceFilter": _filter(arguments),
                "namespaceMapping": _mapping(arguments),
                "preserveNodePorts": arguments["nodeports"] == "yes",
            },
        }
        _made(draft, target, RESTORE, _named(reader, arguments, target.name), spec)
        _tell_restored(draft, target, obj, chosen)
    return draft


def _chosen(
    draft: Draft, about: Target, known: Sequence[tuple[str, str]], said: str, whose: str
) -> list[tuple[str, str]]:
    """The clusters that were named, all for "", none where one is not among `known`."""
    names = said.split()
    missing = [name for name in names if name not in [each for _kind, each in known]]
    if missing:
        has = ", ".join(name for _kind, name in known)
        draft.refuse(about, f"{missing[0]} is no cluster of {whose}: {has}")
        return []
    return [each for each in known if not names or each[1] in names]


def _mapping(arguments: Arguments) -> dict[str, str]:
    return {old: new for old, new in pairs(arguments["mapping"]).items() if new}


def _tell_restored(draft: Draft, target: Target, obj: Obj, chosen: Sequence[tuple[str, str]]) -> None:
    phases: dict[str, list[str]] = {}
    for each in mappings(at(obj, "status", "backupDetails")):
        phase = text(at(each, "backupStatusInCluster", "phase"))
        phases.setdefault(text(each.get("clusterName")), []).append(phase)
    for _kind, name in chosen:
        if "Completed" not in phases.get(name, ()):
            last = next(iter(phases.get(name, ())), "") or "none"
            draft.warn(
                f"{name}: no backup is Completed (the last one: {last}): its restore would wait or fail", target
            )
    names = ", ".join(name for _kind, name in chosen)
    draft.warn(f"what is missing on {names} is made again from the backup; what is there stays as it is", target)


# -- migrate ----------------------------------------------------------------------------------------------------


async def plan_migrate(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Copy what runs on a cluster to others."""
    draft = Draft(f"Migrate {counted(targets)} to {arguments['to']}")
    for target, obj in await objects(reader, targets, draft):
        name = fleet_of(obj)
        if not name:
            draft.refuse(target, "it is in no fleet: Kurator migrates between members of one")
            continue
        fleet = await _store(reader, draft, target, name)
        if fleet is None:
            continue
        source = (kind_of(target), target.name)
        if source not in listed(fleet):
            draft.refuse(target, f"fleet {name} does not list it")
            continue
        others = [each for each in listed(fleet) if each != source]
        chosen = _chosen(draft, target, others, arguments["to"], "its fleet beside it")
        if not chosen:
            continue
        spec = {
            "sourceCluster": {"fleet": name, "clusters": _references([source])},
            "targetCluster": {"fleet": name, "clusters": _references(chosen)},
            "policy": {
                "resourceFilter": _filter(arguments),
                "namespaceMapping": _mapping(arguments),
                "preserveNodePorts": arguments["nodeports"] == "yes",
            },
        }
        _made(draft, target, MIGRATE, _named(reader, arguments, target.name), spec)
        names = ", ".join(each for _kind, each in chosen)
        draft.tell(f"it is backed up, then restored on {names}; what runs on {target.name} stays", target)
        draft.warn(f"what is on {names} already stays as it is, also where it is older", target)
    return draft


PLANNERS: dict[str, Planner] = {
    "backup.create": plan_create,
    "backup.restore": plan_restore,
    "backup.migrate": plan_migrate,
}
