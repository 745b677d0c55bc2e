"""What one cluster's objects say of its mesh, by what it is looked up by; and the places that traffic can go to.

A place is a host as this cluster knows it: who answers for it, which subsets there are, which mTLS mode counts.
Pods are counted by EndpointSlices, their labels are the workload's that made them: their own rows hold none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from kurator_tui.fleet import mesh_names
from kurator_tui.fleet.seen import Seen
from kurator_tui.fleet.unread import unread
from kurator_tui.kinds.apps import DAEMON_SET, REPLICA_SET, STATEFUL_SET
from kurator_tui.kinds.base import Kind, Row
from kurator_tui.kinds.istio import (
    DESTINATION_RULE,
    GATEWAY,
    PEER_AUTHENTICATION,
    SERVICE_ENTRY,
    VIRTUAL_SERVICE,
)
from kurator_tui.kinds.istio_parts import Mode, Pairs, Routes, Rule, Subset, includes, told
from kurator_tui.kinds.meta import label_pairs_of
from kurator_tui.kinds.networking import ENDPOINT_SLICE, LONGEST_BASE, SERVICE
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.kinds.traffic import TRAFFIC_NUMBERS, TrafficNumberRow
from kurator_tui.store.freshness import State

Place = tuple[str, str]
"""(namespace, name)."""
ROOT_NAMESPACE = "istio-system"
WORKLOADS = (REPLICA_SET, STATEFUL_SET, DAEMON_SET)
PERMISSIVE = "PERMISSIVE"


class Workload(NamedTuple):
    """What makes pods, and the labels it gives them."""

    row: ObjectRow
    labels: Pairs

    @property
    def name(self) -> str:
        """What a mesh calls it: a ReplicaSet by its owner."""
        return self.row.owner.partition("/")[2] or self.row.name


class Backend(NamedTuple):
    """Pods of one workload behind a host. `labels` None: not known, nobody knows which workload they are of."""

    workload: str
    labels: Pairs | None
    ready: int
    endpoints: int
    mode: str
    number: TrafficNumberRow | None


@dataclass(frozen=True, slots=True)
class Target:
    """A host as a place that traffic can go to."""

    host: str
    service: ObjectRow | None
    entries: tuple[ObjectRow, ...]
    """ServiceEntries, the oldest first."""
    backends: tuple[Backend, ...] | None
    """None where endpoints are not counted: outside the cluster, or EndpointSlices cannot be read."""
    rules: tuple[tuple[ObjectRow, Rule], ...]
    """DestinationRules, the oldest first."""
    mode: str
    """mTLS mode of a pod of its namespace that no other PeerAuthentication selects."""

    @property
    def known(self) -> bool:
        """Whether the registry of this cluster has the host."""
        return self.service is not None or bool(self.entries)

    def subset(self, name: str) -> Subset | None:
        """The subset called `name`."""
        return next((each for _row, rule in self.rules for each in rule.subsets if each.name == name), None)

    def of(self, subset: Subset | None) -> list[Backend]:
        """Pods of a subset, or all."""
        if subset is None or not subset.labels:
            return list(self.backends or ())
        return [
            each
            for each in self.backends or ()
            if each.labels is not None and includes(each.labels, subset.labels)
        ]

    def unlabelled(self) -> int:
        """Endpoints whose labels are not known."""
        return sum(each.endpoints for each in self.backends or () if each.labels is None)


class Authentication:
    """PeerAuthentications of a cluster: the narrowest one with a mode counts, the oldest of two alike."""

    def __init__(self, rows: Iterable[ObjectRow]) -> None:
        self._wide: dict[str, Mode] = {}
        self._selected: dict[str, list[Mode]] = {}
        for row in rows:
            says = told(part(PEER_AUTHENTICATION, row, "says"), Mode) or Mode()
            if says.selector:
                self._selected.setdefault(row.namespace, []).append(says)
            else:
                self._wide.setdefault(row.namespace, says)

    def mode(self, namespace: str, labels: Pairs | None = None, targets: Iterable[str] = ()) -> str:
        """The mode of a pod with `labels`; where its ports differ, the exceptions among `targets` behind it."""
        chosen = [each for each in self._selected.get(namespace, ()) if includes(labels or (), each.selector)]
        wide = [self._wide.get(namespace), self._wide.get(ROOT_NAMESPACE)]
        known = [*chosen[:1], *(each for each in wide if each is not None)]
        mode = next((each.mode for each in known if each.mode), PERMISSIVE)
        ports = dict(chosen[0].ports) if chosen else {}
        named = [(port, ports.get(port, mode) or mode) for port in targets]
        words = {each for _port, each in named}
        if len(words) == 1:
            return words.pop()
        return " ".join((mode, *(f"{port}:{each}" for port, each in named if each != mode)))


class Mesh:
    """One cluster's rows by what they are looked up by. `target` and `routes` remember what they made."""

    def __init__(self, seen: Seen, cluster: str) -> None:
        self.seen = seen
        self.cluster = cluster
        self.services = {_place(row): row for row in seen.rows(SERVICE, cluster)}
        self.slices: dict[Place, list[ObjectRow]] = {}
        for row in seen.rows(ENDPOINT_SLICE, cluster):
            self.slices.setdefault((row.namespace, str(ENDPOINT_SLICE.value(row, "service"))), []).append(row)
        self.workloads: dict[Place, Workload] = {}
        for kind in WORKLOADS:
            for row in seen.rows(kind, cluster):
                made = seen.unchanged(("pods", row.uid), (row,), partial(_workload, kind, row))
                self.workloads[(row.namespace, made_as(row.name))] = made
        self.virtual = {_place(row): row for row in _oldest(seen.rows(VIRTUAL_SERVICE, cluster))}
        self.gateways = {_place(row): row for row in seen.rows(GATEWAY, cluster)}
        self.rules: dict[str, list[tuple[ObjectRow, Rule]]] = {}
        self._wild_rules: list[tuple[str, ObjectRow, Rule]] = []
        self._read_rules()
        self.entries: dict[str, list[ObjectRow]] = {}
        for row in _oldest(seen.rows(SERVICE_ENTRY, cluster)):
            for host in part(SERVICE_ENTRY, row, "hosts") or ():
                if isinstance(host, str):
                    self.entries.setdefault(mesh_names.full(host, row.namespace), []).append(row)
        self._wild_entries = [host for host in self.entries if host.startswith("*")]
        modes = _oldest(seen.rows(PEER_AUTHENTICATION, cluster))
        self.authentication = seen.unchanged("modes", tuple(modes), lambda: Authentication(modes))
        self.numbers: dict[Place, TrafficNumberRow] = {
            _place(row): row for row in seen.rows(TRAFFIC_NUMBERS, cluster)
        }
        live = seen.freshness(cluster).state is State.LIVE
        needed = (SERVICE, ENDPOINT_SLICE, *WORKLOADS, DESTINATION_RULE, GATEWAY, SERVICE_ENTRY)
        self.unread = unread(seen, cluster, needed) if live else ()
        """Kinds that this cluster does not show."""
        self._targets: dict[str, Target] = {}

    def _read_rules(self) -> None:
        for row in _oldest(self.seen.rows(DESTINATION_RULE, self.cluster)):
            says = self.seen.unchanged(("rule", row.uid), (row,), partial(_rule, row))
            if says is None:
                continue
            host = mesh_names.full(says.host, row.namespace)
            if host.startswith("*"):
                self._wild_rules.append((host, row, says))
            else:
                self.rules.setdefault(host, []).append((row, says))

    def says(self, row: ObjectRow) -> Routes | None:
        """What a VirtualService says; None where it could not be read: it is too large."""
        return self.seen.unchanged(
            ("says", row.uid), (row,), lambda: told(part(VIRTUAL_SERVICE, row, "says"), Routes)
        )

    # -- looking up -----------------------------------------------------------------------------------------------

    def entries_of(self, host: str) -> tuple[ObjectRow, ...]:
        """ServiceEntries with this host, or with a pattern that means it."""
        wild = [row for each in self._wild_entries if mesh_names.covers(each, host) for row in self.entries[each]]
        return (*self.entries.get(host, ()), *(wild if not host.startswith("*") else ()))

    def rules_of(self, host: str) -> tuple[tuple[ObjectRow, Rule], ...]:
        """DestinationRules for this host; where it has none of its own, those for patterns."""
        own = self.rules.get(host)
        if own is not None:
            return tuple(own)
        return tuple((row, says) for each, row, says in self._wild_rules if mesh_names.covers(each, host))

    def target(self, host: str) -> Target:
        """A host as a place that traffic can go to; the same object while nothing about it changes."""
        if (known := self._targets.get(host)) is not None:
            return known
        place = mesh_names.service(host)
        service = self.services.get(place) if place is not None else None
        slices = self.slices.get(place, []) if place is not None and service is not None else []
        behind = _behind(slices)
        workloads = [self.workloads.get((service.namespace, owner)) for owner in behind] if service else []
        names = [each.name if each is not None else "" for each in workloads]
        numbers = [self.numbers.get((service.namespace, name)) if service else None for name in names]
        entries, rules = self.entries_of(host), self.rules_of(host)

        def make() -> Target:
            backends: tuple[Backend, ...] | None = None
            if service is not None and "endpointslices" not in self.unread and not _elsewhere(service):
                found = zip(behind.values(), workloads, numbers, strict=True)
                backends = tuple(self._backend(service, *each) for each in found)
            mode = self.authentication.mode(service.namespace) if service is not None else ""
            return Target(host, service, entries, backends, rules, mode)

        made_by = (each.row if each is not None else None for each in workloads)
        own = (service, *slices, *made_by, *numbers, *entries, *(row for row, _says in rules))
        inputs = (self.authentication, len(slices), len(behind), *own)
        self._targets[host] = found = self.seen.unchanged(("target", host), inputs, make)
        return found

    def _backend(
        self,
        service: ObjectRow,
        counted: tuple[int, int],
        workload: Workload | None,
        number: TrafficNumberRow | None,
    ) -> Backend:
        name, labels = (workload.name, workload.labels) if workload is not None else ("", None)
        mode = self.authentication.mode(service.namespace, labels, part(SERVICE, service, "targets") or ())
        return Backend(name, labels, *counted, mode, number)


