"""A kurator-tui process in a real pseudo-terminal, read through a terminal emulator."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import signal
import struct
import sys
import termios
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pexpect
import pyte

PATIENCE = 60.0
SHELL = '"$0" "$@"; echo "exit=$?"; read -r line'
"""The console runs under a shell, as it does for a user: the terminal outlives it."""
AT_ONCE = 8192
"""Bytes read at a time: a reader that is late does not look at hundreds of old frames first."""
QUESTION, ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
"""Whether the terminal has synchronized output, and that it has."""
BEGIN, END = b"\x1b[?2026h", b"\x1b[?2026l"
BEGUN = re.compile(re.escape(BEGIN) + rb"|\x1b(\[(\?(2(0(26?)?)?)?)?)?$")
"""A frame that is still to come, or what may become the beginning of one."""


class Console:
    """`screen()` is what a user sees now; `until` reads on until it is as wanted.

    The terminal shows whole frames, as those with synchronized output do, and each one is looked at: nothing is
    seen half drawn, and what comes and goes while a busy machine stands still is seen all the same.
    """

    def __init__(self, arguments: list[str], size: tuple[int, int], env: dict[str, str]) -> None:
        columns, lines = size
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self.child = pexpect.spawn(
            "/bin/sh",
            ["-c", SHELL, sys.executable, "-m", "kurator_tui", *arguments],
            dimensions=(lines, columns),
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **env},
            timeout=PATIENCE,
        )
        self.raw = b""
        self._frames: deque[bytes] = deque()
        self._cut = b""
        """The beginning of a frame whose end has not come."""

    def press(self, keys: str) -> None:
        """Type `keys`; what was drawn before is old from now on."""
        self._show()
        self.child.send(keys)

    def _show(self) -> None:
        while self._frames:
            self._stream.feed(self._frames.popleft())

    def screen(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)

    def read(self, seconds: float = 0.1) -> bool:
        """Show the next frame that is there or arrives within `seconds`; False at the end of output."""
        alive = bool(self._frames) or self._receive(seconds)
        if self._frames:
            self._stream.feed(self._frames.popleft())
        return alive

    def _receive(self, seconds: float) -> bool:
        try:
            data: bytes = self.child.read_nonblocking(AT_ONCE, seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += data
        if QUESTION in self.raw[-len(data) - len(QUESTION) + 1 :]:
            self.child.send(ANSWER)
        *frames, rest = (self._cut + data).split(END)
        begun = BEGUN.search(rest)
        whole = rest[: begun.start()] if begun else rest
        self._cut = rest[len(whole) :]
        self._frames += [frame + END for frame in frames] + ([whole] if whole else [])
        return True

    def now(self) -> str:
        """The screen with what was drawn until now; of a flood only a part."""
        for _turn in range(20):
            self._show()
            known = len(self.raw)
            if not self._receive(0.0) or len(self.raw) == known:
                break
        return self.screen()

    def until(self, true: Callable[[str], bool], what: str = "", seconds: float = PATIENCE) -> str:
        """Read until the screen is as wanted. Raises AssertionError with the screen otherwise."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            alive = self.read()
            if true(self.screen()):
                return self.screen()
            if not alive:
                break
        raise AssertionError(f"never saw {what or 'the wanted screen'}; the screen was:\n{self.screen()}")

    def shows(self, *texts: str) -> str:
        """Read until all of `texts` are on the screen."""
        return self.until(lambda screen: all(text in screen for text in texts), " and ".join(map(repr, texts)))

    def confirm(self) -> None:
        """`y` to a plan, again where it came faster than anybody reads; it means nothing once that is applied.

        A plan of objects that a controller changed meanwhile is looked at again, with `d`.
        """

        def applies(screen: str) -> bool:
            begun = screen.lstrip().startswith("Appl")
            if not begun:
                self.press("d" if "nothing can be applied" in screen and "meanwhile" in screen else "y")
            return begun

        self.until(applies, "a plan that is applied")

    def resize(self, columns: int, lines: int) -> None:
        self._screen.resize(lines, columns)
        self.child.setwinsize(lines, columns)

    def size_fd(self, columns: int, lines: int) -> None:
        """Change the size without telling the emulator (storms)."""
        fcntl.ioctl(self.child.child_fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)

    @property
    def pid(self) -> int:
        """Process id of the console itself."""
        found = [pid for pid in children(self.child.pid) if _parent(str(pid)) == self.child.pid]
        return found[0] if found else -1

    def ends(self) -> int:
        """Read until the console ended; its exit code as the shell has it: 128 + n after signal n."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.read():
            if found := re.search(rb"exit=(\d+)\r?\n", self.raw):
                self.read(0.3)
                return int(found[1])
        raise AssertionError(f"it did not end; the screen was:\n{self.screen()}")

    @property
    def restored(self) -> bool:
        """Whether the last word about the alternate screen and the cursor gave both back."""
        return self.raw.rfind(b"\x1b[?1049l") > self.raw.rfind(b"\x1b[?1049h") and self.raw.rfind(
            b"\x1b[?25h"
        ) > self.raw.rfind(b"\x1b[?25l")


@contextmanager
def console(
    *arguments: str, size: tuple[int, int] = (120, 40), env: dict[str, str] | None = None
) -> Iterator[Console]:
    """A console that is surely gone after the block."""
    running = Console(list(arguments), size, env or {})
    try:
        yield running
    finally:
        with contextlib.suppress(OSError, pexpect.ExceptionPexpect):
            running.child.close(force=True)


def children(pid: int) -> list[int]:
    """Process ids of all descendants of `pid`."""
    found: list[int] = []
    parents = {pid}
    table = [(int(entry), _parent(entry)) for entry in os.listdir("/proc") if entry.isdigit()]
    while parents:
        parents = {child for child, parent in table if parent in parents}
        found += parents
    return found


def _parent(pid: str) -> int:
    with contextlib.suppress(OSError, IndexError, ValueError), open(f"/proc/{pid}/stat") as stat:
        return int(stat.read().rsplit(")", 1)[1].split()[1])
    return -1


def command_of(pid: int) -> str:
    """Command line of a process, "" when it is gone."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as line:
        return line.read().replace(b"\0", b" ").decode(errors="replace")
    return ""
