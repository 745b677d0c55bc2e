"""The derived kind `pluginreleases`: a row a component of a fleet's plugin and member, with why it does not work.

`kurator_tui.fleet.plugin_releases` joins them of the Fleet, its HelmReleases and the pods they made.
"""

from __future__ import annotations

from kurator_tui.kinds.base import (
    HOST,
    AnyKind,
    Column,
    Format,
    Health,
    Interned,
    Kind,
    Level,
    Row,
    Subject,
    told_health,
)


class PluginReleaseRow(Row, frozen=True, gc=False, array_like=True):
    """`namespace` is the fleet's, `name` the HelmRelease's, or what it would be called."""

    level: Level = Level.UNKNOWN
    reason: str = ""
    fleet: Interned = ""
    plugin: Interned = ""
    component: Interned = ""
    release: Interned = ""
    """Name of the HelmRelease; "" where Kurator never made one."""
    chart: Interned = ""
    version: Interned = ""
    """Applied, else tried."""
    wanted: Interned = ""
    """What Kurator installs by default, where that is another version."""
    ready: Interned = ""
    pods: int | None = None
    """Pods of it that fail; None where they cannot be read."""
    pod: Interned = ""
    """One of them."""
    told: str = ""
    """Why that one fails."""
    values: tuple[str, ...] = ()
    """What the fleet sets beside the defaults, as it was rendered."""


def plugin_release_health(row: PluginReleaseRow) -> Health:
    """Of the HelmRelease as everywhere; degraded where it is Ready and pods of it fail, and where values were
    rendered otherwise than the fleet asks for; unknown where Kurator never made one."""
    return told_health(row.level, row.reason)


def _subject(row: PluginReleaseRow) -> Subject | None:
    place = (HOST, row.namespace, row.release)
    return Subject("helmreleases.helm.toolkit.fluxcd.io", *place) if row.release else None


def _version(row: PluginReleaseRow) -> str:
    return f"{row.version} (default {row.wanted})" if row.wanted else row.version


PLUGIN_RELEASES: AnyKind = Kind(
    id="pluginreleases",
    name="PluginRelease",
    plural="pluginreleases",
    short_names=("plugins", "plugin"),
    row=PluginReleaseRow,
    joined=True,
    health=plugin_release_health,
    subject=_subject,
    sort="-health",
    columns=(
        Column("plugin", "PLUGIN", lambda r: r.plugin, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=0),
        Column("component", "COMPONENT", lambda r: r.component, priority=4),
        Column("health", "HEALTH", lambda r: r.level, Format.HEALTH, priority=0, level=lambda r: r.level),
        Column("ready", "READY", lambda r: r.ready, priority=5),
        Column("chart", "CHART", lambda r: r.chart, priority=4),
        Column("version", "VERSION", _version, priority=3, width=30),
        Column("pods", "PODS BAD", lambda r: r.pods or None, Format.COUNT, priority=5),
        Column("reason", "REASON", lambda r: r.reason, priority=1, width=80),
        Column("values", "VALUES SET", lambda r: "; ".join(r.values), priority=5, width=60),
        Column("told", "POD SAYS", lambda r: r.told, priority=7, wide=True, width=80),
        Column("pod", "POD", lambda r: r.pod, priority=7, wide=True, width=50),
        Column("fleet", "FLEET", lambda r: r.fleet, priority=4),
        Column("name", "NAME", lambda r: r.name, priority=6, width=40),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=8, wide=True),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=6),
    ),
)

KINDS = (PLUGIN_RELEASES,)
