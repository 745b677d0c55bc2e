"""Where the webhooks of Kurator Pipelines listen: EventListeners, their Services, Ingresses before those. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HOST, AnyKind
from kurator_tui.kinds.networking import INGRESS, SERVICE
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.kinds.tekton import EVENT_LISTENER
from kurator_tui.store.freshness import State

Place = tuple[str, str]
"""(namespace, name)."""
PREFIX = "el-"
"""Tekton Triggers names the Service of an EventListener so."""
NONE = "none: "
"""How an address begins that is known not to be there."""


class Webhooks:
    """What listens on the host."""

    def __init__(self, seen: Seen) -> None:
        self._listeners = {(row.namespace, row.name): row for row in seen.rows(EVENT_LISTENER, HOST)}
        self._services = {
            (row.namespace, row.name): row for row in seen.rows(SERVICE, HOST) if row.name.startswith(PREFIX)
        }
        self._routes = _routes(seen)
        self._state = seen.freshness(HOST, EVENT_LISTENER).state

    def address(self, namespace: str, listener: str) -> str:
        """Where a webhook reaches this EventListener, else why it reaches none; "" where that is not known."""
        found = self._listeners.get((namespace, listener))
        if found is None and self._state is State.ABSENT:
            return f"{NONE}Tekton Triggers is not installed"
        if found is None and self._state is State.LIVE:
            return f"{NONE}there is no EventListener {listener}"
        place = (namespace, PREFIX + listener)
        if route := self._routes.get(place):
            return route
        if (service := self._services.get(place)) is not None:
            return _of_service(service)
        inside = cell_of(EVENT_LISTENER, found, "address") if found is not None else ""
        return f"{inside} (inside the cluster)" if inside else ""


def cell_of(kind: AnyKind, row: ObjectRow, key: str) -> str:
    """The cell `key` of a row as text, "" for an empty one."""
    value = kind.value(row, key)
    return "" if value is None else str(value)


def _routes(seen: Seen) -> Mapping[Place, str]:
    """URL of the first Ingress rule to each Service."""
    found: dict[Place, str] = {}
    for row in seen.rows(INGRESS, HOST):
        scheme = "https" if cell_of(INGRESS, row, "tls") else "http"
        for host, path, service in part(INGRESS, row, "routes") or ():
            found.setdefault((row.namespace, service), f"{scheme}://{host or '*'}{'' if path == '/' else path}")
    return found


def _of_service(row: ObjectRow) -> str:
    """A load balancer's address before a node's port before the address inside the cluster."""
    port, _, node = cell_of(SERVICE, row, "ports").partition(",")[0].partition("/")[0].partition(":")
    external = cell_of(SERVICE, row, "external").partition(",")[0]
    if external == "<pending>":
        return "waits for an address of the load balancer"
    if external:
        return f"http://{external}:{port}"
    if node:
        return f"port {node} of any node"
    return f"http://{row.name}.{row.namespace}.svc:{port} (inside the cluster)"
