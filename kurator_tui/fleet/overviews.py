"""The joins behind the Fleets and Clusters screens: pure functions from rows and facts to overview rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.troubles import NONE, Troubles
from kurator_tui.kinds.base import HOST, SEVERITY, Level
from kurator_tui.kinds.flux import HelmReleaseRow, helm_release_health
from kurator_tui.kinds.kurator import FleetRow, ManagedClusterRow, fleet_health
from kurator_tui.kinds.overview import MOST_FINDINGS, ClusterOverview, Finding, FleetOverview, PluginCell
from kurator_tui.store.freshness import STATE_LEVELS, Freshness, State


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over one cluster's nodes and pods. CPU in millicores, memory in bytes; None until listed once."""

    nodes: int | None = None
    nodes_ready: int | None = None
    pods: int | None = None
    pods_ready: int | None = None
    cpu_requested: int | None = None
    cpu_allocatable: int | None = None
    memory_requested: int | None = None
    memory_allocatable: int | None = None
    gpus: int = 0


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """Everything `cluster_overview` joins about one member."""

    member: Member
    state: Freshness
    totals: Totals
    fleets: Sequence[str] = ()
    via: str = ""
    server: str = ""
    version: str = ""
    latency: float | None = None
    ahead: float = 0.0
    contact: float = 0.0
    expiries: tuple[float | None, float | None] = (None, None)
    """Of the client's and of the server's certificate."""
    streams: int = 0
    note: str = ""
    numbers: float | None = None
    managed: ManagedClusterRow | None = None
    troubles: tuple[int, Level] = NONE
    """How many incidents go on about it, and how bad the worst is."""


_MINOR = re.compile(r"^v?(\d{1,4})\.(\d{1,4})(?!\d)")


def minor(version: str) -> tuple[int, int] | None:
    """(major, minor) of a Kubernetes version, or None."""
    found = _MINOR.match(version)
    return (int(found[1]), int(found[2])) if found else None


def newest_minor(versions: Iterable[str]) -> tuple[int, int] | None:
    """The newest (major, minor) among `versions`."""
    return max((found for version in versions if (found := minor(version))), default=None)


def cluster_overview(facts: MemberFacts, newest: tuple[int, int] | None) -> ClusterOverview:
    """One row of the Clusters screen."""
    level, reason = _cluster_health(facts)
    own = minor(facts.version)
    managed, member, totals = facts.managed, facts.member, facts.totals
    return ClusterOverview(
        cluster=member.name,
        namespace=member.namespace,
        name=member.name,
        uid=managed.uid if managed else f"{member.kind}/{member.name}",
        created=managed.created if managed else 0.0,
        level=level,
        reason=reason,
        kind=member.kind,
        object_name=member.object_name,
        fleet=",".join(facts.fleets),
        via=facts.via,
        state=facts.state.state.value,
        since=facts.state.since,
        server=facts.server,
        latency=facts.latency,
        contact=facts.contact,
        version=facts.version,
        skew=newest[1] - own[1] if newest and own and newest[0] == own[0] else None,
        phase=managed.phase if managed else "",
        kurator_ready=managed.ready if managed else None,
        nodes=totals.nodes,
        nodes_ready=totals.nodes_ready,
        pods=totals.pods,
        pods_ready=totals.pods_ready,
        cpu_requested=totals.cpu_requested,
        cpu_allocatable=totals.cpu_allocatable,
        memory_requested=totals.memory_requested,
        memory_allocatable=totals.memory_allocatable,
        gpus=totals.gpus,
        certificate_expiry=min((end for end in facts.expiries if end is not None), default=None),
        client_expiry=facts.expiries[0],
        server_expiry=facts.expiries[1],
        ahead=facts.ahead,
        found=facts.troubles[0],
        worst=facts.troubles[1],
        streams=facts.streams,
        infrastructure=managed.infrastructure if managed else "",
        endpoint=managed.endpoint if managed else "",
        labels=managed.labels if managed else (),
        note=facts.note,
        numbers=facts.numbers,
    )


