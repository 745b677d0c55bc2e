"""The questions a console may ask its feeder, each answered once. Registry: `CALLS`."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import yaml

from kurator_tui.api.review import can_i
from kurator_tui.errors import ConsoleError, NotFound, UsageError
from kurator_tui.fleet.hub import Hub
from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.flux import HELM_RELEASE
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, CLUSTER, CUSTOM_CLUSTER, FLEET
from kurator_tui.kinds.pods import POD
from kurator_tui.kinds.registry import KINDS
from kurator_tui.store.freshness import State

Method = Callable[[Hub, Mapping[str, str]], Awaitable[str]]

MASK = "•••"
"""Stands for every Secret value."""

HOST_READS = (FLEET, CLUSTER, ATTACHED_CLUSTER, CUSTOM_CLUSTER, HELM_RELEASE)
MEMBER_READS = (NODE, POD)


async def get_object(hub: Hub, arguments: Mapping[str, str]) -> str:
    """One object as YAML, secrets masked. Raises ConsoleError."""
    kind, cluster = KINDS.get(arguments.get("kind", "")), arguments.get("cluster", "")
    link = hub.links.get(cluster)
    if kind is None or kind.derived:
        raise UsageError(f"{arguments.get('kind')} has no object of its own")
    if link is None or link.connection is None or link.served is None:
        raise UsageError(f"{cluster} is not connected")
    path = link.served.resolve(kind)
    if path is None:
        raise NotFound(f"{cluster} does not serve {kind.id}")
    item = path.item(arguments.get("namespace") or None, arguments.get("name", ""))
    answer = await link.connection.request("GET", item)
    return yaml.safe_dump(masked(json.loads(answer.body)), sort_keys=False, allow_unicode=True)


def masked(obj: dict[str, Any]) -> dict[str, Any]:
    """`obj` without managedFields; every value of a Secret replaced by `MASK`."""
    meta = {k: v for k, v in (obj.get("metadata") or {}).items() if k != "managedFields"}
    shown = {**obj, "metadata": meta}
    if obj.get("kind") == "Secret":
        for part in ("data", "stringData"):
            if isinstance(obj.get(part), dict):
                shown[part] = dict.fromkeys(obj[part], MASK)
        annotations = dict(meta.get("annotations") or {})
        if annotations.pop("kubectl.kubernetes.io/last-applied-configuration", None) is not None:
            meta["annotations"] = annotations
    return shown


async def check(hub: Hub, _arguments: Mapping[str, str]) -> str:
    """Can I reach, may I, is it installed: a JSON list of {cluster, check, health, reason, hint}."""
    findings: list[dict[str, str]] = []
    for name, link in hub.links.items():
        state = hub.store.freshness(name)
        reached = not link.contact.error and bool(link.contact.last)
        reason = link.contact.error or (f"{link.facts.server} {link.facts.version}" if reached else state.reason)
        hint = link.failure.hint if link.failure is not None and not reached else ""
        findings.append(_finding(name, "reach", "healthy" if reached else "failed", reason, hint))
        if not reached or link.connection is None or link.served is None:
            continue
        wanted = HOST_READS + MEMBER_READS if name == "host" else MEMBER_READS
        for kind in wanted:
            findings.append(await _may_read(hub, name, kind))
        if state.state is State.FORBIDDEN:
            findings.append(_finding(name, "read", "failed", state.reason))
    return json.dumps(findings)


async def _may_read(hub: Hub, cluster: str, kind: AnyKind) -> dict[str, str]:
    link = hub.links[cluster]
    path = link.served.resolve(kind) if link.served else None
    if path is None or link.connection is None:
        level = "degraded" if kind.group else "failed"
        return _finding(cluster, f"installed {kind.plural}", level, f"{kind.id} is not served")
    try:
        allowed = await can_i(link.connection, "list", kind.group, kind.plural)
    except ConsoleError as error:
        return _finding(cluster, f"list {kind.plural}", "unknown", error.brief)
    reason = f"{path.group}/{path.version}".strip("/") if allowed else f"you may not list {kind.plural}"
    return _finding(cluster, f"list {kind.plural}", "healthy" if allowed else "failed", reason)


def _finding(cluster: str, check: str, health: str, reason: str, hint: str = "") -> dict[str, str]:
    return {"cluster": cluster, "check": check, "health": health, "reason": reason, "hint": hint}


async def host_failure(hub: Hub, _arguments: Mapping[str, str]) -> str:
    """Raises the error that keeps the host from being connected; "" when nothing does."""
    if hub.host.failure is not None and hub.host.served is None:
        raise hub.host.failure
    return ""


CALLS: dict[str, Method] = {"get_object": get_object, "check": check, "host_failure": host_failure}
