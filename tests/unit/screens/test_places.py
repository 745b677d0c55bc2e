"""The history of places and the order in which kinds were used."""

from __future__ import annotations

from kurator_tui.screens.places import FIRST_KIND, KEPT, MOST, Aim, Places, view_of


def test_a_place_is_a_view_or_a_kind_that_workloads_shows() -> None:
    assert [view_of(place) for place in ("fleets", "cost", "pods", "fleets.fleet.kurator.dev")] == [
        "fleets",
        "cost",
        "workloads",
        "workloads",
    ]


def test_workloads_is_the_kind_used_last_and_pods_at_first() -> None:
    assert Places("workloads").place == FIRST_KIND
    places = Places("fleets")
    places.open("nodes")
    places.open("events")
    places.travel(-1)
    places.open("fleets")
    assert places.resolve("workloads") == "nodes"


def test_opening_a_place_ends_what_was_forward() -> None:
    places = Places("fleets")
    places.open("clusters")
    places.open("pods")
    places.travel(-2)
    assert places.can_forward
    assert places.open("nodes")
    assert (places.place, places.before, places.can_back, places.can_forward) == ("nodes", "fleets", True, False)


def test_going_where_one_is_or_beyond_the_ends_is_nothing() -> None:
    places = Places("pods")
    assert not places.open("pods")
    assert not places.open("workloads")
    assert not places.travel(-1)
    assert not places.travel(5)
    assert places.before == "pods"


def test_kinds_beyond_the_last_used_ones_are_retired_once() -> None:
    places = Places("fleets")
    for number in range(KEPT + 2):
        places.open(f"kind{number}")
    assert places.retire() == ["kind0", "kind1"]
    assert places.retire() == []
    places.travel(-(KEPT - 1))
    assert places.place == "kind2"
    places.open("kind9")
    assert places.retire() == ["kind3"]


def test_history_is_bounded() -> None:
    places = Places("fleets")
    for number in range(3 * MOST):
        places.open(f"kind{number}")
    steps = 0
    while places.travel(-1):
        steps += 1
    assert steps == MOST - 1


def test_a_drill_down_is_a_place_of_its_own_until_no_way_leads_back_to_it() -> None:
    places = Places("pods")
    places.drill("pods", Aim("first"))
    first = places.place
    places.drill("nodes", Aim("second"))
    assert (view_of(first), places.aims[first]) == ("workloads", Aim("first"))
    places.travel(-2)
    assert set(places.aims) == {first, "nodes#2"}
    places.open("events")
    assert places.aims == {}
    assert places.resolve("workloads") == "events"
    places.travel(-1)
    assert places.place == "pods"
