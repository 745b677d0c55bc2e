"""Recordings in memory, and a clock that only a test moves."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import BinaryIO

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.incidents import IncidentRow
from kurator_tui.link.recorder import Recorder
from kurator_tui.link.recording import Recording, read
from kurator_tui.store.store import Store

NOW = 1_800_000_000.0


class Clock:
    """Unix seconds."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


class Reel:
    """A sink and a shelf: a file a keyframe, or all in one. `full` makes it a full disk."""

    def __init__(self, *, single: bool = False) -> None:
        self.files: list[bytes] = []
        self.full = False
        self._single = single

    def begin(self, head: bytes) -> None:
        self._refuse()
        if not self.files or not self._single:
            self.files.append(head)

    def write(self, pieces: Sequence[bytes]) -> None:
        self._refuse()
        self.files[-1] += b"".join(pieces)

    def _refuse(self) -> None:
        if self.full:
            raise OSError(28, "No space left on device")

    def names(self) -> list[tuple[str, int]]:
        return [(str(number), len(data)) for number, data in enumerate(self.files)]

    def read(self, name: str, start: int = 0) -> bytes:
        return self.files[int(name)][start:]

    def open(self, name: str) -> BinaryIO:
        return BytesIO(self.files[int(name)])

    @property
    def recording(self) -> Recording:
        """The last file."""
        return read(self.files[-1])


class Stage:
    """A store that is recorded."""

    def __init__(self, *, single: bool = False) -> None:
        self.clock, self.store, self.reel = Clock(), Store(), Reel(single=single)
        self.recorder = Recorder(self.store, self.reel, self.clock, session="s1")

    async def after(self, seconds: float = 1.0) -> float:
        """Time goes on and what happened is recorded; the moment."""
        self.clock.now += seconds
        await self.recorder.record()
        return self.clock.now


def incident(name: str = "image cannot be pulled", severity: str = "high", state: str = "new") -> IncidentRow:
    return IncidentRow(HOST, "", name, f"uid-{name}", NOW, "KT1001", severity, state, ("a",), 3, 1)
