"""Memory of this process: how much it holds, and a garbage collector that does not pause it.

Rows are structs the collector does not track, so what it walks is small, once what was built at the start is
frozen. Both processes call `tune` when they start and `settle` when their first sync is done.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from contextlib import suppress

YOUNG = 20_000
"""Allocations between two collections of the young generation."""


def tune() -> None:
    """Collect rarely: young objects after `YOUNG` allocations, old ones after 500 of those rounds."""
    gc.set_threshold(YOUNG, 25, 20)


def settle() -> None:
    """Leave everything that is alive now out of all later collections, and give back what the start needed."""
    gc.collect(1)
    gc.freeze()
    threading.Thread(target=_trim, daemon=True).start()


def _trim() -> None:
    """Lists of a hundred thousand objects leave holes that the C library keeps; glibc gives them back when asked."""
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
