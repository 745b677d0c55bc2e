"""A loopback double of Thanos Query: the HTTP API a console reads, over the simulated estate's series.

Shapes and error texts follow Thanos 0.41; `promql` says which queries are evaluated.
"""

import asyncio
import json
import math
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import promql_parser
from aiohttp import web
from multidict import MultiDict, MultiDictProxy

from kurator_tui.demo import promql
from kurator_tui.demo.loopback import Loopback
from kurator_tui.demo.promql import Evaluator, QueryError
from kurator_tui.demo.series import Labels, Series, collect, silent
from kurator_tui.demo.world.clock import rfc3339_micro
from kurator_tui.demo.world.world import World

Obj = dict[str, Any]
Parameters = MultiDictProxy[str]

_POINTS = 11_000
_FOREVER = 2**63 - 1
_BUILD = {
    "version": "0.41.0",
    "revision": "",
    "branch": "",
    "buildUser": "",
    "buildDate": "",
    "goVersion": "go1.27.3",
}
_STATUS = {"bad_data": 400, "execution": 422}


class Inquiry(NamedTuple):
    """One request: what was asked, and the series there are."""

    parameters: Parameters
    series: list[Series]


class Thanos(Loopback):
    """The server; `wall` gives seconds since 1970 for queries without a time."""

    def __init__(self, world: World, wall: Callable[[], float]) -> None:
        super().__init__()
        self._world = world
        self._wall = wall
        self._routes: dict[str, Callable[[Inquiry], Any]] = {
            "query": self._query,
            "query_range": self._query_range,
            "series": self._series,
            "labels": self._labels,
            "stores": lambda _inquiry: self._stores(),
            "status/buildinfo": lambda _inquiry: _BUILD,
            "alerts": lambda _inquiry: {"alerts": []},
            "rules": lambda _inquiry: {"groups": []},
        }

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        if request.path in ("/-/healthy", "/-/ready"):
            return web.Response(text="OK")
        parameters: MultiDict[str] = MultiDict(request.query)
        if request.method == "POST":
            parameters.extend((key, str(value)) for key, value in (await request.post()).items())
        series = collect(self._world)
        # The world belongs to this thread; what is computed from the series does not, and may take seconds.
        return await asyncio.to_thread(self.answer, request.path, MultiDictProxy(parameters), series)

    def answer(self, path: str, parameters: Parameters, series: list[Series]) -> web.Response:
        """The response to a GET of `path`, health checks excepted."""
        inquiry = Inquiry(parameters, series)
        name = path.removeprefix("/api/v1/") if path.startswith("/api/v1/") else ""
        route = self._routes.get(name)
        if route is None and name.startswith("label/") and name.endswith("/values"):
            label = name.removeprefix("label/").removesuffix("/values")
            return self._respond(lambda given: self._label_values(label, given), inquiry)
        if route is None:
            return web.Response(status=404, text="404 page not found\n")
        return self._respond(route, inquiry)

    def _respond(self, route: Callable[[Inquiry], Any], inquiry: Inquiry) -> web.Response:
        try:
            for flag in ("dedup", "partial_response"):
                _boolean(flag, inquiry.parameters.get(flag, "true"))
            body: Obj = {"status": "success", "data": route(inquiry)}
            lost = silent(self._world)
            if lost and route not in (self._routes["stores"], self._routes["status/buildinfo"]):
                body["warnings"] = [self._warning(member) for member in lost]
            return _json(200, body)
        except QueryError as error:
            body = {"status": "error", "errorType": error.kind, "error": error.message}
            return _json(_STATUS[error.kind], body)

    # -- queries

    def _query(self, inquiry: Inquiry) -> Obj:
        parameters = inquiry.parameters
        tree = promql.parse(parameters.get("query", ""))
        t = _time("time", parameters, self._wall())
        evaluator = Evaluator(inquiry.series)
        if isinstance(tree, promql_parser.MatrixSelector):
            ranges = [
                {"metric": labels, "values": [[at, number(value)] for at, value in points]}
                for labels, points in evaluator.matrix(tree, t)
            ]
            return {"resultType": "matrix", "result": ranges, "analysis": {}}
        value = evaluator.evaluate(tree, t)
        if isinstance(value, list):
            rows: list[Obj] = [{"metric": s.labels, "value": [t, number(s.value)]} for s in _ordered(value, tree)]
            return {"resultType": "vector", "result": rows, "analysis": {}}
        plain = ("string", value) if isinstance(value, str) else ("scalar", number(value))
        return {"resultType": plain[0], "result": [t, plain[1]], "analysis": {}}

    def _query_range(self, inquiry: Inquiry) -> Obj:
        parameters = inquiry.parameters
        start = _time("start", parameters, None)
        end = _time("end", parameters, None)
        if end < start:
            raise QueryError("bad_data", "end timestamp must not be before start time")
        step = _step(parameters.get("step", ""))
        if (end - start) / step > _POINTS:
            raise QueryError(
                "bad_data",
                "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution "
                "(?step=XX)",
            )
        tree = promql.parse(parameters.get("query", ""))
        evaluator = Evaluator(inquiry.series)
        rows: dict[tuple[tuple[str, str], ...], list[list[Any]]] = {}
        for count in range(int((end - start) / step + 1e-9) + 1):
            t = round(start + count * step, 3)
            value = evaluator.evaluate(tree, t)
            if isinstance(value, str):
                raise QueryError("bad_data", 'invalid expression type "string" for range query')
            for sample in value if isinstance(value, list) else [promql.Sample({}, value)]:
                rows.setdefault(tuple(sorted(sample.labels.items())), []).append([t, number(sample.value)])
        result = [{"metric": dict(labels), "values": values} for labels, values in sorted(rows.items())]
        return {"resultType": "matrix", "result": result, "analysis": {}}

    # -- series and labels

    def _series(self, inquiry: Inquiry) -> list[Labels]:
        if not inquiry.parameters.getall("match[]", []):
            raise QueryError("bad_data", "no match[] parameter provided")
        return sorted((s.labels for s in self._matched(inquiry)), key=lambda labels: sorted(labels.items()))

    def _labels(self, inquiry: Inquiry) -> list[str]:
        return sorted({label for s in self._matched(inquiry) for label in s.labels})

    def _label_values(self, label: str, inquiry: Inquiry) -> list[str]:
        return sorted({s.labels[label] for s in self._matched(inquiry) if label in s.labels})

    def _matched(self, inquiry: Inquiry) -> list[Series]:
        series = inquiry.series
        selectors = inquiry.parameters.getall("match[]", [])
        if not selectors:
            return series
        found: dict[int, Series] = {}
        for text in selectors:
            tree = promql.parse(text)
            if not isinstance(tree, promql_parser.VectorSelector):
                raise QueryError("bad_data", "1:1: parse error: expected a vector selector")
            found.update((id(each), each) for each in promql.matching(series, tree))
        return list(found.values())

    # -- stores

    def _stores(self) -> Obj:
        now, lost = rfc3339_micro(self._wall()), set(silent(self._world))
        stores = [
            {
                "name": self._address(member),
                "lastCheck": now,
                "lastError": "rpc error: code = Unavailable desc = connection refused" if member in lost else None,
                "labelSets": [{"cluster": member, "prometheus": "monitoring/prometheus-prometheus"}],
                "minTime": int((self._world.clock.epoch - 86400 * 2) * 1000),
                "maxTime": _FOREVER,
            }
            for member in self._world.members
        ]
        return {"sidecar": stores}

    def _address(self, member: str) -> str:
        return f"{self._world.plans[member].subnet}.200:10901"

    def _warning(self, member: str) -> str:
        address = self._address(member)
        return (
            f'fetch series for {{cluster="{member}"}} Addr: {address}: rpc error: code = Unavailable desc = '
            'connection error: desc = "transport: Error while dialing: '
            f'dial tcp {address}: connect: connection refused"'
        )


