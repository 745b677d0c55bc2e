"""Functions of ranges, with values worked out by hand."""

import math

import pytest

from kurator_tui.demo.promql import PROMETHEUS_2
from tests.unit.demo.promql.storage import Written

#: 2 a second, with a reset after 90 s.
COUNTER = Written("requests 100 160 220 280 60 120 180")


def test_a_rate_is_extrapolated_to_the_limits_of_its_range() -> None:
    # (0, 90] has samples at 30, 60 and 90: 120 in 60 s, carried on 30 s to its start: 180 in 90 s.
    assert COUNTER.at("rate(requests[90s])", 90) == {"": pytest.approx(2.0)}
    assert COUNTER.at("increase(requests[90s])", 90) == {"": pytest.approx(180.0)}


def test_a_limit_far_from_the_samples_is_approached_by_half_the_usual_distance() -> None:
    # (-510, 90]: 180 in 90 s, and 15 s more: nothing was there before.
    assert COUNTER.at("increase(requests[10m])", 90) == {"": pytest.approx(180 * 105 / 90)}


def test_a_counter_is_not_extrapolated_below_zero() -> None:
    young = Written("born _ _ 1 61 121")
    # 120 in 60 s; zero was half a second before the first sample.
    assert young.at("increase(born[5m])", 120) == {"": pytest.approx(120 * 60.5 / 60)}


def test_what_was_counted_before_a_reset_is_not_lost() -> None:
    # 220 280 | 60 120: 60 + 60 + 60 in 90 s, carried on 30 s.
    assert COUNTER.at("increase(requests[2m])", 150) == {"": pytest.approx(180 * 120 / 90)}
    assert COUNTER.at("resets(requests[3m])", 180) == {"": 1.0}


def test_versions_differ_in_the_sample_that_is_as_old_as_the_range() -> None:
    assert COUNTER.at("count_over_time(requests[90s])", 90) == {"": 3.0}
    assert COUNTER.at("count_over_time(requests[90s])", 90, PROMETHEUS_2) == {"": 4.0}


def test_one_sample_has_no_rate() -> None:
    assert COUNTER.at("rate(requests[30s])", 90) == {}
    assert COUNTER.at("irate(requests[30s])", 90) == {}


def test_irate_and_idelta_take_the_last_two_samples() -> None:
    assert COUNTER.at("irate(requests[5m])", 90) == {"": 2.0}
    assert COUNTER.at("irate(requests[5m])", 120) == {"": 2.0}
    assert COUNTER.at("idelta(requests[5m])", 120) == {"": -220.0}


def test_a_gauge_has_its_delta_and_trend() -> None:
    gauge = Written("disk 90 80 70 60")
    assert gauge.at("delta(disk[90s])", 90) == {"": pytest.approx(-30.0)}
    assert gauge.at("deriv(disk[5m])", 90) == {"": pytest.approx(-1 / 3)}
    assert gauge.at("predict_linear(disk[5m], 60)", 90) == {"": pytest.approx(40.0)}
    assert gauge.at("predict_linear(disk[5m], 60)", 100) == {"": pytest.approx(60 - 70 / 3)}


@pytest.mark.parametrize(
    ("function", "value"),
    [
        ("avg_over_time", 3.0),
        ("min_over_time", 1.0),
        ("max_over_time", 6.0),
        ("sum_over_time", 12.0),
        ("count_over_time", 4.0),
        ("last_over_time", 6.0),
        ("present_over_time", 1.0),
        ("stdvar_over_time", 3.5),
        ("stddev_over_time", math.sqrt(3.5)),
        ("changes", 3.0),
    ],
)
def test_functions_over_time(function: str, value: float) -> None:
    found = Written("gauge 1 3 2 6").at(f"{function}(gauge[5m])", 90)
    assert found == {"__name__=gauge" if function.startswith("last") else "": pytest.approx(value)}


def test_quantiles_lie_between_the_nearest_values() -> None:
    storage = Written("gauge 1 3 2 6")
    assert storage.at("quantile_over_time(0.5, gauge[5m])", 90) == {"": 2.5}
    assert storage.at("quantile_over_time(0.9, gauge[5m])", 90) == {"": pytest.approx(5.1)}
    assert storage.at("quantile_over_time(2, gauge[5m])", 90) == {"": math.inf}


def test_a_subquery_is_evaluated_at_multiples_of_its_step() -> None:
    storage = Written("gauge 1 3 2 6 5")
    # At 60 and 120 seconds: 2 and 5.
    assert storage.at("sum_over_time(gauge[2m:1m])", 125) == {"": 7.0}
    # At 120 the rate is that of a counter that was reset to 5, half a minute after it was 6.
    assert storage.at("max_over_time(rate(gauge[60s])[1m:30s])", 120) == {"": pytest.approx(5 / 30)}


def test_a_range_query_asks_for_each_step() -> None:
    found = COUNTER.between("increase(requests[1m])", 60, 180, 30)
    assert [at for at, _ in found[""]] == [60.0, 90.0, 120.0, 150.0, 180.0]
    assert [value for _, value in found[""]] == pytest.approx([120.0] * 5)
