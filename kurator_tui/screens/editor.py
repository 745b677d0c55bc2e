"""A text in the user's own editor, `$VISUAL`, `$EDITOR` or vi, on the user's terminal.

The text is a file of this user alone, in memory where the system has a place for that, and only while the editor
runs. The editor is believed: its exit code says whether what it left is meant.
"""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

DEFAULT = "vi"
_GO_TO = frozenset(
    [
        "vi",
        "vim",
        "nvim",
        "view",
        "nano",
        "pico",
        "emacs",
        "emacsclient",
        "mg",
        "joe",
        "jed",
        "micro",
        "kak",
        "ne",
        "less",
    ]
)
"""Editors that take `+LINE` before the file."""
_APART = re.compile(r"[^A-Za-z0-9.-]+")

Run = Callable[[Sequence[str]], Awaitable[int]]
"""Runs a program on the terminal: its exit code, -n after signal n."""


@dataclass(frozen=True, slots=True)
class Edited:
    """What an editor left. `code` is its exit code, -n when signal n ended it."""

    text: str
    code: int


def command(path: str, line: int = 0) -> list[str]:
    """How the user's editor is called on a file, at a line from 1. Raises ValueError for what is no command."""
    words = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or DEFAULT)
    if not words:
        raise ValueError("$VISUAL and $EDITOR are blank")
    program = Path(words[0]).name
    if line > 0 and program in _GO_TO:
        return [*words, f"+{line}", path]
    return [*words, f"{path}:{line}" if line > 0 and program in ("hx", "helix") else path]


async def edit(run: Run, text: str, name: str, line: int = 0) -> Edited:
    """What the user makes of `text`. `name` is what the file is called. Raises OSError, ValueError."""
    folder = Path(tempfile.mkdtemp(prefix="kurator-tui-", dir=_memory()))
    try:
        path = folder / f"{_APART.sub('-', name)[:80]}.yaml"
        path.touch(0o600)
        path.write_text(text, encoding="utf-8")
        code = await run(command(str(path), line))
        left = path.read_bytes().decode("utf-8", "replace") if path.exists() else text
        return Edited(left.replace("\r\n", "\n"), code)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _memory() -> str | None:
    """A folder that is no disk, None where there is none."""
    for folder in (os.environ.get("XDG_RUNTIME_DIR", ""), "/dev/shm"):  # noqa: S108 - a folder of 0700 is made in it
        if folder and os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK):
            return folder
    return None
