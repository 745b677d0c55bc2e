"""A console that is killed at any moment of a wave: nothing is written twice, and everything is accounted for."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec import to_builtins

from kurator_tui.actions import applying
from kurator_tui.actions.audit_chain import verify
from kurator_tui.kinds.plans import Progress, Target, decode_unfinished
from tests.unit.actions.crashing import noting
from tests.unit.actions.estate import Estate, end, estate

MEMBERS = ("m1", "m2")
POINTS = 6 * len(MEMBERS)
"""Of each member: before and after the intent, the write and the outcome."""


@pytest.fixture(scope="module")
def process() -> Iterator[subprocess.Popen[str]]:
    """What runs plans in processes that can be killed."""
    root = Path(__file__).parents[3]
    command = [sys.executable, "-m", "tests.unit.actions.crashing"]
    with subprocess.Popen(command, cwd=root, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as started:
        yield started
        assert started.stdin is not None
        started.stdin.close()


@dataclass
class Killing:
    """Runs a plan over the members of `world` until a point."""

    process: subprocess.Popen[str]
    folder: Path

    async def run(
        self, world: Estate, point: int, verb: str = "restart", targets: Sequence[Target] = (), **arguments: str
    ) -> int:
        """The exit code."""
        told = {
            "folder": str(self.folder),
            "point": point,
            "members": {name: api.server.url for name, api in world.apis.items()},
            "verb": verb,
            "targets": to_builtins(targets or world.targets()),
            "arguments": arguments,
        }
        return int(await asyncio.to_thread(self._ask, json.dumps(told)))

    def _ask(self, line: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()


@pytest.fixture
def killing(process: subprocess.Popen[str], tmp_path: Path) -> Killing:
    return Killing(process, tmp_path)


async def resumed(world: Estate) -> list[Progress]:
    """What a new console does with the plan that did not end."""
    (kept,) = decode_unfinished(await world.acting.plans(world.hub, {}))
    return await world.commit(kept.plan.id)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("point", range(POINTS))
async def test_killed_at_any_point_nothing_is_written_twice_or_lost(
    killing: Killing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: int
) -> None:
    ports = cast(Any, applying.LivePorts)
    async with estate(tmp_path, MEMBERS) as world:
        world.add_deployment()
        assert await killing.run(world, point) == -signal.SIGKILL
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


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("point", range(POINTS // len(MEMBERS)))
async def test_what_a_killed_console_made_is_known_to_be_made_by_it(
    killing: Killing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: int
) -> None:
    ports = cast(Any, applying.LivePorts)
    async with estate(tmp_path) as world:
        document = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"k": "v"}}
        whole = {"yaml": json.dumps(document), "namespace": "d"}
        cluster = [Target("m1", "", "", "")]
        assert await killing.run(world, point, "apply", cluster, **whole) == -signal.SIGKILL
        monkeypatch.setattr(ports, "send", noting(tmp_path, ports.send))
        assert end(heard := await resumed(world)).done == 1, heard
        assert (tmp_path / "sent").read_text().split() == ["m1"]
        back = await world.plan("undo", [], plan=world.audited()[0].plan)
        assert end(await world.commit(back)).done == 1
        assert (await world.get("m1", "api/v1/namespaces/d/configmaps/c"))["reason"] == "NotFound"
        assert verify(tmp_path / "state" / "audit.jsonl").broken == 0


async def test_a_plan_that_was_not_killed_leaves_nothing_to_resume(killing: Killing, tmp_path: Path) -> None:
    async with estate(tmp_path, MEMBERS) as world:
        world.add_deployment()
        assert await killing.run(world, POINTS) == 0
        assert json.loads(await world.acting.plans(world.hub, {})) == []
        assert (tmp_path / "sent").read_text().split() == list(MEMBERS)
