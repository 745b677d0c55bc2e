"""Evaluates the part of PromQL the console's panels need, over series that are functions of time.

Selectors with matchers and offset, `rate`-like functions over ranges, arithmetic, comparison, set operators,
one-to-one matching, aggregation.  Everything else is refused with the error a Prometheus would use (`execution`).
"""

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import promql_parser as ast

from kurator_tui.demo.series import Labels, Series


class QueryError(Exception):
    """A query that cannot be answered: `kind` is bad_data (400) or execution (422)."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


@dataclass(frozen=True, slots=True)
class Sample:
    """One element of an instant vector."""

    labels: Labels
    value: float


Vector = list[Sample]
Value = float | str | Vector

#: Seconds between two scrapes, for range selectors shown as they are.
SCRAPE = 30.0

_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: a / b if b else math.copysign(math.inf, a) if a else math.nan,
    "%": lambda a, b: math.fmod(a, b) if b else math.nan,
    "^": lambda a, b: _power(a, b),
}
_COMPARISON: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_AGGREGATES: dict[str, Callable[[list[float]], float]] = {
    "sum": sum,
    "avg": lambda values: sum(values) / len(values),
    "count": lambda values: float(len(values)),
    "min": min,
    "max": max,
    "group": lambda _values: 1.0,
}
_RATES = ("rate", "irate", "increase", "delta", "deriv")
_OVER_TIME = (
    "avg_over_time",
    "min_over_time",
    "max_over_time",
    "sum_over_time",
    "last_over_time",
    "count_over_time",
)


def _power(base: float, exponent: float) -> float:
    """As IEEE 754 has it: NaN and infinity instead of errors."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


def _whole(change: Callable[[float], int]) -> Callable[[float], float]:
    """A rounding that leaves NaN and infinity alone."""
    return lambda value: float(change(value)) if math.isfinite(value) else value


_MATHS: dict[str, Callable[[float], float]] = {
    "abs": abs,
    "ceil": _whole(math.ceil),
    "floor": _whole(math.floor),
    "round": _whole(lambda value: math.floor(value + 0.5)),
    "sqrt": lambda value: math.sqrt(value) if value >= 0 else math.nan,
}


def parse(query: str) -> Any:
    """The syntax tree.  Raises QueryError (bad_data) with the place of the error where it is known."""
    try:
        return ast.parse(query)
    except ValueError as error:
        place = "unknown position" if not query.strip() else f"1:{len(query) + 1}"
        raise QueryError("bad_data", f"{place}: parse error: {_prometheus_words(str(error))}") from None


def _prometheus_words(message: str) -> str:
    """The parser's message with the names Prometheus has for types."""
    words = re.sub(r"\bvector\b", "instant vector", message)
    words = re.sub(r"\bmatrix\b", "range vector", words)
    return re.sub(r"function '(\w+)'", r'function "\1"', words)


