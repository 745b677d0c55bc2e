"""The ways from a table to logs: of the row or the marked rows, of the instance before, of the same everywhere."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.screens.keys import Request
from kurator_tui.screens.log_targets import Logged, alike, logged, merged
from kurator_tui.screens.reading_target import NoObject, as_object
from kurator_tui.screens.ways import Ways


class LogWays(Ways):
    """The part of the frame that opens logs."""

    def _logged_rows(self) -> tuple[AnyKind, list[Row]]:
        """The objects of the marked rows, else of the one under the cursor, as rows of their kind."""
        screen, row = self.current, self.context.row
        store = self.source.store
        marked = [found for key in sorted(screen.table.marked) if (found := store.get(screen.kind.id, key))]
        rows = marked or ([row] if row is not None else [])
        kind = screen.kind
        objects: list[Row] = []
        for each in rows:
            with suppress(NoObject):
                its, obj = as_object(screen.kind, each)
                kind = its if not objects else kind
                objects += [obj] if its is kind else []
        return kind, objects

    def do_open_logs(self, request: Request) -> None:
        """With the name of a container: of that one."""
        self._open_logs(request.argument)

    def do_open_previous(self, request: Request) -> None:
        self._open_logs(request.argument, previous=True)

    def _open_logs(self, container: str = "", *, previous: bool = False) -> None:
        kind, rows = self._logged_rows()
        if container and (found := self.subject()) is not None:
            kind, rows = found[0], [found[1]]
        if rows:
            self.read_logs(logged(kind.id, rows, container), rows[0], previous=previous)

    async def do_open_merged(self, request: Request) -> None:
        kind, rows = self._logged_rows()
        if not rows:
            return
        clusters = tuple(sorted(self.scope.clusters))
        if kind.id != "pods":
            self.read_logs(merged(kind.id, rows, clusters), rows[0])
            return
        self.run_worker(self._merge_pods(kind, rows, clusters), group="ways", exclusive=True)

    async def _merge_pods(self, kind: AnyKind, rows: list[Row], clusters: tuple[str, ...]) -> None:
        """Pods everywhere that have the labels of `rows`, which are asked for."""
        place = self.places.place
        found = Logged(f"pods like {rows[0].name}" if len(rows) == 1 else f"pods like {len(rows)}")
        for row in rows:
            try:
                selector = alike(await self.object(kind, row), row, clusters)
            except ConsoleError as error:
                self.say(error.title, error.message, error.hint, level="error")
                return
            if selector is None:
                found = replace(found, targets=(*found.targets, *logged(kind.id, [row]).targets))
            elif selector not in found.selectors:
                found = replace(found, selectors=(*found.selectors, selector))
        if self.places.place == place and self.app.screen is self:
            self.read_logs(found, rows[0])

    def read_logs(self, whose: Logged, row: Row, *, previous: bool = False) -> None:
        """Show logs over the table until they are closed."""
        from kurator_tui.screens.log_keys import LogsScreen

        screen = LogsScreen(self.source, self.look, self.keys, whose, row, previous=previous)
        self.app.push_screen(screen, self.commanded)
