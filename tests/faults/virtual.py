"""An event loop whose time leaps: real sockets, real deadlines, no waiting.

Whenever no socket has anything to say, the clock jumps to the next timer. What takes minutes in production (the
term of a watch, the gap between bookmarks, `Retry-After: 30`) takes none here, and every delay measured is exact,
with nothing of the program shortened for the test. Client and server must live in this one loop: loopback hands
bytes over inside the sender's system call, so that silence really means that nothing is under way. What a thread
does for the loop takes no time.
"""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, ParamSpec, TypeVar, TypeVarTuple, Unpack

EPOCH = 1_700_000_000.0
"""Unix seconds at the loop's zero."""
LOOKS = 3
"""Times that every socket is seen silent before the clock jumps."""


Given = TypeVarTuple("Given")
Result = TypeVar("Result")


class _Leaping(selectors.DefaultSelector):
    """A selector that moves `now` instead of waiting."""

    now = 0.0
    threads = 0
    """Threads at work for the loop: while there are any, time stands still."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            return super().select(None)
        if self.threads and timeout > 0:
            return super().select(None)
        for _look in range(LOOKS if timeout > 0 else 1):
            if ready := super().select(0):
                return ready
        self.now += max(timeout, 0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """See the module."""

    def __init__(self) -> None:
        self._leaping = _Leaping()
        super().__init__(self._leaping)

    def time(self) -> float:
        return self._leaping.now

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Given]], Result], *args: *Given
    ) -> asyncio.Future[Result]:
        future = super().run_in_executor(executor, func, *args)
        self._leaping.threads += 1
        future.add_done_callback(self._thread_done)
        return future

    def _thread_done(self, _future: object) -> None:
        self._leaping.threads -= 1


Arguments = ParamSpec("Arguments")


def virtual_time(test: Callable[Arguments, Coroutine[Any, Any, None]]) -> Callable[Arguments, None]:
    """The async `test` as one that runs in a virtual loop of its own."""

    @functools.wraps(test)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run


def now() -> float:
    """Seconds of the running loop."""
    return asyncio.get_running_loop().time()


def unix() -> float:
    """The running loop's time as Unix seconds."""
    return EPOCH + now()
