"""What a user writes on the right of a comparison, in the unit of the column on its left.

Raises ValueError with what the column would understand.
"""

from __future__ import annotations

import re
from typing import Any

from kurator_tui.kinds.base import SEVERITY, Format, Level
from kurator_tui.kinds.meta import quantity

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_QUANTITY = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+|[KMGTPE]i?B?)?", re.IGNORECASE)
_SPAN = re.compile(r"(\d+(?:\.\d+)?)(ms|y|w|d|h|m|s)")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400, "y": 365 * 86400}
_UNITS = {unit.lower(): unit for unit in ("Ki", "Mi", "Gi", "Ti", "Pi", "Ei")}


def seconds(text: str) -> float:
    """A span such as `90s`, `1h30m`, `2d`, `1w`; a bare number is in seconds."""
    if _NUMBER.fullmatch(text):
        return float(text)
    parts = _SPAN.findall(text.lower())
    if not parts or "".join(number + unit for number, unit in parts) != text.lower():
        raise ValueError("a span such as 90s, 5m, 1h30m, 2d or 1w")
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def _bytes(text: str) -> float:
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise ValueError("a size such as 500Mi, 1.5Gi or 2G")
    number, unit = text, (match[2] or "").lower().removesuffix("b")
    if unit and not unit.startswith(("e+", "e-")) and not unit[1:].isdigit():
        number = text[: match.start(2)] + _UNITS.get(unit, unit.upper() if unit != "k" else unit)
    return quantity(number)


def _millicores(text: str) -> float:
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)m?", text):
        raise ValueError("cores such as 500m, 2 or 0.5")
    return quantity(text) * 1000


def _milliseconds(text: str) -> float:
    if _NUMBER.fullmatch(text):
        return float(text)
    try:
        return seconds(text) * 1000
    except ValueError:
        raise ValueError("a time such as 50ms or 1.5s") from None


def _ratio(text: str) -> float:
    number = text.removesuffix("%")
    if not _NUMBER.fullmatch(number):
        raise ValueError("a share such as 80% or 0.8")
    value = float(number)
    return value / 100 if text.endswith("%") or value > 1 else value


def _level(text: str) -> float:
    try:
        return SEVERITY[Level(text.lower())]
    except ValueError:
        raise ValueError("one of " + ", ".join(Level)) from None


def _count(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError("a number")
    return float(text)


def natural(text: str) -> list[tuple[int, Any]]:
    """A key that orders texts as people do: v1.9 before v1.10. Never raises: long runs of digits are cut up."""
    parts = re.findall(r"\d{1,18}|\D+", text.casefold().removeprefix("v"))
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in parts]


_PARSERS = {
    Format.AGE: seconds,
    Format.UNTIL: seconds,
    Format.BYTES: _bytes,
    Format.MILLICORES: _millicores,
    Format.MILLISECONDS: _milliseconds,
    Format.RATIO: _ratio,
    Format.HEALTH: _level,
    Format.COUNT: _count,
}


def amount(text: str, format: Format) -> Any:
    """`text` as what a column of `format` is compared with: a number in the column's unit, or a natural key."""
    parse = _PARSERS.get(format)
    return natural(text) if parse is None else parse(text)
