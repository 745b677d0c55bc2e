"""What is said of incidents goes into one ConfigMap: read, merged, tested, written, audited, in this order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kurator_tui.actions.audit import Entry
from kurator_tui.actions.plan import Create, MergePatch, Step
from kurator_tui.actions.sharing import PAUSE, TRIES, share
from kurator_tui.api.writing import Answer
from kurator_tui.errors import AuditFailed, Conflict, ConsoleError, Forbidden, NotFound, Unanswered
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.inbox import Handled
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.sharing import KEY, OWNED, Words, decode, encode

NOW = 1_800_000_000.0
TARGET = Target(HOST, "configmaps", "kurator", "inbox")
ENTRY = Entry(event="note", at="", plan="p", verb="share-inbox")


def word(note: str, at: float = NOW - 60) -> Handled:
    return Handled(note=note, changed=at, by="anna")


class World:
    """One object on a server, and everything that was done in order. `failing` are errors of the next writes."""

    def __init__(self, words: Words | None = None, *failing: ConsoleError) -> None:
        self.words, self.version, self.failing = words, 1, list(failing)
        self.done: list[str] = []
        self.steps: list[Step] = []
        self.entries: list[Entry] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self.refused: ConsoleError | None = None
        self.audit_full = False

    async def get(self, target: Target) -> dict[str, Any]:
        self.done.append("get")
        if self.words is None:
            raise NotFound("there is none", code=404)
        meta = {"uid": "u", "resourceVersion": str(self.version), "labels": dict([OWNED])}
        return {"metadata": meta, "data": {KEY: encode(self.words, NOW)}}

    async def send(self, step: Step) -> Answer | None:
        self.done.append("send")
        self.steps.append(step)
        self.meanwhile()
        if self.failing:
            raise self.failing.pop(0)
        write = step.write
        assert isinstance(write, Create | MergePatch)
        if step.target.resource_version != (str(self.version) if self.words is not None else ""):
            raise Conflict("changed", code=409)
        self.words = decode(write.body["data"][KEY], NOW)
        return Answer({})

    async def record(self, entry: Entry) -> None:
        if self.audit_full:
            raise AuditFailed("the disk is full")
        self.done.append(entry.outcome or entry.event)
        self.entries.append(entry)

    async def sleep(self, seconds: float) -> None:
        self.done.append(f"wait {seconds:g}")

    async def allowed(self, verb: str) -> None:
        self.done.append(f"may {verb}")
        if self.refused is not None:
            raise self.refused

    async def share(self, **said: Handled) -> Words:
        return await share(self, TARGET, said, self.allowed, lambda: NOW, ENTRY)


async def test_rights_come_before_the_audit_and_the_audit_before_the_write() -> None:
    world = World()
    assert set(await world.share(a=word("x"))) == {"a"}
    assert world.done == ["get", "may create", "intent", "send", "done"]
    (step,) = world.steps
    assert isinstance(step.write, Create)
    assert step.write.body["metadata"]["labels"] == dict([OWNED])


async def test_a_change_tests_the_object_that_was_read() -> None:
    world = World({"b": word("y")})
    assert set(await world.share(a=word("x"))) == {"a", "b"}
    (step,) = world.steps
    assert (step.target.uid, step.target.resource_version) == ("u", "1")
    assert world.done == ["get", "may patch", "intent", "send", "done"]
    assert [(line.path, line.before) for line in world.entries[0].diff] == [(f"data[{KEY}].incidents[a]", "")]


async def test_where_somebody_was_faster_it_is_read_and_merged_again() -> None:
    world = World({"b": word("y")})

    def faster() -> None:
        if world.version == 1:
            world.version, world.words = 2, {"b": word("y"), "c": word("z")}

    world.meanwhile = faster
    assert set(await world.share(a=word("x"))) == {"a", "b", "c"}
    assert world.words is not None
    assert set(world.words) == {"a", "b", "c"}
    once = ["get", "may patch", "intent", "send"]
    assert world.done == [*once, "failed", f"wait {PAUSE:g}", *once, "done"]


async def test_it_does_not_fight_for_ever_and_waits_longer_each_time() -> None:
    world = World({}, *(Conflict("changed", code=409) for _ in range(TRIES)))
    with pytest.raises(Conflict, match="changed by others each time"):
        await world.share(a=word("x"))
    waits = [float(each.split()[1]) for each in world.done if each.startswith("wait")]
    assert waits == sorted(set(waits))
    assert len(world.steps) == TRIES


async def test_what_is_known_already_is_not_written() -> None:
    world = World({"a": word("x")})
    await world.share(a=word("x", NOW))
    assert world.done == ["get"]


async def test_without_the_right_nothing_is_audited_or_sent() -> None:
    world = World({})
    world.refused = Forbidden("you may not", code=403)
    with pytest.raises(Forbidden):
        await world.share(a=word("x"))
    assert world.done == ["get", "may patch"]


async def test_no_audit_no_write() -> None:
    world = World({})
    world.audit_full = True
    with pytest.raises(AuditFailed):
        await world.share(a=word("x"))
    assert world.steps == []


async def test_a_lost_answer_is_unknown_to_the_audit_and_the_same_words_can_be_said_again() -> None:
    world = World({}, Unanswered("no answer"))
    with pytest.raises(Unanswered):
        await world.share(a=word("x"))
    assert world.done[-1] == "unknown"
    assert set(await world.share(a=word("x"))) == {"a"}
