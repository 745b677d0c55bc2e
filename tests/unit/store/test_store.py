"""The promises of the store's contract."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.base import Row
from kurator_tui.store.freshness import UNKNOWN, Freshness, State
from kurator_tui.store.scope import EVERYTHING, Scope
from kurator_tui.store.store import Delta, Store
from tests.unit.store.support import thing

KIND = "things"


def rows(*uids: str, cluster: str = "eu-1", restarts: int = 0) -> dict[str, Row | None]:
    return {uid: thing(uid=uid, cluster=cluster, restarts=restarts) for uid in uids}


def uids(store: Store, cluster: str | None = None) -> set[str]:
    return {row.uid for row in store.rows(KIND, cluster)}


def heard(store: Store) -> list[Delta]:
    told: list[Delta] = []
    store.listen(lambda _kind, delta: told.append(dict(delta)))
    return told


def test_rows_are_added_changed_and_removed() -> None:
    store = Store()
    told = heard(store)
    first, changed = thing(uid="a"), thing(uid="a", restarts=1)
    store.put(KIND, "eu-1", {"a": first})
    store.put(KIND, "eu-1", {"a": changed})
    assert store.get(KIND, ("eu-1", "a")) == changed
    store.put(KIND, "eu-1", {"a": None})
    assert told == [{("eu-1", "a"): first}, {("eu-1", "a"): changed}, {("eu-1", "a"): None}]
    assert store.count(KIND) == 0


def test_a_change_that_changes_nothing_is_told_to_nobody() -> None:
    store = Store()
    store.put(KIND, "eu-1", rows("a"))
    told = heard(store)
    store.put(KIND, "eu-1", {**rows("a"), "never": None})
    assert told == []


def test_a_replacement_is_complete_for_its_cluster_and_only_for_it() -> None:
    store = Store()
    store.put(KIND, "eu-1", rows("a", "b"))
    store.put(KIND, "us-1", rows("a", cluster="us-1"))
    store.replace(KIND, "eu-1", [thing(uid="b"), thing(uid="c")])
    assert uids(store, "eu-1") == {"b", "c"}
    assert uids(store, "us-1") == {"a"}


def test_a_replacement_in_parts_drops_nothing_before_it_is_complete() -> None:
    store = Store()
    store.put(KIND, "eu-1", rows("a", "b", "c"))
    store.begin(KIND, "eu-1")
    store.put(KIND, "eu-1", rows("a", "d"))
    store.put(KIND, "eu-1", {**rows("b"), "d": None})
    assert uids(store) == {"a", "b", "c"}
    store.complete(KIND, "eu-1")
    assert uids(store) == {"a", "b"}


def test_a_replacement_that_begins_again_forgets_what_came_before() -> None:
    store = Store()
    store.begin(KIND, "eu-1")
    store.put(KIND, "eu-1", rows("a"))
    store.begin(KIND, "eu-1")
    store.put(KIND, "eu-1", rows("b"))
    store.complete(KIND, "eu-1")
    store.complete(KIND, "eu-1")
    assert uids(store) == {"b"}


def test_a_recreated_object_is_another_row() -> None:
    store = Store()
    store.put(KIND, "eu-1", {"old": thing("web", uid="old")})
    store.put(KIND, "eu-1", {"old": None, "new": thing("web", uid="new")})
    assert [row.uid for row in store.rows(KIND)] == ["new"]


def test_two_clusters_may_hold_the_same_uid() -> None:
    store = Store()
    store.put(KIND, "eu-1", rows("a"))
    store.put(KIND, "us-1", rows("a", cluster="us-1"))
    assert store.count(KIND) == 2
    assert (store.count(KIND, "us-1"), store.clusters(KIND)) == (1, ["eu-1", "us-1"])


def test_a_listener_hears_kind_and_delta_until_it_stops() -> None:
    store, told = Store(), list[tuple[str, Delta]]()
    stop = store.listen(lambda kind, delta: told.append((kind, delta)))
    row = thing(uid="a")
    store.put(KIND, "eu-1", {"a": row})
    stop()
    store.put(KIND, "eu-1", {"a": None})
    assert told == [(KIND, {("eu-1", "a"): row})]


def test_a_listener_may_stop_while_it_is_told() -> None:
    store, told = Store(), list[str]()

    def once(kind: str, delta: Delta) -> None:
        told.append("first")
        stop()

    stop = store.listen(once)
    store.listen(lambda kind, delta: told.append("second"))
    store.put(KIND, "eu-1", rows("a"))
    store.put(KIND, "eu-1", rows("b"))
    assert told == ["first", "second", "second"]


def test_deferred_changes_are_merged_until_they_are_flushed() -> None:
    store, woken = Store(), list[None]()
    told = heard(store)
    store.defer(lambda: woken.append(None))
    store.put(KIND, "eu-1", rows("a", "b"))
    store.put(KIND, "eu-1", {**rows("a", restarts=1), "b": None})
    assert (told, bool(woken)) == ([], True)
    store.flush()
    store.flush()
    assert told == [{("eu-1", "a"): thing(uid="a", restarts=1), ("eu-1", "b"): None}]


def test_an_observer_sees_each_row_before_and_after_at_once() -> None:
    store, seen = Store(), list[tuple[str, Row | None, Row | None]]()
    store.defer(lambda: None)
    store.observe(KIND, lambda *change: seen.append(change))
    first, second = thing(uid="a"), thing(uid="a", restarts=1)
    for row in (first, first, second, None):
        store.put(KIND, "eu-1", {"a": row})
    assert seen == [("eu-1", None, first), ("eu-1", first, second), ("eu-1", second, None)]


def test_a_cluster_that_left_takes_rows_and_freshness_with_it() -> None:
    store = Store()
    store.put(KIND, "eu-1", rows("a"))
    store.set_freshness("eu-1", "", Freshness(State.LIVE, 1.0))
    told = heard(store)
    store.forget_cluster("eu-1")
    assert told == [{("eu-1", "a"): None}]
    assert (store.count(KIND), store.clusters(KIND)) == (0, [])
    assert store.freshness("eu-1") == UNKNOWN


def test_a_forgotten_kind_is_empty() -> None:
    store = Store()
    store.put(KIND, "eu-1", rows("a"))
    store.forget_kind(KIND)
    assert store.get(KIND, ("eu-1", "a")) is None
    assert uids(store) == set()


def test_a_forgotten_kind_is_as_fresh_as_its_cluster_again() -> None:
    store = Store()
    store.set_freshness("eu-1", "", Freshness(State.STALE, 1.0))
    store.set_freshness("eu-1", KIND, Freshness(State.LIVE, 2.0))
    store.forget_kind(KIND)
    assert store.freshness("eu-1", KIND) == Freshness(State.STALE, 1.0)


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
