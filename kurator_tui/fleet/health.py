"""State of one member from what its probe and its streams say: functions over frozen facts, and what broke."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from kurator_tui.errors import ConsoleError
from kurator_tui.store.freshness import Freshness, State

_LOG = logging.getLogger(__name__)


def mistake(where: str, error: Exception) -> ConsoleError:
    """An error nobody foresaw: its traceback goes to the log, its kind to the screen."""
    _LOG.error("%s: unexpected error", where, exc_info=error)
    return ConsoleError(
        f"error in kurator-tui: {type(error).__name__}", "The log has the details: --log-file FILE"
    )


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known of reaching one API server. Times are Unix seconds, 0.0 for never."""

    began: float
    """When the console first tried."""
    last: float = 0.0
    """When it last answered."""
    error: str = ""
    """Why the last try failed; "" when it did not."""
    forbidden: str = ""
    """Why nobody lets us in, "" when somebody does: the member refuses everything, or the host its credentials."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the console knows of a member beside its rows. Times are Unix seconds, latency milliseconds."""

    via: str = ""
    server: str = ""
    version: str = ""
    latency: float | None = None
    expiries: tuple[float | None, float | None] = (None, None)
    """When the client's and the server's certificate end."""
    streams: int = 0
    ahead: float = 0.0
    """Seconds by which the server's clock is ahead of ours, less than none where it is behind; see `apart`."""


APART = 60.0
"""Seconds by which clocks may be apart before it counts."""


def apart(before: float, date: float | None, now: float) -> float:
    """By how much a server's clock is ahead, told anew only when it is different by more than `APART`."""
    ahead = date - now if date is not None else 0.0
    if abs(ahead) < APART:
        return 0.0
    return before if abs(ahead - before) < APART else float(round(ahead))


def member_state(contact: Contact, streams: Mapping[str, Freshness]) -> Freshness:
    """One state for the member: the probe first, then the worst of its streams.

    `streams` holds the freshness of the kinds every member is watched for. A kind that is forbidden or not served
    does not make a member less live; when every kind is forbidden the member is.
    """
    if contact.error:
        if contact.last:
            return Freshness(State.STALE, contact.last, contact.error)
        return Freshness(State.UNREACHABLE, contact.began, contact.error)
    if contact.forbidden:
        return Freshness(State.FORBIDDEN, contact.began, contact.forbidden)
    if not contact.last:
        return Freshness(State.CONNECTING, contact.began)
    counted = [f for f in streams.values() if f.state is not State.ABSENT]
    refused = [f for f in counted if f.state is State.FORBIDDEN]
    if counted and len(refused) == len(counted):
        return Freshness(State.FORBIDDEN, refused[0].since, "; ".join(f.reason for f in refused))
    stale = [f for f in counted if f.state in (State.STALE, State.UNREACHABLE)]
    if stale:
        oldest = min(stale, key=lambda f: f.since)
        state = State.STALE if oldest.state is State.STALE else State.SYNCING
        return Freshness(state, oldest.since, oldest.reason)
    if any(f.state in (State.CONNECTING, State.SYNCING) for f in counted):
        return Freshness(State.SYNCING, contact.began)
    return Freshness(State.LIVE, max((f.since for f in counted), default=contact.began))


def stream_state(contact: Contact, member: Freshness, stream: Freshness, *, kept: bool) -> Freshness:
    """What is told of one kind of a member: its stream's state while the member answers, else the member's.

    A kind that was still being listed when the member fell silent, and of which no rows are `kept`, is
    unreachable: "stale" would say that there are none.
    """
    if not (contact.error or contact.forbidden):
        return stream
    if stream.state in (State.SYNCING, State.CONNECTING) and not kept and member.state is State.STALE:
        return Freshness(State.UNREACHABLE, member.since, member.reason)
    return member if stream.state in (State.LIVE, State.SYNCING, State.CONNECTING) else stream
