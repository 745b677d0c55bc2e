"""Verbs of rollouts: pause, abort, back, retry; each where it lasts. They send nothing.

Kurator renders Canaries from Applications again, spec and annotations, within 30 s: so pause and back are written
in the Application, for all clusters of a policy. A Canary's status is nobody's but Flagger's: abort is written
there, for one cluster. Flagger acts at its next check.
"""

from __future__ import annotations

from collections.abc import Sequence

from kurator_tui.actions.gathering import objects
from kurator_tui.actions.pinning import back
from kurator_tui.actions.plan import Arguments, Draft, JsonPatch, MergePatch, Obj, Planner, Reader
from kurator_tui.actions.releases import ARGO, CANARY, DEPLOYMENT, Release, canaries, promoted, releases
from kurator_tui.actions.sync_policies import BLOCK, GOING, in_policies, tell_reach, title
from kurator_tui.actions.templates import annotated, moment, number
from kurator_tui.kinds.plans import Instead, Target
from kurator_tui.kinds.shapes import at, mapping, text

# -- pause ------------------------------------------------------------------------------------------------------


async def plan_pause(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Pause or resume."""
    draft = Draft("")
    found = await releases(reader, targets, draft, arguments["policy"])
    pausing = arguments["to"] == "pause" or (arguments["to"] == "toggle" and not all(map(_paused, found)))
    draft.title = title("Pause" if pausing else "Resume", found)
    for release, _going in await in_policies(reader, draft, found, "suspend", pausing):
        if pausing:
            draft.tell(f"{release.name} stays at its weights until it is resumed", release.where)
    for release in found:
        if release.index < 0:
            _pause_own(draft, release, pausing)
    return draft


def _paused(release: Release) -> bool:
    if release.index >= 0:
        return at(release.policy, *BLOCK, "suspend") is True
    return at(release.obj, "spec", _OWN_FIELD[release.where.kind]) is True


_OWN_FIELD = {CANARY: "suspend", ARGO: "paused", DEPLOYMENT: "paused"}


def _pause_own(draft: Draft, release: Release, pausing: bool) -> None:
    if _paused(release) == pausing:
        draft.refuse(release.where, "it is paused already" if pausing else "it is not paused")
        return
    path = f"/spec/{_OWN_FIELD[release.where.kind]}"
    draft.write(release.where, JsonPatch(({"op": "add", "path": path, "value": pausing},)))
    when = "at Flagger's next check" if release.where.kind == CANARY else "at once"
    draft.tell(f"it takes effect {when}, on {release.where.cluster} alone", release.where)


# -- abort ------------------------------------------------------------------------------------------------------


async def plan_abort(reader: Reader, targets: Sequence[Target], _arguments: Arguments) -> Draft:
    """Roll back on one cluster, through the status."""
    draft = Draft("")
    found = await releases(reader, targets, draft)
    draft.title = title("Abort", found)
    if len(found) == 1:
        draft.title += f" on {found[0].cluster}" if found[0].index >= 0 else ""
    for release in found:
        if release.where.kind == DEPLOYMENT:
            draft.refuse(release.where, "a Deployment has no abort", _back_instead(release))
        elif release.where.kind == ARGO:
            _abort_argo(draft, release)
        else:
            async for where, canary in canaries(reader, release, [release.cluster]):
                _abort_canary(draft, where, canary)
    return draft


def _back_instead(release: Release) -> Instead:
    return Instead("roll it back", release.where, verb="rollback")


def _abort_argo(draft: Draft, release: Release) -> None:
    if at(release.obj, "status", "abort") is True:
        draft.refuse(release.where, "it is aborted already")
        return
    if promoted(release.obj):
        draft.refuse(release.where, "nothing is under way: its newest version is the stable one")
        return
    draft.write(release.where, MergePatch({"status": {"abort": True}}, "status"))
    draft.tell("traffic goes back to the stable pods at once; its template stays the new one", release.where)


def _abort_canary(draft: Draft, target: Target, canary: Obj | str) -> None:
    if isinstance(canary, str):
        draft.refuse(target, canary)
        return
    phase = text(at(canary, "status", "phase"))
    if phase not in GOING:
        draft.refuse(target, f"it is {phase or 'not begun'}: only an analysis that goes on can be aborted")
        return
    if at(canary, "spec", "skipAnalysis") is True:
        draft.refuse(target, "its analysis is skipped: Flagger counts no failed checks and promotes it")
        return
    analysis = mapping(at(canary, "spec", "analysis")) or mapping(at(canary, "spec", "canaryAnalysis"))
    failed = max(1, number(analysis.get("threshold"), 1))
    draft.write(target, MergePatch({"status": {"failedChecks": failed}}, "status"))
    interval = text(analysis.get("interval")) or "60s"
    draft.tell(f"at Flagger's next check (each {interval}): traffic to the primary, canary to 0, Failed", target)
    draft.tell(f"only {target.cluster} is rolled back; the other clusters of its policy go on", target)
    draft.tell("it stays Failed until its template changes: retry, or a newer revision", target)
    if at(canary, "spec", "suspend") is True:
        draft.warn("it is paused: it is rolled back when it is resumed, not before", target)


# -- retry ------------------------------------------------------------------------------------------------------


async def plan_retry(reader: Reader, targets: Sequence[Target], _arguments: Arguments) -> Draft:
    """Begin the analysis of a failed rollout anew, on the cluster that was asked about."""
    draft = Draft("")
    found = await releases(reader, targets, draft)
    draft.title = title("Retry", found)
    for release in found:
        if release.where.kind == DEPLOYMENT:
            draft.refuse(
                release.where, "it retries by itself", Instead("restart it", release.where, verb="restart")
            )
        elif release.where.kind == ARGO:
            _retry_argo(draft, release)
        else:
            async for where, canary in canaries(reader, release, [release.cluster]):
                await _retry_canary(reader, draft, where, canary)
    return draft


def _retry_argo(draft: Draft, release: Release) -> None:
    if at(release.obj, "status", "abort") is not True:
        draft.refuse(release.where, "it was not aborted")
        return
    draft.write(release.where, MergePatch({"status": {"abort": False}}, "status"))
    draft.tell("its steps begin anew, at once", release.where)


async def _retry_canary(reader: Reader, draft: Draft, where: Target, canary: Obj | str) -> None:
    if isinstance(canary, str):
        draft.refuse(where, canary)
        return
    phase = text(at(canary, "status", "phase"))
    if phase != "Failed":
        draft.refuse(where, f"it is {phase or 'not begun'}: only a failed rollout is retried")
        return
    aim = mapping(at(canary, "spec", "targetRef"))
    kind = {"Deployment": DEPLOYMENT, "DaemonSet": "daemonsets.apps"}.get(text(aim.get("kind")))
    if kind is None:
        draft.refuse(where, f"its target is a {text(aim.get('kind')) or 'workload that is not named'}")
        return
    target = Target(where.cluster, kind, where.namespace, text(aim.get("name")))
    for found, obj in await objects(reader, [target], draft):
        draft.write(found, JsonPatch(annotated(obj, moment(reader.now()))))
        draft.tell("at its next check Flagger sees a new template and begins at weight 0, here alone", found)
        draft.warn("the same version is analysed again: what failed it may still be there", found)


# -- back -------------------------------------------------------------------------------------------------------


async def plan_back(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Put an earlier version back at the source."""
    draft = Draft("")
    found = await releases(reader, targets, draft, arguments["policy"])
    draft.title = title("Roll back", found)
    policies = list({(each.where, each.index): each for each in found if each.index >= 0}.values())
    own = [each for each in found if each.index < 0]
    for release in await back(reader, draft, [*policies, *own], arguments["revision"]):
        if release.index >= 0:
            await tell_reach(reader, draft, release)
    return draft


PLANNERS: dict[str, Planner] = {
    "rollout.pause": plan_pause,
    "rollout.abort": plan_abort,
    "rollout.back": plan_back,
    "rollout.retry": plan_retry,
}
