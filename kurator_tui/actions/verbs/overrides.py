"""The verb of Karmada's overrides: another image or number of replicas on some clusters. It sends nothing.

A workload has one OverridePolicy of ours, named after it, with one rule for each set of clusters. Karmada applies
what others say of the workload, too: those are told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kurator_tui.actions.federation import clusters_of, known, workload
from kurator_tui.actions.gathering import objects
from kurator_tui.actions.plan import Arguments, Create, Draft, JsonPatch, Obj, Planner, Reader, seen
from kurator_tui.actions.templates import containers, images_meant, images_said
from kurator_tui.actions.wording import counted
from kurator_tui.errors import ConsoleError, UsageError
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import at, mapping, mappings, name_of, text

OVERRIDE = "overridepolicies.policy.karmada.io"
_API = "policy.karmada.io/v1alpha1"
_REPLICAS = "/spec/replicas"


async def plan_override(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Rules for clusters, in an OverridePolicy of each workload."""
    names = list(dict.fromkeys(arguments["clusters"].split()))
    if not arguments["image"] and not arguments["replicas"]:
        raise UsageError("karmada.override needs image or replicas")
    draft = Draft(f"Override {counted(targets)} on {', '.join(names)}")
    for cluster in dict.fromkeys(target.cluster for target in targets):
        await known(reader, cluster, names, draft)
    for target, binding in await objects(reader, targets, draft):
        template = workload(target.cluster, binding)
        obj = await _read(reader, draft, target, template)
        if template is None or obj is None:
            continue
        wanted = _overriders(obj, arguments)
        if isinstance(wanted, str):
            draft.refuse(target, wanted)
            continue
        await _written(reader, draft, template, obj, names, wanted)
        if away := [name for name in names if name not in clusters_of(binding)]:
            draft.tell(f"it is not at {', '.join(away)} now: it holds as soon as it is", target)
        if arguments["replicas"] and at(binding, "spec", "replicas") is not None:
            draft.warn("Karmada's scheduler does not count it: it goes on dividing as before", target)
    return draft


async def _read(reader: Reader, draft: Draft, binding: Target, template: Target | None) -> Obj | None:
    """The template, or None with the reason refused."""
    if template is None:
        draft.refuse(binding, "it binds no workload that could be overridden here")
        return None
    try:
        return await reader.get(template)
    except ConsoleError as error:
        draft.refuse(binding, f"its template cannot be read: {error.message}")
        return None


def _overriders(obj: Obj, arguments: Arguments) -> list[dict[str, Any]] | str:
    """Plain overriders, which every Karmada knows, or why there are none."""
    wanted: list[dict[str, Any]] = []
    if arguments["image"]:
        found = containers(obj)
        images = images_meant(found, images_said(arguments["image"])) if found else "it has no containers"
        if isinstance(images, str):
            return images
        for each in found:
            if each.name in images:
                wanted.append(_plain(f"/spec/template/spec/{each.part}/{each.place}/image", images[each.name]))
    if arguments["replicas"]:
        if not isinstance(at(obj, "spec", "replicas"), int):
            return "it has no replicas"
        wanted.append(_plain(_REPLICAS, int(arguments["replicas"])))
    return wanted


def _plain(path: str, value: object) -> dict[str, Any]:
    return {"path": path, "operator": "replace", "value": value}


async def _written(
    reader: Reader, draft: Draft, template: Target, obj: Obj, names: list[str], wanted: list[dict[str, Any]]
) -> None:
    api, kind = text(obj.get("apiVersion")), text(obj.get("kind"))
    selector = {"apiVersion": api, "kind": kind, "namespace": template.namespace, "name": template.name}
    policy = f"{template.name}-{kind.lower()}"
    where = Target(template.cluster, OVERRIDE, template.namespace, policy)
    there: Obj | None = None
    for each in await reader.list(template.cluster, OVERRIDE, template.namespace):
        if not any(_means(one, selector) for one in mappings(at(each, "spec", "resourceSelectors"))):
            continue
        if name_of(each) == policy:
            there = each
        else:
            draft.warn(f"OverridePolicy {name_of(each)} is about it, too: both are applied", template)
    if there is None:
        rule = _rule(names, wanted)
        spec = {"resourceSelectors": [selector], "overrideRules": [rule]}
        head = {"name": policy, "namespace": template.namespace}
        draft.write(where, Create({"apiVersion": _API, "kind": "OverridePolicy", "metadata": head, "spec": spec}))
        return
    rules = _rules(there, names, wanted)
    if rules == at(there, "spec", "overrideRules"):
        draft.refuse(where, "it is overridden so already")
        return
    path = "/spec/overrideRules"
    draft.write(seen(where, there), JsonPatch(({"op": "add", "path": path, "value": rules},)))
    if len(list(mappings(at(there, "spec", "resourceSelectors")))) > 1:
        draft.warn("it selects other workloads, too: what is added is for all of them", where)


def _means(selector: Any, wanted: dict[str, str]) -> bool:
    same = all(selector.get(key) == wanted[key] for key in ("apiVersion", "kind"))
    return same and selector.get("name") in (None, "", wanted["name"])


def _rule(names: list[str], wanted: list[dict[str, Any]]) -> dict[str, Any]:
    return {"targetCluster": {"clusterNames": names}, "overriders": {"plaintext": wanted}}


def _rules(policy: Obj, names: list[str], wanted: list[dict[str, Any]]) -> list[Any]:
    """The rules with ours: that of the same clusters gets it in place of what it said of the same fields."""
    rules = [dict(each) for each in mappings(at(policy, "spec", "overrideRules"))]
    for number, rule in enumerate(rules):
        if rule.get("targetCluster") == {"clusterNames": names}:
            overriders = dict(mapping(rule.get("overriders")))
            paths = {each["path"] for each in wanted}
            kept = [dict(each) for each in mappings(overriders.get("plaintext")) if each.get("path") not in paths]
            rules[number] = {**rule, "overriders": {**overriders, "plaintext": [*kept, *wanted]}}
            return rules
    return [*rules, _rule(names, wanted)]


PLANNERS: dict[str, Planner] = {"karmada.override": plan_override}
