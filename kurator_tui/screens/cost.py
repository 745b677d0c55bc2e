"""What this console costs: a row a cluster, worst first, under the figures of feeders, console and terminal.

Figures are counted all the time by whoever spends; here they are read, once a second and only while they are seen.
What each kind costs is known to the feeders alone: they are asked, and not again before they have answered.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import replace

from textual.app import ComposeResult

from kurator_tui import memory
from kurator_tui.config.actions import COST
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.screens.cluster_rows import ClusterRows
from kurator_tui.screens.cost_facts import (
    FeederFigures,
    Figures,
    Sampler,
    TerminalFigures,
    Watched,
    cost_lines,
    source_text,
)
from kurator_tui.screens.reactions import Gauges
from kurator_tui.screens.source import Source
from kurator_tui.screens.table_turns import Look
from kurator_tui.widgets.lines_view import LinesView
from kurator_tui.widgets.palette import Line

SHOWN = ("name", "health", "streams", "via", "reason")
"""Columns that do not change each second."""


def watched_kinds(answers: Iterable[str]) -> tuple[Watched, ...]:
    """What all feeders watch together; each answers JSON: kind -> [streams, rows]."""
    from kurator_tui.kinds.registry import KINDS, label

    found: dict[str, tuple[int, int]] = {}
    for answer in answers:
        for kind, (streams, rows) in json.loads(answer).items():
            before = found.get(kind, (0, 0))
            found[kind] = before[0] + streams, before[1] + rows
    return tuple(Watched(label(KINDS[id]) if id in KINDS else id, *counted) for id, counted in found.items())


class CostPane(LinesView, can_focus=False):
    """Shows `Figures`; as high as they need."""

    def __init__(self) -> None:
        super().__init__()
        self._figures = Figures()
        self._height = 0

    def show(self, figures: Figures) -> None:
        """Show `figures`; repaints only the lines that differ."""
        self._figures = figures
        self._fit()
        self.redraw()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        """What is watched takes fewer lines where there is more room beside each other."""
        height = len(cost_lines(self._figures, self.size.width)) + 1
        if height != self._height:
            self._height = self.styles.height = height

    def compose_lines(self, width: int) -> list[Line]:
        return cost_lines(self._figures, width)


class CostScreen(ClusterRows):
    """Figures above, clusters below."""

    DEFAULT_CSS = """
    CostScreen CostPane { height: 5; max-height: 50%; overflow-y: hidden; }
    """

    kind = replace(CLUSTERS, columns=tuple(column for column in CLUSTERS.columns if column.key in SHOWN))
    title = "Cost"

    def __init__(self, source: Source, look: Look, gauges: Gauges) -> None:
        super().__init__(source, look, id=COST)
        self._gauges = gauges
        self._samplers: dict[int, Sampler] = {}
        self._watched: tuple[Watched, ...] = ()
        self._asking_feeders = False

    def compose(self) -> ComposeResult:
        yield CostPane()
        yield from super().compose()

    def on_mount(self) -> None:
        self.call_later(self._begin)

    def _begin(self) -> None:
        self.order("health", descending=True)
        self.table.home()
        self.tick()

    def tick(self) -> None:
        super().tick()
        self.query_one(CostPane).show(self.figures())
        if not self._asking_feeders:
            self._asking_feeders = True
            self.run_worker(self._ask_what_is_watched())

    async def _ask_what_is_watched(self) -> None:
        try:
            answers = await self.source.call_all("watched")
        except ConsoleError:
            self._watched = ()  # a feeder that is lost says so in its row
        else:
            self._watched = watched_kinds(answers)
        finally:
            self._asking_feeders = False
        if self.is_mounted and self.display:
            self.query_one(CostPane).show(self.figures())

    def figures(self) -> Figures:
        """What is spent now."""
        from kurator_tui.kinds.registry import KINDS

        store, reactions = self.source.store, self._gauges.reactions
        clusters = (row for row in store.rows(CLUSTERS.id) if isinstance(row, ClusterOverview))
        return Figures(
            feeders=self._feeders(),
            pid=os.getpid(),
            memory=memory.resident(),
            limit=self._gauges.thrift.limit,
            given_up=self._gauges.thrift.times,
            rows=sum(store.count(kind) for kind in KINDS),
            last_key=reactions.last_key,
            key_p95=reactions.key_p95,
            stall=reactions.worst_of_minute,
            worst_stall=reactions.worst,
            terminal=self._terminal(),
            source=source_text(clusters),
            watched=self._watched,
        )

    def _feeders(self) -> tuple[FeederFigures, ...]:
        now = self.look.clock()
        return tuple(
            FeederFigures(
                f"feeder {at}" if len(self.source.workers) > 1 else "feeder",
                feeder.pid,
                feeder.state,
                feeder.cost,
                self._samplers.setdefault(at, Sampler()).rates(now, feeder.cost),
            )
            for at, feeder in enumerate(self.source.workers, 1)
        )

    def _terminal(self) -> TerminalFigures | None:
        meter = self._gauges.meter
        if meter is None:
            return None
        return TerminalFigures(
            total=meter.bytes,
            last_second=meter.last_second,
            last_minute=meter.last_minute,
            frames=meter.frames,
            shed=meter.shed,
            worst_wait=meter.worst_stall,
            slow=meter.slow,
            stock=meter.stock,
        )