def number(value: float) -> str:
    """A sample value as the API writes it: shortest digits, no trailing `.0`, NaN, +Inf, -Inf."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) and abs(value) < 1e21 else repr(value)


def _ordered(vector: promql.Vector, tree: Any) -> Iterable[promql.Sample]:
    """By labels, unless the query sorted it itself."""
    sorts = isinstance(tree, promql_parser.Call) and tree.func.name.startswith("sort")
    ranks = isinstance(tree, promql_parser.AggregateExpr) and str(tree.op) in ("topk", "bottomk")
    return vector if sorts or ranks else sorted(vector, key=lambda sample: sorted(sample.labels.items()))


def _boolean(name: str, text: str) -> bool:
    if text.lower() not in ("1", "t", "true", "0", "f", "false"):
        raise QueryError("bad_data", f"'{name}' parameter: strconv.ParseBool: parsing \"{text}\": invalid syntax")
    return text.lower() in ("1", "t", "true")


def _time(name: str, parameters: Parameters, default: float | None) -> float:
    text = parameters.get(name, "")
    if not text and default is not None:
        return round(default, 3)
    try:
        found = float(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            message = f"Invalid time value for '{name}': cannot parse \"{text}\" to a valid timestamp"
            raise QueryError("bad_data", message) from None
        found = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    if not math.isfinite(found) or abs(found) > 1e12:
        message = f"Invalid time value for '{name}': cannot parse \"{text}\" to a valid timestamp"
        raise QueryError("bad_data", message)
    return found


def _step(text: str) -> float:
    """Seconds of a step given as a number or a duration."""
    try:
        step = float(text)
    except ValueError:
        try:
            step = promql_parser.parse_duration(text).total_seconds()
        except ValueError:
            message = f'cannot parse "{text}" to a valid duration'
            raise QueryError("bad_data", message) from None
    if not step > 0:
        message = "zero or negative query resolution step widths are not accepted. Try a positive integer"
        raise QueryError("bad_data", message)
    return step


def _json(status: int, body: Obj) -> web.Response:
    return web.Response(status=status, body=json.dumps(body).encode(), content_type="application/json")
