"""What Kurator does on fleets: Application, Pipeline; and CustomMachine.

Several of these never get the phase that their CRD declares: it is derived here from what each cluster reports.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from kurator_tui.kinds.base import HEALTHY, SEVERITY, Format, Health, Level
from kurator_tui.kinds.judge import because, by_type, judge, of_cluster, phase, worst_of
from kurator_tui.kinds.table import Part, cell, table

_SOURCES = ("gitRepository", "helmRepository", "ociRepository")


def _dicts(found: Any) -> list[Mapping[str, Any]]:
    """The items of a list that are objects."""
    return [each for each in found or () if isinstance(each, Mapping)] if isinstance(found, list) else []


def _at(found: Any, *keys: str) -> Any:
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _each_once(*lists: Any) -> list[Any]:
    """Texts of several texts and lists, each one once."""
    flat = [value for found in lists for value in (found if isinstance(found, list) else [found])]
    return list(dict.fromkeys(value for value in flat if isinstance(value, str) and value))


# -- Application ------------------------------------------------------------------------------------------------

_ROLLOUT = phase(
    "phase",
    healthy=("Initialized", "Succeeded"),
    progressing=(
        *("Initializing", "Waiting", "WaitingPromotion", "Progressing", "Promoting", "Finalising"),
        *("Terminating", "Terminated"),
    ),
    failed=("Failed",),
    none=Health(Level.PROGRESSING, "Initializing"),
)


def _rolled_out(found: Any) -> Iterable[Health]:
    """Verdicts of `rolloutStatus`, the one part of `syncStatus` that is each cluster's own."""
    for each in _dicts(found):
        verdict = _ROLLOUT.read(_at(each, "rolloutStatusInCluster", "phase"))
        if verdict.level is not Level.HEALTHY:
            reason = f"rollout {_at(each, 'rolloutNameInCluster') or ''} {verdict.reason}".replace("  ", " ")
            yield of_cluster(_at(each, "clusterName"), Health(verdict.level, reason))


def _ready(told: Any, where: str, level: Level) -> Health:
    """The condition Ready of a Flux object; `level` is what False means."""
    found = by_type(told).get("Ready")
    if found is None or found.get("status") == "True":
        return HEALTHY
    word = because(found) or "not Ready"
    return Health(level if found.get("status") == "False" else Level.PROGRESSING, f"{where}{word}")


@judge(
    *(f"status.sourceStatus.{key}.conditions" for key in ("gitRepoStatus", "helmRepoStatus", "ociRepoStatus")),
    "status.syncStatus[*].name",
    "status.syncStatus[*].kustomizationStatus.conditions",
    "status.syncStatus[*].HelmReleaseStatus.conditions",
    "status.syncStatus[*].rolloutStatus",
    *(f"spec.source.{key}.suspend" for key in _SOURCES),
    says="the source's Ready and the rollouts decide. Flux statuses of several targets all repeat the last one's: "
    "a failure there is degraded, failed where there is one target only. A suspended source is healthy",
)
def _application(
    git: Any, helm: Any, oci: Any, names: Any, kustomized: Any, released: Any, rolled: Any, *off: Any
) -> Health:
    sources = [told for told in (git, helm, oci) if told]
    if not sources and not names:
        return Health(Level.UNKNOWN, "no status yet")
    blame = Level.DEGRADED if len(names or ()) > 1 else Level.FAILED
    found = [_ready(told, "source: ", Level.FAILED) for told in sources]
    found += [_ready(told, "", blame) for told in [*(kustomized or ()), *(released or ())]]
    verdict = worst_of([*found, *_rolled_out(rolled)])
    if any(flag is True for flag in off) and SEVERITY[verdict.level] < SEVERITY[Level.DEGRADED]:
        return Health(Level.HEALTHY, "source suspended")
    return verdict


def _source(*found: Any) -> str:
    return next((key for key, each in zip(_SOURCES, found, strict=True) if each), "")


def _phases(found: Any) -> str:
    """`2 Progressing, 1 Failed` of rollouts."""
    counted = Counter(
        str(_at(each, "rolloutStatusInCluster", "phase") or "Initializing") for each in _dicts(found)
    )
    return ", ".join(f"{number} {word}" for word, number in counted.most_common())


_ROLLOUT_BLOCK = ("trafficRoutingProvider", "serviceName", "workload")


def _target(destination: Any) -> dict[str, Any] | None:
    """Fleet and labels of a destination; None without one."""
    labels = _at(destination, "clusterSelector", "matchLabels")
    return {"fleet": _at(destination, "fleet"), "labels": labels} if isinstance(destination, Mapping) else None


def _lacks(rollout: Mapping[str, Any]) -> list[str]:
    """Optional fields that the controller reads without looking whether they are there."""
    policy = rollout.get("rolloutPolicy")
    analysis, routing = _at(policy, "trafficAnalysis"), _at(policy, "trafficRouting")
    found = [] if isinstance(routing, Mapping) else ["trafficRouting"]
    if not isinstance(analysis, Mapping):
        return [*found, "trafficAnalysis"]
    metrics = _dicts(analysis.get("metrics"))
    bare = [each.get("name") for each in metrics if not each.get("intervalSeconds")]
    found += [f"metrics[{name}].intervalSeconds" for name in bare]
    hooks = analysis.get("webhooks")
    if _at(hooks, "command") and not _at(hooks, "timeoutSeconds"):
        found.append("webhooks.timeoutSeconds")
    return found


