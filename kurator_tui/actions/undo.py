"""Takes back what a plan changed: only the fields that it changed, and only where they still are as it left them.

What is needed is kept with the journal, so it outlives the console. It is a plan like any other: owned, dry-run,
shown, confirmed, audited. What cannot be taken back (an eviction, a secret value) is refused with the reason.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import msgspec

from kurator_tui.actions.audit import Audit
from kurator_tui.actions.difference import reverted
from kurator_tui.actions.gathering import objects
from kurator_tui.actions.journal import Journal, Kept, made, position
from kurator_tui.actions.plan import Create, Delete, Draft, Evict, JsonPatch, Obj, Reader, Scale, seen
from kurator_tui.actions.planning import Planned, completed
from kurator_tui.actions.rules import Rules
from kurator_tui.errors import NotFound, UsageError
from kurator_tui.fleet.doors import servers
from kurator_tui.fleet.hub import Hub
from kurator_tui.kinds.arguments import checked
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.folding import NOTES, WRITTEN
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import mappings, meta
from kurator_tui.kinds.verb import Risk
from kurator_tui.kinds.verbs import VERBS

VERB = "undo"
_HOLDERS = ("namespaces", "customresourcedefinitions.apiextensions.k8s.io")
"""Kinds whose objects take others with them."""


async def make(hub: Hub, reader: Reader, rules: Rules, id: str, given: Mapping[str, str], state: Path) -> Planned:
    """The plan that takes back the part of plan `given["plan"]` that is this feeder's. Raises ConsoleError."""
    verb = VERBS[VERB]
    rules.allow()
    arguments = checked(verb, given)
    records = await asyncio.to_thread(Journal(state).load, arguments["plan"])
    draft = Draft(f"Undo: {records[0].title}")
    audit = Audit(state)
    for record in records:
        known = VERBS.get(record.verb)
        if known is not None and known.final:
            raise UsageError(f"{record.verb} cannot be taken back", known.undo)
        entries = await asyncio.to_thread(lambda id: list(audit.entries(id)), record.id)
        new, other = made(record, entries), record.elsewhere(servers(hub, record.servers))
        steps = enumerate(zip(record.steps, position(record, entries), strict=True))
        for number, (kept, became) in reversed(list(steps)):
            if kept.step.after is not None and became in ("done", "waiting", "skipped", "failed"):
                continue  # it only takes back what the step before it did
            if became == "done" and isinstance(kept.step.write, Delete) and kept.step.target.cluster == other:
                draft.refuse(kept.step.target, "another server had that name then: it would be made elsewhere")
            elif became == "done" and _ours(hub, kept.step.target.cluster):
                await take_back(reader, kept, new.get(number, ""), draft)
            elif became in ("begun", "unknown"):
                draft.refuse(kept.step.target, "nobody knows whether it was written: resume the plan first")
    if draft.risk is Risk.DESTRUCTIVE:
        draft.word = arguments["plan"]  # the same in every feeder
    if not draft.steps and not draft.refusals and _leads(hub):
        raise UsageError(f"plan {arguments['plan']} changed nothing")
    return await completed(hub, reader, rules, id, verb, draft, arguments)


def _ours(hub: Hub, cluster: str) -> bool:
    return cluster in hub.links and (cluster != HOST or _leads(hub))


def _leads(hub: Hub) -> bool:
    return hub.leads


async def take_back(reader: Reader, kept: Kept, uid: str, draft: Draft) -> None:
    """Add to `draft` what takes one step back, or why it cannot be; `uid` is that of what the step made."""
    write, target = kept.step.write, kept.step.target
    if isinstance(write, Create) or kept.made:
        await _unmade(reader, target, uid, draft)
    elif kept.sealed:
        draft.refuse(target, "it wrote secret values, which are not kept")
    elif isinstance(write, Evict):
        draft.refuse(target, "an eviction cannot be taken back: its controller made another pod")
    elif isinstance(write, Delete):
        await _again(reader, target, kept.gone, draft)
    elif not kept.changed:
        draft.refuse(target, "it changed nothing")
    else:
        for now, obj in await objects(reader, [target], draft):
            _fields(kept, now, obj, draft)


async def _unmade(reader: Reader, target: Target, uid: str, draft: Draft) -> None:
    """Delete what was made: that object alone, not one that somebody else made under its name."""
    if not uid:
        draft.refuse(target, "it is not known that the plan made it, so it stays: somebody else may have")
        return
    for now, _obj in await objects(reader, [msgspec.structs.replace(_anyone(target), uid=uid)], draft):
        draft.write(now, Delete(), "it was made by the plan that is taken back")
        if target.kind in _HOLDERS:
            draft.risk = Risk.DESTRUCTIVE
            draft.warn("all that anybody put in it since is deleted with it", now)


def _anyone(target: Target) -> Target:
    """The object of that name whatever its uid: it had none when it was to be made."""
    return msgspec.structs.replace(target, uid="", resource_version="")


async def _again(reader: Reader, target: Target, gone: Obj | None, draft: Draft) -> None:
    if gone is None:
        draft.refuse(target, "its secret values were not kept")
        return
    owner = next((each for each in mappings(meta(gone).get("ownerReferences")) if each.get("controller")), None)
    if owner is not None:
        draft.refuse(target, f"its owner, {owner.get('kind')} {owner.get('name')}, makes another one")
        return
    try:
        present = await reader.get(_anyone(target))
    except NotFound:
        draft.write(_anyone(target), Create(_bare(gone)), "as a new object, with a new uid")
        return
    draft.refuse(seen(target, present), "one of this name exists already")


def _bare(gone: Obj) -> Obj:
    """What its author said of an object: what servers wrote is left out."""
    head = {key: value for key, value in meta(gone).items() if key not in WRITTEN}
    if isinstance(notes := head.get("annotations"), dict):
        head["annotations"] = {key: value for key, value in notes.items() if key not in NOTES}
    body = {key: value for key, value in gone.items() if key != "status"}
    return {**body, "metadata": head}


def _fields(kept: Kept, target: Target, obj: Obj, draft: Draft) -> None:
    operations, clashing = reverted(obj, kept.changed)
    for clash in clashing:
        draft.refuse(
            target,
            f"{clash.path} was changed since: we left {clash.ours or 'nothing'}, now it is {clash.now or 'gone'}",
        )
    if clashing:
        return
    if not operations:
        draft.refuse(target, "it is as it was already")
    elif isinstance(kept.step.write, Scale) and isinstance(kept.changed[0].before, int):
        draft.write(target, Scale(kept.changed[0].before))
    else:
        draft.write(target, JsonPatch(operations, getattr(kept.step.write, "subresource", "")))
