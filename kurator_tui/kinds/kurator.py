"""Kurator's own kinds: Fleet, Cluster, AttachedCluster, CustomCluster (as the host stores them).

What the controllers really write, and what they never do, is noted beside the field that misleads.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kurator_tui.kinds.base import HEALTHY, Column, Format, Health, Kind, Level, Row
from kurator_tui.kinds.helm_values import set_by_fleet
from kurator_tui.kinds.ladder import ManagedParts
from kurator_tui.kinds.meta import (
    Condition,
    Int32,
    NameRef,
    ObjectMeta,
    Projection,
    condition,
    intern,
    label_pairs,
    one_line,
    unix,
)
from kurator_tui.kinds.shapes import at, text

FLEET_LABEL = "fleet.kurator.dev/fleet-name"
CONTROL_PLANE_ANNOTATION = "fleet.kurator.dev/controlplane"


class _FleetSpec(Projection):
    clusters: list[NameRef] | None = None
    plugin: dict[str, Any] | None = None


class _FleetStatus(Projection):
    phase: str | None = None
    reason: str | None = None
    ready_clusters: Int32 | None = None
    un_ready_clusters: Int32 | None = None
    credential_secret: str | None = None


class Fleet(Projection):
    metadata: ObjectMeta = msgspec.field(default_factory=ObjectMeta)
    spec: _FleetSpec = msgspec.field(default_factory=_FleetSpec)
    status: _FleetStatus = msgspec.field(default_factory=_FleetStatus)


class FleetRow(Row, frozen=True, gc=False, array_like=True):
    """`members` are (kind, name); `plugins` the keys present in `spec.plugin` (kyverno for policy.kyverno).

    `reason` is sticky: the controller sets it on a control-plane error and never clears it.
    """

    phase: str = ""
    reason: str = ""
    members: tuple[tuple[str, str], ...] = ()
    plugins: tuple[str, ...] = ()
    ready: int = 0
    unready: int = 0
    control_plane: str = ""
    credential_secret: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    deleting: bool = False
    parts: tuple[Any, ...] = ()
    """For joins: component -> what the fleet sets of its chart's values; and `_set_up`."""


PLUGIN_KEYS = {
    "metric": "metric",
    "grafana": "grafana",
    "policy": "kyverno",
    "backup": "backup",
    "distributedStorage": "storage",
    "flagger": "flagger",
    "submariner": "submariner",
}
"""`spec.plugin` key -> the plugin's short name in the plugin matrix."""


def _set_up(plugin: Any) -> dict[str, Any]:
    """`provider` of backups, and `switches`: those of the metric plugin that the controller never reads."""
    prometheus = at(plugin, "metric", "prometheus")
    return {
        "provider": text(at(plugin, "backup", "storage", "location", "provider")),
        "switches": [key for key in ("nodeExporter", "kubeStateMetrics") if at(prometheus, key) is not None],
    }


def _fleet(cluster: str, obj: Fleet) -> FleetRow:
    meta, spec, status = obj.metadata, obj.spec, obj.status
    members = tuple((m.kind or "Cluster", m.name) for m in spec.clusters or () if m.name)
    plugins = tuple(
        short for key, short in PLUGIN_KEYS.items() if spec.plugin and spec.plugin.get(key) is not None
    )
    return FleetRow(
        cluster=cluster,
        namespace=intern(meta.namespace),
        name=meta.name,
        uid=meta.uid,
        created=unix(meta.creation_timestamp),
        phase=intern(status.phase),
        reason=one_line(status.reason),
        members=members,
        plugins=plugins,
        ready=status.ready_clusters or 0,
        unready=status.un_ready_clusters or 0,
        control_plane=(meta.annotations or {}).get(CONTROL_PLANE_ANNOTATION, ""),
        credential_secret=status.credential_secret or "",
        labels=label_pairs(meta),
        deleting=bool(meta.deletion_timestamp),
        parts=(set_by_fleet(spec.plugin), _set_up(spec.plugin)),
    )


def fleet_health(row: FleetRow) -> Health:
    """Health from the phase. Ready says nothing about plugins or about members that died since (see the join)."""
    if row.phase in ("Failed", "TerminateFailed"):
        return Health(Level.FAILED, row.reason or row.phase)
    if row.phase == "Ready":
        return HEALTHY
    if row.phase in ("Pending", "Running", "Terminating"):
        return Health(Level.PROGRESSING, row.phase)
    return Health(Level.UNKNOWN, row.phase or "no status yet")


