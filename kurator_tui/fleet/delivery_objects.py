"""What a delivery wrote to its member, and how that is there.

Pure. A Kustomization has an inventory; what a Helm release made is found by the labels that Flux gives it. The
health of workloads and Services is read on the member; of other kinds only the inventory is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from kurator_tui.fleet.application_plan import FluxRow
from kurator_tui.fleet.flux_state import applied_by
from kurator_tui.fleet.seen import Seen
from kurator_tui.fleet.unread import cannot_be_read
from kurator_tui.kinds.apps import DAEMON_SET, JOB, STATEFUL_SET
from kurator_tui.kinds.base import SEVERITY, AnyKind, Health, Level, Row
from kurator_tui.kinds.deployments import DEPLOYMENT, DeploymentRow
from kurator_tui.kinds.flux import KUSTOMIZATION, HelmReleaseRow
from kurator_tui.kinds.flux_inventory import inventory_id
from kurator_tui.kinds.links import kind_named
from kurator_tui.kinds.meta import one_line
from kurator_tui.kinds.networking import SERVICE
from kurator_tui.kinds.pods import POD, PodRow, needs_somebody
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.store.freshness import Freshness, State

READ: tuple[AnyKind, ...] = (DEPLOYMENT, STATEFUL_SET, DAEMON_SET, SERVICE, JOB)
"""Kinds whose objects are read on the member."""
MEMBER_KINDS = (*READ, POD)
ONLY = {POD.id: needs_somebody}
"""Pods say why a workload is not ready."""
_READ = {(kind.group, kind.name): kind for kind in READ}

Wrote = tuple[str, str, str]
"""(id of the kind, namespace, name)."""


class Entry(NamedTuple):
    """One object of an inventory. `kind` is None where it is not read on members."""

    id: str
    namespace: str
    name: str
    group: str
    kind_name: str
    kind: AnyKind | None


class Found(NamedTuple):
    """One object with what is known of it on the member: its row, and the pod that says why it is not ready."""

    entry: Entry
    row: Row | None = None
    pod: PodRow | None = None


def entries(flux: FluxRow) -> tuple[Entry, ...]:
    """The objects of an inventory, each once, in its order."""
    if isinstance(flux, HelmReleaseRow):
        return ()
    told = part(KUSTOMIZATION, flux, "inventory")
    ids = dict.fromkeys(told.split("\n")) if isinstance(told, str) and told else {}
    return tuple(found for each in ids if (found := entry(each)) is not None)


def entry(id: str) -> Entry | None:
    """What an inventory's id names; None for what is none."""
    found = inventory_id(id)
    return Entry(id, *found, _READ.get(found[2:])) if found is not None else None


class Objects:
    """One member's rows by what they are looked up by; taken as `seen.local(Objects, cluster)`."""

    def __init__(self, seen: Seen, cluster: str) -> None:
        self.state = seen.freshness(cluster)
        self.states = {kind.id: seen.freshness(cluster, kind) for kind in READ}
        self._rows: dict[Wrote, Row] = {}
        self._made: dict[tuple[str, str], list[Found]] = {}
        self._pods: dict[tuple[str, str, str], PodRow] = {}
        self._kinds: dict[tuple[str, str], str] = {}
        for kind in READ:
            for row in seen.rows(kind, cluster):
                self._rows[kind.id, row.namespace, row.name] = row
                if isinstance(row, DeploymentRow | ObjectRow) and row.labels:
                    self._labelled(kind, row)
        for pod in seen.rows(POD, cluster):
            self._blame(pod)

    def _labelled(self, kind: AnyKind, row: DeploymentRow | ObjectRow) -> None:
        for place in applied_by(row):
            id = f"{row.namespace}_{row.name}_{kind.group}_{kind.name}"
            found = Entry(id, row.namespace, row.name, kind.group, kind.name, kind)
            self._made.setdefault(place, []).append(Found(found, row))

    def _blame(self, pod: PodRow) -> None:
        """Keep a broken pod for the workload it belongs to; of several the first by name, so that it stays."""
        name = pod.owner.rpartition("-")[0] if pod.owner_kind == "ReplicaSet" else pod.owner
        kind = {"ReplicaSet": "Deployment"}.get(pod.owner_kind, pod.owner_kind)
        key = (kind, pod.namespace, name)
        if name and (key not in self._pods or pod.name < self._pods[key].name):
            self._pods[key] = pod

    def of(self, flux: FluxRow, inventory: Iterable[Entry]) -> list[Found]:
        """The objects that a Flux object wrote."""
        if isinstance(flux, HelmReleaseRow):
            made = self._made.get((flux.namespace, flux.name), ())
            return [each._replace(pod=self._pod(each.entry)) for each in made]
        return [
            Found(each, self._rows.get((each.kind.id, each.namespace, each.name)), self._pod(each))
            if each.kind is not None
            else Found(each)
            for each in inventory
        ]

    def _pod(self, each: Entry) -> PodRow | None:
        return self._pods.get((each.kind_name, each.namespace, each.name)) if self._pods else None

    def kind_of(self, each: Entry) -> str:
        """The id of the kind that shows an object, "" where none does."""
        if each.kind is not None:
            return each.kind.id
        key = each.group, each.kind_name
        if key not in self._kinds:
            shown = kind_named(f"{each.group}/" if each.group else "", each.kind_name)
            self._kinds[key] = shown.id if shown is not None else ""
        return self._kinds[key]

    def health(self, found: Found) -> Health:
        """How one object is on the member."""
        kind, row = found.entry.kind, found.row
        if kind is None:
            return Health(Level.UNKNOWN, "health not read")
        if row is None:
            return self._without(kind)
        health: Health = kind.health(row)
        if found.pod is not None and health.level is not Level.HEALTHY:
            told = ": ".join(word for word in (found.pod.status, one_line(found.pod.message)) if word)
            worse = health.level if SEVERITY[health.level] > SEVERITY[Level.DEGRADED] else Level.DEGRADED
            return Health(worse, f"{told} ({health.reason})" if health.reason else told)
        return health

    def _without(self, kind: AnyKind) -> Health:
        state = self.states[kind.id]
        if self.state.state is not State.LIVE:
            return Health(Level.UNKNOWN, f"the member is {said(self.state)}")
        if state.state is State.LIVE:
            return Health(Level.DEGRADED, "missing on the member")
        if state.state in (State.CONNECTING, State.SYNCING):
            return Health(Level.UNKNOWN, f"{kind.plural} are being read")
        return Health(Level.UNKNOWN, cannot_be_read(kind.plural, why=said(state)))

    def notes(self) -> tuple[str, ...]:
        """Kinds that cannot be read on a member that answers."""
        if self.state.state is not State.LIVE:
            return ()
        unreadable = (State.FORBIDDEN, State.UNREACHABLE, State.UNREAD)
        return tuple(cannot_be_read(kind.plural) for kind in READ if self.states[kind.id].state in unreadable)


def said(freshness: Freshness) -> str:
    """A state and why."""
    return f"{freshness.state}: {freshness.reason}" if freshness.reason else str(freshness.state)


def inputs(found: Iterable[Found]) -> Iterator[Any]:
    """What verdicts of these objects are made of."""
    for each in found:
        yield each.row
        yield each.pod


def worst(found: Iterable[tuple[Found, Health]]) -> tuple[Found, Health] | None:
    """The object that is worst off, the first of equals; None where none of those that are read is at fault."""
    bad = [
        each
        for each in found
        if each[0].entry.kind is not None and each[1].level not in (Level.HEALTHY, Level.UNKNOWN)
    ]
    return max(bad, key=lambda each: SEVERITY[each[1].level], default=None)
