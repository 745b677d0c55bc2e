"""A member's state from its probe and its streams."""

from __future__ import annotations

from kurator_tui.fleet.health import Contact, member_state
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
