"""What was changed with this user's consoles: a row a write, newest first, and what it changed. `U` undoes it.

The file is read by the feeder when the screen opens, and with Ctrl-r.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from textual.app import ComposeResult

from kurator_tui.config.actions import Context
from kurator_tui.config.verb_actions import AUDIT as VIEW
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.audit import AUDIT, AuditRow, audit_health, audit_rows
from kurator_tui.kinds.base import Row
from kurator_tui.screens.comparing_base import OwnRows
from kurator_tui.screens.keys import Request
from kurator_tui.screens.source import Source
from kurator_tui.screens.table_screen import TableScreen
from kurator_tui.screens.table_turns import Look
from kurator_tui.store.freshness import Freshness
from kurator_tui.widgets.detail_pane import DetailPane, Line, Section


class AuditScreen(TableScreen):
    """Rows of its own, of the moment they were read."""

    kind = AUDIT
    title = "Audit"

    def __init__(self, source: Source, look: Look) -> None:
        self.own = OwnRows(source)
        super().__init__(self.own, look, id=VIEW)

    def on_mount(self) -> None:
        self.read()

    def read(self) -> None:
        """Read it again."""
        self.run_worker(self._read(), group=VIEW, exclusive=True)

    async def _read(self) -> None:
        self.asking = "reading the audit"
        try:
            rows = audit_rows(await self.source.call("audit"))
        except ConsoleError as error:
            self.note = f"it cannot be read: {error.message}"
        else:
            self.note = "" if rows else "nothing was changed yet"
            self.own.put(rows, AUDIT.id)
        self.asking = ""
        if self.is_mounted:
            self.said()

    def do_resync(self, request: Request) -> None:
        self.read()

    def freshness(self) -> Callable[[Row], Freshness] | None:
        """What was done does not grow stale."""
        return None

    @property
    def context(self) -> Context:
        return replace(super().context, view=VIEW)

    def compose_details(self) -> ComposeResult:
        yield DetailPane(ascii_only=self.look.ascii_only)

    def show_details(self, row: Row) -> None:
        if isinstance(row, AuditRow):
            self.query_one(DetailPane).show(audit_sections(row), key=row.key)


def audit_sections(row: AuditRow) -> list[Section]:
    """Everything about one write."""
    level = audit_health(row).level
    head = [
        Line("outcome", f"{row.outcome} {row.message}".strip(), level),
        Line("verb", f"{row.verb}: {row.request}" if row.request else row.verb),
        Line("object", row.target.label if row.target is not None else row.name),
        Line("when", datetime.fromtimestamp(row.created).isoformat(" ", "seconds") if row.created else "unknown"),
        Line("who", row.who),
        Line("plan", f"{row.plan}  (U takes it back)"),
    ]
    changes: list[Line] = []
    for each in row.diff:
        changes.append(Line("", each.path))
        if each.before:
            changes.append(Line("", f"- {each.before}", None))
        if each.after:
            changes.append(Line("", f"+ {each.after}", None))
    return [Section("Change", tuple(head)), Section("What it changed", tuple(changes) or (Line("", "no field"),))]
