"""Folders of a user's own files: made for their owner alone, and opened only where they are the owner's alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


def make_own(folder: Path) -> None:
    """Make `folder` and what is missing above it, for their owner alone. Raises OSError.

    `Path.mkdir(parents=True)` gives the folders above to everybody. What is there stays as it is.
    """
    missing = [folder]
    while not missing[-1].parent.exists():
        missing.append(missing[-1].parent)
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)


def is_own(about: os.stat_result) -> bool:
    """Whether a file or folder is the user's, and nobody else may write it."""
    return about.st_uid == os.geteuid() and not about.st_mode & _OTHERS_MAY_WRITE


@contextmanager
def open_own(folder: Path, *, tighten: bool = False) -> Iterator[int]:
    """`folder` for `dir_fd`, when it is the user's own; `tighten` takes it from everybody else. Raises OSError."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        about = os.fstat(opened)
        if tighten and about.st_uid == os.geteuid() and stat.S_IMODE(about.st_mode) != 0o700:
            os.fchmod(opened, 0o700)
        elif not is_own(about):
            raise PermissionError(f"{folder} is not this user's alone")
        yield opened
    finally:
        os.close(opened)
