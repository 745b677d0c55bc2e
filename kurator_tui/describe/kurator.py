"""Kurator's own: fleets, applications with what each cluster made of them, backups, restores, migrations."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kurator_tui.describe.common import tree
from kurator_tui.describe.parts import (
    Part,
    ago,
    each,
    grid,
    item,
    joined,
    pairs,
    part,
    present,
    reference,
    said_of,
)
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.shapes import Object, mapping, mappings, text

_SOURCES = (
    ("gitRepository", "gitRepoStatus"),
    ("helmRepository", "helmRepoStatus"),
    ("ociRepository", "ociRepoStatus"),
)
_WORDS = {
    **dict.fromkeys(("Succeeded", "Completed", "Initialized", "Ready", "True"), None),
    **dict.fromkeys(("Failed", "FailedValidation", "False"), Level.FAILED),
    "PartiallyFailed": Level.DEGRADED,
}


def _level(word: str) -> Level | None:
    return _WORDS.get(word, Level.PROGRESSING) if word else None


def fleet(found: Object, now: float) -> list[Part]:
    """Members and plugins."""
    spec, status = mapping(found.get("spec")), mapping(found.get("status"))
    members = [
        (said_of(one.get("kind")) or "Cluster", said_of(one.get("name"))) for one in mappings(spec.get("clusters"))
    ]
    phase = text(status.get("phase"))
    plugins = mapping(spec.get("plugin"))
    rows = [(str(name), ", ".join(map(str, mapping(value))) or said_of(value)) for name, value in plugins.items()]
    return present(
        [
            part(
                "Fleet",
                item("Phase", phase, _level(phase)),
                item("Ready clusters", status.get("readyClusters")),
                item("Unready clusters", status.get("unReadyClusters") or None, Level.DEGRADED),
                item("Reason", status.get("reason"), Level.DEGRADED),
                item("Message", status.get("message")),
                item("Credential", reference(status.get("credentialSecret"))),
            ),
            part(f"Members ({len(members)})", grid(("KIND", "NAME"), members)),
            part("Plugins", grid(("PLUGIN", "SETTINGS"), rows)),
            tree("Status of plugins", {"plugins": status.get("plugin") or status.get("pluginStatuses")}),
        ]
    )


def application(found: Object, now: float) -> list[Part]:
    """Source, policies, and the sync status of each target."""
    spec, status = mapping(found.get("spec")), mapping(found.get("status"))
    targets = list(mappings(status.get("syncStatus")))
    rows, levels = [], []
    for target in targets:
        row, level = _target(target)
        rows.append(row)
        levels.append(level)
    table = grid(("TARGET", "KIND", "READY", "REVISION", "MESSAGE"), rows, levels)
    rollouts = [cells for target in targets for cells in _rollouts(target)]
    return present(
        [
            *_sources(mapping(spec.get("source")), mapping(status.get("sourceStatus")), now),
            part("Destination", *each("Fleet and labels", _flat(mapping(spec.get("destination"))))),
            part("Sync status", table),
            part(
                "Rollouts",
                grid(
                    ("CLUSTER", "ROLLOUT", "PHASE", "WEIGHT", "FAILED CHECKS", "SINCE"),
                    [(*cells, ago(since, now)) for cells, since in rollouts],
                    [_level(cells[2]) for cells, _since in rollouts],
                ),
            ),
            *_policies(spec, now),
        ]
    )


def _flat(value: Object) -> dict[str, str]:
    return {str(key): pairs(one) or joined(one) for key, one in value.items()}


def _sources(spec: Object, status: Object, now: float) -> Iterator[Part | None]:
    for key, told in _SOURCES:
        source, state = mapping(spec.get(key)), mapping(status.get(told))
        if not source:
            continue
        ready, message, level = _ready(state)
        yield part(
            "Source",
            item("Kind", key),
            item("URL", source.get("url")),
            item("Reference", pairs(source.get("ref"))),
            item("Interval", source.get("interval")),
            item("Secret", reference(source.get("secretRef"))),
            item("Suspended", source.get("suspend") or None, Level.PROGRESSING),
            item("Revision", mapping(state.get("artifact")).get("revision")),
            item("Fetched", ago(mapping(state.get("artifact")).get("lastUpdateTime"), now)),
            item("Ready", ": ".join(filter(None, (ready, message))), level),
        )


def _ready(status: Object) -> tuple[str, str, Level | None]:
    """(status, message, level) of the condition Ready of a Flux object."""
    for one in mappings(status.get("conditions")):
        if one.get("type") == "Ready":
            word = text(one.get("status"))
            return word, " ".join(said_of(one.get("message")).split()), _level(word)
    return "", "", None


def _target(target: Object) -> tuple[tuple[str, ...], Level | None]:
    for key, kind in (("kustomizationStatus", "Kustomization"), ("HelmReleaseStatus", "HelmRelease")):
        state = mapping(target.get(key))
        if state:
            ready, message, level = _ready(state)
            revision = said_of(state.get("lastAppliedRevision") or state.get("lastAttemptedRevision"))
            told = message if level is not None else ""  # a good one repeats the revision
            return (said_of(target.get("name")), kind, ready, revision, told), level
    return (said_of(target.get("name")), "", "", "", "nothing reported yet"), Level.PROGRESSING


def _rollouts(target: Object) -> Iterator[tuple[tuple[str, ...], object]]:
    listed = target.get("rolloutStatus")
    for one in mappings(listed if isinstance(listed, list) else [listed]):
        state = mapping(one.get("rolloutStatusInCluster"))
        yield (
            (
                said_of(one.get("clusterName")),
                said_of(one.get("rolloutNameInCluster")),
                said_of(state.get("phase")),
                said_of(state.get("canaryWeight")),
                said_of(state.get("failedChecks")),
            ),
            state.get("lastTransitionTime"),
        )


def _policies(spec: Object, now: float) -> Iterator[Part | None]:
    for at, policy in enumerate(mappings(spec.get("syncPolicies")), 1):
        named = said_of(policy.get("name")) or str(at)
        yield tree(f"Sync policy {named}", policy, without=("name",))


# -- backups --------------------------------------------------------------------------------------------------


def _velero(title: str, key: str) -> Callable[[Object, float], list[Part]]:
    """A description of what Velero does in each cluster; `key` holds its status there."""

    def describe(found: Object, now: float) -> list[Part]:
        spec, status = mapping(found.get("spec")), mapping(found.get("status"))
        phase = text(status.get("phase"))
        details = [one for name in _DETAILS for one in mappings(status.get(name))]
        rows = [_run(one, key, now) for one in details]
        return present(
            [
                part(title, item("Phase", phase, _level(phase)), item("Schedule", spec.get("schedule"))),
                tree("Asked for", spec, without=("schedule",)),
                part(
                    f"Clusters ({len(details)})",
                    grid(
                        (
                            "CLUSTER",
                            "NAME",
                            "PHASE",
                            "ITEMS",
                            "ERRORS",
                            "WARNINGS",
                            "STARTED",
                            "EXPIRES",
                            "REASON",
                        ),
                        rows,
                        [_level(row[2]) for row in rows],
                    ),
                ),
            ]
        )

    return describe


_DETAILS = ("backupDetails", "restoreDetails", "details")


def _run(detail: Object, key: str, now: float) -> tuple[str, ...]:
    state = mapping(detail.get(key))
    progress = mapping(state.get("progress"))
    done, total = (
        said_of(progress.get("itemsBackedUp") or progress.get("itemsRestored")),
        said_of(progress.get("totalItems")),
    )
    name = said_of(detail.get("backupNameInCluster") or detail.get("restoreNameInCluster"))
    expires = said_of(state.get("expiration")).partition("T")[0]
    return (
        said_of(detail.get("clusterName")),
        name,
        said_of(state.get("phase")),
        f"{done or 0}/{total}" if total else done,
        said_of(state.get("errors")),
        said_of(state.get("warnings")),
        ago(state.get("startTimestamp"), now),
        expires,
        said_of(state.get("failureReason")) or joined(state.get("validationErrors"), "; "),
    )


def migrate(found: Object, now: float) -> list[Part]:
    """From where to where, and how each cluster does."""
    spec, status = mapping(found.get("spec")), mapping(found.get("status"))
    phase = text(status.get("phase"))
    source = mapping(status.get("sourceClusterStatus"))
    rows = [_run(source, "backupStatusInCluster", now)] if source else []
    rows += [_run(one, "restoreStatusInCluster", now) for one in mappings(status.get("targetClustersStatus"))]
    return present(
        [
            part("Migration", item("Phase", phase, _level(phase))),
            tree("Asked for", spec),
            part(
                "Clusters",
                grid(
                    ("CLUSTER", "NAME", "PHASE", "ITEMS", "ERRORS", "WARNINGS", "STARTED", "EXPIRES", "REASON"),
                    rows,
                    [_level(row[2]) for row in rows],
                ),
            ),
        ]
    )


DESCRIBERS = {
    "fleets.fleet.kurator.dev": fleet,
    "applications.apps.kurator.dev": application,
    "backups.backup.kurator.dev": _velero("Backup", "backupStatusInCluster"),
    "restores.backup.kurator.dev": _velero("Restore", "restoreStatusInCluster"),
    "migrates.backup.kurator.dev": migrate,
}
