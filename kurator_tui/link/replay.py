"""A recording as a feeder: `python -m kurator_tui.link.replay FILE AT SPEED BEGAN` speaks the link as any other.

A console that is told of rows of a recording does with them what it does with rows of clusters. Calls and streams
are answered with what this is: nobody is there to be asked. The moment shown is `AT` (Unix seconds) when `BEGAN`
was (Unix seconds of this machine), and goes on `SPEED` times as fast as time does, to the end of the recording;
the console's clock is made of the same three numbers.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kurator_tui import __version__
from kurator_tui.kinds.base import Row
from kurator_tui.kinds.cells import inert
from kurator_tui.link import messages as m
from kurator_tui.link.framing import encode_rows, frame, requests
from kurator_tui.link.pulse import BEAT
from kurator_tui.link.rebuilt import Rebuilt
from kurator_tui.link.recording import Entry, Recording, load
from kurator_tui.link.spawn import spawn
from kurator_tui.store.freshness import State

TURN = 0.1
"""Seconds between two looks at the recording."""
SLICE = 500
"""Rows in a message."""
TITLE = "This is a recording"
WHY = "there is nobody to ask"


@dataclass(frozen=True, slots=True)
class Playing:
    """Which moment is shown when."""

    at: float
    speed: float
    began: float
    end: float
    """The last moment of the recording."""

    def moment(self, now: float) -> float:
        """The moment shown at `now` (Unix seconds)."""
        return min(self.end, self.at + max(0.0, now - self.began) * self.speed)

    def clock(self) -> float:
        """The moment shown now: the console's clock."""
        return self.moment(time.time())

    def start(self, path: Path) -> subprocess.Popen[bytes]:
        """Start the process that plays `path`, as `link.worker` starts a feeder. Raises OSError."""
        numbers = (repr(self.at), repr(self.speed), repr(self.began))
        return spawn((sys.executable, "-P", "-m", "kurator_tui.link.replay", str(path.absolute()), *numbers))


class Player:
    """What a console is told of a recording. `tell` sends one message."""

    def __init__(self, recording: Recording, tell: Callable[[m.Message], None]) -> None:
        self.rebuilt = Rebuilt()
        self._recording = recording
        self._tell = tell
        self._next = 0
        self._kinds: set[str] = set()
        """What the console reads."""
        self._batch = 0
        self._ended = False

    def greet(self) -> None:
        """The first messages."""
        self._tell(m.Greeted(m.PROTOCOL, __version__, os.getpid()))
        if problem := self._recording.problem:
            self._tell(m.Noticed("The recording is not whole", problem, "What is whole of it is shown."))

    def play(self, moment: float) -> None:
        """Go on to `moment`."""
        records = self._recording.records
        before = len(self.rebuilt.left_out)
        while self._next < len(records) and records[self._next].at <= moment:
            for entry in self.rebuilt.take(self._recording, self._next):
                self._pass_on(entry)
            self._next += 1
        if len(self.rebuilt.left_out) > before:
            self._tell_left_out()
        if self._next == len(records) and not self._ended:
            self._ended = True
            self._tell(m.Noticed("The recording ends here", "Nothing more was recorded.", level="information"))

    def _tell_left_out(self) -> None:
        names = ", ".join(sorted(inert(name) or "some records" for name in self.rebuilt.left_out))
        written = inert(self._recording.head.version)
        message = f"It was written by kurator-tui {written}, this is {__version__}. Not shown: {names}"
        self._tell(m.Noticed("The recording is of another version", message, "Use the version that wrote it."))

    def _pass_on(self, entry: Entry) -> None:
        match entry:
            case m.RowsChanged() if entry.kind in self._kinds:
                self._rows(entry.kind, entry)
            case m.FreshnessChanged() if not entry.kind or entry.kind in self._kinds:
                self._tell(entry)
            case m.Unsubscribed() if entry.kind in self._kinds:
                self._tell_kind(entry.kind)
            case m.ClusterForgotten() | m.HostDescribed():
                self._tell(entry)
            case _:
                pass

    def _rows(self, kind: str, told: m.RowsChanged) -> None:
        self._batch += 1
        self._tell(m.RowsChanged(self._batch, kind, told.rows, told.removed, told.begins, told.completes))

    # -- what the console asks --------------------------------------------------------------------------------

    def take(self, request: m.ToFeeder) -> bool:
        """Answer; whether there will be more questions."""
        match request:
            case m.Subscribed():
                self._kinds.add(request.kind)
                self._tell_kind(request.kind)
                self._tell(m.FirstSyncDone())
            case m.Unsubscribed():
                self._kinds.discard(request.kind)
            case m.Called():
                self._tell(m.Answered(request.call, title=TITLE, message=WHY))
            case m.StreamOpened():
                self._tell(m.StreamEnded(request.stream, title=TITLE, message=WHY))
            case m.Goodbye():
                return False
            case _:
                pass
        return True

    def _tell_kind(self, kind: str) -> None:
        """All rows of a kind; where it was not read at this moment, that."""
        store = self.rebuilt.store
        known = {cluster for cluster, about, _told in store.freshness_items() if not about}
        holding = set(store.clusters(kind))
        for cluster in sorted(known | holding):
            rows = list(store.rows(kind, cluster))
            for some, begins, completes in _parts(cluster, rows):
                self._rows(kind, m.RowsChanged(0, kind, encode_rows(some), (), begins, completes))
            told = store.told(cluster, kind)
            if told is not None:
                self._tell(m.FreshnessChanged(cluster, kind, told.state.value, told.since))
            elif cluster not in holding:
                self._tell(m.FreshnessChanged(cluster, kind, State.UNREAD.value, 0.0))


