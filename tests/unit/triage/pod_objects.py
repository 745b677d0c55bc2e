"""Pods as servers send them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from kurator_tui.kinds.base import Row
from kurator_tui.kinds.pods import POD
from tests.unit.triage.stage import NOW, project

RUNNING = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}


def at(seconds: float) -> str:
    """`NOW` and so many seconds, as a timestamp."""
    return datetime.fromtimestamp(NOW + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def meta(name: str, *, namespace: str = "shop", age: float = 3600, **more: Any) -> dict[str, Any]:
    """Metadata of an object that is `age` seconds old."""
    return {
        "name": name,
        "namespace": namespace,
        "uid": f"u-{name}",
        "creationTimestamp": at(-age),
        "generation": 1,
        **more,
    }


def owned_by(kind: str, name: str) -> list[dict[str, Any]]:
    """`ownerReferences` of what `kind` controls."""
    return [{"kind": kind, "name": name, "uid": f"u-{name}", "controller": True}]


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    """State of a container that waits."""
    return {"waiting": {"reason": reason, "message": message}}


def ended(
    code: int, reason: str, *, ago: float = 60, ran: float | None = None, message: str = ""
) -> dict[str, Any]:
    """State of a container that ended `ago` seconds ago, after it had run for `ran`."""
    times = {"finishedAt": at(-ago)} if ran is None else {"startedAt": at(-ago - ran), "finishedAt": at(-ago)}
    return {"terminated": {"exitCode": code, "reason": reason, "message": message, **times}}


def started(ago: float) -> dict[str, Any]:
    """State of a container that runs for `ago` seconds."""
    return {"running": {"startedAt": at(-ago)}}


def container(
    state: dict[str, Any], *, ready: bool = False, restarts: int = 0, last: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A container's status."""
    return {"name": "web", "ready": ready, "restartCount": restarts, "state": state, "lastState": last or {}}


def pod(
    *containers: dict[str, Any],
    phase: str = "Running",
    name: str = "web-7d4b9c6f5-x2x4z",
    age: float = 3600,
    node: str = "n1",
    owner: tuple[str, str] = ("ReplicaSet", "web-7d4b9c6f5"),
    init: dict[str, Any] | None = None,
    deleting: bool = False,
    cluster: str = "eu",
    **status: Any,
) -> Row:
    """A pod's row, made by its own projection."""
    more: dict[str, Any] = {"deletionTimestamp": at(0)} if deleting else {}
    spec: dict[str, Any] = {"nodeName": node, "containers": [{"name": "web"} for _ in containers or (1,)]}
    if init is not None:
        spec["initContainers"] = [{"name": "web"}]
        status["initContainerStatuses"] = [init]
    obj = {
        "metadata": meta(name, age=age, ownerReferences=owned_by(*owner), **more),
        "spec": spec,
        "status": {"phase": phase, "containerStatuses": list(containers), **status},
    }
    return project(POD, cluster, [obj])[0]
