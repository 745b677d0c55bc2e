"""Which members a write reaches by way of a controller: what Kurator, Flux or Karmada brings to them. Reads only.

A write is judged by these clusters as by the one that it is sent to (`planning`). Rather a cluster too many
than one too few: a policy that names no cluster may go to each.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kurator_tui.actions import federation, fleets
from kurator_tui.actions.plan import Obj, Reader
from kurator_tui.actions.preview import Tried
from kurator_tui.actions.releases import Release, reached
from kurator_tui.errors import ConsoleError, NotFound
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import Object, at, mapping, mappings, meta, name_of, text

_AIMS = ("destination", "sourceCluster", "targetClusters")
"""Where Kurator's backups, restores and migrations name a fleet and some of its clusters."""
_MANAGED = (*fleets.CLUSTERS, fleets.CUSTOM_CLUSTER)
_PLACEMENTS = (federation.POLICY, federation.WIDE_POLICY)
_OVERRIDES = ("overridepolicies.policy.karmada.io", "clusteroverridepolicies.policy.karmada.io")
_REBALANCER = "workloadrebalancers.apps.karmada.io"
_WORK = "works.work.karmada.io"


class Reach(NamedTuple):
    """Names of members; `unknown` says why they are not all known."""

    names: frozenset[str] = frozenset()
    unknown: str = ""


async def reach_of(reader: Reader, tried: Tried) -> Reach:
    """The members that a step reaches, as its object was and as it will be."""
    said = (tried.before, tried.after, getattr(tried.step.write, "body", None))
    names: set[str] = set()
    try:
        for obj in (each for each in said if isinstance(each, dict)):
            names.update(await _names(reader, tried.step.target, obj))
    except ConsoleError as error:
        return Reach(frozenset(names), error.message)
    return Reach(frozenset(names))


async def _names(reader: Reader, target: Target, obj: Obj) -> Iterable[str]:
    """Raises ConsoleError where they cannot be told."""
    if target.kind in _MANAGED:
        return [target.name]
    if target.kind == fleets.FLEET:
        return [name for _kind, name in fleets.listed(obj)]
    if target.kind == fleets.APPLICATION:
        return await _application(reader, target, obj)
    if target.kind.endswith(".kurator.dev"):
        return await _aimed(reader, target, obj)
    if target.kind.endswith(".toolkit.fluxcd.io"):
        return await _flux(reader, target, obj)
    return await _karmada(reader, target, obj)


# -- Kurator and Flux -------------------------------------------------------------------------------------------


async def _application(reader: Reader, target: Target, obj: Obj) -> list[str]:
    names: list[str] = []
    for number, _policy in enumerate(mappings(at(obj, "spec", "syncPolicies"))):
        try:
            names += await reached(reader, Release(target, obj, target.cluster, number))
        except NotFound:
            continue  # no such fleet: it goes nowhere
    return names


async def _aimed(reader: Reader, target: Target, obj: Obj) -> list[str]:
    if name := text(at(obj, "spec", "backupName")):  # without a destination it is restored where it was made
        try:
            backup = await reader.get(Target(HOST, "backups.backup.kurator.dev", target.namespace, name))
        except NotFound:
            backup = {}
        obj = {"spec": {**mapping(backup.get("spec")), **mapping(obj.get("spec"))}}
    names: list[str] = []
    for aim in (mapping(at(obj, "spec", key)) for key in _AIMS):
        chosen = [text(each.get("name")) for each in mappings(aim.get("clusters"))]
        names += chosen or await _fleet(reader, target.namespace, text(aim.get("fleet")))
    return names


async def _fleet(reader: Reader, namespace: str, name: str) -> list[str]:
    if not name:
        return []
    try:
        return [member for _kind, member in fleets.listed(await reader.get(fleets.fleet_at(namespace, name)))]
    except NotFound:
        return []


async def _flux(reader: Reader, target: Target, obj: Obj) -> list[str]:
    """By the kubeconfig that it applies with; a source has none and is for all clusters of its Application."""
    secret = text(at(obj, "spec", "kubeConfig", "secretRef", "name"))
    if not secret:
        return await _source(reader, target, obj)
    names = []
    for kind, id in fleets.MEMBERS.items():
        for each in await reader.list(target.cluster, id, target.namespace):
            name, own = name_of(each), text(at(each, "spec", "kubeconfig", "name"))
            named = target.name.endswith(f"-{kind}-{name}".lower())
            if named or secret == own or secret.startswith(f"{name}-"):
                names.append(name)
    if not names:
        raise NotFound(f"no cluster has the kubeconfig {secret}")
    return names


async def _source(reader: Reader, target: Target, obj: Obj) -> list[str]:
    name = text(mapping(meta(obj).get("labels")).get("apps.kurator.dev/app-name"))
    if not name:
        return []
    where = Target(target.cluster, fleets.APPLICATION, target.namespace, name)
    try:
        return await _application(reader, where, await reader.get(where))
    except NotFound:
        return []


# -- Karmada ----------------------------------------------------------------------------------------------------


async def _karmada(reader: Reader, target: Target, obj: Obj) -> list[str]:
    if target.kind == federation.CLUSTER:
        return [target.name]
    if target.kind in federation.BINDINGS:
        return federation.clusters_of(obj)
    if target.kind == _WORK:
        return [target.namespace.removeprefix(federation.EXECUTION)]
    if target.kind == _REBALANCER:
        return await _every(reader, target)
    if target.kind in _OVERRIDES:
        rules = list(mappings(at(obj, "spec", "overrideRules")))
        groups = [mapping(each.get("targetCluster")) for each in rules] or [
            mapping(at(obj, "spec", "targetCluster"))
        ]
        return await _grouped(reader, target, groups)
    if target.kind in _PLACEMENTS:
        placement = mapping(at(obj, "spec", "placement"))
        groups = [*mappings(placement.get("clusterAffinities"))] or [mapping(placement.get("clusterAffinity"))]
        return [*await _grouped(reader, target, groups), *await _bound(reader, target)]
    return await _bound(reader, target)


async def _grouped(reader: Reader, target: Target, groups: Iterable[Object]) -> list[str]:
    """Clusters that groups name; one that names none selects otherwise, maybe each."""
    names: list[str] = []
    for group in groups:
        said = group.get("clusterNames")
        own = [each for each in said if isinstance(each, str)] if isinstance(said, list) else []
        names += own or await _every(reader, target)
    return names


async def _every(reader: Reader, target: Target) -> list[str]:
    return [name_of(each) for each in await reader.list(target.cluster, federation.CLUSTER)]


async def _bound(reader: Reader, target: Target) -> list[str]:
    """Where Karmada has the object, or what is propagated by it as a policy."""
    place = Target(target.cluster, target.kind, target.namespace, target.name)
    return [
        name
        for each in await federation.bindings(reader, target.cluster)
        if place in (federation.workload(target.cluster, each), federation.policy_of(target.cluster, each))
        for name in federation.clusters_of(each)
    ]
