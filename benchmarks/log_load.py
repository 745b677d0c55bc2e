"""A process of its own that serves ten clusters whose containers write logs: what the reading side is measured by.

One TLS listener a cluster, enough of an API server for a feeder to connect (version, discovery, empty watches); a
request for a log becomes a stream of stamped lines that count up, so many a second over all streams, from the
moment the last one is asked for. `Load` starts it.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

TICK = 0.01
"""Seconds between two rounds of lines."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n"
SYNCED = (
    b'{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"1000","annotations":'
    b'{"k8s.io/initial-events-end":"true"}}}}\n'
)
TEXT = (
    b'{"level":"info","msg":"request served","method":"GET","path":"/api/orders/%d","status":200,'
    b'"duration_ms":12,"trace":"6d815b261b1a4993"}'
)
RESOURCES = [
    {"resource": plural, "scope": "Namespaced", "verbs": ["list", "watch"], "responseKind": {"kind": kind}}
    for plural, kind in (("pods", "Pod"), ("nodes", "Node"))
]
DISCOVERY = {
    "kind": "APIGroupDiscoveryList",
    "apiVersion": "apidiscovery.k8s.io/v2",
    "items": [{"metadata": {"name": ""}, "versions": [{"version": "v1", "resources": RESOURCES}]}],
}


def chunk(data: bytes) -> bytes:
    """`data` as one chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


class _Talk(asyncio.Protocol):
    def __init__(self, logs: list[_Talk], opened: Callable[[], None]) -> None:
        self.logs = logs
        self.opened = opened
        self.asked = b""
        self.number = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def write(self, data: bytes) -> None:
        """To the client, while there is one."""
        if not self._transport.is_closing():
            self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        self.asked += data
        if not self.asked.endswith(b"\r\n\r\n"):
            return
        path, self.asked = self.asked.split(b" ", 2)[1], b""
        if b"/log?" in path:
            self.write(HEAD % b"text/plain")
            self.logs.append(self)
            self.opened()
        elif b"watch=" in path:
            self.write(HEAD % b"application/json" + chunk(SYNCED))
        else:
            body = b'{"gitVersion":"v1.36.0"}' if path == b"/version" else json.dumps(DISCOVERY).encode()
            kind = b"application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
            head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
            self.write(head % (kind, len(body)) + body)

    def connection_lost(self, exc: Exception | None) -> None:
        if self in self.logs:
            self.logs.remove(self)

    def line(self, stamp: bytes) -> bytes:
        self.number += 1
        return stamp + TEXT % self.number + b"\n"


async def _write(logs: list[_Talk], rate: float) -> None:
    sent, began = 0, time.monotonic()
    while True:
        await asyncio.sleep(TICK)
        due = min(int((time.monotonic() - began) * rate) - sent, int(rate * 0.1) + 1)
        if due <= 0 or not logs:
            continue
        now = time.time_ns()
        whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now // 10**9))
        for number in range(sent, sent + due):
            stamp = b"%s.%09dZ " % (whole.encode(), (now + number - sent) % 10**9)
            log = logs[number % len(logs)]
            log.write(chunk(log.line(stamp)))
        sent += due


async def _serve(clusters: int, count: int, rate: float) -> None:
    import trustme

    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    logs: list[_Talk] = []
    loop, all_open = asyncio.get_running_loop(), asyncio.Event()

    def opened() -> None:
        if len(logs) >= count:
            all_open.set()

    servers = [
        await loop.create_server(lambda: _Talk(logs, opened), "127.0.0.1", 0, ssl=context)
        for _number in range(clusters)
    ]
    urls = [f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}" for server in servers]
    print(json.dumps({"urls": urls, "ca": authority.cert_pem.bytes().decode()}), flush=True)

    async def write() -> None:
        await all_open.wait()
        await _write(logs, rate)

    writing = asyncio.create_task(write())
    await loop.run_in_executor(None, sys.stdin.read)  # ends when whoever started us is gone
    writing.cancel()


class Load:
    """The load process while the block runs: `clusters` with `count` logs in all, `rate` lines a second."""

    def __init__(self, clusters: int, count: int, rate: float) -> None:
        self._arguments = [str(clusters), str(count), str(rate)]
        self.names: list[str] = []

    def kubeconfig(self, path: Path) -> str:
        """Write one with a context for each cluster."""
        path.write_text(json.dumps(self._document))
        return str(path)

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.log_load", *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[1],
        )
        assert self._process.stdout is not None
        ready = json.loads(self._process.stdout.readline())
        ca = base64.b64encode(ready["ca"].encode()).decode()
        urls = {f"c{number}": url for number, url in enumerate(ready["urls"])}
        self.names = list(urls)
        self._document: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "c0",
            "contexts": [{"name": name, "context": {"cluster": name, "user": "u"}} for name in urls],
            "clusters": [
                {"name": name, "cluster": {"server": url, "certificate-authority-data": ca}}
                for name, url in urls.items()
            ],
            "users": [{"name": "u", "user": {"token": "t"}}],
        }
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()


def main() -> None:
    import uvloop

    parser = argparse.ArgumentParser()
    parser.add_argument("clusters", type=int)
    parser.add_argument("count", type=int)
    parser.add_argument("rate", type=float)
    options = parser.parse_args()
    uvloop.run(_serve(options.clusters, options.count, options.rate))


if __name__ == "__main__":
    main()
