"""Flux kinds. HelmRelease carries the state of every fleet plugin, since the Fleet does not report it."""

from __future__ import annotations

import msgspec

from kurator_tui.kinds.base import HEALTHY, Column, Format, Health, Kind, Level, Row
from kurator_tui.kinds.meta import Condition, NameRef, ObjectMeta, Projection, condition, intern, one_line, unix

PLUGIN_FLEET_LABEL = "fleet.kurator.dev/name"
PLUGIN_LABEL = "fleet.kurator.dev/plugin"
COMPONENT_LABEL = "fleet.kurator.dev/component"


class _ChartSpec(Projection):
    chart: str | None = None
    version: str | None = None


class _Chart(Projection):
    spec: _ChartSpec = msgspec.field(default_factory=_ChartSpec)


class _KubeConfig(Projection):
    secret_ref: NameRef | None = None


class _HelmReleaseSpec(Projection):
    chart: _Chart | None = None
    suspend: bool | None = None
    kube_config: _KubeConfig | None = None


class _HelmReleaseStatus(Projection):
    conditions: list[Condition] | None = None
    last_applied_revision: str | None = None
    last_attempted_revision: str | None = None


class HelmRelease(Projection):
    metadata: ObjectMeta = msgspec.field(default_factory=ObjectMeta)
    spec: _HelmReleaseSpec = msgspec.field(default_factory=_HelmReleaseSpec)
    status: _HelmReleaseStatus = msgspec.field(default_factory=_HelmReleaseStatus)


class HelmReleaseRow(Row, frozen=True, gc=False, array_like=True):
    """`ready` is the Ready condition's status ("" without one). `remote` says it installs on another cluster."""

    fleet: str = ""
    plugin: str = ""
    component: str = ""
    ready: str = ""
    reason: str = ""
    message: str = ""
    chart: str = ""
    revision: str = ""
    suspended: bool = False
    remote: bool = False
    changed: float = 0.0


def _helm_release(cluster: str, obj: HelmRelease) -> HelmReleaseRow:
    meta, spec, status = obj.metadata, obj.spec, obj.status
    labels = meta.labels or {}
    ready = condition(status.conditions, "Ready") or Condition()
    chart = spec.chart.spec if spec.chart else _ChartSpec()
    return HelmReleaseRow(
        cluster=cluster,
        namespace=intern(meta.namespace),
        name=meta.name,
        uid=meta.uid,
        created=unix(meta.creation_timestamp),
        fleet=intern(labels.get(PLUGIN_FLEET_LABEL)),
        plugin=intern(labels.get(PLUGIN_LABEL)),
        component=intern(labels.get(COMPONENT_LABEL)),
        ready=intern(ready.status),
        reason=intern(ready.reason),
        message=one_line(ready.message),
        chart=" ".join(part for part in (chart.chart, chart.version) if part),
        revision=status.last_applied_revision or status.last_attempted_revision or "",
        suspended=bool(spec.suspend),
        remote=bool(spec.kube_config and spec.kube_config.secret_ref),
        changed=unix(ready.last_transition_time),
    )


def helm_release_health(row: HelmReleaseRow) -> Health:
    """Ready decides; a suspended release is degraded, since nothing repairs it; Unknown is on its way."""
    reason = ": ".join(part for part in (row.reason, row.message) if part)
    if row.suspended:
        return Health(Level.DEGRADED, "suspended")
    if row.ready == "True":
        return HEALTHY
    if row.ready == "False":
        return Health(Level.PROGRESSING if row.reason == "Progressing" else Level.FAILED, reason)
    return Health(Level.PROGRESSING if row.ready == "Unknown" else Level.UNKNOWN, reason or "no status yet")


HELM_RELEASE = Kind(
    id="helmreleases.helm.toolkit.fluxcd.io",
    name="HelmRelease",
    group="helm.toolkit.fluxcd.io",
    versions=("v2", "v2beta2", "v2beta1"),
    plural="helmreleases",
    short_names=("hr",),
    row=HelmReleaseRow,
    projection=HelmRelease,
    project=_helm_release,
    health=helm_release_health,
    columns=(
        Column("name", "NAME", lambda r: r.name, priority=0),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=2),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=3),
        Column("fleet", "FLEET", lambda r: r.fleet),
        Column("plugin", "PLUGIN", lambda r: r.plugin),
        Column("ready", "READY", lambda r: r.ready),
        Column("chart", "CHART", lambda r: r.chart, priority=3),
        Column("revision", "REVISION", lambda r: r.revision, priority=4),
        Column("message", "MESSAGE", lambda r: r.message, priority=5),
        Column("age", "AGE", lambda r: r.created, Format.AGE),
    ),
)

KINDS = (HELM_RELEASE,)
