"""A terminal that vanishes ends the console instead of freezing it.

Textual writes from a thread; when the terminal is gone (a closed window, a lost connection) that thread dies of
the error, its queue fills up, and the next write blocks the event loop for ever: a process nobody sees or ends.
Here writes to a lost terminal are dropped, and the application is told once.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any

from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from textual.app import App


class Forgiving:
    """A text file whose writes never fail; `gone` is called once, from the writing thread, when one would have."""

    def __init__(self, file: IO[str], gone: Callable[[], None]) -> None:
        self._file = file
        self._gone = gone
        self._lost = False

    def write(self, text: str) -> None:
        self._try(self._file.write, text)

    def flush(self) -> None:
        self._try(self._file.flush)

    def fileno(self) -> int:
        return self._file.fileno()

    def isatty(self) -> bool:
        return self._file.isatty()

    def _try(self, action: Callable[..., object], *arguments: str) -> None:
        if self._lost:
            return
        try:
            action(*arguments)
        except (OSError, ValueError):
            self._lost = True
            self._gone()


class TerminalDriver(LinuxDriver):
    """Textual's driver on a `Forgiving` file."""

    def __init__(self, app: App[Any], **arguments: Any) -> None:
        super().__init__(app, **arguments)
        loop = asyncio.get_running_loop()

        def hang_up() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(app.exit, None, 128 + signal.SIGHUP)

        self._file: Any = Forgiving(self._file, hang_up)
