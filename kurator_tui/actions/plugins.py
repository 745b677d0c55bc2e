"""What a Fleet's plugins become: one HelmRelease a component, on the host or on each ready member. Reads only.

A release is called `<component>-<cluster>`, one on the host by its component alone; it carries the label
`fleet.kurator.dev/name` of its fleet. The Fleet does not say how its plugins are: the releases do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kurator_tui.actions.fleets import MEMBERS, found, is_ready, listed
from kurator_tui.actions.plan import Draft, Obj, Reader
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import Object, at, mapping, mappings, name_of, text

RELEASE = "helmreleases.helm.toolkit.fluxcd.io"
PLUGINS = {
    "metric": "metric",
    "grafana": "grafana",
    "kyverno": "policy",
    "backup": "backup",
    "storage": "distributedStorage",
    "flagger": "flagger",
    "submariner": "submariner",
}
"""What a plugin is called here -> its key in `spec.plugin`."""
_MOST = 6
"""Names that are told one by one."""


class Component(NamedTuple):
    """One chart of a plugin. `cluster` is "*" for every member, "" for the host, else that member."""

    name: str
    cluster: str = "*"


def components(fleet: Obj) -> list[Component]:
    """What the plugins of a Fleet install, as its `spec` says now."""
    plugin = mapping(at(fleet, "spec", "plugin"))
    on = {name for name, key in PLUGINS.items() if plugin.get(key) is not None}
    if "kyverno" in on and at(plugin, "policy", "kyverno") is None:
        on.discard("kyverno")
    made = [component for name in PLUGINS if name in on for component in _SIMPLE.get(name, ())]
    if "kyverno" in on and at(plugin, "policy", "kyverno", "podSecurity") is not None:
        made.append(Component("kyverno-policies"))
    if "flagger" in on:
        made += _flagger(mapping(plugin.get("flagger")))
    if "submariner" in on:
        first = listed(fleet)[0][1] if listed(fleet) else ""
        broker = text(at(plugin, "submariner", "brokerCluster")) or first
        made += [Component("sm-broker", broker), Component("sm-operator")]
    return made


_SIMPLE = {
    "metric": (Component("thanos", ""), Component("prometheus")),
    "grafana": (Component("grafana", ""),),
    "kyverno": (Component("kyverno"),),
    "backup": (Component("velero"),),
    "storage": (Component("rook"), Component("rook-ceph")),
}


def _flagger(spec: Object) -> list[Component]:
    provider = text(spec.get("trafficRoutingProvider"))
    made = [Component("flagger")]
    made += [Component("testloader")] if spec.get("publicTestloader") is True else []
    return [*made, *([Component(provider)] if provider in ("kuma", "nginx") else [])]


def releases(fleet: Obj, members: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Names of the HelmReleases of `members` and the host -> (component, cluster, "" for the host)."""
    names = list(members)
    made: dict[str, tuple[str, str]] = {}
    for component, cluster in components(fleet):
        if not cluster:
            made[component] = (component, "")
        for name in names:
            if cluster in ("*", name):
                made[f"{component}-{name}"] = (component, name)
    return made


def worded(found: Iterable[tuple[str, str]]) -> str:
    """`velero on m1, m2; thanos on the host`."""
    where: dict[str, list[str]] = {}
    for component, cluster in found:
        where.setdefault(component, []).append(cluster or "the host")
    return "; ".join(f"{component} on {few(clusters)}" for component, clusters in where.items())


def few(names: Sequence[str]) -> str:
    """The first of many names."""
    return ", ".join(names[:_MOST]) + (f" and {len(names) - _MOST} more" if len(names) > _MOST else "")


async def present(reader: Reader, namespace: str, fleet: str) -> list[Obj]:
    """The HelmReleases that a fleet has now; none where they cannot be listed."""
    try:
        return await reader.list(HOST, RELEASE, namespace, labels=f"fleet.kurator.dev/name={fleet}")
    except ConsoleError:
        return []


async def tell_releases(reader: Reader, draft: Draft, where: Target, before: Obj, after: Obj) -> None:
    """Which HelmReleases on which clusters a change of a Fleet makes, removes or holds up."""
    there = await present(reader, where.namespace, where.name)
    known = {name_of(each) for each in there}
    wanted = releases(after, [name for _kind, name in listed(after)])
    had = releases(before, [name for _kind, name in listed(before)])
    made = [place for name, place in wanted.items() if name not in had and name not in known]
    removed = [place for name, place in had.items() if name not in wanted and (name in known or not known)]
    if made:
        draft.tell(f"HelmReleases are made: {worded(made)}", where)
    if removed:
        draft.warn(f"HelmReleases are deleted, and Helm uninstalls: {worded(removed)}", where)
        blockers = [name_of(each) for each in there if name_of(each) in wanted and not _well(each)]
        if blockers:
            draft.warn(f"nothing is deleted while a plugin is not Ready: {few(sorted(blockers))}", where)
    if made or removed:
        await tell_members(reader, draft, where, after)


def tell_upgraded(draft: Draft, where: Target, after: Obj, names: Iterable[str]) -> None:
    """Which HelmReleases of a plugin get other values."""
    wanted = set(names)
    members = [name for _kind, name in listed(after)]
    changed = [place for place in releases(after, members).values() if place[0] in wanted]
    if changed:
        draft.tell(f"Helm upgrades: {worded(changed)}", where)


async def tell_members(reader: Reader, draft: Draft, where: Target, fleet: Obj) -> None:
    """Members that hold up every plugin of the fleet, or have none of them."""
    for kind, name in listed(fleet):
        obj = await found(reader, Target(HOST, MEMBERS[kind], where.namespace, name)) if kind in MEMBERS else ""
        if isinstance(obj, str):
            why = obj or f"{kind} is no kind of member"
            draft.warn(f"{name}: {why}: until then Kurator installs no plugin on any member of the fleet", where)
        elif not is_ready(obj):
            draft.warn(f"{name} is not ready: it gets no plugin until it is", where)
        elif kind == "Cluster":
            draft.warn(
                f"{name} is a Cluster: Kurator reads the cloud credential as its kubeconfig, and plugins, backups "
                "and applications of the whole fleet fail; attach it by its own kubeconfig instead",
                where,
            )


def _well(release: Obj) -> bool:
    return any(
        each.get("type") == "Ready" and each.get("status") == "True"
        for each in mappings(at(release, "status", "conditions"))
    )
