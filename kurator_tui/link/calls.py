"""Questions that were put to feeders and wait for their answer."""

from __future__ import annotations

import asyncio
import itertools

from kurator_tui.errors import FeederLost
from kurator_tui.link import messages as m
from kurator_tui.link.answers import AnsweredError
from kurator_tui.link.worker import Worker


class Calls:
    """Each call ends once: with its answer, or with why there will be none."""

    def __init__(self) -> None:
        self._open: dict[int, tuple[Worker, asyncio.Future[str]]] = {}
        self._numbers = itertools.count(1)

    async def ask(self, worker: Worker, method: str, arguments: dict[str, str]) -> str:
        """Ask one feeder. Raises ConsoleError: its answer, or FeederLost."""
        if not worker.running:
            raise FeederLost("the feeder is not running", "wait until it is back")
        number = next(self._numbers)
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._open[number] = (worker, future)
        worker.send(m.Called(number, method, arguments))
        try:
            return await future
        finally:
            self._open.pop(number, None)

    def take(self, fact: m.Answered) -> None:
        """An answer; it may come too late for whoever asked."""
        _worker, future = self._open.get(fact.call, (None, None))
        if future is None or future.done():
            return
        if fact.title:
            future.set_exception(AnsweredError(fact))
        else:
            future.set_result(fact.data)

    def lost(self, worker: Worker, reason: str) -> None:
        """Nothing that was asked of `worker` will be answered."""
        for asked, future in self._open.values():
            if asked is worker and not future.done():
                future.set_exception(FeederLost(reason, "ask again when it is back"))
