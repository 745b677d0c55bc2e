"""What verbs write into custom resources is what the published CRDs of every release that serves them allow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Plan
from tests.contract import crds
from tests.unit.actions.estate import Estate, estate
from tests.unit.actions.verbs import (
    test_devices,
    test_karmada,
    test_kubeedge,
    test_kyverno,
    test_overrides,
    test_submariner,
)

if not crds.FOLDER.is_dir():
    pytest.skip(f"no CRDs at {crds.FOLDER}", allow_module_level=True)

Planned = Callable[[Estate], Awaitable[Plan]]


async def upgraded(world: Estate) -> Plan:
    test_kubeedge.node(world, "e1")
    given = {"version": "v1.21.0", "image": "kubeedge/installation-package", "ask": "yes"}
    return await world.plan("kubeedge.upgrade", test_kubeedge.nodes("e1"), **given)


async def grouped(world: Estate) -> Plan:
    test_kubeedge.node(world, "e1")
    return await world.plan("kubeedge.group", test_kubeedge.nodes("e1"), group="east")


async def told(world: Estate) -> Plan:
    test_devices.node(world)
    test_devices.new(world, desired=None)
    return await world.plan("kubeedge.set", [test_devices.DEVICE], values="setpoint=1")


async def told_older(world: Estate) -> Plan:
    test_devices.node(world)
    test_devices.old(world)
    return await world.plan("kubeedge.set", [test_devices.DEVICE], values="level=3")


async def overridden(world: Estate) -> Plan:
    test_overrides.karmada(world)
    given = {"clusters": "eu", "image": "web:2", "replicas": "2"}
    return await world.plan("karmada.override", [test_overrides.BINDING], **given)


async def rebalanced(world: Estate) -> Plan:
    test_karmada.fleet(world)
    return await world.plan("karmada.rebalance", [test_karmada.BINDING])


async def exported(world: Estate) -> Plan:
    test_submariner.service(world)
    return await world.plan("submariner.export", [test_submariner.SERVICE])


async def exempted(world: Estate) -> Plan:
    return await world.plan("kyverno.exempt", [test_kyverno.policy(world)], what="deployment/shop", **{"in": "d"})


WRITTEN = [
    ("operations.kubeedge.io/v1alpha2/nodeupgradejobs", "m1", "kubeedge", upgraded),
    ("operations.kubeedge.io/v1alpha1/nodeupgradejobs", "m1", "kubeedge-old", upgraded),
    ("apps.kubeedge.io/v1alpha1/nodegroups", "m1", "kubeedge", grouped),
    ("devices.kubeedge.io/v1beta1/devices", "m1", "kubeedge", told),
    ("devices.kubeedge.io/v1alpha2/devices", "m1", "kubeedge-old", told_older),
    ("policy.karmada.io/v1alpha1/overridepolicies", HOST, "karmada", overridden),
    ("apps.karmada.io/v1alpha1/workloadrebalancers", HOST, "karmada", rebalanced),
    ("multicluster.x-k8s.io/v1alpha1/serviceexports", "m1", "submariner", exported),
    ("kyverno.io/v2alpha1/policyexceptions", "m1", "kyverno", exempted),
]


@pytest.mark.parametrize(
    ("place", "cluster", "served", "planned"), WRITTEN, ids=lambda value: value if isinstance(value, str) else None
)
async def test_what_a_verb_writes_is_valid(
    tmp_path: Path, place: str, cluster: str, served: str, planned: Planned
) -> None:
    group, version, plural = place.split("/")
    async with estate(tmp_path, (cluster,), sets=(served,)) as world:
        plan = await planned(world)
        await world.commit(plan)
        found = (await world.get(cluster, f"apis/{place}"))["items"]
        (target,) = {step.target.name for step in plan.steps}
        (obj,) = [each for each in found if each["metadata"]["name"] == target]
        key = (group, version, plural)
        wrong = {folder: crds.complaints(key, folder, obj) for folder in crds.published()[key]}
        assert not any(wrong.values()), wrong
