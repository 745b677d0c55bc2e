"""Moments as people write them: so long ago (`10m`, `1h30m`), or a time (`14:02`, RFC 3339). Pure."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta

from kurator_tui.store.amounts import seconds

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(Z?)")
EXAMPLES = "10m, 2h, 1d, 14:02 or 2026-11-21T14:02:11Z"
"""What a message shows of the forms."""


def seconds_of(text: str) -> float | None:
    """`10m`, `1h30m`, `2d` as seconds; None for what is no duration."""
    if not text or not text[-1].isalpha():
        return None
    try:
        return seconds(text)
    except ValueError:
        return None


def moment(text: str, now: float, first: float = 0.0) -> float | None:
    """Unix seconds of a moment up to `now` (Unix seconds), None for what is none.

    A time of day is the last such moment: today's, or yesterday's if that is still to come. What has no zone is
    of the local one; `Z` at the end means UTC. When that is before `first`, and the next such moment is nearer to
    what is from `first` to `now`, that is meant.
    """
    if (ago := seconds_of(text)) is not None:
        return max(0.0, now - ago)
    if found := _CLOCK.fullmatch(text):
        return _last(found, now, first)
    try:
        found_at = datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
    return found_at if math.isfinite(found_at) and found_at >= 0 else None


def _last(found: re.Match[str], now: float, first: float) -> float | None:
    """The last moment that a clock showed what was `found`, or the next one: see `moment`."""
    zone = UTC if found[4] else None
    today = datetime.fromtimestamp(now, zone)
    try:
        wanted = today.replace(hour=int(found[1]), minute=int(found[2]), second=int(found[3] or 0), microsecond=0)
    except ValueError:
        return None
    if (next := wanted.timestamp()) <= now:
        wanted += timedelta(days=1)
        next = wanted.timestamp()
    last = (wanted - timedelta(days=1)).timestamp()
    return next if next - now < first - last else last
