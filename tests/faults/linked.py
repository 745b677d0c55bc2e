"""A feeder in this loop that looks like a process of its own to the console: the real link over real pipes."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import subprocess
from collections.abc import Callable
from typing import BinaryIO, cast

from kurator_tui.feeder.feeder import Feeder

_pids = itertools.count(10_000_000)


def _pipe() -> tuple[BinaryIO, BinaryIO]:
    """(reading end, writing end)."""
    reading, writing = os.pipe()
    return os.fdopen(reading, "rb", buffering=0), os.fdopen(writing, "wb", buffering=0)


class FeederHere:
    """What the console uses of a `Popen`. `kill` ends the feeder and its pipes at once."""

    def __init__(self) -> None:
        self.pid = next(_pids)
        requests, self.stdin = _pipe()
        self.stdout, facts = _pipe()
        self.stderr, errors = _pipe()
        self._ends: list[Callable[[], object]] = [requests.close, facts.close, errors.close]
        self.ended = asyncio.ensure_future(self._serve(requests, facts))
        self.ended.add_done_callback(lambda _task: [end() for end in self._ends])

    async def _serve(self, requests: BinaryIO, facts: BinaryIO) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=2**20)
        incoming, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), requests)
        self._ends[0] = incoming.close
        outgoing, protocol = await loop.connect_write_pipe(
            lambda: asyncio.streams.FlowControlMixin(loop=loop), facts
        )
        self._ends[1] = outgoing.abort
        with contextlib.suppress(ConnectionError):
            await Feeder(reader, asyncio.StreamWriter(outgoing, protocol, reader, loop)).run()

    def kill(self) -> None:
        """As SIGKILL does, but for the sockets, which are closed properly."""
        if not self.ended.cancelling():
            self.ended.cancel()

    def wait(self, timeout: float | None = None) -> int:
        """Called in a thread: the feeder's pipes are closed, it is as good as gone."""
        return -9 if self.ended.cancelled() else 0


class Feeders:
    """Starts feeders for a `Session`. `running` are those that were not killed."""

    def __init__(self) -> None:
        self.started: list[FeederHere] = []

    def start(self) -> subprocess.Popen[bytes]:
        self.started.append(FeederHere())
        return cast("subprocess.Popen[bytes]", self.started[-1])

    @property
    def running(self) -> list[FeederHere]:
        return [feeder for feeder in self.started if not feeder.ended.done()]

    async def gone(self) -> None:
        """Kill what still runs."""
        for feeder in self.running:
            feeder.kill()
        await asyncio.gather(*(feeder.ended for feeder in self.started), return_exceptions=True)
