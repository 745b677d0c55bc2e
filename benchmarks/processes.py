"""What processes cost, read from /proc: nothing is added to the processes themselves. Linux only."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds since the start of each process, resident MiB now and at most, open files, at one moment."""

    at: float
    cpu: float
    rss: float
    peak: float
    files: int
    processes: int


def cost(pids: Iterable[int]) -> Cost:
    """The sum over `pids`; processes that are gone count nothing."""
    cpu = rss = peak = 0.0
    files = alive = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            cpu += (int(fields[11]) + int(fields[12])) / TICK
            rss += int(fields[21]) * PAGE / MIB
            status = Path(f"/proc/{pid}/status").read_text()
            peak += next((int(line.split()[1]) / 1024 for line in status.splitlines() if "VmHWM" in line), 0.0)
            files += len(os.listdir(f"/proc/{pid}/fd"))
            alive += 1
    return Cost(time.monotonic(), cpu, rss, peak, files, alive)


def share(before: Cost, after: Cost) -> float:
    """Per cent of one core that was used between two moments."""
    return 100 * (after.cpu - before.cpu) / (after.at - before.at)


def sockets(pids: Iterable[int]) -> int:
    """Open sockets of `pids`."""
    found = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for file in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    found += os.readlink(f"/proc/{pid}/fd/{file}").startswith("socket:")
    return found


def descendants(pid: int, *, running: str = "") -> list[int]:
    """Processes that `pid` started, and theirs, whose command line holds `running`."""
    parents = {int(entry): _parent(entry) for entry in os.listdir("/proc") if entry.isdigit()}
    found: list[int] = []
    level = {pid}
    while level:
        level = {child for child, parent in parents.items() if parent in level}
        found += level
    return sorted(child for child in found if running in command_of(child))


def command_of(pid: int) -> str:
    """The command line of a process, "" when it is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


def _parent(pid: str) -> int:
    with contextlib.suppress(OSError, IndexError, ValueError):
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    return -1
