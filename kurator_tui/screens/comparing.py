"""`=`: one object over clusters as a matrix, and any two of its copies field by field.

Each copy is one GET when the screen opens (and at re-sync); the copies are held while the screen is.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from textual.app import ComposeResult
from textual.message import Message

from kurator_tui.config.actions import COMPARISON as VIEW
from kurator_tui.config.actions import DIFFERENCES, Context
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.base import AnyKind, Key, Row
from kurator_tui.kinds.compare import (
    COMPARISON,
    ComparedRow,
    FieldRow,
    Side,
    copy_of,
    differences,
    field_kind,
    no_copy,
    told_apart,
)
from kurator_tui.kinds.links import Place
from kurator_tui.link.messages import HostDescribed, StreamEnded
from kurator_tui.screens.facts import verdict
from kurator_tui.screens.keys import Request
from kurator_tui.screens.kind_facts import path_text
from kurator_tui.screens.places import Aim
from kurator_tui.screens.source import FactListener, Feeder, Source, Stream
from kurator_tui.screens.table_base import Scrolling
from kurator_tui.screens.table_screen import TableScreen
from kurator_tui.screens.table_turns import Look
from kurator_tui.store.freshness import Freshness
from kurator_tui.store.store import Store
from kurator_tui.widgets.detail_pane import DetailPane, Line, Section
from kurator_tui.widgets.table import LiveTable

AT_ONCE = 16
"""Clusters asked at the same time."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The copies to compare: objects of one kind; and clusters that will not tell, with the reason."""

    kind: str
    places: tuple[Place, ...]
    missing: tuple[tuple[str, str], ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two copies."""

    left: Side
    right: Side


class OwnRows:
    """A source whose rows are a screen's own; everything else is asked of the console's."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.store = Store()

    @property
    def host(self) -> HostDescribed | None:
        return self._source.host

    @host.setter
    def host(self, host: HostDescribed | None) -> None:
        raise AttributeError("the console's source knows the host")

    @property
    def feeder_state(self) -> str:
        return self._source.feeder_state

    @property
    def synced(self) -> bool:
        return True

    @property
    def workers(self) -> Sequence[Feeder]:
        return self._source.workers

    def listen(self, listener: FactListener) -> Callable[[], None]:
        return self._source.listen(listener)

    def subscribe(
        self, kind: str, clusters: tuple[str, ...] = (), *, namespaces: tuple[str, ...] = (), reader: str = ""
    ) -> None:
        """Nobody else has these rows."""

    def unsubscribe(self, kind: str, reader: str = "") -> None:
        """As `subscribe`."""

    async def call_all(self, method: str, **arguments: str) -> list[str]:
        return await self._source.call_all(method, **arguments)

    def define(self, definition: bytes) -> None:
        self._source.define(definition)

    def resync(self, cluster: str = "") -> None:
        self._source.resync(cluster)

    def pace(self, interval: float) -> None:
        self._source.pace(interval)

    async def call(self, method: str, **arguments: str) -> str:
        return await self._source.call(method, **arguments)

    def owners(self, clusters: Iterable[str]) -> Mapping[Any, Sequence[str]]:
        return self._source.owners(clusters)

    def open_stream(
        self,
        method: str,
        arguments: dict[str, str],
        on_data: Callable[[bytes], None],
        on_end: Callable[[StreamEnded], None],
        worker: Any = None,
    ) -> Stream:
        return self._source.open_stream(method, arguments, on_data, on_end, worker)

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


class ComparisonScreen(ComparingScreen):
    """A row a cluster; ▲ marks the cells that are not as most are."""

    view = VIEW
    kind: AnyKind = COMPARISON

    class Chosen(Message):
        """Two copies to look at field by field."""

        def __init__(self, pair: Pair) -> None:
            super().__init__()
            self.pair = pair

    def __init__(self, source: Source, look: Look, place: str, aim: Aim | None) -> None:
        self.comparison: Comparison = aim.target if aim is not None else Comparison("", ())
        self.title = f"Compare {self.comparison.title}".strip()
        self._salt = secrets.token_hex(16)
        """Under which values of Secrets are told apart."""
        self._objects: dict[Key, dict[str, Any]] = {}
        self._moved = False
        super().__init__(source, look, place, aim)

    def on_mount(self) -> None:
        self._fetch()

    def _fetch(self) -> None:
        self.run_worker(self._ask_all(), group="copies", exclusive=True)

    def do_resync(self, request: Request) -> None:
        """Ask every cluster again."""
        self._fetch()

    async def _ask_all(self) -> None:
        places = self.comparison.places
        rows = [no_copy(cluster, "", "", reason) for cluster, reason in self.comparison.missing]
        gate, answered = asyncio.Semaphore(AT_ONCE), 0

        async def ask(place: Place) -> None:
            nonlocal answered
            async with gate:
                rows.append(await self._copy(place))
            answered += 1
            self.asking = f"{answered} of {len(places)} have answered" if answered < len(places) else ""
            self.own.put(told_apart(sorted(rows, key=lambda row: row.cluster)), self.kind.id)

        self._objects.clear()
        self.own.put(rows, self.kind.id)
        await asyncio.gather(*map(ask, places))
        self.refresh_title()
        self.turn()
        if not self._moved:  # rows came before the first one
            self.table.home()

    async def _copy(self, place: Place) -> ComparedRow:
        cluster, namespace, name = place
        where = {"cluster": cluster, "namespace": namespace, "name": name}
        try:
            found = json.loads(
                await self.source.call("object", kind=self.comparison.kind, salt=self._salt, **where)
            )
        except ConsoleError as error:
            return no_copy(cluster, namespace, name, error.brief)
        row = copy_of(cluster, found)
        self._objects[row.key] = found
        return row

    def moving(self) -> Scrolling:
        self._moved = True
        return super().moving()

    async def do_open(self, request: Request) -> None:
        """The two marked copies; else this one and the marked one, or the first."""
        pair = self._pair()
        if pair is None:
            await self.open_details()
        else:
            self.post_message(self.Chosen(pair))

    async def on_live_table_row_selected(self, message: LiveTable.RowSelected) -> None:
        message.stop()
        await self.do_open(Request())

    def _pair(self) -> Pair | None:
        view, row = self.table.view, self.table.cursor_row
        if view is None or row is None:
            return None
        ordered = [key for at in range(len(view)) if (key := view.key(at)) in self._objects]
        chosen = [key for key in ordered if key in self.table.marked]
        if len(chosen) < 2:
            others = [key for key in (chosen or ordered) if key != row.key]
            chosen = [*others[:1], row.key] if row.key in self._objects else []
        if len(chosen) != 2:
            return None
        left, right = sorted(chosen, key=ordered.index)
        return Pair(self._side(left, right), self._side(right, left))

    def _side(self, key: Key, other: Key) -> Side:
        meta = self._objects[key].get("metadata") or {}
        title = (
            key[0] if key[0] != other[0] else f"{meta.get('namespace') or ''}/{meta.get('name') or ''}".lstrip("/")
        )
        return Side(title, key, self._objects[key])

    def show_details(self, row: Row) -> None:
        if not isinstance(row, ComparedRow):
            return
        said = (
            Line("cluster", row.cluster),
            Line("namespace", row.namespace),
            Line("name", row.name),
            Line("image", row.image),
            Line("resources", row.resources),
            Line("spec", row.digest),
        )
        sections = (verdict(self.kind.health(row)), Section("Copy", tuple(line for line in said if line.text)))
        self.query_one(DetailPane).show(sections, key=row.key)


class DifferencesScreen(ComparingScreen):
    """A row a path at which two copies differ."""

    view = DIFFERENCES

    def __init__(self, source: Source, look: Look, place: str, aim: Aim | None) -> None:
        nothing = Side("", ("", ""), {})
        self.pair: Pair = aim.target if aim is not None else Pair(nothing, nothing)
        left, right = self.pair.left.title, self.pair.right.title
        self.kind = field_kind(left or "LEFT", right or "RIGHT")
        self.title = f"{left} against {right}"
        self.all_fields = False
        super().__init__(source, look, place, aim)

    def on_mount(self) -> None:
        self._show()

    def do_fold(self, request: Request) -> None:
        self.all_fields = not self.all_fields
        self._show()

    def _show(self) -> None:
        left, right = self.pair.left.obj, self.pair.right.obj
        found = differences(left, right, all_fields=self.all_fields)
        self.note = ""
        if not self.all_fields:
            more = len(differences(left, right, all_fields=True)) - len(found)
            self.note = f"{more} more in defaults, status and what servers write" if more > 0 else ""
        self.own.put(found, self.kind.id)
        self.refresh_title()

    def _empty(self) -> str:
        return "the two say the same" if not self.note else f"the two say the same; {self.note}: f shows them"

    def show_details(self, row: Row) -> None:
        if not isinstance(row, FieldRow):
            return
        sides = ((self.pair.left.title, row.left), (self.pair.right.title, row.right))
        sections = (
            Section("Field", (Line("", row.name),)),
            *(Section(title, (Line("", "nothing" if value is None else value),)) for title, value in sides),
        )
        self.query_one(DetailPane).show(sections, key=row.key)


def make_comparing(place: str, source: Source, look: Look, aim: Aim | None) -> ComparingScreen:
    """The screen of a comparison, or of two copies."""
    made = ComparisonScreen if place.startswith(VIEW) else DifferencesScreen
    return made(source, look, place, aim)
