"""Applications: what Kurator would fail on later is refused, and what it leaves behind is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kurator_tui.errors import UsageError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Target
from tests.unit.actions.estate import Estate, Obj, estate
from tests.unit.actions.verbs.kurator import add_cluster, add_fleet, on_host, refused, said, take_back, write

GROUP, KUSTOMIZE, SOURCE = "apps.kurator.dev", "kustomize.toolkit.fluxcd.io", "source.toolkit.fluxcd.io"
APP = Target(HOST, f"applications.{GROUP}", "d", "shop")
GIT = {"name": "shop", "namespace": "d", "url": "https://git.example/shop"}
WEB: Obj = {"name": "web", "kustomization": {"interval": "5m", "prune": True, "path": "./web"}}


async def spec(world: Estate) -> Any:
    """What the Application says now."""
    return (await on_host(world, "applications", "shop", GROUP))["spec"]


def add_app(world: Estate, *policies: Obj, aim: Obj | None = None) -> Target:
    """An Application of fleet `f`, and the Flux objects of its policies on `m1` and `m2`."""
    source = {"gitRepository": {"url": "https://git.example/shop", "interval": "5m"}}
    whole = {"source": source, "destination": aim or {"fleet": "f"}, "syncPolicies": list(policies or (WEB,))}
    world.add("applications", {"metadata": {"name": "shop", "namespace": "d"}, "spec": whole}, GROUP, HOST)
    labels = {f"{GROUP}/app-name": "shop"}
    head = {"namespace": "d", "labels": labels}
    world.add(
        "gitrepositories", {"metadata": {**head, "name": "shop"}, "spec": source["gitRepository"]}, SOURCE, HOST
    )
    for policy in policies or (WEB,):
        for member in ("m1", "m2"):
            name = f"{policy['name']}-attachedcluster-{member}"
            ref = {"kind": "GitRepository", "name": "shop"}
            one = {"interval": "5m", "prune": True, "sourceRef": ref}
            world.add("kustomizations", {"metadata": {**head, "name": name}, "spec": one}, KUSTOMIZE, HOST)
    return APP


async def test_an_application_is_made_for_the_clusters_that_it_selects_and_taken_back(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        add_fleet(world, "m1", others=("m2",))
        add_cluster(world, "m2", env="prod")
        given = {"to": "f", "select": "env=prod", "path": "./web", "ref": "v1.2.3", "into": "web"}
        plan = await world.plan("app.create", [], **GIT, **given)
        assert "policy shop goes to 1: m2" in said(plan)
        await write(world, plan)
        made = await spec(world)
        source = made["source"]["gitRepository"]
        assert (source["url"], source["ref"]) == (GIT["url"], {"tag": "v1.2.3"})
        assert made["destination"] == {"fleet": "f", "clusterSelector": {"matchLabels": {"env": "prod"}}}
        body = {"interval": "5m", "prune": True, "path": "./web", "targetNamespace": "web", "force": False}
        assert made["syncPolicies"] == [{"name": "shop", "kustomization": body}]
        assert "already" in refused(await world.plan("app.create", [], **GIT))
        await take_back(world, plan)
        assert (await on_host(world, "applications", "shop", GROUP))["reason"] == "NotFound"


async def test_a_chart_of_a_registry_is_installed_with_values(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        add_fleet(world, "m1")
        chart = {"source": "helm", "url": "oci://r.example/charts", "chart": "podinfo", "version": "6.x"}
        plan = await world.plan("app.create", [], **{**GIT, **chart}, values="{ui: {color: red}}", secret="s")
        assert "it has no fleet: it goes to the host itself" in said(plan)
        assert "there is no secrets s in d: Flux cannot fetch" in said(plan)
        assert "red" not in str(plan.arguments)
        await write(world, plan)
        now = await spec(world)
        assert now["source"]["helmRepository"]["type"] == "oci"
        assert now["syncPolicies"][0]["helm"]["chart"]["spec"]["version"] == "6.x"
        assert now["syncPolicies"][0]["helm"]["values"] == {"ui": {"color": "red"}}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"url": "git@x:y"}, "no URL of git"),
        ({"source": "oci", "url": "https://x/y"}, "no URL of oci"),
        ({"source": "helm"}, "needs a chart"),
        ({"source": "helm", "chart": "c", "ref": "main"}, "has no revision"),
        ({"source": "oci", "url": "oci://x/y", "chart": "c"}, "takes charts from Git"),
        ({"path": "a", "chart": "c"}, "not both"),
        ({"version": "1"}, "are a chart's"),
        ({"select": "env=prod"}, "selected in a fleet"),
    ],
)
async def test_sources_and_policies_that_flux_would_refuse_are_refused(
    tmp_path: Path, given: dict[str, str], why: str
) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        with pytest.raises(UsageError, match=why):
            await world.plan("app.create", [], **{**GIT, **given})


async def test_a_fleet_elsewhere_and_names_that_clash_are_refused(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        long = "c" * 50
        add_fleet(world, f"{long}-1", f"{long}-2")
        plan = await world.plan("app.create", [], **GIT, to="elsewhere")
        assert "Kurator looks for the fleet there alone" in refused(plan)
        assert "Kurator cuts names at 63" in refused(await world.plan("app.create", [], **GIT, to="f"))


async def test_a_policy_is_edited_and_taken_back(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        add_fleet(world, "m1", "m2")
        add_app(world)
        plan = await world.plan("app.edit", [APP], path="./next", interval="1m", hold="yes", into="shop")
        assert "what the old path has and the new one has not is deleted" in said(plan)
        assert "nothing new is applied until it is resumed" in said(plan)
        await write(world, plan)
        changed = (await spec(world))["syncPolicies"][0]["kustomization"]
        assert (changed["path"], changed["interval"], changed["suspend"]) == ("./next", "1m", True)
        await take_back(world, plan)
        assert (await spec(world))["syncPolicies"][0]["kustomization"] == {**WEB["kustomization"], "force": False}
        for given, why in (
            ({"version": "2"}, "version is not of a kustomization"),
            ({"policy": "db"}, "say which policy: web"),
            ({"path": "./web"}, "nothing is said"),
            ({"to": "g"}, "there is no fleets g in d"),
        ):
            assert why in refused(await world.plan("app.edit", [APP], **given))


async def test_a_policy_that_goes_elsewhere_says_what_it_leaves_behind(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        add_fleet(world, "m1", "m2")
        add_app(world)
        await write(
            world,
            await world.plan(
                "label", [Target(HOST, "attachedclusters.cluster.kurator.dev", "d", "m1")], labels="env=prod"
            ),
        )
        plan = await world.plan("app.edit", [APP], select="env=prod")
        assert "no longer: m2; what is installed there stays" in said(plan)
        assert "Flux goes on with web-attachedcluster-m2" in said(plan)
        await write(world, plan)
        assert (await spec(world))["destination"]["clusterSelector"] == {"matchLabels": {"env": "prod"}}
        again = await world.plan("app.edit", [APP], select="env-")
        assert "new: m2" in said(again)
        await write(world, again)
        assert (await spec(world))["destination"] == {"fleet": "f"}


async def test_policies_are_added_to_the_same_fleet_and_removed(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        add_fleet(world, "m1", "m2")
        add_fleet(world, name="g")
        add_app(world)
        other = await world.plan("app.policy.add", [APP], policy="db", to="g")
        assert "an Application has one fleet" in refused(other)
        assert "has a policy web already" in refused(await world.plan("app.policy.add", [APP], policy="web"))
        assert "its only policy" in refused(await world.plan("app.policy.remove", [APP], policy="web"))
        plan = await world.plan("app.policy.add", [APP], policy="db", path="./db")
        assert "policy db goes to 2: m1, m2" in said(plan)
        await write(world, plan)
        assert [each["name"] for each in (await spec(world))["syncPolicies"]] == ["web", "db"]
        gone = await world.plan("app.policy.remove", [APP], policy="web")
        assert "Flux goes on with web-attachedcluster-m1, web-attachedcluster-m2" in said(gone)
        await write(world, gone)
        assert [each["name"] for each in (await spec(world))["syncPolicies"]] == ["db"]
        await take_back(world, gone)
        assert [each["name"] for each in (await spec(world))["syncPolicies"]] == ["web", "db"]


async def test_an_application_is_synced_source_first_and_what_is_held_is_told(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        add_fleet(world, "m1", "m2")
        add_app(world)
        plan = await world.plan("app.sync", [APP])
        names = [(step.target.kind.partition(".")[0], step.target.name) for step in plan.steps]
        assert names == [
            ("gitrepositories", "shop"),
            ("kustomizations", "web-attachedcluster-m1"),
            ("kustomizations", "web-attachedcluster-m2"),
        ]
        await write(world, plan)
        notes = (await on_host(world, "kustomizations", "web-attachedcluster-m1", KUSTOMIZE))["metadata"][
            "annotations"
        ]
        assert list(notes) == ["reconcile.fluxcd.io/requestedAt"]
        await take_back(world, plan)


async def test_what_has_no_source_yet_is_not_synced(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        source = {"gitRepository": {"url": "https://git.example/shop", "interval": "5m"}}
        whole = {"source": source, "syncPolicies": [WEB]}
        world.add("applications", {"metadata": {"name": "shop", "namespace": "d"}, "spec": whole}, GROUP, HOST)
        assert "has not made its source yet" in refused(await world.plan("app.sync", [APP]))
