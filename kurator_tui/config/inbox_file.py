"""The file of what was said of incidents: for its owner only, replaced whole, shared by all of a user's consoles.

One file an estate, in the state directory. A change is made to what the file holds at that moment, under a lock,
so that several consoles keep what each of them said. A file that cannot be used is told of and put aside.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from kurator_tui.config.reading import FileProblem
from kurator_tui.folders import make_own
from kurator_tui.kinds.inbox import NOTHING, Extents, Handled

LARGEST = 8 * 2**20
"""Bytes that are read."""
MOST = 5000
"""Incidents of which something is kept; those that were touched last."""
KEEP = 30 * 86400.0
"""Seconds after which what nobody touched is let go."""
PATIENCE = 0.2
"""Seconds for which the end of a console waits for another one that holds the lock."""
VERSION = 1


class Busy(FileProblem):
    """Another console writes at this moment."""


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the file holds."""

    version: int = VERSION
    incidents: dict[str, Handled] = {}
    """By uid."""
    seen: Extents | None = None
    """What was there when the user looked last; None before the first time."""
    looked: float = 0.0
    """When that was, Unix seconds."""


class InboxFile:
    """What was said of the incidents of one `estate` (any text that is its own)."""

    def __init__(self, folder: Path, estate: str, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self.path = folder / f"inbox-{zlib.crc32(estate.encode()):08x}.json"
        self._stamp: tuple[int, int] | None = None
        """Of the content that was read last."""

    def changed(self) -> bool:
        """Whether another console wrote since it was read."""
        return self._now() != self._stamp

    def read(self) -> Kept:
        """The content; nothing where there is no file. Raises FileProblem."""
        return self._decoded(self._data())

    def _data(self) -> bytes | None:
        """What is in the file, None where there is none. Raises FileProblem."""
        self._stamp = self._now()
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
            with open(os.open(self.path, flags), "rb") as file:
                if os.fstat(file.fileno()).st_uid != os.geteuid():
                    raise FileProblem(f"{self.path} is not this user's")
                return file.read(LARGEST + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise FileProblem(f"{self.path}: {error}") from None

    def _decoded(self, data: bytes | None) -> Kept:
        """Raises FileProblem."""
        if data is None:
            return Kept()
        if len(data) > LARGEST:
            raise FileProblem(f"{self.path} is larger than {LARGEST >> 20} MiB")
        try:
            kept = msgspec.json.decode(data, type=Kept)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise FileProblem(f"{self.path}: {error}") from None
        if kept.version > VERSION:
            raise FileProblem(f"{self.path} is of a newer kurator-tui")
        return kept

    def change(self, change: Callable[[Kept], Kept], patience: float = 0.0) -> Kept:
        """Have `change` done to what the file holds now, and keep that. Raises FileProblem: nothing is kept.

        Raises Busy where another console still holds the lock after `patience` seconds, in which this one stands.
        What cannot be read now may be readable later, and stays; only what cannot be understood is put aside.
        """
        try:
            make_own(self.path.parent)
            with self._alone(patience):
                data = self._data()
                try:
                    before = self._decoded(data)
                except FileProblem:
                    self._put_aside()
                    before = Kept()
                after = _bounded(change(before), self._clock())
                self._write(msgspec.json.format(msgspec.json.encode(after), indent=1))
        except BlockingIOError as error:
            raise Busy(f"{self.path}: {error}") from None
        except OSError as error:
            raise FileProblem(f"{self.path}: {error}") from None
        self._stamp = self._now()
        return after

    def _now(self) -> tuple[int, int] | None:
        try:
            about = self.path.stat()
        except OSError:
            return None
        return about.st_mtime_ns, about.st_ino

    def _put_aside(self) -> None:
        """A newer console's, or a broken one: its owner may want it."""
        with contextlib.suppress(FileNotFoundError):
            self.path.replace(self.path.with_suffix(".unreadable"))

    @contextmanager
    def _alone(self, patience: float) -> Iterator[None]:
        """No other console changes the file meanwhile. Raises BlockingIOError after `patience`."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        lock = os.open(self.path.with_suffix(".lock"), flags, 0o600)
        try:
            until = time.monotonic() + patience
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= until:
                        raise
                    time.sleep(0.005)
            yield
        finally:
            os.close(lock)

    def _write(self, data: bytes) -> None:
        half = self.path.with_suffix(f".{os.getpid()}.tmp")
        with contextlib.suppress(FileNotFoundError):
            half.unlink()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            with open(os.open(half, flags, 0o600), "wb") as file:
                file.write(data)
            half.replace(self.path)
        except OSError:
            with contextlib.suppress(OSError):
                half.unlink()
            raise


def _bounded(kept: Kept, now: float) -> Kept:
    """Without what says nothing and what nobody touched for long."""
    told = [
        (uid, each)
        for uid, each in kept.incidents.items()
        if msgspec.structs.replace(each, changed=0.0, by="") != NOTHING and now - each.changed < KEEP
    ]
    told.sort(key=lambda item: item[1].changed)
    seen = kept.seen if kept.seen is None else dict(list(kept.seen.items())[-MOST:])
    return msgspec.structs.replace(kept, version=VERSION, incidents=dict(told[-MOST:]), seen=seen)
