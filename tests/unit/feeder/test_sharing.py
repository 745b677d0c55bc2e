"""The shared inbox against a demo API server: opt-in, rights, conflicts, the audit, and the watch."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kurator_tui.actions import sharing as actions
from kurator_tui.actions.audit_chain import verify
from kurator_tui.demo.apiserver.faults import Mode
from kurator_tui.errors import ConsoleError, Forbidden, UsageError
from kurator_tui.feeder.channel import Channel
from kurator_tui.feeder.sharing import Sharing
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.inbox import Handled
from kurator_tui.kinds.sharing import KEY, OWNED, Told, Words
from kurator_tui.link import messages as m
from tests.unit.actions.estate import Estate, estate

NOW = 1_800_000_000.0
PLACE = "d/inbox"
PATH = "api/v1/namespaces/d/configmaps/inbox"


def word(by: str, note: str, at: float = NOW - 60) -> Handled:
    return Handled(note=note, changed=at, by=by)


def sharing(world: Estate, place: str = PLACE, **told: Any) -> Sharing:
    """Somebody's feeder; everybody's audit is in one folder here."""
    world.configure(**told)
    configured = m.Configured(state_dir=str(world.state), share_inbox=place, **told)
    return Sharing(configured, world.acting, lambda: NOW)


async def say(whose: Sharing, world: Estate, **words: Handled) -> Words:
    answer = await whose.share(world.hub, {"incidents": msgspec.json.encode(words).decode()})
    return msgspec.json.decode(answer, type=Told).incidents


async def held(world: Estate) -> dict[str, str]:
    """Notes as the server has them, by incident."""
    obj = await world.get(HOST, PATH)
    found = json.loads(obj["data"][KEY])["incidents"]
    return {uid: each.get("note", "") for uid, each in found.items()}


async def test_the_first_word_makes_the_config_map_and_later_ones_are_merged_into_it(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        anna, ben = sharing(world), sharing(world)
        await say(anna, world, a=word("anna", "rolled back"))
        obj = await world.get(HOST, PATH)
        assert obj["metadata"]["labels"] == dict([OWNED])
        assert set(await say(ben, world, b=word("ben", "mine"))) == {"a", "b"}
        assert await held(world) == {"a": "rolled back", "b": "mine"}
        await say(anna, world, b=word("anna", "older", NOW - 100))
        assert await held(world) == {"a": "rolled back", "b": "mine"}, "the newest word counts"


async def test_each_write_is_in_the_audit_and_what_is_no_news_is_no_write(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        anna = sharing(world)
        await say(anna, world, a=word("anna", "x"))
        await say(anna, world, a=word("anna", "x", NOW - 10))
        intent, outcome = world.audited()
        assert (intent.event, intent.verb, intent.credentials) == ("intent", "share-inbox", "context host")
        assert intent.target is not None
        assert (intent.target.cluster, intent.target.label) == (HOST, "host/d configmaps/inbox")
        assert [line.path for line in intent.diff] == [f"data[{KEY}].incidents[a]"]
        assert (outcome.event, outcome.outcome) == ("outcome", "done")
        assert verify(world.state / "audit.jsonl").open_intents == ()


async def test_many_at_once_lose_no_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "PAUSE", 0.0)
    monkeypatch.setattr(actions, "TRIES", 50)
    async with estate(tmp_path, (HOST,)) as world:
        people = [sharing(world) for _ in range(6)]
        await asyncio.gather(*(say(each, world, **{f"i{n}": word(str(n), "x")}) for n, each in enumerate(people)))
        assert set(await held(world)) == {f"i{n}" for n in range(6)}
        outcomes = [entry.outcome for entry in world.audited() if entry.event == "outcome"]
        assert outcomes.count("done") == 6
        assert set(outcomes) <= {"done", "failed"}


async def test_a_config_map_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        world.add("configmaps", {"metadata": {"name": "inbox", "namespace": "d"}, "data": {"k": "v"}})
        with pytest.raises(UsageError, match="it is no inbox"):
            await say(sharing(world), world, a=word("anna", "x"))
        assert (await world.get(HOST, PATH))["data"] == {"k": "v"}
        assert world.audited() == []


@pytest.mark.parametrize("text", ["{", '{"version": 9}'])
async def test_what_cannot_be_read_is_not_overwritten(tmp_path: Path, text: str) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        meta = {"name": "inbox", "namespace": "d", "labels": dict([OWNED])}
        world.add("configmaps", {"metadata": meta, "data": {KEY: text}})
        with pytest.raises(UsageError, match="is not written to"):
            await say(sharing(world), world, a=word("anna", "x"))
        assert (await world.get(HOST, PATH))["data"] == {KEY: text}


@pytest.mark.parametrize(
    ("place", "told", "why"),
    [
        ("", {}, "The inbox is not shared"),
        (PLACE, {"read_only": True}, "This console is read-only"),
        (PLACE, {"read_only_clusters": (HOST,)}, "this cluster is read-only here"),
    ],
)
async def test_nothing_is_written_without_leave(
    tmp_path: Path, place: str, told: dict[str, Any], why: str
) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        with pytest.raises(UsageError, match=why):
            await say(sharing(world, place, **told), world, a=word("anna", "x"))
        assert (await world.get(HOST, PATH))["reason"] == "NotFound"
        assert world.audited() == []


async def test_without_the_right_nothing_is_sent_and_the_right_is_named(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), token="v") as world:
        with pytest.raises(Forbidden, match="you may not create configmaps in d on the host"):
            await say(sharing(world), world, a=word("anna", "x"))
        assert world.audited() == []


async def test_a_server_that_does_not_answer_leaves_an_error_and_the_next_try_works(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        anna = sharing(world)
        await world.apis[HOST].server.faults.set(Mode.ERROR500)
        with pytest.raises(ConsoleError):
            await say(anna, world, a=word("anna", "x"))
        await world.apis[HOST].server.faults.clear()
        await say(anna, world, a=word("anna", "x"))
        assert await held(world) == {"a": "x"}


# -- the watch ----------------------------------------------------------------------------------------------------


class Listening:
    """A console that reads the stream `shared`."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[Told] = asyncio.Queue()
        self._count = 0
        self.channel = Channel(1, self._take)

    def _take(self, message: m.Message) -> None:
        if isinstance(message, m.StreamFlowed):
            self._count += 1
            self.channel.acknowledged(self._count)
            self.heard.put_nowait(msgspec.json.decode(message.data, type=Told))

    async def next(self) -> dict[str, str]:
        told = await asyncio.wait_for(self.heard.get(), 60)
        return {uid: each.note for uid, each in told.incidents.items()} if not told.why else {"": told.why}


