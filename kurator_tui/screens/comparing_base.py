"""What the screens of a comparison share: rows of their own, made of copies that are read while somebody looks."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from textual.app import ComposeResult

from kurator_tui.config.actions import Context
from kurator_tui.kinds.base import Row
from kurator_tui.kinds.links import Place
from kurator_tui.link.messages import ToConsole
from kurator_tui.screens.comparing_copies import Copies
from kurator_tui.screens.keys import Request
from kurator_tui.screens.kind_facts import path_text
from kurator_tui.screens.passed_on import PassedOn
from kurator_tui.screens.places import Aim
from kurator_tui.screens.source import LIVE, Source
from kurator_tui.screens.table_screen import TableScreen
from kurator_tui.screens.table_turns import Look
from kurator_tui.store.freshness import Freshness
from kurator_tui.store.store import Store
from kurator_tui.widgets.detail_pane import DetailPane

PACE = 0.2
"""Seconds between two pictures while copies change."""


class OwnRows(PassedOn):
    """A source whose rows are a screen's own; everything else is asked of the console's."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.store = Store()

    @property
    def synced(self) -> bool:
        return True

    def subscribe(
        self, kind: str, clusters: tuple[str, ...] = (), *, namespaces: tuple[str, ...] = (), reader: str = ""
    ) -> None:
        """Nobody else has these rows."""

    def unsubscribe(self, kind: str, reader: str = "") -> None:
        """As `subscribe`."""

    async def run(self) -> None:
        """The console runs the source."""

    async def close(self) -> None:
        """As `run`."""

    def put(self, rows: Iterable[Row], kind: str) -> None:
        """These are all rows."""
        by_cluster: dict[str, dict[str, Row | None]] = {}
        for old in self.store.rows(kind):
            by_cluster.setdefault(old.cluster, {})[old.uid] = None
        for row in rows:
            by_cluster.setdefault(row.cluster, {})[row.uid] = row
        for cluster, found in by_cluster.items():
            self.store.put(kind, cluster, found)


class ComparingScreen(TableScreen):
    """What the two views share: rows of their own, in the order they come, with details of the selected one."""

    view: str
    path: tuple[str, ...] = ()

    def __init__(self, source: Source, look: Look, place: str, aim: Aim | None) -> None:
        self.own = OwnRows(source)
        self.path = aim.path if aim is not None else ()
        super().__init__(self.own, look, id=place.replace("#", "-"))

    @property
    def context(self) -> Context:
        return replace(super().context, view=self.view)

    def title_on(self, width: int) -> str:
        return path_text((*self.path, self.title), width // 2, ascii_only=self.look.ascii_only)

    def freshness(self) -> Callable[[Row], Freshness] | None:
        """These rows are of the moment they were asked for; nothing keeps them."""
        return None

    def in_scope(self, row: Row) -> bool:
        """What was asked for is shown, whatever is picked."""
        return True

    def compose_details(self) -> ComposeResult:
        yield DetailPane(ascii_only=self.look.ascii_only)


class LiveCopies(ComparingScreen):
    """Rows made of copies that are read while the screen is looked at; what changed is marked for some seconds."""

    def __init__(
        self, source: Source, look: Look, place: str, aim: Aim | None, *, kind: str, places: Sequence[Place]
    ) -> None:
        super().__init__(source, look, place, aim)
        self._salt = secrets.token_hex(16)
        """Under which values of Secrets are told apart."""
        self.copies = Copies(source, kind, places, self._salt, look.clock, self._schedule)
        self._looked_at = False
        self._redraw: asyncio.TimerHandle | None = None
        self._redrawn = 0.0

    def on_mount(self) -> None:
        self._read()

    def on_show(self) -> None:
        self._read()

    def _read(self) -> None:
        """Read the copies from now on."""
        if not self._looked_at:
            self._looked_at = True
            self.copies.open()
            if self.copies.once:
                self.run_worker(self.copies.ask(), group="copies", exclusive=True)
            self.draw()

    def on_hide(self) -> None:
        """Nobody looks: nothing is read, and what is known may be old when somebody looks again."""
        self._looked_at = False
        self.copies.close()

    def on_unmount(self) -> None:
        self.copies.close()
        if self._redraw is not None:
            self._redraw.cancel()

    def _hear(self, fact: ToConsole | None) -> None:
        super()._hear(fact)
        if fact is None and self.source.feeder_state == LIVE and self._looked_at:
            ended = any(copy.live and copy.stream is None and copy.answered for copy in self.copies.all)
            if ended:
                self.do_resync(Request())

    def do_resync(self, request: Request) -> None:
        """Ask every cluster again."""
        self._looked_at = False
        self._read()

    @property
    def settled(self) -> bool:
        return super().settled and self._redraw is None

    def _schedule(self) -> None:
        """Draw soon: many answers are one picture."""
        if self._redraw is None and self._looked_at:
            wait = max(0.0, self._redrawn + PACE - time.monotonic())
            self._redraw = asyncio.get_running_loop().call_later(wait, self.call_later, self.draw)

    def draw(self) -> None:
        """Make rows of the copies."""
        if self._redraw is not None:
            self._redraw.cancel()
            self._redraw = None
        if not self.is_attached:
            return
        self._redrawn = time.monotonic()
        self.made(self.look.clock())
        answered, count = self.copies.answered, len(self.copies.all)
        once = [copy.read_at for copy in self.copies.once if copy.read_at]
        self.asking = f"{answered} of {count} have answered" if answered < count else ""
        if once and not self.asking:
            when = time.strftime("%H:%M:%S", time.localtime(min(once)))
            self.asking = f"{len(once)} copies as of {when}: Ctrl-r asks again"
        self.refresh_title()
        self.turn()

    def made(self, now: float) -> None:
        """Put what the copies are into rows."""
        raise NotImplementedError

    def tick(self) -> None:
        super().tick()
        self.made(self.look.clock())
