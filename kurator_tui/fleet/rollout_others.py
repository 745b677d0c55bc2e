"""Rollouts that Flagger does not move, as the fields of a `RolloutRow`: Flux alone, Argo Rollouts, Deployments.

Pure. Their phases are told in Flagger's words, so that one board can count them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kurator_tui.fleet.application_plan import FluxRow, text
from kurator_tui.fleet.flux_state import applied_at, flux_health, revisions, transition
from kurator_tui.fleet.rollout_canary import LONGEST
from kurator_tui.fleet.rollout_pace import whole
from kurator_tui.kinds.argo import ROLLOUT
from kurator_tui.kinds.base import Health, Level
from kurator_tui.kinds.deployments import DEADLINE_EXCEEDED, DeploymentRow, deployment_health, unfinished
from kurator_tui.kinds.meta import one_line
from kurator_tui.kinds.rollouts import Strategy
from kurator_tui.kinds.table import ObjectRow, object_health, part

_FLUX_PHASES = {Level.HEALTHY: "Succeeded", Level.PROGRESSING: "Progressing", Level.FAILED: "Failed"}
_ARGO_PHASES = {"Healthy": "Succeeded", "Progressing": "Progressing", "Paused": "Waiting", "Degraded": "Failed"}


# -- Flux -------------------------------------------------------------------------------------------------------


def sync_fields(flux: FluxRow | None, source: str, workloads: Iterable[DeploymentRow]) -> dict[str, Any]:
    """Of a policy without a rollout block: Flux applies it, and Deployments replace their pods."""
    before, after = revisions(flux, source)
    found: dict[str, Any] = {
        "strategy": str(Strategy.SYNC),
        "revision_before": before,
        "revision_after": after,
    }
    if flux is None:
        return found | {"level": Level.PROGRESSING, "reason": "Kurator has made no Flux object for it"}
    health, workloads = flux_health(flux), tuple(workloads)
    phase = _FLUX_PHASES.get(health.level, "")
    rolling = [(row, deployment_health(row)) for row in workloads if unfinished(row)]
    suspended = health.reason == "suspended"
    if phase == "Succeeded" and before != after and suspended:
        phase = "Waiting"
    elif phase == "Succeeded" and before != after:
        phase, health = "Progressing", Health(Level.PROGRESSING, f"revision {after[:LONGEST]} is not applied yet")
    elif phase == "Succeeded" and rolling:
        row, health = next((each for each in rolling if each[1].level is Level.FAILED), rolling[0])
        phase = "Failed" if health.level is Level.FAILED else "Progressing"
        health = Health(health.level, f"{row.name}: {health.reason}")
    if workloads:
        found["primary_pods"] = (sum(row.ready for row in workloads), sum(row.desired for row in workloads))
    return found | {
        "phase": phase,
        "level": health.level,
        "reason": health.reason[:LONGEST],
        "suspended": suspended,
        "since": applied_at(flux),
        "applied": applied_at(flux),
    }


# -- Argo Rollouts ----------------------------------------------------------------------------------------------


def argo_fields(row: ObjectRow) -> dict[str, Any]:
    """Of an Argo Rollout."""
    status, steps = part(ROLLOUT, row, "status") or {}, part(ROLLOUT, row, "steps") or []
    health, word = object_health(row), text(status.get("phase"))
    phase = "Failed" if status.get("abort") is True else _ARGO_PHASES.get(word, word)
    at = min(whole(status.get("currentStepIndex")), len(steps))
    weights = [whole(each) for each in steps if each is not None]
    passed = [whole(each) for each in steps[:at] if each is not None]
    weight = part(ROLLOUT, row, "weight")
    blue = part(ROLLOUT, row, "blue") is True
    images = part(ROLLOUT, row, "images")
    wanted = part(ROLLOUT, row, "replicas")
    changed = part(ROLLOUT, row, "progressing")
    return {
        "level": health.level,
        "reason": health.reason[:LONGEST],
        "strategy": str(Strategy.BLUE_GREEN if blue else Strategy.CANARY),
        "target": f"Rollout/{row.name}",
        "phase": phase,
        "weight": None if blue else whole(weight) if weight is not None else (passed or [0])[-1],
        "weight_target": 100,
        "steps": tuple(weights),
        "iteration": at,
        "iterations": len(steps),
        "since": transition(changed),
        "image_after": next((each for each in images or () if isinstance(each, str)), ""),
        "suspended": part(ROLLOUT, row, "paused") is True,
        "primary_pods": (whole(status.get("readyReplicas")), whole(wanted, 1) if wanted is not None else 1),
        "canary_pods": None if phase == "Succeeded" else _updated(status),
    }


def _updated(status: Mapping[str, Any]) -> tuple[int, int]:
    updated = whole(status.get("updatedReplicas"))
    return min(updated, whole(status.get("availableReplicas"))), updated


# -- Deployments ------------------------------------------------------------------------------------------------


def is_rolling(row: DeploymentRow) -> bool:
    """Whether a Deployment replaces its pods now; replicas lost afterwards are no rollout."""
    return not row.deleting and not row.rolled_out and bool(unfinished(row)) and bool(row.desired)


def deployment_fields(row: DeploymentRow) -> dict[str, Any]:
    """Of a Deployment that replaces its pods."""
    health = deployment_health(row)
    failed = health.level is Level.FAILED or row.reason == DEADLINE_EXCEEDED
    return {
        "level": health.level,
        "reason": one_line(health.reason)[:LONGEST],
        "strategy": str(Strategy.ROLLING),
        "target": f"Deployment/{row.name}",
        "phase": "Failed" if failed else "Progressing",
        "weight": min(100, 100 * row.updated // row.desired) if row.desired > 0 else 0,
        "weight_target": 100,
        "since": row.progressed,
        "image_after": (row.images or ("",))[0],
        "suspended": row.paused,
        "primary_pods": (row.ready, row.desired),
    }
