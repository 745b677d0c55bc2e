"""Services are offered to other clusters and taken back, with who answers beside them told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kurator_tui.kinds.plans import Plan, Target
from kurator_tui.kinds.verb import Risk
from tests.unit.actions.estate import Estate, Obj, estate

SERVICES = "multicluster.x-k8s.io"
EXPORTS = f"apis/{SERVICES}/v1alpha1/namespaces/d/serviceexports"
SERVICE = Target("m1", "services", "d", "shop")


def service(world: Estate, **spec: Any) -> None:
    whole = {"ports": [{"port": 80}], "selector": {"app": "shop"}, **spec}
    world.add("services", {"metadata": {"name": "shop", "namespace": "d"}, "spec": whole})


def gateway(world: Estate, *connections: str) -> None:
    told = [{"status": each} for each in connections]
    head = {"name": "g", "namespace": "submariner-operator"}
    whole: Obj = {"metadata": head, "status": {"haStatus": "active", "connections": told}}
    world.add("gateways", whole, "submariner.io")


def imported(world: Estate, *clusters: str) -> None:
    status = {"clusters": [{"cluster": each} for each in clusters]}
    spec = {"type": "ClusterSetIP", "ports": []}
    head = {"name": "shop", "namespace": "d"}
    world.add("serviceimports", {"metadata": head, "spec": spec, "status": status}, SERVICES)


def warned(plan: Plan) -> list[str]:
    return [each.text for each in plan.consequences if each.level == "warning"]


async def exported(world: Estate) -> list[str]:
    return [each["metadata"]["name"] for each in (await world.get("m1", EXPORTS))["items"]]


async def test_a_service_is_exported_and_taken_back(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("submariner",)) as world:
        service(world)
        gateway(world, "connected")
        plan = await world.plan("submariner.export", [SERVICE])
        assert warned(plan) == []
        assert "shop.d.svc.clusterset.local" in plan.consequences[0].text
        await world.commit(plan)
        assert await exported(world) == ["shop"]
        assert "already" in (await world.plan("submariner.export", [SERVICE])).refusals[0].reason
        await world.commit(await world.plan("undo", [], plan=plan.id))
        assert await exported(world) == []


async def test_an_export_says_who_answers_beside_it_and_that_nobody_can_reach_it(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("submariner",)) as world:
        service(world, selector=None)
        imported(world, "eu-2")
        told = "\n".join(warned(await world.plan("submariner.export", [SERVICE])))
        assert "eu-2 exports one of this name, too" in told
        assert "no gateway of its cluster is active" in told
        assert "no selector" in told
        gateway(world, "error")
        assert "connected to no other" in "\n".join(warned(await world.plan("submariner.export", [SERVICE])))


async def test_what_cannot_be_exported_is_refused(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        service(world)
        assert (
            "Submariner is not installed" in (await world.plan("submariner.export", [SERVICE])).refusals[0].reason
        )
    (tmp_path / "other").mkdir()
    async with estate(tmp_path / "other", sets=("submariner",)) as world:
        service(world, type="ExternalName", externalName="x.example")
        assert "no endpoints" in (await world.plan("submariner.export", [SERVICE])).refusals[0].reason


@pytest.mark.parametrize(
    ("clusters", "told"),
    [((), "is not known"), (("m1", "eu-2"), "those of eu-2 do"), (("m1",), "no cluster is left")],
)
async def test_what_is_left_of_a_name_is_told(tmp_path: Path, clusters: tuple[str, ...], told: str) -> None:
    async with estate(tmp_path, sets=("submariner",)) as world:
        service(world)
        await world.commit(await world.plan("submariner.export", [SERVICE]))
        imported(world, *clusters)
        assert told in warned(await world.plan("submariner.unexport", [SERVICE]))[0]


async def test_an_export_is_withdrawn_by_its_service_or_itself_once(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("submariner",)) as world:
        service(world)
        assert "not exported" in (await world.plan("submariner.unexport", [SERVICE])).refusals[0].reason
        await world.commit(await world.plan("submariner.export", [SERVICE]))
        itself = Target("m1", f"serviceexports.{SERVICES}", "d", "shop")
        plan = await world.plan("submariner.unexport", [SERVICE, itself])
        assert (plan.risk, len(plan.steps)) == (Risk.DESTRUCTIVE, 1)
        await world.commit(plan)
        assert await exported(world) == []
        await world.commit(await world.plan("undo", [], plan=plan.id))
        assert await exported(world) == ["shop"]
