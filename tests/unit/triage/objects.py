"""Objects as servers send them, for tests of analysers: only what rules read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from kurator_tui.kinds.base import AnyKind, Row
from tests.unit.triage.stage import NOW, project

Obj = dict[str, Any]


def stamp(ago: float = 0.0) -> str:
    """The moment so many seconds before the stage's time."""
    return datetime.fromtimestamp(NOW - ago, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def made(name: str, namespace: str = "shop", *, age: float = 3600.0, owner: str = "", **rest: Any) -> Obj:
    """An object; `owner` is its controller's `Kind/name`; `meta` adds to its metadata."""
    kind, _, owned = owner.partition("/")
    meta: Obj = {
        "name": name,
        "uid": f"u-{namespace}-{name}",
        "creationTimestamp": stamp(age),
        **({"namespace": namespace} if namespace else {}),
        **rest.pop("meta", {}),
    }
    if owner:
        meta["ownerReferences"] = [{"kind": kind, "name": owned, "uid": "u-owner", "controller": True}]
    return {"metadata": meta, **rest}


def row(kind: AnyKind, obj: Obj, cluster: str = "eu") -> Row:
    """The row of one object."""
    (found,) = project(kind, cluster, [obj])
    return found


def condition(kind: str, status: str, reason: str = "", message: str = "", **more: Any) -> Obj:
    """One condition."""
    return {"type": kind, "status": status, "reason": reason, "message": message, **more}
