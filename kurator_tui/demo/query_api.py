"""The HTTP API for queries that Prometheus and Thanos share, below `/api/v1/`: answers from a storage.

Knows neither servers nor the world. Raises `QueryError` with the words of the real ones.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import promql_parser
from multidict import MultiMapping

from kurator_tui.demo import promql
from kurator_tui.demo.promql.selectors import Selector, selector_of
from kurator_tui.demo.promql.series import Series, Storage
from kurator_tui.demo.promql.values import Grid, Labels, QueryError

Obj = dict[str, Any]
Parameters = MultiMapping[str]

_POINTS = 11_000
EVERYTHING = Selector((), {})


class Inquiry(NamedTuple):
    """One request: what was asked, of what, and when (seconds since 1970)."""

    parameters: Parameters
    storage: Storage
    now: float


def selectors(parameters: Parameters) -> list[Selector]:
    """What a request may need; [] is everything.  What cannot be parsed needs nothing that matters."""
    texts = [*parameters.getall("query", []), *parameters.getall("match[]", [])]
    found: list[Selector] = []

    def note(node: Any) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(selector_of(node))
        elif isinstance(node, promql_parser.MatrixSelector):
            found.append(selector_of(node.vector_selector))

    try:
        for text in texts:
            promql_parser.walk(promql.parse(text), note)
    except QueryError:
        return [_NOTHING]
    return found or ([_NOTHING] if texts else [])


_NOTHING = Selector((("__name__", lambda _name: False),), {})


# -- queries


def query(inquiry: Inquiry) -> Obj:
    """`query`: the value at one time."""
    at = time_of("time", inquiry.parameters, inquiry.now)
    found = promql.instant(inquiry.storage, inquiry.parameters.get("query", ""), round(at * 1000))
    if found.kind == "string":
        return {"resultType": "string", "result": [at, found.text]}
    if found.kind == "scalar":
        return {"resultType": "scalar", "result": [at, promql.number(found.rows[0][1][0][1])]}
    return {"resultType": found.kind, "result": _rows(found)}


def query_range(inquiry: Inquiry) -> Obj:
    """`query_range`: the values at each step."""
    parameters = inquiry.parameters
    start, end = time_of("start", parameters, None), time_of("end", parameters, None)
    if end < start:
        raise QueryError("bad_data", "end timestamp must not be before start time")
    step = step_of(parameters.get("step", ""))
    if (end - start) / step > _POINTS:
        raise QueryError(
            "bad_data",
            "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution "
            "(?step=XX)",
        )
    first, apart = round(start * 1000), max(1, round(step * 1000))
    grid = Grid(first, apart, (round(end * 1000) - first) // apart + 1)
    found = promql.over_range(inquiry.storage, parameters.get("query", ""), grid)
    return {"resultType": "matrix", "result": _rows(found)}


def _rows(found: promql.Result) -> list[Obj]:
    if found.kind == "vector":
        return [{"metric": labels, "value": _pair(points[0])} for labels, points in found.rows]
    return [{"metric": labels, "values": [_pair(point) for point in points]} for labels, points in found.rows]


def _pair(point: tuple[float, float]) -> list[Any]:
    return [point[0], promql.number(point[1])]


# -- series and labels


def series(inquiry: Inquiry) -> list[Labels]:
    """`series`: the labels of what matches."""
    if not inquiry.parameters.getall("match[]", []):
        raise QueryError("bad_data", "no match[] parameter provided")
    return sorted((each.labels for each in _matched(inquiry)), key=lambda labels: sorted(labels.items()))


def labels(inquiry: Inquiry) -> list[str]:
    """`labels`: the names of all labels."""
    return sorted({label for each in _matched(inquiry) for label in each.labels})


def label_values(label: str) -> Callable[[Inquiry], list[str]]:
    """`label/<label>/values`."""
    return lambda inquiry: sorted({e.labels[label] for e in _matched(inquiry) if label in e.labels})


def _matched(inquiry: Inquiry) -> Iterable[Series]:
    texts: Sequence[str] = inquiry.parameters.getall("match[]", [])
    if not texts:
        return inquiry.storage.select(EVERYTHING)
    found: dict[int, Series] = {}
    for text in texts:
        tree = promql.parse(text)
        if not isinstance(tree, promql_parser.VectorSelector):
            raise QueryError("bad_data", "1:1: parse error: expected a vector selector")
        found.update((id(each), each) for each in inquiry.storage.select(selector_of(tree)))
    return found.values()


ROUTES: dict[str, Callable[[Inquiry], Any]] = {
    "query": query,
    "query_range": query_range,
    "series": series,
    "labels": labels,
}


def route_of(name: str) -> Callable[[Inquiry], Any] | None:
    """What answers a path below /api/v1/, None where nothing does."""
    if name.startswith("label/") and name.endswith("/values"):
        return label_values(name.removeprefix("label/").removesuffix("/values"))
    return ROUTES.get(name)


# -- parameters


def boolean(name: str, parameters: Parameters, *, default: bool = True) -> bool:
    """A flag as Go reads it."""
    text = parameters.get(name, "")
    if not text:
        return default
    if text.lower() not in ("1", "t", "true", "0", "f", "false"):
        raise QueryError("bad_data", f"'{name}' parameter: strconv.ParseBool: parsing \"{text}\": invalid syntax")
    return text.lower() in ("1", "t", "true")


def time_of(name: str, parameters: Parameters, default: float | None) -> float:
    """A time, seconds since 1970: a number or RFC 3339, to the millisecond."""
    text = parameters.get(name, "")
    if not text and default is not None:
        return round(default, 3)
    try:
        found = float(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise _bad_time(name, text) from None
        found = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    if not math.isfinite(found) or abs(found) > 1e12:
        raise _bad_time(name, text)
    return round(found, 3)


def _bad_time(name: str, text: str) -> QueryError:
    return QueryError("bad_data", f"Invalid time value for '{name}': cannot parse \"{text}\" to a valid timestamp")


def step_of(text: str) -> float:
    """Seconds of a step given as a number or a duration."""
    try:
        step = float(text)
    except ValueError:
        try:
            step = promql_parser.parse_duration(text).total_seconds()
        except ValueError:
            raise QueryError("bad_data", f'cannot parse "{text}" to a valid duration') from None
    if not step > 0 or math.isinf(step):
        message = "zero or negative query resolution step widths are not accepted. Try a positive integer"
        raise QueryError("bad_data", message)
    return step
