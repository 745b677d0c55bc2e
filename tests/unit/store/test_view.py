"""A view is a filtered, sorted list that says which of its lines changed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kurator_tui.kinds.base import SEVERITY, Key, Level, Row
from kurator_tui.store import ordering
from kurator_tui.store.store import Delta
from kurator_tui.store.view import View
from tests.examples import examples
from tests.unit.store.support import NOW, THING, ThingRow, thing


def names(view: View) -> list[str]:
    return [row.name for row in view]


def delta(*rows: Row | Key) -> Delta:
    """Rows that are new or changed, and keys of rows that are gone."""
    return {item.key if isinstance(item, Row) else item: item if isinstance(item, Row) else None for item in rows}


def loaded(*rows: Row, sort: str = "name", descending: bool = False) -> View:
    view = View(THING, sort, descending=descending)
    view.load(rows)
    return view


@pytest.mark.parametrize(
    ("sort", "descending", "expected"),
    [
        ("name", False, ["a", "B", "c"]),
        ("name", True, ["c", "B", "a"]),
        ("restarts", False, ["c", "a", "B"]),
        ("restarts", True, ["B", "a", "c"]),
        ("memory", False, ["B", "a", "c"]),
        ("memory", True, ["a", "B", "c"]),
        ("age", False, ["c", "B", "a"]),
        ("health", True, ["B", "a", "c"]),
        ("no-such-column", False, ["a", "B", "c"]),
    ],
)
def test_order(sort: str, descending: bool, expected: list[str]) -> None:
    rows = (
        thing("a", restarts=2, memory=9, age=30),
        thing("B", restarts=5, memory=1, age=20, level=Level.FAILED),
        thing("c", restarts=1, age=10),
    )
    assert names(loaded(*rows, sort=sort, descending=descending)) == expected


def test_equal_values_are_ordered_by_cluster_namespace_and_name() -> None:
    rows = [thing("b"), thing("a", cluster="us-1"), thing("a", namespace="data"), thing("a")]
    shown = [(row.cluster, row.namespace, row.name) for row in loaded(*rows, sort="status")]
    assert shown == sorted(shown)


def test_a_row_that_changes_in_place_touches_its_line_only() -> None:
    view = loaded(thing("a"), thing("b"), thing("c"))
    moved = view.apply(delta(thing("b", status="Failed")))
    assert (set(moved.lines), moved.first, moved.last, moved.resized) == ({1}, None, None, False)


def test_a_row_that_moves_touches_the_lines_between() -> None:
    view = loaded(*(thing(name, restarts=n) for n, name in enumerate("abcde")), sort="restarts")
    moved = view.apply(delta(thing("b", restarts=9)))
    assert names(view) == ["a", "c", "d", "e", "b"]
    assert (moved.first, moved.last, moved.resized) == (1, 4, False)


def test_a_new_row_touches_everything_below_it() -> None:
    view = loaded(thing("a"), thing("c"))
    moved = view.apply(delta(thing("b")))
    assert names(view) == ["a", "b", "c"]
    assert (moved.first, moved.last, moved.resized) == (1, 3, True)


def test_a_row_that_leaves_touches_everything_below_it() -> None:
    gone = thing("b")
    view = loaded(thing("a"), gone, thing("c"))
    moved = view.apply(delta(gone.key))
    assert names(view) == ["a", "c"]
    assert (moved.first, moved.last, moved.resized) == (1, 3, True)


def test_a_changed_row_is_reported_where_it_stands_after_all_changes() -> None:
    view = loaded(thing("b"), thing("c"))
    moved = view.apply(delta(("eu-1", "b"), thing("c", restarts=1), thing("a")))
    assert [(row.name, row.restarts) for row in view if isinstance(row, ThingRow)] == [("a", 0), ("c", 1)]
    assert moved.lines == {1}


def test_rows_that_shift_between_several_moves_are_all_touched() -> None:
    rows = [thing(name, restarts=n * 10) for n, name in enumerate("abcdef")]
    view = loaded(*rows, sort="restarts")
    moved = view.apply(delta(thing("d", restarts=1), thing("e", restarts=2)))
    assert names(view) == ["a", "d", "e", "b", "c", "f"]
    assert (moved.first, moved.last) == (1, 4)


def test_nothing_moved_is_false() -> None:
    assert not loaded(thing("a")).apply({})
    assert not loaded(thing("a")).apply(delta(("c", "never-known")))


def test_a_filter_hides_rows_and_counts_them() -> None:
    view = loaded(thing("a"), thing("b", restarts=4))
    view.filter(lambda row: isinstance(row, ThingRow) and row.restarts > 3)
    assert (names(view), len(view), view.total) == (["b"], 1, 2)
    view.apply(delta(thing("a", restarts=5)))
    assert names(view) == ["a", "b"]
    view.apply(delta(thing("b")))
    assert names(view) == ["a"]
    view.filter(None)
    assert names(view) == ["a", "b"]


def test_lines_are_found_by_key_whatever_the_order() -> None:
    view = loaded(thing("a"), thing("b"), thing("c"))
    key = ("eu-1", "b")
    assert (view.index(key), view.key(1), view.row(1).name) == (1, key, "b")
    view.sort("name", descending=True)
    assert (view.index(key), view.sort_key, view.descending) == (1, "name", True)
    view.filter(lambda row: row.name != "b")
    assert view.index(key) is None
    assert view.index(("eu-1", "unknown")) is None


@pytest.mark.parametrize("few", [0, 100])
def test_many_changes_at_once_are_merged_as_few_are(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordering, "FEW", few)
    view = loaded(thing("a"), thing("b"), thing("z"))
    moved = view.apply(delta(thing("c"), thing("d"), ("eu-1", "z")))
    assert names(view) == ["a", "b", "c", "d"]
    assert (moved.first, moved.last, moved.resized) == (2, 4, True)


ROWS = st.builds(
    lambda name, cluster, restarts, memory, level, age: thing(
        name, cluster=cluster, restarts=restarts, memory=memory, level=level, age=age
    ),
    st.sampled_from(["a", "B", "b", "c", "é", "日"]),
    st.sampled_from(["c1", "c2"]),
    st.integers(0, 5),
    st.none() | st.integers(0, 3),
    st.sampled_from(list(Level)),
    st.sampled_from([1.0, 60.0, NOW]),
)
KEYS = st.tuples(st.sampled_from(["c1", "c2"]), st.sampled_from(["a", "B", "b", "c", "é", "日"]))


@settings(max_examples=examples(100))
@given(
    steps=st.lists(st.lists(ROWS | KEYS, max_size=8), max_size=6),
    sort=st.sampled_from(["name", "restarts", "memory", "health", "age"]),
    descending=st.booleans(),
    filtered=st.booleans(),
    limit=st.sampled_from([0, 2, 1500]),
)
def test_a_view_equals_a_naively_sorted_and_filtered_list(
    steps: list[list[ThingRow | Key]], sort: str, descending: bool, filtered: bool, limit: int
) -> None:
    def predicate(row: Row) -> bool:
        return not filtered or (isinstance(row, ThingRow) and row.restarts > 1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ordering, "FEW", limit)
        view, known = View(THING, sort, descending=descending), dict[Key, Row]()
        view.filter(predicate)
        for step in steps:
            before = list(view)
            changes = delta(*step)
            moved = view.apply(changes)
            known.update({key: row for key, row in changes.items() if row is not None})
            for key in [key for key, row in changes.items() if row is None]:
                known.pop(key, None)
            after = list(view)
            naive = loaded(*filter(predicate, known.values()), sort=sort, descending=descending)
            assert after == list(naive)
            assert view.total == len(known)
            assert moved.resized == (len(before) != len(after))
            for line, (old, new) in enumerate(zip(before, after, strict=False)):
                spanned = moved.first is not None and moved.last is not None and moved.first <= line <= moved.last
                assert old == new or line in moved.lines or spanned
            assert all(view.index(row.key) == line for line, row in enumerate(after))
        _assert_sorted(view, sort, descending)


def _assert_sorted(view: View, sort: str, descending: bool) -> None:
    """The order itself, said another way: empty values last, then by value, then by identity."""
    column = THING.column(sort)
    assert column is not None
    values = [column.value(row) for row in view if isinstance(row, ThingRow)]
    filled = [value for value in values if value is not None]
    assert values == filled + [None] * (len(values) - len(filled))

    def order(value: object) -> object:
        if sort == "name":
            return str(value).casefold()
        if sort == "age":
            return -value if isinstance(value, float) else 0
        return SEVERITY[Level(str(value))] if sort == "health" else value

    keys = [order(value) for value in filled]
    assert keys == sorted(keys, reverse=descending)  # type: ignore[type-var]
