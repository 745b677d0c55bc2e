"""Verbs of Kyverno: audit or enforce a policy where that lasts, except a workload from one. They send nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kurator_tui.actions.gathering import objects
from kurator_tui.actions.making import fresh
from kurator_tui.actions.plan import Arguments, Create, Draft, JsonPatch, Obj, Planner, Reader
from kurator_tui.actions.wording import counted
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.kinds.plans import Instead, Target
from kurator_tui.kinds.shapes import at, mapping, mappings, meta, name_of, namespace_of, text

FLEET = "fleets.fleet.kurator.dev"
EXCEPTION = "policyexceptions.kyverno.io"
_RELEASES = "helmreleases.helm.toolkit.fluxcd.io"
_CHART = "kyverno-policies"
_AUDIT, _ENFORCE = "Audit", "Enforce"
_SECURITY = ("spec", "plugin", "policy", "kyverno", "podSecurity")
_FIELD = "validationFailureAction"


async def plan_action(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Set what happens with what breaks policies."""
    said = arguments["to"]
    draft = Draft(f"{'Switch audit and enforce' if said == 'toggle' else said} of {counted(targets)}")
    for target, obj in await objects(reader, targets, draft):
        if target.kind == FLEET:
            _fleet_action(draft, target, obj, said)
        elif _of_chart(obj):
            reason = "Helm writes it again: it is of the chart that the Fleet installs"
            draft.refuse(target, reason, await _at_fleet(reader, target, said, obj))
        else:
            await _own_action(reader, draft, target, obj, said)
    return draft


def _wanted(present: str, said: str) -> str:
    """Older policies write it small."""
    if said != "toggle":
        return said
    return _AUDIT if present.casefold() == _ENFORCE.casefold() else _ENFORCE


def _fleet_action(draft: Draft, target: Target, obj: Obj, said: str) -> None:
    security = at(obj, *_SECURITY)
    if not isinstance(security, dict):
        draft.refuse(target, "its policy plugin installs no pod security policies")
        return
    present = text(security.get(_FIELD)) or _AUDIT
    wanted = _wanted(present, said)
    if wanted == present:
        draft.refuse(target, f"its pod security policies are on {wanted} already")
        return
    path = f"/{'/'.join(_SECURITY)}/{_FIELD}"
    draft.write(target, JsonPatch(({"op": "add", "path": path, "value": wanted},)))
    members = [text(each.get("name")) for each in mappings(at(obj, "spec", "clusters"))]
    draft.tell(f"it reaches {len(members)} members: {', '.join(members)}", target)
    if wanted == _ENFORCE:
        draft.warn("pods that break one are refused from then on, those of a restart, too", target)


def _of_chart(obj: Obj) -> bool:
    release = text(mapping(meta(obj).get("labels")).get("helm.toolkit.fluxcd.io/name"))
    installed = text(mapping(meta(obj).get("annotations")).get("meta.helm.sh/release-name"))
    return release.startswith(f"{_CHART}-") or f"-{_CHART}-" in f"-{installed}"


async def _at_fleet(reader: Reader, target: Target, said: str, obj: Obj) -> Instead:
    """The Fleet that installed the chart, by its HelmRelease on the host, else by what the overview says."""
    where: Target | None = None
    wanted = _wanted(text(at(obj, "spec", _FIELD)), said)
    try:
        for each in await reader.list(HOST, _RELEASES, labels="fleet.kurator.dev/plugin=kyverno"):
            fleet = text(mapping(meta(each).get("labels")).get("fleet.kurator.dev/name"))
            if fleet and name_of(each) == f"{_CHART}-{target.cluster}":
                where = Target(HOST, FLEET, namespace_of(each), fleet)
    except ConsoleError:
        where = None
    for row in reader.rows(CLUSTERS.id, target.cluster) if where is None else ():
        if isinstance(row, ClusterOverview) and row.fleet:
            where = Target(HOST, FLEET, row.namespace, row.fleet)
    field = ".".join((*_SECURITY, _FIELD))
    if where is None:
        return Instead(f"its Fleet, {field}", fields=(field,))
    return Instead(f"Fleet {where.name}, {field}", where, "kyverno.action", {"to": wanted}, (field,))