@asynccontextmanager
async def listening(whose: Sharing, world: Estate) -> AsyncIterator[Listening]:
    console = Listening()
    task = asyncio.create_task(whose.shared(world.hub, {}, console.channel))
    try:
        yield console
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_others_say_comes_by_a_watch_also_when_there_was_no_config_map(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        anna, ben = sharing(world), sharing(world)
        async with listening(ben, world) as console:
            assert await console.next() == {}
            world.add("configmaps", {"metadata": {"name": "other", "namespace": "d"}, "data": {}})
            await say(anna, world, a=word("anna", "x"))
            assert await console.next() == {"a": "x"}
            await say(anna, world, a=word("anna", "y", NOW - 5))
            assert await console.next() == {"a": "y"}
            await world.apis[HOST].call("DELETE", f"/{PATH}")
            assert await console.next() == {}


async def test_a_config_map_of_somebody_else_is_said_to_be_one(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        world.add("configmaps", {"metadata": {"name": "inbox", "namespace": "d"}, "data": {KEY: "{}"}})
        async with listening(sharing(world), world) as console:
            assert "it is no inbox" in (await console.next())[""]


async def test_what_may_not_be_read_is_said(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), token="n") as world, listening(sharing(world), world) as console:
        assert "configmaps" in (await console.next())[""]


async def test_nothing_is_watched_without_an_opt_in(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        with pytest.raises(UsageError, match="The inbox is not shared"):
            await sharing(world, "").shared(world.hub, {}, Listening().channel)
