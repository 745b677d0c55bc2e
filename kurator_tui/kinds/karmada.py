"""Karmada's kinds on a fleet's own control plane: its clusters, and what karmada-search caches of them."""

from __future__ import annotations

import msgspec

from kurator_tui.kinds.base import HEALTHY, Column, Format, Health, Kind, Level, Row
from kurator_tui.kinds.meta import (
    Condition,
    ObjectMeta,
    Projection,
    condition,
    intern,
    label_pairs,
    one_line,
    unix,
)

ORIGIN = "resource.karmada.io/cached-from-cluster"
"""Annotation by which karmada-search says which cluster an object was read from."""
READY = "Ready"


class _KarmadaSpec(Projection):
    sync_mode: str | None = None
    api_endpoint: str | None = msgspec.field(default=None, name="apiEndpoint")


class _KarmadaStatus(Projection):
    kubernetes_version: str | None = None
    conditions: list[Condition] | None = None


class KarmadaCluster(Projection):
    metadata: ObjectMeta = msgspec.field(default_factory=ObjectMeta)
    spec: _KarmadaSpec = msgspec.field(default_factory=_KarmadaSpec)
    status: _KarmadaStatus = msgspec.field(default_factory=_KarmadaStatus)


class KarmadaClusterRow(Row, frozen=True, gc=False, array_like=True):
    """`ready`, `reason` and `since` (Unix seconds) are the Ready condition's; "Unknown" without one."""

    ready: str = "Unknown"
    reason: str = ""
    since: float = 0.0
    mode: str = ""
    version: str = ""
    endpoint: str = ""
    labels: tuple[tuple[str, str], ...] = ()


def _karmada_cluster(cluster: str, obj: KarmadaCluster) -> KarmadaClusterRow:
    meta, status = obj.metadata, obj.status
    ready = condition(status.conditions, READY)
    reason = "" if ready is None else ": ".join(part for part in (ready.reason, one_line(ready.message)) if part)
    return KarmadaClusterRow(
        cluster,
        "",
        meta.name,
        meta.uid,
        unix(meta.creation_timestamp),
        ready=intern(ready.status) if ready is not None else "Unknown",
        reason=reason,
        since=unix(ready.last_transition_time) if ready is not None else 0.0,
        mode=intern(obj.spec.sync_mode),
        version=intern(status.kubernetes_version),
        endpoint=obj.spec.api_endpoint or "",
        labels=label_pairs(meta),
    )


def karmada_cluster_health(row: KarmadaClusterRow) -> Health:
    """Karmada's own verdict."""
    if row.ready == "True":
        return HEALTHY
    level = Level.FAILED if row.ready == "False" else Level.UNKNOWN
    return Health(level, row.reason or f"Ready is {row.ready}")


KARMADA_CLUSTER = Kind(
    id="clusters.cluster.karmada.io",
    name="Cluster",
    group="cluster.karmada.io",
    versions=("v1alpha1",),
    plural="clusters",
    namespaced=False,
    row=KarmadaClusterRow,
    projection=KarmadaCluster,
    project=_karmada_cluster,
    health=karmada_cluster_health,
    columns=(
        Column("name", "NAME", lambda r: r.name, priority=0),
        Column("ready", "READY", lambda r: r.ready, level=lambda r: karmada_cluster_health(r).level),
        Column("mode", "MODE", lambda r: r.mode, priority=3),
        Column("version", "VERSION", lambda r: r.version, priority=2),
        Column("endpoint", "ENDPOINT", lambda r: r.endpoint, priority=5, wide=True),
        Column("reason", "REASON", lambda r: r.reason, priority=4, width=60),
        Column("age", "AGE", lambda r: r.created, Format.AGE),
    ),
)


class _Selector(Projection):
    api_version: str = ""
    kind: str = ""


class _Affinity(Projection):
    cluster_names: list[str] | None = None
    exclude: list[str] | None = None
    label_selector: msgspec.Raw | None = None
    field_selector: msgspec.Raw | None = None


class _RegistrySpec(Projection):
    resource_selectors: list[_Selector] | None = None
    target_cluster: _Affinity = msgspec.field(default_factory=_Affinity)


class ResourceRegistry(Projection):
    metadata: ObjectMeta = msgspec.field(default_factory=ObjectMeta)
    spec: _RegistrySpec = msgspec.field(default_factory=_RegistrySpec)


class ResourceRegistryRow(Row, frozen=True, gc=False, array_like=True):
    """`resources` are (apiVersion, kind); `clusters` those named, () for all.

    `selected` says that labels or fields choose among them, which only Karmada can tell.
    """

    resources: tuple[tuple[str, str], ...] = ()
    clusters: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    selected: bool = False


def _registry(cluster: str, obj: ResourceRegistry) -> ResourceRegistryRow:
    target = obj.spec.target_cluster
    return ResourceRegistryRow(
        cluster,
        "",
        obj.metadata.name,
        obj.metadata.uid,
        unix(obj.metadata.creation_timestamp),
        resources=tuple((found.api_version, found.kind) for found in obj.spec.resource_selectors or ()),
        clusters=tuple(target.cluster_names or ()),
        excluded=tuple(target.exclude or ()),
        selected=target.label_selector is not None or target.field_selector is not None,
    )


RESOURCE_REGISTRY = Kind(
    id="resourceregistries.search.karmada.io",
    name="ResourceRegistry",
    group="search.karmada.io",
    versions=("v1alpha1",),
    plural="resourceregistries",
    short_names=("rr",),
    namespaced=False,
    row=ResourceRegistryRow,
    projection=ResourceRegistry,
    project=_registry,
    health=lambda _row: HEALTHY,
    columns=(
        Column("name", "NAME", lambda r: r.name, priority=0),
        Column("resources", "RESOURCES", lambda r: " ".join(kind for _version, kind in r.resources)),
        Column("clusters", "CLUSTERS", lambda r: " ".join(r.clusters) or "all", priority=2),
        Column("age", "AGE", lambda r: r.created, Format.AGE),
    ),
)


KINDS = (KARMADA_CLUSTER, RESOURCE_REGISTRY)


class _Annotations(msgspec.Struct):
    origin: str = msgspec.field(default="", name=ORIGIN)


class _Meta(msgspec.Struct):
    annotations: _Annotations | None = None


class _Object(msgspec.Struct):
    metadata: _Meta | None = None


class _Event(msgspec.Struct):
    object: _Object | None = None


class _List(msgspec.Struct):
    items: list[_Object] | None = None


_event = msgspec.json.Decoder(_Event)
_list = msgspec.json.Decoder(_List)


def _origin(found: _Object | None) -> str:
    if found is None or found.metadata is None or found.metadata.annotations is None:
        return ""
    return found.metadata.annotations.origin


def origin_of_event(line: bytes) -> str:
    """The cluster that a watch line of karmada-search is about; "" when it does not say. Raises DecodeError."""
    return _origin(_event.decode(line).object)


def origins_of_list(body: bytes) -> list[str]:
    """The cluster of each item of a list of karmada-search. Raises DecodeError."""
    return [_origin(item) for item in _list.decode(body).items or ()]
