"""Verbs of a Fleet's plugins: on and other values, off. They send nothing.

All is written in the Fleet: Kurator replaces the HelmReleases that it makes of it. Which of them come and go on
which clusters is told before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kurator_tui.actions.fleets import found, listed, ready
from kurator_tui.actions.gathering import objects
from kurator_tui.actions.plan import Arguments, Draft, JsonPatch, Obj, Planner, Reader
from kurator_tui.actions.plugin_specs import built, doubts, unconnected
from kurator_tui.actions.plugins import PLUGINS, components, few, tell_members, tell_releases, tell_upgraded
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import at, mapping, mappings, name_of, text

_APPLICATION, _BACKUP = "applications.apps.kurator.dev", "backups.backup.kurator.dev"


def _of(fleet: Obj, name: str) -> Obj | None:
    """What a Fleet says of a plugin, None where it is off."""
    said = at(fleet, "spec", "plugin", PLUGINS[name])
    said = at(said, "kyverno") if name == "kyverno" else said
    return dict(said) if isinstance(said, dict) else None


def _after(fleet: Obj, name: str, spec: Obj | None) -> Obj:
    """The Fleet with another plugin, or without it."""
    plugin = {key: value for key, value in mapping(at(fleet, "spec", "plugin")).items() if key != PLUGINS[name]}
    if spec is not None:
        plugin[PLUGINS[name]] = {"kyverno": spec} if name == "kyverno" else spec
    return {**fleet, "spec": {**mapping(fleet.get("spec")), "plugin": plugin}}


def _operations(fleet: Obj, after: Obj, name: str) -> tuple[dict[str, Any], ...]:
    key = PLUGINS[name]
    wanted = at(after, "spec", "plugin", key)
    if at(fleet, "spec", "plugin") is None:
        return ({"op": "add", "path": "/spec/plugin", "value": {key: wanted}},)
    if wanted is None:
        return ({"op": "remove", "path": f"/spec/plugin/{key}"},)
    return ({"op": "add", "path": f"/spec/plugin/{key}", "value": wanted},)


# -- on, or other values ----------------------------------------------------------------------------------------


def _changes(name: str) -> Planner:
    async def plan(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
        """Turn a plugin on, or change its values. Raises UsageError."""
        draft = Draft("")
        for target, fleet in await objects(reader, targets, draft):
            now = _of(fleet, name)
            draft.title = f"{'Turn on' if now is None else 'Change'} plugin {name} of Fleet {target.name}"
            spec = built(name, now or {}, arguments)
            if now == spec:
                draft.refuse(target, f"plugin {name} is so already")
            elif not await _impossible(reader, draft, target, fleet, name, spec):
                await _change(reader, draft, target, fleet, name, spec)
        return draft

    return plan


async def _change(reader: Reader, draft: Draft, target: Target, fleet: Obj, name: str, spec: Obj) -> None:
    now, after = _of(fleet, name), _after(fleet, name, spec)
    draft.write(target, JsonPatch(_operations(fleet, after, name)))
    await tell_releases(reader, draft, target, fleet, after)
    only = {component.name for component in components(_alone(fleet, name, spec))}
    if now is not None:
        tell_upgraded(draft, target, after, only & {component.name for component in components(fleet)})
        if now.get("chart") != spec.get("chart") and name in ("kyverno", "storage"):
            both = "kyverno and kyverno-policies" if name == "kyverno" else "rook and rook-ceph"
            draft.warn(f"the chart is used for {both} alike, which are two charts", target)
    for part in _parts(name, spec):
        for doubt in doubts(part):
            draft.warn(doubt, target)
    _tell(draft, target, name, now or {}, spec)
    if not listed(fleet):
        draft.warn("the fleet has no member: nothing is installed but on the host", target)


def _alone(fleet: Obj, name: str, spec: Obj) -> Obj:
    """The Fleet with this plugin and no other."""
    return _after({**fleet, "spec": {**mapping(fleet.get("spec")), "plugin": {}}}, name, spec)


def _parts(name: str, spec: Obj) -> list[object]:
    """Blocks of Helm values."""
    inner = {"metric": ("thanos", "prometheus"), "flagger": ("config",)}.get(name, ())
    return [spec.get("extraArgs"), *(at(spec, part, "extraArgs") for part in inner)]


async def _impossible(reader: Reader, draft: Draft, target: Target, fleet: Obj, name: str, spec: Obj) -> bool:
    """Whether Kurator's controller would fail on it; why is in `draft`."""
    if name == "metric":
        secret = text(at(spec, "thanos", "objectStoreConfig", "secretName"))
        return await _lacks(reader, draft, target, secret, "objstore.yml")
    if name == "backup":
        secret = text(at(spec, "storage", "secretName"))
        return await _lacks(reader, draft, target, secret, "access-key", "secret-key")
    if name == "submariner":
        return await _unconnectable(reader, draft, target, fleet, spec)
    return False


async def _lacks(reader: Reader, draft: Draft, target: Target, name: str, *keys: str) -> bool:
    """Whether a Secret of the fleet's namespace is missing, or one of its keys."""
    secret = await found(reader, Target(HOST, "secrets", target.namespace, name))
    if isinstance(secret, str):
        if not secret.startswith("there is no"):
            draft.warn(f"whether Secret {inert(name)} holds {' and '.join(keys)} is not known: {secret}", target)
            return False
        draft.refuse(target, f"there is no Secret {inert(name)} in {target.namespace}: Kurator fails without it")
        return True
    if missing := [key for key in keys if key not in mapping(secret.get("data"))]:
        draft.refuse(target, f"Secret {inert(name)} has no key {', '.join(missing)}, which Kurator reads")
        return True
    return False


