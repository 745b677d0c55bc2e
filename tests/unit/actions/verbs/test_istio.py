"""Traffic of a VirtualService is shared out in one request, unless Flagger does that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Target
from tests.unit.actions.estate import Estate, Obj, estate

ISTIO = "networking.istio.io"
SETS = ("istio", "flagger")


def to(subset: str, weight: int | None = None) -> Obj:
    aim = {"destination": {"host": "web.d.svc", "subset": subset}}
    return aim if weight is None else {**aim, "weight": weight}


def service(world: Estate, *routes: list[Obj], **meta: Any) -> tuple[Target, str]:
    http = [{"name": f"r{number}", "route": route} for number, route in enumerate(routes)]
    head = {"name": "web", "namespace": "d", **meta}
    made = world.add("virtualservices", {"metadata": head, "spec": {"hosts": ["web"], "http": http}}, ISTIO, "m1")
    path = f"apis/{made['apiVersion']}/namespaces/d/virtualservices/web"
    return Target("m1", f"virtualservices.{ISTIO}", "d", "web"), path


async def weights(world: Estate, path: str, route: int = 0) -> list[Any]:
    found = (await world.get("m1", path))["spec"]["http"][route]["route"]
    return [each.get("weight") for each in found]


async def test_both_weights_go_in_one_request_and_come_back(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=SETS) as world:
        target, path = service(world, [to("v1", 100), to("v2", 0)], [to("v1")])
        plan = await world.plan("istio.shift", [target], weights="v2=25")
        assert len(plan.steps) == 1
        await world.commit(plan)
        assert await weights(world, path) == [75, 25]
        await world.commit(await world.plan("undo", [], plan=plan.id))
        assert await weights(world, path) == [100, 0]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("v1=60 v2=60", "sum to 120"),
        ("v3=10", "none of its destinations: v1, v2"),
        ("v2=101", "no weight from 0 to 100"),
        ("v2-", "no weight"),
        ("v2=0", "goes so already"),
    ],
)
async def test_weights_that_make_no_whole_are_refused(tmp_path: Path, said: str, why: str) -> None:
    async with estate(tmp_path, sets=SETS) as world:
        target, _path = service(world, [to("v1", 100), to("v2", 0)])
        plan = await world.plan("istio.shift", [target], weights=said)
        assert plan.steps == ()
        assert why in plan.refusals[0].reason


async def test_a_route_is_chosen_where_several_have_weights(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=SETS) as world:
        target, path = service(world, [to("v1", 100), to("v2", 0)], [to("v1", 50), to("v2", 50)])
        refused = await world.plan("istio.shift", [target], weights="v2=10")
        assert "say which: r0, r1" in refused.refusals[0].reason
        await world.commit(await world.plan("istio.shift", [target], weights="v2=10", route="r1"))
        assert (await weights(world, path), await weights(world, path, 1)) == ([100, 0], [90, 10])


async def test_weights_that_flagger_writes_are_refused_with_the_application_as_the_place(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST, "m1"), sets=SETS) as world:
        policy = {"name": "front", "rollout": {"workload": {"name": "web", "namespace": "d"}}}
        spec = {"syncPolicies": [policy]}
        world.add(
            "applications",
            {"metadata": {"name": "shop", "namespace": "d"}, "spec": spec},
            "apps.kurator.dev",
            HOST,
        )
        head = {"name": "web", "namespace": "d", "annotations": {"kurator.dev/rollout": "front"}}
        canary = world.add("canaries", {"metadata": head, "spec": {}}, "flagger.app", "m1")
        owner = {"apiVersion": "flagger.app/v1beta1", "kind": "Canary", "name": "web", "controller": True}
        owner["uid"] = canary["metadata"]["uid"]
        target, _path = service(world, [to("v1", 100), to("v2", 0)], ownerReferences=[owner])
        plan = await world.plan("istio.shift", [target], weights="v2=10")
        assert plan.steps == ()
        (refusal,) = plan.refusals
        assert refusal.instead is not None
        assert refusal.instead.target is not None
        assert (refusal.instead.target.kind, refusal.instead.target.name) == (
            "applications.apps.kurator.dev",
            "shop",
        )
