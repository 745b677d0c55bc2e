"""Images, resources and earlier templates of workloads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kurator_tui.errors import UsageError
from kurator_tui.kinds.plans import Target
from tests.unit.actions.estate import Estate, Obj, estate


def template(*names: str, image: str = "web:1") -> Obj:
    containers = [{"name": name, "image": image} for name in names]
    return {"metadata": {"labels": {"app": "shop"}}, "spec": {"containers": containers}}


def containers(obj: Obj) -> list[Any]:
    return list(obj["spec"]["template"]["spec"]["containers"])


def add(world: Estate, *names: str) -> None:
    spec = {"replicas": 3, "selector": {"matchLabels": {"app": "shop"}}, "template": template(*names)}
    world.add("deployments", {"metadata": {"name": "shop", "namespace": "d"}, "spec": spec}, "apps")


async def test_the_only_containers_image_needs_no_name(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment(replicas=3)
        plan = await world.plan("set-image", image="web:2")
        assert [line.path for line in plan.differences[0].lines] == [
            "spec.template.spec.containers[name=web].image"
        ]
        assert plan.consequences[0].text == "3 pods are replaced: 3 to 4 of them while it rolls"
        await world.commit(plan)
        assert containers(await world.deployment())[0]["image"] == "web:2"
        await world.commit(await world.plan("undo", [], plan=plan.id))
        assert containers(await world.deployment())[0]["image"] == "web:1"


async def test_of_several_containers_each_is_named(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        add(world, "a", "b", "c")
        (refusal,) = (await world.plan("set-image", image="web:2")).refusals
        assert "a, b, c" in refusal.reason
        (refusal,) = (await world.plan("set-image", image="x=web:2")).refusals
        assert refusal.reason == "it has no container x"
        await world.commit(await world.plan("set-image", image="a=web:2 c=web:3"))
        assert [each["image"] for each in containers(await world.deployment())] == ["web:2", "web:1", "web:3"]
        with pytest.raises(UsageError):
            await world.plan("set-image", image="web:2 b=web:3")


async def test_a_cronjobs_image_is_in_its_job_template(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        job = {"template": {**template("web"), "spec": {**template("web")["spec"], "restartPolicy": "Never"}}}
        spec = {"schedule": "0 * * * *", "jobTemplate": {"spec": job}}
        world.add("cronjobs", {"metadata": {"name": "c", "namespace": "d"}, "spec": spec}, "batch")
        plan = await world.plan("set-image", world.targets("cronjobs.batch", "c"), image="web:2")
        assert plan.consequences[0].text.startswith("from its next run on")
        await world.commit(plan)
        found = await world.get("m1", "apis/batch/v1/namespaces/d/cronjobs/c")
        assert containers(found["spec"]["jobTemplate"])[0]["image"] == "web:2"


async def test_resources_are_set_beside_those_that_stay(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        await world.commit(await world.plan("set-resources", cpu="250m", memory_limit="1Gi"))
        await world.commit(await world.plan("set-resources", memory="512Mi", container="web"))
        found = containers(await world.deployment())[0]["resources"]
        assert found == {"requests": {"cpu": "250m", "memory": "512Mi"}, "limits": {"memory": "1Gi"}}
        (refusal,) = (await world.plan("set-resources", cpu="250m")).refusals
        assert "already" in refusal.reason
        with pytest.raises(UsageError):
            await world.plan("set-resources")


def replica_set(deployment: Obj, number: int, image: str) -> Obj:
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop", "uid": deployment["metadata"]["uid"]}
    hashed = template("web", image=image)
    hashed["metadata"]["labels"]["pod-template-hash"] = f"h{number}"
    labels = hashed["metadata"]["labels"]
    return {
        "metadata": {
            "name": f"shop-{number}",
            "namespace": "d",
            "annotations": {"deployment.kubernetes.io/revision": str(number)},
            "ownerReferences": [{**owner, "controller": True}],
        },
        "spec": {"replicas": 0, "selector": {"matchLabels": labels}, "template": hashed},
    }


async def test_a_workload_goes_back_to_the_revision_before_or_a_named_one(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment(image="web:3")
        (refusal,) = (await world.plan("rollback")).refusals
        assert refusal.reason == "it has no revision before this one"
        deployment = await world.deployment()
        for number in (1, 2, 3):
            world.add("replicasets", replica_set(deployment, number, f"web:{number}"), "apps")
        plan = await world.plan("rollback")
        assert "revision 2" in plan.consequences[0].text
        await world.commit(await world.plan("rollback", revision="1"))
        found = (await world.deployment())["spec"]["template"]
        assert (found["spec"]["containers"][0]["image"], found["metadata"]["labels"]) == ("web:1", {"app": "shop"})
        (refusal,) = (await world.plan("rollback", revision="9")).refusals
        assert "there are: 3, 2, 1" in refusal.reason


async def test_a_daemon_set_goes_back_by_its_controller_revisions(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        spec = {"selector": {"matchLabels": {"app": "shop"}}, "template": template("web", image="web:2")}
        made = world.add("daemonsets", {"metadata": {"name": "s", "namespace": "d"}, "spec": spec}, "apps")
        for number in (1, 2):
            owner = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "s", "uid": made["metadata"]["uid"]}
            data = {"spec": {"template": {**template("web", image=f"web:{number}"), "$patch": "replace"}}}
            head = {"name": f"s-{number}", "namespace": "d", "ownerReferences": [owner]}
            world.add("controllerrevisions", {"metadata": head, "data": data, "revision": number}, "apps")
        target = Target("m1", "daemonsets.apps", "d", "s")
        plan = await world.plan("rollback", [target])
        assert plan.faults == ()
        await world.commit(plan)
        found = await world.get("m1", "apis/apps/v1/namespaces/d/daemonsets/s")
        assert containers(found)[0]["image"] == "web:1"
