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
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pexpect
import pyte

PATIENCE = 60.0
SHELL = '"$0" "$@"; echo "exit=$?"; read -r line'
"""The console runs under a shell, as it does for a user: the terminal outlives it."""


class Console:
    """`screen()` is what a user sees now; `until` reads on until it is as wanted."""

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

    def press(self, keys: str) -> None:
        self.child.send(keys)

    def screen(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)

    def read(self, seconds: float = 0.1) -> bool:
        """Feed what arrives within `seconds` to the emulator; False at the end of output."""
        try:
            data: bytes = self.child.read_nonblocking(65536, seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += data
        self._stream.feed(data)
        return True

    def until(self, true: Callable[[str], bool], what: str = "") -> str:
        """Read until the screen is as wanted. Raises AssertionError with the screen otherwise."""
        end = time.monotonic() + PATIENCE
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
