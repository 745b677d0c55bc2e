"""Argo: Application, ApplicationSet, AppProject of Argo CD; Rollout and AnalysisRun of Argo Rollouts."""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds.base import SEVERITY, Format, Health, Level
from kurator_tui.kinds.judge import by_type, conditions, judge, phase
from kurator_tui.kinds.table import Part, cell, table

GROUP = "argoproj.io"

# -- Argo CD ----------------------------------------------------------------------------------------------------

_WORDS = phase(
    "status.health.status",
    healthy=("Healthy",),
    progressing=("Progressing",),
    degraded=("Degraded", "Missing"),
    reason="status.health.message",
)
_ERRORS = ("ComparisonError", "InvalidSpecError", "SyncError", "DeletionError", "UnknownError")
_SYNC_FAILED = ("Failed", "Error")


def _texts(found: Any) -> list[str]:
    return [each for each in found or () if isinstance(each, str) and each]


@judge(
    "status.health.status",
    "status.health.message",
    "status.sync.status",
    "status.operationState.phase",
    "status.operationState.message",
    "status.conditions[*]",
    "spec.syncPolicy.automated",
    says="failed when the last sync failed or a condition is an error; `status.health.status` in its own words, "
    "Suspended is healthy; OutOfSync is degraded, or progressing where syncs are automated",
)
def _application(
    word: Any, message: Any, sync: Any, operation: Any, told: Any, found: Any, automated: Any
) -> Health:
    for each in found or ():
        if each.get("type") in _ERRORS:
            return Health(Level.FAILED, f"{each['type']}: {each.get('message') or ''}".removesuffix(": "))
    if operation in _SYNC_FAILED and sync != "Synced":
        return Health(Level.FAILED, str(told or f"sync {operation}"))
    health = Health(Level.HEALTHY, "Suspended") if word == "Suspended" else _WORDS.read(word, message)
    if SEVERITY[health.level] >= SEVERITY[Level.DEGRADED]:
        return health
    if sync == "OutOfSync":
        busy = automated is not None or operation == "Running"
        return Health(Level.PROGRESSING if busy else Level.DEGRADED, "OutOfSync")
    if operation == "Running" and health.level is Level.HEALTHY:
        return Health(Level.PROGRESSING, "syncing")
    return Health(Level.UNKNOWN, "sync status is unknown") if sync == "Unknown" else health


def _destination(name: Any, server: Any, namespace: Any) -> str:
    return "/".join(str(part) for part in (name or server, namespace) if part)


def _short(one: Any, many: Any) -> str:
    """Commits as Git shortens them; chart versions as they are."""
    found = _texts([one]) or _texts(many)
    return ",".join(each[:8] if len(each) == 40 else each for each in found)


APPLICATION = table(
    f"applications.{GROUP}",
    "Application",
    ("v1alpha1",),
    cell("sync", "status.sync.status"),
    cell("status", "status.health.status"),
    cell(
        "destination",
        *(f"spec.destination.{key}" for key in ("name", "server", "namespace")),
        read=_destination,
        width=50,
    ),
    cell("project", "spec.project", priority=4),
    cell("revision", "status.sync.revision", "status.sync.revisions", read=_short),
    cell("synced", "status.operationState.finishedAt", format=Format.AGE, title="LAST SYNC", priority=4),
    cell("repository", "spec.source.repoURL", "spec.sources[*].repoURL", priority=5, width=60),
    cell("path", "spec.source.path", "spec.source.chart", "spec.sources[*].path", wide=True, width=40),
    cell(
        "target",
        "spec.source.targetRevision",
        "spec.sources[*].targetRevision",
        title="TARGET REVISION",
        wide=True,
    ),
    cell(
        "out_of_sync",
        'status.resources[?(@.status=="OutOfSync")].name',
        format=Format.COUNT,
        title="OUT OF SYNC",
        wide=True,
    ),
    cell("automated", "spec.syncPolicy.automated", read=lambda policy: policy is not None, wide=True),
    cell("reconciled", "status.reconciledAt", format=Format.AGE, wide=True),
    health=_application,
    short_names=("app", "apps"),
)

APPLICATION_SET = table(
    f"applicationsets.{GROUP}",
    "ApplicationSet",
    ("v1alpha1",),
    cell("applications", "status.resources[*].name", format=Format.COUNT),
    cell("project", "spec.template.spec.project"),
    cell("repository", "spec.template.spec.source.repoURL", priority=5, width=60),
    health=conditions("ResourcesUpToDate", bad=("ErrorOccurred",)),
    short_names=("appset", "appsets"),
)

