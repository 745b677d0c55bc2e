"""One panel over all members: its query chosen by what is there, scoped, asked once a Thanos, merged by member.

What is missing is said: members without a sidecar or an exporter, labels of no member, series left out, clocks
that differ. Nothing here decides when to ask again: `feeder.metrics` does.
"""

from __future__ import annotations

import asyncio
import math
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from kurator_tui.errors import ConsoleError, NotFound, TooLarge
from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.thanos import Facts, Thanoses, labelled
from kurator_tui.kinds.cells import inert
from kurator_tui.link.metrics import Failure, Labels, Missing, PanelData, PanelQuery, PanelSeries, packed
from kurator_tui.metrics.answers import MOST_SERIES, Series
from kurator_tui.metrics.capabilities import hint
from kurator_tui.metrics.catalog import Catalog, Panel
from kurator_tui.metrics.members import Owners
from kurator_tui.metrics.scoping import scoped
from kurator_tui.metrics.service import Grid, grid

SKEWED = 60.0
"""Seconds by which clocks differ that are worth a remark."""
LONGEST_LABEL = 120
MOST_STRANGERS = 20
OWN = Panel("query", "Query", ())
"""What a user's own PromQL is a panel of."""


@dataclass(slots=True)
class _Part:
    """What one Thanos said."""

    over: Grid
    series: list[PanelSeries] = field(default_factory=list)
    total: int = 0
    warnings: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    source: str = ""
    variant: str = ""
    query: str = ""
    error: ConsoleError | None = None


class Panels:
    """Answers panels; `catalog` is loaded with the first that is asked for."""

    def __init__(self, thanoses: Thanoses, catalog: Callable[[], Catalog]) -> None:
        self._thanoses = thanoses
        self._catalog = catalog

    async def answer(self, query: PanelQuery) -> PanelData:
        """The panel now. Never raises ConsoleError: what failed is in the answer, in part or as its error."""
        try:
            panel = self._panel(query)
            if not query.promql:
                scoped(panel.variants[0].query, variables=query.variables)
            else:
                scoped(query.promql)
        except ConsoleError as error:
            return self._failed(error)
        places = await self._thanoses.routes(query.clusters)
        if not places:
            return self._failed(NotFound("No member is in scope.", code=404))
        parts = await asyncio.gather(*(self._part(query, panel, *place) for place in places.items()))
        return self._merged(parts)

    def _panel(self, query: PanelQuery) -> Panel:
        """Raises NotFound."""
        if query.promql:
            return OWN
        page = self._catalog().pages.get(query.page)
        panel = page.panel(query.panel) if page is not None else None
        if panel is None:
            raise NotFound(f"There is no panel {inert(query.panel)} on the page {inert(query.page)}.", code=404)
        return panel

    async def _part(self, query: PanelQuery, panel: Panel, place: str, members: Sequence[Member]) -> _Part:
        part = _Part(self._grid(query, 0.0))
        try:
            metrics = self._thanoses.at(place)
            part.source = metrics.name
            facts = await self._thanoses.facts(place)
            part.over = self._grid(query, facts.skew)
            part.source = metrics.name
            owners = self._thanoses.owners(place)
            labels = {member.name: _label(member, facts, owners) for member in members}
            if not self._choose(part, query, panel, facts, labels):
                return part
            every = not query.clusters
            part.query = scoped(
                part.query,
                () if every else sorted({*labels.values()}),
                query.namespaces if query.promql or panel.namespaced else (),
                query.variables,
            )
            lines = await metrics.range(part.query, part.over)
        except ConsoleError as error:
            named = isinstance(error, TooLarge)  # whoever reads the log of many panels must know which one
            part.error = TooLarge(f"{panel.title}: {error.message}", error.hint) if named else error
            part.missing = [Missing(member.name, error.brief) for member in members]
            return part
        part.total, part.warnings = lines.total, lines.warnings
        part.series = _drawn(lines.series, part.over, owners)
        part.strangers = _strangers(lines.series, owners) if every else []
        part.missing += _gaps(facts, labels, owners)
        if abs(facts.skew) >= SKEWED:
            way = "ahead of" if facts.skew > 0 else "behind"
            part.notes.append(f"The clock of {part.source} is {abs(facts.skew) / 60:.0f} min {way} ours.")
        return part

    def _choose(self, part: _Part, query: PanelQuery, panel: Panel, facts: Facts, labels: dict[str, str]) -> bool:
        """Which PromQL to ask; False where nothing would answer it, which `part` then says."""
        if query.promql:
            part.query = query.promql
            return True
        chosen = panel.asked(facts.capabilities, frozenset(labels.values()))
        if chosen is None:
            part.missing = [Missing(name, panel.hint()) for name in sorted(labels)]
            return False
        part.query, part.variant, lacking = chosen
        needs = part.variant.split(", else ")[0].split("+")
        part.missing = [Missing(name, hint(needs)) for name, label in sorted(labels.items()) if label in lacking]
        return True

    def _grid(self, query: PanelQuery, skew: float) -> Grid:
        end = query.end or self._thanoses.clock() + skew
        return grid(end, query.seconds, points=query.points, step=query.step)

    def _merged(self, parts: Sequence[_Part]) -> PanelData:
        """Several Thanoses as one answer. One that fails costs its members, all that fail the answer."""
        good = [part for part in parts if part.error is None]
        if not good:
            error = next(part.error for part in parts if part.error is not None)
            return self._failed(error, source=", ".join(part.source for part in parts))
        over = good[0].over
        series = [each for part in good for each in (part.series if part.over == over else _moved(part, over))]
        total = sum(part.total for part in good)
        notes = [f"{part.source}: {part.error.brief}" for part in parts if part.error is not None]
        notes += dict.fromkeys(note for part in good for note in part.notes)
        if total > len(series[:MOST_SERIES]):
            notes.append(f"{total:,} series: only {len(series[:MOST_SERIES])} of them are shown. Aggregate them.")
        missing = {each.cluster: each for part in parts for each in reversed(part.missing)}
        return PanelData(
            over.start,
            over.step,
            over.points,
            tuple(series[:MOST_SERIES]),
            total,
            tuple(dict.fromkeys(text for part in good for text in part.warnings)),
            tuple(notes),
            tuple(missing[name] for name in sorted(missing)),
            tuple(sorted({label for part in good for label in part.strangers})[:MOST_STRANGERS]),
            ", ".join(part.source for part in good),
            next((part.variant for part in good if part.variant), ""),
            next((part.query for part in good if part.query), ""),
            self._thanoses.clock(),
        )

    def _failed(self, error: ConsoleError, source: str = "") -> PanelData:
        failure = Failure(error.title, error.message, error.hint)
        return PanelData(source=source, at=self._thanoses.clock(), error=failure)


