"""Undo after any write restores every field that we changed and no other: random objects, through servers.

An edit that adds is a server-side apply, one that takes away a JSON Patch; `apply` makes an object or changes it;
`delete` removes it. Meanwhile somebody else writes other fields.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from kurator_tui.kinds.plans import Target
from tests.unit.actions.estate import Estate, end, estate

Obj = dict[str, Any]
URL = "/api/v1/namespaces/d/configmaps"
TARGET = [Target("m1", "configmaps", "d", "c")]
TEXTS = st.dictionaries(st.sampled_from(["a", "b/c", "d~e", "f"]), st.sampled_from(["1", "2", ""]), max_size=3)
DATA = st.dictionaries(st.sampled_from(["a", "b.c", "d_e"]), st.sampled_from(["1", "2", "{}"]), max_size=3)
CONTENT = st.fixed_dictionaries({"labels": st.just({}), "annotations": TEXTS, "data": DATA})
LABELS = st.dictionaries(st.sampled_from(["a", "b.io/c"]), st.sampled_from(["1", "2"]), max_size=2)
FOUND = st.builds(lambda content, labels: {**content, "labels": labels}, CONTENT, LABELS)
FEW = settings(max_examples=15, deadline=None, phases=[Phase.generate])
"""An example is a server of its own: what fails is told as it was found, not made smaller."""
THEIRS = st.dictionaries(st.sampled_from(["theirs", "more"]), st.sampled_from(["1", "2"]), max_size=2)


def whole(content: Obj) -> Obj:
    notes = {key.replace("~", "-"): value for key, value in content["annotations"].items()}
    head = {"name": "c", "namespace": "d", "labels": content["labels"], "annotations": notes}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": head, "data": content["data"]}


def content(obj: Obj) -> Obj:
    """What people said of it; an empty map is none."""
    said = {**{part: obj["metadata"].get(part) for part in ("labels", "annotations")}, "data": obj.get("data")}
    return {key: value for key, value in said.items() if value}


async def now(world: Estate) -> Obj:
    return await world.get("m1", f"{URL[1:]}/c")


async def make(world: Estate, obj: Obj) -> None:
    answer, _obj = await world.apis["m1"].call("POST", f"{URL}?fieldManager=kubectl", obj)
    assert answer == 201


async def interfere(world: Estate, theirs: dict[str, str]) -> None:
    """Somebody else writes fields of his own."""
    body = {"metadata": {"annotations": theirs}, "data": theirs}
    how = {"Content_Type": "application/merge-patch+json"}
    await world.apis["m1"].call("PATCH", f"{URL}/c?fieldManager=somebody", body, **how)


def with_theirs(obj: Obj, theirs: dict[str, str]) -> Obj:
    notes = {**obj["metadata"]["annotations"], **theirs}
    return content(
        {**obj, "metadata": {**obj["metadata"], "annotations": notes}, "data": {**obj["data"], **theirs}}
    )


def through(test: Callable[[Estate], Awaitable[None]]) -> None:
    """Run `test` in an estate of its own."""

    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with estate(Path(folder)) as world:
                await test(world)

    asyncio.run(run())


async def written(world: Estate, verb: str, targets: list[Target], **arguments: str) -> str:
    """Apply a plan if there is anything in it, with fields taken from whoever has them; its id, or ""."""
    plan = await world.plan(verb, targets, **arguments)
    if plan.clashes:
        taken = json.dumps([clash.field for clash in plan.clashes])
        plan = await world.plan(verb, targets, **arguments, take=taken)
    if not plan.steps:
        return ""
    assert plan.ready, plan
    heard = await world.commit(plan)
    assert end(heard).done == len(plan.steps), end(heard)
    return plan.id


async def taken_back(world: Estate, id: str) -> None:
    if id:
        assert await written(world, "undo", [], plan=id)


@FEW
@given(FOUND, FOUND, THEIRS)
def test_an_edit_is_taken_back_and_what_others_wrote_stays(
    before: Obj, after: Obj, theirs: dict[str, str]
) -> None:
    async def test(world: Estate) -> None:
        await make(world, whole(before))
        live = await now(world)
        wanted = {**live, "data": whole(after)["data"]}
        wanted["metadata"] = {
            **live["metadata"],
            **{k: whole(after)["metadata"][k] for k in ("labels", "annotations")},
        }
        id = await written(world, "edit", TARGET, yaml=json.dumps(wanted), **{"from": json.dumps(live)})
        assert content(await now(world)) == content(whole(after))
        await interfere(world, theirs)
        await taken_back(world, id)
        assert content(await now(world)) == with_theirs(whole(before), theirs)

    through(test)


@FEW
@given(st.none() | FOUND, FOUND, THEIRS)
def test_what_was_applied_is_taken_back_whether_it_was_there_or_not(
    before: Obj | None, applied: Obj, theirs: dict[str, str]
) -> None:
    async def test(world: Estate) -> None:
        if before is not None:
            await make(world, whole(before))
        id = await written(world, "apply", [Target("m1", "", "", "")], yaml=json.dumps(whole(applied)))
        if before is not None:
            await interfere(world, theirs)
            await taken_back(world, id)
            assert content(await now(world)) == with_theirs(whole(before), theirs)
        else:
            await taken_back(world, id)
            assert (await now(world))["reason"] == "NotFound"

    through(test)


@FEW
@given(FOUND)
def test_what_was_deleted_is_made_again_as_it_was(before: Obj) -> None:
    async def test(world: Estate) -> None:
        await make(world, whole(before))
        id = await written(world, "delete", TARGET)
        assert (await now(world))["reason"] == "NotFound"
        await taken_back(world, id)
        assert content(await now(world)) == content(whole(before))

    through(test)
