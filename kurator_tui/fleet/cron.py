"""When a Velero schedule fires: standard cron of five fields, `@daily` and its like, `@every 6h`. Pure.

Read as Velero's library reads it: names of months and days, `*`, `?`, lists, ranges, steps, 7 is no Sunday, a day
matches by month or by week where both are restricted, `CRON_TZ=` names a time zone. Moments are Unix seconds; the
zone is UTC, as in Velero's image, unless the text names one.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_NAMED = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_SPAN = re.compile(r"(\d+(?:\.\d+)?)(h|m|s)")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0}
_LONGEST = 200
_HORIZON = 366 * 5
"""Days that are looked through for the next time: a 29 February is at most eight years away, mostly four."""


class Cron(NamedTuple):
    """Minutes, hours, days of the month, months and days of the week (Sunday is 0) at which it fires."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    """Whether days of the month are not restricted."""
    any_weekday: bool
    zone: tzinfo = UTC
    every: float = 0.0
    """Seconds of `@every`, which counts from the last run."""

    def after(self, moment: float) -> float | None:
        """The first time later than `moment`; None where there is none within years."""
        if self.every:
            return moment + self.every
        try:
            at = datetime.fromtimestamp(moment, self.zone).replace(second=0, microsecond=0) + timedelta(minutes=1)
        except (ValueError, OverflowError, OSError):
            return None
        day, first = at.date(), at
        for _ in range(_HORIZON):
            if self._on(day.day, day.month, day.isoweekday() % 7):
                start = first if day == first.date() else None
                for hour in sorted(self.hours):
                    for minute in sorted(self.minutes):
                        if start is None or (hour, minute) >= (start.hour, start.minute):
                            return datetime(
                                day.year, day.month, day.day, hour, minute, tzinfo=self.zone
                            ).timestamp()
            day += timedelta(days=1)
        return None

    def between(self, start: float, end: float, most: int = 100) -> int:
        """How often it fires after `start` until `end`, at most `most`."""
        count, at = 0, start
        while count < most:
            found = self.after(at)
            if found is None or found > end:
                break
            count, at = count + 1, found
        return count

    def _on(self, day: int, month: int, weekday: int) -> bool:
        if month not in self.months:
            return False
        if self.any_day or self.any_weekday:
            return day in self.days and weekday in self.weekdays
        return day in self.days or weekday in self.weekdays


@lru_cache(maxsize=1024)
def parse(text: str) -> Cron | None:
    """What `text` means; None where it means nothing."""
    text, zone = text.strip()[:_LONGEST], UTC
    found = re.match(r"(?:CRON_TZ|TZ)=(\S+)\s+", text)
    its: tzinfo | None = zone if found is None else _zone(found[1])
    if its is None:
        return None
    rest = text[found.end() :] if found is not None else text
    if rest.startswith("@every "):
        every = _span(rest.removeprefix("@every ").strip())
        none = frozenset[int]()
        return Cron(none, none, none, none, none, True, True, its, every) if every else None
    fields = _NAMED.get(rest, rest).split()
    if len(fields) != 5:
        return None
    minutes, hours = _field(fields[0], 0, 59), _field(fields[1], 0, 23)
    days, months = _field(fields[2], 1, 31), _field(fields[3], 1, 12, _MONTHS, 1)
    weekdays = _field(fields[4], 0, 6, _DAYS)
    if not (minutes and hours and days and months and weekdays):
        return None
    return Cron(minutes, hours, days, months, weekdays, _any(fields[2]), _any(fields[4]), its)


def _any(field: str) -> bool:
    """A star with a step restricts."""
    return field in ("*", "?", "*/1", "?/1")


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _span(text: str) -> float:
    """Seconds of a Go duration of hours, minutes and seconds; 0.0 for anything else."""
    parts = _SPAN.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return 0.0
    return max(1.0, sum(float(number) * _UNITS[unit] for number, unit in parts))


def _field(text: str, low: int, high: int, names: tuple[str, ...] = (), first: int = 0) -> frozenset[int]:
    """The numbers that a field means; none where it means nothing."""
    found = set[int]()
    for item in text.lower().split(","):
        span, slash, step_text = item.partition("/")
        step = _number(step_text, (), 0) if slash else 1
        if span in ("*", "?"):
            start, end = low, high
        else:
            left, dash, right = span.partition("-")
            start = _number(left, names, first)
            end = _number(right, names, first) if dash else high if slash else start
        if step < 1 or not low <= start <= end <= high:
            return frozenset()
        found.update(range(start, end + 1, step))
    return frozenset(found)


def _number(text: str, names: tuple[str, ...], first: int) -> int:
    if text in names:
        return names.index(text) + first
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1
