"""The file of the last known rows: for its owner only, replaced whole, never followed to where it should not be.

One file an estate, in the cache directory. A file that somebody else owns or may write, that is no plain file or
that is too large, is as good as none.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

from kurator_tui.folders import is_own, make_own, open_own
from kurator_tui.store.saved import LARGEST_FILE

KEEP = 30 * 86400.0
"""Seconds after which a file that was not written again is removed."""
ABANDONED = 60.0
"""Seconds after which a half-written file is nobody's any more."""

_PREFIX, _SUFFIX, _HALF = "rows-", ".msgpack", ".tmp"
_FOLLOW_NOTHING = os.O_NOFOLLOW | os.O_CLOEXEC


class RowsFile:
    """The last known rows of one `estate` (see `config.estate`) in `folder`.

    Its name is a check sum of the estate, which may be another's too: the content says whose it is.
    """

    def __init__(self, folder: Path, estate: str, clock: Callable[[], float] = time.time) -> None:
        self.estate = estate
        self._folder = folder
        self._clock = clock
        told = estate.encode()
        self._name = f"{_PREFIX}{zlib.crc32(told):08x}{zlib.crc32(told[::-1]):08x}{_SUFFIX}"

    @property
    def path(self) -> Path:
        """Where it is, if it is."""
        return self._folder / self._name

    def read(self) -> bytes:
        """The content; b"" when there is none that can be trusted. Never raises, never waits."""
        with contextlib.suppress(OSError), open_own(self._folder) as folder:
            file = os.open(self._name, os.O_RDONLY | os.O_NONBLOCK | _FOLLOW_NOTHING, dir_fd=folder)
            try:
                about = os.fstat(file)
                if stat.S_ISREG(about.st_mode) and is_own(about) and about.st_size <= LARGEST_FILE:
                    with open(file, "rb", closefd=False) as stream:
                        return stream.read(LARGEST_FILE)
            finally:
                os.close(file)
        return b""

    def write(self, pieces: Sequence[bytes | memoryview]) -> None:
        """Replace the content. Raises OSError; then the content is what it was."""
        if sum(map(len, pieces)) > LARGEST_FILE:
            raise OSError(f"{self.path} would be too large")
        make_own(self._folder)
        with open_own(self._folder, tighten=True) as folder:
            half = self._name + _HALF
            self._tidy(folder)
            try:
                file = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FOLLOW_NOTHING, 0o600, dir_fd=folder)
            except FileExistsError:
                return  # another console writes it at this moment
            try:
                with open(file, "wb") as stream:
                    stream.writelines(pieces)
                os.replace(half, self._name, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(half, dir_fd=folder)
                raise

    def _tidy(self, folder: int) -> None:
        """Remove files of estates nobody looks at any more, and what a killed console left half-written."""
        now = self._clock()
        with os.scandir(folder) as entries:
            for entry in entries:
                half = entry.name.endswith(_HALF)
                if not entry.name.startswith(_PREFIX) or not (half or entry.name.endswith(_SUFFIX)):
                    continue
                with contextlib.suppress(OSError):
                    age = now - entry.stat(follow_symlinks=False).st_mtime
                    if age > (ABANDONED if half else KEEP):
                        os.unlink(entry.name, dir_fd=folder)
