"""Random schedules of changes and faults: whatever came before, at rest the store equals the server."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.examples import examples
from tests.faults.model import NODES, PODS, Event, Fact, bookmark, line
from tests.faults.server import EXPIRED, Answer, Plant, Server, saying, status
from tests.faults.stage import Stage, stage
from tests.faults.virtual import VirtualLoop

T = TypeVar("T")

PATHS = st.sampled_from((PODS, NODES))
NAMES = st.sampled_from([f"x{number}" for number in range(6)])
REVISIONS = st.integers(0, 9)
FAULTS: dict[str, Answer] = {
    "throttled": saying(429, Retry_After="3"),
    "500": saying(500),
    "expired": saying(410, EXPIRED),
    "html": saying(200, b"<html></html>", "text/html"),
    "empty": saying(200, b""),
}
VERBS = (("watch",), ("watchlist", "list"), ("probe",), ("watch", "watchlist", "list", "probe", "discovery"))


class Faults(RuleBasedStateMachine):
    """One server and a hub that watches it. Between the rules virtual time passes as they say."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._runner = asyncio.Runner(loop_factory=VirtualLoop)
        self._stack = contextlib.AsyncExitStack()
        self.server = Server("host")
        self.history: dict[str, list[Event]] = {PODS: [], NODES: []}
        self.ever: dict[str, set[Fact]] = {PODS: set(), NODES: set()}
        self.plants: list[Plant] = []
        self.server.model.listen(self._note)

    def _note(self, event: Event) -> None:
        self.history[event.path].append(event)
        self.ever[event.path] |= self.server.model.facts(event.path)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def wait(self, seconds: float) -> None:
        self.run(asyncio.sleep(seconds))

    @initialize(watch_list=st.booleans(), objects=st.integers(0, 4), linked=st.booleans(), tls=st.booleans())
    def start(self, watch_list: bool, objects: int, linked: bool, tls: bool) -> None:
        self.server.watch_list, self.server.tls = watch_list, tls
        folder = Path(self._folder.name)
        playing = stage(folder, host=self.server, alone=True, linked=linked, sync=False, populate=objects)
        self.on: Stage = self.run(self._stack.enter_async_context(playing))

    # -- what the cluster does -----------------------------------------------------------------------------------

    @rule(path=PATHS, name=NAMES, revision=REVISIONS)
    def put(self, path: str, name: str, revision: int) -> None:
        self.server.model.put(path, name, revision)

    @rule(path=PATHS, name=NAMES)
    def delete(self, path: str, name: str) -> None:
        if name in self.server.model.names(path):
            self.server.model.delete(path, name)

    @rule(path=PATHS, count=st.integers(50, 700))
    def many(self, path: str, count: int) -> None:
        for number in range(count):
            self.server.model.put(path, f"many-{number % 600}", number % 10)

    @rule(path=PATHS)
    def delete_all(self, path: str) -> None:
        for name in self.server.model.names(path):
            self.server.model.delete(path, name)

    @rule()
    def compact(self) -> None:
        self.server.model.compact()

    @rule(seconds=st.sampled_from((0.01, 0.3, 1.0, 3.0, 12.0)))
    def pass_time(self, seconds: float) -> None:
        self.wait(seconds)

    # -- what goes wrong -----------------------------------------------------------------------------------------

    @rule(path=PATHS, how=st.sampled_from(("cut", "reset", "end", "half", "error", "410", "garbage")))
    def end_watch(self, path: str, how: str) -> None:
        for stream in self.server.streams(path):
            if how == "half":
                stream.send(b'{"type":"DELETED","object":{"metadata":{"na')
            elif how == "error":
                stream.send(line("ERROR", status(500, "InternalError", "etcdserver: leader changed")))
            elif how == "410":
                stream.send(line("ERROR", EXPIRED))
            elif how == "garbage":
                stream.send(b"upstream connect error\n")
            (stream.reset if how == "reset" else stream.cut if how in ("cut", "half") else stream.end)()

    @rule(path=PATHS, back=st.integers(1, 4))
    def tell_again(self, path: str, back: int) -> None:
        """Events that were told come once more, out of their order.

        Not those that are held back: a server that skips what was before them for ever cannot be followed.
        """
        held = self.server.holding[1] if self.server.holding is not None else []
        told = [event for event in self.history[path] if event not in held]
        for stream in self.server.streams(path):
            stream.send(*(event.line for event in told[-back:]))

    @rule(path=PATHS)
    def mark(self, path: str) -> None:
        if self.server.holding is None:
            for stream in self.server.streams(path):
                stream.send(bookmark(self.server.model.version))

    @precondition(lambda self: self.server.holding is None)
    @rule()
    def hold(self) -> None:
        """From now on the watches are silent."""
        self.server.holding = ("", [])

    @precondition(lambda self: self.server.holding is not None)
    @rule(told=st.booleans())
    def release(self, told: bool) -> None:
        """What was held back is told at last, or the watches break."""
        assert self.server.holding is not None
        _, events = self.server.holding
        self.server.holding = None
        for stream in self.server.streams():
            if told:
                stream.send(*(e.line for e in events if e.path == stream.path and e.version > stream.since))
            else:
                stream.cut()

    @rule(fault=st.sampled_from(sorted(FAULTS)), verbs=st.sampled_from(VERBS), times=st.integers(1, 4))
    def fail(self, fault: str, verbs: tuple[str, ...], times: int) -> None:
        self.plants.append(self.server.plant(FAULTS[fault], *verbs, times=times))

    @rule(history=st.booleans(), away=st.sampled_from((0.0, 0.5, 5.0)), watch_list=st.booleans())
    def restart(self, history: bool, away: float, watch_list: bool) -> None:
        self.run(self.server.stop())
        self.server.holding = None
        if not history:
            self.server.model.compact()
        self.wait(away)
        self.server.watch_list = watch_list
        self.run(self.server.start())

    @precondition(lambda self: self.on.feeders.running)
    @rule()
    def kill_feeder(self) -> None:
        self.on.feeders.running[-1].kill()

    @rule(lost=st.integers(1, 30))
    def restore(self, lost: int) -> None:
        """The server comes back from a backup, some changes younger than its clients are."""
        self._rest()
        backup = self.server.model.backup()
        for revision in range(lost):
            self.server.model.put(PODS, f"x{revision % 6}", revision % 10)
            self.server.model.put(NODES, f"x{revision % 6}", revision % 10)
        self.run(self.on.equal())
        self.run(self.server.stop())
        self.server.model.restore(backup)
        self.history = {PODS: [], NODES: []}
        self.run(self.server.start())
        self.run(self.on.equal())

    # -- what must hold ------------------------------------------------------------------------------------------

    @invariant()
    def every_row_was_true_once(self) -> None:
        if hasattr(self, "on"):
            for path in (PODS, NODES):
                assert self.on.facts("host", path) <= self.ever[path]

    def _rest(self) -> None:
        if self.server.holding is not None:
            self.release(False)
        for plant in self.plants:
            plant.lift()
        self.run(self.on.equal())

    def teardown(self) -> None:
        try:
            if hasattr(self, "on"):
                self._rest()
                self.wait(10.0)
                self.run(self.on.equal())
                self.run(self.on.steady(3.0))
        finally:
            self.run(self._stack.aclose())
            self._runner.close()
            self._folder.cleanup()


Faults.TestCase.settings = settings(
    max_examples=examples(40),
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestFaults = Faults.TestCase
