"""Functions of instant vectors and scalars: mathematics, limits, dates, labels."""

import calendar
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime

from kurator_tui.demo.promql.selectors import compiled
from kurator_tui.demo.promql.values import Column, Labels, QueryError, Scalars, Vector, merged, nameless

Of = Callable[[float], float]


def _or_nan(change: Of) -> Of:
    """NaN where there is no real result."""

    def careful(value: float) -> float:
        try:
            return change(value)
        except ValueError:
            return math.nan
        except OverflowError:
            return math.inf

    return careful


def _logarithm(of: Of) -> Of:
    return lambda value: of(value) if value > 0 else -math.inf if value == 0 else math.nan


def _whole(change: Callable[[float], int]) -> Of:
    """A rounding that leaves NaN and infinity alone."""
    return lambda value: float(change(value)) if math.isfinite(value) else value


def _sign(value: float) -> float:
    return value if not value or math.isnan(value) else math.copysign(1.0, value)


def _of_date(part: Callable[[datetime], int]) -> Of:
    """A part of a time in UTC, NaN for what is no time."""

    def of(value: float) -> float:
        try:
            return float(part(datetime.fromtimestamp(value, UTC)))
        except (ValueError, OverflowError, OSError):
            return math.nan

    return of


MATHS: dict[str, Of] = {
    "abs": abs,
    "ceil": _whole(math.ceil),
    "floor": _whole(math.floor),
    "exp": _or_nan(math.exp),
    "sqrt": _or_nan(math.sqrt),
    "ln": _logarithm(math.log),
    "log2": _logarithm(math.log2),
    "log10": _logarithm(math.log10),
    "sgn": _sign,
    "deg": math.degrees,
    "rad": math.radians,
    **{
        name: _or_nan(getattr(math, name))
        for name in (
            "sin",
            "cos",
            "tan",
            "asin",
            "acos",
            "atan",
            "sinh",
            "cosh",
            "tanh",
            "asinh",
            "acosh",
            "atanh",
        )
    },
}
DATES: dict[str, Of] = {
    "minute": _of_date(lambda at: at.minute),
    "hour": _of_date(lambda at: at.hour),
    "day_of_week": _of_date(lambda at: at.isoweekday() % 7),
    "day_of_month": _of_date(lambda at: at.day),
    "day_of_year": _of_date(lambda at: at.timetuple().tm_yday),
    "days_in_month": _of_date(lambda at: calendar.monthrange(at.year, at.month)[1]),
    "month": _of_date(lambda at: at.month),
    "year": _of_date(lambda at: at.year),
}


def _with(vector: Vector, scalars: list[Scalars], of: Callable[..., float | None]) -> Vector:
    """A function of each value and the scalars at its instant."""
    rows = list(zip(*scalars, strict=True))
    found = [
        Column(
            nameless(each.labels),
            [None if value is None else of(value, *row) for value, row in zip(each.values, rows, strict=True)],
        )
        for each in vector
    ]
    return merged(found)


def rounded(vector: Vector, to: Scalars) -> Vector:
    """The nearest multiples of `to`; halves go up."""

    def of(value: float, nearest: float) -> float:
        inverse = 1.0 / nearest if nearest else math.inf
        scaled = value * inverse + 0.5
        return math.floor(scaled) / inverse if math.isfinite(scaled) else scaled / inverse

    return _with(vector, [to], of)


def _larger(a: float, b: float) -> float:
    return math.nan if math.isnan(a) or math.isnan(b) else max(a, b)


def _smaller(a: float, b: float) -> float:
    return math.nan if math.isnan(a) or math.isnan(b) else min(a, b)


def clamped(vector: Vector, low: Scalars, high: Scalars) -> Vector:
    """Values within limits; nothing where the lower limit is above the upper."""
    return _with(vector, [low, high], lambda v, a, b: None if b < a else _larger(a, _smaller(b, v)))


def clamped_min(vector: Vector, low: Scalars) -> Vector:
    """Values not below a limit."""
    return _with(vector, [low], _larger)


def clamped_max(vector: Vector, high: Scalars) -> Vector:
    """Values not above a limit."""
    return _with(vector, [high], _smaller)


def scalar(vector: Vector, count: int) -> Scalars:
    """The only element's value at each of `count` instants, NaN where there is none or several."""
    found = Scalars()
    for instant in range(count):
        there = [value for column in vector if (value := column.values[instant]) is not None]
        found.append(there[0] if len(there) == 1 else math.nan)
    return found


def absent(vector: Vector, labels: Labels, count: int) -> Vector:
    """1 at each of `count` instants where the vector has nothing."""
    rows = list(zip(*(column.values for column in vector), strict=True)) or [()] * count
    values = [1.0 if all(value is None for value in row) else None for row in rows]
    return [Column(labels, values)]


_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_GROUP = re.compile(r"\$(?:\$|\{(\w+)\}|(\w+))")


def _checked(name: str) -> str:
    if not _LABEL.fullmatch(name):
        raise QueryError("execution", f"invalid destination label name in label_replace(): {name}")
    return name


def label_replace(vector: Vector, target: str, replacement: str, source: str, expression: str) -> Vector:
    """Where the whole source label matches, the target label set from its groups."""
    _checked(target)
    try:
        pattern = compiled(expression)
    except QueryError:
        raise QueryError("execution", f"invalid regular expression in label_replace(): {expression}") from None
    found = []
    for column in vector:
        match = pattern.fullmatch(column.labels.get(source, ""))
        labels = column.labels if match is None else _set(column.labels, target, _expanded(replacement, match))
        found.append(Column(labels, list(column.values)))
    return merged(found)


def _expanded(template: str, match: re.Match[str]) -> str:
    """`$1`, `${name}` and `$$` of a Go template filled in; groups that are not there are empty."""

    def fill(group: re.Match[str]) -> str:
        name = group[1] or group[2]
        if name is None:
            return "$"
        try:
            return match[int(name) if name.isdigit() else name] or ""
        except IndexError:
            return ""

    return _GROUP.sub(fill, template)


def label_join(vector: Vector, target: str, separator: str, *sources: str) -> Vector:
    """The target label set to the source labels, joined."""
    _checked(target)
    found = [
        Column(
            _set(each.labels, target, separator.join(each.labels.get(source, "") for source in sources)),
            list(each.values),
        )
        for each in vector
    ]
    return merged(found)


def _set(labels: Labels, name: str, value: str) -> Labels:
    rest = {key: each for key, each in labels.items() if key != name}
    return {**rest, name: value} if value else rest
