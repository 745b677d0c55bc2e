"""Moments: which can be shown, and the way from one to the next."""

from __future__ import annotations

import asyncio
import os
from io import BytesIO
from typing import BinaryIO

import pytest
from msgspec.structs import replace

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.incidents import INCIDENTS
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.link.past import NothingRecorded, Past
from kurator_tui.link.recorder import Recorder
from tests.unit.link.recorded import NOW, Reel, Stage, incident
from tests.unit.link.rows_kept import pods


async def looked(stage: Stage, session: str = "s1") -> Past:
    past = Past(stage.reel, session)
    await past.look(stage.clock.now)
    return past


async def test_a_step_back_is_ten_seconds_or_the_last_change_of_incidents() -> None:
    stage = Stage()
    await stage.after(0)
    await stage.after(20)
    stage.store.replace(INCIDENTS.id, HOST, [incident()])
    turn = await stage.after(5)
    now = await stage.after(7)
    past = await looked(stage)
    assert past.before(now) == turn == NOW + 25
    assert past.before(turn) == turn - 10
    assert past.before(NOW + 3) == NOW
    assert past.before(NOW) is None


async def test_a_step_on_leads_to_the_present() -> None:
    stage = Stage()
    await stage.after(0)
    stage.store.replace(INCIDENTS.id, HOST, [incident()])
    turn = await stage.after(15)
    now = await stage.after(5)
    past = await looked(stage)
    assert past.after(NOW) == NOW + 10
    assert past.after(NOW + 10) == turn
    assert past.after(turn) == now
    assert past.after(now) is None


async def test_quiet_seconds_of_the_console_that_goes_on_can_be_shown() -> None:
    stage = Stage()
    stage.store.replace(POD.id, "a", pods(2))
    await stage.after()
    stage.clock.now += 5  # and nothing was written
    past = await looked(stage)
    moment = await past.show(stage.clock.now)
    assert moment.rebuilt.store.count(POD.id) == 2


async def test_between_two_sessions_there_is_nothing_and_a_step_crosses_that() -> None:
    stage = Stage()
    stage.store.replace(POD.id, "a", pods(1))
    await stage.after()
    end = await stage.after(4)
    await stage.recorder.close()
    stage.clock.now += 3600
    stage.recorder = Recorder(stage.store, stage.reel, stage.clock, session="s2")
    again = await stage.after(0)
    past = await looked(stage, "s2")
    assert past.before(again) == end
    assert past.after(end) == again
    with pytest.raises(NothingRecorded):
        await past.show(end + 100)


async def test_going_on_applies_only_what_came_since() -> None:
    stage = Stage()
    stage.store.replace(POD.id, "a", pods(1))
    first = await stage.after()
    stage.store.replace(POD.id, "a", pods(3))
    second = await stage.after()
    past = await looked(stage)
    shown = await past.show(first)
    store = shown.rebuilt.store
    assert store.count(POD.id) == 1
    shown = await past.show(second, shown)
    assert shown.rebuilt.store is store
    assert store.count(POD.id) == 3
    back = await past.show(first, shown)
    assert back.rebuilt.store is not store
    assert back.rebuilt.store.count(POD.id) == 1


async def test_a_file_that_cannot_be_used_is_told_and_the_others_are() -> None:
    stage = Stage()
    stage.store.replace(POD.id, "a", pods(1))
    at = await stage.after()
    stage.reel.files += [b"no recording", stage.reel.files[0][:-3]]
    past = await looked(stage, "another")
    assert len(past.problems) == 2
    assert "this is no recording" in past.problems[0]
    assert "cut short" in past.problems[1]
    assert (await past.show(at)).rebuilt.store.count(POD.id) == 1


async def test_without_recordings_there_is_no_moment() -> None:
    past = Past(Reel(), "s1")
    await past.look(NOW)
    assert (past.before(NOW), past.after(NOW), past.turns) == (None, None, [])
    with pytest.raises(NothingRecorded):
        await past.show(NOW)


async def test_of_two_consoles_at_once_the_own_one_is_shown_and_the_other_before_it_began() -> None:
    other, own = Stage(), Stage()
    other.store.replace(POD.id, "a", pods(1))
    await other.after(0)
    own.store.replace(POD.id, "a", pods(2))
    own.recorder = Recorder(own.store, own.reel, own.clock, session="own")
    await own.after(20)
    other.store.replace(POD.id, "a", pods(5))
    now = await other.after(30)
    own.clock.now = now
    own.reel.files += other.reel.files
    past = await looked(own, "own")
    assert [(span.first - NOW, span.last - NOW, span.session) for span in past.spans] == [
        (0, 20, "s1"),
        (20, 30, "own"),
    ]
    assert (await past.show(now)).rebuilt.store.count(POD.id) == 2


class Counted:
    """A shelf that tells what is read of it."""

    def __init__(self, reel: Reel) -> None:
        self._reel = reel
        self.asked: list[tuple[str, int]] = []

    def names(self) -> list[tuple[str, int]]:
        return self._reel.names()

    def read(self, name: str, start: int = 0) -> bytes:
        self.asked.append((name, start))
        return self._reel.read(name, start)

    def open(self, name: str) -> BinaryIO:
        return Metered(self._reel.read(name), name, self.asked)


