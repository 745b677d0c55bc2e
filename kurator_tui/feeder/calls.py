"""The questions a console may ask its feeder, each answered once. Registry: `CALLS`."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import yaml

from kurator_tui.api.failures import not_kubernetes
from kurator_tui.api.review import can_i
from kurator_tui.errors import ConsoleError, NotFound, UsageError
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.member import MemberLink
from kurator_tui.kinds.base import HOST, AnyKind
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.flux import HELM_RELEASE
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, CLUSTER, CUSTOM_CLUSTER, FLEET
from kurator_tui.kinds.pods import POD
from kurator_tui.kinds.registry import KINDS
from kurator_tui.store.freshness import State

Method = Callable[[Hub, Mapping[str, str]], Awaitable[str]]

MASK = "•••"
"""Stands for every Secret value."""

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""An annotation that repeats the whole object."""

HOST_READS = (FLEET, CLUSTER, ATTACHED_CLUSTER, CUSTOM_CLUSTER, HELM_RELEASE)
MEMBER_READS = (NODE, POD)


async def get_object(hub: Hub, arguments: Mapping[str, str]) -> str:
    """One object as YAML, secrets masked. Raises ConsoleError."""
    kind, cluster = KINDS.get(arguments.get("kind", "")), arguments.get("cluster", "")
    link = hub.links.get(cluster)
    if kind is None or kind.derived:
        raise UsageError(f"{arguments.get('kind')} has no object of its own")
    if link is None or link.served is None:
        raise UsageError(f"{cluster} is not connected")
    path = link.served.resolve(kind)
    if path is None:
        raise NotFound(f"{cluster} does not serve {kind.id}")
    item = path.item(arguments.get("namespace") or None, arguments.get("name", ""))
    answer = await link.fetch(item)
    return yaml.safe_dump(masked(_mapping(answer.body, link.facts.server)), sort_keys=False, allow_unicode=True)


def _mapping(body: bytes, server: str) -> dict[str, Any]:
    """`body` as a JSON object. Raises ConsoleError when it is anything else."""
    with contextlib.suppress(ValueError, RecursionError):
        if isinstance(decoded := json.loads(body), dict):
            return decoded
    raise not_kubernetes(server, "no object")


def masked(obj: dict[str, Any]) -> dict[str, Any]:
    """`obj` without managedFields; every value of a Secret, or of each Secret in a list, replaced by `MASK`."""
    shown = dict(obj)
    meta = obj.get("metadata")
    if isinstance(meta, dict):
        meta = shown["metadata"] = {key: value for key, value in meta.items() if key != "managedFields"}
    if obj.get("kind") == "Secret":
        for part in ("data", "stringData"):
            if part in obj:
                shown[part] = dict.fromkeys(obj[part], MASK) if isinstance(obj[part], dict) else MASK
        if isinstance(meta, dict) and isinstance(annotations := meta.get("annotations"), dict):
            meta["annotations"] = {key: value for key, value in annotations.items() if key != LAST_APPLIED}
    elif isinstance(items := obj.get("items"), list):
        # The items of a typed list need not repeat their kind.
        kind = {"kind": "Secret"} if obj.get("kind") == "SecretList" else {}
        shown["items"] = [masked({**item, **kind}) if isinstance(item, dict) else item for item in items]
    return shown


async def check(hub: Hub, _arguments: Mapping[str, str]) -> str:
    """Can I reach, may I, is it installed: a JSON list of {cluster, check, health, reason, hint}."""
    findings: list[dict[str, str]] = []
    for name, link in hub.links.items():
        if name == HOST and not hub.leads:
            continue  # the first feeder tells
        namespace = hub.namespace if name == HOST else ""
        state = hub.store.freshness(name)
        reached = not link.contact.error and bool(link.contact.last)
        reason = link.contact.error or (f"{link.facts.server} {link.facts.version}" if reached else state.reason)
        hint = link.failure.hint if link.failure is not None and not reached else ""
        findings.append(_finding(name, "reach", "healthy" if reached else "failed", reason, hint))
        if not reached or not isinstance(link, MemberLink) or link.connection is None or link.served is None:
            continue
        wanted = HOST_READS + MEMBER_READS if name == HOST else MEMBER_READS
        for kind in wanted:
            findings.append(await _may_read(link, kind, namespace))
        if state.state is State.FORBIDDEN:
            findings.append(_finding(name, "read", "failed", state.reason))
    return json.dumps(findings)


async def _may_read(link: MemberLink, kind: AnyKind, namespace: str) -> dict[str, str]:
    cluster, connection = link.member.name, link.connection
    if connection is None:  # it hung up while the other kinds were asked for
        return _finding(cluster, f"list {kind.plural}", "unknown", link.contact.error or "disconnected")
    path = link.served.resolve(kind) if link.served else None
    if path is None:
        level = "degraded" if kind.group else "failed"
        return _finding(cluster, f"installed {kind.plural}", level, f"{kind.id} is not served")
    try:
        where = namespace if kind.namespaced else ""
        allowed = await can_i(connection, "list", kind.group, kind.plural, where or None)
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
