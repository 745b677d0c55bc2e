"""Which sync policy of which Application goes to which cluster: the host's side of deliveries and rollouts.

Pure: rows in, plans out. What Kurator's controllers do with an Application is repeated here: the fleet is looked
up in the Application's namespace, a policy's own destination replaces the Application's, and Flux objects are
found by their label and the name that Kurator gives them: the Flux parts of `status.syncStatus` are wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.flux import (
    APPLICATION_LABEL,
    GIT_REPOSITORY,
    HELM_RELEASE,
    KUSTOMIZATION,
    HelmReleaseRow,
)
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, CLUSTER, FLEET, FleetRow, ManagedClusterRow
from kurator_tui.kinds.kurator_apps import APPLICATION
from kurator_tui.kinds.table import ObjectRow, part

HOST_KINDS = (APPLICATION, FLEET, CLUSTER, ATTACHED_CLUSTER, KUSTOMIZATION, HELM_RELEASE, GIT_REPOSITORY)
LONGEST_NAME = 63
FluxRow = ObjectRow | HelmReleaseRow


class Planned(NamedTuple):
    """One sync policy on one cluster.

    `place` and `name` are the policy's number and name, `canary` (namespace, name) of the Canary that Kurator
    makes for it, None without a rollout block; `revision` is the newest one of its source, "" where that is not
    known; `problem` says what is wrong with where it goes; `target` is (kind, name) of the cluster's own object.
    """

    application: ObjectRow
    place: int
    name: str
    canary: tuple[str, str] | None
    policy: Mapping[str, Any]
    fleet: str
    flux: FluxRow | None
    revision: str = ""
    problem: str = ""
    target: tuple[str, str] = ("", "")

    @property
    def nowhere(self) -> bool:
        """Whether it gets to no cluster; then the host's row says why."""
        return bool(self.problem) and self.flux is None

    @property
    def block(self) -> Mapping[str, Any] | None:
        """The policy's rollout block."""
        found = self.policy.get("rollout")
        return found if isinstance(found, Mapping) else None


def policy_name(application: ObjectRow, index: int, policy: Mapping[str, Any]) -> str:
    """The name of a sync policy, as Kurator makes one where none is given."""
    return text(policy.get("name")) or f"{application.name}-{index}"


def canary_place(policy: Mapping[str, Any]) -> tuple[str, str] | None:
    """Where Kurator makes the Canary of a policy with a rollout block: it has the workload's name."""
    block = policy.get("rollout")
    if not isinstance(block, Mapping):
        return None
    workload = block.get("workload")
    its = workload if isinstance(workload, Mapping) else {}
    return text(its.get("namespace")) or "default", text(its.get("name"))


def flux_name(policy: str, kind: str, cluster: str) -> str:
    """The name of the Kustomization or HelmRelease of one policy on one cluster."""
    return f"{policy}-{kind}-{cluster}".lower()[:LONGEST_NAME]


def text(value: Any) -> str:
    """A text, "" for anything else."""
    return value if isinstance(value, str) else ""


class _Places(NamedTuple):
    """The clusters, whatever goes to them."""

    labels: Mapping[tuple[str, str, str], Mapping[str, str]]
    """Of the host's object, by (kind, namespace, name)."""
    clusters: Mapping[tuple[str, str, str], str]
    """Their own names, by the same."""


class Host:
    """The host's rows by what they are looked up by; taken as `seen.shared(Host)`."""

    def __init__(self, seen: Seen) -> None:
        self.fleets: dict[tuple[str, str], FleetRow] = {
            (row.namespace, row.name): row for row in seen.rows(FLEET, HOST)
        }
        rows = tuple(row for kind in (CLUSTER, ATTACHED_CLUSTER) for row in seen.rows(kind, HOST))
        self.places = seen.unchanged("places", (seen.members, *rows), lambda: _places(seen.members, rows))
        self.flux: dict[tuple[str, str], dict[str, FluxRow]] = {}
        for row in seen.rows(KUSTOMIZATION, HOST):
            self._add(application_of(row.labels), row)
        for release in seen.rows(HELM_RELEASE, HOST):
            self._add(release.application, release)
        self.fetched = {
            (row.namespace, application_of(row.labels)): row for row in seen.rows(GIT_REPOSITORY, HOST)
        }

    def revision(self, application: ObjectRow) -> str:
        """The newest revision of an Application's source: its own copy of it lags behind by a reconciliation."""
        source = self.fetched.get((application.namespace, application.name))
        fetched = GIT_REPOSITORY.value(source, "revision") if source is not None else None
        return text(fetched) or text(part(APPLICATION, application, "revision"))

    def behind(self, application: ObjectRow, policies: Iterable[Mapping[str, Any]]) -> Iterator[object]:
        """All that the plans of an Application are made of."""
        yield application
        yield self.places
        yield self.fetched.get((application.namespace, application.name))
        for policy in policies:
            fleet = text(_destination(application, policy).get("fleet"))
            yield self.fleets.get((application.namespace, fleet))
        yield from self.flux.get((application.namespace, application.name), {}).values()

    def _add(self, application: str, row: FluxRow) -> None:
        if application:
            self.flux.setdefault((row.namespace, application), {})[row.name] = row


