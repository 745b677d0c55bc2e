"""Verbs of any object: label, annotate, delete, remove finalizers. What they want written; they send nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kurator_tui.actions.arguments import pairs
from kurator_tui.actions.finalizers import left
from kurator_tui.actions.gathering import objects
from kurator_tui.actions.plan import Arguments, Delete, Draft, JsonPatch, Obj, Planner, Reader
from kurator_tui.actions.wording import counted
from kurator_tui.kinds.plans import Consequence, Instead, Target
from kurator_tui.kinds.shapes import at


async def plan_label(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Set and remove labels."""
    draft = Draft(f"Label {counted(targets)}")
    return await _marked(reader, targets, draft, "labels", arguments["labels"])


async def plan_annotate(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Set and remove annotations."""
    draft = Draft(f"Annotate {counted(targets)}")
    return await _marked(reader, targets, draft, "annotations", arguments["annotations"])


async def _marked(reader: Reader, targets: Sequence[Target], draft: Draft, part: str, said: str) -> Draft:
    for target, obj in await objects(reader, targets, draft):
        operations = _operations(obj, part, pairs(said))
        if operations:
            draft.write(target, JsonPatch(operations))
        else:
            draft.refuse(target, f"its {part} are so already")
    return draft


def _operations(obj: Obj, part: str, wanted: dict[str, str | None]) -> tuple[dict[str, Any], ...]:
    """What makes the labels or annotations of `obj` so; nothing where they are."""
    present = at(obj, "metadata", part)
    known = present if isinstance(present, dict) else {}
    set_: dict[str, str] = {k: v for k, v in wanted.items() if v is not None and known.get(k) != v}
    gone = [key for key, value in wanted.items() if value is None and key in known]
    path = f"/metadata/{part}"
    if set_ and not isinstance(present, dict):
        return ({"op": "add", "path": path, "value": set_},)
    return (
        *({"op": "add", "path": f"{path}/{_escaped(key)}", "value": value} for key, value in set_.items()),
        *({"op": "remove", "path": f"{path}/{_escaped(key)}"} for key in gone),
    )


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


async def plan_delete(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Delete objects, each only if it is still the one that was looked at."""
    draft = Draft(f"Delete {counted(targets)}")
    force = arguments["force"] == "yes"
    grace = 0 if force else int(arguments["grace"]) if arguments["grace"] else None
    for target, obj in await objects(reader, targets, draft):
        if at(obj, "metadata", "deletionTimestamp"):
            _tell_waiting(draft, target, obj)
            if not force:
                draft.refuse(target, "it is being deleted already")
                continue
        draft.write(target, Delete(arguments["propagation"], grace))
        _tell_finalizers(draft, target, obj)
        if target.kind == "namespaces":
            pods = sum(row.namespace == target.name for row in reader.rows("pods", target.cluster))
            draft.warn(f"everything in it is deleted with it, {pods} pods among it", target)
        if grace == 0 and target.kind == "pods":
            draft.warn("its processes may go on running on the node: nobody waits for them to end", target)
        if arguments["propagation"] == "Orphan":
            draft.warn("what it owns stays, without an owner", target)
    return draft


def _tell_finalizers(draft: Draft, target: Target, obj: Obj) -> None:
    if finalizers := _finalizers(obj):
        draft.tell(f"it stays until its controllers have cleaned up ({', '.join(finalizers)})", target)


def _tell_waiting(draft: Draft, target: Target, obj: Obj) -> None:
    if finalizers := _finalizers(obj):
        draft.warn(f"it waits for {', '.join(finalizers)}", target)


def _finalizers(obj: Obj) -> list[str]:
    found = at(obj, "metadata", "finalizers")
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


async def plan_remove_finalizers(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Have an object that is being deleted wait for nobody any more."""
    draft = Draft(f"Remove finalizers of {counted(targets)}")
    for target, obj in await objects(reader, targets, draft):
        present = _finalizers(obj)
        named = arguments["finalizers"].split() or present
        if not at(obj, "metadata", "deletionTimestamp"):
            instead = Instead("delete it: they are its controllers' chance to clean up", target, verb="delete")
            draft.refuse(target, "it is not being deleted", instead)
        elif unknown := [each for each in named if each not in present]:
            draft.refuse(target, f"it has no finalizer {unknown[0]}; it has {', '.join(present) or 'none'}")
        elif not present:
            draft.refuse(target, _waiting_otherwise(target))
        else:
            _release(draft, target, present, named)
    return draft


def _waiting_otherwise(target: Target) -> str:
    if target.kind == "namespaces":
        return "it has no finalizers: it waits for what is in it, as its conditions say"
    return "it has no finalizers: it waits for its grace period; force=yes of delete ends that"


def _release(draft: Draft, target: Target, present: Sequence[str], gone: Sequence[str]) -> None:
    kept = [each for each in present if each not in gone]
    path = "/metadata/finalizers"
    last: dict[str, Any] = (
        {"op": "replace", "path": path, "value": kept} if kept else {"op": "remove", "path": path}
    )
    draft.write(target, JsonPatch((last,)), "" if kept else "it is gone with its last finalizer")
    for each in gone:
        draft.consequences.append(Consequence("danger", f"{each}: {left(each)}", target))
    if kept:
        draft.tell(f"it still waits for {', '.join(kept)}", target)


PLANNERS: dict[str, Planner] = {
    "label": plan_label,
    "annotate": plan_annotate,
    "delete": plan_delete,
    "remove-finalizers": plan_remove_finalizers,
}
