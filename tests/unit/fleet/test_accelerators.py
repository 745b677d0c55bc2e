"""GPUs and NPUs by model: counts, what is free in pieces, what is lost, what pods wait for, sums over members."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from kurator_tui.fleet.accelerators import JOIN
from kurator_tui.kinds.accelerators import AcceleratorRow
from kurator_tui.kinds.base import HOST, Level
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.pods import POD
from tests.unit.fleet.batch_objects import GPU, NPU, Estate

A100 = {"nvidia.com/gpu.product": "NVIDIA-A100"}


@pytest.fixture
def estate() -> Estate:
    return Estate()


def model(estate: Estate, name: str = "NVIDIA-A100", cluster: str = "m1") -> AcceleratorRow:
    found = estate.rows(JOIN, cluster)[name]
    assert isinstance(found, AcceleratorRow)
    return found


def gpu_node(estate: Estate, name: str, devices: int = 8, cluster: str = "m1", **more: object) -> None:
    estate.node(name, cluster, labels=A100, has={GPU: str(devices)}, **more)


def test_devices_are_counted_with_what_pods_ask_of_them(estate: Estate) -> None:
    gpu_node(estate, "n1")
    gpu_node(estate, "n2")
    estate.pod("a", "n1", gpu=3)
    estate.pod("b", "n2", gpu=2)
    estate.pod("done", "n2", phase="Succeeded", gpu=8)
    row = model(estate)
    assert (row.nodes, row.capacity, row.allocatable, row.used, row.free) == (2, 16, 16, 5, 11)
    assert (row.level, row.label) == (Level.HEALTHY, "nvidia.com/gpu.product=NVIDIA-A100")


def test_free_devices_that_fit_no_waiting_pod_are_fragmented(estate: Estate) -> None:
    for name in ("n1", "n2"):
        gpu_node(estate, name)
        estate.pod(f"on-{name}", name, gpu=5)
    estate.pod("waits", gpu=4)
    row = model(estate)
    assert (row.free, row.fragmented, row.commonest, row.waiting) == (6, 6, 4, 4)
    assert (row.level, row.reason) == (Level.DEGRADED, "6 free, but no node has 4 at once: pods wait for 4")


def test_without_a_waiting_pod_the_commonest_request_decides(estate: Estate) -> None:
    gpu_node(estate, "n1")
    gpu_node(estate, "n2")
    for number in range(3):
        estate.pod(f"p{number}", "n1", gpu=2)
    estate.pod("big", "n2", gpu=7)
    row = model(estate)
    assert (row.commonest, row.free, row.fragmented) == (2, 3, 1)


def test_devices_on_nodes_that_take_no_pods_are_not_free(estate: Estate) -> None:
    gpu_node(estate, "n1", ready="Unknown")
    gpu_node(estate, "n2", cordoned=True)
    row = model(estate)
    assert (row.free, row.blocked, row.reason) == (0, 16, "16 on nodes that take no pods")
    estate.pod("waits", gpu=8)
    assert model(estate).level is Level.DEGRADED


def test_devices_that_a_node_has_and_does_not_give_are_unhealthy(estate: Estate) -> None:
    gpu_node(estate, "n1", gives={GPU: "6"})
    row = model(estate)
    assert (row.level, row.reason) == (Level.DEGRADED, "2 of 8 unhealthy on n1")


def test_pods_that_ask_for_more_than_their_node_has_contradict_it(estate: Estate) -> None:
    gpu_node(estate, "n1", 2)
    estate.pod("a", "n1", gpu=4)
    row = model(estate)
    assert (row.level, row.reason, row.free) == (Level.DEGRADED, "pods ask for more gpu than n1 has", 0)


def test_a_model_without_a_label_is_called_by_its_resource(estate: Estate) -> None:
    estate.node("n1", has={GPU: "1", NPU: "8"})
    estate.node("n2", has={NPU: "8"}, labels={"accelerator": "huawei-Ascend910"})
    assert {"nvidia.com gpu", "Ascend910", "huawei-Ascend910"} == set(estate.rows(JOIN))


def test_slices_of_a_device_are_models_of_their_own(estate: Estate) -> None:
    estate.node("n1", labels=A100, has={"nvidia.com/mig-1g.5gb": "7", "volcano.sh/vgpu-number": "10"})
    assert set(estate.rows(JOIN)) == {"NVIDIA-A100 mig-1g.5gb", "NVIDIA-A100 vgpu-number"}


def test_what_pods_wait_for_and_nobody_has_is_told(estate: Estate) -> None:
    estate.pod("waits", npu=8)
    row = model(estate, NPU)
    assert (row.level, row.reason) == (Level.DEGRADED, "pods wait for 8, and no node has any")


def test_a_node_whose_device_plugin_is_gone_is_told(estate: Estate) -> None:
    estate.node("n1", labels={"nvidia.com/gpu.present": "true"})
    row = model(estate, "not offered")
    assert (row.nodes, row.level) == (1, Level.DEGRADED)
    assert row.reason == "no device plugin offers the devices of n1"


def test_several_members_of_a_fleet_have_a_sum_before_them(estate: Estate) -> None:
    gpu_node(estate, "n1")
    gpu_node(estate, "n2", cluster="m2")
    estate.pod("a", "n2", "m2", gpu=8)
    total = model(estate, cluster=HOST)
    assert (total.nodes, total.used, total.free, total.members) == (2, 8, 8, ("m1", "m2"))
    rows = sorted([model(estate, cluster="m2"), total, model(estate)], key=lambda row: row.path)
    assert [row.cluster for row in rows] == [HOST, "m1", "m2"]


def test_ten_thousand_nodes_add_up(estate: Estate) -> None:
    gpu_node(estate, "n")
    estate.pod("p", "n", gpu=8)
    (node,) = list(estate.store.rows(NODE.id, "m1"))
    (pod,) = list(estate.store.rows(POD.id, "m1"))
    nodes = [replace(node, name=f"n{number}", uid=f"n{number}") for number in range(10_000)]
    pods = [replace(pod, uid=f"p{number}", node=f"n{number}") for number in range(5_000)]
    estate.store.replace(NODE.id, "m1", nodes)
    estate.store.replace(POD.id, "m1", pods)
    estate.seen.changed("m1")
    row = model(estate)
    assert (row.capacity, row.used, row.free, row.fragmented) == (80_000, 40_000, 40_000, 0)