def made_as(workload: str) -> str:
    """What the names of a workload's pods begin with (see `kinds.networking.owner_of`)."""
    return workload if len(workload) < LONGEST_BASE else workload[:LONGEST_BASE].removesuffix("-")


def _workload(kind: Kind[Any, ObjectRow], row: ObjectRow) -> Workload:
    return Workload(row, label_pairs_of(part(kind, row, "pods")))


def _rule(row: ObjectRow) -> Rule | None:
    return told(part(DESTINATION_RULE, row, "says"), Rule)


def _elsewhere(service: ObjectRow) -> bool:
    return str(SERVICE.value(service, "type")) == "ExternalName"


def _behind(slices: Iterable[ObjectRow]) -> dict[str, tuple[int, int]]:
    """Owner of pods -> (ready, all) of them, over the slices of one family of addresses."""
    families: dict[str, list[ObjectRow]] = {}
    for row in slices:
        families.setdefault(str(ENDPOINT_SLICE.value(row, "address_type")), []).append(row)
    found: dict[str, tuple[int, int]] = {}
    for row in families[min(families)] if families else ():
        for owner, (ready, known) in (part(ENDPOINT_SLICE, row, "behind") or {}).items():
            before = found.get(owner, (0, 0))
            found[owner] = (before[0] + ready, before[1] + known)
    return found


def _oldest(rows: Iterable[ObjectRow]) -> list[ObjectRow]:
    return sorted(rows, key=lambda row: (row.created, row.namespace, row.name))


def _place(row: Row) -> Place:
    return row.namespace, row.name
