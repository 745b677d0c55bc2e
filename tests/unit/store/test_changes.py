"""The outbox merges; what comes out is what went in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kurator_tui.store.changes import Changes, Outbox
from kurator_tui.store.store import Store
from tests.unit.store.support import thing

KIND = "things"


def put(
    outbox: Outbox, *uids: str, removed: tuple[str, ...] = (), replaced: bool = False, cluster: str = "c1"
) -> None:
    outbox.put(Changes(KIND, cluster, [thing(uid=uid, cluster=cluster) for uid in uids], list(removed), replaced))


def test_only_the_last_state_of_an_object_waits() -> None:
    outbox = Outbox()
    outbox.put(Changes(KIND, "c1", [thing(uid="a", restarts=1)]))
    outbox.put(Changes(KIND, "c1", [thing(uid="a", restarts=2)]))
    (taken,) = outbox.take(10)
    assert taken.upserted == [thing(uid="a", restarts=2)]
    assert not outbox


def test_a_removal_takes_the_place_of_a_row_and_the_other_way_round() -> None:
    outbox = Outbox()
    put(outbox, "a", "b")
    put(outbox, removed=("a",))
    put(outbox, removed=("c",))
    put(outbox, "c")
    (taken,) = outbox.take(10)
    assert ({row.uid for row in taken.upserted}, taken.removed) == ({"b", "c"}, ["a"])


def test_a_replacement_forgets_what_waited_and_stays_a_replacement() -> None:
    outbox = Outbox()
    put(outbox, "old")
    put(outbox, "a", "b", replaced=True)
    put(outbox, "c", removed=("a",))
    (taken,) = outbox.take(10)
    assert taken.replaced
    assert {row.uid for row in taken.upserted} == {"b", "c"}
    assert taken.removed == []


def test_a_replacement_is_never_cut() -> None:
    outbox = Outbox()
    put(outbox, *"abcdef", replaced=True)
    (taken,) = outbox.take(2)
    assert len(taken.upserted) == 6


def test_changes_are_handed_out_in_portions_and_clusters_take_turns() -> None:
    outbox = Outbox()
    put(outbox, *"abcde")
    put(outbox, "x", cluster="c2")
    portions = [[(part.cluster, len(part.upserted)) for part in outbox.take(2)] for _ in range(4)]
    assert portions == [[("c1", 2)], [("c2", 1), ("c1", 1)], [("c1", 2)], []]


def test_a_kind_nobody_reads_is_dropped() -> None:
    outbox = Outbox()
    put(outbox, "a")
    outbox.put(Changes("others", "c1", [thing(uid="b")]))
    outbox.drop(KIND)
    assert [part.kind for part in outbox.take(10)] == ["others"]


def test_an_empty_replacement_is_still_news() -> None:
    outbox = Outbox()
    put(outbox, replaced=True)
    assert outbox
    (taken,) = outbox.take(10)
    assert taken.replaced
    put(outbox)
    assert not outbox


UIDS = st.sampled_from("abcdef")
CHANGES = st.builds(
    lambda cluster, rows, removed, replaced: Changes(
        KIND, cluster, [thing(uid=uid, cluster=cluster, restarts=n) for uid, n in rows.items()], removed, replaced
    ),
    st.sampled_from(["c1", "c2"]),
    st.dictionaries(UIDS, st.integers(0, 3), max_size=4),
    st.lists(UIDS, max_size=3),
    st.booleans(),
)


@given(st.lists(st.tuples(CHANGES, st.none() | st.integers(1, 4)), max_size=12))
def test_merged_changes_lead_to_the_same_rows_as_direct_ones(steps: list[tuple[Changes, int | None]]) -> None:
    direct, merged, outbox = Store(), Store(), Outbox()
    for changes, take in steps:
        direct.apply(changes)
        outbox.put(changes)
        for part in outbox.take(take) if take else ():
            merged.apply(part)
    while outbox:
        for part in outbox.take(3):
            merged.apply(part)
    assert {row.key: row for row in merged.rows(KIND)} == {row.key: row for row in direct.rows(KIND)}
