"""Verbs that stop a controller for a while or call it out of turn. They send nothing.

Pause, suspend, trigger, reconcile.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from kurator_tui.actions.gathering import objects
from kurator_tui.actions.plan import Arguments, Create, Draft, JsonPatch, Obj, Planner, Reader
from kurator_tui.actions.templates import noted
from kurator_tui.actions.wording import counted
from kurator_tui.kinds.links import kind_named
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import at, mapping, mappings, meta, name_of, text
from kurator_tui.kinds.verbs_pausing import APPLICATION

REQUESTED, FORCED = "reconcile.fluxcd.io/requestedAt", "reconcile.fluxcd.io/forceAt"
_RELEASE = "helmreleases.helm.toolkit.fluxcd.io"
_STOPS = {
    "deployments": "a changed template rolls no pods until it is resumed; scaling still works",
    "schedules": "no backup is made until it is resumed; backups that go on end",
    "clusters": "machines are neither made nor replaced until it is resumed",
    "cronjobs": "nothing new starts until it is resumed; jobs that run go on",
    "jobs": "its pods end now; they begin anew when it is resumed",
}
"""What pausing means, by a kind's plural; for what Flux has, nothing new is applied."""
_SOURCE = "source"
_NAME = 63
"""Longest name of a Job."""


async def plan_pause(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """`spec.paused`."""
    return await _set(reader, targets, arguments["to"], "paused", "Pause")


async def plan_suspend(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """`spec.suspend`; of Applications in what they say of Flux."""
    applications = [each for each in targets if each.kind == APPLICATION]
    if not applications:
        return await _set(reader, targets, arguments["to"], "suspend", "Suspend")
    draft = Draft("")
    for target in targets:
        if target.kind != APPLICATION:
            draft.refuse(target, "Applications are suspended in a plan of their own")
    found = await objects(reader, applications, draft)
    meant = [(target, obj, _meant(obj, arguments["part"])) for target, obj in found]
    every = [part for _target, _obj, parts in meant for part in parts]
    on = arguments["to"] == "pause" or (arguments["to"] == "toggle" and not all(each.suspended for each in every))
    draft.title = f"{'Suspend' if on else 'Resume'} {counted(applications)}"
    for target, obj, parts in meant:
        _suspend_parts(draft, target, obj, parts, on)
    return draft


class _Part(NamedTuple):
    """What Flux is told of an Application: `path` is where its `suspend` is, `test` that it still is that one."""

    name: str
    path: str
    suspended: bool
    test: tuple[dict[str, str], ...] = ()


def _parts(app: Obj) -> list[_Part]:
    found: list[_Part] = []
    for number, policy in enumerate(mappings(at(app, "spec", "syncPolicies"))):
        path, name = f"/spec/syncPolicies/{number}", text(policy.get("name"))
        test = ({"op": "test", "path": f"{path}/name", "value": name},) if name else ()
        for block in ("kustomization", "helm"):
            if isinstance(its := policy.get(block), dict):
                on = its.get("suspend") is True
                found.append(_Part(name or f"{name_of(app)}-{number}", f"{path}/{block}/suspend", on, test))
    for kind, its in mapping(at(app, "spec", "source")).items():
        if isinstance(its, dict):
            found.append(_Part(_SOURCE, f"/spec/source/{kind}/suspend", its.get("suspend") is True))
    return found


def _meant(app: Obj, part: str) -> list[_Part]:
    return [each for each in _parts(app) if (each.name == part if part else each.name != _SOURCE)]


def _suspend_parts(draft: Draft, target: Target, app: Obj, parts: Sequence[_Part], on: bool) -> None:
    if not parts:
        names = ", ".join(each.name for each in _parts(app)) or "none"
        draft.refuse(target, f"it has no such part; it has {names}")
        return
    operations: list[dict[str, Any]] = []
    for each in parts:
        if each.suspended != on:
            operations += [*each.test, {"op": "add", "path": each.path, "value": on}]
            if on and each.name == _SOURCE:
                draft.warn("nothing new is fetched until it is resumed", target)
            elif on:
                draft.warn(f"nothing of {each.name} is applied or corrected anywhere until it is resumed", target)
    if not operations:
        draft.refuse(target, f"it is {'suspended' if on else 'going on'} already")
        return
    draft.write(target, JsonPatch(tuple(operations)), "Kurator writes it to Flux within 30 s")


async def _set(reader: Reader, targets: Sequence[Target], to: str, field: str, word: str) -> Draft:
    draft = Draft("")
    found = await objects(reader, targets, draft)
    on = to == "pause" or (to == "toggle" and not all(at(obj, "spec", field) is True for _target, obj in found))
    draft.title = f"{word if on else 'Resume'} {counted(targets)}"
    for target, obj in found:
        if (at(obj, "spec", field) is True) == on:
            draft.refuse(target, f"it is {'paused' if on else 'going on'} already")
            continue
        draft.write(target, JsonPatch(({"op": "add", "path": f"/spec/{field}", "value": on},)))
        if on:
            plural = target.kind.partition(".")[0]
            draft.warn(_STOPS.get(plural, "nothing is fetched or applied until it is resumed"), target)
    return draft


async def plan_trigger(reader: Reader, targets: Sequence[Target], _arguments: Arguments) -> Draft:
    """A Job of a CronJob's template, now."""
    draft = Draft(f"Run {counted(targets)} now")
    stamp = datetime.fromtimestamp(reader.now(), UTC).strftime("%y%m%d%H%M%S")
    for target, obj in await objects(reader, targets, draft):
        suffix = f"-manual-{stamp}"
        name = target.name[: _NAME - len(suffix)].rstrip("-.") + suffix
        job = Target(target.cluster, "jobs.batch", target.namespace, name)
        draft.write(job, Create(_job(obj, target, name)))
        if at(obj, "spec", "concurrencyPolicy") in ("Forbid", "Replace") and at(obj, "status", "active"):
            draft.warn("one of its jobs runs now: this one runs beside it whatever its concurrencyPolicy", target)
    return draft


def _job(cronjob: Obj, target: Target, name: str) -> Obj:
    template = mapping(at(cronjob, "spec", "jobTemplate"))
    head = mapping(template.get("metadata"))
    owner = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "name": target.name,
        "uid": target.uid,
        "controller": True,
    }
    notes = {**mapping(head.get("annotations")), "cronjob.kubernetes.io/instantiate": "manual"}
    labels = {"labels": dict(mapping(head.get("labels")))} if head.get("labels") else {}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "namespace": target.namespace,
            **labels,
            "annotations": notes,
            "ownerReferences": [owner],
        },
        "spec": template.get("spec") or {},
    }


