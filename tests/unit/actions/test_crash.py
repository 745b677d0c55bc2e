"""A console that is killed at any moment of a wave: nothing is written twice, and everything is accounted for."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from kurator_tui.actions import applying
from kurator_tui.actions.audit_chain import verify
from kurator_tui.kinds.plans import Progress, decode_unfinished
from tests.unit.actions.crashing import noting
from tests.unit.actions.estate import Estate, end, estate

MEMBERS = ("m1", "m2")
POINTS = 6 * len(MEMBERS)
"""Of each member: before and after the intent, the write and the outcome."""


async def killed(world: Estate, folder: Path, point: int) -> int:
    """Run a plan in another process until `point`; its exit code."""
    urls = {name: api.server.url for name, api in world.apis.items()}
    told = json.dumps({"folder": str(folder), "point": point, "members": urls})
    root = Path(__file__).parents[3]
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.unit.actions.crashing", told, cwd=root
    )
    return await child.wait()


async def resumed(world: Estate) -> list[Progress]:
    """What a new console does with the plan that did not end."""
    (kept,) = decode_unfinished(await world.acting.plans(world.hub, {}))
    return await world.commit(kept.plan.id)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("point", range(POINTS))
async def test_killed_at_any_point_nothing_is_written_twice_or_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: int
) -> None:
    ports = cast(Any, applying.LivePorts)
    async with estate(tmp_path, MEMBERS) as world:
        world.add_deployment()
        assert await killed(world, tmp_path, point) == -signal.SIGKILL
        monkeypatch.setattr(ports, "send", noting(tmp_path, ports.send))
        heard = await resumed(world)
        assert end(heard).done == len(MEMBERS)
        assert (tmp_path / "sent").read_text().split() == list(MEMBERS)
        notes = [(await world.deployment(name))["spec"]["template"]["metadata"]["annotations"] for name in MEMBERS]
        assert notes[0] == notes[1]
        found = verify(tmp_path / "state" / "audit.jsonl")
        assert (found.broken, found.torn, found.open_intents) == (0, (), ())
        settled = [entry for entry in world.audited() if entry.outcome in ("done", "found done")]
        assert sorted(entry.step for entry in settled) == list(range(len(MEMBERS)))
        assert json.loads(await world.acting.plans(world.hub, {})) == []


async def test_a_plan_that_was_not_killed_leaves_nothing_to_resume(tmp_path: Path) -> None:
    async with estate(tmp_path, MEMBERS) as world:
        world.add_deployment()
        assert await killed(world, tmp_path, POINTS) == 0
        assert json.loads(await world.acting.plans(world.hub, {})) == []
        assert (tmp_path / "sent").read_text().split() == list(MEMBERS)
