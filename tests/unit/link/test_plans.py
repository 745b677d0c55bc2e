"""A plan over several feeders: what one of them does not do stops the others, and is told once all have ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kurator_tui.errors import FeederLost
from kurator_tui.kinds.plans import Commit, Plan, PlannedStep, Progress, Target, decode_commit, encode
from kurator_tui.kinds.verb import Risk
from kurator_tui.link import messages as m
from kurator_tui.link import plans
from kurator_tui.link.answers import AnsweredError
from kurator_tui.link.plans import Committing, Joined, join
from kurator_tui.link.session import Session
from kurator_tui.link.worker import Worker

REFUSED = m.StreamEnded(1, "", "Audit", "the disk is full", "", 1)


class Feeders:
    """A session with the feeders `a` and `b`: `a` refuses its part, `b` goes on until it is told to stop."""

    def __init__(self, *, writes: bool) -> None:
        self.writes = writes
        self.fed: list[bytes] = []
        self.asked: list[object] = []

    def open_stream(
        self,
        _method: str,
        _arguments: Mapping[str, str],
        hear: Callable[[bytes], None],
        ended: Callable[[m.StreamEnded], None],
        worker: object,
    ) -> Any:
        feeders = self

        class Handle:
            def feed(self, word: bytes) -> None:
                feeders.fed.append(word)
                if feeders.writes:
                    hear(encode(Progress("step", step=0, state="done")).encode())
                if worker == "b":
                    ended(m.StreamEnded(2, ""))

            def close(self) -> None:
                """Nothing is left open."""

        if worker == "a":
            ended(REFUSED)
        return Handle() if worker == "b" else Quiet()

    async def ask(self, worker: object, _method: str, _arguments: Mapping[str, str]) -> str:
        self.asked.append(worker)
        if worker == "a":
            raise FeederLost("it has gone")
        return ""


class Quiet:
    """A stream that has ended."""

    def feed(self, word: bytes) -> None:
        """Nobody hears it."""

    def close(self) -> None:
        """It is."""


def joined() -> Joined:
    def plan(cluster: str) -> Plan:
        step = PlannedStep(0, Target(cluster, "deployments.apps", "d", "web"), "patch")
        return Plan("p", "restart", "", Risk.SAFE, steps=(step,))

    return join([(cast(Worker, name), plan(name)) for name in ("a", "b")])


def committing(feeders: Feeders) -> Committing:
    commit = Commit("p", "y", (("a", "b"),))
    return Committing(cast(Session, feeders), joined(), commit, lambda _progress: None)


async def test_a_feeder_that_refuses_its_part_stops_the_others_and_what_they_wrote_is_told() -> None:
    feeders = Feeders(writes=True)
    end = await committing(feeders).run()
    assert feeders.fed == [b"abort"]
    assert (end.done, end.skipped, end.message) == (1, 1, "the disk is full")
    assert feeders.asked == ["a", "b"], "one that has gone keeps nobody from closing the rest"


async def test_where_nothing_was_begun_anywhere_the_refusal_is_the_answer() -> None:
    feeders = Feeders(writes=False)
    with pytest.raises(AnsweredError, match="the disk is full"):
        await committing(feeders).run()
    assert feeders.fed == [b"abort"]


async def test_a_part_in_a_later_wave_says_how_long_the_plan_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, told = [1000.0], []

    class Slow(Feeders):
        """Each wave takes ten minutes."""

        def open_stream(
            self,
            _method: str,
            arguments: Mapping[str, str],
            hear: Callable[[bytes], None],
            ended: Callable[[m.StreamEnded], None],
            worker: object,
        ) -> Any:
            del hear
            told.append((worker, decode_commit(arguments["commit"]).going))
            now[0] += 600.0
            ended(m.StreamEnded(1, "done"))
            return Quiet()

    monkeypatch.setattr(plans, "time", SimpleNamespace(time=lambda: now[0]))
    commit = Commit("p", "y", (("a",), ("b",)))
    await Committing(cast(Session, Slow(writes=True)), joined(), commit, lambda _progress: None).run()
    assert told == [("a", 0.0), ("b", 600.0)]
