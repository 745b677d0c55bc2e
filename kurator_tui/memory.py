"""Memory of this process: how much it holds, and a garbage collector that does not pause it.

Rows are structs the collector does not track, so what it walks is small, once what was built at the start is
frozen. Both processes call `tune` when they start, `settle` when their first sync is done, and run `tidy` beside
everything else.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path, PurePosixPath

YOUNG = 5_000
"""Allocations between two collections of the young generation, which take about half a millisecond each."""
MIDDLE = 5
"""Young collections between two of the middle generation: more would make each of them a pause that is felt."""
PATIENT = 30
"""The same in a process in which `tidy` finds moments when nobody waits."""
OLD = 2
"""The old generation."""
NEVER = 1_000_000
SWITCH = 0.0005
"""Seconds that a thread waits for another one's Python code: a frame is written while the loop goes on."""
LOOK = 0.5
"""Seconds between two looks for such a moment."""
LATEST = 60.0
"""Seconds after which old garbage is collected though somebody waits."""
TIDY = 20.0
"""Seconds between two collections of what is old. Lines that were cut to a width hold themselves, in Textual's
caches, so there is garbage among it; with what was frozen left out a collection takes some ten milliseconds."""


def tune(*, middle: int = MIDDLE) -> None:
    """Collect young objects often and little at a time, old ones only in `tidy`."""
    gc.set_threshold(YOUNG, middle, NEVER)
    sys.setswitchinterval(SWITCH)


async def tidy(busy: Callable[[], bool] = lambda: False) -> None:
    """Collect old garbage now and then, until cancelled; while `busy` only what waited for `LATEST` seconds."""
    waited = 0.0
    while True:
        await asyncio.sleep(LOOK)
        waited += LOOK
        generation = due(waited, gc.get_count()[1], busy=busy())
        if generation:
            gc.collect(generation)
        if generation == OLD:
            waited = 0.0


def due(waited: float, young: int, *, busy: bool) -> int:
    """The generation to collect, 0 for none: `waited` seconds after the last old one, and `young` young ones."""
    if waited >= (LATEST if busy else TIDY):
        return OLD
    return 1 if young >= MIDDLE and not busy else 0


def settle() -> None:
    """Leave everything that is alive now out of all later collections, and give back what the start needed.

    Only the first time in a process: what is garbage by then would be frozen with the rest, and never collected.
    """
    gc.collect(1)
    if not gc.get_freeze_count():
        gc.freeze()
    threading.Thread(target=_trim, daemon=True).start()


def release() -> None:
    """Give back what was just let go."""
    gc.collect(1)
    threading.Thread(target=_trim, daemon=True).start()


def _trim() -> None:
    """Lists of a hundred thousand objects leave holes in the heap; glibc gives them back when asked."""
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def resident() -> int:
    """Bytes of memory that this process holds; 0 where the system does not say."""
    with suppress(OSError, ValueError, IndexError), open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


NO_LIMIT = 2**60
"""Bytes from which on a control group's limit is none."""


def allowed(groups: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")) -> int:
    """Bytes that control groups allow this process and its neighbours together; 0 where they set no limit."""
    found: list[int] = []
    lines: list[str] = []
    with suppress(OSError):
        lines = own.read_text().splitlines()
    for line in lines:
        controllers, _, path = line.partition(":")[2].partition(":")
        folder, file = groups, "memory.max"
        if controllers:
            folder, file = groups / "memory", "memory.limit_in_bytes"
        if controllers and "memory" not in controllers.split(","):
            continue
        place = PurePosixPath(path)
        for group in (place, *place.parents):  # a group is bound by those it is in
            with suppress(OSError, ValueError):
                found.append(int((folder / str(group).strip("/") / file).read_text()))
    return min((limit for limit in found if limit < NO_LIMIT), default=0)
