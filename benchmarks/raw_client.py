"""The yardstick of the first sync: pages over TLS into typed rows, nothing else, in a process of its own.

`python -m benchmarks.raw_client KUBECONFIG [--kinds pods] [--connections N] [--lines]` lists every cluster of the
file and prints {"seconds", "cpu", "bytes", "rows", "lines"}; these are the servers' truth in the console's words.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import gc
import json
import ssl
import time
from pathlib import Path
from typing import Any

import aiohttp
import uvloop
import yaml

from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.registry import KINDS

PAGE = 500
CONNECTIONS = 16
TIMEOUT = aiohttp.ClientTimeout(total=None, sock_read=60)


class Clusters:
    """The contexts of a kubeconfig: server, token and TLS of each; one TLS context an authority."""

    def __init__(self, path: str, *, without: tuple[str, ...] = ()) -> None:
        found = yaml.load(Path(path).read_text(), Loader=yaml.CSafeLoader)
        servers = {each["name"]: each["cluster"] for each in found["clusters"]}
        users = {each["name"]: each["user"] for each in found["users"]}
        self._tls: dict[str, ssl.SSLContext] = {}
        self.reached: dict[str, tuple[str, dict[str, str], ssl.SSLContext | bool]] = {}
        for each in found["contexts"]:
            context = each["context"]
            server = servers[context["cluster"]]
            token = users[context["user"]].get("token", "")
            headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"}
            if context["cluster"] not in {
                *without,
                *self.reached,
            }:  # the first context of a cluster is its admin's
                self.reached[context["cluster"]] = server["server"], headers, self._context(server)

    def _context(self, server: dict[str, Any]) -> ssl.SSLContext | bool:
        data = server.get("certificate-authority-data", "")
        if not data:
            return False
        if data not in self._tls:
            self._tls[data] = ssl.create_default_context(cadata=base64.b64decode(data).decode())
        return self._tls[data]


def path_of(kind: AnyKind) -> str:
    """The list path of a kind, in its first version."""
    return f"/apis/{kind.group}/{kind.versions[0]}/{kind.plural}" if kind.group else f"/api/v1/{kind.plural}"


class RawClient:
    """Lists kinds of all clusters, so many connections at a time."""

    def __init__(self, clusters: Clusters, connections: int, prefix: str = "") -> None:
        """`prefix` is what the kubeconfig's names have before the members' names."""
        self._prefix = prefix
        self._clusters = clusters
        self._turn = asyncio.Semaphore(connections)
        self.bytes = 0
        self.rows: dict[str, list[Row]] = {}

    async def all(self, kinds: list[AnyKind]) -> None:
        """List everything; the rows are in `rows` by kind."""
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, timeout=TIMEOUT, read_bufsize=2**21) as session:
            await asyncio.gather(
                *(self._cluster(session, name, kind) for kind in kinds for name in self._clusters.reached)
            )

    async def _cluster(self, session: aiohttp.ClientSession, name: str, kind: AnyKind) -> None:
        server, headers, tls = self._clusters.reached[name]
        decoder, rows = RowDecoder(kind, name.removeprefix(self._prefix)), self.rows.setdefault(kind.id, [])
        token = ""
        async with self._turn:
            while True:
                query = {"limit": str(PAGE), **({"continue": token} if token else {})}
                async with session.get(server + path_of(kind), params=query, headers=headers, ssl=tls) as answer:
                    answer.raise_for_status()
                    body = await answer.read()
                self.bytes += len(body)
                page = decoder.page(body)
                rows += page.rows
                token = page.continue_token
                if not token:
                    return


def measure(
    path: str, kinds: list[str], connections: int, without: str, prefix: str, *, lines: bool
) -> dict[str, Any]:
    """What `main` prints."""
    gc.disable()  # the yardstick owes nobody a small heap
    client = RawClient(Clusters(path, without=tuple(without.split(","))), connections, prefix)
    began, cpu = time.monotonic(), time.process_time()
    uvloop.run(client.all([KINDS[kind] for kind in kinds]))
    result: dict[str, Any] = {
        "seconds": time.monotonic() - began,
        "cpu": time.process_time() - cpu,
        "bytes": client.bytes,
        "rows": {kind: len(rows) for kind, rows in client.rows.items()},
    }
    if lines:
        from kurator_tui.store.digest import line

        result["lines"] = {kind: sorted(map(line, rows)) for kind, rows in client.rows.items()}
    return result


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.raw_client")
    parser.add_argument("kubeconfig")
    parser.add_argument("--kinds", default="pods")
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--lines", action="store_true")
    parser.add_argument("--without", default="", help="clusters that are not asked")
    parser.add_argument("--prefix", default="", help="of the kubeconfig's names, before those of the members")
    given = parser.parse_args()
    found = measure(
        given.kubeconfig, given.kinds.split(","), given.connections, given.without, given.prefix, lines=given.lines
    )
    print(json.dumps(found))


if __name__ == "__main__":
    main()