def _parts(cluster: str, rows: Sequence[Row]) -> Iterator[tuple[Sequence[Row], tuple[str, ...], tuple[str, ...]]]:
    """(rows, begins, completes) of a replacement of one cluster's rows."""
    last = max(0, (len(rows) - 1) // SLICE * SLICE)
    for start in range(0, last + 1, SLICE):
        begins = (cluster,) if start == 0 else ()
        yield rows[start : start + SLICE], begins, (cluster,) if start == last else ()


async def serve(recording: Recording, playing: Playing, incoming: int, outgoing: int) -> None:
    """Play for one console until it is gone."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=2**20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(incoming, "rb", 0))
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.streams.FlowControlMixin(loop=loop), os.fdopen(outgoing, "wb", 0)
    )
    writer = asyncio.StreamWriter(transport, protocol, reader, loop)
    player = Player(recording, lambda message: writer.write(frame(message)))
    player.greet()
    player.play(playing.clock())

    async def play() -> None:
        beaten = 0.0
        while True:
            player.play(playing.clock())
            if loop.time() - beaten >= BEAT:
                beaten = loop.time()
                writer.write(frame(m.Pulsed()))
            await writer.drain()
            await asyncio.sleep(TURN)

    task = asyncio.create_task(play())
    async for request in requests(reader):
        if not player.take(request):
            break
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, ConnectionError):
        await task


def main() -> None:
    """Play the file that the arguments name."""
    path, at, speed, began = sys.argv[1:]
    for number in (signal.SIGINT, *((signal.SIGHUP,) if sys.platform != "win32" else ())):
        signal.signal(number, signal.SIG_IGN)  # the console decides what they mean
    recording = load(Path(path))
    incoming, outgoing = os.dup(0), os.dup(1)
    devnull = os.open(os.devnull, os.O_RDWR)
    os.dup2(devnull, 0)
    os.dup2(2, 1)
    playing = Playing(float(at), float(speed), float(began), recording.last)
    with contextlib.suppress(ConnectionError):
        asyncio.run(serve(recording, playing, incoming, outgoing))


if __name__ == "__main__":
    main()
