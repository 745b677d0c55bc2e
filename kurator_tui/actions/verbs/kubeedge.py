"""Verbs of KubeEdge's nodes: upgraded by a job, put into groups and taken out. They send nothing.

A node is in one group only: KubeEdge labels it with that one, and leaves it out of any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kurator_tui.actions.edge import GROUP, group_of, is_edge, offline, release, release_of
from kurator_tui.actions.gathering import objects
from kurator_tui.actions.making import fresh
from kurator_tui.actions.plan import Arguments, Create, Draft, JsonPatch, Obj, Planner, Reader
from kurator_tui.actions.wording import counted
from kurator_tui.errors import ConsoleError, UsageError
from kurator_tui.kinds.plans import Instead, Target
from kurator_tui.kinds.shapes import at, mapping, mappings, name_of, text
from kurator_tui.store.amounts import seconds

NODE_GROUP, UPGRADE = "nodegroups.apps.kubeedge.io", "nodeupgradejobs.operations.kubeedge.io"
_JOB_VERSIONS = ("operations.kubeedge.io/v1alpha2", "operations.kubeedge.io/v1alpha1")

# -- nodes ------------------------------------------------------------------------------------------------------


async def plan_upgrade(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """One NodeUpgradeJob a cluster."""
    version = arguments["version"]
    if not release(version):
        raise UsageError(f"{version} is no release of KubeEdge", "such as v1.21.0")
    draft = Draft(f"Upgrade {counted(targets)} to KubeEdge {version}")
    listed: dict[str, list[str]] = {}
    for target, node in await objects(reader, targets, draft):
        if why := _not_upgraded(node, version):
            draft.refuse(target, why)
            continue
        listed.setdefault(target.cluster, []).append(target.name)
        draft.tell(f"{release_of(node) or 'unknown'} -> {version}", target)
        if release(release_of(node)) > release(version):
            draft.warn("that is an older release than it runs", target)
    for cluster, names in listed.items():
        await _upgraded(reader, draft, cluster, names, arguments)
    return draft


def _not_upgraded(node: Obj, version: str) -> str:
    if not is_edge(node):
        return "it is no edge node: KubeEdge does not upgrade it"
    if release_of(node) == version:
        return f"it runs {version} already"
    if offline(node):
        return "it is offline: nobody there would take the upgrade up, so it is not waited for"
    return ""


async def _upgraded(
    reader: Reader, draft: Draft, cluster: str, names: Sequence[str], arguments: Arguments
) -> None:
    version = arguments["version"]
    job = Target(cluster, UPGRADE, "", fresh(f"upgrade-{version.replace('.', '-')}"))
    if not _served(reader, cluster):
        draft.refuse(job, "its KubeEdge knows no upgrade jobs: 1.13 and newer do")
        return
    spec: dict[str, Any] = {
        "version": version,
        "nodeNames": list(names),
        "concurrency": max(1, int(arguments["concurrency"])),
        "failureTolerate": arguments["tolerate"],
        "timeoutSeconds": int(seconds(arguments["timeout"])),
        "checkItems": ["cpu", "mem", "disk"],
    }
    if arguments["image"]:
        spec["image"] = arguments["image"]
    if arguments["ask"] == "yes":
        spec["requireConfirmation"] = True
        draft.tell("each node waits until somebody confirms it there, by keadm; not through the API", job)
    draft.write(job, Create({"metadata": {"name": job.name}, "spec": spec}), f"upgrades {', '.join(names)}")
    draft.warn(f"the edge core of {len(names)} nodes restarts, {spec['concurrency']} at a time; pods go on", job)
    cloud = await _cloud(reader, cluster)
    if cloud and release(cloud) < release(version):
        draft.warn(f"CloudCore runs {cloud}, which is older: it is upgraded first", job)


def _served(reader: Reader, cluster: str) -> bool:
    for version in _JOB_VERSIONS:
        try:
            reader.served(cluster, version, "NodeUpgradeJob")
        except ConsoleError:
            continue
        return True
    return False


async def _cloud(reader: Reader, cluster: str) -> str:
    """The release of a cluster's CloudCore by its image, "" where it cannot be told."""
    try:
        found = await reader.list(cluster, "deployments.apps", "kubeedge")
    except ConsoleError:
        return ""
    for each in found:
        for container in mappings(at(each, "spec", "template", "spec", "containers")):
            name, _, tag = text(container.get("image")).rpartition(":")
            if name.rpartition("/")[2] == "cloudcore" and release(tag):
                return tag
    return ""


