"""What it costs to write down what happens: 2,000 events a second among 100,000 pods of 50 members.

CPU time of the recorder beside that of what a console does with the same rows anyway: decode them and store them.
Each event is of another pod, so that none is merged with one before. And what it costs to look back: to make a
moment of all these pods, and to list when incidents changed in a full ring.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from benchmarks.harness import Figure, median
from benchmarks.triage import MEMBERS, NOW, pod
from kurator_tui.config.history_files import Ring
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.kinds.registry import KINDS
from kurator_tui.link import messages as m
from kurator_tui.link.framing import RowReader, encode_rows
from kurator_tui.link.past import Past
from kurator_tui.link.recorder import Recorder
from kurator_tui.link.recording import Head, Mark, Turned, header, record
from kurator_tui.screens.time_travel import MOST
from kurator_tui.store.changes import Batch
from kurator_tui.store.store import Store

EACH = 2000
"""Pods of a member: 100,000 together."""
RATE, SECONDS, RUNS = 2000, 20, 3
BATCH = 200
"""Changes in a message of the link: one each 100 ms."""
RING, FILE_SECONDS = 64 * 2**20, 100
"""Bytes of a full ring, and the seconds of each of its files."""
BUDGET_RATIO = 2.0
"""CPU time of recording, as a multiple of that of decoding and storing the same rows."""
BUDGET_PAUSE = 50.0
"""Milliseconds that the console's loop may stand still for it, and within which a key is answered."""


def pods() -> list[PodRow]:
    """All of them."""
    chance = random.Random(3)
    return [pod(f"member-{number:02}", each, chance) for number in range(MEMBERS) for each in range(EACH)]


def seconds(rows: Sequence[PodRow]) -> list[list[m.RowsChanged]]:
    """What the link brings, second by second."""
    chance, told = random.Random(5), []
    for second in range(SECONDS):
        messages = []
        for start in range(0, RATE, BATCH):
            some = [rows[(second * RATE + start + at) * 7919 % len(rows)] for at in range(BATCH)]
            changed = [replace(each, restarts=second + 1, ip=f"10.{chance.randrange(250)}.0.1") for each in some]
            messages.append(m.RowsChanged(1, POD.id, encode_rows(changed)))
        told.append(messages)
    return told


class Run:
    """A store that takes what the link brings; recorded unless it is the baseline."""

    def __init__(self, rows: Sequence[PodRow], folder: Path | None) -> None:
        self.store, self.reader, self.now = Store(), RowReader(), NOW
        for number in range(MEMBERS):
            name = f"member-{number:02}"
            self.store.put(POD.id, name, {row.uid: row for row in rows if row.cluster == name})
        self.store.defer(lambda: None)
        self.recorder = None
        self.pause = 0.0
        if folder is not None:
            ring = Ring(folder, "benchmark", size=2**30, age=1e9, clock=lambda: self.now)
            self.recorder = Recorder(self.store, ring, lambda: self.now)

    async def keyframe(self) -> float:
        """CPU seconds of writing all rows."""
        assert self.recorder is not None
        began = time.process_time()
        await self._recorded()
        return time.process_time() - began

    async def take(self, told: list[list[m.RowsChanged]]) -> float:
        """CPU seconds of all seconds."""
        began = time.process_time()
        for messages in told:
            for each in messages:
                Batch(POD.id, list(self.reader.read(POD, each.rows))).apply(self.store)
                self.store.flush()
            self.now += 1
            if self.recorder is not None:
                await self._recorded()
        return time.process_time() - began

    async def _recorded(self) -> None:
        """Record, and see how long the loop stands still at most."""
        assert self.recorder is not None
        self.pause = max(self.pause, await paused(self.recorder.record()))


async def paused(work: Coroutine[Any, Any, object]) -> float:
    """Seconds that the loop stood still at most while `work` was done."""
    task, last, longest = asyncio.create_task(work), time.perf_counter(), 0.0
    while not task.done():
        await asyncio.sleep(0)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    task.result()
    return longest


