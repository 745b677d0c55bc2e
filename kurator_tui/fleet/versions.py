"""The join behind `versions`: which Kubernetes each cluster runs, how far it is behind, and what may come next.

Kubernetes goes up one minor at a time. Kurator upgrades a Cluster by its `spec.version`, a CustomCluster by its
KubeadmControlPlane's with a kubespray that knows certain minors only (kurator-api §2.3, §2.4, K20); an
AttachedCluster is upgraded by whoever made it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from kurator_tui.fleet.join import Join
from kurator_tui.fleet.lifecycle_estate import Estate, same_version, value
from kurator_tui.fleet.overviews import minor
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HOST, Level, Row
from kurator_tui.kinds.cluster_api import CLUSTER as CAPI_CLUSTER
from kurator_tui.kinds.cluster_api import KUBEADM_CONTROL_PLANE
from kurator_tui.kinds.core import NODE, NodeRow
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, CLUSTER, CUSTOM_CLUSTER, ManagedClusterRow
from kurator_tui.kinds.lifecycle import VERSIONS, VersionRow
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.kinds.table import ObjectRow, part

Minor = tuple[int, int]

KUBESPRAY = ((1, 24), (1, 26))
"""Minors that kubespray v2.22.1 installs, which Kurator runs from 1.24 on."""
BUNDLED = (1, 28)
"""The newest minor that the bundled Cluster API v1.5 was made for."""
KUBELETS_SINCE = (1, 28)
"""From here on kubelets may be three minors behind their API server; two before."""


def asked(seen: Seen) -> dict[str, tuple[str, str]]:
    """By member: (kind of the cluster behind it, version that Kurator was asked for)."""
    found: dict[str, tuple[str, str]] = {}
    rows: list[ManagedClusterRow] = [*seen.rows(CLUSTER, HOST), *seen.rows(CUSTOM_CLUSTER, HOST)]
    planes = {
        (row.namespace, value(KUBEADM_CONTROL_PLANE, row, "in_cluster")): row
        for row in seen.rows(KUBEADM_CONTROL_PLANE, HOST)
    }
    made: dict[tuple[str, str], ObjectRow] = {
        (row.namespace, str(part(CAPI_CLUSTER, row, "template"))): row for row in seen.rows(CAPI_CLUSTER, HOST)
    }
    estate = Estate(seen)
    for row in rows:
        wanted = row.version
        if row.kind == "CustomCluster":
            capi = made.get((row.namespace, row.name))
            plane = planes.get((row.namespace, capi.name)) if capi is not None else None
            wanted = value(KUBEADM_CONTROL_PLANE, plane, "version") if plane is not None else ""
        if name := estate.member(row):
            found[name] = (row.kind, wanted)
    return found


def rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The one row of a cluster."""
    kind, wanted = seen.shared(asked).get(cluster, ("", ""))
    for found in seen.rows(CLUSTERS, cluster):
        overview = cast(ClusterOverview, found)
        kubelets = _oldest_and_newest(seen.rows(NODE, cluster))
        yield version_row(overview, kind or overview.kind, wanted, kubelets)


JOIN = Join(
    VERSIONS,
    (CLUSTER, CUSTOM_CLUSTER, ATTACHED_CLUSTER, CAPI_CLUSTER, KUBEADM_CONTROL_PLANE),
    (CLUSTERS, NODE),
    rows,
    planned=asked,
)


def version_row(found: ClusterOverview, kind: str, wanted: str, kubelets: tuple[str, str]) -> VersionRow:
    """`kubelets` are the oldest and the newest version of a kubelet, "" without nodes."""
    own = minor(found.version)
    behind = _minors(own, minor(kubelets[0]))
    level, reason = _judged(found.version, wanted, kubelets, kind)
    after, why_not = next_minor(own, kind)
    if after and found.skew == 0 and own is not None:
        why_not = why_not or "newest of the fleet"
    return VersionRow(
        found.cluster,
        "",
        found.name,
        found.uid,
        found.created,
        level=level,
        reason="; ".join(part for part in (reason, why_not) if part),
        kind=kind,
        fleet=found.fleet,
        version=found.version,
        wanted="" if not wanted or same_version(wanted, found.version) else wanted,
        skew=found.skew,
        oldest=kubelets[0],
        kubelets=behind,
        next=after,
        route=ROUTES.get(kind, "whoever made it"),
    )


ROUTES = {
    "Cluster": "spec.version of the Kurator Cluster",
    "CustomCluster": "spec.version of its KubeadmControlPlane",
    "Host": "whoever made the host",
}


def next_minor(own: Minor | None, kind: str) -> tuple[str, str]:
    """(the minor that may come next, what speaks against it); "" for none."""
    if own is None:
        return "", "its version is not known"
    after = (own[0], own[1] + 1)
    word = f"v{after[0]}.{after[1]}"
    if kind == "CustomCluster":
        oldest, newest = KUBESPRAY
        if not oldest <= after <= newest:
            return "", f"{word} is not possible: kubespray v2.22.1 installs v1.{oldest[1]} to v1.{newest[1]}"
    if kind == "Cluster" and after > BUNDLED:
        return word, f"{word} is newer than what the bundled Cluster API v1.5 was made for (v1.{BUNDLED[1]})"
    return word, ""


def _judged(version: str, wanted: str, kubelets: tuple[str, str], kind: str) -> tuple[Level, str]:
    own, oldest, newest = minor(version), minor(kubelets[0]), minor(kubelets[1])
    if not version:
        return Level.UNKNOWN, ""
    steps = _minors(minor(wanted), own)
    if steps is not None and steps > 1:
        silent = ": only the operator's log says that it is refused" if kind == "CustomCluster" else ""
        return Level.DEGRADED, f"{wanted} is {steps} minors ahead, one at a time is possible{silent}"
    if steps is not None and steps < 0:
        return Level.DEGRADED, f"{wanted} is asked for, which is older: Kubernetes does not go back"
    behind, ahead = _minors(own, oldest), _minors(newest, own)
    if ahead is not None and ahead > 0:
        return Level.DEGRADED, f"kubelet {kubelets[1]} is newer than its API server"
    most = 3 if own is not None and own >= KUBELETS_SINCE else 2
    if behind is not None and behind > most:
        return Level.DEGRADED, f"kubelet {kubelets[0]} is {behind} minors behind, {most} are supported"
    if wanted and not same_version(wanted, version):
        return Level.PROGRESSING, f"on its way to {wanted}"
    if behind:
        return Level.HEALTHY, f"kubelets from {kubelets[0]} on"
    return Level.HEALTHY, ""


def _minors(one: Minor | None, other: Minor | None) -> int | None:
    """By how many minors `one` is ahead."""
    return one[1] - other[1] if one is not None and other is not None and one[0] == other[0] else None


def _oldest_and_newest(nodes: Iterable[NodeRow]) -> tuple[str, str]:
    """Of the kubelets; those of KubeEdge count in versions of their own."""
    versions = {node.version for node in nodes if node.version and not node.edge}
    known = sorted((found, version) for version in versions if (found := minor(version)) is not None)
    return (known[0][1], known[-1][1]) if known else ("", "")
