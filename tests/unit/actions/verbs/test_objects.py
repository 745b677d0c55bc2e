"""Any object is labelled and deleted as it was asked, and let go of only when it is being deleted already."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kurator_tui.actions.difference import Change
from kurator_tui.actions.journal import Kept
from kurator_tui.actions.plan import JsonPatch, Step
from kurator_tui.actions.reading_back import judged
from kurator_tui.errors import UsageError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Plan, Target
from kurator_tui.kinds.verb import Risk
from tests.unit.actions.estate import Estate, Obj, estate

POD = Target("m1", "pods", "d", "web")
POD_PATH = "api/v1/namespaces/d/pods/web"
APPLICATION = Target(HOST, "applications.apps.kurator.dev", "d", "shop")
APPLICATION_PATH = "apis/apps.kurator.dev/v1alpha1/namespaces/d/applications/shop"
NOW = "2026-01-01T00:00:00Z"


def pod(world: Estate, **meta: Any) -> None:
    spec = {"nodeName": "n", "terminationGracePeriodSeconds": 30, "containers": [{"name": "c", "image": "i"}]}
    head = {"name": "web", "namespace": "d", **meta}
    world.add("pods", {"metadata": head, "spec": spec, "status": {"phase": "Running"}})


def application(world: Estate, *finalizers: str, **meta: Any) -> None:
    head = {"name": "shop", "namespace": "d", "finalizers": list(finalizers), **meta}
    world.add("applications", {"metadata": head, "spec": {"source": {}, "syncPolicies": []}}, "apps.kurator.dev")


def told(plan: Plan, level: str) -> list[str]:
    return [each.text for each in plan.consequences if each.level == level]


def gone(obj: Obj) -> bool:
    return obj.get("reason") == "NotFound"


async def test_a_pod_is_deleted_with_the_grace_that_was_asked_for(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        pod(world)
        plan = await world.plan("delete", [POD], grace="7")
        assert (plan.risk, plan.word) == (Risk.DESTRUCTIVE, "web")
        await world.commit(plan)
        assert (await world.get("m1", POD_PATH))["metadata"]["deletionGracePeriodSeconds"] == 7


async def test_a_forced_pod_is_not_waited_for_and_that_is_told(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        pod(world)
        plan = await world.plan("delete", [POD], force="yes")
        assert "may go on running on the node" in told(plan, "warning")[0]
        await world.commit(plan)
        assert gone(await world.get("m1", POD_PATH))


async def test_a_pod_that_never_ends_is_refused_until_it_is_forced(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        pod(world, deletionTimestamp=NOW, deletionGracePeriodSeconds=30)
        assert "being deleted already" in (await world.plan("delete", [POD])).refusals[0].reason
        await world.commit(await world.plan("delete", [POD], force="yes"))
        assert gone(await world.get("m1", POD_PATH))


@pytest.mark.parametrize(
    ("propagation", "finalizer"), [("Foreground", "foregroundDeletion"), ("Orphan", "orphan")]
)
async def test_what_an_object_owns_goes_first_or_stays(tmp_path: Path, propagation: str, finalizer: str) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        plan = await world.plan("delete", propagation=propagation)
        assert told(plan, "warning") == (
            ["what it owns stays, without an owner"] if propagation == "Orphan" else ["its 2 pods end with it"]
        )
        await world.commit(plan)
        assert (await world.deployment())["metadata"]["finalizers"] == [finalizer]


async def test_a_namespace_says_that_everything_in_it_goes(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        plan = await world.plan("delete", [Target("m1", "namespaces", "", "d")])
        assert told(plan, "warning") == ["everything in it is deleted with it, 0 pods among it"]
        assert plan.word == "d"


async def test_nodes_are_labelled_and_keep_their_other_labels(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add("nodes", {"metadata": {"name": "n", "labels": {"zone": "a", "old": "x"}}, "spec": {}})
        await world.commit(
            await world.plan(
                "label", [Target("m1", "nodes", "", "n")], labels="submariner.io/gateway=true zone=b old-"
            )
        )
        labels = (await world.get("m1", "api/v1/nodes/n"))["metadata"]["labels"]
        assert labels == {"zone": "b", "submariner.io/gateway": "true"}


async def test_an_object_that_is_not_being_deleted_keeps_its_finalizers(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        application(world, "apps.kurator.dev")
        plan = await world.plan("remove-finalizers", [APPLICATION])
        assert plan.steps == ()
        assert plan.refusals[0].instead is not None
        assert plan.refusals[0].instead.verb == "delete"


async def test_an_application_whose_fleet_is_gone_is_let_go_by_its_typed_name(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        application(world, "apps.kurator.dev", deletionTimestamp=NOW)
        plan = await world.plan("remove-finalizers", [APPLICATION])
        assert (plan.risk, plan.word) == (Risk.DESTRUCTIVE, "shop")
        assert "Canaries, test loaders" in told(plan, "danger")[0]
        with pytest.raises(UsageError):
            await world.commit(plan, confirmed="y")
        await world.commit(plan)
        assert gone(await world.get(HOST, APPLICATION_PATH))
        assert "gone" in (await world.plan("undo", [], plan=plan.id)).refusals[0].reason


async def test_one_finalizer_of_several_is_removed_and_the_others_are_waited_for(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        application(world, "apps.kurator.dev", "own/it", deletionTimestamp=NOW)
        wrong = await world.plan("remove-finalizers", [APPLICATION], finalizers="other")
        assert wrong.refusals[0].reason == "it has no finalizer other; it has apps.kurator.dev, own/it"
        plan = await world.plan("remove-finalizers", [APPLICATION], finalizers="own/it")
        assert told(plan, "info") == ["it still waits for apps.kurator.dev"]
        await world.commit(plan)
        assert (await world.get(HOST, APPLICATION_PATH))["metadata"]["finalizers"] == ["apps.kurator.dev"]


async def test_finalizers_are_removed_from_one_object_at_a_time(tmp_path: Path) -> None:
    async with estate(tmp_path, ("m1", "m2")) as world:
        with pytest.raises(UsageError, match="one object at a time"):
            await world.plan("remove-finalizers", world.targets())


def test_an_object_that_is_gone_after_its_finalizers_were_written_was_written() -> None:
    patch = JsonPatch(({"op": "remove", "path": "/metadata/finalizers"},))
    kept = Kept(Step(APPLICATION, patch), (Change(("metadata", "finalizers"), ["a"]),))
    assert judged(kept, None).found == "written"