# -- groups -----------------------------------------------------------------------------------------------------


async def plan_group(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Put nodes into a group; it is made where there is none."""
    group = arguments["group"]
    draft = Draft(f"Put {counted(targets)} into group {group}")
    joining: dict[str, list[str]] = {}
    for target, node in await objects(reader, targets, draft):
        if (present := group_of(node)) == group:
            draft.refuse(target, f"it is in {group} already")
        elif present:
            where = Target(target.cluster, NODE_GROUP, "", present)
            out = {"nodes": f"{target.name}-"}
            instead = Instead(f"take it out of {present} first", where, "kubeedge.nodes", out)
            draft.refuse(target, f"it is in group {present}: KubeEdge has a node in one group", instead)
        else:
            joining.setdefault(target.cluster, []).append(target.name)
    for cluster, names in joining.items():
        where = Target(cluster, NODE_GROUP, "", group)
        groups = await reader.list(cluster, NODE_GROUP)
        there = next((each for each in groups if name_of(each) == group), None)
        if there is None:
            draft.write(where, Create({"metadata": {"name": group}, "spec": {"nodes": names}}), "a new group")
        else:
            (found, obj), *_none = await objects(reader, [where], draft)
            draft.write(found, _listed(obj, [*_names(obj), *names]))
        draft.tell(f"KubeEdge labels {', '.join(names)} with {GROUP}={group}", where)
    return draft


async def plan_nodes(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Nodes that a group has by name."""
    said = arguments["nodes"].split()
    added = [each for each in said if not each.endswith("-")]
    removed = [each.removesuffix("-") for each in said if each.endswith("-")]
    draft = Draft(f"Nodes of {counted(targets)}: {' '.join(said)}")
    for target, obj in await objects(reader, targets, draft):
        known = {name_of(each): each for each in await reader.list(target.cluster, "nodes")}
        present = _names(obj)
        taken = {name: group_of(known[name]) for name in added if name in known and group_of(known[name])}
        if missing := [name for name in added if name not in known]:
            draft.refuse(target, f"its cluster has no node {missing[0]}")
        elif others := {name: group for name, group in taken.items() if group != target.name}:
            name, group = next(iter(others.items()))
            draft.refuse(target, f"{name} is in group {group}: KubeEdge has a node in one group")
        elif stray := [name for name in removed if name not in present]:
            draft.refuse(target, f"{stray[0]} is not in it by name{_by_label(obj, known.get(stray[0]))}")
        else:
            wanted = [*(name for name in present if name not in removed), *added]
            _changed(draft, target, obj, list(dict.fromkeys(wanted)), known)
    return draft


def _changed(draft: Draft, target: Target, obj: Obj, wanted: list[str], known: dict[str, Obj]) -> None:
    if wanted == _names(obj):
        draft.refuse(target, "its nodes are so already")
        return
    draft.write(target, _listed(obj, wanted))
    for name in [each for each in _names(obj) if each not in wanted]:
        kept = _by_label(obj, known.get(name))
        if kept:
            draft.warn(f"{name} stays in it{kept}", target)
        else:
            draft.warn(f"nothing of its EdgeApplications is scheduled to {name} any more; what runs stays", target)


def _by_label(obj: Obj, node: Obj | None) -> str:
    """Whether a node is in a group by its labels."""
    wanted = mapping(at(obj, "spec", "matchLabels"))
    labels = mapping(at(node, "metadata", "labels"))
    same = bool(wanted) and all(labels.get(key) == value for key, value in wanted.items())
    return ": its labels match the group's matchLabels" if same else ""


def _names(obj: Obj) -> list[str]:
    found = at(obj, "spec", "nodes")
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _listed(obj: Obj, names: list[str]) -> JsonPatch:
    if not isinstance(at(obj, "spec"), dict):
        return JsonPatch(({"op": "add", "path": "/spec", "value": {"nodes": names}},))
    return JsonPatch(({"op": "add", "path": "/spec/nodes", "value": names},))


PLANNERS: dict[str, Planner] = {
    "kubeedge.upgrade": plan_upgrade,
    "kubeedge.group": plan_group,
    "kubeedge.nodes": plan_nodes,
}
