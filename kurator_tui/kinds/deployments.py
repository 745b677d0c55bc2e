"""Deployments: replica counts, and health by the rules of `kubectl rollout status`."""

from __future__ import annotations

import msgspec

from kurator_tui.kinds.base import HEALTHY, Column, Format, Health, Kind, Level, Row
from kurator_tui.kinds.meta import (
    Condition,
    Int32,
    Int64,
    ObjectMeta,
    Projection,
    condition,
    intern,
    label_pairs,
    unix,
)


class _Image(Projection):
    image: str | None = None


class _PodTemplateSpec(Projection):
    containers: list[_Image] | None = None


class _Template(Projection):
    spec: _PodTemplateSpec = msgspec.field(default_factory=_PodTemplateSpec)


class _DeploymentSpec(Projection):
    replicas: Int32 | None = None
    paused: bool | None = None
    template: _Template = msgspec.field(default_factory=_Template)


class _DeploymentStatus(Projection):
    observed_generation: Int64 | None = None
    replicas: Int32 | None = None
    updated_replicas: Int32 | None = None
    ready_replicas: Int32 | None = None
    available_replicas: Int32 | None = None
    unavailable_replicas: Int32 | None = None
    conditions: list[Condition] | None = None


class Deployment(Projection):
    metadata: ObjectMeta = msgspec.field(default_factory=ObjectMeta)
    spec: _DeploymentSpec = msgspec.field(default_factory=_DeploymentSpec)
    status: _DeploymentStatus = msgspec.field(default_factory=_DeploymentStatus)


class DeploymentRow(Row, frozen=True, gc=False, array_like=True):
    """Replica counts; `lag` is how many generations the controller has not seen yet.

    `reason` and `message` come from the condition that is wrong (a missed progress deadline, ReplicaFailure,
    Available=False), else from Progressing. `replicas` counts old and new ones. `rolled_out` says that the
    current template once became available.
    """

    desired: int = 1
    replicas: int = 0
    ready: int = 0
    updated: int = 0
    available: int = 0
    unavailable: int = 0
    paused: bool = False
    images: tuple[str, ...] = ()
    lag: int = 0
    rolled_out: bool = False
    reason: str = ""
    message: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    deleting: bool = False
    progressed: float = 0.0
    """Unix second at which it made progress last, or stopped to."""


DEADLINE_EXCEEDED = "ProgressDeadlineExceeded"


def _telling(conditions: list[Condition] | None) -> Condition:
    """The condition worth showing, worst first."""
    progressing = condition(conditions, "Progressing")
    failure = condition(conditions, "ReplicaFailure")
    available = condition(conditions, "Available")
    if progressing is not None and progressing.reason == DEADLINE_EXCEEDED:
        return progressing
    if failure is not None and failure.status == "True":
        return failure
    if available is not None and available.status == "False":
        return available
    return progressing or Condition()


def _deployment(cluster: str, obj: Deployment) -> DeploymentRow:
    meta, spec, status = obj.metadata, obj.spec, obj.status
    progressing, telling = condition(status.conditions, "Progressing"), _telling(status.conditions)
    return DeploymentRow(
        cluster=cluster,
        namespace=intern(meta.namespace),
        name=intern(meta.name),
        uid=meta.uid,
        created=unix(meta.creation_timestamp),
        desired=1 if spec.replicas is None else spec.replicas,
        replicas=status.replicas or 0,
        ready=status.ready_replicas or 0,
        updated=status.updated_replicas or 0,
        available=status.available_replicas or 0,
        unavailable=status.unavailable_replicas or 0,
        paused=bool(spec.paused),
        images=tuple(intern(c.image) for c in spec.template.spec.containers or () if c.image),
        lag=max(0, (meta.generation or 0) - (status.observed_generation or 0)),
        rolled_out=progressing is not None and progressing.reason == "NewReplicaSetAvailable",
        reason=intern(telling.reason),
        message=telling.message or "",
        labels=label_pairs(meta),
        deleting=bool(meta.deletion_timestamp),
        progressed=unix(progressing.last_update_time or progressing.last_transition_time) if progressing else 0.0,
    )


def unfinished(row: DeploymentRow) -> str:
    """What `kubectl rollout status` still waits for, "" when the rollout is complete."""
    if row.lag:
        return "spec update not observed yet"
    if row.updated < row.desired:
        return f"{row.updated} of {row.desired} new replicas updated"
    if row.replicas > row.updated:
        return f"{row.replicas - row.updated} old replicas pending termination"
    if row.available < row.updated:
        return f"{row.available} of {row.updated} updated replicas available"
    return ""


def deployment_health(row: DeploymentRow) -> Health:
    """The rules of `kubectl rollout status`; replicas lost after a finished rollout are a fault, not progress."""
    if row.deleting:
        return Health(Level.PROGRESSING, "Terminating")
    waiting = unfinished(row)
    if row.lag:
        return Health(Level.PROGRESSING, waiting)
    told = ": ".join(part for part in (row.reason, row.message) if part)
    if row.reason == DEADLINE_EXCEEDED:
        return Health(Level.FAILED, told)
    if not waiting:
        return HEALTHY
    if row.paused:
        return Health(Level.DEGRADED, f"paused: {waiting}")
    if row.rolled_out or row.reason == "FailedCreate":
        level = Level.FAILED if row.available == 0 else Level.DEGRADED
        return Health(level, told if row.reason == "FailedCreate" else waiting)
    return Health(Level.PROGRESSING, waiting)


def _level(row: DeploymentRow) -> Level:
    return deployment_health(row).level


DEPLOYMENT = Kind(
    id="deployments.apps",
    name="Deployment",
    group="apps",
    versions=("v1",),
    plural="deployments",
    short_names=("deploy", "deploys", "dp"),
    row=DeploymentRow,
    projection=Deployment,
    project=_deployment,
    health=deployment_health,
    columns=(
        Column("name", "NAME", lambda r: r.name, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=1),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=1),
        Column("health", "HEALTH", _level, Format.HEALTH, priority=0, level=_level),
        Column("ready", "READY", lambda r: f"{r.ready}/{r.desired}", priority=1),
        Column("updated", "UP-TO-DATE", lambda r: r.updated, Format.COUNT, priority=3),
        Column("available", "AVAILABLE", lambda r: r.available, Format.COUNT, priority=3),
        Column("images", "IMAGES", lambda r: " ".join(r.images), priority=5, width=60),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=2),
        Column("reason", "REASON", lambda r: deployment_health(r).reason, priority=4, width=80),
    ),
)

KINDS = (DEPLOYMENT,)
