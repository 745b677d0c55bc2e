"""Devices are told what to be at, within what their models allow, in either release of KubeEdge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kurator_tui.kinds.plans import Plan, Target
from tests.unit.actions.estate import Estate, Obj, estate

GROUP = "devices.kubeedge.io"
DEVICE = Target("m1", f"devices.{GROUP}", "d", "cooler")


def path(version: str) -> str:
    return f"apis/{GROUP}/{version}/namespaces/d/devices/cooler"


def new(world: Estate, desired: str | None = "-18.0") -> None:
    """As v1beta1 has it; what is reported is elsewhere."""
    limits = {"type": "DOUBLE", "minimum": "-25", "maximum": "8", "unit": "C"}
    told: list[Obj] = [
        {"name": "setpoint", "accessMode": "ReadWrite", **limits},
        {"name": "temperature", "accessMode": "ReadOnly", **limits},
        {"name": "door", "accessMode": "ReadWrite", "type": "BOOLEAN"},
    ]
    model = {"metadata": {"name": "unit", "namespace": "d"}, "spec": {"properties": told}}
    world.add("devicemodels", model, GROUP)
    wanted = {} if desired is None else {"desired": {"value": desired, "metadata": {"type": "string"}}}
    properties = [{"name": "temperature"}, {"name": "setpoint", **wanted}, {"name": "door"}]
    spec = {"deviceModelRef": {"name": "unit"}, "nodeName": "edge-1", "properties": properties}
    world.add("devices", {"metadata": {"name": "cooler", "namespace": "d"}, "spec": spec}, GROUP)
    twins = [{"propertyName": "setpoint", "reported": {"value": "-17.5"}}]
    head = {"name": "cooler", "namespace": "d"}
    world.add("devicestatuses", {"metadata": head, "spec": {}, "status": {"twins": twins}}, GROUP)


def old(world: Estate, **status: Any) -> None:
    """As v1alpha2 has it."""
    limits = {"accessMode": "ReadWrite", "minimum": 1, "maximum": 5}
    told = [{"name": "level", "type": {"int": limits}}, {"name": "mode", "type": {"string": {}}}]
    model = {"metadata": {"name": "unit", "namespace": "d"}, "spec": {"properties": told}}
    world.add("devicemodels", model, GROUP)
    terms = [{"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": ["edge-1"]}]}]
    spec = {"deviceModelRef": {"name": "unit"}, "nodeSelector": {"nodeSelectorTerms": terms}}
    device = {"metadata": {"name": "cooler", "namespace": "d"}, "spec": spec, "status": status}
    world.add("devices", device, GROUP)


def node(world: Estate, ready: str = "True") -> None:
    status = {"conditions": [{"type": "Ready", "status": ready}]}
    world.add("nodes", {"metadata": {"name": "edge-1"}, "spec": {}, "status": status})


def told(plan: Plan) -> str:
    return "\n".join(each.text for each in plan.consequences)


async def test_a_desired_value_is_set_and_says_what_is_reported_and_is_taken_back(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("kubeedge",)) as world:
        node(world, ready="Unknown")
        new(world)
        plan = await world.plan("kubeedge.set", [DEVICE], values="setpoint=-20.5")
        assert "setpoint is -17.5 now" in told(plan)
        assert "its node edge-1 is offline: the device is told when it is back" in told(plan)
        (line,) = plan.differences[0].lines
        assert (line.path, line.before, line.after) == (
            "spec.properties[name=setpoint].desired.value",
            '"-18.0"',
            '"-20.5"',
        )
        await world.commit(plan)
        found = (await world.get("m1", path("v1beta1")))["spec"]["properties"][1]
        assert found == {"name": "setpoint", "desired": {"value": "-20.5", "metadata": {"type": "string"}}}
        await world.commit(await world.plan("undo", [], plan=plan.id))
        assert (await world.get("m1", path("v1beta1")))["spec"]["properties"][1]["desired"]["value"] == "-18.0"


async def test_a_property_begins_to_want_something_and_wants_nothing_any_more(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("kubeedge",)) as world:
        node(world)
        new(world, desired=None)
        await world.commit(await world.plan("kubeedge.set", [DEVICE], values="setpoint=1 door=true"))
        properties = (await world.get("m1", path("v1beta1")))["spec"]["properties"]
        assert [each.get("desired", {}).get("value") for each in properties] == [None, "1", "true"]
        await world.commit(await world.plan("kubeedge.set", [DEVICE], values="door-"))
        properties = (await world.get("m1", path("v1beta1")))["spec"]["properties"]
        assert [each.get("desired", {}).get("value") for each in properties] == [None, "1", None]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ("temperature=3", "temperature is read-only"),
        ("setpoint=9", "setpoint is from -25 to 8 C"),
        ("setpoint=cold", "setpoint is a number (double), not cold"),
        ("door=open", "door is true or false"),
        ("speed=1", "has no property speed; it has setpoint, temperature, door"),
        ("setpoint=-18.0", "already"),
    ],
)
async def test_what_the_model_does_not_allow_is_refused(tmp_path: Path, values: str, why: str) -> None:
    async with estate(tmp_path, sets=("kubeedge",)) as world:
        node(world)
        new(world)
        plan = await world.plan("kubeedge.set", [DEVICE], values=values)
        assert plan.steps == ()
        assert why in plan.refusals[0].reason


async def test_an_older_release_is_told_in_the_twins_of_its_status(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("kubeedge-old",)) as world:
        node(world)
        twin = {"propertyName": "level", "desired": {"value": "2"}, "reported": {"value": "2"}}
        old(world, twins=[{"propertyName": "other"}, twin])
        plan = await world.plan("kubeedge.set", [DEVICE], values="level=4 mode=eco")
        assert "level is 2 now" in told(plan)
        moved = {"status": {"twins": [{"propertyName": "other"}, {**twin, "reported": {"value": "3"}}]}}
        kind = "application/merge-patch+json"
        assert (await world.apis["m1"].call("PATCH", f"/{path('v1alpha2')}", moved, Content_Type=kind))[0] == 200
        await world.commit(plan)  # a report between is no conflict
        twins = (await world.get("m1", path("v1alpha2")))["status"]["twins"]
        assert twins[1] == {**twin, "desired": {"value": "4"}, "reported": {"value": "3"}}
        assert twins[2] == {"propertyName": "mode", "desired": {"value": "eco"}}
        await world.commit(await world.plan("undo", [], plan=plan.id))
        twins = (await world.get("m1", path("v1alpha2")))["status"]["twins"]
        assert [each.get("desired") for each in twins] == [None, {"value": "2"}]


async def test_an_older_device_without_a_status_gets_its_first_twin(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("kubeedge-old",)) as world:
        node(world)
        old(world)
        assert "not 3.5" in (await world.plan("kubeedge.set", [DEVICE], values="level=3.5")).refusals[0].reason
        await world.commit(await world.plan("kubeedge.set", [DEVICE], values="level=3"))
        twins = (await world.get("m1", path("v1alpha2")))["status"]["twins"]
        assert twins == [{"propertyName": "level", "desired": {"value": "3"}}]
