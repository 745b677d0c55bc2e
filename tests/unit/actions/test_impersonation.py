"""Writes as another user (`--as`): what is shown, asked and written is what that user may see and do."""

from __future__ import annotations

from pathlib import Path

import pytest

from kurator_tui.actions.applying import LivePorts
from kurator_tui.actions.audit import Audit
from kurator_tui.api.writing import Manner
from kurator_tui.errors import Forbidden
from tests.unit.actions.estate import end, estate

ASKED = {"cluster": "m1", "verb": "restart", "kind": "deployments.apps", "namespace": "d"}


async def test_an_object_that_the_user_may_not_read_is_in_no_plan_of_his(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        world.configure(as_user="eve")
        plan = await world.plan("restart")
        assert plan.steps == ()
        assert plan.differences == ()
        assert "eve" in plan.refusals[0].reason
        assert await world.acting.may(world.hub, ASKED) == "you may not patch deployments in d"


async def test_a_user_who_may_read_and_not_write_sees_why(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        world.configure(as_user="viewer")
        plan = await world.plan("restart")
        assert plan.user == "viewer"
        assert 'User "viewer" cannot patch' in plan.faults[0].message
        assert not plan.ready


async def test_what_is_looked_at_before_a_write_is_read_as_the_user(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        ports = LivePorts(world.hub, Audit(world.state), Manner(user="eve"), {})
        with pytest.raises(Forbidden, match="eve"):
            await ports.get(world.targets()[0])


async def test_a_plan_is_written_and_resumed_as_the_user_it_was_made_as(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        world.configure(as_user="ann", as_groups=("system:masters",))
        plan = await world.plan("scale", replicas="5")
        assert end(await world.commit(plan)).done == 1
        assert {(entry.user, entry.groups) for entry in world.audited()} == {("ann", ("system:masters",))}
