"""A Thanos that has the same numbers for every cluster: `python -m benchmarks.thanos_server CLUSTER…`.

Prints its URL as one line and ends with its stdin. `GET /asked` is how many ranges were asked for, `/hang` has it
answer nothing more until `/answer`. It is as quick as it can be: what is measured is who asks it.
"""

from __future__ import annotations

import json
import math
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from kurator_tui.metrics.capabilities import PROBE, SIGNS

HANGS = 60.0
"""Seconds for which a request is not answered while it hangs."""


class Thanos:
    """What it knows, and what it was asked."""

    def __init__(self, clusters: list[str]) -> None:
        self.clusters = clusters
        self.asked = 0
        self.answering = threading.Event()
        self.answering.set()

    def answer(self, path: str, given: dict[str, str]) -> Any:
        """The data of one GET of the API."""
        if path.endswith("/query_range"):
            return {"resultType": "matrix", "result": self._range(given)}
        if path.endswith("/query"):
            return {"resultType": "vector", "result": self._probed() if given.get("query") == PROBE else []}
        if path.endswith("/stores"):
            return {"sidecar": [{"name": name, "labelSets": [{"cluster": name}]} for name in self.clusters]}
        return {"groups": [], "alerts": []}

    def _range(self, given: dict[str, str]) -> list[Any]:
        self.asked += 1
        start, end, step = (float(given[name]) for name in ("start", "end", "step"))
        moments = [start + number * step for number in range(int((end - start) / step) + 1)]
        return [
            {
                "metric": {"cluster": name},
                "values": [[at, str(round(0.5 + 0.4 * math.sin(at / 600 + number), 4))] for at in moments],
            }
            for number, name in enumerate(self.clusters)
        ]

    def _probed(self) -> list[Any]:
        return [
            {"metric": {"__name__": signs[0], "cluster": name}, "value": [0, "1"]}
            for signs in SIGNS.values()
            for name in self.clusters
        ]


def main() -> None:
    """Serve until stdin ends."""
    thanos = Thanos(sys.argv[1:])

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/asked":
                return self._send({"asked": thanos.asked})
            if parts.path in ("/hang", "/answer"):
                (thanos.answering.clear if parts.path == "/hang" else thanos.answering.set)()
                return self._send({})
            thanos.answering.wait(HANGS)
            given = {name: values[0] for name, values in parse_qs(parts.query).items()}
            return self._send({"status": "success", "data": thanos.answer(parts.path, given)})

        def _send(self, found: Any) -> None:
            body = json.dumps(found).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
