"""A loopback double of Thanos Query: the HTTP API a console reads, over the simulated estate's series.

Shapes and error texts follow Thanos 0.41; `promql` says how queries are evaluated.
"""

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from aiohttp import web
from multidict import MultiDict, MultiDictProxy, MultiMapping

from kurator_tui.demo import alerts, promql, query_api
from kurator_tui.demo.apiserver.serviceproxy import Told
from kurator_tui.demo.loopback import Loopback
from kurator_tui.demo.promql.selectors import Selector
from kurator_tui.demo.promql.series import Series, Storage
from kurator_tui.demo.promql.values import Labels, QueryError
from kurator_tui.demo.query_api import EVERYTHING, Inquiry
from kurator_tui.demo.series.estate import FAMILIES, REPLICA, Metrics, silent
from kurator_tui.demo.world.clock import rfc3339_micro
from kurator_tui.demo.world.world import World

Obj = dict[str, Any]
Parameters = MultiDictProxy[str]

NAMESPACE, SERVICE, PORT = "default", "default-thanos-query", 9090
"""The Service on the host that the fleet's metric plugin installs."""

_HEALTH = ("/-/healthy", "/-/ready")
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
#: Seconds after which Thanos has noticed that a sidecar is gone: then it is asked no more, and warns no more.
_NOTICES = 15.0
_LOOKS = 5.0
#: What is told of the state of Thanos itself has no warnings.
_LOCAL = frozenset({"stores", "status/buildinfo"})


class Loss(NamedTuple):
    """A member whose sidecar does not answer."""

    member: str
    since: float


class Thanos(Loopback):
    """The server; `wall` gives seconds since 1970 for queries without a time."""

    def __init__(self, world: World, wall: Callable[[], float]) -> None:
        super().__init__()
        self._world = world
        self._wall = wall
        self.metrics = Metrics(world)
        self._lost: dict[str, float] = {}
        world.timeline.every(_LOOKS, self._look)
        self._routes: dict[str, Callable[[Inquiry], Any]] = {
            "stores": lambda _inquiry: self._stores(),
            "status/buildinfo": lambda _inquiry: _BUILD,
            "alerts": self._alerts,
            "rules": self._rules,
            "targets": self._targets,
            "metadata": _metadata,
        }

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        if request.path in _HEALTH:
            return web.Response(text="OK")
        parameters: MultiDict[str] = MultiDict(request.query)
        if request.method == "POST":
            parameters.extend((key, str(value)) for key, value in (await request.post()).items())
        asked = MultiDictProxy(parameters)
        storage = self.storage(request.path, asked)
        # The world belongs to this thread; what is computed from the series does not, and may take a while.
        return await asyncio.to_thread(self.answer, request.path, asked, storage)

    def storage(self, path: str, parameters: Parameters) -> Storage:
        """The series that a request may need. Belongs to the world's thread."""
        self._look()
        name = _name(path)
        if name in ("alerts", "rules"):
            return self.metrics.fleet(query_api.selectors(MultiDict(("query", q) for q in alerts.QUERIES)))
        if name == "targets":
            return self.metrics.fleet(query_api.selectors(MultiDict(query="up")))
        try:
            return self.metrics.fleet(query_api.selectors(parameters))
        except QueryError:  # told when it is answered
            return self.metrics.fleet(query_api.selectors(MultiDict(query="")))

    def answer(self, path: str, parameters: Parameters, storage: Storage) -> web.Response:
        """The response to a GET of `path`, health checks excepted."""
        name = _name(path)
        route = self._routes.get(name) or query_api.route_of(name)
        if route is None:
            return web.Response(status=404, text="404 page not found\n")
        try:
            query_api.boolean("partial_response", parameters)
            inquiry = Inquiry(parameters, _replicated(parameters, storage), self._wall())
            data = route(inquiry)
            if name in ("query", "query_range"):
                data["analysis"] = {}
            body: Obj = {"status": "success", "data": data}
            warnings = [] if name in _LOCAL else [self._warning(loss) for loss in self._losses(noticed=False)]
            return _json(200, body | ({"warnings": warnings} if warnings else {}))
        except QueryError as error:
            body = {"status": "error", "errorType": error.kind, "error": error.message}
            return _json(_STATUS[error.kind], body)

    def behind_service(self, path: str, parameters: MultiMapping[str]) -> Told | Callable[[], Told]:
        """The answer to a GET, as a server's service proxy hands it over."""
        if path in _HEALTH:
            return 200, b"OK", "text/plain"
        asked = MultiDictProxy(MultiDict(parameters))
        storage = self.storage(path, asked)

        def make() -> Told:
            answer = self.answer(path, asked, storage)
            body = answer.body
            return answer.status, body if isinstance(body, bytes) else b"", answer.content_type

        return make

    # -- members that are lost

    def _look(self) -> None:
        """Note since when members have been lost."""
        lost, now = silent(self._world), self._wall()
        self._lost = {name: self._lost.get(name, now) for name in lost}

    def _losses(self, *, noticed: bool) -> list[Loss]:
        """Lost members that Thanos has noticed to be, or has not yet."""
        now, lost = self._wall(), self._lost
        return [Loss(name, at) for name, at in lost.items() if (now - at >= _NOTICES) is noticed]

    def _stores(self) -> Obj:
        now = self._wall()
        errors = {loss.member: loss for loss in self._losses(noticed=True)}
        stores = []
        for member in self._world.members:
            if member in self._world.unexposed:
                continue
            loss = errors.get(member)
            stores.append(
                {
                    "name": self._address(member),
                    "lastCheck": rfc3339_micro(loss.since if loss else now),
                    "lastError": self._error(member) if loss else None,
                    "labelSets": [{"cluster": member, "prometheus": "monitoring/prometheus-prometheus"}],
                    "minTime": int((self._world.clock.epoch - 86400 * 2) * 1000),
                    "maxTime": _FOREVER,
                }
            )
        return {"sidecar": stores}

    def _address(self, member: str) -> str:
        return f"{self._world.plans[member].subnet}.200:10901"

    def _error(self, member: str) -> str:
        return (
            "rpc error: code = DeadlineExceeded desc = latest balancer error: connection error: desc = "
            f'"transport: Error while dialing: dial tcp {self._address(member)}: connect: connection refused"'
        )

    def _warning(self, loss: Loss) -> str:
        address = self._address(loss.member)
        oldest = int((self._world.clock.epoch - 86400 * 2) * 1000)
        return (
            f'fetch series for {{cluster="{loss.member}", prometheus="monitoring/prometheus-prometheus"}} '
            f"Addr: {address} MinTime: {oldest} MaxTime: {_FOREVER}: rpc error: code = Unavailable desc = "
            f'connection error: desc = "transport: Error while dialing: dial tcp {address}: connect: '
            'connection refused"'
        )

    # -- rules, targets, metadata

    def _arriving(self) -> list[str]:
        lost = set(self._lost)
        return [name for name in self._world.members if name not in lost]

    def _rules(self, inquiry: Inquiry) -> Obj:
        kind = inquiry.parameters.get("type", "")
        if kind not in ("", "alert", "record"):
            raise QueryError("bad_data", f'invalid rules parameter type="{kind}"')
        found = [] if kind == "record" else alerts.groups(inquiry.storage, self._arriving(), inquiry.now)
        return {"groups": found}

    def _alerts(self, inquiry: Inquiry) -> Obj:
        rules = [rule for group in self._rules(inquiry)["groups"] for rule in group["rules"]]
        return {"alerts": [alert for rule in rules for alert in rule["alerts"]]}

    def _targets(self, inquiry: Inquiry) -> Obj:
        state = inquiry.parameters.get("state", "any").lower()
        if state not in ("active", "dropped", "any"):
            raise QueryError("bad_data", f'invalid targets parameter state="{state}"')
        moment = round(inquiry.now * 1000)
        ups = [] if state == "dropped" else list(inquiry.storage.select(EVERYTHING))
        active = [
            _target(each.labels, each.latest([moment], promql.evaluator.LOOKBACK)[0], inquiry.now) for each in ups
        ]
        return {"activeTargets": active, "droppedTargets": []}


