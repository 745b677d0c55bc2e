"""An Event on each object that is changed, where the settings ask for it; the audit counts, an Event does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kurator_tui.errors import Forbidden
from tests.unit.actions.estate import Estate, end, estate


async def events(world: Estate) -> list[dict[str, Any]]:
    return list((await world.get("m1", "api/v1/namespaces/d/events"))["items"])


@pytest.mark.parametrize("wanted", [True, False])
async def test_an_object_that_is_changed_gets_an_event_if_that_is_wanted(tmp_path: Path, wanted: bool) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        world.configure(events=wanted)
        plan = await world.plan("scale", replicas="5")
        assert end(await world.commit(plan)).done == 1
        found = await events(world)
        assert len(found) == int(wanted)
        for event in found:
            assert plan.id in event["message"]
            assert event["message"].startswith("scale (scale) by ")
            uid = (await world.deployment())["metadata"]["uid"]
            about = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop", "namespace": "d", "uid": uid}
            assert event["involvedObject"] == about


async def test_an_event_that_cannot_be_made_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_given: object) -> None:
        raise Forbidden("no", code=403)

    async with estate(tmp_path) as world:
        world.add_deployment()
        world.configure(events=True)
        plan = await world.plan("scale", replicas="5")
        monkeypatch.setattr("kurator_tui.actions.noticing.writing.create", refused)
        assert end(await world.commit(plan)).done == 1
        assert await events(world) == []
