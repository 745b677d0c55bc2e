"""Karmada's kinds on a fleet's own control plane: its clusters, and what karmada-search caches of them."""

from __future__ import annotations

from typing import Any

import msgspec

from kurator_tui.kinds.base import HEALTHY, Column, Format, Health, Interned, Kind, Level, Row
from kurator_tui.kinds.meta import (
    Condition,
    Int32,
    ObjectMeta,
    Projection,
    condition,
    intern,
    label_pairs,
    one_line,
    quantity,
    unix,
)

ORIGIN = "resource.karmada.io/cached-from-cluster"
"""Annotation by which karmada-search says which cluster an object was read from."""
READY, COMPLETE = "Ready", "CompleteAPIEnablements"
CORDONED = "cluster.karmada.io/unschedulable"
"""Key of the taint by which a cluster is cordoned."""


class _Taint(Projection):
    key: str = ""
    value: str | None = None
    effect: str = ""


class _KarmadaSpec(Projection):
    sync_mode: str | None = None
    api_endpoint: str | None = msgspec.field(default=None, name="apiEndpoint")
    provider: str | None = None
    region: str | None = None
    zone: str | None = None
    zones: list[str] | None = None
    taints: list[_Taint] | None = None


class _Served(Projection):
    kind: str = ""


class _Enablement(Projection):
    group_version: str = ""
    resources: list[_Served] | None = None


class _Resources(Projection):
    allocatable: dict[str, str | int] | None = None
    allocated: dict[str, str | int] | None = None
    allocating: dict[str, str | int] | None = None


class _NodeSummary(Projection):
    total_num: Int32 | None = None
    ready_num: Int32 | None = None


class _KarmadaStatus(Projection):
    kubernetes_version: str | None = None
    conditions: list[Condition] | None = None
    api_enablements: list[_Enablement] | None = msgspec.field(default=None, name="apiEnablements")
    resource_summary: _Resources | None = None
    node_summary: _NodeSummary | None = None


class KarmadaCluster(Projection):
    metadata: ObjectMeta = msgspec.field(default_factory=ObjectMeta)
    spec: _KarmadaSpec = msgspec.field(default_factory=_KarmadaSpec)
    status: _KarmadaStatus = msgspec.field(default_factory=_KarmadaStatus)


class KarmadaClusterRow(Row, frozen=True, gc=False, array_like=True):
    """`ready`, `reason` and `since` (Unix seconds) are the Ready condition's; "Unknown" without one.

    `taints` are (key, value, effect). `cpu`, `memory` and `pods` are the shares of what is allocatable that is
    allocated, None where Karmada knows none; `allocating` is the largest share that waits for a node. `complete`
    is whether Karmada could list every API of the member ("" where it does not say), `apis` how many kinds it has;
    `deleting` is the Unix second since which it is to leave, 0.0 for none; `parts` holds the kinds (`served`) and
    stays in the feeder.
    """

    ready: str = "Unknown"
    reason: str = ""
    since: float = 0.0
    mode: str = ""
    version: str = ""
    endpoint: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    taints: tuple[tuple[str, str, str], ...] = ()
    provider: Interned = ""
    region: Interned = ""
    zones: tuple[str, ...] = ()
    nodes: int | None = None
    nodes_ready: int = 0
    cpu: float | None = None
    memory: float | None = None
    pods: float | None = None
    allocating: float | None = None
    complete: Interned = ""
    apis: int = 0
    deleting: float = 0.0
    parts: tuple[Any, ...] = ()


def served(row: KarmadaClusterRow) -> tuple[str, ...]:
    """The kinds of a member, as `apps/v1 Deployment`."""
    return row.parts[0] if row.parts else ()


def _share(resources: _Resources, used: dict[str, str | int] | None, name: str) -> float | None:
    there = quantity((resources.allocatable or {}).get(name))
    return quantity((used or {}).get(name)) / there if there else None


