"""A program of the user's, such as an editor, on the user's terminal: to be run while the screen is suspended.

What a terminal's keys signal is the program's affair: Ctrl-C and Ctrl-\\ must not end the console behind it, and
Ctrl-Z stops both, as the one job that they are to the shell.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator, Sequence
from types import FrameType


def _unheard(_number: int, _frame: FrameType | None) -> None:
    """A handler instead of `SIG_IGN`, which the program would inherit."""


@contextlib.contextmanager
def _keys_are_its_own() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP)}
    signal.signal(signal.SIGINT, _unheard)
    signal.signal(signal.SIGQUIT, _unheard)
    signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


async def run(command: Sequence[str]) -> int:
    """Run `command` to its end: its exit code, or -n when signal n ended it. Raises OSError.

    Cancelled, as when the console ends, it asks the program to end, too.
    """
    with _keys_are_its_own():
        process = await asyncio.create_subprocess_exec(*command)
        try:
            return await process.wait()
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
