"""Which of several feeders a member belongs to, and how many a fleet needs. Pure."""

from __future__ import annotations

import math
import os
import zlib

STREAMS_A_FEEDER = 2500
"""One feeder is good for about this many TLS streams, or 10,000 events a second (docs/performance.md)."""


def shard_of(cluster: str, shards: int) -> int:
    """The feeder that `cluster` belongs to: the same in every process and after every restart."""
    return zlib.crc32(cluster.encode()) % shards if shards > 1 else 0


def wanted_shards(members: int, kinds: int, cores: int | None = None) -> int:
    """How many feeders `members` clusters with `kinds` streams each need; one processor is left to the console."""
    cores = cores or os.cpu_count() or 1
    return max(1, min(cores - 1, math.ceil(members * kinds / STREAMS_A_FEEDER)))