def _cluster_health(facts: MemberFacts) -> tuple[Level, str]:
    """Our own probe decides; a live member is degraded by nodes, refusals or a double membership."""
    state, totals = facts.state, facts.totals
    if state.state is not State.LIVE:
        return STATE_LEVELS[state.state], state.reason
    reasons: list[str] = []
    if totals.nodes and totals.nodes_ready is not None and totals.nodes_ready < totals.nodes:
        missing = totals.nodes - totals.nodes_ready
        reasons.append(f"{missing} of {totals.nodes} nodes not ready")
    if len(facts.fleets) > 1:
        reasons.append(f"listed in {len(facts.fleets)} fleets: the fleet label flips between them")
    if facts.note:
        reasons.append(facts.note)
    if facts.managed is not None and facts.managed.phase in ("Failed", "ProvisionFailed"):
        reasons.append(f"Kurator: {facts.managed.reason or facts.managed.phase}")
    return (Level.DEGRADED, "; ".join(reasons)) if reasons else (Level.HEALTHY, "")


# -- fleets -----------------------------------------------------------

_PLUGIN_OF_LABEL = {
    "metric": "metric",
    "grafana": "grafana",
    "kyverno": "kyverno",
    "backup": "backup",
    "storage-operator": "storage",
    "cluster-storage": "storage",
    "flagger": "flagger",
    "testloader": "flagger",
    "kuma": "flagger",
    "nginx": "flagger",
    "submariner-broker": "submariner",
    "submariner-operator": "submariner",
}
"""Label `fleet.kurator.dev/plugin` -> column of the matrix (kurator-api §2.1, plugins to objects)."""

EXPECTED = {
    "metric": "prometheus",
    "kyverno": "kyverno",
    "backup": "velero",
    "storage": "rook",
    "flagger": "flagger",
    "submariner": "sm-operator",
}
"""The per-member component that every ready member must have when the plugin is on."""
HOST_SIDE = {"metric": "thanos", "grafana": "grafana"}


def plugin_cells(
    fleet: FleetRow, members: Mapping[str, str], releases: Iterable[HelmReleaseRow]
) -> tuple[PluginCell, ...]:
    """The plugin matrix of one fleet: what HelmReleases say, and what should exist and does not.

    `members` maps the object name of each member to its cluster name.
    """
    own = [r for r in releases if r.namespace == fleet.namespace and r.fleet == fleet.name]
    cells = [_cell(release, members) for release in own]
    have = {(cell.component, cell.member) for cell in cells}
    for plugin in fleet.plugins:
        wanted = [(HOST_SIDE[plugin], HOST)] if plugin in HOST_SIDE else []
        if plugin in EXPECTED:
            wanted += [(EXPECTED[plugin], cluster) for cluster in members.values()]
        for component, cluster in wanted:
            if (component, cluster) not in have:
                reason = "no HelmRelease: the fleet's reconcile never reached it"
                cells.append(PluginCell(plugin, component, cluster, Level.UNKNOWN, reason))
    return tuple(sorted(cells, key=lambda c: (c.plugin, c.component, c.member)))


def _cell(release: HelmReleaseRow, members: Mapping[str, str]) -> PluginCell:
    component = release.component or release.name
    suffix = release.name.removeprefix(f"{component}-")
    cluster = members.get(suffix, suffix) if release.remote or suffix != release.name else HOST
    health = helm_release_health(release)
    plugin = _PLUGIN_OF_LABEL.get(release.plugin, release.plugin)
    return PluginCell(plugin, component, cluster, health.level, health.reason, release.name, release.revision)


