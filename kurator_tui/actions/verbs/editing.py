"""The verb `edit`: a buffer of YAML becomes a server-side apply of what was changed in it. It sends nothing.

What an apply cannot say (a field taken away) becomes a JSON Patch. Both test the version of the object, and what
others changed since the buffer was opened is merged or asked about, never overwritten.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from kurator_tui.actions import field_sets, merging
from kurator_tui.actions.arguments import names
from kurator_tui.actions.difference import changes, label, reverted
from kurator_tui.actions.gathering import objects
from kurator_tui.actions.managed_fields import owners
from kurator_tui.actions.plan import Apply, Arguments, Draft, JsonPatch, Obj, Planner, Reader
from kurator_tui.actions.wording import counted
from kurator_tui.errors import UsageError
from kurator_tui.kinds.documents import documents
from kurator_tui.kinds.plans import Clash, Target
from kurator_tui.kinds.shapes import at

_IDENTITY = (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace"))
_TOLD = 5
"""Fields of others that are named."""


async def plan_edit(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Write what was changed in a buffer. Raises UsageError for one that cannot be read."""
    draft = Draft(f"Edit {counted(targets)}")
    if not arguments["yaml"].strip():
        for target in targets:
            draft.refuse(target, "the buffer is empty: nothing is written")
        return draft
    edited = _one(arguments["yaml"])
    for target, live in await objects(reader, targets, draft):
        base = _one(arguments["from"]) if arguments["from"].strip() else live
        moved = _moved(base, edited)
        if moved:
            draft.refuse(target, f"{moved} was changed: an object keeps it for life; copy it instead")
        elif not changes(base, edited):
            draft.refuse(target, "nothing was changed")
        else:
            _merge(draft, target, base, edited, live, arguments)
    return draft


def _one(text: str) -> Obj:
    found = documents(text)
    if len(found) != 1:
        raise UsageError(f"one document is needed, here are {len(found)}", "`apply` takes several.")
    return found[0].obj


def _moved(base: Obj, edited: Obj) -> str:
    """What of the identity was changed, "" when nothing."""
    for path in _IDENTITY:
        if at(base, *path) != at(edited, *path):
            return ".".join(path)
    return ""


def _merge(draft: Draft, target: Target, base: Obj, edited: Obj, live: Obj, arguments: Arguments) -> None:
    take, leave = names(arguments["take"]), names(arguments["leave"])
    try:
        found = merging.merged(base, edited, live, take, leave)
    except merging.Unmergeable as error:
        draft.refuse(target, str(error))
        return
    ours = {change.path for change in found.ours}
    if kept := [change for change in found.theirs if change.path not in ours]:
        said = ", ".join(label(change.path) for change in kept[:_TOLD])
        more = f" and {len(kept) - _TOLD} more" if len(kept) > _TOLD else ""
        draft.warn(f"changed by others while it was edited, and kept: {said}{more}", target)
    if not found.ours:
        draft.refuse(target, "it is so already" if not found.left else "all that was changed was left to others")
        return
    draft.clashes.extend(_clash(live, change) for change in found.clashing)
    _write(draft, target, live, found)


def _clash(live: Obj, change: Any) -> Clash:
    """`step` is filled in by the pipeline: there is one."""
    whose = owners(live, change.path)
    manager, time = (whose[0].manager, whose[0].time) if whose else ("somebody", "")
    return Clash(0, field_sets.spoken(change.path), manager, time)


def _write(draft: Draft, target: Target, live: Obj, found: merging.Merged) -> None:
    kept = tuple(msgspec.structs.replace(each, before=each.after, after=each.before) for each in found.ours)
    if merging.removes(found) or not at(live, "metadata", "managedFields"):
        operations, clashing = reverted(live, kept)
        if clashing or not operations:
            draft.refuse(target, f"{clashing[0].path if clashing else 'it'} cannot be written as a patch")
            return
        why = "it takes fields away" if merging.removes(found) else "nothing is known of who owns which field"
        draft.write(target, JsonPatch(operations), f"as a JSON Patch: {why}")
        return
    fields = field_sets.with_paths(field_sets.applied(live), merging.paths(found), live)
    said = field_sets.picked(found.wanted, fields)
    head = {key: value for key, value in (said.get("metadata") or {}).items() if key in ("labels", "annotations")}
    identity = {key: live["metadata"][key] for key in ("name", "namespace") if key in live["metadata"]}
    body = {**said, "apiVersion": live["apiVersion"], "kind": live["kind"], "metadata": {**head, **identity}}
    if any(
        change.path[0] == "metadata" and change.path[1] not in ("labels", "annotations") for change in found.ours
    ):
        operations, _clashing = reverted(live, kept)
        draft.write(target, JsonPatch(operations), "as a JSON Patch: it is about metadata")
        return
    draft.write(target, Apply(body))


PLANNERS: dict[str, Planner] = {"edit": plan_edit}
