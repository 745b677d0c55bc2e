"""Logs at the far end of the link: a console that takes its time, closes, or loses its feeder."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import patch

from kurator_tui.api.backoff import SystemClock
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.log_lines import LogBatch, LogLine, LogQuery, Mark
from kurator_tui.link import messages as m
from kurator_tui.link.logs import LogsHandle, open_logs
from kurator_tui.link.session import Session
from tests.faults.linked import Feeders
from tests.faults.logged import Container
from tests.faults.server import Server
from tests.faults.stage import kubeconfig
from tests.faults.virtual import now, unix, virtual_time


class Console:
    """A console with a feeder of its own, and the one query it reads."""

    def __init__(self, session: Session, feeders: Feeders) -> None:
        self.session = session
        self.feeders = feeders
        self.lines: list[LogLine] = []
        self.ends: list[m.StreamEnded] = []
        self._changed = asyncio.Event()

    def open(self, query: LogQuery) -> LogsHandle:
        return open_logs(self.session, query, self._take, self._end)

    def _take(self, batch: LogBatch) -> None:
        self.lines += batch.lines
        self._changed.set()

    def _end(self, end: m.StreamEnded) -> None:
        self.ends.append(end)
        self._changed.set()

    @property
    def texts(self) -> list[str]:
        return [line.text for line in self.lines if not line.mark]

    async def until(self, lines: int = 0, ends: int = 0) -> None:
        """Wait for so many lines and ends."""
        async with asyncio.timeout(120):
            while len(self.texts) < lines or len(self.ends) < ends:
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def console(folder: Path, server: Server) -> AsyncIterator[Console]:
    await server.start()
    path = folder / "kubeconfig"
    path.write_text(json.dumps(kubeconfig({HOST: server.url})))
    feeders = Feeders()
    configured = m.Configured(kubeconfig=str(path), members_from="contexts")
    with patch.object(SystemClock, "now", lambda _self: now()):
        session = Session(configured, start=feeders.start, clock=unix)
        session.subscribe("clusters")
        synced = asyncio.Event()
        session.listen(lambda _fact: synced.set() if session.synced else None)
        task = asyncio.create_task(session.run())
        await asyncio.wait_for(synced.wait(), 60)
        try:
            yield Console(session, feeders)
        finally:
            await session.close()
            await task
            await feeders.gone()
            await server.stop()


@virtual_time
async def test_lines_cross_the_link_and_a_closed_query_closes_its_requests(tmp_path: Path) -> None:
    server = Server(HOST)
    app = Container(server, "p")
    app.write(*(f"line {n}" for n in range(5000)))
    async with console(tmp_path, server) as on:
        handle = on.open(LogQuery((app.target,)))
        await on.until(5000)
        assert on.texts == [f"line {n}" for n in range(5000)]
        assert app.open == 1
        handle.close()
        await asyncio.sleep(1)
        assert app.open == 0
        app.write("late")
        await asyncio.sleep(5)
        assert (len(on.texts), on.ends) == (5000, [])


@virtual_time
async def test_what_is_not_followed_ends_after_its_last_line(tmp_path: Path) -> None:
    server = Server(HOST)
    app = Container(server, "p")
    app.write("one", "two")
    async with console(tmp_path, server) as on:
        on.open(LogQuery((app.target,), follow=False))
        await on.until(ends=1)
        assert on.texts == ["one", "two"]
        assert on.ends[0].title == ""


@virtual_time
async def test_a_console_that_holds_makes_the_server_wait_and_loses_nothing(tmp_path: Path) -> None:
    server = Server(HOST)
    app = Container(server, "p")
    app.write(*(f"line {n} {'x' * 300}" for n in range(30_000)))
    await asyncio.sleep(100)
    async with console(tmp_path, server) as on:
        handle = on.open(LogQuery((app.target,)))
        handle.hold()
        await asyncio.sleep(60)
        held = len(on.texts)
        assert held < 10_000
        handle.resume()
        await on.until(30_000)
        assert [text.split()[1] for text in on.texts] == [str(n) for n in range(30_000)]
        assert not any(line.mark == Mark.DROPPED for line in on.lines)


@virtual_time
async def test_a_feeder_that_dies_ends_the_query_with_the_reason(tmp_path: Path) -> None:
    server = Server(HOST)
    app = Container(server, "p")
    app.write("one")
    async with console(tmp_path, server) as on:
        on.open(LogQuery((app.target,)))
        await on.until(1)
        on.feeders.running[0].kill()
        await on.until(1, 1)
        assert on.ends[0].title == "The feeder process ended"
        await asyncio.sleep(30)
        assert len(on.ends) == 1


@virtual_time
async def test_a_query_that_is_none_ends_with_what_is_wrong(tmp_path: Path) -> None:
    async with console(tmp_path, Server(HOST)) as on:
        ends: list[m.StreamEnded] = []
        ended = asyncio.Event()

        def end(fact: m.StreamEnded) -> None:
            ends.append(fact)
            ended.set()

        on.session.open_stream("logs", {"query": '{"tale": 5}'}, lambda _data: None, end)
        await asyncio.wait_for(ended.wait(), 10)
        assert "no query of logs" in ends[0].message
