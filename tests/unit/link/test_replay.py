"""A recording as a feeder: what a console is told of it is what was recorded, and nobody is asked anything."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.pods import POD
from kurator_tui.link import messages as m
from kurator_tui.link.framing import frame
from kurator_tui.link.recording import Introduced, Mark, Recording, header, read, record
from kurator_tui.link.replay import Player, Playing
from kurator_tui.link.session import Session
from kurator_tui.store.freshness import Freshness, State
from tests.unit.link.recorded import NOW, Stage
from tests.unit.link.rows_kept import pods


async def recorded() -> Recording:
    """Two pods, a third after ten seconds, none of the first after twenty; cluster b leaves after thirty."""
    stage = Stage(single=True)
    stage.recorder.hear(m.HostDescribed("prod", "https://host:6443", True))
    for name in ("a", "b"):
        stage.store.set_freshness(name, "", Freshness(State.LIVE, NOW))
        stage.store.set_freshness(name, POD.id, Freshness(State.LIVE, NOW))
    stage.store.replace(POD.id, "a", pods(2))
    stage.store.replace(POD.id, "b", pods(1, "b"))
    await stage.after(0)
    stage.store.put(POD.id, "a", {"a-2": pods(3)[2]})
    await stage.after(10)
    stage.store.put(POD.id, "a", {"a-0": None})
    await stage.after(10)
    stage.store.forget_cluster("b")
    stage.recorder.hear(m.ClusterForgotten("b"))
    await stage.after(10)
    return stage.reel.recording


class Console:
    """The console's end: what the player tells goes into a session."""

    def __init__(self, recording: Recording) -> None:
        self.facts: list[m.Message] = []
        self.session = Session(m.Configured(), clock=lambda: NOW)
        self.player = Player(recording, self._told)
        self.player.greet()

    def _told(self, fact: m.Message) -> None:
        self.facts.append(fact)
        assert frame(fact)
        self.session.workers[0]._take(fact)  # type: ignore[arg-type]

    def subscribe(self, kind: str) -> None:
        self.session.subscribe(kind)
        self.player.take(m.Subscribed(kind))

    def names(self) -> list[str]:
        return sorted(f"{row.cluster}/{row.name}" for row in self.session.store.rows(POD.id))


async def test_the_console_is_told_what_was_recorded_as_time_goes_on() -> None:
    console = Console(await recorded())
    console.player.play(NOW)
    console.subscribe(POD.id)
    assert console.session.synced
    assert console.session.host == m.HostDescribed("prod", "https://host:6443", True)
    assert console.session.store.freshness("a", POD.id).state is State.LIVE
    seen = [console.names()]
    for at in (9, 10, 25, 30):
        console.player.play(NOW + at)
        seen.append(console.names())
    two = ["a/web-0", "a/web-1", "b/web-0"]
    assert seen == [
        two,
        two,
        ["a/web-0", "a/web-1", "a/web-2", "b/web-0"],
        ["a/web-1", "a/web-2", "b/web-0"],
        ["a/web-1", "a/web-2"],
    ]


async def test_who_subscribes_late_gets_the_rows_of_that_moment() -> None:
    console = Console(await recorded())
    console.player.play(NOW + 20)
    console.subscribe(POD.id)
    assert console.names() == ["a/web-1", "a/web-2", "b/web-0"]


async def test_a_kind_that_was_not_recorded_is_not_read_rather_than_empty() -> None:
    console = Console(await recorded())
    console.player.play(NOW)
    console.subscribe("services")
    assert console.session.store.freshness("a", "services").state is State.UNREAD


async def test_many_rows_are_told_in_parts_that_are_complete_together() -> None:
    stage = Stage()
    stage.store.set_freshness("a", "", Freshness(State.LIVE, NOW))
    stage.store.replace(POD.id, "a", pods(1200))
    await stage.after()
    console = Console(stage.reel.recording)
    console.player.play(stage.clock.now)
    console.subscribe(POD.id)
    parts = [fact for fact in console.facts if isinstance(fact, m.RowsChanged)]
    assert [(part.begins, part.completes) for part in parts] == [(("a",), ()), ((), ()), ((), ("a",))]
    assert len(console.names()) == 1200


async def test_calls_and_streams_are_answered_with_what_this_is() -> None:
    console = Console(await recorded())
    console.player.take(m.Called(1, "object"))
    console.player.take(m.StreamOpened(2, "logs"))
    answers = [fact for fact in console.facts if isinstance(fact, m.Answered | m.StreamEnded)]
    assert [answer.title for answer in answers] == ["This is a recording"] * 2
    assert console.player.take(m.Goodbye()) is False


async def test_the_end_is_told_once() -> None:
    console = Console(await recorded())
    for at in (0, 30, 31, 60):
        console.player.play(NOW + at)
    told = [fact for fact in console.facts if isinstance(fact, m.Noticed)]
    assert [notice.title for notice in told] == ["The recording ends here"]


async def test_a_recording_that_is_cut_short_says_so_and_shows_what_is_whole() -> None:
    whole = await recorded()
    console = Console(read(whole.data[:-5]))
    console.player.play(NOW + 60)
    console.subscribe(POD.id)
    first = next(fact for fact in console.facts if isinstance(fact, m.Noticed))
    assert (first.title, first.message[:9]) == ("The recording is not whole", "cut short")
    assert console.names() == ["a/web-1", "a/web-2", "b/web-0"]


async def test_kinds_of_another_version_are_named() -> None:
    whole = await recorded()
    pieces = header(whole.head)
    for each in whole.records:
        told = [
            Introduced(entry.kind, 0) if isinstance(entry, Introduced) else entry for entry in whole.entries(each)
        ]
        pieces += record(each.at, told, each.mark & ~Mark.PACKED)
    console = Console(read(pieces))
    console.player.play(NOW)
    told_of = next(fact for fact in console.facts if isinstance(fact, m.Noticed))
    assert told_of.title == "The recording is of another version"
    assert told_of.message.endswith("Not shown: pods")


@pytest.mark.parametrize(
    ("speed", "elapsed", "moment"), [(1.0, 5.0, 15.0), (10.0, 2.0, 30.0), (0.0, 100.0, 10.0), (1.0, -5.0, 10.0)]
)
def test_time_goes_on_as_fast_as_asked_and_not_beyond_the_end(speed: float, elapsed: float, moment: float) -> None:
    playing = Playing(NOW + 10, speed, 1000.0, NOW + 30)
    assert playing.moment(1000.0 + elapsed) == NOW + moment
