"""When schedules fire: every form of cron that Velero takes, and none that it refuses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kurator_tui.fleet.cron import parse


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def next_after(cron: str, moment: str) -> str:
    found = parse(cron)
    assert found is not None
    time = found.after(at(moment))
    assert time is not None
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("cron", "moment", "then"),
    [
        ("0 2 * * *", "2026-01-10 02:00", "2026-01-11 02:00"),
        ("0 2 * * *", "2026-01-10 01:59", "2026-01-10 02:00"),
        ("*/15 * * * *", "2026-01-10 10:16", "2026-01-10 10:30"),
        ("5/20 * * * *", "2026-01-10 10:26", "2026-01-10 10:45"),
        ("30 3 * * 0", "2026-01-10 00:00", "2026-01-11 03:30"),
        ("30 3 * * sun,WED", "2026-01-12 00:00", "2026-01-14 03:30"),
        ("0 0 1 jan-mar/2 *", "2026-01-10 00:00", "2026-03-01 00:00"),
        ("0 0 29 2 *", "2026-01-10 00:00", "2028-02-29 00:00"),
        ("0 1-5/2 * * ?", "2026-01-10 03:00", "2026-01-10 05:00"),
        ("0 0 13 * 5", "2026-01-10 00:00", "2026-01-13 00:00"),
        ("0 0 13 * 5", "2026-01-13 00:00", "2026-01-16 00:00"),
        ("0 0 */10 * 5", "2026-01-12 00:00", "2026-01-16 00:00"),
        ("@daily", "2026-01-10 10:00", "2026-01-11 00:00"),
        ("@weekly", "2026-01-10 10:00", "2026-01-11 00:00"),
        ("@hourly", "2026-12-31 23:10", "2027-01-01 00:00"),
        ("@every 1h30m", "2026-01-10 10:07", "2026-01-10 11:37"),
        ("CRON_TZ=Europe/Berlin 0 2 * * *", "2026-07-10 10:00", "2026-07-11 00:00"),
    ],
)
def test_the_next_time(cron: str, moment: str, then: str) -> None:
    assert next_after(cron, moment) == then


@pytest.mark.parametrize(
    "cron",
    [
        *(
            "",
            "* * * *",
            "0 0 0 * *",
            "60 * * * *",
            "5-2 * * * *",
            "*/0 * * * *",
            "a * * * *",
            "* * * * 7",
            "@often",
        ),
        *(
            "@every",
            "@every x",
            "@every 5",
            "TZ=Nowhere/Land 0 * * * *",
            "0 2 * * * *",
            "-1 * * * *",
            "²³ * * * *",
        ),
        *("1, * * * *", "CRON_TZ=../../etc 0 * * * *", "9" * 5000),
    ],
)
def test_what_velero_refuses_means_nothing(cron: str) -> None:
    assert parse(cron) is None


def test_a_day_that_never_comes_has_no_next_time() -> None:
    never = parse("0 0 31 2 *")
    assert never is not None
    assert never.after(at("2026-01-10 00:00")) is None
    assert never.after(1e18) is None


def test_times_between_two_moments_are_counted_up_to_a_limit() -> None:
    hourly = parse("0 * * * *")
    assert hourly is not None
    assert hourly.between(at("2026-01-10 10:00"), at("2026-01-10 13:00")) == 3
    assert hourly.between(at("2026-01-10 10:00"), at("2026-01-10 10:59")) == 0
    assert hourly.between(0.0, at("2026-01-10 10:00"), most=7) == 7
