"""API servers to measure against, in processes of their own: the load generator, or the ordinary demo with faults.

Servers end with the block that started them. What they cost is told apart from what is measured.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import select
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.processes import Cost, cost, descendants

PATIENCE = 120.0
PR_SET_PDEATHSIG = 1


def die_with_parent() -> Callable[[], None]:
    """What a child does before it becomes a program, so that it cannot outlive us. Linux only."""
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Estate:
    """A running estate: its kubeconfig's path, the names of its clusters, the address of its control endpoint."""

    kubeconfig: str
    clusters: dict[str, str]
    control: str
    pid: int

    def get(self, path: str) -> Any:
        """Ask the control endpoint: `/digest`."""
        with urllib.request.urlopen(self.control + path, timeout=PATIENCE) as answer:
            return json.load(answer)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Tell it: `/rate?events=R`, `/burst?events=B`, `/stop`, or `/fault` with a body."""
        data = json.dumps(body or {}).encode()
        request = urllib.request.Request(self.control + path, data=data, method="POST")
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def cost(self) -> Cost:
        """What the servers cost until now."""
        return cost([self.pid, *descendants(self.pid)])


@contextmanager
def serving(command: list[str]) -> Iterator[Estate]:
    """Run a demo that prints its ready line as JSON. Raises RuntimeError when it does not."""
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent()
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        readable, _, _ = select.select([process.stdout], [], [], PATIENCE)
        line = process.stdout.readline() if readable else ""
        if not line:
            raise RuntimeError(f"no ready line from {' '.join(command)}")
        ready = json.loads(line)
        found = ready["clusters"]
        clusters = found if isinstance(found, dict) else {each["name"]: each["server"] for each in found}
        yield Estate(ready["kubeconfig"], clusters, ready.get("control") or "", process.pid)
    finally:
        process.stdin.close()
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def load(members: int, *, pods: int = 0, nodes: int = 0, events: int = 0, burst: int = 0) -> Iterator[Estate]:
    """The load generator: totals over the fleet; `events` a second."""
    options = {"members": members, "pods": pods, "nodes": nodes, "events": events, "burst": burst}
    words = [word for name, value in options.items() if value for word in (f"--{name}", str(value))]
    with serving([sys.executable, "-m", "kurator_tui", "demo", "--serve", "-o", "json", *words]) as running:
        yield running


@contextmanager
def demo(members: int = 6, scenario: str = "default", speed: float = 1.0) -> Iterator[Estate]:
    """The ordinary demo with its fault endpoint."""
    words = ["--members", str(members), "--scenario", scenario, "--speed", str(speed)]
    command = [sys.executable, "-m", "kurator_tui.demo", "-o", "json", "--watch-parent", "--control"]
    with serving([*command, *words]) as running:
        yield running
