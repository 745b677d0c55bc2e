"""The outbox merges; what comes out leads to the same rows as what went in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kurator_tui.store.changes import Batch, Outbox
from kurator_tui.store.store import Store
from tests.unit.store.support import thing

KIND = "things"


def put(outbox: Outbox, *uids: str, removed: tuple[str, ...] = (), cluster: str = "c1", kind: str = KIND) -> None:
    for uid in uids:
        outbox.put(kind, cluster, uid, thing(uid=uid, cluster=cluster))
    for uid in removed:
        outbox.put(kind, cluster, uid, None)


def taken(outbox: Outbox, limit: int = 10) -> Batch:
    batch = outbox.take(limit)
    assert batch is not None
    return batch


def test_only_the_last_state_of_an_object_waits() -> None:
    outbox = Outbox()
    outbox.put(KIND, "c1", "a", thing(uid="a", restarts=1))
    outbox.put(KIND, "c1", "a", thing(uid="a", restarts=2))
    assert taken(outbox).rows == [thing(uid="a", restarts=2)]
    assert outbox.take(10) is None


def test_a_removal_takes_the_place_of_a_row_and_the_other_way_round() -> None:
    outbox = Outbox()
    put(outbox, "a", "b", removed=("a", "c"))
    put(outbox, "c")
    batch = taken(outbox)
    assert ({row.uid for row in batch.rows}, batch.removed) == ({"b", "c"}, [("c1", "a")])


def test_a_replacement_supersedes_what_waited() -> None:
    outbox = Outbox()
    put(outbox, "old")
    outbox.begin(KIND, "c1")
    put(outbox, "a", "b", "c", removed=("a",))
    outbox.complete(KIND, "c1")
    batch = taken(outbox)
    assert (batch.begins, batch.completes, batch.removed) == (["c1"], ["c1"], [])
    assert {row.uid for row in batch.rows} == {"b", "c"}


def test_a_replacement_begins_with_its_first_part_and_completes_with_its_last() -> None:
    outbox = Outbox()
    outbox.begin(KIND, "c1")
    put(outbox, *"abcde")
    outbox.complete(KIND, "c1")
    parts = [taken(outbox, 2) for _ in range(3)]
    assert [(part.begins, len(part.rows), part.completes) for part in parts] == [
        (["c1"], 2, []),
        ([], 2, []),
        ([], 1, ["c1"]),
    ]


def test_an_object_that_goes_after_its_replacement_was_begun_is_removed() -> None:
    outbox = Outbox()
    outbox.begin(KIND, "c1")
    put(outbox, *"ab")
    taken(outbox, 1)
    put(outbox, removed=("a",))
    assert taken(outbox).removed == [("c1", "a")]


def test_one_batch_holds_many_clusters() -> None:
    outbox = Outbox()
    for cluster in ("c1", "c2", "c3"):
        put(outbox, "a", cluster=cluster)
    assert {row.cluster for row in taken(outbox).rows} == {"c1", "c2", "c3"}
    assert not outbox


def test_a_kind_with_few_changes_does_not_wait_for_one_with_many() -> None:
    outbox = Outbox()
    put(outbox, *"abcdef", kind="pods")
    put(outbox, "a", kind="clusters")
    assert [taken(outbox, 4).kind for _ in range(3)] == ["clusters", "pods", "pods"]


def test_it_knows_for_whom_something_waits() -> None:
    outbox = Outbox()
    put(outbox, "a")
    assert (outbox.holds("c1"), outbox.holds("c1", KIND), outbox.holds("c1", "others")) == (True, True, False)
    taken(outbox)
    assert not outbox.holds("c1")


def test_what_nobody_reads_is_dropped() -> None:
    outbox = Outbox()
    put(outbox, "a")
    put(outbox, "b", kind="others")
    put(outbox, "c", cluster="c2", kind="others")
    outbox.drop(KIND)
    outbox.drop_cluster("c1")
    batch = taken(outbox)
    assert (batch.kind, [row.uid for row in batch.rows]) == ("others", ["c"])
    assert not outbox


UIDS = st.sampled_from("abcdef")
CLUSTERS = st.sampled_from(["c1", "c2"])
STEPS = st.one_of(
    st.tuples(st.just("put"), CLUSTERS, UIDS, st.none() | st.integers(0, 3)),
    st.tuples(st.just("begin"), CLUSTERS, st.just(""), st.none()),
    st.tuples(st.just("complete"), CLUSTERS, st.just(""), st.none()),
    st.tuples(st.just("take"), st.just(""), st.just(""), st.integers(1, 4)),
)


@given(st.lists(STEPS, max_size=40))
def test_merged_changes_lead_to_the_same_rows_as_direct_ones(
    steps: list[tuple[str, str, str, int | None]],
) -> None:
    direct, merged, outbox = Store(), Store(), Outbox()
    replacing: set[str] = set()
    for step, cluster, uid, number in steps:
        if step == "put":
            row = None if number is None else thing(uid=uid, cluster=cluster, restarts=number)
            direct.put(KIND, cluster, {uid: row})
            outbox.put(KIND, cluster, uid, row)
        elif step == "begin":
            replacing.add(cluster)
            direct.begin(KIND, cluster)
            outbox.begin(KIND, cluster)
        elif step == "complete" and cluster in replacing:
            replacing.discard(cluster)
            direct.complete(KIND, cluster)
            outbox.complete(KIND, cluster)
        elif step == "take" and (batch := outbox.take(number or 1)) is not None:
            batch.apply(merged)
    for cluster in replacing:
        direct.complete(KIND, cluster)
        outbox.complete(KIND, cluster)
    while (batch := outbox.take(3)) is not None:
        batch.apply(merged)
    assert {row.key: row for row in merged.rows(KIND)} == {row.key: row for row in direct.rows(KIND)}
