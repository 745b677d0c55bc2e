"""The join behind `pluginreleases`: what a Fleet's plugins are on each member, since the Fleet does not say.

The HelmRelease is on the host, its pods are in the member; what the fleet sets beside Kurator's defaults is the
`extraArgs` of its plugins, compared with the values that were rendered (kurator-api §2.1, §10 K12).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from kurator_tui.fleet.join import Join
from kurator_tui.fleet.overviews import plugin_cells
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HOST, SEVERITY, Health, Level, Row
from kurator_tui.kinds.flux import HELM_RELEASE, HelmReleaseRow
from kurator_tui.kinds.helm_values import corrupted, difference
from kurator_tui.kinds.kurator import FLEET, FleetRow
from kurator_tui.kinds.overview import PluginCell
from kurator_tui.kinds.plugin_releases import PLUGIN_RELEASES, PluginReleaseRow
from kurator_tui.kinds.pods import POD, PodRow, pod_health
from kurator_tui.store.freshness import UNREADABLE, State

DEFAULTS = {
    "thanos": "12.5.1",
    "prometheus": "8.9.1",
    "grafana": "8.2.33",
    "kyverno": "3.0.0",
    "kyverno-policies": "3.0.0",
    "velero": "5.0.2",
    "rook": "1.11.11",
    "rook-ceph": "1.11.11",
    "testloader": "0.30.0",
    "kuma": "2.7.3",
    "sm-broker": "0.18.0",
    "sm-operator": "0.18.0",
}
"""Component -> the version of its chart that Kurator installs; those that float are left out."""


class Planned(NamedTuple):
    """One component on one cluster, as the host tells it."""

    fleet: FleetRow
    cell: PluginCell
    release: HelmReleaseRow | None
    alone: bool
    """Whether no other component of the fleet is in its namespace there."""


def plans(seen: Seen) -> Mapping[str, tuple[Planned, ...]]:
    """By cluster."""
    releases: list[HelmReleaseRow] = list(seen.rows(HELM_RELEASE, HOST))
    by_place = {(row.namespace, row.name): row for row in releases}
    found: dict[str, list[Planned]] = {}
    for fleet in sorted(seen.rows(FLEET, HOST), key=lambda row: (row.namespace, row.name)):
        members = _members(seen, fleet)
        cells = plugin_cells(fleet, members, releases)
        its = [(cell, by_place.get((fleet.namespace, cell.release))) for cell in cells]
        crowd: dict[tuple[str, str], int] = {}
        for cell, release in its:
            if release is not None:
                place = (cell.member, release.target)
                crowd[place] = crowd.get(place, 0) + 1
        for cell, release in its:
            alone = release is not None and crowd[(cell.member, release.target)] == 1
            found.setdefault(cell.member, []).append(Planned(fleet, cell, release, alone))
    return {cluster: tuple(each) for cluster, each in found.items()}


def _members(seen: Seen, fleet: FleetRow) -> dict[str, str]:
    """Object name -> cluster name of the members of a fleet."""
    listed = set(fleet.members)
    return {
        member.object_name: member.name
        for member in seen.members.values()
        if member.namespace == fleet.namespace and (member.kind, member.object_name) in listed
    }


def rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The components on one cluster."""
    planned = seen.shared(plans).get(cluster, ())
    live = seen.freshness(cluster).state is State.LIVE
    readable = live and seen.freshness(cluster, POD).state not in UNREADABLE
    bad: dict[str, list[PodRow]] = {}
    for pod in seen.rows(POD, cluster):
        if fails(pod):
            bad.setdefault(pod.namespace, []).append(pod)
    for each in planned:
        target = each.release.target if each.release is not None else ""
        pods = [pod for pod in bad.get(target, ()) if each.alone or _made_by(pod, each)] if target else []
        yield _row(cluster, each, pods if readable else None)


def fails(pod: PodRow) -> bool:
    """Whether a pod does not do its job."""
    return SEVERITY[pod_health(pod).level] >= SEVERITY[Level.DEGRADED]


def _made_by(pod: PodRow, planned: Planned) -> bool:
    """By the names that charts give: the release's in the target, or the component's."""
    if planned.release is None:
        return False
    helm = f"{planned.release.target}-{planned.release.name}"
    return pod.name.startswith((helm[:53], f"{planned.cell.component}-")) or pod.name == planned.cell.component


JOIN = Join(PLUGIN_RELEASES, (FLEET, HELM_RELEASE), (POD,), rows, only={POD.id: fails}, planned=plans, beside=True)


def _row(cluster: str, planned: Planned, pods: Sequence[PodRow] | None) -> PluginReleaseRow:
    fleet, cell, release, _alone = planned
    values = _values(fleet, cell, release)
    worst = max(pods or (), key=lambda pod: (SEVERITY[pod_health(pod).level], pod.name), default=None)
    health = _judged(cell, worst, len(pods or ()), values)
    chart, _, version = (release.chart if release is not None else "").partition(" ")
    applied = release.revision if release is not None else ""
    default = DEFAULTS.get(cell.component, "")
    other = bool(default and version and version != default)
    return PluginReleaseRow(
        cluster,
        fleet.namespace,
        cell.release or f"{cell.component}-{cluster}",
        f"{fleet.uid}/{cell.component}/{cell.member}",
        release.created if release is not None else 0.0,
        level=health.level,
        reason=health.reason,
        fleet=fleet.name,
        plugin=cell.plugin,
        component=cell.component,
        release=cell.release,
        chart=chart,
        version=applied or version,
        wanted=default if other else "",
        ready=release.ready if release is not None else "",
        pods=None if pods is None else len(pods),
        pod=worst.name if worst is not None else "",
        told=pod_health(worst).reason if worst is not None else "",
        values=values,
    )


def _values(fleet: FleetRow, cell: PluginCell, release: HelmReleaseRow | None) -> tuple[str, ...]:
    asked = dict(fleet.parts[0].get(cell.component, ())) if fleet.parts else {}
    rendered, others = release.parts if release is not None and release.parts else ((), ())
    lines = difference(asked, dict(rendered)) if release is not None and release.parts else ()
    return (*lines, *(f"and what {each} holds" for each in others))


def _judged(cell: PluginCell, worst: PodRow | None, number: int, values: tuple[str, ...]) -> Health:
    """What the pod says is before what Helm says of waiting for it."""
    said = []
    level = cell.level
    if worst is not None:
        more = f" (+{number - 1} more pods)" if number > 1 else ""
        said.append(f"{worst.name}: {pod_health(worst).reason}{more}")
        level = max(level, Level.DEGRADED, key=SEVERITY.__getitem__)
    if cell.reason:
        said.append(cell.reason)
    if corrupted(values) and cell.level is not Level.FAILED:
        said.append("values are not what the fleet asks for")
        level = max(level, Level.DEGRADED, key=SEVERITY.__getitem__)
    return Health(level, "; ".join(said))
