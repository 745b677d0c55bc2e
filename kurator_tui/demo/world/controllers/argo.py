"""Argo Rollouts on one member: a Rollout takes its canary steps when its Deployment has a new template.

Steps, messages and status are those of Argo Rollouts 1.6 without traffic routing: weights are shares of replicas.
A pause without a duration, `spec.paused` and an aborted Rollout wait for somebody.
"""

import re
from typing import Any

from kurator_tui.demo.apiserver.changes import StorageEvent
from kurator_tui.demo.world import flaggered
from kurator_tui.demo.world.clock import WorkQueue
from kurator_tui.demo.world.controllers import common

Obj = dict[str, Any]

ROLLOUTS = "rollouts.argoproj.io"
DEPLOYMENTS = "deployments.apps"
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_NOTICED, _SCALED = 2.0, 6.0
"""World seconds until a new template is seen, and until pods of a weight are there."""


class ArgoRollouts:
    """Moves the Rollouts of one cluster."""

    def __init__(self, around: common.Surroundings) -> None:
        self._cluster = around.cluster
        self._record = around.record
        self._templates: dict[common.Key, str] = {}
        """Hash of the template that a Rollout has or goes to."""
        self.queue = WorkQueue(around.cluster.timeline, self._turn)
        for rollout in around.cluster.all_of(ROLLOUTS):
            key = common.key_of(rollout)
            self._templates[key] = self._wanted(rollout)
            self.queue.add(key, _pause(_step(rollout)) or 0.0)
        around.cluster.watch(DEPLOYMENTS, self._deployment_changed)
        around.cluster.watch(ROLLOUTS, self._rollout_changed)

    def _deployment_changed(self, event: StorageEvent) -> None:
        namespace, name = common.key_of(event.obj)
        template = flaggered.spec_hash(event.obj["spec"]["template"])
        for key, known in self._templates.items():
            if key[0] == namespace and known != template and event.type != "DELETED":
                rollout = self._cluster.find(ROLLOUTS, *key)
                if rollout is not None and _reference(rollout) == name:
                    self.queue.add(key, _NOTICED)

    def _rollout_changed(self, event: StorageEvent) -> None:
        """Somebody made, promoted, paused or resumed it; our own writes come at their own time."""
        old = event.old_obj or {}
        if event.type == "ADDED" or (event.type == "MODIFIED" and old.get("spec") != event.obj.get("spec")):
            self.queue.add(common.key_of(event.obj), _NOTICED)

    def _wanted(self, rollout: Obj) -> str:
        """Hash of the template that its Deployment has; "" without one."""
        found = self._cluster.find(DEPLOYMENTS, str(rollout["metadata"]["namespace"]), _reference(rollout))
        return flaggered.spec_hash(found["spec"]["template"]) if found else ""

    def _turn(self, key: common.Key) -> float | None:
        """One step; seconds until the next, None while it waits for somebody."""
        rollout = self._cluster.find(ROLLOUTS, *key)
        if rollout is None or rollout["metadata"].get("deletionTimestamp"):
            return None
        wanted = self._wanted(rollout)
        if wanted and self._templates.get(key) != wanted:
            self._templates[key] = wanted
            return self._begin(rollout, wanted)
        status = rollout.get("status") or {}
        held = (rollout.get("spec") or {}).get("paused") is True or status.get("abort") is True
        if held or status.get("phase") not in ("Progressing", "Paused"):
            return None
        step = _step(rollout)
        if step is not None and "pause" in step and _pause(step) is None:
            return None
        return self._advance(rollout, int(status.get("currentStepIndex") or 0) + 1)

    def _begin(self, rollout: Obj, template: str) -> float:
        self._record(rollout, "RolloutUpdated", "Rollout updated to a new revision", source="rollouts-controller")
        started = {**(rollout.get("status") or {}), "currentPodHash": template[:10], "abort": False}
        return self._reach({**rollout, "status": started}, 0)

    def _advance(self, rollout: Obj, index: int) -> float | None:
        steps = _steps(rollout)
        if index < len(steps):
            said = f"Rollout step {index}/{len(steps)} completed"
            self._record(rollout, "RolloutStepCompleted", said, source="rollouts-controller")
            return self._reach(rollout, index)
        self._record(rollout, "RolloutCompleted", "Rollout completed update", source="rollouts-controller")
        hash_ = (rollout.get("status") or {}).get("currentPodHash")
        more = {"stableRS": hash_, "updatedReplicas": common.replicas_of(rollout)}
        self._write(rollout, len(steps), "Healthy", "", more)
        return None

    def _reach(self, rollout: Obj, index: int) -> float:
        """Begin the step of this number; seconds until it is done."""
        step = _steps(rollout)[index] if _steps(rollout) else {}
        if "pause" in step:
            self._write(rollout, index, "Paused", "CanaryPauseStep", {})
            return _pause(step) or _SCALED
        count = common.replicas_of(rollout)
        share = -(-count * int(step.get("setWeight") or 0) // 100)
        said = "more replicas need to be updated"
        self._write(rollout, index, "Progressing", said, {"updatedReplicas": share, "pauseConditions": None})
        return _SCALED

    def _write(self, rollout: Obj, index: int, phase: str, message: str, more: Obj) -> None:
        now, count = self._cluster.clock.stamp(), common.replicas_of(rollout)
        waits = [{"reason": message, "startTime": now}] if phase == "Paused" else None
        status = {
            **(rollout.get("status") or {}),
            "phase": phase,
            "message": message,
            "currentStepIndex": index,
            "replicas": count,
            "readyReplicas": count,
            "availableReplicas": count,
            "pauseConditions": waits,
            "conditions": _conditions(phase, now),
            **more,
        }
        found = {key: value for key, value in status.items() if value is not None}
        self._cluster.set_status(ROLLOUTS, rollout, found)


def _conditions(phase: str, now: str) -> list[Obj]:
    states = {
        "Paused": ("Unknown", "RolloutPaused", "Rollout is paused"),
        "Progressing": ("True", "ReplicaSetUpdated", "ReplicaSet is progressing."),
        "Healthy": ("True", "NewReplicaSetAvailable", "ReplicaSet has successfully progressed."),
    }
    status, reason, message = states[phase]
    return [
        {
            "type": "Available",
            "status": "True",
            "reason": "AvailableReason",
            "message": "Rollout has minimum availability",
            "lastTransitionTime": now,
            "lastUpdateTime": now,
        },
        {
            "type": "Progressing",
            "status": status,
            "reason": reason,
            "message": message,
            "lastTransitionTime": now,
            "lastUpdateTime": now,
        },
    ]


def _reference(rollout: Obj) -> str:
    """Name of the Deployment whose template it has."""
    return str(((rollout.get("spec") or {}).get("workloadRef") or {}).get("name") or "")


def _steps(rollout: Obj) -> list[Obj]:
    canary = ((rollout.get("spec") or {}).get("strategy") or {}).get("canary") or {}
    return [step for step in canary.get("steps") or () if isinstance(step, dict)]


def _step(rollout: Obj) -> Obj | None:
    """The step it is at."""
    index, steps = int((rollout.get("status") or {}).get("currentStepIndex") or 0), _steps(rollout)
    return steps[index] if index < len(steps) else None


def _pause(step: Obj | None) -> float | None:
    """Seconds of a pause; None for one without a duration, and for what is none."""
    duration = ((step or {}).get("pause") or {}).get("duration")
    found = re.fullmatch(r"(\d+)([smh]?)", str(duration))
    return float(found[1]) * _UNITS.get(found[2], 1.0) if found else None