async def plan_reconcile(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Flux's own request annotation; the source's first."""
    draft = Draft(f"Reconcile {counted(targets)}")
    token = datetime.fromtimestamp(reader.now(), UTC).isoformat()
    found = await objects(reader, targets, draft)
    if arguments["source"] == "yes":
        sources = dict.fromkeys(each for target, obj in found for each in _sources(target, obj))
        mine = {(target.cluster, target.kind, target.namespace, target.name) for target in targets}
        wanted = [each for each in sources if (each.cluster, each.kind, each.namespace, each.name) not in mine]
        for source, obj in await _readable(reader, wanted, draft):
            if at(obj, "spec", "suspend") is True:
                draft.warn("its source is suspended: what was fetched last is applied", source)
            else:
                draft.write(source, JsonPatch(noted(obj, {REQUESTED: token})), "fetched first")
    for target, obj in found:
        if at(obj, "spec", "suspend") is True:
            draft.refuse(target, "it is suspended: nothing is done until it is resumed")
            continue
        notes = {REQUESTED: token}
        if arguments["force"] == "yes" and target.kind == _RELEASE:
            notes[FORCED] = token
            draft.tell("Helm upgrades even where nothing changed; Flux before 2.3 does not know this", target)
        draft.write(target, JsonPatch(noted(obj, notes)))
    if draft.steps:
        draft.tell("each is done when its status.lastHandledReconcileAt is " + token)
    return draft


async def _readable(reader: Reader, targets: Sequence[Target], draft: Draft) -> list[tuple[Target, Obj]]:
    """Sources that can be read: those that cannot are told, and do not hold anything up."""
    aside = Draft("")
    found = await objects(reader, targets, aside)
    for refusal in aside.refusals:
        draft.warn(f"its source cannot be read: {refusal.reason}", refusal.target)
    return found


def _sources(target: Target, obj: Obj) -> list[Target]:
    """Where a Kustomization or HelmRelease comes from."""
    reference = mapping(at(obj, "spec", "sourceRef")) or mapping(at(obj, "spec", "chart", "spec", "sourceRef"))
    kind = kind_named(
        text(reference.get("apiVersion")) or "source.toolkit.fluxcd.io/v1", text(reference.get("kind"))
    )
    if kind is None or not text(reference.get("name")):
        return []
    namespace = text(reference.get("namespace")) or text(meta(obj).get("namespace"))
    return [Target(target.cluster, kind.id, namespace, text(reference.get("name")))]


PLANNERS: dict[str, Planner] = {
    "pause": plan_pause,
    "suspend": plan_suspend,
    "trigger": plan_trigger,
    "reconcile": plan_reconcile,
}
