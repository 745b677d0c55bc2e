"""The smallest metrics' server: what it answers is what a test puts in, and what it was asked is kept."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

OK = b'{"status":"success","data":{"resultType":"vector","result":[{"metric":{"cluster":"a"},"value":[1,"3"]}]}}'


@dataclass
class Server:
    """`status`, `body` and `headers` of every answer; `send` writes the body (default: at once)."""

    port: int = 0
    scheme: str = "http"
    status: int = 200
    body: bytes = OK
    headers: dict[str, str] = field(default_factory=dict)
    send: Callable[[Callable[[bytes], object], bytes], object] = lambda write, body: write(body)
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    given: list[dict[str, str]] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)
    """Set when the test is over: what waits on purpose need not wait any more."""

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server on loopback, in threads, as long as the block."""
    server = Server(scheme="https" if tls else "http")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.asked.append(parse_qs(urlsplit(self.path).query))
            server.given.append(dict(self.headers.items()))
            self.send_response(server.status)
            for name, value in {"Content-Type": "application/json", **server.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                server.send(self.wfile.write, server.body)
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on stderr."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        httpd.daemon_threads = True
        if tls is not None:
            httpd.socket = tls.wrap_socket(httpd.socket, server_side=True, do_handshake_on_connect=False)
        server.port = httpd.server_address[1]
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.ending.set()
            httpd.shutdown()
            thread.join()
