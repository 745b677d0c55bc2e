"""Verbs of any object: label, annotate, delete. What they want written; they send nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kurator_tui.actions.arguments import pairs
from kurator_tui.actions.gathering import objects
from kurator_tui.actions.plan import Arguments, Delete, Draft, JsonPatch, Obj, Planner, Reader
from kurator_tui.actions.wording import counted
from kurator_tui.kinds.plans import Target
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
        if grace == 0 and target.kind == "pods":
            draft.warn("its processes may go on running on the node: nobody waits for them to end", target)
        if arguments["propagation"] == "Orphan":
            draft.warn("what it owns stays, without an owner", target)
    return draft


def _tell_finalizers(draft: Draft, target: Target, obj: Obj) -> None:
    finalizers = at(obj, "metadata", "finalizers")
    if isinstance(finalizers, list) and finalizers:
        draft.tell(f"it stays until its controllers have cleaned up ({', '.join(map(str, finalizers))})", target)


def _tell_waiting(draft: Draft, target: Target, obj: Obj) -> None:
    finalizers = at(obj, "metadata", "finalizers")
    if isinstance(finalizers, list) and finalizers:
        draft.warn(f"it waits for {', '.join(map(str, finalizers))}", target)


PLANNERS: dict[str, Planner] = {"label": plan_label, "annotate": plan_annotate, "delete": plan_delete}
