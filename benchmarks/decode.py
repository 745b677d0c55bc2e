"""From an API server's bytes to rows, against plain dictionaries: processor time of this process, no network.

Lists: 10,000 pods (about 50 MB) in pages of 500, as they are asked for. Events: single watch lines as a network
read brings them, one chunk each, up to the row in the store.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import json
import random
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import aiohttp

from benchmarks.harness import Figure, median
from benchmarks.stream_load import HEAD, chunk, pod
from kurator_tui.api.backoff import SystemClock
from kurator_tui.api.connection import Connection, Stats
from kurator_tui.api.handover import Handler
from kurator_tui.api.stream import Stream
from kurator_tui.api.watch import Cursor, WatchSettings, Word, watch_once
from kurator_tui.kinds.base import Row
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.pods import POD
from kurator_tui.store.store import Store

PODS, PAGE, EVENTS = 10_000, 500, 4_000
DISTINCT = 50
"""Pods that the events are about."""
LIST_SHARE = 1 / 3
"""Of the time of dictionaries that rows from a list may take."""
EVENT_SHARE = 0.75
"""Of the time of `json.loads` that an event may take, all the way from its read to the row in the store."""


def run(quick: bool = False) -> list[Figure]:
    """Rows from lists and from events; `quick` measures less often."""
    runs = 3 if quick else 7
    pages = [_page(start) for start in range(0, PODS, PAGE)]
    typed = _measured(lambda: _rows(pages), runs)
    plain = _measured(lambda: _dictionaries(pages), runs)
    lines = [_line(number) for number in range(EVENTS)]
    decoded = _measured(lambda: _parse(lines), runs)
    reads = [chunk(line) for line in lines]
    road = asyncio.run(_road(reads, runs))
    each = 1e6 / EVENTS
    return [
        _ratio(f"{PODS:,} pods to rows, of the time of dictionaries", typed, plain, LIST_SHARE, 1.0, "s"),
        _ratio("an event from its read to the store, of json.loads alone", road, decoded, EVENT_SHARE, each, "us"),
    ]


def _ratio(name: str, ours: list[float], theirs: list[float], budget: float, scale: float, unit: str) -> Figure:
    """Medians against each other; the note tells both in `unit`, of which a second has `scale`."""
    baseline = median(theirs)
    note = f"{median(ours) * scale:.3g} {unit}, {baseline * scale:.3g} {unit}"
    return Figure(name, median(ours) / baseline, "", budget, max(ours) / baseline, ("plain JSON", 1.0), note)


def _page(start: int) -> bytes:
    items = [pod(number) for number in range(start, start + PAGE)]
    return json.dumps({"metadata": {"resourceVersion": "1"}, "items": items}, separators=(",", ":")).encode()


def _line(number: int) -> bytes:
    event = {"type": "MODIFIED", "object": pod(number % DISTINCT, number // DISTINCT % 2)}
    return json.dumps(event, separators=(",", ":")).encode().replace(b"@@", b"%07d" % (1_000_000 + number)) + b"\n"


def _parse(lines: list[bytes]) -> None:
    for line in lines:
        json.loads(line)


def _rows(pages: list[bytes]) -> list[Row]:
    decoder = RowDecoder(POD, "m1")
    return [row for page in pages for row in decoder.page(page).rows]


def _dictionaries(pages: list[bytes]) -> list[tuple[Any, ...]]:
    """The least a program without typed projections would do: parse all of it, pick what a table shows."""
    return [
        (
            item["metadata"]["namespace"],
            item["metadata"]["name"],
            item["metadata"]["uid"],
            item["status"].get("phase"),
            item["spec"].get("nodeName"),
            sum(status["restartCount"] for status in item["status"].get("containerStatuses", ())),
        )
        for page in pages
        for item in json.loads(page)["items"]
    ]


def _measured(work: Callable[[], object], runs: int) -> list[float]:
    """Seconds of processor time of each run, after one that warms up; garbage counts, as it does in life."""
    return [_once(work) for _ in range(runs + 1)][1:]


def _once(work: Callable[[], object]) -> float:
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


class _Answer:
    """An answer whose bytes are given to `wire`: what a stream needs of the HTTP library's."""

    def __init__(self) -> None:
        self.connection = self
        self.protocol = Handler(asyncio.get_running_loop())
        self.protocol.set_response_params()
        self.protocol.data_received(HEAD)

    def close(self) -> None: ...


class _Connection:
    """A connection whose streams are all `answer`."""

    server = "https://nowhere"

    def __init__(self, answer: _Answer) -> None:
        self.stats = Stats()
        self._answer = answer

    @contextlib.asynccontextmanager
    async def stream(self, path: str, **_: object) -> AsyncIterator[Stream]:
        yield Stream(cast(aiohttp.ClientResponse, self._answer), self.server, None, self.stats)


def _deliver(wire: Handler, reads: list[bytes]) -> None:
    for read in reads:
        wire.data_received(read)


class _Keeper:
    """Puts what it hears into a store."""

    def __init__(self) -> None:
        self.store = Store()
        self.store.defer(lambda: None)

    def rows(self, rows: dict[str, Row | None]) -> None:
        self.store.put(POD.id, "m1", rows)

    def word(self, word: Word) -> None: ...


async def _road(reads: list[bytes], runs: int) -> list[float]:
    """Seconds for all reads, each from the read callback to the store."""
    taken = []
    for _ in range(runs + 1):
        answer, keeper = _Answer(), _Keeper()
        watching = asyncio.create_task(
            watch_once(
                cast(Connection, _Connection(answer)),
                "/api/v1/pods",
                RowDecoder(POD, "m1"),
                Cursor("1"),
                keeper,
                settings=WatchSettings(),
                clock=SystemClock(),
                rng=random.Random(1),
            )
        )
        await asyncio.sleep(0)
        taken.append(_once(functools.partial(_deliver, answer.protocol, reads)))
        watching.cancel()
        await asyncio.wait({watching})
        if keeper.store.count(POD.id) != DISTINCT:
            raise RuntimeError("events were lost")
    return taken[1:]
