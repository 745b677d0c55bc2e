"""Verbs that make clusters known to Kurator: attach, custom.attach, recheck. They write nothing themselves.

A kubeconfig is read, reduced to one context and tried before a plan is made of it (`actions.attachable`); its text
goes into the Secret's step and nowhere else.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from datetime import UTC, datetime

from kurator_tui.actions.arguments import pairs
from kurator_tui.actions.attachable import Answer, check, of_secret, read
from kurator_tui.actions.fleets import CLUSTERS, FLEET, MEMBERS, found, listed
from kurator_tui.actions.gathering import objects
from kurator_tui.actions.making import is_name
from kurator_tui.actions.plan import Arguments, Create, Draft, JsonPatch, Obj, Planner, Reader, seen
from kurator_tui.actions.plugins import few, tell_releases
from kurator_tui.actions.templates import noted
from kurator_tui.actions.wording import counted
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.plans import Instead, Target
from kurator_tui.kinds.shapes import at, mapping, meta, name_of, namespace_of, text

ATTACHED, SECRETS = MEMBERS["AttachedCluster"], "secrets"
KEY = "value"
"""Of the kubeconfig in a Secret that is made here."""
CUSTOM_KEY = "admin.conf"
CHECKED = "kurator-tui/checked-at"


async def plan_attach(reader: Reader, _targets: Sequence[Target], arguments: Arguments) -> Draft:
    """A Secret, an AttachedCluster, a member. Raises ConsoleError for a kubeconfig that cannot be used."""
    config = await asyncio.to_thread(read, arguments["file"], arguments["file-context"])
    parsed = config.config
    draft = Draft(f"Attach context {inert(config.context)}")
    name = arguments["name"] or config.context
    fleet = await _fleet(reader, draft, arguments["join"], arguments["namespace"])
    namespace = arguments["namespace"] or (fleet[0].namespace if fleet else "") or "default"
    where = Target(HOST, ATTACHED, namespace, name)
    if not is_name(name):
        draft.refuse(where, f"{inert(name)} is no name of an object: say another with name=")
    if draft.refusals or not await _free(reader, draft, where):
        return draft
    secret = Target(HOST, SECRETS, namespace, name)
    if not isinstance(await found(reader, secret), str):
        draft.refuse(secret, "there is a Secret of this name already: say another name with name=")
        return draft
    try:
        answer = await check(parsed)
    except ConsoleError as error:
        draft.refuse(where, f"it cannot be attached as it is: {error.message}")
        return draft
    draft.tell(f"{inert(config.server)} answers: Kubernetes {answer.version}, and kube-system can be read", where)
    for path in config.files:
        draft.tell(f"embedded in the Secret: {inert(path)}", secret)
    for warning in config.warnings:
        draft.warn(warning, where)
    data = {KEY: base64.b64encode(config.text.encode()).decode()}
    head = {"name": name, "namespace": namespace}
    draft.write(secret, Create({"kind": "Secret", "metadata": head, "type": "Opaque", "data": data}))
    draft.warn("whoever may read that Secret may do there what its credentials may", secret)
    await _attached(reader, draft, where, {"name": name, "key": KEY}, arguments["labels"], fleet, answer)
    return draft


async def _fleet(reader: Reader, draft: Draft, name: str, namespace: str) -> tuple[Target, Obj] | None:
    """The Fleet to join, None for none or where one is refused in `draft`."""
    if not name:
        return None
    known = [each for each in await reader.list(HOST, FLEET, namespace) if name_of(each) == name]
    if len(known) == 1:
        where = Target(HOST, FLEET, namespace_of(known[0]), name)
        return seen(where, known[0]), known[0]
    where = Target(HOST, FLEET, namespace, name)
    if known:
        spaces = few(sorted(namespace_of(each) for each in known))
        draft.refuse(where, f"there are several of this name, in {spaces}: say one with namespace=")
    else:
        draft.refuse(
            where, "there is no such Fleet", Instead("make it first", None, "fleet.create", {"name": name})
        )
    return None


async def _free(reader: Reader, draft: Draft, where: Target) -> bool:
    """Whether no cluster of any kind has the name: a fleet calls its releases by it."""
    for kind in CLUSTERS:
        if not isinstance(await found(reader, Target(HOST, kind, where.namespace, where.name)), str):
            draft.refuse(where, "there is a cluster of this name already: say another with name=")
            return False
    return True


async def _attached(
    reader: Reader,
    draft: Draft,
    where: Target,
    secret: dict[str, str],
    labels: str,
    fleet: tuple[Target, Obj] | None,
    answer: Answer | None,
) -> None:
    """The steps that make the AttachedCluster and have it join, and what follows."""
    head: Obj = {"name": where.name, "namespace": where.namespace}
    if said := {key: value for key, value in pairs(labels).items() if value is not None}:
        head["labels"] = said
    draft.write(where, Create({"metadata": head, "spec": {"kubeconfig": secret}}))
    if fleet is None:
        draft.tell("it is in no fleet yet: it is shown among attachedclusters, and joins with fleet.join", where)
        return
    aim, obj = fleet
    member = {"kind": "AttachedCluster", "name": where.name}
    listed_now = at(obj, "spec", "clusters")
    path, value = ("/spec/clusters/-", member) if isinstance(listed_now, list) else ("/spec/clusters", [member])
    draft.write(aim, JsonPatch(({"op": "add", "path": path, "value": value},)), "it joins")
    clusters = [*listed_now, member] if isinstance(listed_now, list) else [member]
    after = {**obj, "spec": {**mapping(obj.get("spec")), "clusters": clusters}}
    quiet = Draft("")
    await tell_releases(reader, quiet, aim, obj, after)
    draft.consequences += [each for each in quiet.consequences if not each.text.startswith(f"{where.name}: ")]
    if answer is not None and answer.identity:
        await _warn_twice(reader, draft, aim, obj, answer.identity)


async def _warn_twice(reader: Reader, draft: Draft, fleet: Target, obj: Obj, identity: str) -> None:
    """Say it where a member of the fleet is that very cluster."""
    names = [name for _kind, name in listed(obj)]
    spaces = await asyncio.gather(
        *(found(reader, Target(name, "namespaces", "", "kube-system")) for name in names), return_exceptions=True
    )
    for name, space in zip(names, spaces, strict=True):
        if isinstance(space, dict) and text(meta(space).get("uid")) == identity:
            draft.warn(f"it is the same cluster as {name}: everything of the fleet would be there twice", fleet)


# -- a CustomCluster's --------------------------------------------------------------------------------------------


async def plan_custom(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """An AttachedCluster of the kubeconfig that kubespray fetched."""
    draft = Draft(f"Attach {counted(targets)}")
    for target, obj in await objects(reader, targets, draft):
        secret = await _fetched(reader, draft, target, obj)
        where = Target(HOST, ATTACHED, target.namespace, arguments["name"] or target.name)
        fleet = await _fleet(reader, draft, arguments["join"], target.namespace)
        if not is_name(where.name):
            draft.refuse(where, f"{inert(where.name)} is no name of an object")
        if secret is None or draft.refusals or not await _free(reader, draft, where):
            continue
        answer = await _tried(draft, target, secret)
        named = {"name": name_of(secret), "key": CUSTOM_KEY}
        await _attached(reader, draft, where, named, arguments["labels"], fleet, answer)
    return draft


async def _fetched(reader: Reader, draft: Draft, target: Target, obj: Obj) -> Obj | None:
    """The newest Secret with the CustomCluster's kubeconfig; it is named nowhere."""
    prefix = f"{target.name}-kubeconfig-"
    for each in await reader.list(HOST, ATTACHED, target.namespace):
        if text(at(each, "spec", "kubeconfig", "name")).startswith(prefix):
            where = Target(HOST, ATTACHED, target.namespace, name_of(each))
            instead = Instead(f"AttachedCluster {where.name}", where, "fleet.join")
            draft.refuse(target, f"it is attached already, as {where.name}", instead)
            return None
    secrets = [
        each
        for each in await reader.list(HOST, SECRETS, target.namespace)
        if name_of(each).startswith(prefix) and CUSTOM_KEY in mapping(each.get("data"))
    ]
    if not secrets:
        phase = text(at(obj, "status", "phase")) or "not begun"
        draft.refuse(target, f"kubespray has not fetched its kubeconfig yet (it is {phase})")
        return None
    return max(secrets, key=lambda each: (text(meta(each).get("creationTimestamp")), name_of(each)))


