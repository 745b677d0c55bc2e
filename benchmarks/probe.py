"""A probe inside a running console: when keys were handled and frames drawn, how long its loop was busy, its rows.

It watches from outside the code that it watches: the loop's selector (the time between two waits is a pause),
`gc.callbacks`, the handler of keys and the display of frames, each wrapped once. It is asked through a Unix
socket, one JSON object a line: `{"do": "state"}` (or mark, report, digest). Between two requests it costs a few
clock reads a frame; a digest stops the loop while it is made.
"""

from __future__ import annotations

import asyncio
import gc
import json
import time
from array import array
from collections import Counter
from collections.abc import Callable
from typing import Any

BUCKETS = 2000
"""Pauses are counted by the millisecond; longer ones in the last bucket."""


class Pauses:
    """How long each turn of the loop took, from the end of one wait to the begin of the next."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._counts = array("L", bytes(8 * (BUCKETS + 1)))
        self.worst, self.worst_cpu, self.turns, self._woke, self._cpu = 0.0, 0.0, 0, 0.0, 0.0

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wrap the waiting of `loop`, which must be a selector loop."""
        selector = loop._selector  # type: ignore[attr-defined]
        wait = selector.select

        def select(timeout: float | None = None) -> Any:
            self._slept()
            ready = wait(timeout)
            self._woke, self._cpu = time.monotonic(), time.thread_time()
            return ready

        selector.select = select

    def _slept(self) -> None:
        if not self._woke:
            return
        busy = time.monotonic() - self._woke
        self.turns += 1
        self._counts[min(int(busy * 1000), BUCKETS)] += 1
        if busy > self.worst:
            self.worst, self.worst_cpu = busy, time.thread_time() - self._cpu

    def report(self) -> dict[str, Any]:
        """Milliseconds: the worst turn, its CPU time, the turns by the millisecond."""
        counts = {ms: count for ms, count in enumerate(self._counts) if count and ms}
        return {
            "worst_ms": self.worst * 1000,
            "worst_cpu_ms": self.worst_cpu * 1000,
            "turns": self.turns,
            "by_ms": counts,
        }


class Collections:
    """Pauses of the garbage collector, by generation."""

    def __init__(self) -> None:
        self._began = 0.0
        self.clear()
        gc.callbacks.append(self._called)

    def clear(self) -> None:
        self.count, self.worst, self.total = [0, 0, 0], [0.0, 0.0, 0.0], 0.0

    def _called(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._began = time.monotonic()
            return
        spent, generation = time.monotonic() - self._began, info["generation"]
        self.count[generation] += 1
        self.worst[generation] = max(self.worst[generation], spent)
        self.total += spent

    def report(self) -> dict[str, Any]:
        """Milliseconds: count and worst by generation, the sum of all."""
        return {"count": self.count, "worst_ms": [w * 1000 for w in self.worst], "total_ms": self.total * 1000}


class Probe:
    """Everything that is watched of one application, and the socket through which it is asked."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.pauses, self.collections = Pauses(), Collections()
        self.keys, self.frames = array("d"), array("d")
        self._wrap(type(app.frame), "on_key", self._timed_key)
        self._wrap(type(app), "_display", self._timed_display)

    async def serve(self, path: str) -> None:
        """Watch the running loop and answer on the socket `path`."""
        self.pauses.watch(asyncio.get_running_loop())
        self._server = await asyncio.start_unix_server(self._answer, path)

    @staticmethod
    def _wrap(cls: type, name: str, wrap: Callable[[Any], Any]) -> None:
        """Replace the method where it is defined: Textual calls each class's own."""
        owner = next(base for base in cls.__mro__ if name in base.__dict__)
        setattr(owner, name, wrap(owner.__dict__[name]))

    def _timed_key(self, handle: Any) -> Any:
        async def on_key(screen: Any, event: Any) -> None:
            await handle(screen, event)
            self.keys.append(time.monotonic())

        return on_key

    def _timed_display(self, display: Any) -> Any:
        def _display(app: Any, screen: Any, renderable: Any) -> None:
            began = time.monotonic()
            display(app, screen, renderable)
            if renderable is not None:
                self.frames.append(began)

        return _display

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            request = json.loads(line)
            answer = getattr(self, f"do_{request.pop('do')}")(**request)
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        writer.close()

    # -- requests -----------------------------------------------------------------------------------------------

    def do_state(self) -> dict[str, Any]:
        """Rows by kind, how many (cluster, kind) are in which state, the open screen, what the feeder spends."""
        source, frame = self._app.frame.source, self._app.frame
        states: dict[str, Counter[str]] = {}
        for _cluster, kind, freshness in source.store.freshness_items():
            states.setdefault(kind, Counter())[freshness.state.value] += 1
        cost = source.cost
        return {
            "synced": source.synced,
            "feeder": source.feeder_state,
            "view": frame.view,
            "rows": {kind: source.store.count(kind) for kind in states if kind},
            "states": states,
            "cost": {name: getattr(cost, name) for name in cost.__struct_fields__},
            "tasks": len(asyncio.all_tasks()),
        }

    def do_count(self, kind: str) -> dict[str, Any]:
        """How many rows of `kind` there are."""
        return {"count": self._app.frame.source.store.count(kind)}

    def do_mark(self) -> dict[str, Any]:
        """Forget what was measured: a measurement begins."""
        self.pauses.clear()
        self.collections.clear()
        self.keys, self.frames = array("d"), array("d")
        return {}

    def do_report(self) -> dict[str, Any]:
        """What was measured since the mark: times are monotonic seconds."""
        return {
            "pauses": self.pauses.report(),
            "gc": self.collections.report(),
            "keys": list(self.keys),
            "frames": list(self.frames),
        }

    def do_lines(self, kind: str) -> list[str]:
        """What the digest is made of, sorted: to tell what differs."""
        from kurator_tui.store.digest import line

        return sorted(map(line, self._app.frame.source.store.rows(kind)))

    def do_digest(self, kind: str) -> dict[str, Any]:
        """Count and digest of a kind's rows."""
        from kurator_tui.store.digest import digest

        count, found = digest(self._app.frame.source.store.rows(kind))
        return {"count": count, "digest": found}