async def _own_action(reader: Reader, draft: Draft, target: Target, obj: Obj, said: str) -> None:
    validating = [
        (number, mapping(rule["validate"]))
        for number, rule in enumerate(mappings(at(obj, "spec", "rules")))
        if isinstance(rule.get("validate"), dict)
    ]
    if not validating:
        draft.refuse(target, "none of its rules validates: it refuses nothing")
        return
    present = text(at(obj, "spec", _FIELD)) or text(validating[0][1].get("failureAction")) or _AUDIT
    wanted = _wanted(present, said)
    operations: list[dict[str, Any]] = []
    if "failureAction" not in validating[0][1] or at(obj, "spec", _FIELD) is not None:
        operations.append({"op": "add", "path": f"/spec/{_FIELD}", "value": wanted})
    for number, rule in validating:
        if "failureAction" in rule:
            path = f"/spec/rules/{number}/validate/failureAction"
            operations.append({"op": "replace", "path": path, "value": wanted})
    if present == wanted and all(each[1].get("failureAction", wanted) == wanted for each in validating):
        draft.refuse(target, f"it is on {wanted} already")
        return
    draft.write(target, JsonPatch(tuple(operations)))
    for each in mappings(at(obj, "spec", f"{_FIELD}Overrides")):
        named = each.get("namespaces")
        names = ", ".join(map(str, named)) if isinstance(named, list) else "some namespaces"
        draft.tell(f"{names}: {text(each.get('action'))}, as its overrides say", target)
    if wanted == _ENFORCE:
        failing = await _failing(reader, target)
        if failing:
            draft.warn(f"{failing} objects break it now: they stay, but others like them are refused", target)
        draft.tell("what breaks it is refused from then on, pods of a restart, too", target)


async def _failing(reader: Reader, target: Target) -> int:
    """Results that fail this policy, over all reports of its cluster."""
    names = {target.name, f"{target.namespace}/{target.name}"}
    kinds = ("policyreports.wgpolicyk8s.io", "clusterpolicyreports.wgpolicyk8s.io")
    reports = [each for kind in kinds for each in await reader.list(target.cluster, kind, target.namespace)]
    return sum(
        1
        for report in reports
        for each in mappings(report.get("results"))
        if each.get("policy") in names and each.get("result") == "fail"
    )


# -- exceptions -------------------------------------------------------------------------------------------------

_MADE = {
    "Deployment": ("ReplicaSet", "Pod"),
    "StatefulSet": ("Pod",),
    "DaemonSet": ("Pod",),
    "ReplicaSet": ("Pod",),
    "CronJob": ("Job", "Pod"),
    "Job": ("Pod",),
}
"""What a workload makes: without them its pods would be refused in its place."""


async def plan_exempt(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Except a workload from policies."""
    draft = Draft(f"Except {arguments['what']} from {counted(targets)}")
    kind, slash, name = arguments["what"].partition("/")
    known = {each.casefold(): each for each in (*_MADE, "Pod")}
    kind = known.get(kind.casefold(), kind)
    for target, obj in await objects(reader, targets, draft):
        if not slash or not name or not kind[:1].isupper():
            draft.refuse(target, f"{arguments['what']} is no KIND/NAME, such as Deployment/shop")
        elif target.namespace and target.namespace != arguments["in"]:
            draft.refuse(target, f"it is a policy of namespace {target.namespace}: nothing else has to hold to it")
        else:
            _except(draft, target, obj, (kind, name), arguments)
    return draft


def _except(draft: Draft, target: Target, obj: Obj, what: tuple[str, str], arguments: Arguments) -> None:
    kind, name = what
    has = [text(rule.get("name")) for rule in mappings(at(obj, "spec", "rules"))]
    asked = arguments["rules"].split() or has
    if missing := [each for each in asked if each not in has]:
        draft.refuse(target, f"it has no rule {missing[0]}; it has {', '.join(has)}")
        return
    rules = [f"{prefix}{each}" for each in asked for prefix in ("", "autogen-", "autogen-cronjob-")]
    made = _MADE.get(kind, ())
    resources = {
        "kinds": [kind, *made],
        "namespaces": [arguments["in"]],
        "names": [name, f"{name}-*"] if made else [name],
    }
    policy = f"{target.namespace}/{target.name}" if target.namespace else target.name
    where = Target(
        target.cluster, EXCEPTION, arguments["in"], fresh(target.name, name.replace("*", "any").lower())
    )
    body = {
        "metadata": {"name": where.name, "namespace": where.namespace},
        "spec": {
            "exceptions": [{"policyName": policy, "ruleNames": rules}],
            "match": {"any": [{"resources": resources}]},
        },
    }
    draft.write(where, Create(body), f"from {', '.join(asked)}")
    draft.tell(f"{kind} {name} of {arguments['in']} may break {', '.join(asked)} until it is deleted", target)
    draft.warn(
        "it has no effect where Kyverno runs without enablePolicyException, or allows another namespace", target
    )


PLANNERS: dict[str, Planner] = {"kyverno.action": plan_action, "kyverno.exempt": plan_exempt}