def _name(path: str) -> str:
    return path.removeprefix("/api/v1/") if path.startswith("/api/v1/") else ""


def _target(labels: Labels, up: float | None, now: float) -> Obj:
    shown = {name: value for name, value in labels.items() if name != "__name__"}
    instance, job = shown.get("instance", ""), shown.get("job", "")
    url = f"http://{instance}/metrics"
    refused = f'Get "{url}": dial tcp {instance}: connect: connection refused'
    return {
        "discoveredLabels": {
            "__address__": instance,
            "__metrics_path__": "/metrics",
            "__scheme__": "http",
            "__scrape_interval__": "30s",
            "__scrape_timeout__": "10s",
            "cluster": shown.get("cluster", ""),
            "job": job,
        },
        "labels": shown,
        "scrapePool": job,
        "scrapeUrl": url,
        "globalUrl": url,
        "lastError": "" if up else refused,
        "lastScrape": rfc3339_micro(now - now % 30),
        "lastScrapeDuration": 0.004317242,
        "health": "up" if up else "down",
    }


def _metadata(inquiry: Inquiry) -> Obj:
    """Types and help by metric; `metric` asks for one, `limit` for the first few."""
    asked, limit = inquiry.parameters.get("metric", ""), inquiry.parameters.get("limit", "")
    try:
        most = int(limit) if limit else -1
    except ValueError:
        raise QueryError("bad_data", "limit must be a number") from None
    found: Obj = {}
    for family in FAMILIES:
        name = family.name.removesuffix("_bucket") if family.kind == "histogram" else family.name
        # `up` and its like are made by Prometheus, which has no metadata of them.
        if family.help and asked in ("", name) and (most < 0 or len(found) < most):
            found[name] = [{"type": family.kind, "help": family.help, "unit": ""}]
    return found


class _Replicas:
    """A storage in which each series shows the replica it comes from."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def select(self, selector: Selector) -> Iterable[Series]:
        """As `Storage`."""
        return (each for each in map(_Replica, self._storage.select(EVERYTHING)) if selector.accepts(each.labels))


class _Replica:
    """A series as the first replica of a Prometheus has it."""

    def __init__(self, series: Series) -> None:
        self.labels = {**series.labels, REPLICA: "prometheus-prometheus-prometheus-0"}
        self.samples = series.samples
        self.latest = series.latest


def _replicated(parameters: Parameters, storage: Storage) -> Storage:
    """Replicas are made one by the labels that tell them apart, unless `dedup` is off."""
    names = parameters.getall("replicaLabels[]", [REPLICA])
    merges = query_api.boolean("dedup", parameters) and REPLICA in names
    return storage if merges else _Replicas(storage)


def _json(status: int, body: Obj) -> web.Response:
    return web.Response(status=status, body=json.dumps(body).encode(), content_type="application/json")