FLEET = Kind(
    id="fleets.fleet.kurator.dev",
    name="Fleet",
    group="fleet.kurator.dev",
    versions=("v1alpha1",),
    plural="fleets",
    row=FleetRow,
    projection=Fleet,
    project=_fleet,
    health=fleet_health,
    parts=("extra", "set_up"),
    columns=(
        Column("name", "NAME", lambda r: r.name, priority=0),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=2),
        Column("phase", "PHASE", lambda r: r.phase),
        Column("members", "MEMBERS", lambda r: len(r.members), Format.COUNT),
        Column("ready", "READY", lambda r: r.ready, Format.COUNT),
        Column("plugins", "PLUGINS", lambda r: " ".join(r.plugins), priority=3),
        Column("reason", "REASON", lambda r: r.reason, priority=4),
        Column("age", "AGE", lambda r: r.created, Format.AGE),
    ),
)


class _HeldMeta(ObjectMeta):
    finalizers: list[str] | None = None


class _Machines(Projection):
    replicas: Int32 | None = None


class _ClusterSpec(Projection):
    infra_type: str | None = None
    version: str | None = None
    region: str | None = None
    master: _Machines | None = None
    workers: list[_Machines] | None = None


class _ClusterStatus(Projection):
    phase: str | None = None
    conditions: list[Condition] | None = None
    api_endpoint: str | None = None
    kubeconfig_secret_ref: str | None = None


class Cluster(Projection):
    metadata: _HeldMeta = msgspec.field(default_factory=_HeldMeta)
    spec: _ClusterSpec = msgspec.field(default_factory=_ClusterSpec)
    status: _ClusterStatus = msgspec.field(default_factory=_ClusterStatus)


class ManagedClusterRow(Row, frozen=True, gc=False, array_like=True):
    """A Kurator Cluster, AttachedCluster or CustomCluster as one shape.

    `secret` and `secret_key` name the kubeconfig Secret in the object's namespace; "" when not known. The cloud
    credential of a Cluster is never taken for one. `secret_prefix` stands for kubespray's random suffix.
    """

    kind: str = ""
    fleet: str = ""
    phase: str = ""
    ready: bool | None = None
    reason: str = ""
    version: str = ""
    infrastructure: str = ""
    endpoint: str = ""
    secret: str = ""
    secret_key: str = ""
    secret_prefix: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    deleting: bool = False
    parts: tuple[Any, ...] = ()
    """For joins, as `ManagedParts`; () for an AttachedCluster, and on the console's side."""


def _parts(meta: _HeldMeta, conditions: list[Condition] | None, **more: Any) -> ManagedParts:
    told = [
        [each.type, each.status, each.reason or "", one_line(each.message)[:400], each.severity or ""]
        for each in conditions or ()
    ]
    return ManagedParts(told, list(meta.finalizers or ()), unix(meta.deletion_timestamp), **more)


def _problem(conditions: list[Condition] | None) -> str:
    """The first condition that is False, as `Reason: message`."""
    for found in conditions or ():
        if found.status == "False":
            return ": ".join(part for part in (found.reason or found.type, one_line(found.message)) if part)
    return ""


def _cluster(cluster: str, obj: Cluster) -> ManagedClusterRow:
    meta, spec, status = obj.metadata, obj.spec, obj.status
    ready = condition(status.conditions, "Ready")
    return ManagedClusterRow(
        cluster=cluster,
        namespace=intern(meta.namespace),
        name=meta.name,
        uid=meta.uid,
        created=unix(meta.creation_timestamp),
        kind="Cluster",
        fleet=(meta.labels or {}).get(FLEET_LABEL, ""),
        phase=intern(status.phase),
        ready=ready.status == "True" if ready else status.phase == "Ready" if status.phase else None,
        reason=_problem(status.conditions),
        version=spec.version or "",
        infrastructure=" ".join(part for part in (spec.infra_type, spec.region) if part),
        endpoint=status.api_endpoint or "",
        secret=status.kubeconfig_secret_ref or f"{meta.name}-kubeconfig",
        secret_key="value",
        labels=label_pairs(meta),
        deleting=bool(meta.deletion_timestamp),
        parts=_parts(
            meta,
            status.conditions,
            wanted=sum(each.replicas or 0 for each in (spec.master or _Machines(), *(spec.workers or ()))),
        ),
    )


class _AttachedSpec(Projection):
    kubeconfig: NameRef | None = None


class _AttachedStatus(Projection):
    ready: bool | None = None


class AttachedCluster(Projection):
    metadata: ObjectMeta = msgspec.field(default_factory=ObjectMeta)
    spec: _AttachedSpec = msgspec.field(default_factory=_AttachedSpec)
    status: _AttachedStatus = msgspec.field(default_factory=_AttachedStatus)


