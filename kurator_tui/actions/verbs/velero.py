"""Verbs of Velero on a member: purge a backup, pause a schedule, run one now. They send nothing."""

from __future__ import annotations

import time
from collections.abc import Sequence

from kurator_tui.actions.gathering import objects
from kurator_tui.actions.making import fresh, reference
from kurator_tui.actions.plan import Arguments, Create, Draft, JsonPatch, Obj, Planner, Reader
from kurator_tui.actions.wording import counted
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import at, mapping, meta, name_of, text

BACKUP, REQUEST = "backups.velero.io", "deletebackuprequests.velero.io"
_LOCATION = "backupstoragelocations.velero.io"
_LABEL = 63
_BUSY = ("New", "InProgress", "WaitingForPluginOperations", "WaitingForPluginOperationsPartiallyFailed")


async def plan_purge(reader: Reader, targets: Sequence[Target], _arguments: Arguments) -> Draft:
    """Delete backups with their data."""
    draft = Draft(f"Purge {counted(targets)} with all data")
    for target, obj in await objects(reader, targets, draft):
        phase = text(at(obj, "status", "phase"))
        if phase in _BUSY:
            draft.refuse(target, f"it is {phase}: Velero deletes no backup that is being made")
            continue
        if phase == "Deleting":
            draft.refuse(target, "it is being deleted already")
            continue
        labels = {
            "velero.io/backup-name": target.name[:_LABEL],
            "velero.io/backup-uid": text(meta(obj).get("uid")),
        }
        where = Target(target.cluster, REQUEST, target.namespace, fresh(target.name, most=253))
        head = {"name": where.name, "namespace": where.namespace, "labels": labels}
        draft.write(where, Create({"metadata": head, "spec": {"backupName": target.name}}), f"of {target.name}")
        await _tell_purged(reader, draft, target, obj)
    return draft


async def _tell_purged(reader: Reader, draft: Draft, target: Target, obj: Obj) -> None:
    restores = [
        name_of(each)
        for each in await reader.list(target.cluster, "restores.velero.io", target.namespace)
        if at(each, "spec", "backupName") == target.name
    ]
    if restores:
        draft.warn(f"{len(restores)} restores made from it are deleted, too: {', '.join(restores[:4])}", target)
    location = text(at(obj, "spec", "storageLocation")) or "default"
    draft.warn(f"what it stored at {location} is deleted for good", target)
    owner = text(mapping(meta(obj).get("labels")).get("kurator.dev/backup-name"))
    if owner:
        draft.tell(f"Kurator's Backup {owner} stays, and lists it as it last was", target)
    await _check_location(reader, draft, target, location)


async def _check_location(reader: Reader, draft: Draft, target: Target, location: str) -> None:
    for each in await reader.list(target.cluster, _LOCATION, target.namespace):
        if name_of(each) == location:
            if at(each, "status", "phase") == "Unavailable":
                draft.warn(f"{location} is Unavailable now: Velero cannot reach it", target)
            if at(each, "spec", "accessMode") == "ReadOnly":
                draft.warn(f"{location} is read-only: Velero writes and deletes nothing there", target)


async def plan_pause(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Pause or resume schedules."""
    draft = Draft("")
    found = await objects(reader, targets, draft)
    said = arguments["to"]
    pausing = said == "pause" or (
        said == "toggle" and not all(at(obj, "spec", "paused") is True for _, obj in found)
    )
    draft.title = f"{'Pause' if pausing else 'Resume'} {counted(targets)}"
    for target, obj in found:
        if (at(obj, "spec", "paused") is True) == pausing:
            draft.refuse(target, "it is paused already" if pausing else "it is not paused")
            continue
        draft.write(target, JsonPatch(({"op": "add", "path": "/spec/paused", "value": pausing},)))
        last = text(at(obj, "status", "lastBackup")) or "none yet"
        if pausing:
            draft.warn(f"no backup is made until it is resumed; the last one: {last}", target)
        else:
            draft.tell(f"one may be made at once, if one is due ({text(at(obj, 'spec', 'schedule'))})", target)
    return draft


async def plan_run(reader: Reader, targets: Sequence[Target], _arguments: Arguments) -> Draft:
    """Make backups as schedules would."""
    draft = Draft(f"Back up now, as {counted(targets)}")
    moment = time.strftime("%Y%m%d%H%M%S", time.gmtime(reader.now()))
    for target, obj in await objects(reader, targets, draft):
        template = at(obj, "spec", "template")
        if not isinstance(template, dict):
            draft.refuse(target, "it has no template")
            continue
        where = Target(target.cluster, BACKUP, target.namespace, f"{target.name}-{moment}")
        spec = {key: value for key, value in template.items() if key != "metadata"}
        own = mapping(at(template, "metadata", "labels")) or mapping(meta(obj).get("labels"))
        labels = {**own, "velero.io/schedule-name": target.name[:_LABEL]}
        head: Obj = {"name": where.name, "namespace": where.namespace, "labels": labels}
        if (
            template.get("useOwnerReferencesInBackup") is True
            or at(obj, "spec", "useOwnerReferencesInBackup") is True
        ):
            head["ownerReferences"] = [reference(obj, controller=True)]
        draft.write(where, Create({"metadata": head, "spec": spec}), f"as {target.name} says")
        if at(obj, "spec", "paused") is True:
            draft.tell("the schedule stays paused", target)
        await _check_location(reader, draft, target, text(spec.get("storageLocation")) or "default")
    return draft


PLANNERS: dict[str, Planner] = {"velero.purge": plan_purge, "velero.pause": plan_pause, "velero.run": plan_run}
