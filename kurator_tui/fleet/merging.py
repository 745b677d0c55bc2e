"""Which members are read through Karmada instead of one by one, and the `Aggregate` of each fleet that is."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from kurator_tui.fleet.aggregate import Aggregate
from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.sharding import STREAMS_A_FEEDER
from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.kurator import FleetRow
from kurator_tui.store.freshness import Freshness, State

KARMADA = "karmada"
"""Value of a Fleet's control plane annotation."""
STREAMS_A_PROCESSOR = 2 * STREAMS_A_FEEDER
"""Streams that one feeder holds when it must: beyond them a fleet is too large to be read one by one."""

Make = Callable[[FleetRow, list[Member], Callable[[str], None]], Aggregate]
"""(fleet, its members, called with the reason when it cannot be read this way) -> its aggregate."""


Notice = Callable[[str, str], None]
"""Called with (title, message) of what a user should know."""


def most_members(kinds: int, cores: int | None = None) -> int:
    """How many members, each with `kinds` streams, this machine can hold."""
    cores = cores or os.cpu_count() or 1
    return STREAMS_A_PROCESSOR * max(1, cores - 1) // kinds


def too_large(members: int, kinds: int, cores: int | None = None) -> bool:
    """Whether so many members, each with `kinds` streams, are more than this machine can hold."""
    return members > most_members(kinds, cores)


def unread(since: float) -> Freshness:
    """Of every kind of a member that is only probed."""
    return Freshness(State.UNREAD, since, "the fleet is too large: this cluster is probed, not watched")


@dataclass(slots=True)
class _Running:
    aggregate: Aggregate
    task: asyncio.Task[None]


class Merging:
    """The aggregates of one hub. `changed` asks the hub to reconcile again; every choice is told by `notice`."""

    def __init__(self, make: Make, changed: Callable[[], None], notice: Notice) -> None:
        self.refused: dict[tuple[str, str], str] = {}
        """Fleet (namespace, name) -> why its members are read one by one nevertheless."""
        self._make = make
        self._changed = changed
        self._notice = notice
        self._beyond = 0
        self._running: dict[tuple[str, str], _Running] = {}
        self._ended: set[asyncio.Task[None]] = set()

    @property
    def aggregates(self) -> list[Aggregate]:
        """Those in use."""
        return [running.aggregate for running in self._running.values()]

    def reconcile(self, fleets: Iterable[FleetRow], wanted: list[Member]) -> dict[str, Aggregate]:
        """The aggregate of each member that has one; `fleets` empty reads everybody one by one."""
        found: dict[str, Aggregate] = {}
        kept: set[tuple[str, str]] = set()
        for fleet in fleets:
            place = (fleet.namespace, fleet.name)
            listed = set(fleet.members)
            members = [m for m in wanted if m.namespace == fleet.namespace and (m.kind, m.object_name) in listed]
            if (
                fleet.control_plane != KARMADA
                or not fleet.credential_secret
                or place in self.refused
                or not members
            ):
                continue
            kept.add(place)
            aggregate = self._keep(fleet, members)
            found.update((name, aggregate) for name in aggregate.names.values())
        for place in [place for place in self._running if place not in kept]:
            self._stop(place)
        return found

    def beyond(self, direct: list[Member], most: int) -> frozenset[str]:
        """Names of the members, of those read `direct`ly, that are beyond the `most` that can be watched."""
        found = frozenset(member.name for member in direct[most:])
        if len(found) > self._beyond:
            what = f"More than {most} cannot be held here: their numbers come from Thanos (--through, --thanos)."
            self._notice(f"{len(found)} members are probed and not watched", what)
        self._beyond = len(found)
        return found

    def want(self, kinds: Mapping[str, AnyKind]) -> None:
        """Read `kinds` of every member."""
        for aggregate in self.aggregates:
            aggregate.want(kinds)

    def tasks(self) -> list[asyncio.Task[None]]:
        """All tasks, to be cancelled and awaited at the end."""
        return [*self._ended, *(running.task for running in self._running.values())]

    def _keep(self, fleet: FleetRow, members: list[Member]) -> Aggregate:
        place = (fleet.namespace, fleet.name)
        running = self._running.get(place)
        if running is not None:
            same = set(running.aggregate.names.values()) == {member.name for member in members}
            if same and running.aggregate.fleet.credential_secret == fleet.credential_secret:
                return running.aggregate
            self._stop(place)

        def refuse(reason: str) -> None:
            self.refused[place] = reason
            self._notice(f"Fleet {fleet.name} is read member by member", reason)
            self._changed()

        aggregate = self._make(fleet, members, refuse)
        task = asyncio.create_task(aggregate.run(), name=f"karmada of {fleet.name}")
        self._running[place] = _Running(aggregate, task)
        count = len(members)
        self._notice(f"Fleet {fleet.name} is read through Karmada", f"{count} members: {aggregate.via}")
        return aggregate

    def _stop(self, place: tuple[str, str]) -> None:
        running = self._running.pop(place)
        running.aggregate.stop()
        task = running.task
        task.cancel()
        self._ended.add(task)
        task.add_done_callback(self._ended.discard)