def _attached(cluster: str, obj: AttachedCluster) -> ManagedClusterRow:
    meta, kubeconfig = obj.metadata, obj.spec.kubeconfig or NameRef()
    return ManagedClusterRow(
        cluster=cluster,
        namespace=intern(meta.namespace),
        name=meta.name,
        uid=meta.uid,
        created=unix(meta.creation_timestamp),
        kind="AttachedCluster",
        fleet=(meta.labels or {}).get(FLEET_LABEL, ""),
        ready=obj.status.ready,
        secret=kubeconfig.name or "",
        secret_key=kubeconfig.key or "value",
        labels=label_pairs(meta),
        deleting=bool(meta.deletion_timestamp),
    )


class _CustomStatus(Projection):
    phase: str | None = None
    conditions: list[Condition] | None = None


class _ControlPlane(Projection):
    address: str | None = None
    load_balancer_domain_name: str | None = None


class _CustomSpec(Projection):
    machine_ref: NameRef | None = None
    control_plane_config: _ControlPlane | None = None


class CustomCluster(Projection):
    metadata: _HeldMeta = msgspec.field(default_factory=_HeldMeta)
    spec: _CustomSpec = msgspec.field(default_factory=_CustomSpec)
    status: _CustomStatus = msgspec.field(default_factory=_CustomStatus)


def _custom(cluster: str, obj: CustomCluster) -> ManagedClusterRow:
    meta, status = obj.metadata, obj.status
    plane = obj.spec.control_plane_config or _ControlPlane()
    return ManagedClusterRow(
        cluster=cluster,
        namespace=intern(meta.namespace),
        name=meta.name,
        uid=meta.uid,
        created=unix(meta.creation_timestamp),
        kind="CustomCluster",
        phase=intern(status.phase),
        ready=status.phase == "Provisioned" if status.phase else None,
        reason=_problem(status.conditions),
        infrastructure="kubespray",
        secret_key="admin.conf",
        secret_prefix=f"{meta.name}-kubeconfig-",
        labels=label_pairs(meta),
        deleting=bool(meta.deletion_timestamp),
        parts=_parts(
            meta,
            status.conditions,
            machines=(obj.spec.machine_ref or NameRef()).name or "",
            address=" ".join(part for part in (plane.address, plane.load_balancer_domain_name) if part),
        ),
    )


def managed_cluster_health(row: ManagedClusterRow) -> Health:
    """What Kurator last wrote. It may be hours old: the console's own probe decides what a screen says."""
    if row.phase in ("Failed", "ProvisionFailed"):
        return Health(Level.FAILED, row.reason or row.phase)
    if row.ready:
        return HEALTHY
    if row.phase in ("Provisioning", "ScalingUp", "ScalingDown", "Upgrading", "Deleting", "Pending"):
        return Health(Level.PROGRESSING, row.phase)
    return Health(Level.UNKNOWN, row.reason or row.phase or "never probed by Kurator")


_MANAGED_COLUMNS: tuple[Column[ManagedClusterRow], ...] = (
    Column("name", "NAME", lambda r: r.name, priority=0),
    Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=2),
    Column("fleet", "FLEET", lambda r: r.fleet),
    Column("phase", "PHASE", lambda r: r.phase),
    Column("ready", "READY", lambda r: r.ready),
    Column("version", "VERSION", lambda r: r.version),
    Column("infrastructure", "INFRASTRUCTURE", lambda r: r.infrastructure, priority=3),
    Column("reason", "REASON", lambda r: r.reason, priority=4),
    Column("age", "AGE", lambda r: r.created, Format.AGE),
)

CLUSTER = Kind(
    id="clusters.cluster.kurator.dev",
    name="Cluster",
    group="cluster.kurator.dev",
    versions=("v1alpha1",),
    plural="clusters",
    row=ManagedClusterRow,
    projection=Cluster,
    project=_cluster,
    health=managed_cluster_health,
    columns=_MANAGED_COLUMNS,
    parts=ManagedParts._fields,
)

ATTACHED_CLUSTER = Kind(
    id="attachedclusters.cluster.kurator.dev",
    name="AttachedCluster",
    group="cluster.kurator.dev",
    versions=("v1alpha1",),
    plural="attachedclusters",
    row=ManagedClusterRow,
    projection=AttachedCluster,
    project=_attached,
    health=managed_cluster_health,
    columns=_MANAGED_COLUMNS,
    parts=ManagedParts._fields,
)

CUSTOM_CLUSTER = Kind(
    id="customclusters.infrastructure.cluster.x-k8s.io",
    name="CustomCluster",
    group="infrastructure.cluster.x-k8s.io",
    versions=("v1alpha1",),
    plural="customclusters",
    short_names=("cc",),
    row=ManagedClusterRow,
    projection=CustomCluster,
    project=_custom,
    health=managed_cluster_health,
    columns=_MANAGED_COLUMNS,
    parts=ManagedParts._fields,
)

KINDS = (FLEET, CLUSTER, ATTACHED_CLUSTER, CUSTOM_CLUSTER)
