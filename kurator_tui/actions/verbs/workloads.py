"""Verbs of workloads: restart, scale. What they want written; they send nothing."""

from __future__ import annotations

from collections.abc import Sequence

from kurator_tui.actions.gathering import objects
from kurator_tui.actions.plan import Arguments, Draft, JsonPatch, Planner, Reader, Scale
from kurator_tui.actions.templates import annotated, moment, number
from kurator_tui.actions.wording import counted
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import at


async def plan_restart(reader: Reader, targets: Sequence[Target], _arguments: Arguments) -> Draft:
    """Roll the pods of workloads by a new annotation of their template."""
    draft = Draft(f"Restart {counted(targets)}")
    stamp = moment(reader.now())
    for target, obj in await objects(reader, targets, draft):
        if at(obj, "spec", "paused") is True:
            draft.refuse(target, "it is paused: nothing would roll until it is resumed")
            continue
        draft.write(target, JsonPatch(annotated(obj, stamp)))
    return draft


async def plan_scale(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Set the replicas of workloads through their subresource `scale`."""
    wanted = int(arguments["replicas"])
    draft = Draft(f"Scale {counted(targets)} to {wanted}")
    for target, obj in await objects(reader, targets, draft):
        present = number(at(obj, "spec", "replicas"))
        if present == wanted:
            draft.refuse(target, f"it has {wanted} replicas already")
            continue
        draft.write(target, Scale(wanted))
        if wanted == 0:
            draft.warn(f"all {present} pods end and none is left", target)
        elif wanted < present:
            draft.warn(f"{present - wanted} of {present} pods end; budgets do not hold that up", target)
        else:
            draft.tell(f"{wanted - present} pods are added to {present}", target)
    return draft


PLANNERS: dict[str, Planner] = {"restart": plan_restart, "scale": plan_scale}
