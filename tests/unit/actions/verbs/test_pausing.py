"""Controllers are stopped for a while, or called out of turn."""

from __future__ import annotations

from pathlib import Path

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Target
from tests.unit.actions.estate import Estate, estate

FLUX, SOURCE = "kustomize.toolkit.fluxcd.io", "source.toolkit.fluxcd.io"
KUSTOMIZATION = f"apis/{FLUX}/v1beta2/namespaces/d/kustomizations/k"
REPOSITORY = f"apis/{SOURCE}/v1beta2/namespaces/d/gitrepositories/s"
REQUESTED = "reconcile.fluxcd.io/requestedAt"


def cronjob(world: Estate) -> list[Target]:
    pod = {"containers": [{"name": "web", "image": "web:1"}], "restartPolicy": "Never"}
    head = {"annotations": {"a": "b"}}
    job = {"metadata": head, "spec": {"template": {"metadata": {"labels": {"x": "y"}}, "spec": pod}}}
    spec = {"schedule": "0 * * * *", "jobTemplate": job}
    world.add("cronjobs", {"metadata": {"name": "c", "namespace": "d"}, "spec": spec}, "batch")
    return world.targets("cronjobs.batch", "c")


async def test_a_paused_deployment_is_resumed_by_the_same_verb(tmp_path: Path) -> None:
    async with estate(tmp_path, ("m1", "m2")) as world:
        world.add_deployment()
        await world.commit(await world.plan("pause", [world.targets()[0]]))
        plan = await world.plan("pause")
        assert plan.title.startswith("Pause")
        assert "already" in plan.refusals[0].reason
        await world.commit(plan)
        await world.commit(await world.plan("pause"))
        assert [(await world.deployment(name))["spec"]["paused"] for name in world.apis] == [False, False]


async def test_a_cronjob_is_suspended_and_run_now(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        targets = cronjob(world)
        await world.commit(await world.plan("suspend", targets))
        found = await world.get("m1", "apis/batch/v1/namespaces/d/cronjobs/c")
        assert found["spec"]["suspend"] is True
        plan = await world.plan("trigger", targets)
        assert plan.faults == ()
        await world.commit(plan)
        (job,) = (await world.get("m1", "apis/batch/v1/namespaces/d/jobs"))["items"]
        assert job["metadata"]["name"].startswith("c-manual-")
        assert job["metadata"]["ownerReferences"][0]["uid"] == found["metadata"]["uid"]
        assert job["metadata"]["annotations"]["cronjob.kubernetes.io/instantiate"] == "manual"
        assert job["spec"]["template"]["spec"]["containers"][0]["image"] == "web:1"
        await world.commit(await world.plan("undo", [], plan=plan.id))
        assert (await world.get("m1", "apis/batch/v1/namespaces/d/jobs"))["items"] == []


def flux(world: Estate, labels: dict[str, str] | None = None) -> Target:
    git = {"metadata": {"name": "s", "namespace": "d"}, "spec": {"interval": "5m", "url": "https://git.example/s"}}
    world.add("gitrepositories", git, SOURCE)
    spec = {"interval": "5m", "path": "./", "prune": True, "sourceRef": {"kind": "GitRepository", "name": "s"}}
    head = {"name": "k", "namespace": "d", "labels": labels or {}}
    world.add("kustomizations", {"metadata": head, "spec": spec}, FLUX)
    return Target(HOST, f"kustomizations.{FLUX}", "d", "k")


async def test_flux_reconciles_the_source_first_and_a_kuratorowned_object_too(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        target = flux(world, {"apps.kurator.dev/app-name": "web"})
        plan = await world.plan("reconcile", [target])
        assert [step.target.name for step in plan.steps] == ["s", "k"]
        await world.commit(plan)
        tokens = [
            (await world.get(HOST, path))["metadata"]["annotations"][REQUESTED]
            for path in (REPOSITORY, KUSTOMIZATION)
        ]
        assert tokens[0] == tokens[1]
        alone = await world.plan("reconcile", [target], source="no")
        assert [step.target.name for step in alone.steps] == ["k"]


async def test_what_is_suspended_is_not_reconciled(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        target = flux(world)
        await world.commit(await world.plan("suspend", [target]))
        assert (await world.get(HOST, KUSTOMIZATION))["spec"]["suspend"] is True
        plan = await world.plan("reconcile", [target], source="no")
        assert "suspended" in plan.refusals[0].reason


async def test_a_suspension_that_an_application_undoes_is_refused_with_its_field(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        target = flux(world, {"apps.kurator.dev/app-name": "web"})
        plan = await world.plan("suspend", [target])
        assert plan.steps == ()
        (refusal,) = plan.refusals
        assert refusal.instead is not None
        assert refusal.instead.fields == ("spec.syncPolicies[].kustomization",)


def application(world: Estate) -> Target:
    policies = [
        {"name": "front", "kustomization": {"interval": "5m", "path": "./", "prune": True}},
        {"helm": {"interval": "5m", "chart": {"spec": {"chart": "c"}}, "suspend": True}},
    ]
    source = {"gitRepository": {"interval": "5m", "url": "https://git.example/s"}}
    whole = {"metadata": {"name": "web", "namespace": "d"}, "spec": {"source": source, "syncPolicies": policies}}
    world.add("applications", whole, "apps.kurator.dev")
    return Target(HOST, "applications.apps.kurator.dev", "d", "web")


async def suspended(world: Estate) -> list[bool | None]:
    """Of the two policies and the source."""
    found = await world.get(HOST, "apis/apps.kurator.dev/v1alpha1/namespaces/d/applications/web")
    first, second = found["spec"]["syncPolicies"]
    parts = (first["kustomization"], second["helm"], found["spec"]["source"]["gitRepository"])
    return [each.get("suspend") for each in parts]


async def test_an_application_is_suspended_in_all_policies_that_go_on_and_resumed(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        target = application(world)
        plan = await world.plan("suspend", [target])
        assert plan.title.startswith("Suspend")
        assert [each.text for each in plan.consequences if each.level == "warning"] == [
            "nothing of front is applied or corrected anywhere until it is resumed"
        ]
        await world.commit(plan)
        assert await suspended(world) == [True, True, None]
        back = await world.plan("suspend", [target])
        assert back.title.startswith("Resume")
        await world.commit(back)
        assert await suspended(world) == [False, False, None]


async def test_one_part_of_an_application_is_suspended_alone(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        target = application(world)
        await world.commit(await world.plan("suspend", [target], part="source"))
        await world.commit(await world.plan("suspend", [target], part="web-1"))
        assert await suspended(world) == [None, False, True]
        unknown = await world.plan("suspend", [target], part="back")
        assert unknown.refusals[0].reason == "it has no such part; it has front, web-1, source"
        assert "already" in (await world.plan("suspend", [target], part="front", to="resume")).refusals[0].reason