def _label(member: Member, facts: Facts, owners: Owners) -> str:
    """The value of the label by which the Thanos knows a member: the one that it has series of."""
    likely = labelled(member).labels
    known = facts.capabilities.known()
    return next((label for label in reversed(likely) if label in known), likely[0])


def _gaps(facts: Facts, labels: dict[str, str], owners: Owners) -> list[Missing]:
    """Members without live metrics, and those whose label is not theirs alone."""
    found = []
    for name, label in sorted(labels.items()):
        if (others := owners.shared.get(label)) is not None:
            found.append(Missing(name, f"Thanos knows several clusters as {label}: {', '.join(others)}"))
        elif facts.coverage is not None and (gap := facts.coverage.gap(label)):
            found.append(Missing(name, gap))
    return found


def _drawn(lines: Iterable[Series], over: Grid, owners: Owners) -> list[PanelSeries]:
    """Series on the grid, with members' names, in order of their labels."""
    return sorted((_line(each, over, owners) for each in lines), key=lambda line: line.labels)


def _line(series: Series, over: Grid, owners: Owners) -> PanelSeries:
    values = array("d", [math.nan]) * over.points
    for at, value in series.points:
        number = round((at - over.start) / over.step)
        if 0 <= number < over.points:
            values[number] = value
    return PanelSeries(_labels(series, owners), packed(values))


def _labels(series: Series, owners: Owners) -> Labels:
    named = {**series.labels}
    if label := named.get("cluster"):
        named["cluster"] = owners.shown(label)
    return tuple(
        sorted((inert(key[:LONGEST_LABEL]), inert(value[:LONGEST_LABEL])) for key, value in named.items())
    )


def _strangers(lines: Iterable[Series], owners: Owners) -> list[str]:
    """Labels in an answer that are no member's."""
    found = {label for each in lines if (label := each.labels.get("cluster")) and owners.stranger(label)}
    return [inert(label[:LONGEST_LABEL]) for label in found]


def _moved(part: _Part, over: Grid) -> list[PanelSeries]:
    """Series of a Thanos with another clock on the grid of the first: point by point, for both end now."""
    moved = []
    for each in part.series:
        values = each.values
        values = values[-over.points :] if len(values) > over.points else values
        padding = array("d", [math.nan]) * (over.points - len(values))
        moved.append(PanelSeries(each.labels, packed(padding + values)))
    return moved