def _karmada_cluster(cluster: str, obj: KarmadaCluster) -> KarmadaClusterRow:
    meta, spec, status = obj.metadata, obj.spec, obj.status
    ready = condition(status.conditions, READY)
    complete = condition(status.conditions, COMPLETE)
    reason = "" if ready is None else ": ".join(part for part in (ready.reason, one_line(ready.message)) if part)
    resources, nodes = status.resource_summary or _Resources(), status.node_summary or _NodeSummary()
    waiting = [_share(resources, resources.allocating, name) for name in ("cpu", "memory", "pods")]
    apis = tuple(
        intern(f"{each.group_version} {one.kind}")
        for each in status.api_enablements or ()
        for one in each.resources or ()
    )
    return KarmadaClusterRow(
        cluster,
        "",
        meta.name,
        meta.uid,
        unix(meta.creation_timestamp),
        ready=intern(ready.status) if ready is not None else "Unknown",
        reason=reason,
        since=unix(ready.last_transition_time) if ready is not None else 0.0,
        mode=intern(spec.sync_mode),
        version=intern(status.kubernetes_version),
        endpoint=spec.api_endpoint or "",
        labels=label_pairs(meta),
        taints=tuple((intern(each.key), each.value or "", intern(each.effect)) for each in spec.taints or ()),
        provider=intern(spec.provider),
        region=intern(spec.region),
        zones=tuple(spec.zones or ([spec.zone] if spec.zone else ())),
        nodes=nodes.total_num,
        nodes_ready=nodes.ready_num or 0,
        cpu=_share(resources, resources.allocated, "cpu"),
        memory=_share(resources, resources.allocated, "memory"),
        pods=_share(resources, resources.allocated, "pods"),
        allocating=max((each for each in waiting if each), default=None),
        complete=intern(complete.status) if complete is not None else "",
        apis=len(apis),
        deleting=unix(meta.deletion_timestamp),
        parts=(apis,) if apis else (),
    )


def karmada_cluster_health(row: KarmadaClusterRow) -> Health:
    """Karmada's own verdict: Ready. A member whose APIs could not all be listed is degraded, and so is one that is
    to leave while nobody reaches it; one that is cordoned or evicted is healthy and says so."""
    if row.deleting:
        return _leaving(row)
    if row.ready != "True":
        level = Level.FAILED if row.ready == "False" else Level.UNKNOWN
        why = row.reason or f"Ready is {row.ready}"
        return Health(level, f"{why}; workloads are moved away" if _evicted(row) else why)
    if row.complete == "False":
        return Health(Level.DEGRADED, "not all of its APIs could be listed")
    if _evicted(row):
        return Health(Level.HEALTHY, "evicted: workloads are moved away")
    if any(key == CORDONED and effect == "NoSchedule" for key, _value, effect in row.taints):
        return Health(Level.HEALTHY, "cordoned: nothing new is scheduled here")
    return HEALTHY


def _leaving(row: KarmadaClusterRow) -> Health:
    """A cluster that is deleted waits for what Karmada made on the member to be gone."""
    if row.ready == "True":
        return Health(Level.PROGRESSING, "leaving: what Karmada made there is removed first")
    stuck = "leaving hangs: the member is not reached, so its Works and finalizer stay"
    return Health(Level.DEGRADED, f"{stuck}; {row.reason}" if row.reason else stuck)


def _evicted(row: KarmadaClusterRow) -> bool:
    return any(effect == "NoExecute" for _key, _value, effect in row.taints)


def _taints(row: KarmadaClusterRow) -> str:
    return ", ".join(
        f"{key}={value}:{effect}" if value else f"{key}:{effect}" for key, value, effect in row.taints
    )


def _nodes(row: KarmadaClusterRow) -> str:
    return f"{row.nodes_ready}/{row.nodes}" if row.nodes is not None else ""


def _level(row: KarmadaClusterRow) -> Level:
    return karmada_cluster_health(row).level


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
        Column("ready", "READY", lambda r: r.ready, level=_level),
        Column("mode", "MODE", lambda r: r.mode, priority=3),
        Column("version", "VERSION", lambda r: r.version, priority=2),
        Column("nodes", "NODES", _nodes, priority=3),
        Column("cpu", "CPU", lambda r: r.cpu, Format.RATIO, priority=2),
        Column("memory", "MEMORY", lambda r: r.memory, Format.RATIO, priority=2),
        Column("pods", "PODS", lambda r: r.pods, Format.RATIO, priority=4),
        Column("allocating", "ALLOCATING", lambda r: r.allocating, Format.RATIO, priority=6, wide=True),
        Column("taints", "TAINTS", _taints, priority=1, width=60),
        Column("apis", "APIS", lambda r: r.apis, Format.COUNT, priority=5),
        Column("provider", "PROVIDER", lambda r: r.provider, priority=5),
        Column("region", "REGION", lambda r: r.region, priority=5),
        Column("zones", "ZONES", lambda r: ", ".join(r.zones), priority=6, wide=True),
        Column("endpoint", "ENDPOINT", lambda r: r.endpoint, priority=5, wide=True),
        Column("reason", "REASON", lambda r: karmada_cluster_health(r).reason, priority=4, width=60),
        Column("since", "SINCE", lambda r: r.since, Format.AGE, priority=4),
        Column("age", "AGE", lambda r: r.created, Format.AGE),
    ),
    parts=("apis",),
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
