"""The files of recordings: one that the user names, and the ring of what consoles saw, in the state directory.

For their owner only, never followed to where they should not be. A ring is a folder an estate: its oldest files
go when it is larger than it may be, or when they are older than they may be. Consoles that run at once write a
file each, which is locked as long as they do. Whatever is no plain file of the user's is as good as none.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import time
import zlib
from collections.abc import Callable, Sequence
from io import BufferedReader, FileIO
from pathlib import Path
from typing import BinaryIO

from kurator_tui.folders import is_own, make_own, open_own
from kurator_tui.link.recording import LARGEST_FILE

_PREFIX, _SUFFIX = "seen-", ".rec"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class RecordingFile:
    """A recording in one file. Raises OSError where that cannot be made. What was there stays until it begins."""

    def __init__(self, path: Path) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        self._file = os.open(path, flags, 0o600)
        os.fchmod(self._file, 0o600)  # also where it was there before
        self._begun = False

    def begin(self, head: bytes) -> None:
        """A keyframe comes; only the first one begins with `head`. Raises OSError."""
        if not self._begun:
            self._begun = True
            if stat.S_ISREG(os.fstat(self._file).st_mode):  # a pipe has nothing to cut
                os.ftruncate(self._file, 0)
            self.write([head])

    def write(self, pieces: Sequence[bytes]) -> None:
        """Append. Raises OSError."""
        _write(self._file, pieces)

    def close(self) -> None:
        os.close(self._file)


class OneFile:
    """The shelf of one recording that somebody named."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[tuple[str, int]]:
        """Its name and size."""
        try:
            return [(self._path.name, self._path.stat().st_size)]
        except OSError:
            return []

    def read(self, name: str, start: int = 0) -> bytes:
        """What it has after `start` bytes. Raises OSError."""
        with self._path.open("rb") as file:
            file.seek(start)
            return file.read(LARGEST_FILE)

    def open(self, name: str) -> BinaryIO:
        """It, unbuffered. Raises OSError."""
        return self._path.open("rb", buffering=0)


class Ring:
    """What consoles of one `estate` saw, at most `size` bytes and not older than `age` seconds."""

    def __init__(
        self, folder: Path, estate: str, *, size: int, age: float, clock: Callable[[], float] = time.time
    ) -> None:
        told = estate.encode()
        self.folder = folder / f"{zlib.crc32(told):08x}{zlib.crc32(told[::-1]):08x}"
        self.session = f"{int(clock() * 1000):x}-{os.getpid()}"
        self._size, self._age, self._clock = size, age, clock
        self._number = 0
        self._file = -1
        self._held = 0
        """Bytes in the ring, as it was last looked at, and written since."""

    # -- what is written --------------------------------------------------------------------------------------

    def begin(self, head: bytes) -> None:
        """Another file. Raises OSError."""
        make_own(self.folder)
        with open_own(self.folder, tighten=True) as folder:
            self._tidy(folder)
            name = f"{_PREFIX}{int(self._clock() * 1000):013d}-{os.getpid()}-{self._number}{_SUFFIX}"
            self._number += 1
            file = os.open(name, _NEW, 0o600, dir_fd=folder)
            try:
                _keep(file)
                _write(file, [head])
            except OSError:
                os.close(file)
                os.unlink(name, dir_fd=folder)
                raise
            self.close()
            self._file = file
        self._hold(len(head))

    def write(self, pieces: Sequence[bytes]) -> None:
        """Append to the last file. Raises OSError."""
        if self._file < 0:
            raise OSError("no recording was begun")
        _write(self._file, pieces)
        self._hold(sum(map(len, pieces)))

    def _hold(self, size: int) -> None:
        """So much more is in the ring. Raises OSError."""
        self._held += size
        if self._held > self._size:
            with open_own(self.folder) as folder:
                self._tidy(folder)

    def close(self) -> None:
        """Nothing more is written."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _tidy(self, folder: int) -> None:
        """Remove what is too old, and the oldest of what is too much; never what some console writes now."""
        now, kept, size = self._clock(), 0, 0
        own = os.fstat(self._file).st_ino if self._file >= 0 else -1
        for name, about in sorted(_files(folder), reverse=True):
            size += about.st_size
            old = size > self._size or now - about.st_mtime > self._age
            if old and about.st_ino != own and not _kept(name, folder):
                size -= about.st_size
                with contextlib.suppress(OSError):
                    os.unlink(name, dir_fd=folder)
            else:
                kept += about.st_size
        self._held = kept

    # -- what is read -----------------------------------------------------------------------------------------

    def names(self) -> list[tuple[str, int]]:
        """(name, bytes) of what can be trusted, oldest first; never raises."""
        with contextlib.suppress(OSError), open_own(self.folder) as folder:
            return sorted((name, about.st_size) for name, about in _files(folder) if is_own(about))
        return []

    def read(self, name: str, start: int = 0) -> bytes:
        """What one has after `start` bytes. Raises OSError."""
        with BufferedReader(self.open(name)) as file:
            file.seek(start)
            return file.read(LARGEST_FILE)

    def open(self, name: str) -> FileIO:
        """One of them, unbuffered. Raises OSError."""
        with open_own(self.folder) as folder:
            file = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            return open(file, "rb", buffering=0)


def _files(folder: int) -> list[tuple[str, os.stat_result]]:
    """The plain files of recordings in a folder."""
    found: list[tuple[str, os.stat_result]] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX) and entry.name.endswith(_SUFFIX):
                with contextlib.suppress(OSError):
                    about = os.stat(entry.name, dir_fd=folder, follow_symlinks=False)
                    if stat.S_ISREG(about.st_mode):
                        found.append((entry.name, about))
    return found


def _keep(file: int) -> None:
    """No other console removes it while it is open; where there are no locks it may."""
    with contextlib.suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _kept(name: str, folder: int) -> bool:
    """Whether a console that runs writes it."""
    try:
        file = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(file)
    return False


def _write(file: int, pieces: Sequence[bytes]) -> None:
    """All of `pieces`, whatever the system takes at a time. Raises OSError."""
    data = memoryview(b"".join(pieces))
    while data:
        data = data[os.write(file, data) :]
