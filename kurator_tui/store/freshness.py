"""How far the rows of one (cluster, kind) can be trusted, and since when."""

from __future__ import annotations

import enum

import msgspec

from kurator_tui.kinds.base import Level


class State(enum.StrEnum):
    """State of one cluster or of one kind in one cluster."""

    CONNECTING = "connecting"
    """No answer yet."""
    SYNCING = "syncing"
    """Answering; the first list is on its way."""
    LIVE = "live"
    STALE = "stale"
    """Was live; rows are from `since`."""
    FORBIDDEN = "forbidden"
    """The server refuses this user; `reason` says what."""
    UNREACHABLE = "unreachable"
    """Never answered; `reason` says why."""
    ABSENT = "absent"
    """The cluster answers and does not serve this kind."""
    UNREAD = "not read"
    """We do not read this kind here: the fleet is too large, or what it is read through does not hold it."""


HOPEFUL = (State.LIVE, State.SYNCING, State.CONNECTING)
"""States that end with the feeder that said so."""
UNREADABLE = (State.FORBIDDEN, State.UNREACHABLE)
"""States of a kind of which nothing may be said: no rows do not mean no objects."""


class Freshness(msgspec.Struct, frozen=True, gc=False):
    """State, the Unix second it began (for STALE: the last moment the rows were known to be true), and why."""

    state: State
    since: float
    reason: str = ""

    @property
    def trustworthy(self) -> bool:
        """Whether rows under this freshness show the servers as they are now."""
        return self.state is State.LIVE


UNKNOWN = Freshness(State.CONNECTING, 0.0)

STATE_LEVELS: dict[str, Level] = {
    State.CONNECTING: Level.PROGRESSING,
    State.SYNCING: Level.PROGRESSING,
    State.LIVE: Level.HEALTHY,
    State.STALE: Level.STALE,
    State.FORBIDDEN: Level.DEGRADED,
    State.UNREACHABLE: Level.FAILED,
    State.ABSENT: Level.UNKNOWN,
    State.UNREAD: Level.UNKNOWN,
}
"""How well a cluster in that state is: the same in joins, on screens and in the status line."""
