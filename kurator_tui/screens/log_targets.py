"""From rows of a table to the logs that are meant by them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kurator_tui.kinds.base import Row
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.log_lines import LogSelector, LogTarget

_OF_ONE = (
    "pod-template-hash",
    "controller-revision-hash",
    "pod-template-generation",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "controller-uid",
    "batch.kubernetes.io/controller-uid",
    "rollouts-pod-template-hash",
)
"""Labels in which the pods of one workload differ from cluster to cluster, or from each other."""


@dataclass(frozen=True, slots=True)
class Logged:
    """Whose logs are read: what a title calls them, and the parts of a query."""

    title: str
    targets: tuple[LogTarget, ...] = ()
    selectors: tuple[LogSelector, ...] = ()

    @property
    def many(self) -> bool:
        """Whether there may be several containers."""
        return len(self.targets) != 1 or not self.targets[0].container


def logged(kind: str, rows: Sequence[Row], container: str = "") -> Logged:
    """The logs of `rows` of the kind with id `kind`, where they are; of pods, one `container`'s if named."""
    first = rows[0]
    title = f"{inert(first.name)}@{inert(first.cluster)}" if len(rows) == 1 else f"{len(rows)} {kind}"
    if container:
        title = f"{inert(container)} of {title}"
    if kind == "pods":
        return Logged(title, tuple(LogTarget(row.cluster, row.namespace, row.name, container) for row in rows))
    return Logged(title, (), tuple(selector(kind, row, (row.cluster,)) for row in rows))


def selector(kind: str, row: Row, clusters: tuple[str, ...]) -> LogSelector:
    """The pods that belong to a row, in `clusters`; none means all."""
    if kind == "nodes":
        return LogSelector(clusters, node=row.name)
    if kind == "namespaces":
        return LogSelector(clusters, (row.name,))
    return LogSelector(clusters, (row.namespace,), kind=kind, name=row.name)


def merged(kind: str, rows: Sequence[Row], clusters: tuple[str, ...]) -> Logged:
    """The logs of the same objects in `clusters` (none means all); of other kinds than pods."""
    found = tuple(dict.fromkeys(selector(kind, row, clusters) for row in rows))
    title = inert(rows[0].name) if len(found) == 1 else f"{len(found)} {kind}"
    return Logged(f"{title} everywhere", (), found)


def alike(pod: Mapping[str, Any], row: Row, clusters: tuple[str, ...]) -> LogSelector | None:
    """Pods that have the labels of `pod`, those apart that only it has, in the same namespace of `clusters`.

    None for a pod without any.
    """
    found = pod.get("metadata", {}).get("labels") if isinstance(pod.get("metadata"), dict) else None
    labels = found if isinstance(found, dict) else {}
    terms = [f"{key}={value}" for key, value in sorted(labels.items()) if key not in _OF_ONE]
    return LogSelector(clusters, (row.namespace,), ",".join(terms)) if terms else None
