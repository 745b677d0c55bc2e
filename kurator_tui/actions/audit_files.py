"""The files of an audit: the present one, the full ones before it, its lock, and the last hash.

audit.jsonl         what is appended to
audit.0001.jsonl    full ones, the oldest first; nothing here deletes them
audit.lock          held while a line is appended
audit.head          the hash of the last line, by which a cut end is found
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

FILE = "audit.jsonl"
_HASH = 64
"""Characters of a hash."""


def full(path: Path) -> list[Path]:
    """The files before `path`, the oldest first."""
    found = path.parent.glob(f"{path.stem}.*{path.suffix}")
    return sorted(each for each in found if number(each))


def number(path: Path) -> int:
    """Of a full file, counted from 1; 0 for one that is none."""
    said = path.stem.rpartition(".")[2]
    return int(said) if said.isdecimal() and len(said) == len("0001") else 0


def put_away(path: Path) -> None:
    """`path` is full: it gets the next number. Raises OSError."""
    before = full(path)
    last = number(before[-1]) if before else 0
    path.rename(path.with_name(f"{path.stem}.{last + 1:04}{path.suffix}"))
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def head(path: Path) -> str:
    """The hash that was remembered of the last line, "" where none was."""
    with contextlib.suppress(OSError):
        said = path.with_suffix(".head").read_text("ascii", errors="replace")[:_HASH]
        return said if len(said) == _HASH else ""
    return ""


def remember(path: Path, hash: str) -> None:
    """Raises OSError. In place, so that a full disk has room for it from the second time on."""
    fd = os.open(path.with_suffix(".head"), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.pwrite(fd, f"{hash}\n".encode(), 0)
    finally:
        os.close(fd)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time; the lock goes with the process. Raises OSError."""
    fd = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        with contextlib.suppress(ImportError):
            import fcntl

            fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