class Metered(BytesIO):
    """A file that tells how many bytes were read of it at a time."""

    def __init__(self, data: bytes, name: str, asked: list[tuple[str, int]]) -> None:
        super().__init__(data)
        self._name, self._asked = name, asked

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self._asked.append((self._name, len(found)))
        return found


async def test_of_a_recording_that_goes_on_only_what_is_new_is_read() -> None:
    stage = Stage(single=True)
    stage.store.replace(POD.id, "a", pods(1))
    await stage.after()
    shelf = Counted(stage.reel)
    past = Past(shelf, "s1")
    await past.look(stage.clock.now)
    size = len(stage.reel.files[0])
    stage.store.replace(INCIDENTS.id, HOST, [incident()])
    stage.store.replace(POD.id, "a", pods(3))
    now = await stage.after()
    whole = stage.reel.files[0]
    stage.reel.files[0] = whole[:-3]  # half of it is written
    await past.look(now)
    stage.reel.files[0] = whole
    await past.look(now)
    assert shelf.asked == [("0", 0), ("0", size), ("0", len(whole) - 3)]
    assert [at for at, _turned in past.turns] == [now]
    assert (await past.show(now)).rebuilt.store.count(POD.id) == 3
    assert past.problems == []


async def test_recordings_of_long_ago_are_read_when_a_moment_in_them_is_asked_for() -> None:
    stage = Stage()
    begun = []
    for count in (1, 2, 3):
        stage.store.replace(POD.id, "a", pods(count))
        begun.append(await stage.after(60))
        stage.recorder = Recorder(stage.store, stage.reel, stage.clock, session=f"s{count + 1}")
    shelf = Counted(stage.reel)
    past = Past(shelf)
    await past.look(stage.clock.now, begun[2])
    assert shelf.asked == [("2", 0)]
    await past.look(stage.clock.now, begun[2] - 10)
    assert shelf.asked[1:] == [("1", 0)]
    assert past.before(begun[2]) == begun[1]
    await past.look(stage.clock.now)
    assert shelf.asked[2:] == [("0", 0)]
    assert (await past.show(begun[0])).rebuilt.store.count(POD.id) == 1


async def test_the_timeline_tells_what_a_look_at_everything_tells_and_reads_no_rows_for_it() -> None:
    stage = Stage()
    for number in range(6):
        stage.store.replace(POD.id, "a", varied(1800, number))
        stage.store.replace(INCIDENTS.id, HOST, [incident(f"it breaks for the {number}. time")])
        await stage.after(4000)  # a keyframe each: a file each
    shelf = Counted(stage.reel)
    past = Past(shelf, "s1")
    turns = await past.timeline(stage.clock.now, 100)
    read, there = sum(size for _name, size in shelf.asked), sum(map(len, stage.reel.files))
    await past.look(stage.clock.now)
    assert turns == past.turns
    assert [turned.began for _at, turned in turns][-1] == ("it breaks for the 5. time",)
    assert len(stage.reel.files) == 6
    assert read < there / 3
    shelf.asked.clear()
    assert await past.timeline(stage.clock.now, 2) == turns[-2:]
    assert {name for name, _size in shelf.asked} <= {"3", "4", "5"}  # not what is older


async def test_the_timeline_leaves_out_what_is_damaged_and_what_others_saw_meanwhile() -> None:
    other, own = Stage(), Stage()
    other.store.replace(INCIDENTS.id, HOST, [])
    await other.after(0)
    other.store.replace(INCIDENTS.id, HOST, [incident("before")])
    await other.after(5)
    own.recorder = Recorder(own.store, own.reel, own.clock, session="own")
    own.store.replace(INCIDENTS.id, HOST, [])
    await own.after(10)
    other.store.replace(INCIDENTS.id, HOST, [incident("before"), incident("at once")])
    await other.after(10)
    own.store.replace(INCIDENTS.id, HOST, [incident("at once")])
    end = await own.after(5)
    reel = Reel()
    reel.files = [b"no recording", *other.reel.files, *own.reel.files]
    told = await Past(reel, "own").timeline(end, 100)
    assert [(at, turned.began) for at, turned in told] == [(NOW + 5, ("before",)), (end, ("at once",))]
    body = reel.files[2].rindex(b"at once")
    reel.files[2] = reel.files[2][:body] + b"AT" + reel.files[2][body + 2 :]
    told = await Past(reel, "own").timeline(end, 100)
    assert [turned.began for _at, turned in told] == [("before",)]


async def test_a_moment_of_many_rows_is_made_in_steps_with_a_turn_for_the_screen_after_each() -> None:
    stage = Stage()
    stage.store.replace(POD.id, "a", varied(5000, 1))
    now = await stage.after()
    past = await looked(stage)
    turns, ended = 0, False

    async def others() -> None:
        nonlocal turns
        while not ended:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(others())
    assert (await past.show(now)).rebuilt.store.count(POD.id) == 5000
    ended = True
    await beside
    assert turns >= 10  # 500 rows at a time


def varied(number: int, seed: int) -> list[PodRow]:
    """Rows that no compression makes small."""
    texts = [os.urandom(24).hex() for _ in range(number)]
    return [replace(row, message=f"{seed} {text}") for row, text in zip(pods(number), texts, strict=True)]