async def _unconnectable(reader: Reader, draft: Draft, target: Target, fleet: Obj, spec: Obj) -> bool:
    good, _bad = await ready(reader, fleet, target.namespace)
    members = [name for _kind, name in listed(fleet)]
    broker = text(spec.get("brokerCluster"))
    if len(good) < 2:
        draft.refuse(target, f"it connects two ready members or more; ready: {few(good) or 'none'}")
    elif broker and broker not in good:
        draft.refuse(target, f"{inert(broker)} is no ready member: it cannot hold the broker")
    elif why := unconnected(spec, members):
        draft.refuse(target, why)
    else:
        return False
    return True


def _tell(draft: Draft, target: Target, name: str, now: Obj, spec: Obj) -> None:
    """What is worth knowing of a plugin beside its releases."""
    if name == "grafana" and not now:
        draft.warn("Grafana is a LoadBalancer with the password admin unless its values say another", target)
    elif name == "kyverno":
        action = text(at(spec, "podSecurity", "validationFailureAction"))
        if action == "Enforce" and text(at(now, "podSecurity", "validationFailureAction")) != "Enforce":
            draft.warn(
                "pods that break a policy are refused from then on, those of rollouts and nodes too", target
            )
        if at(spec, "podSecurity") is None:
            draft.tell("Kyverno alone, without policies: say a standard for them", target)
    elif name == "metric" and at(now, "thanos", "objectStoreConfig") not in (
        None,
        at(spec, "thanos", "objectStoreConfig"),
    ):
        draft.warn("what was stored so far stays where it is, and is asked no more", target)
    elif name == "backup" and now and at(now, "storage", "location") != at(spec, "storage", "location"):
        draft.warn("Velero knows only the backups of the new place; those of the old one stay there", target)
    elif name == "storage":
        draft.warn("Ceph takes the named devices for itself: what is on them is lost", target)
    elif name == "flagger":
        _tell_flagger(draft, target, now, spec)


def _tell_flagger(draft: Draft, target: Target, now: Obj, spec: Obj) -> None:
    provider, before = text(spec.get("trafficRoutingProvider")), text(now.get("trafficRoutingProvider"))
    if provider == "istio":
        draft.tell("Istio and its Prometheus must be on each member: Kurator installs neither", target)
    if before and before != provider:
        draft.warn(f"rollouts say {before} themselves: those that do are moved by Flagger no more", target)
    if not isinstance(spec.get("chart"), dict):
        draft.tell("its chart is 1.x: Flux installs newer ones as they come, unless a chart is said", target)


# -- off --------------------------------------------------------------------------------------------------------


async def plan_off(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Turn a plugin off."""
    name = arguments["plugin"]
    draft = Draft(f"Turn plugin {name} off")
    for target, fleet in await objects(reader, targets, draft):
        if _of(fleet, name) is None:
            draft.refuse(target, f"plugin {name} is off already")
            continue
        after = _after(fleet, name, None)
        draft.title = f"Turn plugin {name} of Fleet {target.name} off"
        draft.write(target, JsonPatch(_operations(fleet, after, name)))
        await tell_releases(reader, draft, target, fleet, after)
        if not components(after):
            await tell_members(reader, draft, target, after)
        for lost in _LOST[name]:
            draft.warn(lost, target)
        await _tell_users(reader, draft, target, name)
    return draft


_LOST = {
    "metric": ("Prometheus and its last hours go; what Thanos stored stays in the object store, asked by nobody",),
    "grafana": ("dashboards that were made by hand are lost",),
    "kyverno": ("nothing is checked any more, and reports go with Kyverno's definitions",),
    "backup": ("nothing is backed up or restored any more; what is stored stays in the object store",),
    "storage": ("volumes of Rook lose their storage: data on every member may be lost for good",),
    "flagger": ("rollouts stand still: Canaries stay, and traffic as it is shared now",),
    "submariner": ("services of other members are reached no more",),
}


async def _tell_users(reader: Reader, draft: Draft, target: Target, name: str) -> None:
    """Objects of Kurator that do nothing without the plugin."""
    if name == "backup":
        users = [
            name_of(each)
            for each in await _listed(reader, _BACKUP, target.namespace)
            if at(each, "spec", "schedule") and at(each, "spec", "destination", "fleet") == target.name
        ]
        what = "scheduled Backups fail from then on"
    elif name == "flagger":
        users = [
            name_of(each)
            for each in await _listed(reader, _APPLICATION, target.namespace)
            if any(
                isinstance(policy.get("rollout"), dict) for policy in mappings(at(each, "spec", "syncPolicies"))
            )
        ]
        what = "Applications have rollouts"
    else:
        return
    if users:
        draft.warn(f"{what}: {few(users)}", target)


async def _listed(reader: Reader, kind: str, namespace: str) -> list[Obj]:
    try:
        return await reader.list(HOST, kind, namespace)
    except ConsoleError:
        return []


PLANNERS: dict[str, Planner] = {
    **{f"plugin.{name}": _changes(name) for name in PLUGINS},
    "plugin.off": plan_off,
}
