"""Containers that write logs, served as a kubelet behind an API server does, until a test cuts them; and a query
being read, with all that was told of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

from kurator_tui.api.backoff import SystemClock
from kurator_tui.api.connection import Connection
from kurator_tui.api.discovery import discover
from kurator_tui.api.kubeconfig import load_kubeconfig
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.log_turns import Turns
from kurator_tui.fleet.logs import LogReading
from kurator_tui.kinds.log_lines import LogLine, LogQuery, LogSource, LogState, LogTarget, decode_batch
from kurator_tui.store.store import Store
from tests.faults.exchange import Asked, Exchange
from tests.faults.server import Server, status
from tests.faults.stage import kubeconfig
from tests.faults.virtual import now, unix

NS = 1_000_000_000


def stamp(nanoseconds: int) -> str:
    """A time as a kubelet writes it."""
    whole = datetime.fromtimestamp(nanoseconds // NS, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{nanoseconds % NS:09d}Z"


class Container:
    """One container's log on `server`. `refusal` is answered instead of it: (code, reason, message)."""

    def __init__(self, server: Server, pod: str, name: str = "app", namespace: str = "default") -> None:
        self.target = LogTarget(server.name, namespace, pod, name)
        self.lines: list[tuple[int, bytes]] = []
        self.refusal: tuple[int, str, str] | None = None
        self.over = False
        """Whether the container has ended: what follows its log ends."""
        self.asked: list[dict[str, str]] = []
        self._open: dict[Exchange, asyncio.Event] = {}
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}/log"

        def mine(asked: Asked) -> bool:
            return asked.query.get("container", name) == name

        server.plant(self._serve, path=path, times=float("inf"), when=mine)

    def write(self, *texts: str | bytes, at: int | None = None, newline: bool = True) -> None:
        """Append lines, stamped now (nanoseconds apart), or at `at`."""
        for text in texts:
            data = text if isinstance(text, bytes) else text.encode()
            time = at if at is not None else int(unix() * NS) + len(self.lines)
            self.lines.append((time, f"{stamp(time)} ".encode() + data + (b"\n" if newline else b"")))
        self._notify()

    def stop(self) -> None:
        """The container ends."""
        self.over = True
        self._notify()

    def start(self) -> None:
        """It runs again: the log goes on."""
        self.over = False

    def _notify(self) -> None:
        for event in self._open.values():
            event.set()

    @property
    def open(self) -> int:
        """Requests being answered."""
        return len(self._open)

    def cut(self, begun: bytes = b"") -> None:
        """Hang up on everybody, after `begun`, the beginning of a line."""
        for exchange in list(self._open):
            if begun:
                exchange.chunk(begun)
            exchange.close()
        self._notify()

    async def _serve(self, exchange: Exchange) -> None:
        query = exchange.asked.query
        self.asked.append(query)
        if self.refusal is not None:
            code, reason, message = self.refusal
            await exchange.answer(code, status(code, reason, message))
            return
        exchange.open()
        changed = self._open[exchange] = asyncio.Event()
        gone = asyncio.ensure_future(exchange.reader.read(1))
        gone.add_done_callback(lambda _gone: changed.set())
        try:
            await self._tell(exchange, changed, gone)
        except ConnectionError:
            exchange.over = True
        finally:
            gone.cancel()
            del self._open[exchange]

    async def _tell(self, exchange: Exchange, changed: asyncio.Event, gone: asyncio.Future[bytes]) -> None:
        query = exchange.asked.query
        sent = self._first(query)
        while not exchange.over and not gone.done():
            changed.clear()
            waiting = self.lines[sent:]
            sent += len(waiting)
            for at in range(0, len(waiting), 500):
                await exchange.send(b"".join(line for _time, line in waiting[at : at + 500]))
            if query.get("follow") != "true" or self.over:
                await exchange.end()
                break
            await changed.wait()
        exchange.over = True

    def _first(self, query: dict[str, str]) -> int:
        first = 0
        if since := query.get("sinceTime"):
            after = int(datetime.fromisoformat(since).timestamp()) * NS
            first = next((n for n, (time, _line) in enumerate(self.lines) if time >= after), len(self.lines))
        if tail := query.get("tailLines"):
            first = max(first, len(self.lines) - int(tail))
        return first


class Told:
    """What a query told. While `reading` is not set its reader takes nothing."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.lines: list[LogLine] = []
        self.sources: dict[int, LogSource] = {}
        self.state = LogState()
        self.reading = asyncio.Event()
        self.reading.set()
        self._changed = asyncio.Event()
        self.task: asyncio.Task[None]

    async def take(self, data: bytes) -> None:
        await self.reading.wait()
        batch = decode_batch(data)
        self.sources.update({source.number: source for source in batch.sources})
        self.lines += batch.lines
        self.state = batch.state or self.state
        self._changed.set()

    def texts(self, pod: str = "") -> list[str]:
        """The lines' texts, or those of one pod; a mark as `<mark>`, with what it counts."""
        return [
            f"<{line.mark}{f' {line.lost}' if line.lost else ''}>" if line.mark else line.text
            for line in self.lines
            if not pod or (line.source in self.sources and self.sources[line.source].pod == pod)
        ]

    async def until(self, true: Callable[[], object], seconds: float = 120.0) -> float:
        """Wait for a condition on what was told; returns the seconds it took."""
        began = now()
        try:
            async with asyncio.timeout(seconds):
                while not true():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"not within {seconds:g} s: {self.texts()[-40:]} {self.state}") from None
        return now() - began


@asynccontextmanager
async def reading(
    folder: Path, query: LogQuery, *servers: Server, turns: Turns | None = None, store: Store | None = None
) -> AsyncIterator[Told]:
    """`query` being read from `servers`, each a cluster."""
    for server in servers:
        await server.start()
    path = folder / "kubeconfig"
    path.write_text(json.dumps(kubeconfig({server.name: server.url for server in servers}, servers[0].name)))
    config, gate = load_kubeconfig(str(path), {}), asyncio.Lock()
    connections = {
        server.name: await Connection.open(server.name, config, server.name, user_owned=True, exec_gate=gate)
        for server in servers
    }
    by_kind = any(selector.kind for selector in query.selectors)
    links = {
        name: SimpleNamespace(connection=each, failure=None, served=await discover(each) if by_kind else None)
        for name, each in connections.items()
    }
    hub = SimpleNamespace(links=links, store=store or Store(), log_turns=turns or Turns(), leads=True)
    told = Told(hub.store)
    with patch.object(SystemClock, "now", lambda _self: now()):
        log = LogReading(cast(Hub, hub), query, told.take, unix)
        told.task = asyncio.create_task(log.run())
        told.task.add_done_callback(lambda _task: told._changed.set())
        try:
            yield told
        finally:
            told.task.cancel()
            await asyncio.gather(told.task, return_exceptions=True)
            for connection in connections.values():
                await connection.close()
            for server in servers:
                await server.stop()


SPEC = {"containers": [{"name": "app"}]}


WAITING = (400, "BadRequest", 'container "app" in pod "p" is waiting to start: ContainerCreating')


GONE = (404, "NotFound", 'pods "p" not found')


def following(*containers: Container, **more: Any) -> LogQuery:
    return LogQuery(tuple(container.target for container in containers), **more)