def _policy(found: Mapping[str, Any]) -> dict[str, Any]:
    """Name, way, destination and rollout block of one sync policy; its values and patches are not kept."""
    rollout = found.get("rollout")
    block: dict[str, Any] | None = None
    if isinstance(rollout, Mapping):
        block = {key: rollout.get(key) for key in _ROLLOUT_BLOCK} | {"lacks": _lacks(rollout)}
    return {
        "name": found.get("name"),
        "way": "helm" if found.get("helm") else "kustomization",
        "destination": _target(found.get("destination")),
        "rollout": block,
    }


def _copies(synced: Any) -> list[dict[str, Any]]:
    """What the Application last saw of each cluster's Canary: fresh only while every cluster answers."""
    keys = ("phase", "canaryWeight", "iterations", "failedChecks", "lastTransitionTime")
    return [
        {
            "cluster": _at(each, "rolloutStatus", "clusterName"),
            "canary": _at(each, "rolloutStatus", "rolloutNameInCluster"),
            "status": {key: _at(each, "rolloutStatus", "rolloutStatusInCluster", key) for key in keys},
        }
        for each in _dicts(synced)
        if isinstance(each.get("rolloutStatus"), Mapping)
    ]


APPLICATION = table(
    "applications.apps.kurator.dev",
    "Application",
    ("v1alpha1",),
    cell("fleet", "spec.destination.fleet", "spec.syncPolicies[*].destination.fleet", read=_each_once),
    cell("targets", "status.syncStatus[*].name", format=Format.COUNT),
    cell("rollouts", "status.syncStatus[*].rolloutStatus", read=_phases, width=40),
    cell(
        "revision",
        *(f"status.sourceStatus.{key}.artifact.revision" for key in ("gitRepoStatus", "helmRepoStatus")),
        width=50,
    ),
    cell("url", *(f"spec.source.{key}.url" for key in _SOURCES), title="SOURCE", priority=5, width=60),
    cell("source_kind", *(f"spec.source.{key}.url" for key in _SOURCES), read=_source, wide=True),
    cell("policies", "spec.syncPolicies", format=Format.COUNT, priority=5),
    cell("suspended", *(f"spec.source.{key}.suspend" for key in _SOURCES), wide=True),
    health=_application,
    parts={
        "policies": Part(("spec.syncPolicies",), lambda found: [_policy(each) for each in _dicts(found)]),
        "destination": Part(("spec.destination",), _target),
        "copies": Part(("status.syncStatus",), _copies),
        "revision": Part(
            tuple(f"status.sourceStatus.{key}.artifact.revision" for key in ("gitRepoStatus", "helmRepoStatus")),
            lambda *found: next((each for each in found if each), None),
        ),
    },
)

# -- Pipeline, CustomMachine ------------------------------------------------------------------------------------


@judge(
    "status.eventListenerServiceName", says="healthy once its event listener exists: its executions have verdicts"
)
def _pipeline(listener: Any) -> Health:
    return HEALTHY if listener else Health(Level.PROGRESSING, "no event listener yet")


PIPELINE = table(
    "pipelines.pipeline.kurator.dev",
    "Pipeline",
    ("v1alpha1",),
    cell("tasks", "spec.tasks[*].name", width=60),
    cell("listener", "status.eventListenerServiceName"),
    cell("storage", "spec.sharedWorkspace.storageRequest", format=Format.BYTES, priority=5),
    cell("storage_class", "spec.sharedWorkspace.storageClassName", wide=True),
    cell("description", "spec.description", width=60, priority=5),
    health=_pipeline,
)


@judge("status.ready", says="`status.ready`, which says no more than that the Secret of the SSH key exists")
def _machine(ready: Any) -> Health:
    if ready is None:
        return Health(Level.UNKNOWN, "no status yet")
    return HEALTHY if ready is True else Health(Level.FAILED, "the Secret of the SSH key is missing")


def _hosts(found: Any) -> list[list[str]]:
    """[name, address] of each host, in the order in which kubespray takes them."""
    return [[str(each.get("hostName") or ""), str(each.get("privateIP") or "")] for each in _dicts(found)]


CUSTOM_MACHINE = table(
    "custommachines.infrastructure.cluster.x-k8s.io",
    "CustomMachine",
    ("v1alpha1",),
    cell("ready", "status.ready"),
    cell("masters", "spec.master", format=Format.COUNT),
    cell("nodes", "spec.node", format=Format.COUNT),
    cell("hosts", "spec.master[*].hostName", "spec.node[*].hostName", read=_each_once, width=60, priority=5),
    cell("addresses", "spec.master[*].publicIP", "spec.node[*].publicIP", read=_each_once, width=60, wide=True),
    health=_machine,
    parts={
        "masters": Part(("spec.master[*]",), _hosts),
        "workers": Part(("spec.node[*]",), _hosts),
        "finalizers": "metadata.finalizers",
    },
)

KINDS = (APPLICATION, PIPELINE, CUSTOM_MACHINE)
