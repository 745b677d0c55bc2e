"""A buffer of YAML meets a server: what is written, what is refused, what others changed meanwhile."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from kurator_tui.errors import UsageError
from kurator_tui.kinds.masking import masked
from kurator_tui.kinds.plans import Plan
from kurator_tui.kinds.verb import Risk
from tests.unit.actions.estate import Estate, end, estate

Obj = dict[str, Any]
CONFIGMAP = "api/v1/namespaces/d/configmaps/c"
APPLY = "application/apply-patch+yaml"


def text(obj: Obj) -> str:
    return yaml.safe_dump(obj)


async def create_deployment(world: Estate, **labels: str) -> None:
    """One that `kubectl create` made, so that its server knows who manages what."""
    pod = {"metadata": {"labels": {"app": "shop"}}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": "shop"}}, "template": pod}
    head = {"name": "shop", "namespace": "d", "labels": labels}
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": head, "spec": spec}
    path = "/apis/apps/v1/namespaces/d/deployments?fieldManager=kubectl-create"
    status, _answer = await world.apis["m1"].call("POST", path, body)
    assert status == 201


async def edit(world: Estate, base: Obj, edited: Obj, kind: str = "deployments.apps", **more: Any) -> Plan:
    """The plan of a buffer that held `base` and holds `edited`."""
    name = base["metadata"]["name"]
    said = {"yaml": text(edited), "from": text(base), **more}
    return await world.plan("edit", world.targets(kind, name), **said)


async def write(world: Estate, plan: Plan) -> None:
    assert end(await world.commit(plan)).done == 1


async def opened(world: Estate) -> tuple[Obj, Obj]:
    """A Deployment as a buffer shows it, and a copy to change."""
    base = masked(await world.deployment())
    return base, copy.deepcopy(base)


async def test_a_changed_field_is_applied_with_our_manager_and_undone(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        await create_deployment(world)
        await world.commit(await world.plan("scale", replicas="3"))
        base, edited = await opened(world)
        edited["spec"]["template"]["spec"]["containers"][0]["image"] = "web:2"
        image = '.spec.template.spec.containers[name="web"].image'
        plan = await edit(world, base, edited)
        assert [(clash.field, clash.manager) for clash in plan.clashes] == [(image, "kubectl-create")]
        plan = await edit(world, base, edited, take=json.dumps([image]))
        assert plan.risk is Risk.DISRUPTIVE
        (line,) = plan.differences[0].lines
        assert line.path == "spec.template.spec.containers[name=web].image"
        await write(world, plan)
        now = await world.deployment()
        assert now["spec"]["template"]["spec"]["containers"][0]["image"] == "web:2"
        assert now["spec"]["replicas"] == 3
        mine = [each for each in now["metadata"]["managedFields"] if each["operation"] == "Apply"]
        assert [each["manager"] for each in mine] == ["kurator-tui"]
        await world.commit(await world.plan("undo", [], plan=plan.id))
        assert (await world.deployment())["spec"]["template"]["spec"]["containers"][0]["image"] == "web:1"


async def test_a_second_edit_keeps_what_the_first_one_applied(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add("configmaps", {"metadata": {"name": "c", "namespace": "d"}, "data": {"a": "1", "b": "1"}})
        await world.plan("label", world.targets("configmaps", "c"), labels="x=1")
        for key in ("new", "newer"):
            base = masked(await world.get("m1", CONFIGMAP))
            edited = copy.deepcopy(base)
            edited["data"][key] = "2"
            await write(world, await edit(world, base, edited, "configmaps"))
        assert (await world.get("m1", CONFIGMAP))["data"] == {"a": "1", "b": "1", "new": "2", "newer": "2"}


async def test_a_field_that_is_taken_out_of_the_buffer_goes(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment(labels={"a": "1", "b": "2"})
        base, edited = await opened(world)
        del edited["metadata"]["labels"]["a"]
        edited["spec"]["replicas"] = 4
        plan = await edit(world, base, edited)
        assert "JSON Patch" in plan.steps[0].note
        await write(world, plan)
        now = await world.deployment()
        assert now["metadata"]["labels"] == {"b": "2"}
        assert now["spec"]["replicas"] == 4


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, "nothing was changed"),
        ({"kind": "StatefulSet"}, "kind was changed"),
        ({"apiVersion": "apps/v2"}, "apiVersion was changed"),
        ({"metadata": {"name": "other"}}, "metadata.name was changed"),
        ({"metadata": {"namespace": "other"}}, "metadata.namespace was changed"),
    ],
)
async def test_a_buffer_that_is_the_same_or_another_object_writes_nothing(
    tmp_path: Path, change: Obj, why: str
) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        base, edited = await opened(world)
        for key, value in change.items():
            edited[key] = {**edited[key], **value} if isinstance(value, dict) else value
        plan = await edit(world, base, edited)
        assert plan.steps == ()
        assert why in plan.refusals[0].reason


async def test_an_empty_buffer_writes_nothing(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        plan = await world.plan("edit", yaml=" \n")
        assert (plan.steps, plan.ready) == ((), False)
        assert "empty" in plan.refusals[0].reason


@pytest.mark.parametrize(
    ("buffer", "line"),
    [("a: 1\nb: [\n", "line 3"), ("a: 1\na: 2\n", "line 2"), ("a: 1\nb:\n\t- c\n", "line 3"), ("- a\n", "line 1")],
)
async def test_what_is_no_yaml_is_told_with_its_line(tmp_path: Path, buffer: str, line: str) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        with pytest.raises(UsageError, match=line):
            await world.plan("edit", yaml=buffer)


async def test_masked_values_that_nobody_touched_stay(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        data = {"password": "aHVudGVyMg==", "user": "bWU="}
        world.add("secrets", {"metadata": {"name": "s", "namespace": "d"}, "data": data})
        path = "api/v1/namespaces/d/secrets/s"
        base = masked(await world.get("m1", path))
        edited = copy.deepcopy(base)
        edited["data"]["user"] = "eW91"
        plan = await edit(world, base, edited, "secrets")
        assert "eW91" not in json.dumps(str(plan))
        await write(world, plan)
        assert (await world.get("m1", path))["data"] == {**data, "user": "eW91"}
        kept = b"".join(each.read_bytes() for each in (tmp_path / "state").rglob("*") if each.is_file())
        assert b"eW91" not in kept
        assert b"aHVudGVyMg" not in kept


async def test_what_stands_for_a_secret_value_is_never_written(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add("secrets", {"metadata": {"name": "s", "namespace": "d"}, "data": {"password": "aHVudGVyMg=="}})
        base = masked(await world.get("m1", "api/v1/namespaces/d/secrets/s"))
        edited = copy.deepcopy(base)
        edited["data"]["other"] = edited["data"].pop("password")
        plan = await edit(world, base, edited, "secrets")
        assert plan.steps == ()
        assert "stands for a secret value" in plan.refusals[0].reason


async def test_what_others_changed_meanwhile_stays(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment(labels={"a": "1"})
        base, edited = await opened(world)
        await world.commit(await world.plan("label", labels="a=theirs"))
        edited["spec"]["replicas"] = 5
        plan = await edit(world, base, edited)
        assert any("metadata.labels.a" in each.text for each in plan.consequences)
        await write(world, plan)
        now = await world.deployment()
        assert (now["spec"]["replicas"], now["metadata"]["labels"]) == (5, {"a": "theirs"})


async def _clashing(world: Estate) -> tuple[Obj, Obj]:
    await create_deployment(world, a="1")
    base, edited = await opened(world)
    await world.commit(await world.plan("scale", replicas="3"))
    edited["spec"]["replicas"] = 5
    edited["metadata"]["labels"]["b"] = "ours"
    return base, edited


async def test_a_field_that_both_changed_waits_for_a_decision(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        plan = await edit(world, *await _clashing(world))
        assert [(clash.field, clash.manager) for clash in plan.clashes] == [(".spec.replicas", "kurator-tui")]
        assert not plan.ready


@pytest.mark.parametrize(("word", "replicas"), [("take", 5), ("leave", 3)])
async def test_a_clash_is_taken_or_left(tmp_path: Path, word: str, replicas: int) -> None:
    async with estate(tmp_path) as world:
        base, edited = await _clashing(world)
        plan = await edit(world, base, edited, **{word: json.dumps([".spec.replicas"])})
        assert plan.ready, plan
        await write(world, plan)
        now = await world.deployment()
        assert now["spec"]["replicas"] == replicas
        assert now["metadata"]["labels"]["b"] == "ours"


async def _managed(world: Estate) -> tuple[Obj, Obj]:
    """A ConfigMap with a key of another manager, edited there and elsewhere."""
    world.add("configmaps", {"metadata": {"name": "c", "namespace": "d"}})
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"k": "theirs"}}
    await world.apis["m1"].call("PATCH", f"/{CONFIGMAP}?fieldManager=gitops&force=true", body, Content_Type=APPLY)
    base = masked(await world.get("m1", CONFIGMAP))
    edited = copy.deepcopy(base)
    edited["data"] = {"k": "ours", "mine": "1"}
    return base, edited


async def test_a_field_of_another_manager_waits_for_a_decision(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        plan = await edit(world, *await _managed(world), "configmaps")
        ((field, manager),) = [(clash.field, clash.manager) for clash in plan.clashes]
        assert (field, manager) == (".data.k", "gitops")
        assert plan.clashes[0].time


@pytest.mark.parametrize(
    ("word", "data"), [("take", {"k": "ours", "mine": "1"}), ("leave", {"k": "theirs", "mine": "1"})]
)
async def test_a_field_of_another_manager_is_taken_or_left(tmp_path: Path, word: str, data: Obj) -> None:
    async with estate(tmp_path) as world:
        base, edited = await _managed(world)
        plan = await edit(world, base, edited, "configmaps", **{word: '[".data.k"]'})
        assert plan.ready
        await write(world, plan)
        assert (await world.get("m1", CONFIGMAP))["data"] == data


async def test_when_all_is_left_to_others_nothing_is_written(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        base, edited = await _managed(world)
        del edited["data"]["mine"]
        plan = await edit(world, base, edited, "configmaps", leave='[".data.k"]')
        assert not plan.ready
        assert "left to others" in plan.faults[0].message
