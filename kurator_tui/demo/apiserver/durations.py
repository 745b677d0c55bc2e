"""How long something took or is old, worded as kubectl words it.  Pure."""

from datetime import datetime

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_YEAR = 365 * _DAY


def seconds_of(timestamp: str) -> float:
    """Seconds since the epoch of an RFC 3339 time; raises ValueError."""
    return datetime.fromisoformat(timestamp).timestamp()


def age(timestamp: object, now: float) -> str:
    """The age of an RFC 3339 time at `now` (seconds); '<unknown>' when it is none."""
    if not isinstance(timestamp, str):
        return "<unknown>"
    try:
        return human(now - seconds_of(timestamp))
    except ValueError:
        return "<unknown>"


def human(seconds: float) -> str:
    """As k8s.io/apimachinery `duration.HumanDuration`: 3s, 5m12s, 47m, 6h3m, 30h, 5d4h, 90d, 3y20d."""
    total = int(seconds)
    if total < -1:
        return "<invalid>"
    total = max(total, 0)
    if total < 2 * _MINUTE:
        return f"{total}s"
    if total < 10 * _MINUTE:
        return _two(total, _MINUTE, "m", 1, "s")
    if total < 3 * _HOUR:
        return f"{total // _MINUTE}m"
    if total < 8 * _HOUR:
        return _two(total, _HOUR, "h", _MINUTE, "m")
    if total < 2 * _DAY:
        return f"{total // _HOUR}h"
    if total < 8 * _DAY:
        return _two(total, _DAY, "d", _HOUR, "h")
    if total < 2 * _YEAR:
        return f"{total // _DAY}d"
    return _two(total, _YEAR, "y", _DAY, "d") if total < 8 * _YEAR else f"{total // _YEAR}y"


def _two(total: int, large: int, large_unit: str, small: int, small_unit: str) -> str:
    rest = total % large // small
    return f"{total // large}{large_unit}" + (f"{rest}{small_unit}" if rest else "")
