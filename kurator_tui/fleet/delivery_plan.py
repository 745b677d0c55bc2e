"""What is to be delivered to which cluster, and what on the host it depends on: the host's side of deliveries.

Pure: rows in, plans out. Beyond `application_plan` it finds the source of any kind, what a delivery waits for, and
the Flux objects that no sync policy asks for any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import NamedTuple

from kurator_tui.fleet.application_plan import (
    HOST_KINDS,
    FluxRow,
    Host,
    Planned,
    application_of,
    by_application,
    text,
)
from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HOST, AnyKind
from kurator_tui.kinds.flux import (
    GIT_REPOSITORY,
    HELM_RELEASE,
    HELM_REPOSITORY,
    KUSTOMIZATION,
    OCI_REPOSITORY,
    HelmReleaseRow,
)
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, CLUSTER, FleetRow, ManagedClusterRow
from kurator_tui.kinds.kurator_apps import APPLICATION
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.store.freshness import Freshness

SOURCES: Mapping[str, AnyKind] = {
    "gitRepository": GIT_REPOSITORY,
    "helmRepository": HELM_REPOSITORY,
    "ociRepository": OCI_REPOSITORY,
}
"""By the word in an Application's `spec.source`."""
PLAN_KINDS = (*HOST_KINDS, HELM_REPOSITORY, OCI_REPOSITORY)
FARTHEST = 10
"""Dependencies of dependencies that are followed."""

Place = tuple[str, str]
"""(namespace, name)."""


class Source(NamedTuple):
    """Where an Application comes from; `row` is None where Kurator has made none, or it cannot be read."""

    kind: AnyKind
    row: ObjectRow | None
    state: Freshness
    """How far rows of that kind can be trusted on the host."""

    @property
    def revision(self) -> str:
        """The newest revision of the source; "" for a Helm repository, whose index says nothing of a chart."""
        if self.row is None or self.kind is HELM_REPOSITORY:
            return ""
        return text(self.kind.value(self.row, "revision"))


class Dependency(NamedTuple):
    """What has to be ready first; `row` is None where it does not exist."""

    name: str
    row: FluxRow | None


class Delivered(NamedTuple):
    """One sync policy on one cluster with what it depends on; `left` is a Flux object that none asks for."""

    planned: Planned
    source: Source | None
    fleet: FleetRow | None = None
    target: ManagedClusterRow | None = None
    member: Member | None = None
    depends: tuple[Dependency, ...] = ()
    circle: tuple[str, ...] = ()
    """Names of the objects that wait for each other."""
    flux_state: Freshness | None = None
    """How far the Flux objects of its kind can be trusted."""
    left: bool = False

    @property
    def uid(self) -> str:
        """The same as long as it is the same delivery, and on no other cluster another one's."""
        kind, name = self.planned.target
        own = f"{self.planned.application.uid}/{self.planned.place}"
        if self.left and self.planned.flux is not None:
            return self.planned.flux.uid
        return f"{own}/{kind}/{name}" if name else own

    @property
    def elsewhere(self) -> bool:
        """Whether it applies to a cluster that is no member any more."""
        flux = self.planned.flux
        here = flux is not None and flux.name.endswith(f"-currentcluster-{HOST}")
        return self.left and not self.planned.target[1] and not here

    @property
    def flux_kind(self) -> AnyKind:
        """Kustomizations or HelmReleases."""
        if self.planned.flux is not None:
            return HELM_RELEASE if isinstance(self.planned.flux, HelmReleaseRow) else KUSTOMIZATION
        return HELM_RELEASE if self.planned.policy.get("way") == "helm" else KUSTOMIZATION


class _Flux:
    """The host's Flux objects and clusters by what they are looked up by."""

    def __init__(self, seen: Seen) -> None:
        self.kustomizations: dict[Place, FluxRow] = {_of(row): row for row in seen.rows(KUSTOMIZATION, HOST)}
        self.releases: dict[Place, FluxRow] = {_of(row): row for row in seen.rows(HELM_RELEASE, HOST)}
        self.clusters: dict[tuple[str, str, str], ManagedClusterRow] = {
            (row.kind, row.namespace, row.name): row
            for kind in (CLUSTER, ATTACHED_CLUSTER)
            for row in seen.rows(kind, HOST)
        }
        self.sources: dict[tuple[str, str, str], ObjectRow] = {
            (kind.id, row.namespace, application_of(row.labels) or row.name): row
            for kind in SOURCES.values()
            for row in seen.rows(kind, HOST)
        }
        self.states = {
            kind.id: seen.freshness(HOST, kind) for kind in (*SOURCES.values(), KUSTOMIZATION, HELM_RELEASE)
        }

    def source(self, application: ObjectRow) -> Source | None:
        kind = SOURCES.get(text(APPLICATION.value(application, "source_kind")))
        if kind is None:
            return None
        row = self.sources.get((kind.id, application.namespace, application.name))
        return Source(kind, row, self.states[kind.id])

    def beside(self, row: FluxRow) -> Mapping[Place, FluxRow]:
        """Those of the same kind."""
        return self.releases if isinstance(row, HelmReleaseRow) else self.kustomizations


def _of(row: FluxRow) -> Place:
    return row.namespace, row.name


