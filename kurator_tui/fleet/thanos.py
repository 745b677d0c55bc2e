"""Every Thanos of one hub, and what was found out about each: exporters, coverage, its clock.

With a URL of the user's one Thanos knows all members; else each namespace's own is looked for in the host.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from kurator_tui.api.backoff import lapse
from kurator_tui.errors import ConsoleError, NotInstalled
from kurator_tui.fleet.aggregate import karmada_name
from kurator_tui.fleet.membership import HOST_KIND, Member
from kurator_tui.link.access import Access
from kurator_tui.metrics import capabilities, coverage
from kurator_tui.metrics.answers import Endpoint
from kurator_tui.metrics.capabilities import Capabilities
from kurator_tui.metrics.client import NOTHING, Thanos
from kurator_tui.metrics.coverage import Coverage
from kurator_tui.metrics.members import Labelled, Owners
from kurator_tui.metrics.proxied import Host, in_host
from kurator_tui.metrics.service import Metrics

FACTS_FOR = 60.0
"""Seconds for which what a Thanos covers is known well enough."""
PROBED_FOR = 900.0
"""The same of its exporters and its clock: that probe looks at many series."""
Open = Callable[[str], Endpoint]
"""Place -> its Thanos."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a Thanos has. `skew` is how many seconds its clock is ahead of ours; `coverage` None without stores."""

    capabilities: Capabilities = field(default_factory=Capabilities)
    coverage: Coverage | None = None
    skew: float = 0.0


def opener(url: str, access: Access, host: Host) -> Open:
    """How to reach the Thanos of a place: the user's, or the one that Kurator installs."""
    return lambda place: Thanos(url, access=access) if url else in_host(host, place)


class Thanoses:
    """`everyone` are all members, of other feeders too. A place is a namespace of fleets; "" with a URL."""

    def __init__(
        self,
        url: str,
        host: Host,
        clock: Callable[[], float],
        everyone: Callable[[], Iterable[Member]],
        access: Access = NOTHING,
        open_at: Open | None = None,
    ) -> None:
        self.clock = clock
        self._url = url
        self._open = open_at or opener(url, access, host)
        self._everyone = everyone
        self._metrics: dict[str, Metrics] = {}
        self._facts: dict[str, tuple[float, Facts]] = {}
        self._probed: dict[str, tuple[float, Capabilities, float]] = {}
        self._absent: dict[str, tuple[float, NotInstalled]] = {}
        self._finding: dict[str, asyncio.Lock] = {}

    def members(self, clusters: Iterable[str] = ()) -> dict[str, list[Member]]:
        """The members named (all without a name) by place."""
        wanted = frozenset(clusters)
        found: dict[str, list[Member]] = {}
        for member in self._everyone():
            if member.kind != HOST_KIND and (not wanted or member.name in wanted):
                found.setdefault(self.place(member), []).append(member)
        return found

    async def routes(self, clusters: Iterable[str] = ()) -> dict[str, list[Member]]:
        """As `members`, but members of a place without a Thanos are with one that knows their label."""
        found, everywhere = self.members(clusters), self.members()
        if len(everywhere) == 1:
            return found
        for place in list(found):
            if await self._has_none(place):
                left = [member for member in found[place] if not await self._adopted(member, found, everywhere)]
                found[place] = left
                if not left:
                    del found[place]
        return found

    async def _has_none(self, place: str) -> bool:
        try:
            await self.facts(place)
        except NotInstalled:
            return True
        except ConsoleError:
            return False
        return False

    async def _adopted(self, member: Member, found: dict[str, list[Member]], everywhere: Iterable[str]) -> bool:
        """Whether the Thanos of another place knows `member`, who then is with it."""
        for place in everywhere:
            if place != member.namespace and not await self._has_none(place):
                with contextlib.suppress(ConsoleError):
                    facts = await self.facts(place)
                    if facts.capabilities.known() & {*labelled(member).labels}:
                        found.setdefault(place, []).append(member)
                        return True
        return False

    def place(self, member: Member) -> str:
        """Whose Thanos knows `member`."""
        return "" if self._url else member.namespace

    def at(self, place: str) -> Metrics:
        """The Thanos of a place. Raises UsageError for a URL that is none."""
        if place not in self._metrics:
            self._metrics[place] = Metrics(self._open(place))
        return self._metrics[place]

    def owners(self, place: str) -> Owners:
        """Whose the labels are that the Thanos of a place uses; of two members its own one comes first."""
        members = self.members()
        own = Owners.of(labelled(member) for member in members.pop(place, ()))
        others = Owners.of(labelled(member) for each in members.values() for member in each)
        theirs = {label: name for label, name in others.names.items() if label not in own.shared}
        return Owners({**theirs, **own.names}, own.shared)

    async def facts(self, place: str) -> Facts:
        """What the Thanos of a place has, found out now if that was long ago. Raises ConsoleError."""
        async with self._finding.setdefault(place, asyncio.Lock()):
            absent = self._absent.get(place)
            if absent is not None and lapse() < absent[0] + FACTS_FOR:
                raise NotInstalled(absent[1].message, absent[1].hint)
            known = self._facts.get(place)
            if known is not None and lapse() < known[0] + FACTS_FOR:
                return known[1]
            metrics = self.at(place)
            try:
                found, skew = await self._probe(place, metrics)
            except NotInstalled as error:
                self._absent[place] = (lapse(), error)
                raise
            try:
                covered = await coverage.read(metrics)
            except ConsoleError:  # a plain Prometheus has no stores
                covered = None
            facts = Facts(found, covered, skew)
            self._facts[place] = (lapse(), facts)
            return facts

    async def _probe(self, place: str, metrics: Metrics) -> tuple[Capabilities, float]:
        """(exporters, skew); a Thanos that has no series yet is probed again with the next facts."""
        known = self._probed.get(place)
        if known is None or not known[1].by_name or lapse() >= known[0] + PROBED_FOR:
            found = await capabilities.probe(metrics)
            skew = found.server_time - self.clock() if found.server_time else 0.0
            known = self._probed[place] = (lapse(), found, skew)
        return known[1], known[2]

    async def close(self) -> None:
        """Ask nothing more."""
        metrics = list(self._metrics.values())
        self._metrics.clear()
        for each in metrics:
            await each.close()


def labelled(member: Member) -> Labelled:
    """The values that the label `cluster` of a member may have."""
    own = member.object_name or member.name
    return Labelled(member.name, (own, karmada_name(member)) if member.object_name else (own,))
