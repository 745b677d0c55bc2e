"""Screen 7, Workloads: any kind over all clusters. One class shows them all: a new kind needs no new screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from textual.app import ComposeResult

from kurator_tui.config.actions import WORKLOADS, Context
from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.screens.kind_facts import Coverage, coverage, coverage_note, empty_text, title_of, with_health
from kurator_tui.screens.source import LIVE, Source
from kurator_tui.screens.table_base import Scrolling
from kurator_tui.screens.table_screen import TableScreen
from kurator_tui.screens.table_turns import Look
from kurator_tui.store.freshness import Freshness
from kurator_tui.store.scope import Scope


class KindScreen(TableScreen):
    """The rows of one kind. Clusters whose rows are missing are named in the title: no table looks complete
    while it is not."""

    def __init__(self, source: Source, look: Look, kind: AnyKind, *, alone: bool = True) -> None:
        self.kind = with_health(kind)
        self.title = title_of(kind, alone=alone)
        self._coverage: Coverage | None = None
        self._settled = False
        """Whether the cursor keeps its row: from the first move on, or since every cluster has told its rows."""
        super().__init__(source, look, id="kind-" + kind.id.replace(".", "-"))

    def on_mount(self) -> None:
        self._coverage = None
        self._stop_listening = self.source.store.listen_freshness(self._covered)

    def on_unmount(self) -> None:
        self._stop_listening()

    def _covered(self, cluster: str, kind: str, freshness: Freshness) -> None:
        if kind in ("", self.kind.id):
            self._coverage = None

    @property
    def coverage(self) -> Coverage:
        """Of how many clusters in scope the rows are known."""
        if self._coverage is None:
            items = self.source.store.freshness_items()
            self._coverage = coverage(self.kind.id, items, self.scope.clusters)
        return self._coverage

    @property
    def context(self) -> Context:
        return replace(super().context, view=WORKLOADS)

    def set_scope(self, scope: Scope) -> None:
        self._coverage = None
        super().set_scope(scope)

    def freshness(self) -> Callable[[Row], Freshness]:
        """How old the rows of this kind are in the row's cluster."""
        store, kind = self.source.store, self.kind.id
        return lambda row: store.freshness(row.cluster, kind)

    def refresh_title(self) -> None:
        found = self.coverage
        self.note = coverage_note(found)
        super().refresh_title()
        if not self._settled:
            if self.table.cursor_index:  # rows that are still being listed came before it
                self.table.home()
            self._settled = bool(found.clusters) and not found.waiting

    def moving(self) -> Scrolling:
        self._settled = True
        return super().moving()

    def on_click(self) -> None:
        self._settled = True

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
