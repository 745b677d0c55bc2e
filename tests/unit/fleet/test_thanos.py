"""What is found out about each Thanos, how long that is good, and whose labels are whose."""

from __future__ import annotations

import pytest

from kurator_tui.errors import NotInstalled, TimedOut
from kurator_tui.fleet import thanos as thanos_module
from kurator_tui.metrics.members import Labelled, Owners
from tests.unit.fleet.thanoses import endpoint, member, probed, sidecars, thanoses
from tests.unit.metrics.endpoint import matrix_of


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that passes, as its only element."""
    now = [0.0]
    monkeypatch.setattr(thanos_module, "lapse", lambda: now[0])
    return now


async def test_coverage_is_looked_at_each_minute_and_exporters_each_quarter_of_an_hour(clock: list[float]) -> None:
    asked = endpoint(matrix_of(), stores=[sidecars("a", "b"), sidecars("a")])
    of = thanoses(asked)
    first = await of.facts("default")
    clock[0] = 59
    assert await of.facts("default") is first
    clock[0] = 61
    second = await of.facts("default")
    assert (second.coverage is not None and second.coverage.gap("b"), second.capabilities) == (
        "Thanos knows no sidecar of it",
        first.capabilities,
    )
    clock[0] = 901
    await of.facts("default")
    paths = [path for path, _given in asked.asked]
    assert (paths.count("stores"), paths.count("query")) == (3, 2)


async def test_a_thanos_without_series_yet_is_probed_again(clock: list[float]) -> None:
    asked = endpoint(matrix_of(), [probed(), probed("cadvisor")])
    of = thanoses(asked)
    assert not (await of.facts("default")).capabilities.by_name
    clock[0] = 61
    assert (await of.facts("default")).capabilities.has(["cadvisor"])


async def test_what_failed_is_asked_again_at_once(clock: list[float]) -> None:
    of = thanoses(endpoint(matrix_of(), [TimedOut("late"), probed("cadvisor")]))
    with pytest.raises(TimedOut):
        await of.facts("default")
    of._metrics.clear()  # another front: this one rests after a failure
    assert (await of.facts("default")).capabilities.has(["cadvisor"])


def test_members_are_grouped_by_who_knows_them_and_the_host_is_nobodys() -> None:
    two = (member("a", "red"), member("b", "blue"))
    assert set(thanoses(endpoint(None), *two).members()) == {"red", "blue"}
    assert set(thanoses(endpoint(None), *two, url="https://t").members()) == {""}
    assert set(thanoses(endpoint(None), *two).members(("b",))) == {"blue"}


def test_a_label_is_a_members_only_when_no_other_has_it() -> None:
    owners = Owners.of((Labelled("x.red", ("x", "x-cluster")), Labelled("x.blue", ("x", "x-attachedcluster"))))
    assert owners.shared == {"x": ("x.blue", "x.red")}
    assert (owners.shown("x"), owners.shown("x-cluster"), owners.shown("y")) == ("x", "x.red", "y")
    assert [owners.stranger(label) for label in ("x", "x-cluster", "y")] == [False, False, True]


async def test_a_member_whose_fleet_has_no_thanos_is_with_one_that_knows_it() -> None:
    none = NotInstalled("The host has no Thanos.")
    places = {
        "red": endpoint(matrix_of(), probed("cadvisor", clusters=("a", "b"))),
        "blue": endpoint(none, none),
    }
    of = thanoses(places, member("a", "red"), member("b", "blue"), member("c", "blue"))
    found = await of.routes()
    assert {place: [each.name for each in members] for place, members in found.items()} == {
        "red": ["a", "b"],
        "blue": ["c"],
    }
    assert [each.name for each in (await of.routes(("b",)))["red"]] == ["b"]
    assert of.owners("red").names["b"] == "b"
    assert len(places["blue"].asked) == 1


def test_of_two_members_of_one_name_a_thanos_means_its_own() -> None:
    of = thanoses(endpoint(None), member("x.red", "red", "x"), member("x.blue", "blue", "x"))
    assert (of.owners("red").names["x"], of.owners("blue").names["x"]) == ("x.red", "x.blue")