def _places(members: Mapping[str, Member], rows: Iterable[ManagedClusterRow]) -> _Places:
    labels = {(row.kind, row.namespace, row.name): dict(row.labels) for row in rows}
    return _Places(labels, {(each.kind, each.namespace, each.object_name): name for name, each in members.items()})


def application_of(labels: Iterable[tuple[str, str]]) -> str:
    """The Application that an object is labelled to belong to."""
    for key, value in labels:
        if key == APPLICATION_LABEL:
            return value
    return ""


def plans(seen: Seen) -> dict[str, list[Planned]]:
    """What is planned for each cluster, by its name."""
    found: dict[str, list[Planned]] = {}
    for _application, planned in seen.shared(by_application):
        for cluster, each in planned:
            found.setdefault(cluster, []).append(each)
    return found


def by_application(seen: Seen) -> list[tuple[ObjectRow, list[tuple[str, Planned]]]]:
    """What is planned for each Application, as (cluster, plan); the same list while its rows are the same."""
    host, found = seen.shared(Host), list[tuple[ObjectRow, list[tuple[str, Planned]]]]()
    for application in seen.rows(APPLICATION, HOST):
        policies = part(APPLICATION, application, "policies") or ()

        def make(
            application: ObjectRow = application, policies: Sequence[Mapping[str, Any]] = policies
        ) -> list[tuple[str, Planned]]:
            return [
                each
                for index, policy in enumerate(policies)
                for each in _planned(application, index, policy, host)
            ]

        behind = tuple(host.behind(application, policies))
        found.append((application, seen.unchanged(application.uid, behind, make)))
    return found


def _destination(application: ObjectRow, policy: Mapping[str, Any]) -> Mapping[str, Any]:
    """A policy's own destination replaces the Application's."""
    found = policy.get("destination") or part(APPLICATION, application, "destination")
    return found if isinstance(found, Mapping) else {}


def _planned(
    application: ObjectRow, index: int, policy: Mapping[str, Any], host: Host
) -> Iterator[tuple[str, Planned]]:
    destination = _destination(application, policy)
    fleet, name = text(destination.get("fleet")), policy_name(application, index, policy)
    flux, canary = host.flux.get((application.namespace, application.name), {}), canary_place(policy)
    revision = host.revision(application)
    if not fleet:
        its = flux.get(flux_name(name, "currentCluster", HOST))
        yield HOST, Planned(application, index, name, canary, policy, "", its, revision)
        return
    row = host.fleets.get((application.namespace, fleet))
    gone = _gone(row, fleet, application)
    listed = row.members if row is not None else tuple(_left_behind(application, name, flux, host))
    chosen = [place for place in listed if row is None or _selected(destination, application, place, host)]
    for kind, object_name in chosen:
        cluster = host.places.clusters.get((kind, application.namespace, object_name))
        its = flux.get(flux_name(name, kind, object_name))
        if cluster is not None:
            place = (kind, object_name)
            yield cluster, Planned(application, index, name, canary, policy, fleet, its, revision, gone, place)
    if not chosen:
        why = gone or f"no cluster of the fleet {fleet} has the labels of its clusterSelector"
        yield HOST, Planned(application, index, name, canary, policy, fleet, None, revision, why)


def _gone(fleet: FleetRow | None, name: str, application: ObjectRow) -> str:
    if fleet is not None:
        return ""
    gone = f"the fleet {name} does not exist"
    return f"{gone}: the Application cannot be deleted without it" if application.deleting else gone


def _left_behind(
    application: ObjectRow, policy: str, flux: Mapping[str, FluxRow], host: Host
) -> Iterable[tuple[str, str]]:
    """(kind, name) of the clusters that a policy went to while its fleet existed."""
    for kind, namespace, name in host.places.clusters:
        if namespace == application.namespace and flux_name(policy, kind, name) in flux:
            yield kind, name


def _selected(destination: Mapping[str, Any], application: ObjectRow, place: tuple[str, str], host: Host) -> bool:
    """Whether the cluster's object has the labels that are asked for."""
    wanted = destination.get("labels")
    if not isinstance(wanted, Mapping) or not wanted:
        return True
    labels = host.places.labels.get((place[0], application.namespace, place[1]), {})
    return all(labels.get(key) == value for key, value in wanted.items())
