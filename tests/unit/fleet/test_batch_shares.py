"""What queues deserve: Volcano's rounds of dealing out by weight."""

from __future__ import annotations

import pytest

from kurator_tui.fleet.batch_shares import Claim, amounts, beyond, proportion, share, shown


def claim(name: str, weight: int = 1, request: float | None = None, most: float | None = None) -> Claim:
    wanted = None if request is None else {"gpu": request}
    return Claim(name, weight, wanted, {} if most is None else {"gpu": most}, {})


def dealt(available: float, *claims: Claim) -> dict[str, float]:
    return {name: round(found["gpu"], 3) for name, found in proportion({"gpu": available}, claims).items()}


def test_queues_deserve_by_their_weights() -> None:
    assert dealt(30, claim("a", 1), claim("b", 2)) == {"a": 10, "b": 20}


def test_what_a_queue_does_not_ask_for_goes_to_the_others() -> None:
    assert dealt(30, claim("a", 1, request=4), claim("b", 2)) == {"a": 4, "b": 26}


def test_a_capability_is_an_end_of_what_is_deserved() -> None:
    assert dealt(30, claim("a", 1), claim("b", 9, most=6)) == {"a": 24, "b": 6}


def test_a_guarantee_is_deserved_without_being_asked_for() -> None:
    guaranteed = Claim("a", 1, {"gpu": 0.0}, {}, {"gpu": 8.0})
    assert dealt(30, guaranteed, claim("b", 1)) == {"a": 8, "b": 22}


def test_nobody_deserves_anything_of_nothing() -> None:
    assert proportion({}, [claim("a")]) == {"a": {}}
    assert proportion({"gpu": 8.0}, [claim("a", weight=0)]) == {}


def test_many_queues_get_no_more_than_there_is() -> None:
    claims = [claim(f"q{number}", number % 7 + 1, request=float(number % 50)) for number in range(1000)]
    found = dealt(5000, *claims)
    assert sum(found.values()) == pytest.approx(5000, abs=1)
    assert all(found[each.name] <= (each.request or {})["gpu"] for each in claims)


def test_the_share_is_of_the_dominant_resource() -> None:
    assert share({"cpu": 2, "gpu": 6}, {"cpu": 4, "gpu": 8}) == (0.75, "gpu")
    assert share({"gpu": 1}, {"gpu": 0}) == (1.0, "gpu")
    assert share({}, {}) == (None, "")
    assert share({"cpu": 0, "nvidia.com/gpu": 0}, {"cpu": 4, "nvidia.com/gpu": 8})[1] == "nvidia.com/gpu"


def test_amounts_read_what_servers_send_and_nothing_else() -> None:
    assert amounts({"cpu": "500m", "memory": "1Gi", "gpu": 2}) == {"cpu": 0.5, "memory": 2.0**30, "gpu": 2.0}
    assert amounts({"cpu": "-4", "gpu": "1e400", "x": {"a": 1}}) == {"cpu": 0.0, "gpu": 0.0, "x": 0.0}
    assert amounts("all") == amounts(None) == {}


def test_more_than_the_limit_is_told_by_resource() -> None:
    assert beyond({"cpu": 5, "gpu": 8}, {"cpu": 4, "gpu": 8}) == ["cpu"]


def test_amounts_are_shown_with_devices_first() -> None:
    assert shown({"memory": 2.0**31, "cpu": 4.0, "nvidia.com/gpu": 8.0, "pods": 0.0}) == "gpu=8,cpu=4,mem=2.0Gi"
