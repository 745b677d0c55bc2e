"""Screen 7, Workloads: any kind over all clusters. One class shows them all: a new kind needs no new screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from textual.app import ComposeResult
from textual.message import Message

from kurator_tui.config.actions import WORKLOADS, Context
from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.kinds.homes import home_of
from kurator_tui.kinds.links import Target
from kurator_tui.kinds.selectors import Selector
from kurator_tui.link.messages import ToConsole
from kurator_tui.link.readers import Reach
from kurator_tui.screens.keys import Request
from kurator_tui.screens.kind_facts import (
    Coverage,
    as_of,
    coverage,
    coverage_note,
    empty_text,
    path_text,
    title_of,
    with_health,
)
from kurator_tui.screens.places import Aim
from kurator_tui.screens.resting import WATCHED, RestingScreen
from kurator_tui.screens.selecting import PATIENCE, LiveSelector
from kurator_tui.screens.source import LIVE, Source
from kurator_tui.screens.table_turns import Look
from kurator_tui.store.freshness import Freshness
from kurator_tui.store.matchers import has_labels
from kurator_tui.store.scope import Scope
from kurator_tui.store.search import Condition, Filter
from kurator_tui.store.store import Delta
from kurator_tui.widgets.table import LiveTable


class KindScreen(RestingScreen):
    """The rows of one kind. Clusters whose rows are missing are named in the title: no table looks complete
    while it is not."""

    patience: float = PATIENCE
    """Seconds after which labels that are being typed are asked for."""

    class Opened(Message):
        """Enter on `row`: what belongs to it is asked for."""

        def __init__(self, screen: KindScreen, row: Row) -> None:
            super().__init__()
            self.screen_of_kind, self.row = screen, row

    def __init__(
        self,
        source: Source,
        look: Look,
        kind: AnyKind,
        *,
        alone: bool = True,
        aim: Aim | None = None,
        id: str = "",
    ) -> None:
        self.kind = with_health(kind)
        self.title = title_of(kind, alone=alone)
        self.path: tuple[str, ...] = aim.path if aim is not None else ()
        self.target: Target | None = aim.target if aim is not None else None
        """What a drill-down is narrowed to."""
        self._labels: LiveSelector | None = None
        """Of the target."""
        self._typed: LiveSelector | None = None
        """Of the filter."""
        self._coverage: Coverage | None = None
        super().__init__(source, look, id="kind-" + (id or kind.id).replace(".", "-").replace("#", "-"))
        self.table.filling = True
        if self.target is not None and self.target.labels and not has_labels(kind):
            self._labels = LiveSelector(source, self.target.labels, self.target.namespace, self._selected)

    def on_mount(self) -> None:
        self._coverage = None
        self._stop_listening = self.source.store.listen_freshness(self._covered)
        self._ask()

    def follow(self) -> None:
        super().follow()
        self._stop_listening()
        self._coverage = None
        self._stop_listening = self.source.store.listen_freshness(self._covered)

    def on_unmount(self) -> None:
        self._stop_listening()
        for selector in (self._labels, self._typed):
            if selector is not None:
                selector.close()

    def rearrange(self, kind: AnyKind) -> None:
        super().rearrange(with_health(kind))

    def read_on(self) -> None:
        self._coverage = None
        self._ask()

    def read_no_more(self) -> None:
        self._coverage = None
        for selector in (self._labels, self._typed):
            if selector is not None:
                selector.rest()

    def reach(self) -> Reach:
        """The clusters in scope or of the target; what is watched in all of them anyway is read in all of them."""
        target = self.target
        if self.kind.id in WATCHED:
            return Reach()
        if target is not None:
            names = ((name,) if name else () for name in (target.cluster, target.namespace))
            return Reach(*names)
        return Reach(tuple(sorted(self.scope.clusters)), tuple(sorted(self.scope.namespaces)))

    # -- a drill-down ------------------------------------------------------------------------------------------

    def rows(self) -> Iterable[Row]:
        target = self.target
        if target is None:
            return super().rows()
        rows = self.source.store.rows(self.kind.id, target.cluster) if target.cluster else super().rows()
        return (row for row in rows if target.may_hold(row))

    def _rows_changed(self, kind: str, delta: Delta) -> None:
        target = self.target
        if target is not None and kind == self.kind.id:
            delta = {key: row for key, row in delta.items() if row is None or target.may_hold(row)}
            if not delta:
                return
        super()._rows_changed(kind, delta)

    def conditions(self) -> list[Condition]:
        target, kind = self.target, self.kind
        if target is None:
            return []
        found = [Condition(("target", target), lambda row: target.holds(row, kind))]
        return found if self._labels is None else [*found, self._labels.condition]

    def counts(self) -> tuple[int, int]:
        """(rows shown, rows there are); of a drill-down, rows that belong to it."""
        shown, total = super().counts()
        target = self.target
        if target is None or not (self.filter_text or self.faults_only):
            return (shown, total) if target is None else (shown, shown)
        labels = self._labels
        meant = (row for row in self.rows() if target.holds(row, self.kind))
        return shown, sum(labels is None or labels.means(row) for row in meant)

    def narrow(self, target: Target) -> None:
        """Other objects are meant from now on."""
        self.target = target
        self._load(self.rows())
        self.refilter()
        self.refresh_title()

    def title_on(self, width: int) -> str:
        return path_text((*self.path, self.title), width // 2, ascii_only=self.look.ascii_only)

    # -- labels ------------------------------------------------------------------------------------------------

    def compile(self, text: str) -> Filter | None:
        from kurator_tui.store.filter import compile_filter

        asked: list[LiveSelector] = []

        def selected(selector: Selector) -> Condition:
            asked.append(self._selector(selector))
            return asked[0].condition

        found = compile_filter(text, self.kind, self.look.clock, selected)
        if not asked and self._typed is not None:
            self._typed.close()
            self._typed = None
        return found

    def _selector(self, selector: Selector) -> LiveSelector:
        """Who is asked about labels that the filter names."""
        if self._typed is None or self._typed.selector != selector:
            if self._typed is not None:
                self._typed.close()
            namespace = self.target.namespace if self.target is not None else ""
            self._typed = LiveSelector(self.source, selector, namespace, self._selected)
        self._typed.ask(self._clusters(), self.patience)
        return self._typed

    def _clusters(self) -> Iterable[str]:
        """Clusters whose rows are shown."""
        if self.target is not None and self.target.cluster:
            return (self.target.cluster,)
        known = {
            cluster for cluster, kind, told in self.source.store.freshness_items() if not kind and told.trustworthy
        }
        return known & self.scope.clusters if self.scope.clusters else known

    def _ask(self) -> None:
        if self.resting:
            return
        for selector in (self._labels, self._typed):
            if selector is not None:
                selector.ask(self._clusters())

    def _selected(self) -> None:
        """Labels are known that were not: the filter is made again with them."""
        if not self.is_mounted:
            return
        if self._typed is not None:
            self._filter = self.compile(self.filter_text)
        self.refilter()
        self.refresh_title()

    def _hear(self, fact: ToConsole | None) -> None:
        super()._hear(fact)
        if fact is None and self.source.feeder_state == LIVE:
            self._ask()

    # -- what is known -----------------------------------------------------------------------------------------

    def _covered(self, cluster: str, kind: str, freshness: Freshness) -> None:
        if kind in ("", self.kind.id):
            self._coverage = None

    @property
    def coverage(self) -> Coverage:
        """Of how many clusters in scope the rows are known."""
        if self._coverage is None:
            items = self.source.store.freshness_items()
            own = self.target.cluster if self.target is not None else ""
            self._coverage = coverage(self.kind.id, items, frozenset({own}) if own else self.scope.clusters)
        return self._coverage

    @property
    def context(self) -> Context:
        return replace(super().context, view=WORKLOADS, home=home_of(self.kind.id))

    def set_scope(self, scope: Scope) -> None:
        self._coverage = None
        super().set_scope(scope)
        self._ask()

    def in_scope(self, row: Row) -> bool:
        """A drill-down shows what belongs to a row, whatever is picked."""
        return self.target is not None or super().in_scope(row)

    def freshness(self) -> Callable[[Row], Freshness]:
        """How old the rows of this kind are in the row's cluster."""
        store, kind = self.source.store, self.kind.id
        return lambda row: store.freshness(row.cluster, kind)

    def refresh_title(self) -> None:
        found = self.coverage
        labels = (selector.note for selector in (self._labels, self._typed) if selector is not None)
        asked = as_of(self.target.asked) if self.target is not None and self.target.users_of else ""
        self.note = " · ".join(text for text in (asked, coverage_note(found), *labels) if text)
        super().refresh_title()
        if self.table.filling:
            known = found.clusters and self.source.synced  # before that, members may still be unknown
            self.table.filling = bool(not known or found.waiting or found.recalled or self.more)

    async def do_open(self, request: Request) -> None:
        if (row := self.table.cursor_row) is not None:
            self.post_message(self.Opened(self, row))

    async def on_live_table_row_selected(self, message: LiveTable.RowSelected) -> None:
        message.stop()
        self.post_message(self.Opened(self, message.row))

    def _empty(self) -> str:
        if self.source.feeder_state == LIVE and self.source.host is not None:
            return empty_text(self.kind, self.coverage)
        return super()._empty()

    def compose_details(self) -> ComposeResult:
        from kurator_tui.widgets.detail_pane import DetailPane

        yield DetailPane(ascii_only=self.look.ascii_only)

    def show_details(self, row: Row) -> None:
        from kurator_tui.screens.kind_facts import kind_sections
        from kurator_tui.widgets.detail_pane import DetailPane

        sections = kind_sections(self.kind, row, self.freshness()(row), self.look.clock())
        self.query_one(DetailPane).show(sections, key=row.key)
