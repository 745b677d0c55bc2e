"""A member's own Prometheus in `istio-system`, as Flagger and the console ask it through the member's API server.

It has what the member's exporters say, without external labels: no `cluster`.  The API server's service proxy
hands over `GET /api/v1/namespaces/istio-system/services/http:prometheus:9090/proxy/<path>`:

    status, body, content_type = prometheus.answer("prod-cloud", "/api/v1/query", request.query)

Call it in the world's thread; what it answers takes milliseconds.
"""

import json
from collections.abc import Callable
from typing import Any

from multidict import MultiMapping

from kurator_tui.demo import query_api
from kurator_tui.demo.promql.values import QueryError
from kurator_tui.demo.query_api import Inquiry
from kurator_tui.demo.series.estate import Metrics

NAMESPACE, SERVICE, PORT = "istio-system", "prometheus", 9090

_BUILD = {
    "version": "2.44.0",
    "revision": "",
    "branch": "",
    "buildUser": "",
    "buildDate": "",
    "goVersion": "go1.20.4",
}
_STATUS = {"bad_data": 400, "execution": 422}
_JSON, _TEXT = "application/json", "text/plain; charset=utf-8"


class MemberPrometheus:
    """The Prometheuses of all members; `wall` gives seconds since 1970 for queries without a time."""

    def __init__(self, metrics: Metrics, wall: Callable[[], float]) -> None:
        self._metrics = metrics
        self._wall = wall

    def answer(self, cluster: str, path: str, params: MultiMapping[str]) -> tuple[int, bytes, str]:
        """(HTTP status, body, content type) of a GET of `path`, such as `/api/v1/query`."""
        if path in ("/-/healthy", "/-/ready"):
            return 200, f"Prometheus Server is {path[3:].capitalize()}.\n".encode(), _TEXT
        name = path.removeprefix("/api/v1/") if path.startswith("/api/v1/") else ""
        if name == "status/buildinfo":
            return _told(_BUILD)
        route = query_api.route_of(name)
        if route is None:
            return 404, b"404 page not found\n", _TEXT
        try:
            storage = self._metrics.member(cluster, query_api.selectors(params))
            return _told(route(Inquiry(params, storage, self._wall())))
        except QueryError as error:
            body = {"status": "error", "errorType": error.kind, "error": error.message}
            return _STATUS[error.kind], json.dumps(body).encode(), _JSON


def _told(data: Any) -> tuple[int, bytes, str]:
    return 200, json.dumps({"status": "success", "data": data}).encode(), _JSON
