"""Applying a plan when the world does not do as it should: lost answers, throttling, full disks, pauses."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from kurator_tui.actions.audit import Entry
from kurator_tui.actions.commit import READ_BACKS, Applying
from kurator_tui.actions.difference import Change
from kurator_tui.actions.journal import Kept, Record
from kurator_tui.actions.plan import AnyWrite, Apply, Create, Evict, JsonPatch, Obj, Step, Wait
from kurator_tui.actions.waiting import LOOK
from kurator_tui.api.writing import Answer
from kurator_tui.errors import AuditFailed, Conflict, ConsoleError, NotFound, Refused, Throttled, Unanswered
from kurator_tui.kinds.plans import Commit, Progress, Target

CHANGE = Change(("spec", "replicas"), 1, 2)


def target(cluster: str = "a") -> Target:
    return Target(cluster, "deployments.apps", "d", "web", f"u-{cluster}", "1")


def kept(cluster: str = "a", write: AnyWrite | None = None) -> Kept:
    patch = JsonPatch(({"op": "replace", "path": "/spec/replicas", "value": 2},))
    return Kept(Step(target(cluster), write or patch), (CHANGE,) if write is None else ())


class World:
    """One object a cluster. `fails` are raised by sends in turn; `made`: it was written all the same."""

    def __init__(self, *clusters: str) -> None:
        self.objects: dict[str, Obj] = {
            name: {"metadata": {"uid": f"u-{name}", "resourceVersion": "1"}, "spec": {"replicas": 1}}
            for name in clusters
        }
        self.fails: list[ConsoleError] = []
        self.made = False
        self.sent: list[Step] = []
        self.entries: list[Entry] = []
        self.slept: list[float] = []
        self.full_at: int | None = None
        self.unreachable = False
        self.soaked: list[tuple[str, ...]] = []
        self.ill = self.unjudged = ""
        self.heard: list[Progress] = []

    async def get(self, target: Target) -> Obj:
        if self.unreachable:
            raise Refused("away")
        if target.cluster not in self.objects:
            raise NotFound("none", code=404)
        return copy.deepcopy(self.objects[target.cluster])

    async def send(self, step: Step) -> Answer | None:
        self.sent.append(step)
        failure = self.fails.pop(0) if self.fails else None
        if failure is None or self.made:
            if isinstance(step.write, Evict):
                self.objects.pop(step.target.cluster)
            else:
                self.objects[step.target.cluster]["spec"]["replicas"] = 2
        if failure is not None:
            raise failure
        return None

    async def record(self, entry: Entry) -> None:
        if self.full_at is not None and len(self.entries) >= self.full_at:
            raise AuditFailed("No space left on device")
        self.entries.append(entry)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def soak(self, targets: Sequence[Target], seconds: float, tell: Callable[[float, str], None]) -> str:
        tell(seconds, self.unjudged)
        self.soaked.append(tuple(target.cluster for target in targets))
        return self.ill

    def entry(self, _record: Record, target: Target) -> Entry:
        return Entry(event="note", at="", plan="p", verb="scale", target=target)

    async def apply(self, *steps: Kept, **commit: Any) -> tuple[bool, list[str]]:
        record = Record("p", "scale", "", "", steps, Commit("p", **commit))
        applying = Applying(record, self, self.heard.append)
        return await applying.run(), list(applying.states)

    @property
    def outcomes(self) -> list[str]:
        return [entry.outcome for entry in self.entries if entry.event == "outcome"]


async def test_a_lost_answer_is_read_back_and_was_written() -> None:
    world = World("a")
    world.fails, world.made = [Unanswered("cut")], True
    assert await world.apply(kept()) == (True, ["done"])
    assert world.outcomes == ["done"]
    assert len(world.sent) == 1


async def test_a_lost_answer_is_read_back_and_was_not_written() -> None:
    world = World("a")
    world.fails = [Unanswered("cut")]
    assert await world.apply(kept()) == (False, ["failed"])
    assert len(world.sent) == 1
    assert world.slept == list(READ_BACKS)


async def test_what_is_stored_long_after_its_answer_was_lost_is_not_called_unwritten() -> None:
    world = World("a")
    world.fails = [Unanswered("cut")]
    slept = world.sleep

    async def sleep(seconds: float) -> None:
        await slept(seconds)
        if len(world.slept) == len(READ_BACKS):
            world.objects["a"]["spec"]["replicas"] = 2

    world.sleep = sleep  # type: ignore[method-assign]
    assert await world.apply(kept()) == (True, ["done"])
    assert world.outcomes == ["done"]


async def test_what_the_last_look_cannot_read_is_unknown_though_an_earlier_one_found_it_unwritten() -> None:
    world = World("a")
    world.fails = [Unanswered("cut")]
    slept = world.sleep

    async def sleep(seconds: float) -> None:
        await slept(seconds)
        world.unreachable = len(world.slept) == len(READ_BACKS)

    world.sleep = sleep  # type: ignore[method-assign]
    assert await world.apply(kept()) == (False, ["unknown"])


async def test_what_cannot_be_read_back_stays_unknown_and_stops_the_plan() -> None:
    world = World("a", "b")
    sent = world.send

    async def lost(step: Step) -> Answer | None:
        world.unreachable = True
        return await sent(step)

    world.fails, world.send = [Unanswered("cut")], lost  # type: ignore[method-assign]
    assert await world.apply(kept(), kept("b"), waves=(("a",), ("b",))) == (False, ["unknown", "skipped"])
    assert world.outcomes == ["unknown"]
    assert world.slept == list(READ_BACKS)


async def test_a_server_that_asks_to_wait_is_waited_for() -> None:
    world = World("a")
    world.fails = [Throttled("busy", code=429, retry_after=7.0)]
    assert await world.apply(kept()) == (True, ["done"])
    assert world.slept == [7.0]


async def test_a_budget_that_stays_in_the_way_fails_the_eviction() -> None:
    world = World("a")
    world.fails = [Throttled("budget", code=429, retry_after=10.0)] * 9
    assert await world.apply(kept(write=Evict())) == (False, ["failed"])
    assert "a" in world.objects


async def test_a_conflict_about_other_fields_is_tested_against_the_new_version() -> None:
    world = World("a")
    world.fails = [Conflict("changed", code=409)]
    get = world.get

    async def moved(target: Target) -> Obj:
        found = await get(target)
        found["metadata"]["resourceVersion"] = str(1 + len(world.sent))
        return found

    world.get = moved  # type: ignore[method-assign]
    assert await world.apply(kept()) == (True, ["done"])
    assert [step.target.resource_version for step in world.sent] == ["1", "2"]


async def test_another_object_of_the_same_name_is_not_written() -> None:
    world = World("a")
    world.objects["a"]["metadata"]["uid"] = "other"
    assert await world.apply(kept()) == (False, ["failed"])
    assert world.sent == []


async def test_an_intent_that_cannot_be_recorded_is_not_written() -> None:
    world = World("a", "b")
    world.full_at = 2
    assert await world.apply(kept(), kept("b"), waves=(("a",), ("b",))) == (False, ["done", "failed"])
    assert [step.target.cluster for step in world.sent] == ["a"]


async def test_an_outcome_that_cannot_be_recorded_is_told_and_stops_the_plan() -> None:
    world = World("a", "b")
    world.full_at = 1
    assert await world.apply(kept(), kept("b"), waves=(("a",), ("b",))) == (False, ["done", "skipped"])
    assert "the audit failed" in world.heard[-1].message


async def test_what_is_gone_already_needs_no_eviction() -> None:
    world = World()
    assert await world.apply(kept(write=Evict())) == (True, ["done"])
    assert world.sent == []


async def test_waves_soak_between_and_stop_where_something_fell_ill() -> None:
    world = World("a", "b", "c")
    world.ill = "b is failed"
    steps = [kept(name) for name in ("a", "b", "c")]
    done = await world.apply(*steps, waves=(("a", "b"), ("c",)), soak=30.0)
    assert done == (False, ["done", "done", "skipped"])
    assert world.soaked == [("a", "b")]
    assert world.heard[-1].message == "b is failed"


async def test_what_cannot_be_judged_while_a_wave_soaks_is_told() -> None:
    world = World("a", "b")
    world.unjudged = "not judged: a"
    await world.apply(kept(), kept("b"), waves=(("a",), ("b",)), soak=30.0)
    assert [each.message for each in world.heard if each.kind == "soak"] == ["not judged: a"]


async def test_the_last_wave_is_not_watched_unless_there_are_more() -> None:
    world = World("a", "b")
    await world.apply(kept(), kept("b"), waves=(("a",), ("b",)), soak=30.0)
    assert world.soaked == [("a",)]
    world = World("a", "b")
    assert await world.apply(kept(), kept("b"), waves=(("a",),), soak=30.0, more=True) == (
        False,
        ["done", "waiting"],
    )
    assert world.soaked == [("a",)]


@pytest.mark.parametrize("waves", [(("a", "a"), ("b",)), (("a",), ("b", "a"))])
async def test_a_cluster_that_the_waves_name_twice_is_written_once(waves: tuple[tuple[str, ...], ...]) -> None:
    world = World("a", "b")
    assert await world.apply(kept(), kept("b"), waves=waves) == (True, ["done", "done"])
    assert [step.target.cluster for step in world.sent] == ["a", "b"]


async def test_every_step_of_a_wave_has_exactly_one_last_state() -> None:
    world = World("a", "b", "c")
    world.fails = [ConsoleError("no"), ConsoleError("no"), ConsoleError("no")]
    await world.apply(*(kept(name) for name in ("a", "b", "c")))
    last = [each for each in world.heard if each.kind == "step" and each.state not in ("writing", "waiting")]
    assert sorted(each.step for each in last) == [0, 1, 2]
    end = world.heard[-1]
    assert (end.kind, end.done + end.failed + end.unknown + end.skipped) == ("end", 3)


async def test_a_new_object_is_read_back_by_its_field_manager() -> None:
    world = World()
    made = kept(write=Create({"metadata": {"name": "web"}}))
    made = msgspec.structs.replace(
        made, step=msgspec.structs.replace(made.step, target=Target("a", "x", "d", "web"))
    )

    async def send(step: Step) -> Answer | None:
        assert isinstance(step.write, Apply | Create)
        world.objects["a"] = {"metadata": {"uid": "new", "managedFields": [{"manager": "kurator-tui"}]}}
        raise Unanswered("cut")

    world.send = send  # type: ignore[method-assign]
    assert await world.apply(made) == (True, ["done"])


@pytest.mark.parametrize(("others", "made"), [((), "new"), (("kubectl",), "")])
async def test_an_apply_that_is_read_back_made_the_object_only_if_nobody_else_is_in_it(
    others: tuple[str, ...], made: str
) -> None:
    world = World()
    step = Step(Target("a", "x", "d", "web"), Apply({"metadata": {"name": "web"}}))
    fields = [{"manager": manager} for manager in ("kurator-tui", *others)]

    async def send(step: Step) -> Answer | None:
        assert isinstance(step.write, Apply | Create)
        world.objects["a"] = {"metadata": {"uid": "new", "managedFields": fields}}
        raise Unanswered("cut")

    world.send = send  # type: ignore[method-assign]
    assert await world.apply(Kept(step, made=True)) == (True, ["done"])
    assert world.entries[-1].made == made


def following(world: World) -> Kept:
    """A step of cluster a that waits until what cluster b has is ready."""
    world.objects["b"]["status"] = {"phase": "Going"}
    wait = Wait((target("b"),), ("status", "phase"), ("Ready",), 20.0)
    return msgspec.structs.replace(kept(), step=msgspec.structs.replace(kept().step, after=wait))


async def test_a_step_that_waits_is_written_when_what_it_waits_for_has_come() -> None:
    world = World("a", "b")
    step = following(world)
    slept = world.sleep

    async def sleep(seconds: float) -> None:
        await slept(seconds)
        if len(world.slept) == 2:
            assert world.sent == []
            world.objects["b"]["status"] = {"phase": "Ready"}

    world.sleep = sleep  # type: ignore[method-assign]
    assert await world.apply(step) == (True, ["done"])
    assert (world.slept, len(world.sent)) == ([LOOK, LOOK], 1)
    assert [each.message for each in world.heard if each.state == "waiting" and each.kind == "step"] == [
        "waits for b Going"
    ]


async def test_a_step_that_waits_in_vain_is_not_written() -> None:
    world = World("a", "b")
    assert await world.apply(following(world)) == (False, ["failed"])
    assert (sum(world.slept), world.sent, world.outcomes) == (20.0, [], ["failed"])


async def test_what_is_gone_is_waited_for_no_longer() -> None:
    world = World("a", "b")
    step = following(world)
    del world.objects["b"]
    assert await world.apply(step) == (True, ["done"])


async def test_a_plan_that_was_killed_while_it_waited_waits_again_and_writes_only_that() -> None:
    world = World("a", "b")
    step = following(world)
    world.objects["b"]["status"] = {"phase": "Ready"}
    record = Record("p", "scale", "", "", (kept(), step), Commit("p"))
    assert await Applying(record, world, world.heard.append, ["done", "waiting"]).run()
    assert [each.after for each in world.sent] == [step.step.after]


async def test_a_patch_by_index_does_not_write_the_item_that_took_its_place() -> None:
    world = World("a")
    path = ("spec", "containers", ("name", "web"), "image")
    patch = JsonPatch(({"op": "replace", "path": "/spec/containers/0/image", "value": "web:2"},))
    step = Kept(Step(target(), patch), (Change(path, "web:1", "web:2"),))
    web, other = {"name": "web", "image": "web:1"}, {"name": "other", "image": "other:1"}
    world.objects["a"] = {"metadata": {"uid": "u-a", "resourceVersion": "2"}, "spec": {"containers": [other, web]}}
    assert await world.apply(step) == (False, ["failed"])
    assert world.sent == []
    assert "[name=other].image" in world.heard[-1].message
    world.objects["a"]["spec"]["containers"] = [web, other]
    assert await world.apply(step) == (True, ["done"])
