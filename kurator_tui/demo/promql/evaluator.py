"""Evaluates syntax trees over a storage, for one instant or for a range of them.

Raises `QueryError` with Prometheus's words; nothing here knows of HTTP.
"""

import math
import operator
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import promql_parser as ast

from kurator_tui.demo.promql import aggregation, binary, histograms, instants, ranges
from kurator_tui.demo.promql.parsing import parse
from kurator_tui.demo.promql.ranges import Limits, Windows
from kurator_tui.demo.promql.selectors import equal_labels, milliseconds, moved, selector_of
from kurator_tui.demo.promql.series import Samples, Scraped, Series, Storage, together
from kurator_tui.demo.promql.values import (
    PROMETHEUS_3,
    Column,
    Edition,
    Grid,
    Labels,
    QueryError,
    Scalars,
    Seconds,
    Value,
    Vector,
    changed,
    merged,
    nameless,
)

LOOKBACK = 300_000
"""How old (milliseconds) a sample may be to stand for an instant."""
_RESOLUTION = 60_000
_EMPTY_ON_FLOATS = frozenset(
    f"histogram_{part}" for part in ("avg", "count", "sum", "stddev", "stdvar", "fraction")
)
Point = tuple[float, float]
"""Seconds since 1970, value."""


class Result(NamedTuple):
    """What a query gives: `kind` is vector, matrix, scalar or string; `text` is a string's."""

    kind: str
    rows: list[tuple[Labels, list[Point]]]
    text: str = ""


def instant(storage: Storage, query: str, at: int, edition: Edition = PROMETHEUS_3) -> Result:
    """The value of a query at one time (milliseconds).  Raises QueryError."""
    tree = parse(query)
    grid = Grid(at, 1, 1)
    evaluator = Evaluator(storage, grid, edition)
    bare = tree
    while isinstance(bare, ast.ParenExpr):
        bare = bare.expr
    if isinstance(bare, ast.MatrixSelector | ast.SubqueryExpr):
        rows = [(labels, _points(samples)) for labels, samples in evaluator.matrix(bare, grid)]
        return Result("matrix", sorted((row for row in rows if row[1]), key=_order))
    value = evaluator.evaluate(tree, grid)
    if isinstance(value, str):
        return Result("string", [], value)
    if isinstance(value, Scalars):
        return Result("scalar", [({}, [(at / 1000, value[0])])])
    rows = [(each.labels, [(at / 1000, found)]) for each in value if (found := each.values[0]) is not None]
    return Result("vector", rows if _is_ordered(bare) else sorted(rows, key=_order))


def over_range(storage: Storage, query: str, grid: Grid, edition: Edition = PROMETHEUS_3) -> Result:
    """The values of a query at each instant of a grid.  Raises QueryError."""
    tree = parse(query)
    kind = _type_of(tree)
    if kind in ("range vector", "string"):
        message = f'invalid expression type "{kind}" for range query, must be Scalar or instant Vector'
        raise QueryError("bad_data", message)
    value = Evaluator(storage, grid, edition).evaluate(tree, grid)
    columns = [Column({}, list(value))] if isinstance(value, Scalars) else value
    seconds = [time / 1000 for time in grid.instants]
    rows: list[tuple[Labels, list[Point]]] = []
    for column in columns if isinstance(columns, list) else ():
        points = [(at, each) for at, each in zip(seconds, column.values, strict=True) if each is not None]
        if points:
            rows.append((column.labels, points))
    return Result("matrix", sorted(rows, key=_order))


def _points(samples: Samples) -> list[Point]:
    return [(time / 1000, value) for time, value in zip(*samples, strict=True)]


def _order(row: tuple[Labels, Any]) -> list[tuple[str, str]]:
    return sorted(row[0].items())


def _type_of(tree: Any) -> str:
    while isinstance(tree, ast.ParenExpr):
        tree = tree.expr
    if isinstance(tree, ast.MatrixSelector | ast.SubqueryExpr):
        return "range vector"
    return "string" if isinstance(tree, ast.StringLiteral) else ""


def _is_ordered(tree: Any) -> bool:
    """Whether a query's result has an order of its own."""
    if isinstance(tree, ast.Call):
        return str(tree.func.name).startswith("sort")
    return isinstance(tree, ast.AggregateExpr) and str(tree.op) in ("topk", "bottomk")


