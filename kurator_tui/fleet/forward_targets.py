"""Which pod and port a forward leads to: a pod itself, or a ready one of a workload or service.

The workload or service is read when a connection needs a pod, never watched for it; whether the pod of the last
connection still serves is known from the store's rows where its pods are watched.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from kurator_tui.api.discovery import ResourcePath
from kurator_tui.errors import NotFound, UsageError
from kurator_tui.fleet.doors import Door, door
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.log_pods import LOGGED, selector_of
from kurator_tui.fleet.shells import fetch_pod
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.store.freshness import State

SERVICES = "services"
LONGEST = 500
"""Pods of a target that are looked at."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is forwarded to. `kind` is `pods`, `services` or a workload's id (`deployments.apps`).

    `port` is a number or the name of a port, "" for the first one; of a service, a port of the service.
    """

    cluster: str
    namespace: str
    kind: str
    name: str
    port: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """A pod and a port of it."""

    pod: str
    uid: str
    port: int


async def find(hub: Hub, target: Target, without: str = "") -> Way:
    """Where the next connection goes; another pod than the one with uid `without` if there is one.

    Raises ConsoleError: the target is not there, has no ready pod, or no such port.
    """
    through = door(hub, target.cluster)
    if target.kind == POD.id:
        pod, wanted = await fetch_pod(through, target.namespace, target.name), target.port
    else:
        owner = await _read(hub, through, target)
        pod = await _ready(through, target, selector_of(owner, f"{target.kind} {target.name}"), without)
        wanted = _service_port(owner, target) if target.kind == SERVICES else target.port
    meta = _mapping(pod.get("metadata"))
    return Way(str(meta.get("name", "")), str(meta.get("uid", "")), _number(pod, wanted))


async def ready_pod(hub: Hub, target: Target) -> str:
    """The name of a ready pod of a workload or service. Raises ConsoleError: it is not there, or has none."""
    through = door(hub, target.cluster)
    owner = await _read(hub, through, target)
    selector = selector_of(owner, f"{target.kind} {target.name}")
    return str(_mapping((await _ready(through, target, selector, "")).get("metadata")).get("name", ""))


def still_good(hub: Hub, target: Target, way: Way) -> bool:
    """Whether the pod of the last connection may serve the next one, as far as the store knows."""
    if hub.store.freshness(target.cluster, POD.id).state is not State.LIVE:
        return True  # unknown: trying it will tell
    row = hub.store.get(POD.id, (target.cluster, way.uid))
    return isinstance(row, PodRow) and not row.deleting and (target.kind == POD.id or row.ready == row.containers)


async def _read(hub: Hub, through: Door, target: Target) -> dict[str, Any]:
    plural, _, group = target.kind.partition(".")
    link = hub.links.get(target.cluster)
    meant = replace(LOGGED, id=target.kind, group=group, versions=(), plural=plural)
    path = link.served.resolve(meant) if link is not None and link.served else None
    if path is None:
        raise NotFound(f"{target.cluster} does not serve {inert(target.kind)}.", code=404)
    item = through.prefix + path.item(target.namespace or None, target.name)
    return _mapping(_decoded((await through.connection.request("GET", item)).body))


async def _ready(through: Door, target: Target, selector: str, without: str) -> dict[str, Any]:
    path = ResourcePath("", "v1", "pods", True, frozenset(), prefix=through.prefix).collection(target.namespace)
    query = [("labelSelector", selector), ("limit", str(LONGEST))]
    answer = await through.connection.request("GET", path, query=query, listing=True)
    items = _mapping(_decoded(answer.body)).get("items")
    pods = (
        [each for each in items if isinstance(each, dict) and _is_ready(each)] if isinstance(items, list) else []
    )
    pods.sort(key=lambda pod: (_uid(pod) == without, str(_mapping(pod.get("metadata")).get("name", ""))))
    if not pods:
        raise NotFound(
            f"{target.kind.partition('.')[0]} {inert(target.name)} has no ready pod.",
            "As soon as one is ready it is used.",
            code=404,
        )
    return pods[0]


def _is_ready(pod: dict[str, Any]) -> bool:
    if _mapping(pod.get("metadata")).get("deletionTimestamp"):
        return False
    conditions = _mapping(pod.get("status")).get("conditions")
    found = (each for each in conditions if isinstance(each, dict)) if isinstance(conditions, list) else ()
    return any(each.get("type") == "Ready" and each.get("status") == "True" for each in found)


def _service_port(service: dict[str, Any], target: Target) -> str:
    """The port of the pods behind a port of a service."""
    ports = [each for each in _mapping(service.get("spec")).get("ports") or () if isinstance(each, dict)]
    for each in ports:
        if target.port in ("", str(each.get("port")), each.get("name")):
            return str(each.get("targetPort") or each.get("port"))
    raise UsageError(
        f"The service {inert(target.name)} has no port {inert(target.port)}.", _offered(ports, "port")
    )


def _number(pod: dict[str, Any], wanted: str) -> int:
    """`wanted` as a port of a pod: any number is taken at its word, a name must be one of a container's ports."""
    if wanted.isdecimal() and 0 < int(wanted) < 2**16:
        return int(wanted)
    declared: list[dict[str, Any]] = []
    for container in _mapping(pod.get("spec")).get("containers") or ():
        declared += [each for each in _mapping(container).get("ports") or () if isinstance(each, dict)]
    for each in declared:
        number = each.get("containerPort")
        if isinstance(number, int) and wanted in ("", each.get("name")):
            return number
    what = f"a port called {inert(wanted)}" if wanted else "a port that is declared"
    raise UsageError(f"The pod has no {what.removeprefix('a ')}.", _offered(declared, "containerPort"))


def _offered(ports: list[dict[str, Any]], key: str) -> str:
    shown = [f"{each.get(key)} {each.get('name', '')}".strip() for each in ports]
    return f"It has {inert(', '.join(shown))}." if shown else "Give the number of a port."


def _uid(pod: dict[str, Any]) -> str:
    return str(_mapping(pod.get("metadata")).get("uid", ""))


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _decoded(body: bytes) -> object:
    """`body` as JSON; None when it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