class Evaluator:
    """Evaluates trees over these series."""

    def __init__(self, series: list[Series]) -> None:
        self._series = series
        self._matched: dict[str, list[Series]] = {}

    def evaluate(self, node: Any, t: float) -> Value:
        """The value at seconds since 1970.  Raises QueryError (execution) for what is not supported."""
        match node:
            case ast.NumberLiteral() | ast.StringLiteral():
                return node.val
            case ast.ParenExpr():
                return self.evaluate(node.expr, t)
            case ast.VectorSelector():
                return self._select(node, t)
            case ast.UnaryExpr():
                return _map(self.evaluate(node.expr, t), operator.neg)
            case ast.BinaryExpr():
                return _binary(node, self.evaluate(node.lhs, t), self.evaluate(node.rhs, t))
            case ast.AggregateExpr():
                return self._aggregate(node, t)
            case ast.Call():
                return self._call(node, t)
        raise _unsupported(type(node).__name__)

    def matrix(self, node: Any, t: float) -> list[tuple[Labels, list[tuple[float, float]]]]:
        """The scraped points of a range selector ending at `t`."""
        selector = node.vector_selector
        end = t - _offset(selector)
        start = end - node.range.total_seconds()
        first = math.floor(start / SCRAPE) + 1
        times = [number * SCRAPE for number in range(first, math.floor(end / SCRAPE) + 1)]
        return [(s.labels, [(at, s.at(at)) for at in times]) for s in self._matching(selector)]

    def _select(self, node: Any, t: float) -> Vector:
        at = t - _offset(node)
        return [Sample(s.labels, s.at(at)) for s in self._matching(node)]

    def _matching(self, selector: Any) -> list[Series]:
        """As `matching`, found once for each selector of a query."""
        text = selector.prettify()
        if text not in self._matched:
            self._matched[text] = matching(self._series, selector)
        return self._matched[text]

    def _aggregate(self, node: Any, t: float) -> Vector:
        name = str(node.op)
        vector = _vector(self.evaluate(node.expr, t))
        if name in ("topk", "bottomk"):
            count = self.evaluate(node.param, t)
            ordered = sorted(vector, key=lambda sample: sample.value, reverse=name == "topk")
            return ordered[: int(count)] if isinstance(count, float) else []
        if name not in _AGGREGATES:
            raise _unsupported(f"aggregation {name!r}")
        groups: dict[tuple[tuple[str, str], ...], list[float]] = {}
        for sample in vector:
            groups.setdefault(_group(node.modifier, sample.labels), []).append(sample.value)
        return [Sample(dict(key), _AGGREGATES[name](values)) for key, values in groups.items()]

    def _call(self, node: Any, t: float) -> Value:
        name = node.func.name
        if name == "time":
            return t
        if name in _RATES or name in _OVER_TIME:
            return self._over_range(name, node.args[0], t)
        arguments = [self.evaluate(argument, t) for argument in node.args]
        if name in _MATHS and len(arguments) == 1:
            return _without_name(_map(arguments[0], _MATHS[name]))
        if name == "scalar":
            vector = _vector(arguments[0])
            return vector[0].value if len(vector) == 1 else math.nan
        if name == "vector" and isinstance(arguments[0], float):
            return [Sample({}, arguments[0])]
        if name in ("sort", "sort_desc"):
            return sorted(_vector(arguments[0]), key=lambda s: s.value, reverse=name == "sort_desc")
        if name == "absent":
            return [] if _vector(arguments[0]) else [Sample({}, 1.0)]
        raise _unsupported(f"function {name!r}")

    def _over_range(self, name: str, node: Any, t: float) -> Vector:
        if not isinstance(node, ast.MatrixSelector):
            raise _unsupported("subqueries")
        selector, seconds = node.vector_selector, node.range.total_seconds()
        end = t - _offset(selector)
        found = []
        for series in self._matching(selector):
            labels = {key: value for key, value in series.labels.items() if key != "__name__"}
            found.append(Sample(labels, _over(name, series, end, seconds)))
        return found