class Evaluator:
    """Evaluates trees for the query whose instants are `whole`."""

    def __init__(self, storage: Storage, whole: Grid, edition: Edition = PROMETHEUS_3) -> None:
        self._storage = storage
        self._whole = whole
        self._edition = edition
        self._extrapolated = ranges.extrapolated(edition)
        self._found: dict[str, list[Series]] = {}

    def evaluate(self, node: Any, grid: Grid) -> Value:
        """The value of a node at the instants of a grid.  Raises QueryError."""
        match node:
            case ast.NumberLiteral():
                return Scalars([node.val] * grid.size)
            case ast.StringLiteral():
                return str(node.val)
            case ast.ParenExpr():
                return self.evaluate(node.expr, grid)
            case ast.VectorSelector():
                return self._select(node, grid)
            case ast.UnaryExpr():
                return _negative(self.evaluate(node.expr, grid))
            case ast.BinaryExpr():
                operation = binary.operation_of(node)
                return binary.apply(operation, self.evaluate(node.lhs, grid), self.evaluate(node.rhs, grid))
            case ast.AggregateExpr():
                return self._aggregate(node, grid)
            case ast.Call():
                return self._call(node, grid)
        raise QueryError("execution", f"unhandled expression of type: {type(node).__name__}")

    def matrix(self, node: Any, grid: Grid) -> list[tuple[Labels, Samples]]:
        """The samples of a range selector or a subquery, as far as the instants of the grid reach."""
        if isinstance(node, ast.ParenExpr):
            return self.matrix(node.expr, grid)
        if isinstance(node, ast.MatrixSelector):
            at = moved(node.vector_selector, grid, self._whole)
            first = at.start - milliseconds(node.range) + self._edition.left_open
            return [(s.labels, s.samples(first, at.end)) for s in self._series(node.vector_selector)]
        return self._subquery(node, moved(node, grid, self._whole))

    def _subquery(self, node: Any, at: Grid) -> list[tuple[Labels, Samples]]:
        step = milliseconds(node.step) or _RESOLUTION
        first = at.start - milliseconds(node.range)
        start = math.ceil(first / step) * step
        if self._edition.left_open and start == first:
            start += step
        if start > at.end:
            return []
        inner = Grid(start, step, (at.end - start) // step + 1)
        found: list[tuple[Labels, Samples]] = []
        for column in _columns(self.evaluate(node.expr, inner), "subquery is only allowed on"):
            pairs = [p for p in zip(inner.instants, column.values, strict=True) if p[1] is not None]
            found.append((column.labels, ([p[0] for p in pairs], [p[1] for p in pairs if p[1] is not None])))
        return found

    def _series(self, selector: Any) -> list[Series]:
        """The series of a selector, looked for once in a query."""
        text = f"{selector.name or ''}{selector.matchers}"
        if text not in self._found:
            self._found[text] = list(self._storage.select(selector_of(selector)))
        return self._found[text]

    def _select(self, node: Any, grid: Grid) -> Vector:
        times = moved(node, grid, self._whole).instants
        lookback = LOOKBACK - self._edition.left_open
        return [Column(s.labels, s.latest(times, lookback)) for s in self._series(node)]

    def _aggregate(self, node: Any, grid: Grid) -> Vector:
        parameter = None if node.param is None else self.evaluate(node.param, grid)
        name, key = str(node.op), aggregation.grouping(node.modifier)
        if name == "sum" and (of_spans := self._counted(node.expr)) is not None:
            vector = self._change(of_spans, node.expr.args[0], grid, key)
        else:
            vector = _columns(self.evaluate(node.expr, grid))
        known = parameter if isinstance(parameter, Scalars | str) else None
        return aggregation.aggregate(name, vector, known, key)

    def _counted(self, node: Any) -> ranges.OfSpans | None:
        """rate or increase where `node` calls one of them with a range of samples."""
        rates = isinstance(node, ast.Call) and node.func.name in ("rate", "increase")
        return (
            self._extrapolated[node.func.name] if rates and isinstance(node.args[0], ast.MatrixSelector) else None
        )

    # -- functions

    def _call(self, node: Any, grid: Grid) -> Value:
        name: str = node.func.name
        if name in self._extrapolated:
            return self._change(self._extrapolated[name], node.args[0], grid)
        if name in ranges.FUNCTIONS:
            return self._over(ranges.FUNCTIONS[name], node.args[0], grid, keeps_name=name == "last_over_time")
        if name in ("predict_linear", "quantile_over_time"):
            return self._over_with_scalar(name, node, grid)
        if name in ("absent", "absent_over_time"):
            return self._absent(name, node.args[0], grid)
        if name == "timestamp":
            return self._timestamp(node.args[0], grid)
        if name in _EMPTY_ON_FLOATS:
            return []
        arguments = [self.evaluate(argument, grid) for argument in node.args]
        if name in instants.MATHS:
            return changed(_columns(arguments[0]), instants.MATHS[name])
        now = Scalars(time / 1000 for time in grid.instants)
        if name in instants.DATES:
            vector = _columns(arguments[0]) if arguments else [Column({}, list(now))]
            return changed(vector, instants.DATES[name])
        return _plain(name, arguments, now)

    def _over(self, over: ranges.Over, node: Any, grid: Grid, *, keeps_name: bool = False) -> Vector:
        """A function of ranges at each instant."""
        windows = self._windows(node, grid)
        found = []
        for labels, (times, values) in self.matrix(node, grid):
            if times:
                found.append(Column(labels if keeps_name else nameless(labels), over(windows(times), values)))
        return merged(found)

    def _change(
        self, of_spans: ranges.OfSpans, node: Any, grid: Grid, key: aggregation.Grouping | None = None
    ) -> Vector:
        """rate, increase or delta; of a counter that cannot decrease the samples between are not read.

        With a `key` the result may hold sums of series of equal keys.
        """
        if not isinstance(node, ast.MatrixSelector):
            return self._over(lambda windows, values: of_spans(windows.spans, values), node, grid)
        at = moved(node.vector_selector, grid, self._whole)
        first = at.start - milliseconds(node.range) + self._edition.left_open
        windows = self._windows(node, grid)
        found = []
        every: Iterable[Series] = self._series(node.vector_selector)
        if key is not None:
            every = together(every, key, lambda series: _bounds(series, first, at.end, windows))
        for series in every:
            found.append(Column(nameless(series.labels), _changes(series, first, at.end, windows, of_spans)))
        return merged([column for column in found if column.values])

    def _windows(self, node: Any, grid: Grid) -> Callable[[Sequence[int]], Windows]:
        """The windows over samples at given times; those of regular scrapes are made once."""
        while isinstance(node, ast.ParenExpr):
            node = node.expr
        selector = node.vector_selector if isinstance(node, ast.MatrixSelector) else node
        at, length = moved(selector, grid, self._whole), milliseconds(node.range)
        limits = [Limits(end - length, end, now) for end, now in zip(at.instants, grid.instants, strict=True)]
        shared: dict[range, Windows] = {}

        def windows(times: Sequence[int]) -> Windows:
            if not isinstance(times, range):
                return Windows(times, limits, self._edition)
            if times not in shared:
                shared[times] = Windows(times, limits, self._edition)
            return shared[times]

        return windows

    def _over_with_scalar(self, name: str, node: Any, grid: Grid) -> Vector:
        """predict_linear and quantile_over_time, whose scalar may change from instant to instant."""
        place = 1 if name == "predict_linear" else 0
        scalars = self.evaluate(node.args[place], grid)
        assert isinstance(scalars, Scalars)
        by_instant = dict(zip(grid.instants, scalars, strict=True))
        over = ranges.predict_linear if place else ranges.quantile_over_time
        return self._over(over(by_instant.__getitem__), node.args[1 - place], grid)

    def _absent(self, name: str, node: Any, grid: Grid) -> Vector:
        if name == "absent":
            vector = _columns(self.evaluate(node, grid))
        else:
            vector = self._over(ranges.FUNCTIONS["present_over_time"], node, grid)
        while isinstance(node, ast.ParenExpr):
            node = node.expr
        selector = node.vector_selector if isinstance(node, ast.MatrixSelector) else node
        labels = equal_labels(selector) if isinstance(selector, ast.VectorSelector) else {}
        return instants.absent(vector, labels, grid.size)

    def _timestamp(self, node: Any, grid: Grid) -> Vector:
        """When the samples were taken; the time itself for what is computed."""
        while isinstance(node, ast.ParenExpr):
            node = node.expr
        if not isinstance(node, ast.VectorSelector):
            times = [time / 1000 for time in grid.instants]
            computed = _columns(self.evaluate(node, grid))
            return merged([Column(nameless(c.labels), _where(c.values, times)) for c in computed])
        at = moved(node, grid, self._whole)
        lookback = LOOKBACK - self._edition.left_open
        found = []
        for series in self._series(node):
            taken = series.samples(at.start - lookback, at.end)[0]
            values = series.latest(at.instants, lookback)
            times = [taken[max(0, bisect_right(taken, t) - 1)] / 1000 if taken else 0.0 for t in at.instants]
            found.append(Column(nameless(series.labels), _where(values, times)))
        return merged(found)


def _changes(
    series: Series, first: int, last: int, windows: Callable[[Sequence[int]], Windows], of_spans: ranges.OfSpans
) -> list[float | None]:
    """A function of spans over the samples of a series; [] where there are none."""
    if isinstance(series, Scraped) and series.monotone:
        every = series.times(first, last)
        edges = windows(every).edges if every else None
        if edges is not None and len(edges.times) < len(every):
            return of_spans(edges.spans, series.at(edges.seconds)) if edges.times else []
    times, values = series.samples(first, last)
    return of_spans(windows(times).spans, values) if times else []


def _bounds(
    series: Scraped, first: int, last: int, windows: Callable[[Sequence[int]], Windows]
) -> tuple[Seconds, float] | None:
    """As `together` wants to know; None for what has no two samples in some window."""
    every = series.times(first, last) if series.monotone else range(0)
    edges = windows(every).edges if every else None
    if edges is None or edges.spans.multipliers is None or not edges.times:
        return None
    return edges.bounds, edges.spans.reach


def _columns(value: Value, where: str = "expected type") -> Vector:
    """A vector's columns.  Raises QueryError for anything else."""
    if isinstance(value, Scalars | str):
        given = "string" if isinstance(value, str) else "scalar"
        raise QueryError("bad_data", f"1:1: parse error: {where} instant vector, got {given} instead")
    return value


def _negative(value: Value) -> Value:
    if isinstance(value, Scalars):
        return Scalars(-each for each in value)
    return changed(_columns(value), operator.neg)


def _where(values: list[float | None], times: list[float]) -> list[float | None]:
    return [None if value is None else time for value, time in zip(values, times, strict=True)]


def _plain(name: str, arguments: list[Value], now: Scalars) -> Value:
    """Functions of values that are known by now."""
    count = len(now)
    given: dict[str, Callable[..., Value]] = {
        "time": lambda: now,
        "pi": lambda: Scalars([math.pi] * count),
        "vector": lambda scalars: [Column({}, list(scalars))],
        "scalar": lambda vector: instants.scalar(vector, count),
        "round": lambda vector, to=None: instants.rounded(vector, to or Scalars([1.0] * count)),
        "clamp": instants.clamped,
        "clamp_min": instants.clamped_min,
        "clamp_max": instants.clamped_max,
        "histogram_quantile": histograms.histogram_quantile,
        "label_replace": instants.label_replace,
        "label_join": instants.label_join,
        "sort": lambda vector: _sorted(vector, largest_first=False),
        "sort_desc": lambda vector: _sorted(vector, largest_first=True),
    }
    if name not in given:
        raise QueryError("bad_data", f'1:1: parse error: function "{name}" is not enabled')
    return given[name](*arguments)


def _sorted(vector: Vector, *, largest_first: bool) -> Vector:
    """By value, NaN last; ranges have no such order."""
    if any(len(column.values) != 1 for column in vector):
        return vector
    there = [column for column in vector if column.values[0] is not None]

    def rank(column: Column) -> tuple[bool, float]:
        value = column.values[0] or 0.0
        return (True, 0.0) if math.isnan(value) else (False, -value if largest_first else value)

    return sorted(there, key=rank)
