"""What becomes of a workload's pods when its template changes: how many there are meanwhile. Pure."""

from __future__ import annotations

import math
from typing import NamedTuple

from kurator_tui.actions.plan import Obj
from kurator_tui.actions.templates import number
from kurator_tui.kinds.shapes import at

WORKLOADS = ("deployments.apps", "statefulsets.apps", "daemonsets.apps", "replicasets.apps")


class Roll(NamedTuple):
    """`low` to `high` pods are there while it rolls; `pods` are replaced by themselves."""

    pods: int
    low: int
    high: int
    text: str
    level: str = "info"


def pods_of(kind: str, obj: Obj) -> int:
    """How many pods a workload wants."""
    if kind == "daemonsets.apps":
        return number(at(obj, "status", "desiredNumberScheduled"), 0)
    return number(at(obj, "spec", "replicas"))


def rolled(kind: str, obj: Obj) -> Roll | None:
    """What a new template of a workload does; None where it does nothing to pods."""
    pods = pods_of(kind, obj)
    if kind == "replicasets.apps" or not pods:
        return None
    if at(obj, "spec", "paused") is True:
        return Roll(0, pods, pods, "it is paused: nothing rolls until it is resumed", "warning")
    if at(obj, "spec", "updateStrategy", "type") == "OnDelete":
        said = "pods keep running as they are until each is deleted: its strategy is OnDelete"
        return Roll(0, pods, pods, said, "warning")
    if at(obj, "spec", "strategy", "type") == "Recreate":
        said = f"all {pods} pods end before new ones start: its strategy is Recreate"
        return Roll(pods, 0, pods, said, "warning")
    return _ordinals(pods, obj) if kind == "statefulsets.apps" else _surging(kind, pods, obj)


def _ordinals(pods: int, obj: Obj) -> Roll:
    way = ("spec", "updateStrategy", "rollingUpdate")
    partition = at(obj, *way, "partition")
    count = max(0, pods - (partition if isinstance(partition, int) else 0))
    if not count:
        return Roll(0, pods, pods, f"no pod is replaced: partition {partition} spares all {pods}", "warning")
    away = max(1, _share(at(obj, *way, "maxUnavailable"), pods, 1))
    some = f"{count} of {pods} pods are" if count < pods else f"{pods} pods are" if pods > 1 else "its pod is"
    how = "one after the other, the last first" if away == 1 else f"{away} at a time, the last first"
    return Roll(count, max(0, pods - away), pods, f"{some} replaced{f', {how}' if count > 1 else ''}")


def _surging(kind: str, pods: int, obj: Obj) -> Roll:
    daemon = kind == "daemonsets.apps"
    way = ("spec", "updateStrategy" if daemon else "strategy", "rollingUpdate")
    surge = _share(at(obj, *way, "maxSurge"), pods, 0 if daemon else "25%", up=True)
    away = _share(at(obj, *way, "maxUnavailable"), pods, 1 if daemon else "25%", up=daemon)
    if not surge and not away:
        away = 1
    low, high = max(0, pods - away), pods + surge
    what = f"{pods} pods are replaced" if pods > 1 else "its pod is replaced"
    level = "warning" if not low else "info"
    return Roll(pods, low, high, f"{what}: {low} to {high} of them while it rolls", level)


def _share(value: object, pods: int, default: int | str, *, up: bool = False) -> int:
    """`maxSurge` is rounded up, `maxUnavailable` of a Deployment down."""
    said = default if value is None else value
    if isinstance(said, int) and not isinstance(said, bool):
        return said
    share = str(said).removesuffix("%")
    part = int(share) * pods / 100 if share.isdecimal() else 0.0
    return math.ceil(part) if up else math.floor(part)