def _over(name: str, series: Series, end: float, seconds: float) -> float:
    first, last = series.at(end - seconds), series.at(end)
    if name in ("increase", "delta"):
        return last - first
    if name in _RATES:
        return (last - first) / seconds
    count = max(1, int(seconds // SCRAPE))
    values = [series.at(end - number * SCRAPE) for number in range(count)]
    if name == "last_over_time":
        return last
    return _AGGREGATES[name.removesuffix("_over_time")](values)


def matching(series: list[Series], selector: Any) -> list[Series]:
    """The series a selector's name and matchers select."""
    if selector.at is not None:
        raise _unsupported("the @ modifier")
    tests = [_test(matcher) for matcher in selector.matchers.matchers]
    if selector.matchers.or_matchers:
        raise _unsupported("'or' between matchers")
    name = selector.name
    return [
        s
        for s in series
        if (not name or s.labels["__name__"] == name)
        and all(test(s.labels.get(label, "")) for label, test in tests)
    ]


def _test(matcher: Any) -> tuple[str, Callable[[str], bool]]:
    value, kind = matcher.value, str(matcher.op)
    if kind in ("MatchOp.Equal", "MatchOp.NotEqual"):
        wanted = kind == "MatchOp.Equal"
        return matcher.name, lambda text: (text == value) is wanted
    try:
        pattern = re.compile(value)
    except re.error as error:
        raise QueryError("bad_data", f"error parsing regexp: {error}") from None
    wanted = kind == "MatchOp.Re"
    return matcher.name, lambda text: (pattern.fullmatch(text) is not None) is wanted


def _offset(selector: Any) -> float:
    return float(selector.offset.total_seconds()) if selector.offset else 0.0


def _vector(value: Value) -> Vector:
    if not isinstance(value, list):
        raise QueryError("bad_data", "expected type instant vector, got scalar")
    return value


def _map(value: Value, change: Callable[[float], float]) -> Value:
    if isinstance(value, list):
        return _without_name([Sample(sample.labels, change(sample.value)) for sample in value])
    if isinstance(value, float):
        return change(value)
    raise QueryError("bad_data", "unary expression only allowed on expressions of type scalar or instant vector")


def _without_name(value: Value) -> Value:
    if not isinstance(value, list):
        return value
    return [Sample(_nameless(sample.labels), sample.value) for sample in value]


def _nameless(labels: Labels) -> Labels:
    return {key: value for key, value in labels.items() if key != "__name__"}


def _group(modifier: Any, labels: Labels) -> tuple[tuple[str, str], ...]:
    if modifier is None:
        return ()
    if str(modifier.type).endswith("By"):
        return tuple((label, labels[label]) for label in sorted(modifier.labels) if label in labels)
    dropped = {*modifier.labels, "__name__"}
    return tuple(sorted((key, value) for key, value in labels.items() if key not in dropped))


def _binary(node: Any, left: Value, right: Value) -> Value:
    name = str(node.op)
    if name not in _ARITHMETIC and name not in _COMPARISON and name not in ("and", "or", "unless"):
        raise _unsupported(f"operator {name!r}")
    if isinstance(left, str) or isinstance(right, str):
        raise QueryError("bad_data", "binary expression must contain only scalar and instant vector types")
    as_bool = bool(node.modifier and node.modifier.return_bool)
    if isinstance(left, float) and isinstance(right, float):
        if name in _COMPARISON:
            return float(_COMPARISON[name](left, right))
        return _ARITHMETIC[name](left, right)
    if isinstance(left, list) and isinstance(right, list):
        return _join(node, name, left, right, as_bool)
    if isinstance(left, list) and isinstance(right, float):
        return [s for sample in left for s in _apply(name, sample, sample.value, right, as_bool)]
    if isinstance(left, float) and isinstance(right, list):
        return [s for sample in right for s in _apply(name, sample, left, sample.value, as_bool)]
    raise _unsupported("this operation")


def _apply(name: str, sample: Sample, left: float, right: float, as_bool: bool) -> Vector:
    """The sample after an operation: changed, kept or dropped."""
    if name in _ARITHMETIC:
        return [Sample(_nameless(sample.labels), _ARITHMETIC[name](left, right))]
    if as_bool:
        return [Sample(_nameless(sample.labels), float(_COMPARISON[name](left, right)))]
    return [sample] if _COMPARISON[name](left, right) else []


def _join(node: Any, name: str, left: Vector, right: Vector, as_bool: bool) -> Vector:
    key = _match_key(node.modifier)
    if name in ("and", "or", "unless"):
        return _sets(name, left, right, key)
    if node.modifier and "OneToOne" not in str(node.modifier.card):
        raise _unsupported("group_left and group_right")
    partners = _unique(right, key, "right")
    _unique(left, key, "left")
    found = []
    for sample in left:
        partner = partners.get(key(sample.labels))
        if partner is not None:
            found += _apply(name, sample, sample.value, partner.value, as_bool)
    if name in _ARITHMETIC and node.modifier and node.modifier.matching:
        found = [Sample(dict(key(sample.labels)), sample.value) for sample in found]
    return found


Key = tuple[tuple[str, str], ...]


def _match_key(modifier: Any) -> Callable[[Labels], Key]:
    """The labels two sides are matched by."""
    matching = modifier.matching if modifier else None
    if matching is not None and str(matching.type).endswith("Include"):
        wanted = tuple(sorted(matching.labels))
        return lambda labels: tuple((label, labels[label]) for label in wanted if label in labels)
    dropped = {"__name__", *(matching.labels if matching is not None else ())}
    return lambda labels: tuple(sorted((k, v) for k, v in labels.items() if k not in dropped))


def _unique(vector: Vector, key: Callable[[Labels], Key], side: str) -> dict[Key, Sample]:
    found: dict[Key, Sample] = {}
    for sample in vector:
        other = found.setdefault(key(sample.labels), sample)
        if other is not sample:
            group, pair = _text(dict(key(sample.labels))), f"[{_text(sample.labels)}, {_text(other.labels)}]"
            raise QueryError(
                "execution",
                f"found duplicate series for the match group {group} on the {side} hand-side of the operation: "
                f"{pair};many-to-many matching not allowed: matching labels must be unique on one side",
            )
    return found


def _text(labels: Labels) -> str:
    return "{" + ", ".join(f'{key}="{value}"' for key, value in sorted(labels.items())) + "}"


def _sets(name: str, left: Vector, right: Vector, key: Callable[[Labels], Key]) -> Vector:
    theirs = {key(sample.labels) for sample in right}
    if name == "and":
        return [sample for sample in left if key(sample.labels) in theirs]
    if name == "unless":
        return [sample for sample in left if key(sample.labels) not in theirs]
    ours = {key(sample.labels) for sample in left}
    return [*left, *(sample for sample in right if key(sample.labels) not in ours)]


def _unsupported(what: str) -> QueryError:
    return QueryError("execution", f"the demo does not evaluate {what}")
