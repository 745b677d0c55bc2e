"""Flagger's messages as what they say."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.rollout_events import LONGEST, RolloutEvent, Said, milliseconds_of, parse


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Initialization done! backend.shop", Said.INITIALIZED),
        ("New revision detected! Scaling up backend.shop", Said.DETECTED),
        ("New revision detected! Restarting analysis for backend.shop", Said.RESTARTED),
        ("Starting canary analysis for backend.shop", Said.STARTED),
        ("Copying backend.shop template spec to backend-primary.shop", Said.COPIED),
        ("Routing all traffic to primary", Said.ROUTED),
        ("Routing all traffic to canary", Said.ROUTED),
        ("Promotion completed! Scaling down backend.shop", Said.PROMOTED),
        ("Rolling back backend.shop progress deadline exceeded not ready", Said.ROLLED_BACK),
        ("Rolling back backend.shop manual webhook invoked", Said.ROLLED_BACK),
        ("Canary failed! Scaling down backend.shop", Said.ROLLED_BACK),
        ("skipping canary run as object is suspended", Said.SUSPENDED),
        ("Halt backend.shop advancement external check load failed 500", Said.CHECK_FAILED),
        ("Prometheus query failed: connection refused", Said.CHECK_FAILED),
        ("Metric template error-rate.shop query render error: no such function", Said.CHECK_FAILED),
        ("all the metrics providers are available!", Said.OTHER),
        ("", Said.OTHER),
    ],
)
def test_a_message_says_what_happened(message: str, said: Said) -> None:
    assert parse(message) == RolloutEvent(said, message)


def test_advances_have_weights_and_iterations() -> None:
    assert parse("Advance backend.shop canary weight 30")[2] == 30
    found = parse("Advance backend.shop canary iteration 4/10")
    assert (found.said, found.iteration, found.iterations) == (Said.ADVANCED, 4, 10)
    back = parse("Advance backend.shop primary weight 60")
    assert (back.said, back.weight) == (Said.RETURNING, 60)


@pytest.mark.parametrize(
    ("message", "metric", "value", "bound"),
    [
        ("success rate 97.42% < 99%", "request-success-rate", 97.42, 99.0),
        ("success rate 100.00% > 99.5%", "request-success-rate", 100.0, 99.5),
        ("request duration 1.204s > 500ms", "request-duration", 1204.0, 500.0),
        ("request duration 90.5ms < 1m0s", "request-duration", 90.5, 60000.0),
        ("error-rate 0.07 > 0.05", "error-rate", 0.07, 0.05),
        ("queue depth p99 +Inf > 5", "queue depth p99", float("inf"), 5.0),
    ],
)
def test_halts_have_a_metric_its_value_and_the_bound(
    message: str, metric: str, value: float, bound: float
) -> None:
    found = parse(f"Halt backend.shop advancement {message}")
    assert (found.said, found.metric, found.value, found.bound) == (Said.HALTED, metric, value, bound)
    assert found.bad


@pytest.mark.parametrize(
    ("message", "metric"),
    [
        (
            "istio metric request-success-rate probably backend.shop is not receiving traffic: no values found",
            "request-success-rate",
        ),
        ("istio metric request-duration probably backend.shop is not receiving traffic", "request-duration"),
        ("custom metric: error-rate: no values found", "error-rate"),
        ("metric: inline", "inline"),
    ],
)
def test_no_values_are_told_apart_from_bad_ones(message: str, metric: str) -> None:
    found = parse(f"Halt advancement no values found for {message}")
    assert (found.said, found.metric, found.value) == (Said.NO_VALUES, metric, None)


def test_a_rollback_has_the_number_of_failed_checks() -> None:
    found = parse("Rolling back backend.shop failed checks threshold reached 5")
    assert (found.said, found.failed_checks) == (Said.ROLLED_BACK, 5)


@pytest.mark.parametrize(
    "message",
    [
        "Advance backend.shop canary weight " + "9" * 400,
        "Halt backend.shop advancement success rate abc% < def%",
        "Halt \x1b[31m advancement  < ",
        "Halt a advancement " + "b " * 5000,
        "Rolling back",
        "\n\n",
    ],
)
def test_hostile_messages_are_read_in_no_time_and_never_raise(message: str) -> None:
    assert len(parse(message).text) <= LONGEST


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("1m30s", 90_000.0), ("1.5ms", 1.5), ("2h", 7_200_000.0), ("250µs", 0.25), ("90", None), ("", None)],
)
def test_durations_are_gos(text: str, milliseconds: float | None) -> None:
    assert milliseconds_of(text) == milliseconds