APP_PROJECT = table(
    f"appprojects.{GROUP}",
    "AppProject",
    ("v1alpha1",),
    cell("description", "spec.description", width=60),
    cell("destinations", "spec.destinations", format=Format.COUNT),
    cell("repositories", "spec.sourceRepos", width=60, priority=5),
    short_names=("appproj", "appprojs"),
)

# -- Argo Rollouts ----------------------------------------------------------------------------------------------

_ROLLOUT = phase(
    "status.phase",
    healthy=("Healthy",),
    progressing=("Progressing", "Paused"),
    failed=("Degraded",),
    reason="status.message",
)


@judge(
    "status.phase",
    "status.message",
    "status.abort",
    "status.readyReplicas",
    "spec.paused",
    says=f"{_ROLLOUT.says}; with ready pods, or aborted: degraded; paused by `spec.paused`: healthy",
)
def _rollout(word: Any, message: Any, aborted: Any, ready: Any, paused: Any) -> Health:
    found = _ROLLOUT.read(word, message)
    if aborted is True or (found.level is Level.FAILED and ready):
        return Health(Level.DEGRADED, found.reason or "aborted")
    return Health(Level.HEALTHY, "paused") if paused is True and found.level is not Level.FAILED else found


def _strategy(canary: Any, blue: Any) -> str:
    return "canary" if canary is not None else "blueGreen" if blue is not None else ""


def _of(done: Any, wanted: Any) -> str:
    return f"{done or 0}/{wanted}" if wanted is not None else ""


_PROGRESS = (
    *("phase", "message", "abort", "currentStepIndex", "currentPodHash", "stableRS", "readyReplicas"),
    *("updatedReplicas", "replicas", "availableReplicas"),
)


def _steps(steps: Any) -> list[Any]:
    """Of each step its weight, None for those that set none."""
    return [each.get("setWeight") if isinstance(each, dict) else None for each in steps or ()]


ROLLOUT = table(
    f"rollouts.{GROUP}",
    "Rollout",
    ("v1alpha1",),
    cell("phase", "status.phase"),
    cell("strategy", "spec.strategy.canary", "spec.strategy.blueGreen", read=_strategy),
    cell(
        "step",
        "status.currentStepIndex",
        "spec.strategy.canary.steps",
        read=lambda at, steps: _of(at, len(steps) if steps else None),
    ),
    cell("weight", "status.canary.weights.canary.weight", format=Format.COUNT),
    cell(
        "ready",
        "status.readyReplicas",
        "spec.replicas",
        read=lambda ready, want: _of(ready, 1 if want is None else want),
    ),
    cell("updated", "status.updatedReplicas", format=Format.COUNT, title="UP-TO-DATE"),
    cell("available", "status.availableReplicas", format=Format.COUNT, priority=5),
    cell("images", "spec.template.spec.containers[*].image", priority=5, width=60),
    cell("pauses", "status.pauseConditions[*].reason", title="PAUSED FOR", wide=True),
    health=_rollout,
    short_names=("ro",),
    parts={
        "steps": Part(("spec.strategy.canary.steps",), _steps),
        "status": Part(
            tuple(f"status.{key}" for key in _PROGRESS), lambda *values: dict(zip(_PROGRESS, values, strict=True))
        ),
        "weight": "status.canary.weights.canary.weight",
        "replicas": "spec.replicas",
        "images": "spec.template.spec.containers[*].image",
        "paused": "spec.paused",
        "blue": Part(("spec.strategy.blueGreen",), lambda found: found is not None),
        "progressing": Part(("status.conditions[*]",), lambda told: by_type(told).get("Progressing")),
    },
)

ANALYSIS_RUN = table(
    f"analysisruns.{GROUP}",
    "AnalysisRun",
    ("v1alpha1",),
    cell("phase", "status.phase"),
    cell("metrics", "spec.metrics[*].name", width=40),
    cell("successful", "status.runSummary.successful", format=Format.COUNT),
    cell("failed", "status.runSummary.failed", format=Format.COUNT),
    cell("inconclusive", "status.runSummary.inconclusive", format=Format.COUNT, priority=5),
    cell("errors", "status.runSummary.error", format=Format.COUNT, priority=5),
    cell("started", "status.startedAt", format=Format.AGE, wide=True),
    health=phase(
        "status.phase",
        healthy=("Successful",),
        progressing=("Pending", "Running"),
        degraded=("Inconclusive",),
        failed=("Failed", "Error"),
        reason="status.message",
        none=Health(Level.PROGRESSING, "not started"),
    ),
    short_names=("ar",),
)

KINDS = (APPLICATION, APPLICATION_SET, APP_PROJECT, ROLLOUT, ANALYSIS_RUN)
