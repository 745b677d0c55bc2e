"""Decides whether a write lasts: who owns the fields that a step would change (facts: `owners`).

A write that its owner is known to undo is refused with the place to write instead; one that it may undo later is
told. A deleted object that its owner makes again likewise.
"""

from __future__ import annotations

from kurator_tui.actions.claim import REPLICAS, Claim
from kurator_tui.actions.difference import label
from kurator_tui.actions.owners import RULES, applied_by, controller
from kurator_tui.actions.plan import Create, Delete, Draft, Evict, Obj, Reader, Scale
from kurator_tui.actions.preview import Tried
from kurator_tui.kinds.plans import Target

_FIELD_BY_FIELD = {"Kustomization": "kustomize-controller"}
"""Owners that put back only what they applied, by the first word of their claim."""


async def check(reader: Reader, tried: Tried, draft: Draft) -> bool:
    """Whether a step is refused; why, or what follows from it, is in `draft`."""
    step, obj = tried.step, tried.before
    if obj is None or isinstance(step.write, Create | Evict):
        return False
    for rule in RULES:
        claim = await rule(reader, step.target, obj)
        if claim is None:
            continue
        if isinstance(step.write, Delete):
            if claim.remakes and _remade(draft, step.target, obj, claim):
                return True
        elif _written(draft, tried, obj, claim):
            if tried.faults:
                draft.warn(f"and its server refuses it: {tried.faults[0].message}", step.target)
            return True
    return False


def _remade(draft: Draft, target: Target, obj: Obj, claim: Claim) -> bool:
    """A pod or a Job that is made again is why it is deleted; an object that is rendered again is not."""
    owner = controller(obj)
    if owner is not None and claim.instead is not None and claim.instead.text == f"{owner[1]} {owner[2]}":
        draft.tell(f"{owner[1]} {owner[2]} makes another one", target)
        return False
    if claim.sure:
        draft.refuse(target, f"it would come back: {claim.reason}", claim.instead)
        return True
    draft.warn(f"it may come back: {claim.reason}", target)
    return False


def _written(draft: Draft, tried: Tried, obj: Obj, claim: Claim) -> bool:
    target = tried.step.target
    held = [change for change in tried.changed if claim.holds(change.path)]
    manager = _FIELD_BY_FIELD.get(claim.reason.partition(" ")[0])
    if manager is not None:
        held = [change for change in held if applied_by(obj, change.path, manager)]
    if not held:
        return False
    if all(change.path == REPLICAS for change in held) and _stopped(tried, claim):
        draft.warn(f"{claim.reason}: not while they are 0", target)
        return False
    if not claim.sure:
        draft.warn(f"it may not last: {claim.reason}", target)
        return False
    fields = ", ".join(label(change.path) for change in held[:3])
    draft.refuse(target, f"it would not last ({fields}): {claim.reason}", claim.better(held) or claim.instead)
    return True


def _stopped(tried: Tried, claim: Claim) -> bool:
    """An autoscaler leaves a workload alone that has no replicas."""
    write = tried.step.write
    return isinstance(write, Scale) and write.replicas == 0 and claim.reason.startswith("HorizontalPodAutoscaler")