def depends_on(row: FluxRow) -> tuple[str, ...]:
    """`namespace/name` of what a Flux object waits for."""
    if isinstance(row, HelmReleaseRow):
        return row.depends
    return tuple(part(KUSTOMIZATION, row, "depends") or ())


def _dependencies(row: FluxRow | None, flux: _Flux) -> tuple[Dependency, ...]:
    if row is None:
        return ()
    beside = flux.beside(row)
    return tuple(Dependency(each, beside.get(_place(each))) for each in depends_on(row))


def _place(name: str) -> Place:
    namespace, _, own = name.partition("/")
    return namespace, own


def _circle(row: FluxRow | None, flux: _Flux) -> tuple[str, ...]:
    """The names from a Flux object back to itself along what each waits for; () where it is not in a circle."""
    if row is None:
        return ()
    beside, start = flux.beside(row), f"{row.namespace}/{row.name}"
    roads: list[tuple[str, ...]] = [(start,)]
    met = {start}
    for _step in range(FARTHEST):
        following: list[tuple[str, ...]] = []
        for road in roads:
            last = beside.get(_place(road[-1]))
            for name in depends_on(last) if last is not None else ():
                if name == start:
                    return (*road, start)
                if name not in met:
                    met.add(name)
                    following.append((*road, name))
        roads = following
    return ()


class Chain(NamedTuple):
    """An Application with where it comes from and where it goes, as (cluster, delivery)."""

    application: ObjectRow
    source: Source | None
    deliveries: tuple[tuple[str, Delivered], ...]


def delivered(seen: Seen) -> dict[str, list[Delivered]]:
    """What is delivered to each cluster, by its name."""
    found: dict[str, list[Delivered]] = {}
    for chain in seen.shared(chains):
        for cluster, each in chain.deliveries:
            found.setdefault(cluster, []).append(each)
    return found


def chains(seen: Seen) -> list[Chain]:
    """Every Application; only what something else is known of is made anew.

    Whatever of the host concerns one policy is behind its plan already, but sources and dependencies.
    """
    host, flux, found = seen.shared(Host), seen.shared(_Flux), list[Chain]()
    states = tuple(flux.states.values())
    for application, planned in seen.shared(by_application):
        source = flux.source(application)
        waiting = seen.unchanged(("waiting", application.uid), (planned,), partial(_waiting, planned))
        reached = _reached(waiting, flux) if waiting else ()
        inputs = (planned, source.row if source is not None else None, host.places, *states, *reached)
        make = partial(_chain, seen, application, planned, source)
        found.append(seen.unchanged(application.uid, inputs, make))
    return found


def _waiting(planned: list[tuple[str, Planned]]) -> list[FluxRow]:
    """Those of an Application's Flux objects that wait for others."""
    return [each.flux for _cluster, each in planned if each.flux is not None and depends_on(each.flux)]


def _reached(rows: list[FluxRow], flux: _Flux) -> tuple[FluxRow | None, ...]:
    """What they wait for, and what that waits for, None for what does not exist."""
    found: dict[str, FluxRow | None] = {}
    following = rows
    for _step in range(FARTHEST):
        news = {
            each.name: each.row for row in following for each in _dependencies(row, flux) if each.name not in found
        }
        found |= news
        following = [row for row in news.values() if row is not None]
    return tuple(found.values())


def _chain(seen: Seen, application: ObjectRow, planned: list[tuple[str, Planned]], source: Source | None) -> Chain:
    """One Application, all of it made anew."""
    host, flux = seen.shared(Host), seen.shared(_Flux)
    made = ((cluster, _made(each, source, host, flux, seen.members.get(cluster))) for cluster, each in planned)
    return Chain(application, source, (*made, *_left_behind(application, planned, source, host, flux)))


def _made(planned: Planned, source: Source | None, host: Host, flux: _Flux, member: Member | None) -> Delivered:
    """A plan with what is around it."""
    namespace, (kind, name) = planned.application.namespace, planned.target
    depends = _dependencies(planned.flux, flux)
    found = Delivered(
        planned,
        source,
        host.fleets.get((namespace, planned.fleet)),
        flux.clusters.get((kind, namespace, name)),
        member,
        depends,
        _circle(planned.flux, flux) if depends else (),
    )
    return found._replace(flux_state=flux.states[found.flux_kind.id])


def _left_behind(
    application: ObjectRow, planned: list[tuple[str, Planned]], source: Source | None, host: Host, flux: _Flux
) -> Iterator[tuple[str, Delivered]]:
    """Flux objects of the Application that no sync policy asks for, on the cluster that their name ends in."""
    named = {each.flux.uid for _cluster, each in planned if each.flux is not None}
    for name, row in host.flux.get((application.namespace, application.name), {}).items():
        if row.uid in named:
            continue
        cluster, target = HOST, ("", "")
        for (kind, namespace, own), its in host.places.clusters.items():
            if namespace == application.namespace and name.endswith(f"-{kind}-{own}".lower()):
                cluster, target = its, (kind, own)
        plan = Planned(application, -1, name, None, {}, "", row, target=target)
        yield cluster, Delivered(plan, source, flux_state=flux.states[HELM_RELEASE.id], left=True)
