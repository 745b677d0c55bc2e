"""The verb that promotes a rollout without further checks, and puts the checks back when it ended. Sends nothing.

Written in the Application, for all clusters of a policy: Kurator renders Canaries again. The checks are put back
by the same plan, which waits for the Canaries that are under way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kurator_tui.actions.plan import Arguments, Draft, JsonPatch, MergePatch, Obj, Planner, Reader, Step, Wait
from kurator_tui.actions.releases import CANARY, DEPLOYMENT, Release, promoted, releases
from kurator_tui.actions.sync_policies import BLOCK, UNDER_WAY, in_policies, named, title
from kurator_tui.actions.templates import number
from kurator_tui.kinds.plans import Instead, Target
from kurator_tui.kinds.shapes import Object, at, mapping

_ENDED = ("Succeeded", "Failed")
_DEADLINE, _MARGIN = 600, 120
"""Seconds until a rollout that does not move is rolled back, unless its policy says others; and some on top."""


async def plan_promote(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Promote without further checks, or put the checks back."""
    draft = Draft("")
    found = await releases(reader, targets, draft, arguments["policy"])
    skips = arguments["analysis"] == "skip"
    draft.title = title("Promote now" if skips else "Put the analysis back for", found)
    changed = await in_policies(reader, draft, found, "skipTrafficAnalysis", skips)
    for release, going in changed if skips else ():
        _tell_promotion(draft, release.where, release.name, going)
        if at(release.policy, *BLOCK, "suspend") is True:
            draft.warn(f"{release.name} is paused: nothing happens until it is resumed", release.where)
    for where in dict.fromkeys(release.where for release, _going in changed) if skips else ():
        _put_back(draft, where, [each for each in changed if each[0].where == where])
    for release in found:
        if release.index < 0:
            _promote_own(draft, release, skips, arguments["full"] == "yes")
    return draft


def _tell_promotion(draft: Draft, target: Target, name: str, going: Sequence[Target]) -> None:
    draft.warn(
        f"{name} is promoted unchecked once its canary pods are ready; past its deadline it is rolled back", target
    )
    if going:
        names = ", ".join(each.cluster for each in going)
        draft.tell(f"the analysis of {name} is put back once it Succeeded or Failed on {names}", target)
        return
    draft.warn(
        f"no canary of {name} is under way, so nothing puts its analysis back: undo this plan, or promote with "
        "analysis=on; until then releases go out unchecked",
        target,
    )


def _put_back(draft: Draft, where: Target, changed: Sequence[tuple[Release, list[Target]]]) -> None:
    """One more request to an Application, after its Canaries have ended: the analysis as it was."""
    operations: list[dict[str, Any]] = []
    going: dict[Target, None] = {}
    for release, its in changed:
        if its:
            path = f"/spec/syncPolicies/{release.index}"
            field = f"{path}/{'/'.join(BLOCK)}/skipTrafficAnalysis"
            operations += [named(release, path), _restored(field, mapping(at(release.policy, *BLOCK)))]
            going.update(dict.fromkeys(its))
    if operations:
        deadlines = [number(at(each.policy, *BLOCK, "rolloutTimeoutSeconds"), _DEADLINE) for each, _its in changed]
        _later(draft, where, operations, list(going), max(deadlines))


def _restored(path: str, block: Object) -> dict[str, Any]:
    """The operation that has a field of `block` as it was."""
    name = path.rpartition("/")[2]
    if name in block:
        return {"op": "replace", "path": path, "value": block[name]}
    return {"op": "remove", "path": path}


def _later(
    draft: Draft, where: Target, operations: list[dict[str, Any]], going: list[Target], deadline: int
) -> None:
    names = ", ".join(each.cluster for each in going)
    wait = Wait(tuple(going), ("status", "phase"), _ENDED, float(deadline + _MARGIN))
    note = f"the analysis again, once it ended on {names}; waited for {(deadline + _MARGIN) // 60} min at most"
    draft.steps.append(Step(where, JsonPatch(tuple(operations)), note, after=wait))


def _promote_own(draft: Draft, release: Release, skips: bool, full: bool) -> None:
    target, obj = release.where, release.obj
    if target.kind == DEPLOYMENT:
        draft.refuse(target, "nothing checks a Deployment's pods but their own probes: there is nothing to skip")
    elif target.kind == CANARY:
        if (at(obj, "spec", "skipAnalysis") is True) == skips:
            draft.refuse(target, "its analysis is skipped already" if skips else "its analysis is on already")
            return
        draft.write(target, JsonPatch(({"op": "add", "path": "/spec/skipAnalysis", "value": skips},)))
        if skips:
            going = [target] if at(obj, "status", "phase") in UNDER_WAY else []
            _tell_promotion(draft, target, release.name, going)
            if going:
                back = _restored("/spec/skipAnalysis", mapping(at(obj, "spec")))
                deadline = number(at(obj, "spec", "progressDeadlineSeconds"), _DEADLINE)
                _later(draft, target, [back], going, deadline)
    elif not skips:
        draft.refuse(target, "an Argo Rollout's analysis is not skipped for good: there is nothing to put back")
    else:
        _promote_argo(draft, target, obj, full)


def _promote_argo(draft: Draft, target: Target, obj: Obj, full: bool) -> None:
    if promoted(obj):
        draft.refuse(target, "nothing is under way: its newest version is the stable one")
    elif at(obj, "spec", "paused") is True:
        resume = Instead("resume it", target, "rollout.pause", {"to": "resume", "policy": ""})
        draft.refuse(target, "it was paused by hand, and goes nowhere until it is resumed", resume)
    elif full:
        draft.write(target, MergePatch({"status": {"promoteFull": True}}, "status"))
        draft.warn("all steps, pauses and analyses that are left are skipped", target)
    elif at(obj, "status", "pauseConditions"):
        draft.write(target, MergePatch({"status": {"pauseConditions": None}}, "status"))
        draft.tell("it goes on with the step after this pause, at once", target)
    else:
        draft.refuse(target, "it waits at no pause; full=yes goes past all steps")


PLANNERS: dict[str, Planner] = {"rollout.promote": plan_promote}
