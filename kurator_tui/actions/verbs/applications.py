"""Verbs of Kurator's Applications: create, edit, policies, sync. They send nothing.

Kurator makes a Flux object of a policy for each cluster and never deletes one while the Application is there: what
a policy no longer reaches goes on until somebody deletes it. That is told with its names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from kurator_tui.actions.arguments import pairs
from kurator_tui.actions.fleets import APPLICATION, found
from kurator_tui.actions.gathering import objects
from kurator_tui.actions.making import is_name
from kurator_tui.actions.plan import Arguments, Create, Draft, JsonPatch, Obj, Planner, Reader, seen
from kurator_tui.actions.plugins import few
from kurator_tui.actions.policies import (
    SOURCES,
    destination,
    made_for,
    named,
    operations,
    policy,
    reach,
    source,
    unlike,
    values_of,
)
from kurator_tui.actions.templates import noted
from kurator_tui.actions.wording import counted
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import Object, at, mapping, name_of, text

KUSTOMIZATION, RELEASE = "kustomizations.kustomize.toolkit.fluxcd.io", "helmreleases.helm.toolkit.fluxcd.io"
REQUESTED = "reconcile.fluxcd.io/requestedAt"
_SOURCE_KINDS = {
    "gitRepository": "gitrepositories.source.toolkit.fluxcd.io",
    "helmRepository": "helmrepositories.source.toolkit.fluxcd.io",
    "ociRepository": "ocirepositories.source.toolkit.fluxcd.io",
}
_POLICIES = "/spec/syncPolicies"


# -- create -----------------------------------------------------------------------------------------------------


async def plan_create(reader: Reader, _targets: Sequence[Target], arguments: Arguments) -> Draft:
    """An Application with one policy. Raises UsageError."""
    name, namespace = arguments["name"], arguments["namespace"]
    draft = Draft(f"Create Application {inert(name)} in {inert(namespace)}")
    where = Target(HOST, APPLICATION, namespace, name)
    aim = destination(arguments["to"], arguments["select"])
    said = policy(arguments, name, SOURCES[arguments["source"]])
    spec: Obj = {"source": source(arguments), "syncPolicies": [said]}
    if not is_name(name):
        draft.refuse(where, f"{inert(name)} is no name of an object")
    elif not isinstance(await found(reader, where), str):
        draft.refuse(where, "there is one of this name already: edit it, or add a policy")
    elif await _reaches(reader, draft, where, name, aim):
        spec |= {"destination": aim} if aim else {}
        draft.write(where, Create({"metadata": {"name": name, "namespace": namespace}, "spec": spec}))
        if arguments["secret"]:
            await _warn_secret(reader, draft, where, arguments["secret"])
    return draft


async def _warn_secret(reader: Reader, draft: Draft, where: Target, name: str) -> None:
    secret = await found(reader, Target(HOST, "secrets", where.namespace, name))
    if isinstance(secret, str):
        draft.warn(f"{secret}: Flux cannot fetch the source before it is there", where)


async def _reaches(reader: Reader, draft: Draft, where: Target, name: str, aim: Object | None) -> bool:
    """Whether a policy can go where it is to; which clusters those are is told."""
    if not aim:
        draft.warn("it has no fleet: it goes to the host itself", where)
        return True
    members = await reach(reader, where.namespace, aim)
    if isinstance(members, str):
        draft.refuse(where, f"{members}: Kurator looks for the fleet there alone")
        return False
    if why := unlike(name, members):
        draft.refuse(where, why)
        return False
    names = [member for _kind, member in members]
    if names:
        draft.tell(f"policy {inert(name)} goes to {len(names)}: {few(names)}", where)
    else:
        draft.warn("no cluster of the fleet has these labels: it goes nowhere until one does", where)
    return True


# -- policies ---------------------------------------------------------------------------------------------------


async def plan_add(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """One more policy."""
    name = arguments["policy"]
    draft = Draft(f"Add policy {inert(name)} to {counted(targets)}")
    for target, app in await objects(reader, targets, draft):
        kind = next(
            (each for each in _SOURCE_KINDS if at(app, "spec", "source", each) is not None), "gitRepository"
        )
        said = policy(arguments, name, kind)
        if not is_name(name):
            draft.refuse(target, f"{inert(name)} is no name of a policy")
            continue
        if name in [known for known, _policy in named(app)]:
            draft.refuse(target, f"it has a policy {name} already")
            continue
        default = mapping(at(app, "spec", "destination"))
        aim = destination(arguments["to"] or text(default.get("fleet")), arguments["select"])
        own = arguments["to"] or arguments["select"]
        if why := _two_fleets(app, text(mapping(aim).get("fleet"))):
            draft.refuse(target, why)
        elif await _reaches(reader, draft, target, name, aim if own else default or None):
            said |= {"destination": aim} if own and aim else {}
            draft.write(target, JsonPatch(({"op": "add", "path": f"{_POLICIES}/-", "value": said},)))
    return draft


def _two_fleets(app: Obj, wanted: str, *, but: int = -1) -> str:
    """Kurator reads the fleet of one policy and takes it for all: another one would never be reached."""
    default = text(at(app, "spec", "destination", "fleet"))
    used = {
        text(at(each, "destination", "fleet")) or default
        for number, (_name, each) in enumerate(named(app))
        if number != but
    }
    others = sorted(used - {wanted})
    return f"its other policies go to {few(others) or 'the host'}: an Application has one fleet" if others else ""


async def plan_remove(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """One policy less."""
    draft = Draft(f"Remove policy {inert(arguments['policy'])} of {counted(targets)}")
    for target, app in await objects(reader, targets, draft):
        number = _number(draft, target, app, arguments["policy"])
        if number < 0:
            continue
        if len(named(app)) == 1:
            draft.refuse(target, "it is its only policy: delete the Application, its Flux objects go with it")
            continue
        name, said = named(app)[number]
        path = f"{_POLICIES}/{number}"
        draft.write(target, JsonPatch((*_test(said, path), {"op": "remove", "path": path})))
        if any(not text(each.get("name")) for _name, each in named(app)[number + 1 :]):
            draft.warn(
                "policies after it have no name: Kurator numbers them anew, and makes their objects anew", target
            )
        await _tell_left(reader, draft, target, app, name, None)
        if isinstance(said.get("rollout"), dict):
            draft.warn("its Canaries, test loaders and metrics stay on the clusters: delete them there", target)
    return draft


def _number(draft: Draft, target: Target, app: Obj, said: str) -> int:
    """Which policy is meant; -1 with the reason in `draft`."""
    names = [name for name, _policy in named(app)]
    if said in names:
        return names.index(said)
    if not said and len(names) == 1:
        return 0
    draft.refuse(target, f"say which policy: {few(names) or 'it has none'}")
    return -1


def _test(said: Object, path: str) -> list[dict[str, Any]]:
    name = text(said.get("name"))
    return [{"op": "test", "path": f"{path}/name", "value": name}] if name else []


async def _tell_left(
    reader: Reader, draft: Draft, target: Target, app: Obj, name: str, after: Iterable[tuple[str, str]] | None
) -> None:
    """Flux objects of a policy that Kurator looks after no more."""
    _source, policies = await _flux(reader, app, target)
    wanted = set(made_for(name, list(after or ())))
    left = [each.name for each, _obj in policies if each.name.startswith(f"{name}-") and each.name not in wanted]
    others = {known for known, _policy in named(app) if known != name and known.startswith(f"{name}-")}
    left = [each for each in left if not any(each.startswith(f"{other}-") for other in others)]
    if left:
        draft.warn(
            f"Flux goes on with {few(left)}, and Kurator does not delete them: delete them when done", target
        )


# -- edit -------------------------------------------------------------------------------------------------------


async def plan_edit(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Other fields of a policy, or another destination. Raises UsageError."""
    draft = Draft(f"Edit {counted(targets)}")
    for target, app in await objects(reader, targets, draft):
        number = _number(draft, target, app, arguments["policy"])
        if number < 0:
            continue
        name, said = named(app)[number]
        draft.title = f"Edit policy {inert(name)} of Application {target.name}"
        path = f"{_POLICIES}/{number}"
        written = _fields(draft, target, said, path, arguments)
        if not draft.refusals and (arguments["to"] or arguments["select"]):
            written += await _elsewhere(reader, draft, target, app, number, arguments)
        if draft.refusals:
            continue
        if not written:
            draft.refuse(target, "nothing is said that should be otherwise")
            continue
        draft.write(target, JsonPatch((*_test(said, path), *written)))
        draft.tell("Kurator renders its Flux objects within 30 s", target)
    return draft


