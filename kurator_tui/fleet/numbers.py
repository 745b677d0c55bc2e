"""Numbers of members whose nodes and pods are not read: Thanos is asked for all of them at once, each half minute.

A Prometheus can only be asked, never watched, so its numbers are as old as the last round. What it does not tell
is None, and the member's row says why: a lost sidecar must not look like an empty cluster.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from kurator_tui.api.backoff import lapse
from kurator_tui.errors import UsageError
from kurator_tui.fleet.aggregate import karmada_name
from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.overviews import Totals
from kurator_tui.fleet.thanos import opener
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.cells import inert
from kurator_tui.link.access import Access
from kurator_tui.metrics.answers import Source
from kurator_tui.metrics.client import NOTHING
from kurator_tui.metrics.numbers import Counts, Reading, ask
from kurator_tui.metrics.proxied import Host

_LOG = logging.getLogger(__name__)

INTERVAL = 30.0
"""Seconds between two rounds: Kurator's Prometheus scrapes as often."""
LONGEST_WARNING = 160


@dataclass(frozen=True, slots=True)
class Told:
    """What Thanos says of one member. `at` is the Unix second of the round; None before the first, or without
    numbers. `note` is why there are none."""

    counts: Counts = field(default_factory=Counts)
    at: float | None = None
    note: str = ""


class Numbers:
    """The rounds of one hub. `changed` is called with the name of each member that a round may have changed.

    With `url` one Thanos knows all members; else each namespace's own is looked for in the host.
    """

    def __init__(
        self,
        url: str,
        host: Host,
        clock: Callable[[], float],
        changed: Callable[[str], None],
        access: Access = NOTHING,
    ) -> None:
        self._url = url
        self._open = opener(url, access, host)
        self._clock = clock
        self._changed = changed
        self._members: dict[str, Member] = {}
        self._sources: dict[str, Source] = {}
        self._readings: dict[str, tuple[float, Reading]] = {}
        self._due: dict[str, float] = {}
        self._unasked: set[str] = set()
        self._wake = asyncio.Event()

    @property
    def pending(self) -> bool:
        """Whether somebody's numbers were never asked for."""
        return bool(self._unasked)

    def of(self, member: Member) -> Told:
        """What is known of `member`, whose numbers are asked for from now on."""
        place = self._place(member)
        if not self._members:
            self._wake.set()
        self._members[member.name] = member
        found = self._readings.get(place)
        if found is None:
            if place not in self._unasked:
                self._unasked.add(place)
                self._wake.set()
            return Told()
        return told(member, *found, alone=not self._url)

    def forget(self, cluster: str) -> None:
        """`cluster` is read itself, or is no member any more."""
        self._members.pop(cluster, None)

    async def run(self) -> None:
        """Ask in rounds, as long as there is somebody to ask for, until cancelled."""
        try:
            while True:
                self._wake.clear()
                await self._round()
                wait = INTERVAL * random.uniform(0.9, 1.0) if self._members else None
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._wake.wait()
        finally:
            for source in self._sources.values():
                await source.close()

    async def _round(self) -> None:
        """Ask those whose time has come; a new one does not have the others asked again."""
        places = {self._place(member) for member in self._members.values()}
        self._unasked &= places
        await self._prune(places)
        now = lapse()
        due = [place for place in places if now >= self._due.get(place, now)]
        await asyncio.gather(*(self._read(place) for place in due))
        for member in list(self._members.values()):
            if self._place(member) in due:
                self._changed(member.name)

    async def _prune(self, places: set[str]) -> None:
        """Forget what was read where nobody is asked for any more."""
        for place in self._due.keys() - places:
            del self._due[place]
            self._readings.pop(place, None)
            if (source := self._sources.pop(place, None)) is not None:
                await source.close()

    async def _read(self, place: str) -> None:
        self._due[place] = lapse() + INTERVAL * 0.8
        try:
            if place not in self._sources:
                self._sources[place] = self._open(place)
            reading = await ask(self._sources[place])
        except UsageError as error:
            reading = Reading(error=error.brief)
        except Exception as error:  # noqa: BLE001 - a mistake of ours costs numbers, not the hub
            _LOG.error("numbers from Thanos: unexpected error", exc_info=error)
            reading = Reading(error=f"error in kurator-tui: {type(error).__name__}")
        before = self._readings.get(place)
        if reading.error and (before is None or before[1].error != reading.error):
            _LOG.warning("numbers from Thanos %s: %s", place, reading.error)
        self._readings[place] = (self._clock(), reading)
        self._unasked.discard(place)

    def _place(self, member: Member) -> str:
        return "" if self._url else member.namespace


def told(member: Member, at: float, reading: Reading, *, alone: bool) -> Told:
    """The member's part of a reading; `alone`: whether that Thanos knows the members of one namespace only."""
    label = member.object_name or member.name
    found = reading.counts.get(karmada_name(member))  # as `kurator install thanos` names it; unique
    if found is None:
        if _shared(member, alone=alone):
            return Told(note=f"no numbers: Thanos knows several clusters as {label}")
        found = reading.counts.get(label)
    if found is not None and found.nodes is not None and found.pods is not None:
        return Told(found, at)
    missing = "numbers" if found is None else "number of nodes" if found.nodes is None else "number of pods"
    why = reading.error or f"Thanos has no kube-state-metrics of cluster {label}"
    warned = next((text for text in reading.warnings if f'"{label}"' in text), "")
    if warned:
        why += f"; it warns: {warned[:LONGEST_WARNING]}"
    return Told(found or Counts(), at if found else None, inert(f"no {missing}: {why}"))


def _shared(member: Member, *, alone: bool) -> bool:
    """Whether another member has the same label: Thanos adds both up.

    Members' names say so, as they are longer where object names clash (see `membership.members`).
    """
    if not alone:
        return member.object_name not in ("", HOST, member.name)
    return member.name == f"{member.object_name}.{member.namespace}.{member.kind.lower()}"


def completed(totals: Totals, counts: Counts) -> Totals:
    """`totals` with what was not listed taken from `counts`."""
    if totals.nodes is None:
        totals = replace(
            totals,
            nodes=counts.nodes,
            nodes_ready=counts.nodes_ready,
            cpu_allocatable=counts.cpu_allocatable,
            memory_allocatable=counts.memory_allocatable,
            gpus=counts.gpus or 0,
        )
    if totals.pods is None:
        totals = replace(
            totals,
            pods=counts.pods,
            pods_ready=counts.pods_ready,
            cpu_requested=counts.cpu_requested,
            memory_requested=counts.memory_requested,
        )
    return totals
