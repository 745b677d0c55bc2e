"""A plan over 300 objects of six members from the command line: dry-run, and applied with an audit on the disk.

The processor time of command and feeder is judged, less that of a plan over one object a member in the same run:
what start and connections cost is not the plan's. Every write is two lines of the audit, each on the disk (fsync).
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.estate import Estate, demo
from benchmarks.harness import Figure

EACH, MEMBERS = 50, 6
TRIED, APPLIED = 4.0, 8.0
"""Seconds of a processor."""


class Took(NamedTuple):
    """Seconds: of a processor, of the clock."""

    cpu: float
    wall: float


def run(quick: bool = False) -> list[Figure]:
    """Processor seconds of a dry run and of the whole way."""
    with demo(MEMBERS, "calm") as estate, tempfile.TemporaryDirectory() as folder:
        members = [name for name in estate.clusters if name != "host"]
        place = Path(folder)
        one, many = _documents(place, 1), _documents(place, EACH)
        _took(estate, place, one, "--dry-run", members)  # warms the caches of disk and interpreter
        figures = []
        for what, how, budget in (
            ("dry-run", "--dry-run", TRIED),
            ("dry-run, applied, audited", "--yes", APPLIED),
        ):
            little, much = _took(estate, place, one, how, members), _took(estate, place, many, how, members)
            count = EACH * len(members)
            note = f"{much.wall:.1f} s of wall time in all, {little.wall:.1f} s for {len(members)} objects"
            alone = (f"{len(members)} objects", little.cpu)
            figures.append(
                Figure(f"{count} objects {what}", much.cpu - little.cpu, "s", budget, None, alone, note)
            )
        return figures


def _documents(folder: Path, count: int) -> Path:
    def document(number: int) -> str:
        head = {"name": f"bench-{count}-{number}", "namespace": "default"}
        return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": head, "data": {"k": "v"}})

    path = folder / f"{count}.yaml"
    path.write_text("\n---\n".join(map(document, range(count))))
    return path


def _took(estate: Estate, folder: Path, documents: Path, how: str, members: list[str]) -> Took:
    homes = {f"XDG_{kind}_HOME": str(folder) for kind in ("STATE", "CACHE", "CONFIG")}
    where = [word for name in members for word in ("--cluster", name)]
    command = [sys.executable, "-m", "kurator_tui", "do", "apply", "-f", str(documents), how, *where]
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [*command, "--kubeconfig", estate.kubeconfig],
        check=True,
        env={**os.environ, **homes},
        stdout=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(cpu, time.monotonic() - began)
