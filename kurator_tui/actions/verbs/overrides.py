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
from kurator_tui.actions.templates import Container, containers, images_meant, images_said
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
        its = mapping(at(binding, "spec", "resource"))
        keys = ("apiVersion", "kind", "namespace", "name")
        selector = {key: text(its.get(key)) for key in keys}
        if not all(selector.values()):
            draft.refuse(target, "it binds nothing in a namespace that could be overridden")
            continue
        wanted = await _overriders(reader, target, binding, arguments)
        if isinstance(wanted, str):
            draft.refuse(target, wanted)
            continue
        await _written(reader, draft, target.cluster, selector, names, wanted)
        if away := [name for name in names if name not in clusters_of(binding)]:
            draft.tell(f"it is not at {', '.join(away)} now: it holds as soon as it is", target)
        if arguments["replicas"]:
            draft.warn("Karmada's scheduler does not count it: it goes on dividing as before", target)
    return draft


async def _overriders(
    reader: Reader, target: Target, binding: Obj, arguments: Arguments
) -> list[dict[str, Any]] | str:
    """Plain overriders, which every Karmada knows, or why there are none."""
    wanted: list[dict[str, Any]] = []
    if arguments["image"]:
        found = await _containers(reader, target, binding)
        if isinstance(found, str):
            return found
        images = images_meant(found, images_said(arguments["image"])) if found else "it has no containers"
        if isinstance(images, str):
            return images
        for each in found:
            if each.name in images:
                wanted.append(_plain(f"/spec/template/spec/{each.part}/{each.place}/image", images[each.name]))
    if arguments["replicas"]:
        if not isinstance(at(binding, "spec", "replicas"), int):
            return "it has no replicas"
        wanted.append(_plain(_REPLICAS, int(arguments["replicas"])))
    return wanted


async def _containers(reader: Reader, target: Target, binding: Obj) -> list[Container] | str:
    """Those of the template, which are overridden by their places; or why they are not known."""
    template = workload(target.cluster, binding)
    if template is None:
        return "it is of a kind whose containers are not known here"
    try:
        return containers(await reader.get(template))
    except ConsoleError as error:
        return f"its template cannot be read: {error.message}"


def _plain(path: str, value: object) -> dict[str, Any]:
    return {"path": path, "operator": "replace", "value": value}


async def _written(
    reader: Reader,
    draft: Draft,
    cluster: str,
    selector: dict[str, str],
    names: list[str],
    wanted: list[dict[str, Any]],
) -> None:
    namespace, policy = selector["namespace"], f"{selector['name']}-{selector['kind'].lower()}"
    where = Target(cluster, OVERRIDE, namespace, policy)
    there: Obj | None = None
    for each in await reader.list(cluster, OVERRIDE, namespace):
        if not any(_means(one, selector) for one in mappings(at(each, "spec", "resourceSelectors"))):
            continue
        if name_of(each) == policy:
            there = each
        else:
            draft.warn(f"OverridePolicy {name_of(each)} is about it, too: both are applied", where)
    if there is None:
        rule = _rule(names, wanted)
        spec = {"resourceSelectors": [selector], "overrideRules": [rule]}
        head = {"name": policy, "namespace": namespace}
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
