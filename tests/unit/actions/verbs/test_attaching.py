"""Clusters are attached by a kubeconfig that was tried; its secrets are in the Secret and nowhere else."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from kurator_tui.errors import ConsoleError, KubeconfigError, RefusedCredential
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Target
from tests.unit.actions.estate import Estate, estate
from tests.unit.actions.verbs.kurator import (
    CLUSTER,
    INFRA,
    add_cluster,
    add_fleet,
    members,
    on_host,
    refused,
    said,
    take_back,
    write,
)

TOKEN = "a"
LONG = "zsecretz"


def written(folder: Path, server: str, user: dict[str, Any], **cluster: Any) -> str:
    """A kubeconfig with the context `spare` and another one, as a file; its path."""
    whole = {
        "clusters": [{"name": "c", "cluster": {"server": server, **cluster}}],
        "users": [{"name": "u", "user": user}, {"name": "other", "user": {"token": LONG}}],
        "contexts": [
            {"name": "spare", "context": {"cluster": "c", "user": "u"}},
            {"name": "other", "context": {"cluster": "c", "user": "other"}},
        ],
        "current-context": "spare",
    }
    path = folder / "attached.yaml"
    path.write_text(yaml.safe_dump(whole))
    return str(path)


def reachable(world: Estate, folder: Path, **user: Any) -> str:
    """The kubeconfig of `m1`, whose kube-system is there."""
    world.add("namespaces", {"metadata": {"name": "kube-system"}}, cluster="m1")
    return written(folder, world.apis["m1"].server.url, user or {"token": TOKEN})


def kept(folder: Path) -> bytes:
    """Everything that changes left on the disk."""
    return b"".join(each.read_bytes() for each in (folder / "state").rglob("*") if each.is_file())


async def test_a_cluster_is_attached_joins_and_is_taken_back(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST, "m1")) as world:
        add_fleet(world, plugin={"policy": {"kyverno": {}}})
        path = reachable(world, tmp_path)
        plan = await world.plan("attach", [], file=path, join="f", labels="env=prod")
        told = said(plan)
        assert "answers: Kubernetes v1." in told
        assert "Kurator on the host may not reach it" in told
        assert "HelmReleases are made: kyverno on spare" in told
        await write(world, plan)
        made = await on_host(world, "attachedclusters", "spare", CLUSTER)
        assert made["spec"]["kubeconfig"] == {"name": "spare", "key": "value"}
        assert made["metadata"]["labels"] == {"env": "prod"}
        assert await members(world) == ["spare"]
        secret = await on_host(world, "secrets", "spare")
        config = yaml.safe_load(base64.b64decode(secret["data"]["value"]))
        assert config["users"] == [{"name": "u", "user": {"token": TOKEN}}], "one context and no other"
        await take_back(world, plan)
        assert (await on_host(world, "secrets", "spare"))["reason"] == "NotFound"
        assert (await on_host(world, "attachedclusters", "spare", CLUSTER))["reason"] == "NotFound"
        assert await members(world) == []


async def test_its_credentials_are_in_no_plan_audit_or_journal(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST, "m1")) as world:
        path = reachable(world, tmp_path, username="zuserz", password=LONG, token=TOKEN)
        plan = await world.plan("attach", [], file=path, namespace="d", name="n")
        encoded = base64.b64encode(LONG.encode()).decode()
        assert LONG not in str(plan)
        assert "in no fleet yet" in said(plan)
        await write(world, plan)
        secret = (await on_host(world, "secrets", "n"))["data"]["value"]
        assert LONG in base64.b64decode(secret).decode()
        left = kept(tmp_path)
        for hidden in (LONG, encoded, secret):
            assert hidden.encode() not in left
            assert hidden not in str(world.audited())


async def test_files_of_the_kubeconfig_are_embedded_and_named(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST, "m1")) as world:
        (tmp_path / "token").write_text(f"{TOKEN}\n")
        path = reachable(world, tmp_path, tokenFile="token")
        plan = await world.plan("attach", [], file=path, namespace="d")
        assert f"embedded in the Secret: {tmp_path}/token" in said(plan)
        await write(world, plan)
        secret = base64.b64decode((await on_host(world, "secrets", "spare"))["data"]["value"]).decode()
        assert yaml.safe_load(secret)["users"][0]["user"] == {"token": TOKEN}


async def test_what_is_no_certificate_is_never_embedded(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        (tmp_path / "id").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\n")
        path = written(tmp_path, "https://c.example", {"client-key": "id", "client-certificate": "id"})
        with pytest.raises(KubeconfigError, match="it is not sent to the host"):
            await world.plan("attach", [], file=path, namespace="d")


@pytest.mark.parametrize("key", ["exec", "auth-provider"])
async def test_a_kubeconfig_that_runs_a_program_is_refused_and_runs_none(tmp_path: Path, key: str) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        ran = tmp_path / "ran"
        plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": "touch", "args": [str(ran)]}
        path = written(tmp_path, "https://c.example", {key: plugin})
        with pytest.raises(RefusedCredential, match="runs a program"):
            await world.plan("attach", [], file=path, namespace="d")
        assert not ran.exists()


async def test_a_cluster_that_does_not_answer_or_lets_nobody_in_is_not_attached(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST, "m1")) as world:
        path = written(tmp_path, "http://127.0.0.1:9", {"token": TOKEN})
        assert "cannot be attached as it is" in refused(await world.plan("attach", [], file=path, namespace="d"))
        path = reachable(world, tmp_path, token="n")
        assert "cannot be attached as it is" in refused(await world.plan("attach", [], file=path, namespace="d"))
        with pytest.raises(ConsoleError, match="no context 'nobody'"):
            await world.plan("attach", [], file=path, **{"file-context": "nobody"})
        with pytest.raises(ConsoleError, match="does not exist"):
            await world.plan("attach", [], file=str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"name": "m9"}, "a cluster of this name"),
        ({"name": "taken"}, "a Secret of this name"),
        ({"name": "A B"}, "no name of an object"),
        ({"join": "nobody"}, "no such Fleet"),
    ],
)
async def test_names_that_are_taken_or_wrong_are_refused(tmp_path: Path, given: dict[str, str], why: str) -> None:
    async with estate(tmp_path, (HOST, "m1")) as world:
        add_cluster(world, "m9")
        world.add("secrets", {"metadata": {"name": "taken", "namespace": "d"}}, cluster=HOST)
        path = reachable(world, tmp_path)
        assert why in refused(await world.plan("attach", [], file=path, namespace="d", **given))


async def test_the_same_cluster_twice_in_a_fleet_is_told(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST, "m1")) as world:
        add_fleet(world, "m1")
        plan = await world.plan("attach", [], file=reachable(world, tmp_path), join="f")
        assert "it is the same cluster as m1" in said(plan)


def add_metal(world: Estate, folder: Path, *, fetched: bool = True) -> Target:
    """A CustomCluster, whose kubeconfig kubespray fetched."""
    spec = {"cni": {"type": "calico"}}
    obj = {"metadata": {"name": "metal", "namespace": "d"}, "spec": spec, "status": {"phase": "Provisioning"}}
    world.add("customclusters", obj, INFRA, HOST)
    if fetched:
        data = {"admin.conf": base64.b64encode(Path(reachable(world, folder)).read_bytes()).decode()}
        head = {"name": "metal-kubeconfig-x7k2p", "namespace": "d"}
        world.add("secrets", {"metadata": head, "data": data}, cluster=HOST)
    return Target(HOST, f"customclusters.{INFRA}", "d", "metal")


async def test_a_custom_cluster_is_attached_by_the_secret_that_kubespray_made(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST, "m1")) as world:
        add_fleet(world)
        target = add_metal(world, tmp_path)
        plan = await world.plan("custom.attach", [target], join="f")
        assert "it answers: Kubernetes v1." in said(plan)
        await write(world, plan)
        made = await on_host(world, "attachedclusters", "metal", CLUSTER)
        assert made["spec"]["kubeconfig"] == {"name": "metal-kubeconfig-x7k2p", "key": "admin.conf"}
        assert await members(world) == ["metal"]
        again = await world.plan("custom.attach", [target], name="other")
        assert "attached already, as metal" in refused(again)
        await take_back(world, plan)
        assert await members(world) == []
        assert "reason" not in await on_host(world, "secrets", "metal-kubeconfig-x7k2p")


async def test_a_custom_cluster_without_a_kubeconfig_is_refused_with_its_phase(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST, "m1")) as world:
        plan = await world.plan("custom.attach", [add_metal(world, tmp_path, fetched=False)])
        assert "it is Provisioning" in refused(plan)


async def test_an_attached_cluster_is_looked_at_again(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        target = add_cluster(world, "m1")
        plan = await world.plan("recheck", [target])
        assert "so far Kurator calls it ready" in said(plan)
        assert "there is no secrets m1 in d: it cannot become ready" in said(plan)
        await write(world, plan)
        notes = (await on_host(world, "attachedclusters", "m1", CLUSTER))["metadata"]["annotations"]
        assert list(notes) == ["kurator-tui/checked-at"]
        await take_back(world, plan)
