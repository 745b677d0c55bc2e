"""Undo deletes what its plan made and nothing else, whoever makes something under that name meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from kurator_tui.actions.applying import LivePorts
from kurator_tui.errors import NotFound
from kurator_tui.kinds.plans import Plan, Target
from tests.unit.actions.estate import Estate, end, estate

PATH = "api/v1/namespaces/d/configmaps/c"
OURS: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "c", "namespace": "d"},
    "data": {"ours": "1"},
}


async def applied(world: Estate) -> Plan:
    return await world.plan("apply", [Target("m1", "", "", "")], yaml=yaml.safe_dump(OURS))


async def made_by_somebody(world: Estate) -> None:
    """As `kubectl create` makes it."""
    body = {**OURS, "data": {"theirs": "1"}}
    status, _obj = await world.apis["m1"].call(
        "POST", "/api/v1/namespaces/d/configmaps?fieldManager=kubectl", body
    )
    assert status == 201


async def test_an_object_that_somebody_made_since_the_review_is_not_applied_to(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        plan = await applied(world)
        await made_by_somebody(world)
        heard = await world.commit(plan)
        assert (end(heard).done, end(heard).failed) == (0, 1)
        assert "somebody else made one of this name" in end(heard).message
        assert (await world.get("m1", PATH))["data"] == {"theirs": "1"}


async def test_an_object_that_somebody_made_in_the_same_moment_is_not_deleted_by_undo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with estate(tmp_path) as world:
        plan = await applied(world)

        async def overtaken(_ports: LivePorts, _target: Target) -> Any:
            await made_by_somebody(world)
            raise NotFound("not there", code=404)

        monkeypatch.setattr(LivePorts, "get", overtaken)
        assert end(await world.commit(plan)).done == 1
        back = await world.plan("undo", [], plan=plan.id)
        assert back.steps == ()
        assert "not known that the plan made it" in back.refusals[0].reason


async def test_another_object_of_the_name_that_was_made_is_not_deleted_by_undo(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        plan = await applied(world)
        await world.commit(plan)
        await world.apis["m1"].call("DELETE", f"/{PATH}")
        await made_by_somebody(world)
        back = await world.plan("undo", [], plan=plan.id)
        assert back.steps == ()
        assert "another one of this name" in back.refusals[0].reason


async def test_a_secret_that_was_made_is_deleted_by_undo_though_its_values_were_not_kept(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        secret = {
            **OURS,
            "kind": "Secret",
            "metadata": {"name": "s", "namespace": "d"},
            "data": {"k": "aHVudGVyMg=="},
        }
        plan = await world.plan("apply", [Target("m1", "", "", "")], yaml=yaml.safe_dump(secret))
        await world.commit(plan)
        assert b"aHVudGVyMg" not in b"".join(p.read_bytes() for p in world.state.rglob("*") if p.is_file())
        await world.commit(await world.plan("undo", [], plan=plan.id))
        assert (await world.get("m1", "api/v1/namespaces/d/secrets/s"))["reason"] == "NotFound"