def _fields(draft: Draft, target: Target, said: Object, path: str, arguments: Arguments) -> list[dict[str, Any]]:
    """Operations for what is not where it goes."""
    part = "helm" if isinstance(said.get("helm"), dict) else "kustomization"
    chart, other = part == "helm", ("path", "prune") if part == "helm" else ("version", "values")
    if wrong := [name for name in other if arguments[name]]:
        draft.refuse(target, f"{wrong[0]} is not of a {'chart' if chart else 'kustomization'}")
        return []
    body = mapping(said.get(part))
    changed: dict[str, Any] = {}
    if arguments["interval"]:
        changed["interval"] = arguments["interval"]
    if arguments["into"]:
        changed["targetNamespace"] = None if arguments["into"] == "-" else arguments["into"]
    if arguments["hold"]:
        changed["suspend"] = arguments["hold"] == "yes"
    if arguments["path"]:
        changed["path"] = arguments["path"]
    if arguments["prune"]:
        changed["prune"] = arguments["prune"] == "yes"
    if arguments["version"]:
        changed["chart/spec/version"] = arguments["version"]
    if arguments["values"]:
        changed["values"] = values_of(arguments["values"])
    changed = {key: value for key, value in changed.items() if at(body, *key.split("/")) != value}
    _tell_fields(draft, target, body, changed)
    return operations(f"{path}/{part}", changed)


