"""The console's end of a shared inbox: what is said goes out once, what others say counts if it is newer."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import msgspec
import pytest

from kurator_tui.errors import ConsoleError, FeederLost, Forbidden
from kurator_tui.kinds.inbox import Handled
from kurator_tui.kinds.sharing import Told, Words
from kurator_tui.link.messages import StreamEnded
from kurator_tui.screens.inbox import Inbox
from kurator_tui.screens.inbox_shared import AGAIN, SOON, SharedInbox
from tests.ui.estate import NOW
from tests.ui.source import FakeSource, FakeStream, live_host
from tests.ui.triage_source import CRASH, PULL


class Server(FakeSource):
    """A feeder whose ConfigMap is `words`; `failing` is why it takes none."""

    words: Words
    failing: ConsoleError | None = None

    async def call(self, method: str, **arguments: str) -> str:
        self.calls.append((method, arguments))
        if self.failing is not None:
            raise self.failing
        self.words = {**self.words, **msgspec.json.decode(arguments["incidents"], type=dict[str, Handled])}
        return msgspec.json.encode(Told(self.words)).decode()


class Desk:
    """Anna's console."""

    def __init__(self) -> None:
        self.now = NOW
        self.source = Server()
        self.source.words = {}
        live_host(self.source)
        self.inbox = Inbox(lambda: self.now, lambda _problem: None, "anna")
        self.problems: list[str] = []
        self.running: list[asyncio.Task[None]] = []
        self.shared = SharedInbox(self.source, self.inbox, lambda: self.now, self.problems.append, self._run)

    def _run(self, asking: Coroutine[Any, Any, None]) -> None:
        self.running.append(asyncio.create_task(asking))

    async def done(self) -> None:
        """Everything that was sent is answered."""
        while self.running:
            await self.running.pop()

    @property
    def stream(self) -> FakeStream:
        return self.source.streams[-1]

    def hear(self, words: Words | None = None, why: str = "") -> None:
        self.stream.flow(msgspec.json.encode(Told(words or {}, why)))

    def says(self, uid: str) -> str:
        return self.inbox.of(uid).acknowledged


@pytest.fixture
async def desk() -> Desk:
    found = Desk()
    found.shared.tick()
    return found


def ben(at: float, **said: Any) -> Handled:
    return Handled(changed=at, by="ben", **said)


async def test_what_is_said_goes_out_at_once_and_once(desk: Desk) -> None:
    desk.inbox.acknowledge([PULL])
    await desk.done()
    assert desk.source.words[PULL.uid].acknowledged == "anna"
    assert desk.shared.waiting == {}
    desk.shared.tick()
    assert [method for method, _arguments in desk.source.calls] == ["share"]


async def test_what_others_say_is_here_if_it_is_newer(desk: Desk) -> None:
    desk.inbox.acknowledge([PULL])
    await desk.done()
    desk.hear({PULL.uid: ben(NOW - 5, acknowledged="ben"), CRASH.uid: ben(NOW - 5, acknowledged="ben")})
    assert (desk.says(PULL.uid), desk.says(CRASH.uid)) == ("anna", "ben")
    desk.hear({PULL.uid: ben(NOW + 5, acknowledged="ben")})
    assert desk.says(PULL.uid) == "ben"


async def test_an_answer_to_somebody_whose_clock_is_ahead_counts(desk: Desk) -> None:
    desk.hear({PULL.uid: ben(NOW + 7200, acknowledged="ben")})
    desk.inbox.acknowledge([PULL])  # it is known of all: nobody is at it any more
    await desk.done()
    assert desk.says(PULL.uid) == ""
    assert desk.source.words[PULL.uid].changed > NOW + 7200
    desk.hear(desk.source.words)
    assert desk.says(PULL.uid) == ""


async def test_what_could_not_be_sent_is_told_once_stays_and_is_sent_later(desk: Desk) -> None:
    desk.source.failing = Forbidden("you may not patch configmaps in kurator on the host", code=403)
    desk.inbox.acknowledge([PULL])
    await desk.done()
    desk.inbox.note([CRASH], "x")
    await desk.done()
    assert len(desk.source.calls) == 1, "not at once again"
    desk.hear({PULL.uid: ben(NOW - 5, acknowledged="ben")})
    assert desk.says(PULL.uid) == "anna", "what waits is not overwritten by what is older"
    desk.now += AGAIN
    desk.shared.tick()
    await desk.done()
    assert len(desk.problems) == 1
    assert "you may not patch configmaps in kurator" in desk.problems[0]
    desk.source.failing = None
    desk.now += AGAIN
    desk.shared.tick()
    await desk.done()
    assert set(desk.source.words) == {PULL.uid, CRASH.uid}


async def test_what_is_wrong_with_the_config_map_is_told_once_and_changes_nothing(desk: Desk) -> None:
    desk.inbox.acknowledge([PULL])
    await desk.done()
    for _ in range(3):
        desk.hear(why="kurator/inbox: it is no inbox")
    assert desk.problems == ["kurator/inbox: it is no inbox"]
    assert desk.says(PULL.uid) == "anna"


async def test_a_stream_that_ends_is_opened_again_after_a_while(desk: Desk) -> None:
    desk.stream.end(StreamEnded(1, title="Refused", message="you may not watch"))
    assert desk.problems == ["Refused: you may not watch"]
    desk.shared.tick()
    assert len(desk.source.streams) == 1
    desk.now += AGAIN
    desk.shared.tick()
    assert [stream.method for stream in desk.source.streams] == ["shared", "shared"]


async def test_a_feeder_that_is_lost_is_no_problem_of_the_inbox_and_the_next_one_is_asked_soon(desk: Desk) -> None:
    desk.source.failing = FeederLost("the feeder is gone")
    desk.inbox.acknowledge([PULL])
    await desk.done()
    desk.stream.end(StreamEnded(1, title=FeederLost.title, message="gone", exit_code=FeederLost.exit_code))
    desk.source.failing = None
    desk.now += SOON
    desk.shared.tick()
    await desk.done()
    assert desk.problems == []
    assert len(desk.source.streams) == 2
    assert set(desk.source.words) == {PULL.uid}


async def test_a_problem_that_comes_again_is_told_again(desk: Desk) -> None:
    for why in ("the host does not answer", "", "the host does not answer"):
        desk.hear(why=why)
    assert desk.problems == ["the host does not answer"] * 2


async def test_nothing_is_asked_before_there_is_a_feeder() -> None:
    desk = Desk()
    desk.source.feeder_state = "starting"
    desk.inbox.acknowledge([PULL])
    desk.shared.tick()
    assert desk.source.streams == []
