"""A promotion skips the checks, and has them back when what was under way ended; a plan that cannot says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kurator_tui.actions.applying import LivePorts
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Progress, Target
from tests.unit.actions.estate import Estate, Obj, end, estate, last_states
from tests.unit.actions.verbs.test_rollouts import (
    APPLICATION,
    CANARY,
    CLUSTERS,
    FLAGGER,
    SETS,
    canary,
    own,
    policy,
    row,
    shop,
    told,
)


async def skipped(world: Estate) -> list[bool | None]:
    """Of each policy, None where the field is absent."""
    policies = (await world.get(HOST, APPLICATION))["spec"]["syncPolicies"]
    return [each["rollout"]["rolloutPolicy"].get("skipTrafficAnalysis") for each in policies]


def ends(world: Estate, cluster: str, phase: str = "Succeeded") -> None:
    """Flagger is done with it."""
    storage = world.apis[cluster].server
    rt = storage.catalogue.by_plural("canaries", FLAGGER)
    storage.storage.apply_status(rt, "d", "web", {"phase": phase})


def sleeping(monkeypatch: pytest.MonkeyPatch, *turns: Callable[[], object]) -> list[float]:
    """Time that passes at once; at the n-th wait the n-th of `turns` happens."""
    slept: list[float] = []

    async def sleep(_ports: LivePorts, seconds: float) -> None:
        slept.append(seconds)
        if len(slept) <= len(turns):
            turns[len(slept) - 1]()
        for _turn in range(5):  # what was heard meanwhile is done
            await asyncio.sleep(0)

    monkeypatch.setattr(LivePorts, "sleep", sleep)
    return slept


async def test_the_analysis_is_put_back_when_every_canary_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with estate(tmp_path, CLUSTERS, sets=SETS) as world:
        app = shop(world)
        canary(world, "eu-1")
        canary(world, "eu-2", "Promoting")
        plan = await world.plan("rollout.promote", [row(app)])
        assert "put back once it Succeeded or Failed on eu-1, eu-2" in told(plan)
        notes = [step.note for step in plan.steps]
        assert notes[1] == "the analysis again, once it ended on eu-1, eu-2; waited for 12 min at most"
        after = [line.after for folded in plan.differences for line in folded.lines]
        assert after == ["true", ""]
        seen: list[object] = []

        def looked() -> None:
            found = world.apis[HOST].server.storage
            rt = world.apis[HOST].server.catalogue.by_plural("applications", "apps.kurator.dev")
            spec = found.get(rt, "d", "shop")["spec"]
            seen.append(spec["syncPolicies"][0]["rollout"]["rolloutPolicy"].get("skipTrafficAnalysis"))

        def first() -> None:
            looked()
            ends(world, "eu-1")

        def second() -> None:
            looked()
            ends(world, "eu-2", "Failed")

        slept = sleeping(monkeypatch, first, second)
        heard = await world.commit(plan)
        assert (last_states(heard), len(slept), seen) == ({0: "done", 1: "done"}, 2, [True, True])
        waits = [each.message for each in heard if each.message.startswith("waits for")]
        assert waits == ["waits for eu-1 Progressing, eu-2 Promoting", "waits for eu-2 Promoting"]
        assert (await world.get(HOST, APPLICATION))["spec"] == app["spec"]
        assert "as it was already" in (await world.plan("undo", [], plan=plan.id)).refusals[0].reason


async def test_a_canary_that_does_not_end_leaves_the_analysis_to_undo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with estate(tmp_path, CLUSTERS, sets=SETS) as world:
        app = shop(world, policy(rolloutTimeoutSeconds=60))
        canary(world, "eu-1")
        plan = await world.plan("rollout.promote", [row(app)])
        slept = sleeping(monkeypatch)
        heard = await world.commit(plan)
        assert sum(slept) == 180
        assert "waited in vain for eu-1 Progressing" in end(heard).message
        assert await skipped(world) == [True]
        back = await world.plan("undo", [], plan=plan.id)
        await world.commit(back)
        assert await skipped(world) == [None]


async def test_an_aborted_wait_is_skipped_and_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with estate(tmp_path, CLUSTERS, sets=SETS) as world:
        app = shop(world)
        canary(world, "eu-1")
        plan = await world.plan("rollout.promote", [row(app)])
        sleeping(monkeypatch)

        def hear(channel: Any, progress: Progress) -> None:
            if progress.message.startswith("waits for"):
                channel.fed(b"abort")

        heard = await world.commit(plan, hear=hear)
        assert last_states(heard) == {0: "done", 1: "skipped"}
        await world.commit(await world.plan("undo", [], plan=plan.id))
        assert await skipped(world) == [None]


async def test_policies_of_one_application_are_put_back_in_one_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with estate(tmp_path, CLUSTERS, sets=SETS) as world:
        other = {**policy(skipTrafficAnalysis=False), "name": "back"}
        app = shop(world, policy(), other)
        canary(world, "eu-1")
        plan = await world.plan("rollout.promote", [Target(HOST, "applications.apps.kurator.dev", "d", "shop")])
        sleeping(monkeypatch, lambda: ends(world, "eu-1"))
        await world.commit(plan)
        assert (await world.get(HOST, APPLICATION))["spec"] == app["spec"]


async def test_where_nothing_is_under_way_nothing_puts_the_analysis_back_and_that_is_told(tmp_path: Path) -> None:
    async with estate(tmp_path, CLUSTERS, sets=SETS) as world:
        app = shop(world)
        canary(world, "eu-1", "Succeeded")
        plan = await world.plan("rollout.promote", [row(app)])
        assert len(plan.steps) == 1
        assert "undo this plan, or promote with analysis=on" in told(plan, "warning")
        await world.commit(plan)
        assert await skipped(world) == [True]
        await world.commit(await world.plan("rollout.promote", [row(app)], analysis="on"))
        assert await skipped(world) == [False]


async def test_a_canary_of_its_own_gets_its_analysis_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with estate(tmp_path, CLUSTERS, sets=SETS) as world:
        target = own(canary(world, "eu-1"))
        plan = await world.plan("rollout.promote", [target])
        sleeping(monkeypatch, lambda: ends(world, "eu-1"))
        await world.commit(plan)
        spec: Obj = (await world.get("eu-1", CANARY))["spec"]
        assert "skipAnalysis" not in spec
