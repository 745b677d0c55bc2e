"""A member's state from its probe and its streams."""

from __future__ import annotations

from kurator_tui.fleet.health import APART, Contact, apart, member_state, stream_state
from kurator_tui.store.freshness import Freshness, State

LIVE = Freshness(State.LIVE, 5.0)
BEGAN = 1.0
REACHED = Contact(BEGAN, last=10.0)


def test_before_the_first_answer_a_member_is_connecting() -> None:
    assert member_state(Contact(BEGAN), {}).state is State.CONNECTING


def test_a_member_that_never_answered_is_unreachable_with_the_reason() -> None:
    state = member_state(Contact(BEGAN, error="connection refused"), {})
    assert state == Freshness(State.UNREACHABLE, BEGAN, "connection refused")


def test_a_member_whose_credentials_nobody_gives_us_is_forbidden() -> None:
    state = member_state(Contact(BEGAN, forbidden="you may not read the Secret"), {})
    assert state == Freshness(State.FORBIDDEN, BEGAN, "you may not read the Secret")


def test_a_member_that_stops_answering_is_stale_since_its_last_answer() -> None:
    state = member_state(Contact(BEGAN, last=10.0, error="timed out"), {"pods": LIVE})
    assert state == Freshness(State.STALE, 10.0, "timed out")


def test_live_needs_every_stream_live() -> None:
    assert member_state(REACHED, {"pods": LIVE, "nodes": LIVE}).state is State.LIVE
    syncing = Freshness(State.SYNCING, 2.0)
    assert member_state(REACHED, {"pods": LIVE, "nodes": syncing}).state is State.SYNCING


def test_a_stale_stream_makes_the_member_stale_with_its_reason() -> None:
    stale = Freshness(State.STALE, 7.0, "429: too many requests")
    assert member_state(REACHED, {"pods": LIVE, "nodes": stale}) == stale


def test_one_forbidden_kind_leaves_the_member_live() -> None:
    refused = Freshness(State.FORBIDDEN, 2.0, "cannot list pods")
    assert member_state(REACHED, {"pods": refused, "nodes": LIVE}).state is State.LIVE


def test_all_kinds_forbidden_is_a_forbidden_member() -> None:
    refused = Freshness(State.FORBIDDEN, 2.0, "cannot list pods")
    state = member_state(REACHED, {"pods": refused, "nodes": refused})
    assert state.state is State.FORBIDDEN
    assert "cannot list pods" in state.reason


def test_a_kind_that_is_not_served_does_not_count() -> None:
    absent = Freshness(State.ABSENT, 2.0)
    assert member_state(REACHED, {"x": absent, "nodes": LIVE}).state is State.LIVE


SILENT = Contact(BEGAN, last=10.0, error="did not answer")
STALE = Freshness(State.STALE, 10.0, "did not answer")


def test_rows_of_a_member_that_fell_silent_are_stale() -> None:
    assert stream_state(SILENT, STALE, LIVE, kept=True) == STALE
    assert stream_state(SILENT, STALE, LIVE, kept=False) == STALE  # it was listed, and there was nothing


def test_a_kind_that_was_never_listed_before_its_member_fell_silent_is_unreachable() -> None:
    listing = Freshness(State.SYNCING, 11.0)
    assert stream_state(SILENT, STALE, listing, kept=False) == Freshness(State.UNREACHABLE, 10.0, "did not answer")
    assert stream_state(SILENT, STALE, listing, kept=True) == STALE  # listed again: the old rows are there


def test_a_kind_of_a_member_that_answers_is_as_its_stream() -> None:
    lost = Freshness(State.STALE, 4.0, "reset")
    assert [stream_state(REACHED, LIVE, each, kept=False) for each in (LIVE, lost)] == [LIVE, lost]


def test_a_clock_counts_as_apart_from_a_minute_on_and_is_not_told_anew_for_less() -> None:
    assert apart(0.0, 1000.0 + APART - 1, 1000.0) == 0.0
    assert apart(0.0, 8200.4, 1000.0) == 7200.0
    assert apart(7200.0, 8230.0, 1000.0) == 7200.0
    assert apart(7200.0, 8330.0, 1000.0) == 7330.0
    assert apart(7200.0, 1010.0, 1000.0) == 0.0
    assert apart(0.0, -6200.0, 1000.0) == -7200.0


def test_a_server_that_says_no_date_is_of_our_time() -> None:
    assert apart(7200.0, None, 1000.0) == 0.0
