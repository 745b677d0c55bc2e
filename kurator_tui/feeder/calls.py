"""The questions a console may ask its feeder, each answered once. Registry: `CALLS`."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping

import yaml

from kurator_tui.api.review import can_i
from kurator_tui.errors import ConsoleError
from kurator_tui.feeder import kinds, looking, metrics, reading
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.member import MemberLink
from kurator_tui.fleet.reading import fetch
from kurator_tui.kinds.base import HOST, AnyKind
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.flux import HELM_RELEASE
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, CLUSTER, CUSTOM_CLUSTER, FLEET
from kurator_tui.kinds.masking import masked
from kurator_tui.kinds.pods import POD
from kurator_tui.store.freshness import State

Method = Callable[[Hub, Mapping[str, str]], Awaitable[str]]

HOST_READS = (FLEET, CLUSTER, ATTACHED_CLUSTER, CUSTOM_CLUSTER, HELM_RELEASE)
MEMBER_READS = (NODE, POD)


async def get_object(hub: Hub, arguments: Mapping[str, str]) -> str:
    """One object as YAML, or with `format` json as JSON, secrets masked. Raises ConsoleError.

    With a `salt` what stands for a value holds its keyed digest, so that a comparison sees which values differ.
    """
    found = await fetch(hub, reading.which(arguments))
    shown = masked(found, arguments.get("salt", ""))
    if arguments.get("format") == "json":
        return json.dumps(shown)
    return yaml.safe_dump(shown, sort_keys=False, allow_unicode=True)


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


CALLS: dict[str, Method] = {
    "get_object": get_object,
    "check": check,
    "host_failure": host_failure,
    **reading.CALLS,
    **looking.CALLS,
    **kinds.CALLS,
    **metrics.CALLS,
}
