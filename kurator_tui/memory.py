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
from contextlib import suppress
from pathlib import Path, PurePosixPath

YOUNG = 5_000
"""Allocations between two collections of the young generation, which take about half a millisecond each."""
MIDDLE = 5
"""Young collections between two of the middle generation: more would make each of them a pause that is felt."""
NEVER = 1_000_000
TIDY = 20.0
"""Seconds between two collections of what is old. Lines that were cut to a width hold themselves, in Textual's
caches, so there is garbage among it; with what was frozen left out a collection takes some ten milliseconds."""


def tune() -> None:
    """Collect young objects often and little at a time, old ones only in `tidy`."""
    gc.set_threshold(YOUNG, MIDDLE, NEVER)


async def tidy() -> None:
    """Collect old garbage now and then, until cancelled."""
    while True:
        await asyncio.sleep(TIDY)
        gc.collect()


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
