"""Plugins of a Fleet: what Kurator would get wrong is refused or told, and so are its HelmReleases."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from kurator_tui.errors import UsageError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.verb import Risk
from tests.unit.actions.estate import Estate, Obj, estate
from tests.unit.actions.verbs.kurator import (
    FLEETS,
    add_cluster,
    add_fleet,
    add_release,
    on_host,
    refused,
    said,
    take_back,
    write,
)

SETS = ("backup",)
BUCKET = {"bucket": "b", "provider": "aws", "endpoint": "https://s3.example", "secret": "keys"}
STORED: Obj = {
    "storage": {
        "location": {"bucket": "b", "provider": "aws", "endpoint": "https://s3.example"},
        "secretName": "keys",
    }
}


def add_secret(world: Estate, name: str, *keys: str) -> None:
    data = {key: base64.b64encode(b"x").decode() for key in keys}
    world.add("secrets", {"metadata": {"name": name, "namespace": "d"}, "data": data}, cluster=HOST)


async def plugin(world: Estate) -> Any:
    """What the Fleet says of its plugins now."""
    return (await on_host(world, "fleets", "f", FLEETS))["spec"].get("plugin")


async def test_backups_are_turned_on_changed_and_taken_back(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        target = add_fleet(world, "m1", "m2")
        add_secret(world, "keys", "access-key", "secret-key")
        plan = await world.plan("plugin.backup", [target], **BUCKET)
        assert "HelmReleases are made: velero on m1, m2" in said(plan)
        await write(world, plan)
        assert await plugin(world) == {"backup": STORED}
        for name in ("velero-m1", "velero-m2"):
            add_release(world, name)
        changed = await world.plan("plugin.backup", [target], bucket="other", values="{configuration: {x: ''}}")
        assert "Helm upgrades: velero on m1, m2" in said(changed)
        assert "Velero knows only the backups of the new place" in said(changed)
        assert "false, 0 and empty values may be replaced" in said(changed)
        await write(world, changed)
        now = (await plugin(world))["backup"]
        assert now["storage"]["location"] == {**STORED["storage"]["location"], "bucket": "other"}
        assert now["extraArgs"] == {"configuration": {"x": ""}}
        await take_back(world, changed)
        assert await plugin(world) == {"backup": STORED}
        assert "is so already" in refused(await world.plan("plugin.backup", [target], **BUCKET))


async def test_a_secret_that_kurator_could_not_use_is_refused(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        target = add_fleet(world, "m1")
        assert "no Secret keys in d" in refused(await world.plan("plugin.backup", [target], **BUCKET))
        add_secret(world, "keys", "access-key")
        assert "no key secret-key" in refused(await world.plan("plugin.backup", [target], **BUCKET))
        assert "no key objstore.yml" in refused(await world.plan("plugin.metric", [target], secret="keys"))
        add_secret(world, "thanos", "objstore.yml")
        plan = await world.plan(
            "plugin.metric", [target], secret="thanos", **{"prometheus-values": "{retention: 2d}"}
        )
        assert "HelmReleases are made: thanos on the host; prometheus on m1" in said(plan)
        await write(world, plan)
        assert await plugin(world) == {
            "metric": {
                "thanos": {"objectStoreConfig": {"secretName": "thanos"}},
                "prometheus": {"extraArgs": {"retention": "2d"}},
            }
        }


@pytest.mark.parametrize(
    ("verb", "given", "why"),
    [
        ("metric", {}, "secret is needed"),
        ("backup", {**BUCKET, "provider": "gcp"}, "provider cannot be gcp"),
        ("backup", {**BUCKET, "endpoint": "s3"}, "endpoint is a URL"),
        ("backup", {"bucket": "b"}, "provider is needed"),
        ("grafana", {"chart": "name=g version=1"}, "all three"),
        ("grafana", {"values": "[1]"}, "an object is needed"),
        ("grafana", {"values": "{a: 1}\n---\n{b: 1}"}, "one YAML map"),
        ("kyverno", {"standard": "none", "action": "Audit"}, "without policies"),
        ("storage", {"monitors": "2"}, "an odd number"),
        ("storage", {"path": "var"}, "a directory"),
        ("flagger", {}, "provider is needed"),
        ("flagger", {"provider": "istio", "provider-values": "{a: 1}"}, "istio is not installed"),
        ("submariner", {"pods": "m1=10"}, "no CIDR"),
    ],
)
async def test_values_that_kurator_would_get_wrong_are_refused(
    tmp_path: Path, verb: str, given: dict[str, str], why: str
) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        with pytest.raises(UsageError, match=why):
            await world.plan(f"plugin.{verb}", [add_fleet(world, "m1")], **given)


async def test_policies_are_enforced_with_a_warning_and_taken_away(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        target = add_fleet(world, "m1")
        plan = await world.plan("plugin.kyverno", [target], standard="restricted", action="Enforce")
        assert "HelmReleases are made: kyverno on m1; kyverno-policies on m1" in said(plan)
        assert "are refused from then on" in said(plan)
        await write(world, plan)
        kyverno = (await plugin(world))["policy"]["kyverno"]
        assert kyverno["podSecurity"] == {
            "standard": "restricted",
            "severity": "medium",
            "validationFailureAction": "Enforce",
        }
        none = await world.plan("plugin.kyverno", [target], standard="none")
        assert "HelmReleases are deleted, and Helm uninstalls: kyverno-policies on m1" in said(none)
        await write(world, none)
        assert await plugin(world) == {"policy": {"kyverno": {}}}
        await take_back(world, none)
        assert (await plugin(world))["policy"]["kyverno"] == kyverno
        await write(world, await world.plan("plugin.kyverno", [target], standard="none"))
        chart = await world.plan("plugin.kyverno", [target], chart="repository=https://c name=k version=3.1.0")
        assert "the chart is used for kyverno and kyverno-policies alike" in said(chart)


async def test_rollouts_take_their_provider_with_them(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        target = add_fleet(world, "m1")
        plan = await world.plan("plugin.flagger", [target], provider="nginx", testloader="yes")
        assert "HelmReleases are made: flagger on m1; testloader on m1; nginx on m1" in said(plan)
        assert "its chart is 1.x" in said(plan)
        await write(world, plan)
        istio = await world.plan("plugin.flagger", [target], provider="istio")
        assert "Helm uninstalls: nginx on m1" in said(istio)
        assert "rollouts say nginx themselves" in said(istio)
        assert "Istio and its Prometheus must be on each member" in said(istio)
        await write(world, istio)
        await take_back(world, istio)
        assert (await plugin(world))["flagger"] == {"trafficRoutingProvider": "nginx", "publicTestloader": True}


async def test_grafana_is_turned_on_without_anything_and_its_password_is_told(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        target = add_fleet(world, "m1")
        plan = await world.plan(
            "plugin.grafana", [target], values='{admin: {password: "a<b"}, service: {type: x}}'
        )
        told = said(plan)
        assert "LoadBalancer with the password admin" in told
        assert "may garble quotes, <, >, & and +: compare the HelmRelease: admin.password" in told
        assert "whoever may read the Fleet or the audit reads it: admin.password" in told
        assert "a<b" not in str(plan.arguments)
        on = await world.plan("plugin.grafana", [target])
        await write(world, on)
        assert await plugin(world) == {"grafana": {}}
        await take_back(world, on)
        assert await plugin(world) is None


async def test_storage_takes_devices_and_needs_its_name_typed(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        given = {"path": "/var/lib/rook", "monitors": "3", "nodes": "n1 n2", "devices": "sdb"}
        plan = await world.plan("plugin.storage", [add_fleet(world, "m1")], **given)
        assert (plan.risk, plan.word) == (Risk.DESTRUCTIVE, "f")
        assert "HelmReleases are made: rook on m1; rook-ceph on m1" in said(plan)
        await write(world, plan)
        assert (await plugin(world))["distributedStorage"]["storage"] == {
            "dataDirHostPath": "/var/lib/rook",
            "monitor": {"count": 3},
            "storage": {
                "useAllNodes": False,
                "nodes": [{"name": "n1"}, {"name": "n2"}],
                "devices": [{"name": "sdb"}],
            },
        }


async def test_a_node_that_stays_keeps_what_else_is_said_of_it(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        one = {"name": "n1", "devices": [{"name": "nvme0"}]}
        storage = {"storage": {"nodes": [one], "useAllNodes": False}}
        target = add_fleet(world, "m1", plugin={"distributedStorage": {"storage": storage}})
        await write(world, await world.plan("plugin.storage", [target], nodes="n1 n2"))
        assert (await plugin(world))["distributedStorage"]["storage"]["storage"]["nodes"] == [one, {"name": "n2"}]


async def test_networks_are_connected_where_ranges_allow_it(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        one = add_fleet(world, "m1")
        apart = {"pods": "m1=10.1.0.0/16 m2=10.2.0.0/16", "services": "m1=10.3.0.0/16 m2=10.4.0.0/16"}
        assert "two ready members or more; ready: m1" in refused(
            await world.plan("plugin.submariner", [one], **apart)
        )
    (tmp_path / "two").mkdir()
    async with estate(tmp_path / "two", (HOST,)) as world:
        target = add_fleet(world, "m1", "m2")
        for given, why in (
            ({"pods": "m1=10.1.0.0/16"}, "pods of m2 are needed"),
            (
                {**apart, "services": "m1=10.2.0.0/16 m2=10.4.0.0/16"},
                "overlaps 10.2.0.0/16 of m1: say global ones",
            ),
            ({**apart, "broker": "m3"}, "m3 is no ready member"),
            ({**apart, "global": "m1=242.0.0.0/16"}, "global of m2 is needed"),
        ):
            assert why in refused(await world.plan("plugin.submariner", [target], **given))
        plan = await world.plan("plugin.submariner", [target], **apart)
        assert "HelmReleases are made: sm-broker on m1; sm-operator on m1, m2" in said(plan)
        await write(world, plan)
        assert (await plugin(world))["submariner"]["clusterCidrs"] == {"m1": "10.1.0.0/16", "m2": "10.2.0.0/16"}
        await take_back(world, plan)
        assert await plugin(world) is None


async def test_a_plugin_goes_with_its_releases_and_comes_back(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        target = add_fleet(world, "m1", "m2", plugin={"backup": STORED, "grafana": {}})
        for name in ("velero-m1", "velero-m2"):
            add_release(world, name)
        add_release(world, "grafana", ready=False)
        nightly = {"schedule": "@daily", "destination": {"fleet": "f"}}
        world.add(
            "backups", {"metadata": {"name": "n", "namespace": "d"}, "spec": nightly}, "backup.kurator.dev", HOST
        )
        plan = await world.plan("plugin.off", [target], plugin="backup")
        told = said(plan)
        assert plan.word == "f"
        assert "Helm uninstalls: velero on m1, m2" in told
        assert "nothing is deleted while a plugin is not Ready: grafana" in told
        assert "scheduled Backups fail from then on: n" in told
        await write(world, plan)
        assert await plugin(world) == {"grafana": {}}
        assert "off already" in refused(await world.plan("plugin.off", [target], plugin="backup"))
        await take_back(world, plan)
        assert await plugin(world) == {"backup": STORED, "grafana": {}}


async def test_members_without_plugins_are_told(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        target = add_fleet(world, "m1")
        add_cluster(world, "late", ready=False)
        clusters = [{"name": name, "kind": "AttachedCluster"} for name in ("m1", "late", "gone")]
        head = {"name": "g", "namespace": "d"}
        world.add("fleets", {"metadata": head, "spec": {"clusters": clusters}}, FLEETS, HOST)
        told = said(await world.plan("plugin.kyverno", [type(target)(HOST, target.kind, "d", "g")]))
        assert "late is not ready: it gets no plugin until it is" in told
        assert "gone: there is no attachedclusters gone in d: until then Kurator installs no plugin on any" in told
