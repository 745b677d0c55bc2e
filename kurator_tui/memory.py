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

YOUNG = 5_000
"""Allocations between two collections of the young generation, which take about half a millisecond each."""
MIDDLE = 5
"""Young collections between two of the middle generation: more would make each of them a pause that is felt."""
NEVER = 1_000_000
TIDY = 300.0
"""Seconds between two collections of what is old: there is little of it, and less that is garbage."""


def tune() -> None:
    """Collect young objects often and little at a time, old ones only in `tidy`."""
    gc.set_threshold(YOUNG, MIDDLE, NEVER)


async def tidy() -> None:
    """Collect old garbage now and then, until cancelled."""
    while True:
        await asyncio.sleep(TIDY)
        gc.collect()


def settle() -> None:
    """Leave everything that is alive now out of all later collections, and give back what the start needed."""
    gc.collect(1)
    gc.freeze()
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
