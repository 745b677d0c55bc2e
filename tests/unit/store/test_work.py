"""Filters, orders and loads worked on in steps, while rows come, go and change: the result is as if at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kurator_tui.kinds.base import SEVERITY, Format, Key, Level, Row
from kurator_tui.store import ordering, slots, texts, work
from kurator_tui.store.filter import compile_filter
from kurator_tui.store.search import Match
from kurator_tui.store.view import View
from tests.examples import examples
from tests.unit.store.support import NOW, THING, ThingRow, thing


def _make_steps_small(patch: pytest.MonkeyPatch, seed: int) -> None:
    """Every way to do a thing is taken although there are few rows."""
    patch.setattr(ordering, "BULK", (0, 3, 256)[seed % 3])
    patch.setattr(ordering, "TIED", seed % 2)
    for module in (ordering, slots, texts, work):
        patch.setattr(module, "STEP", 4)
    patch.setattr(ordering, "PART", 2)
    patch.setattr(ordering, "FEW", 1)
    patch.setattr(work, "PIECE", 2)


def expected(rows: Iterable[Row], match: Match | None, sort: str, *, descending: bool) -> list[Row]:
    """Filtered and ordered as a user would say it: numbers, texts, nothing; equal values by identity."""
    column = THING.column(sort)
    assert column is not None
    numbers: list[tuple[float, Row]] = []
    words: list[tuple[str, Row]] = []
    empty: list[Row] = []
    for row in sorted(filter(match, rows), key=lambda row: (row.cluster, row.namespace, row.name, row.uid)):
        value = column.value(row)  # type: ignore[arg-type]
        if value is None or value == "" or value != value:
            empty.append(row)
        elif column.format is Format.HEALTH:
            numbers.append((SEVERITY[Level(str(value))], row))
        elif isinstance(value, str):
            words.append((value.casefold(), row))
        else:
            numbers.append((-value if column.format is Format.AGE else value, row))
    numbers.sort(key=lambda pair: pair[0], reverse=descending)
    words.sort(key=lambda pair: pair[0], reverse=descending)
    return [row for _, row in numbers] + [row for _, row in words] + empty


WORDS = ["a", "ab", "abc", "!a", "!ab", "a c1", "2", "25", "~ac", "/a.c/", "name:a*", "cluster:c1 cluster:c2"]
FILTERS = ["", *WORDS, "restarts>3", "a restarts>3", "health:failed", "age<1m", "!age<1m", "a age<1m"]
SORTS = ["name", "restarts", "memory", "health", "age", "status", "message"]


def some_row(random: Random) -> ThingRow:
    """A row of one of few keys, most of them alike."""
    return thing(
        random.choice(["a", "ab", "abc", "B", "é", "日"]),
        cluster=random.choice(["c1", "c2", "c3"]),
        uid=f"u{random.randrange(12)}",
        restarts=random.randrange(26),
        memory=random.choice([None, 0, 1, 2, float("nan")]),
        level=random.choice(list(Level)),
        age=random.choice([1.0, 50.0, 59.0, NOW]),
    )


@dataclass
class Model:
    """What the view should know."""

    rows: dict[Key, Row] = field(default_factory=dict)
    coming: dict[Key, Row] | None = None
    """Rows that a load brings."""

    def apply(self, delta: dict[Key, Row | None]) -> None:
        for known in (self.rows, self.coming):
            for key, row in delta.items():
                if known is not None and row is None:
                    known.pop(key, None)
                elif known is not None and row is not None:
                    known[key] = row


class Interleaved:
    """Everything a screen does to a view, in any order, with work going on a step at a time."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.model = Model()
        self.now = self.asked = NOW
        self.wanted: Match | None = None
        self.view = View(THING)
        self.load()
        self.work(1000)

    def step(self) -> None:
        """Do anything."""
        act = self.random.choices(
            [self.change, self.filter, self.sort, self.prepare, self.forget, self.age, self.load, self.some_work],
            [6, 3, 2, 1, 1, 2, 0.5, 9],
        )[0]
        act()
        self.what_is_shown_is_complete()

    def end(self) -> None:
        """Whatever was going on: once it is done, the view is what the user asked for."""
        self.work(1000)
        if self.view.begin_recheck(self.asked, self.now):
            self.view.work()
        sort, descending = self.view.wanted_sort
        rows = self.model.rows.values()
        assert list(self.view) == expected(rows, self.wanted, sort, descending=descending)
        assert not self.view.working

    def load(self) -> None:
        rows = [some_row(self.random) for _ in range(self.random.randrange(30))]
        self.view.begin_load(rows)
        self.model.coming = {row.key: row for row in rows}

    def change(self) -> None:
        delta: dict[Key, Row | None] = {}
        for row in [some_row(self.random) for _ in range(self.random.randrange(8))]:
            delta[row.key] = row if self.random.random() < 0.7 else None
        before = list(self.view)
        moved = self.view.apply(delta)
        self.model.apply(delta)
        after = list(self.view)
        assert moved.resized == (len(before) != len(after))
        for line, (old, new) in enumerate(zip(before, after, strict=False)):
            spanned = moved.first is not None and moved.last is not None and moved.first <= line <= moved.last
            assert old is new or line in moved.lines or spanned

    def filter(self) -> None:
        self.wanted = compile_filter(self.random.choice(FILTERS), THING, lambda: self.now)
        self.asked = self.now
        self.view.begin_filter(self.wanted)

    def sort(self) -> None:
        self.view.begin_sort(self.random.choice(SORTS), descending=self.random.random() < 0.5)

    def prepare(self) -> None:
        self.view.begin_texts()

    def forget(self) -> None:
        self.view.forget_texts()

    def age(self) -> None:
        if self.random.random() < 0.7:
            self.work(1000)
        self.now += self.random.choice([1.0, 5.0, 20.0])
        if self.view.begin_recheck(self.asked, self.now):
            self.asked = self.now

    def some_work(self) -> None:
        self.work(self.random.choice([1, 2, 3, 5, 8, 100]))

    def work(self, steps: int) -> None:
        for _ in range(steps):
            self.view.work(0)
            if not self.view.loading and self.model.coming is not None:
                self.model.rows, self.model.coming = self.model.coming, None
            if not self.view.working:
                return

    def what_is_shown_is_complete(self) -> None:
        """Never half a filter and never half an order; rows that changed are shown as they are now."""
        shown = self.view.predicate
        timed = getattr(shown, "timed", False)
        rows = self.model.rows.values()
        match = None if timed else shown
        lines = expected(rows, match, self.view.sort_key, descending=self.view.descending)
        if timed:  # time may have passed since the filter was asked: the order must be right still
            keys = {row.key for row in self.view}
            lines = [row for row in lines if row.key in keys]
        assert list(self.view) == lines
        assert self.view.total == len(self.model.rows)
        assert [self.view.index(row.key) for row in lines] == list(range(len(lines)))
        shown_clusters = {cluster for cluster in self.view.clusters if self.view.shows(cluster)}
        assert {row.cluster for row in lines} == shown_clusters


@settings(max_examples=examples(75))
@given(seed=st.integers(0, 2**32))
def test_work_may_be_interleaved_with_anything(seed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        _make_steps_small(patch, seed)
        going = Interleaved(Random(seed))
        for _ in range(60):
            going.step()
        going.end()
