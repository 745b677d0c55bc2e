"""Flux: HelmRelease, Kustomization and the sources they take from.

HelmRelease carries the state of every fleet plugin, since the Fleet does not report it: it has a row of its own.

Suspended means the same for all of them, as everywhere in this console: somebody wanted it, so it is no fault, and
the reason says so; a fault that it had before still shows. It is also the only rule that keeps `faults only` short
while a platform team holds its releases back on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from kurator_tui.kinds.base import HEALTHY, Column, Format, Health, Interned, Kind, Level, Row
from kurator_tui.kinds.flux_inventory import inventory
from kurator_tui.kinds.helm_values import flat
from kurator_tui.kinds.judge import Judge, by_type, conditions, suspended
from kurator_tui.kinds.meta import (
    Condition,
    Int64,
    NameRef,
    ObjectMeta,
    Projection,
    condition,
    intern,
    one_line,
    unix,
)
from kurator_tui.kinds.table import Cell, ObjectRow, Part, cell, table

PLUGIN_FLEET_LABEL = "fleet.kurator.dev/name"
PLUGIN_LABEL = "fleet.kurator.dev/plugin"
APPLICATION_LABEL = "apps.kurator.dev/app-name"
"""On the source, Kustomizations and HelmReleases of an Application."""
COMPONENT_LABEL = "fleet.kurator.dev/component"
HISTORY = 5
"""Releases of Helm that a row tells."""


class _Named(Projection):
    """A reference to an object, which may be in another namespace."""

    kind: str | None = None
    name: str | None = None
    namespace: str | None = None


class _ChartSpec(Projection):
    chart: str | None = None
    version: str | None = None
    source_ref: _Named | None = None


class _Chart(Projection):
    spec: _ChartSpec = msgspec.field(default_factory=_ChartSpec)


class _KubeConfig(Projection):
    secret_ref: NameRef | None = None


class _HelmReleaseSpec(Projection):
    chart: _Chart | None = None
    suspend: bool | None = None
    kube_config: _KubeConfig | None = None
    depends_on: list[_Named] | None = None
    target_namespace: str | None = None
    values: dict[str, Any] | None = None
    values_from: list[_Named] | None = None


class _Snapshot(Projection):
    """One release in the history of newer Flux."""

    version: Int64 | None = None
    chart_name: str | None = None
    chart_version: str | None = None
    status: str | None = None


class _HelmReleaseStatus(Projection):
    conditions: list[Condition] | None = None
    failures: Int64 | None = None
    last_release_revision: Int64 | None = None
    history: list[_Snapshot] | None = None
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
    application: Interned = ""
    """The Application it was made for."""
    attempted: str = ""
    """The revision that was tried last."""
    source: Interned = ""
    """`Kind/name` of where its chart comes from."""
    secret: Interned = ""
    """Of the kubeconfig it is installed with; "" on the cluster it is in."""
    depends: tuple[str, ...] = ()
    """`namespace/name` of the HelmReleases that have to be ready first."""
    failures: int = 0
    """Tries that failed since the last one that did not."""
    history: str = ""
    """The releases Helm made, the newest first; without a history the number of the last one."""
    target: Interned = ""
    """Namespace in which the chart is installed."""
    parts: tuple[Any, ...] = ()
    """For joins, of a plugin's release: values as `helm_values.flat`, and what else values come from."""


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
        application=intern(labels.get(APPLICATION_LABEL)),
        attempted=status.last_attempted_revision or "",
        source=intern(_reference(chart.source_ref.kind, chart.source_ref.name) if chart.source_ref else ""),
        secret=intern(
            spec.kube_config.secret_ref.name if spec.kube_config and spec.kube_config.secret_ref else ""
        ),
        depends=_dependencies(spec.depends_on or (), meta.namespace),
        failures=status.failures or 0,
        history=one_line(_history(status)),
        target=intern(spec.target_namespace or meta.namespace),
        parts=_values(spec) if labels.get(PLUGIN_LABEL) else (),
    )


def _values(spec: _HelmReleaseSpec) -> tuple[Any, ...]:
    others = [f"{each.kind or 'ConfigMap'} {each.name}" for each in spec.values_from or () if each.name]
    return flat(spec.values), others


def _dependencies(found: Iterable[_Named], namespace: str | None) -> tuple[str, ...]:
    return tuple(f"{each.namespace or namespace or ''}/{each.name}" for each in found if each.name)


def _history(status: _HelmReleaseStatus) -> str:
    """`v4 podinfo 6.7.1 deployed, v3 …`; older Flux tells the last number only."""
    told = [
        " ".join(
            word for word in (f"v{each.version or 0}", each.chart_name, each.chart_version, each.status) if word
        )
        for each in (status.history or ())[:HISTORY]
    ]
    return ", ".join(told) or (f"v{status.last_release_revision}" if status.last_release_revision else "")


def helm_release_health(row: HelmReleaseRow) -> Health:
    """Ready decides, Unknown is on its way; suspended is meant, but a failure from before still shows."""
    reason = ": ".join(part for part in (row.reason, row.message) if part)
    if row.ready == "False" and row.reason != "Progressing":
        return Health(Level.FAILED, reason)
    if row.suspended:
        return Health(Level.HEALTHY, "suspended")
    if row.ready == "True":
        return HEALTHY
    if row.ready == "False":
        return Health(Level.PROGRESSING, reason)
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
    parts=("values", "others"),
)

_CONDITIONS = conditions(
    "Ready", bad=("Stalled", "FetchFailed"), waiting=("Progressing", "DependencyNotReady", "ChartNotReady")
)
READY = suspended("spec.suspend", _CONDITIONS)
"""Ready decides; Stalled and FetchFailed say why it is not. Suspended is meant."""

