"""One file of a user that is read again when it is another one than before."""

from __future__ import annotations

from pathlib import Path

from kurator_tui.config.reading import FileProblem

LARGEST = 2**20
"""Bytes of a file that is read."""


class WatchedFile:
    """A file, and whether it is another one than when it was read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, ...] = ()

    def changed(self) -> bool:
        """Whether the file is there since it was read, gone, or different: one look at the directory."""
        return self._stamp() != self._seen

    def text(self) -> str | None:
        """What is in it now; None where there is none. Raises FileProblem when it cannot be read."""
        self._seen = self._stamp()
        if not self._seen:
            return None
        try:
            if self._seen[1] > LARGEST:
                raise FileProblem(f"{self.path}: larger than {LARGEST >> 10} KiB")
            return self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise FileProblem(f"{self.path}: {error}") from None

    def _stamp(self) -> tuple[int, ...]:
        try:
            about = self.path.stat()
        except OSError:
            return ()
        return about.st_mtime_ns, about.st_size, about.st_ino