async def _tried(draft: Draft, target: Target, secret: Obj) -> Answer | None:
    """What the cluster answers from here; it may be reachable for the host alone."""
    config = of_secret(secret, CUSTOM_KEY, f"Secret {name_of(secret)}")
    if isinstance(config, ConsoleError):
        draft.warn(f"{config.message}: Kurator will not be able to use it", target)
        return None
    try:
        answer = await check(config)
    except ConsoleError as error:
        draft.warn(f"it does not answer from here, but may do so from the host: {error.message}", target)
        return None
    draft.tell(f"it answers: Kubernetes {answer.version}", target)
    return answer


# -- look again ---------------------------------------------------------------------------------------------------


async def plan_recheck(reader: Reader, targets: Sequence[Target], _arguments: Arguments) -> Draft:
    """Any change of an AttachedCluster has Kurator look at it."""
    draft = Draft(f"Check {counted(targets)} again")
    now = datetime.fromtimestamp(reader.now(), UTC).isoformat()
    for target, obj in await objects(reader, targets, draft):
        draft.write(target, JsonPatch(noted(obj, {CHECKED: now})))
        ready = at(obj, "status", "ready") is True
        draft.tell(f"so far Kurator calls it {'ready' if ready else 'not ready'}; it may be hours old", target)
        await _tell_secret(reader, draft, target, obj)
    return draft


async def _tell_secret(reader: Reader, draft: Draft, target: Target, obj: Obj) -> None:
    name = text(at(obj, "spec", "kubeconfig", "name"))
    key = text(at(obj, "spec", "kubeconfig", "key")) or KEY
    secret = await found(reader, Target(HOST, SECRETS, target.namespace, name)) if name else "it names no Secret"
    if isinstance(secret, str):
        draft.warn(f"{secret}: it cannot become ready", target)
    elif isinstance(config := of_secret(secret, key, f"Secret {name}"), ConsoleError):
        draft.warn(f"{config.message}: it cannot become ready", target)


PLANNERS: dict[str, Planner] = {"attach": plan_attach, "custom.attach": plan_custom, "recheck": plan_recheck}
