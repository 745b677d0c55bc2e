"""Measured values as short texts, and the round values an axis is labelled with. Pure.

Units are those of the metrics catalogue: `cores`, `bytes`, `bytes/s`, `ratio` (1 is all), `percent` (100 is all),
`seconds`, `ms`, `1/s`, `count`, `celsius`, `watts`; any other is a plain number.
"""

from __future__ import annotations

import math
import re

_DECIMAL = ("", "k", "M", "G", "T", "P")
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi")
_AFTER = {"bytes/s": "/s", "1/s": "/s", "celsius": "°C", "watts": "W"}
_FRACTION = re.compile(r"-?\d+\.\d+")
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_SPANS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
"""Round numbers of seconds."""


def amount(value: float | None, unit: str = "") -> str:
    """`value` with its unit in at most seven cells: 1.23, 45.1k, 3.2Gi, 99.2%, 350ms; `-` where there is none."""
    if value is None or math.isnan(value):
        return "-"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if unit in ("ratio", "percent"):
        return f"{_digits(value * 100 if unit == 'ratio' else value)}%"
    if unit == "ms":
        return _span(value / 1000)
    if unit == "seconds":
        return _span(value)
    binary = unit in ("bytes", "bytes/s")
    text = _scaled(value, 1024.0 if binary else 1000.0, _BINARY if binary else _DECIMAL)
    if binary and text[-1].isdigit():
        text += "B"
    return text + _AFTER.get(unit, "")


def label(value: float, unit: str = "") -> str:
    """A round `value` for an axis: no zeros after the last digit that counts."""
    return _FRACTION.sub(lambda found: found[0].rstrip("0").rstrip("."), amount(value, unit))


def _digits(value: float) -> str:
    """About three digits."""
    size = abs(value)
    if size >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 0.01 else f"{value:.1g}"


def _scaled(value: float, base: float, names: tuple[str, ...]) -> str:
    size, at = abs(value), 0
    while size >= base * 0.9995 and at < len(names) - 1:
        size /= base
        at += 1
    if size >= 10_000:
        return f"{value:.0e}".replace("e+", "e")
    return _digits(math.copysign(size, value)) + names[at]


def _span(seconds: float) -> str:
    size = abs(seconds)
    if size and size < 0.001:
        return f"{_digits(seconds * 1e6)}µs"
    if size < 1:
        return f"{_digits(seconds * 1000)}ms" if size else "0s"
    if size < 120:
        return f"{_digits(seconds)}s"
    if size < 7200:
        return f"{_digits(seconds / 60)}m"
    return f"{_digits(seconds / 3600)}h" if size < 172_800 else f"{_digits(seconds / 86400)}d"


_FLAT = 1e-9
"""What differs by less of itself is one value: steps between would be lost in its last digits."""
_TINY = 1e-290
_HUGE = 1e290
"""Beyond it a scale overflows: what is larger is drawn at the edge."""


def ticks(low: float, high: float, most: int, unit: str = "") -> list[float]:
    """Two to `most` round values at equal distances that enclose `low` and `high`; at least three around zero.

    They stay as they are while the values move a little.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        low, high = 0.0, 1.0
    low, high = (max(-_HUGE, min(_HUGE, value)) for value in (low, high))
    if high - low <= max(_FLAT * max(abs(low), abs(high)), _TINY):
        high = low + (abs(low) if abs(low) > _TINY else 1.0)
    most = max(3 if low < 0 < high else 2, most)
    step = _round_up((high - low) / (most - 1), unit)
    while math.ceil(high / step - 1e-9) - math.floor(low / step + 1e-9) > most - 1:
        step = _round_up(step * 1.01, unit)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [number * step for number in range(first, last + 1)]


def _round_up(step: float, unit: str) -> float:
    """The next round number that is not less."""
    if unit in ("bytes", "bytes/s") and step > 1:
        power = 1024.0 ** int(math.log(step, 1024.0))
        rest = step / power
        return power * (2.0 ** math.ceil(math.log2(rest) - 1e-9))
    if unit == "seconds" and 60 < step <= _SPANS[-1]:
        return float(next(span for span in _SPANS if span >= step))
    power = 10.0 ** math.floor(math.log10(step))
    return power * next((each for each in _STEPS if each * power >= step * (1 - 1e-9)), 10.0)


def moments(start: float, end: float, most: int, offset: float = 0.0) -> list[float]:
    """At most `most` round Unix seconds between `start` and `end`; `offset` is the time zone's, in seconds."""
    wanted = (end - start) / max(1, most)
    step = next((span for span in _SPANS if span >= wanted), math.ceil(wanted / 86400) * 86400)
    first = math.ceil((start + offset) / step)
    last = math.floor((end + offset) / step)
    return [number * step - offset for number in range(first, last + 1)][: max(0, most)]
