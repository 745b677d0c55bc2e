"""`=`: one object over clusters as a matrix, and any two of its copies field by field.

Each copy is read live, by one GET and a watch of its name, while its screen is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import structs
from textual.message import Message

from kurator_tui.config.actions import COMPARISON as VIEW
from kurator_tui.config.actions import DIFFERENCES
from kurator_tui.kinds.base import AnyKind, Key, Row
from kurator_tui.kinds.compare import (
    COMPARED,
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
from kurator_tui.screens.comparing_base import ComparingScreen, LiveCopies
from kurator_tui.screens.comparing_copies import Copy
from kurator_tui.screens.facts import verdict
from kurator_tui.screens.keys import Request
from kurator_tui.screens.places import Aim
from kurator_tui.screens.source import Source
from kurator_tui.screens.table_base import Scrolling
from kurator_tui.screens.table_turns import Look
from kurator_tui.widgets.detail_pane import DetailPane, Line, Section
from kurator_tui.widgets.table import LiveTable

MARKED = 10.0
"""Seconds that a change stays marked."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The copies to compare: objects of one kind; and clusters that will not tell, with the reason."""

    kind: str
    places: tuple[Place, ...]
    missing: tuple[tuple[str, str], ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two copies as they were when they were chosen, and where each of them is."""

    left: Side
    right: Side
    kind: str = ""
    places: tuple[Place, ...] = ()


class ComparisonScreen(LiveCopies):
    """A row a cluster; ▲ marks the cells that are not as most are, ◐ those that changed just now."""

    view = VIEW
    kind: AnyKind = COMPARISON

    class Chosen(Message):
        """Two copies to look at field by field."""

        def __init__(self, pair: Pair) -> None:
            super().__init__()
            self.pair = pair

    def __init__(self, source: Source, look: Look, place: str, aim: Aim | None) -> None:
        found: Comparison = aim.target if aim is not None else Comparison("", ())
        self.comparison, self.title = found, f"Compare {found.title}".strip()
        self._objects: dict[Key, Copy] = {}
        self._before: dict[Place, ComparedRow] = {}
        self._changes: dict[Place, dict[str, float]] = {}
        """By place: column -> until when it is marked."""
        self._shown: list[ComparedRow] = []
        self._moved = False
        super().__init__(source, look, place, aim, kind=found.kind, places=found.places)

    def made(self, now: float) -> None:
        rows = [no_copy(cluster, "", "", reason) for cluster, reason in self.comparison.missing]
        self._objects.clear()
        rows += [self._row(copy, now) for copy in self.copies.all if copy.answered or copy.object is not None]
        rows = told_apart(sorted(rows, key=lambda row: (row.cluster, row.namespace, row.name)))
        if rows != self._shown:
            self._shown = rows
            self.own.put(rows, self.kind.id)
        if not self._moved:  # rows came before the first one
            self.call_after_refresh(self._first)

    def _first(self) -> None:
        if not self._moved:
            self.table.home()

    def _row(self, copy: Copy, now: float) -> ComparedRow:
        """One copy, with what of it changed in the last seconds."""
        if copy.object is None or copy.gone:
            self._before.pop(copy.place, None)
            return no_copy(*copy.place, copy.trouble or "it is not there")
        row = copy_of(copy.place[0], copy.object)
        self._objects[row.key] = copy
        before, marks = self._before.get(copy.place), self._changes.setdefault(copy.place, {})
        if before is not None:
            marks.update({key: now + MARKED for key in COMPARED if getattr(row, key) != getattr(before, key)})
        self._before[copy.place] = row
        changed = tuple(key for key in COMPARED if marks.get(key, 0.0) > now)
        return structs.replace(row, old=copy.trouble, changed=changed)

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
        places = (self._objects[left].place, self._objects[right].place)
        return Pair(self._side(left, right), self._side(right, left), self.comparison.kind, places)

    def _side(self, key: Key, other: Key) -> Side:
        copy = self._objects[key]
        cluster, namespace, name = copy.place
        title = cluster if cluster != other[0] else f"{namespace}/{name}".lstrip("/")
        return Side(title, key, copy.object or {})

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


class DifferencesScreen(LiveCopies):
    """A row a path at which two copies differ."""

    view = DIFFERENCES

    def __init__(self, source: Source, look: Look, place: str, aim: Aim | None) -> None:
        nothing = Side("", ("", ""), {})
        self.pair: Pair = aim.target if aim is not None else Pair(nothing, nothing)
        left, right = self.pair.left.title, self.pair.right.title
        self.kind = field_kind(left or "LEFT", right or "RIGHT")
        self.title = f"{left} against {right}"
        self.all_fields = False
        self._before: dict[str, FieldRow] | None = None
        self._marks: dict[str, float] = {}
        """Path -> until when it is marked."""
        self._made_of: tuple[object, ...] = ()
        super().__init__(source, look, place, aim, kind=self.pair.kind, places=self.pair.places)

    def do_fold(self, request: Request) -> None:
        self.all_fields = not self.all_fields
        self._before = None
        self.made(self.look.clock())
        self.refresh_title()

    def made(self, now: float) -> None:
        troubles = [copy.trouble for copy in self.copies.all]
        marked = frozenset(path for path, until in self._marks.items() if until > now)
        made_of = (self.all_fields, marked, *troubles, *(copy.object for copy in self.copies.all))
        if made_of == self._made_of:
            return
        self._made_of = made_of
        left, right = self._sides()
        found = differences(left, right, all_fields=self.all_fields)
        if self._before is not None and all(copy.object is not None for copy in self.copies.all):
            for row in found:
                if self._before.get(row.name) != row:
                    self._marks[row.name] = now + MARKED
        if all(copy.object is not None for copy in self.copies.all):
            self._before = {row.name: row for row in found}
        notes = [
            f"{side.title}: {trouble}"
            for side, trouble in zip((self.pair.left, self.pair.right), troubles, strict=False)
            if trouble
        ]
        if not self.all_fields:
            more = len(differences(left, right, all_fields=True)) - len(found)
            notes += [f"{more} more in defaults, status and what servers write"] if more > 0 else []
        self.note = " · ".join(notes)
        self.own.put(
            [structs.replace(row, changed=self._marks.get(row.name, 0.0) > now) for row in found], self.kind.id
        )

    def _sides(self) -> tuple[Mapping[str, Any], ...]:
        """Both objects: the newest versions, and until they come those that were chosen."""
        newest = [copy.object for copy in self.copies.all]
        chosen = (self.pair.left.obj, self.pair.right.obj)
        if len(newest) == 2 and all(each is not None for each in newest):  # values of Secrets: one salt for both
            return tuple(each or {} for each in newest)
        return chosen

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
