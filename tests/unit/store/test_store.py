"""The promises of the store's contract."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.base import Row
from kurator_tui.store.changes import Changes
from kurator_tui.store.freshness import UNKNOWN, Freshness, State
from kurator_tui.store.scope import EVERYTHING, Scope
from kurator_tui.store.store import Delta, Store
from tests.unit.store.support import thing

KIND = "things"


def changes(*rows: Row, cluster: str = "eu-1", removed: tuple[str, ...] = (), replaced: bool = False) -> Changes:
    return Changes(KIND, cluster, list(rows), list(removed), replaced)


def uids(store: Store, cluster: str | None = None) -> set[str]:
    return {row.uid for row in store.rows(KIND, cluster)}


def test_rows_are_added_changed_and_removed() -> None:
    store = Store()
    first, changed = thing(uid="a"), thing(uid="a", restarts=1)
    assert store.apply(changes(first)) == {("eu-1", "a"): first}
    assert store.apply(changes(changed)) == {("eu-1", "a"): changed}
    assert store.get(KIND, ("eu-1", "a")) == changed
    assert store.apply(changes(removed=("a",))) == {("eu-1", "a"): None}
    assert store.count(KIND) == 0


def test_a_change_that_changes_nothing_is_told_to_nobody() -> None:
    store, told = Store(), list[Delta]()
    store.apply(changes(thing(uid="a")))
    store.listen(lambda kind, delta: told.append(delta))
    assert store.apply(changes(thing(uid="a"), removed=("never",))) == {}
    assert told == []


def test_a_replacement_is_complete_for_its_cluster_and_only_for_it() -> None:
    store = Store()
    store.apply(changes(thing(uid="a"), thing(uid="b")))
    store.apply(changes(thing(uid="a", cluster="us-1"), cluster="us-1"))
    delta = store.apply(changes(thing(uid="b"), thing(uid="c"), replaced=True))
    assert {key[1]: row is None for key, row in delta.items()} == {"a": True, "c": False}
    assert uids(store, "eu-1") == {"b", "c"}
    assert uids(store, "us-1") == {"a"}


def test_a_recreated_object_is_another_row() -> None:
    store = Store()
    store.apply(changes(thing("web", uid="old")))
    delta = store.apply(changes(thing("web", uid="new"), removed=("old",)))
    assert set(delta) == {("eu-1", "old"), ("eu-1", "new")}
    assert [row.uid for row in store.rows(KIND)] == ["new"]


def test_an_object_removed_and_added_in_one_change_set_is_there() -> None:
    store = Store()
    store.apply(changes(thing(uid="a")))
    store.apply(changes(thing(uid="a", restarts=2), removed=("a",)))
    assert uids(store) == {"a"}


def test_two_clusters_may_hold_the_same_uid() -> None:
    store = Store()
    store.apply(changes(thing(uid="a")))
    store.apply(changes(thing(uid="a", cluster="us-1"), cluster="us-1"))
    assert store.count(KIND) == 2
    assert (store.count(KIND, "us-1"), store.clusters(KIND)) == (1, ["eu-1", "us-1"])


def test_a_listener_hears_kind_and_delta_until_it_stops() -> None:
    store, told = Store(), list[tuple[str, Delta]]()
    stop = store.listen(lambda kind, delta: told.append((kind, delta)))
    row = thing(uid="a")
    store.apply(changes(row))
    stop()
    store.apply(changes(removed=("a",)))
    assert told == [(KIND, {("eu-1", "a"): row})]


def test_a_listener_may_stop_while_it_is_told() -> None:
    store, told = Store(), list[str]()

    def once(kind: str, delta: Delta) -> None:
        told.append("first")
        stop()

    stop = store.listen(once)
    store.listen(lambda kind, delta: told.append("second"))
    store.apply(changes(thing(uid="a")))
    store.apply(changes(thing(uid="b")))
    assert told == ["first", "second", "second"]


def test_a_cluster_that_left_takes_rows_and_freshness_with_it() -> None:
    store, told = Store(), list[Delta]()
    store.apply(changes(thing(uid="a")))
    store.set_freshness("eu-1", "", Freshness(State.LIVE, 1.0))
    store.listen(lambda kind, delta: told.append(delta))
    store.forget_cluster("eu-1")
    assert told == [{("eu-1", "a"): None}]
    assert (store.count(KIND), store.clusters(KIND)) == (0, [])
    assert store.freshness("eu-1") == UNKNOWN


def test_a_forgotten_kind_is_empty() -> None:
    store = Store()
    store.apply(changes(thing(uid="a")))
    store.forget_kind(KIND)
    assert store.get(KIND, ("eu-1", "a")) is None
    assert uids(store) == set()


def test_freshness_of_a_kind_falls_back_to_its_cluster() -> None:
    store = Store()
    live, refused = Freshness(State.LIVE, 1.0), Freshness(State.FORBIDDEN, 2.0, "cannot list things")
    assert store.freshness("eu-1", KIND) == UNKNOWN
    store.set_freshness("eu-1", "", live)
    assert store.freshness("eu-1", KIND) == live
    store.set_freshness("eu-1", KIND, refused)
    assert store.freshness("eu-1", KIND) == refused
    assert set(store.freshness_items()) == {("eu-1", "", live), ("eu-1", KIND, refused)}


def test_freshness_is_told_once_a_change() -> None:
    store, told = Store(), list[tuple[str, str, Freshness]]()
    stop = store.listen_freshness(lambda *change: told.append(change))
    live = Freshness(State.LIVE, 1.0)
    store.set_freshness("eu-1", "", live)
    store.set_freshness("eu-1", "", live)
    stop()
    store.set_freshness("eu-1", "", Freshness(State.STALE, 2.0, "no answer"))
    assert told == [("eu-1", "", live)]


@pytest.mark.parametrize("state", list(State))
def test_only_live_rows_are_trustworthy(state: State) -> None:
    assert Freshness(state, 0.0).trustworthy is (state is State.LIVE)


def test_a_scope_holds_cluster_scoped_rows_in_every_namespace() -> None:
    scope = Scope(frozenset({"eu-1"}), frozenset({"shop"}))
    assert scope.holds(thing())
    assert scope.holds(thing(namespace=""))
    assert not scope.holds(thing(namespace="data"))
    assert not scope.holds(thing(cluster="us-1"))
    assert EVERYTHING.holds(thing(cluster="anywhere", namespace="any"))


def test_a_scope_says_what_it_is() -> None:
    assert EVERYTHING.text() == "all clusters · all ns"
    assert Scope(frozenset({"b", "a"}), frozenset({"shop"})).text() == "a, b · shop"