def fill(ring: Ring) -> float:
    """Write a ring full of seconds with many changes, each tenth of them of an incident; its last moment."""
    chance, written, now = random.Random(7), 0, NOW
    some = [pod("member-00", each, chance) for each in range(300)]
    while written < RING:
        ring.begin(header(Head("1", "before")))
        pieces = [record(now, (), Mark.KEYFRAME), record(now, (), Mark.WHOLE)]
        for second in range(FILE_SECONDS):
            now += 1
            rows = [replace(each, ip=f"10.{chance.randrange(250)}.{chance.randrange(250)}.1") for each in some]
            pieces.append(record(now, [m.RowsChanged(0, POD.id, encode_rows(rows))]))
            if second % 10 == 0:
                turned = Turned(second, (f"image {second} cannot be pulled",))
                pieces.append(record(now, [turned], Mark.TURNED))
        ring.write(pieces)
        written += sum(map(len, pieces))
    ring.close()
    return now


async def looked_back(rows: Sequence[PodRow]) -> list[Figure]:
    """The timeline of a full ring, and a moment of all pods."""
    with tempfile.TemporaryDirectory() as folder:
        ring = Ring(Path(folder), "full", size=2 * RING, age=1e9)
        past, end = Past(ring, "now"), fill(ring)
        pause = await paused(past.timeline(end, MOST))
        began = time.process_time()
        await past.timeline(end, MOST)
        cost = time.process_time() - began
    with tempfile.TemporaryDirectory() as folder:
        run = Run(rows, Path(folder))
        await run.keyframe()
        past = Past(Ring(Path(folder), "benchmark", size=2**30, age=1e9), "now")
        await past.look(run.now)
        made = [await paused(past.show(past.end)) for _run in range(RUNS)]
        began = time.process_time()
        await past.show(past.end)
        making = time.process_time() - began
    return [
        Figure(
            f"the timeline of a ring of {RING >> 20} MiB",
            cost * 1000,
            "ms",
            BUDGET_PAUSE,
            note=f"CPU time, in a thread; the loop stood still {pause * 1000:.1f} ms at most",
        ),
        Figure(
            "longest pause of the loop while a moment is made",
            median(made) * 1000,
            "ms",
            BUDGET_PAUSE,
            worst=max(made) * 1000,
            note=f"of 100,000 pods: {making:.2f} s of CPU time, in steps",
        ),
    ]


async def _measured(
    rows: Sequence[PodRow], told: list[list[m.RowsChanged]]
) -> tuple[float, float, float, Run, int]:
    """(baseline, with recording, keyframe) in CPU seconds, the run, and bytes of the keyframe."""
    with tempfile.TemporaryDirectory() as folder:
        bare, run = Run(rows, None), Run(rows, Path(folder))
        first = await run.keyframe()
        assert run.recorder is not None
        size = run.recorder.written
        return await bare.take(told), await run.take(told), first, run, size


def run(quick: bool = False) -> list[Figure]:
    """The cost of a second, of a keyframe, and bytes on disk."""
    assert POD.id in KINDS  # all kinds are known: the console learns them in a thread
    rows = pods()
    told = seconds(rows)
    alone: list[float] = []
    both: list[float] = []
    first: list[float] = []
    pauses: list[float] = []
    share: list[float] = []
    sizes: list[float] = []
    for _run in range(1 if quick else RUNS):
        bare, recorded, keyframe, ran, size = asyncio.run(_measured(rows, told))
        assert ran.recorder is not None
        alone.append(bare)
        both.append(recorded)
        first.append(keyframe)
        pauses.append(ran.pause * 1000)
        share.append((ran.recorder.written - size) / SECONDS)
        sizes.append(size)
    cost = median(both) - median(alone)
    return [
        Figure(
            f"recording {RATE:,} events a second, against decoding and storing them",
            cost / median(alone),
            "x",
            BUDGET_RATIO,
            worst=(max(both) - min(alone)) / min(alone),
            baseline=("decode and store, CPU of one s", median(alone) / SECONDS),
            note=f"{cost / SECONDS:.1%} of a processor",
        ),
        Figure(
            "longest pause of the loop while recording",
            median(pauses),
            "ms",
            BUDGET_PAUSE,
            worst=max(pauses),
            note="with a keyframe of 100,000 pods",
        ),
        Figure(
            "bytes a second on disk",
            median(share) / 1000,
            "kB/s",
            note=f"{median(share) / RATE:.0f} bytes an event; a keyframe has {median(sizes) / 1e6:.1f} MB",
        ),
        Figure("keyframe of 100,000 pods", median(first), "s", worst=max(first), note="CPU time, in slices"),
        *asyncio.run(looked_back(rows)),
    ]
