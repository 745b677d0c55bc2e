"""What the series remember of the past of one cluster: pods that are gone, and how its canaries went.

Fed by the cluster's own watches, and bounded: the oldest is forgotten.
"""

from collections import deque
from typing import Any, NamedTuple

from kurator_tui.demo.apiserver.changes import StorageEvent
from kurator_tui.demo.world.cluster import SimCluster

Obj = dict[str, Any]

_PODS, _STEPS = 400, 400
_MOMENT = 1.0
"""Seconds within which nobody measures twice: only the last step counts."""


class Step(NamedTuple):
    """A canary from a time (seconds since 1970) on."""

    at: float
    phase: str
    weight: float


class Past:
    """Of one cluster."""

    def __init__(self, cluster: SimCluster) -> None:
        self._clock = cluster.clock
        self._pods: dict[str, tuple[Obj, float]] = {}
        self.canaries: dict[tuple[str, str], deque[Step]] = {}
        """By (namespace, name), the oldest step first."""
        cluster.watch("pods", self._on_pod)
        cluster.watch("canaries.flagger.app", self._on_canary)

    @property
    def pods(self) -> list[tuple[Obj, float]]:
        """Pods that are gone, and when they went (seconds since 1970)."""
        return list(self._pods.values())

    def _on_pod(self, event: StorageEvent) -> None:
        uid = str(event.obj["metadata"].get("uid", ""))
        self._pods.pop(uid, None)
        if event.type == "DELETED":
            self._pods[uid] = (event.obj, self._clock.wall())
            if len(self._pods) > _PODS:
                del self._pods[next(iter(self._pods))]

    def _on_canary(self, event: StorageEvent) -> None:
        meta, status = event.obj["metadata"], event.obj.get("status")
        key = (str(meta.get("namespace", "")), str(meta["name"]))
        if event.type == "DELETED":
            self.canaries.pop(key, None)
            return
        known = self.canaries.setdefault(key, deque(maxlen=_STEPS))
        weight = status.get("canaryWeight") if isinstance(status, dict) else 0
        phase = str(status.get("phase", "")) if isinstance(status, dict) else ""
        step = Step(self._clock.wall(), phase, float(weight) if isinstance(weight, int | float) else 0.0)
        if known and step.at - known[-1].at < _MOMENT:
            known.pop()
        if not known or known[-1][1:] != step[1:]:
            known.append(step)