def fleet_overview(
    fleet: FleetRow,
    clusters: Sequence[ClusterOverview],
    releases: Sequence[HelmReleaseRow],
    host: Freshness,
    troubles: Troubles | None = None,
) -> FleetOverview:
    """One row of the Fleets screen; `clusters` are the overview rows of its members.

    Its health is what is watched anyway, its findings are what triage made of all that it sees.
    """
    live = [c for c in clusters if c.state == State.LIVE.value]
    cells = plugin_cells(fleet, {c.object_name or c.name: c.name for c in clusters}, releases)
    level, reason = _fleet_verdict(_findings(fleet, clusters, cells, releases), host)
    found = troubles.of_fleet(fleet.namespace, [c.name for c in clusters]) if troubles is not None else []
    return FleetOverview(
        cluster=HOST,
        namespace=fleet.namespace,
        name=fleet.name,
        uid=fleet.uid,
        created=fleet.created,
        level=level,
        reason=reason,
        phase=fleet.phase,
        members=tuple(c.name for c in clusters),
        live=len(live),
        kurator_ready=fleet.ready,
        plugins=cells,
        nodes=_sum(c.nodes for c in clusters),
        nodes_ready=_sum(c.nodes_ready for c in clusters),
        pods=_sum(c.pods for c in clusters),
        cpu_requested=_sum(c.cpu_requested for c in clusters),
        cpu_allocatable=_sum(c.cpu_allocatable for c in clusters),
        memory_requested=_sum(c.memory_requested for c in clusters),
        memory_allocatable=_sum(c.memory_allocatable for c in clusters),
        gpus=sum(c.gpus for c in clusters),
        labels=fleet.labels,
        found=len(found),
        findings=tuple(found[:MOST_FINDINGS]),
    )


def _sum(values: Iterable[int | None]) -> int | None:
    """The sum of what is known; None where there are values and none is known: not counted is not zero."""
    values = list(values)
    known = [value for value in values if value is not None]
    return sum(known) if known or not values else None


def _fleet_verdict(findings: Sequence[Finding], host: Freshness) -> tuple[Level, str]:
    """Worst of Kurator's phase, our probes of the members, and the plugins; the reason says which."""
    if host.state is not State.LIVE:
        return STATE_LEVELS[host.state], f"host: {host.reason or host.state}"
    if not findings:
        return Level.HEALTHY, ""
    worst = max(findings, key=lambda finding: SEVERITY[_shared(finding)])
    more = f" (+{len(findings) - 1} more)" if len(findings) > 1 else ""
    return _shared(worst), _said(worst) + more


def _said(finding: Finding) -> str:
    """`where: reason`; of a state `where state: reason`."""
    state = finding.reason.partition(":")[0] in _STATES
    return f"{finding.where}{' ' if state else ': '}{finding.reason}" if finding.where else finding.reason


_STATES = frozenset(state.value for state in State)


def _shared(finding: Finding) -> Level:
    """What a finding is for the whole fleet: one part that failed degrades it, its own phase may fail it."""
    return Level.DEGRADED if finding.where and finding.level is Level.FAILED else finding.level


def _findings(
    fleet: FleetRow,
    clusters: Sequence[ClusterOverview],
    cells: Sequence[PluginCell],
    releases: Sequence[HelmReleaseRow],
) -> list[Finding]:
    """All that is not healthy, of what is watched anyway: members' connections, HelmReleases of plugins and of
    Applications."""
    found: list[Finding] = []
    verdict = fleet_health(fleet)
    if verdict.level is not Level.HEALTHY:
        found.append(Finding(verdict.level, "", verdict.reason))
    for cluster in clusters:
        if cluster.state in (State.CONNECTING.value, State.SYNCING.value):
            found.append(Finding(Level.PROGRESSING, cluster.name, cluster.state))
        elif cluster.state != State.LIVE.value:
            found.append(Finding(Level.FAILED, cluster.name, f"{cluster.state}: {cluster.reason}"))
        elif cluster.level is Level.DEGRADED:
            found.append(Finding(Level.DEGRADED, cluster.name, cluster.reason))
    for cell in cells:
        if cell.level is not Level.HEALTHY:
            found.append(Finding(cell.level, f"{cell.component} on {cell.member}", cell.reason))
    ends = {f"-{cluster.kind.lower()}-{cluster.object_name or cluster.name}": cluster.name for cluster in clusters}
    for release in releases:
        if release.application and release.namespace == fleet.namespace:
            member = next((name for end, name in ends.items() if release.name.endswith(end)), "")
            health = helm_release_health(release)
            if member and SEVERITY[health.level] >= SEVERITY[Level.DEGRADED]:
                found.append(Finding(health.level, f"{release.application} on {member}", health.reason))
    return found