_APPLICATION = cell("application", f"metadata.labels['{APPLICATION_LABEL}']", priority=5)
_SUSPENDED = cell("suspended", "spec.suspend", wide=True)
_INTERVAL = cell("interval", "spec.interval", wide=True)


def _reference(kind: Any, name: Any, namespace: Any = None) -> str:
    """`Kind/name`, and the namespace when it is said."""
    where = f" ({namespace})" if namespace else ""
    return f"{kind}/{name}{where}" if name else ""


_FETCHED = (
    cell("revision", "status.artifact.revision", width=50),
    cell("fetched", "status.artifact.lastUpdateTime", format=Format.AGE),
    _APPLICATION,
)


_READY_PART = Part(("status.conditions[*]",), lambda told: by_type(told).get("Ready"))


def _source(
    plural: str,
    name: str,
    *cells: Cell,
    versions: tuple[str, ...] = ("v1", "v1beta2", "v1beta1"),
    short_names: tuple[str, ...] = (),
    health: Judge = READY,
) -> Kind[Any, ObjectRow]:
    """A kind of source: where it is, the revision fetched last, and when."""
    return table(
        f"{plural}.source.toolkit.fluxcd.io",
        name,
        versions,
        *cells,
        *_FETCHED,
        _INTERVAL,
        _SUSPENDED,
        cell("digest", "status.artifact.digest", "status.artifact.checksum", wide=True, width=40),
        health=health,
        short_names=short_names,
        parts={"ready": _READY_PART},
    )


_URL = cell("url", "spec.url", width=60)


def _branch(ref: Any) -> str:
    """The most specific part of `spec.ref` decides, as for Flux: commit, name, semver, tag, branch."""
    if not isinstance(ref, dict):
        return ""
    return next(
        (str(ref[key]) for key in ("commit", "digest", "name", "semver", "tag", "branch") if ref.get(key)), ""
    )


_REF = cell("ref", "spec.ref", read=_branch)

GIT_REPOSITORY = _source("gitrepositories", "GitRepository", _URL, _REF, short_names=("gitrepo",))

OCI_REPOSITORY = _source(
    "ocirepositories", "OCIRepository", _URL, _REF, versions=("v1", "v1beta2"), short_names=("ocirepo",)
)


def _helm_repository(kind: Any, *values: Any) -> Health:
    """One of type `oci` is only an address: nothing is fetched, and newer Flux gives it no status."""
    return HEALTHY if kind == "oci" and not values[1] else READY.read(*values)


HELM_REPOSITORY = _source(
    "helmrepositories",
    "HelmRepository",
    _URL,
    cell("type", "spec.type", read=lambda kind: kind or "default", priority=5),
    short_names=("helmrepo",),
    health=Judge(
        ("spec.type", *READY.paths), _helm_repository, f"{READY.says}; of type oci and without conditions: healthy"
    ),
)

HELM_CHART = _source(
    "helmcharts",
    "HelmChart",
    cell("chart", "spec.chart"),
    cell("version", "spec.version"),
    cell("source", "spec.sourceRef.kind", "spec.sourceRef.name", read=_reference, width=50),
    short_names=("hc",),
)

BUCKET = _source(
    "buckets",
    "Bucket",
    cell("bucket", "spec.bucketName"),
    cell("endpoint", "spec.endpoint", width=50),
    cell("provider", "spec.provider", priority=5),
)

EXTERNAL_ARTIFACT = table(
    "externalartifacts.source.toolkit.fluxcd.io",
    "ExternalArtifact",
    ("v1",),
    cell("source", *(f"spec.sourceRef.{key}" for key in ("kind", "name", "namespace")), read=_reference, width=50),
    *_FETCHED,
    cell("digest", "status.artifact.digest", wide=True, width=40),
    health=_CONDITIONS,
    short_names=("ea",),
)


def _depends(found: Any, namespace: Any) -> list[str]:
    """`namespace/name` of the Kustomizations that have to be ready first."""
    told = [each for each in found or () if isinstance(each, dict) and isinstance(each.get("name"), str)]
    return [f"{each.get('namespace') or namespace or ''}/{each['name']}" for each in told]


KUSTOMIZATION = table(
    "kustomizations.kustomize.toolkit.fluxcd.io",
    "Kustomization",
    ("v1", "v1beta2", "v1beta1"),
    cell("revision", "status.lastAppliedRevision", width=50),
    cell(
        "source",
        "spec.sourceRef.kind",
        "spec.sourceRef.name",
        "spec.sourceRef.namespace",
        read=_reference,
        width=50,
    ),
    cell("path", "spec.path", width=40, priority=5),
    cell("target", "spec.kubeConfig.secretRef.name", priority=4),
    cell("objects", "status.inventory.entries[*].id", format=Format.COUNT, priority=4),
    _APPLICATION,
    cell("attempted", "status.lastAttemptedRevision", wide=True, width=50),
    cell("depends", "spec.dependsOn[*].name", title="DEPENDS ON", wide=True, width=40),
    cell("prune", "spec.prune", wide=True),
    _INTERVAL,
    _SUSPENDED,
    health=READY,
    short_names=("ks",),
    parts={
        "ready": _READY_PART,
        "inventory": Part(("status.inventory.entries[*].id",), inventory),
        "depends": Part(("spec.dependsOn[*]", "metadata.namespace"), _depends),
    },
)

KINDS = (
    *(HELM_RELEASE, KUSTOMIZATION, GIT_REPOSITORY, HELM_REPOSITORY, OCI_REPOSITORY, HELM_CHART, BUCKET),
    EXTERNAL_ARTIFACT,
)