def _tell_fields(draft: Draft, target: Target, body: Object, changed: dict[str, Any]) -> None:
    if changed.get("prune") is True:
        draft.warn("what it applied before and its source has no more is deleted", target)
    if body.get("prune") is True and "path" in changed:
        draft.warn("what the old path has and the new one has not is deleted", target)
    if "targetNamespace" in changed:
        draft.warn(
            "objects are made in the other namespace; those of the old one are deleted where it prunes", target
        )
    if changed.get("suspend") is True:
        draft.warn("nothing new is applied until it is resumed", target)


async def _elsewhere(
    reader: Reader, draft: Draft, target: Target, app: Obj, number: int, arguments: Arguments
) -> list[dict[str, Any]]:
    """Operations that send a policy elsewhere: written where its destination is said now."""
    name, said = named(app)[number]
    default = mapping(at(app, "spec", "destination"))
    own = mapping(said.get("destination"))
    now = own or default
    labels = dict(mapping(at(now, "clusterSelector", "matchLabels")))
    for key, value in pairs(arguments["select"]).items():
        labels.pop(key, None)
        labels |= {key: value} if value is not None else {}
    fleet = arguments["to"] or text(now.get("fleet"))
    aim = destination(fleet, " ".join(f"{key}={value}" for key, value in labels.items()))
    whole = not own and len(named(app)) == 1
    if why := _two_fleets(app, fleet, but=number):
        draft.refuse(target, why)
        return []
    if aim == dict(now):
        draft.refuse(target, "it goes there already")
        return []
    if not await _reaches(reader, draft, target, name, aim):
        return []
    await _tell_moved(reader, draft, target, app, name, now, aim or {})
    path = "/spec/destination" if whole else f"{_POLICIES}/{number}/destination"
    return [{"op": "add", "path": path, "value": aim}]


async def _tell_moved(
    reader: Reader, draft: Draft, target: Target, app: Obj, name: str, now: Object, aim: Object
) -> None:
    before = await reach(reader, target.namespace, now) if now else []
    after = await reach(reader, target.namespace, aim)
    if isinstance(before, str) or isinstance(after, str):
        return
    if new := [member for each in after if (member := each[1]) and each not in before]:
        draft.tell(f"new: {few(new)}", target)
    if gone := [member for each in before if (member := each[1]) and each not in after]:
        draft.warn(f"no longer: {few(gone)}; what is installed there stays", target)
        await _tell_left(reader, draft, target, app, name, after)


# -- sync -------------------------------------------------------------------------------------------------------

Found = list[tuple[Target, Obj]]


async def _flux(reader: Reader, app: Obj, target: Target) -> tuple[Found, Found]:
    """The source of an Application, and its Kustomizations and HelmReleases."""
    sources: Found = []
    for part, kind in _SOURCE_KINDS.items():
        if at(app, "spec", "source", part) is not None:
            where = Target(HOST, kind, target.namespace, target.name)
            obj = await found(reader, where)
            sources += [(seen(where, obj), obj)] if isinstance(obj, dict) else []
    policies: Found = []
    for kind in (KUSTOMIZATION, RELEASE):
        try:
            listed = await reader.list(
                HOST, kind, target.namespace, labels=f"apps.kurator.dev/app-name={target.name}"
            )
        except ConsoleError:
            continue
        policies += [(seen(Target(HOST, kind, target.namespace, name_of(each)), each), each) for each in listed]
    return sources, policies


async def plan_sync(reader: Reader, targets: Sequence[Target], _arguments: Arguments) -> Draft:
    """Fetch and apply now."""
    draft = Draft(f"Sync {counted(targets)} now")
    token = datetime.fromtimestamp(reader.now(), UTC).isoformat()
    for target, app in await objects(reader, targets, draft):
        sources, policies = await _flux(reader, app, target)
        if not sources:
            draft.refuse(target, "Kurator has not made its source yet")
            continue
        held: list[str] = []
        for where, obj in (*sources, *policies):
            if at(obj, "spec", "suspend") is True:
                held.append(where.name)
            else:
                note = "fetched first" if (where, obj) in sources else ""
                draft.write(where, JsonPatch(noted(obj, {REQUESTED: token})), note)
        if held:
            draft.warn(f"held, and not applied: {few(held)}", target)
        if len(held) == len(sources) + len(policies):
            draft.refuse(target, "all of it is held: nothing is fetched or applied")
    if draft.steps:
        draft.tell("each is done when its status.lastHandledReconcileAt is " + token)
    return draft


PLANNERS: dict[str, Planner] = {
    "app.create": plan_create,
    "app.edit": plan_edit,
    "app.policy.add": plan_add,
    "app.policy.remove": plan_remove,
    "app.sync": plan_sync,
}
