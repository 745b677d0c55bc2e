"""Which extended resources are accelerators, and amounts of them as one short text in rows of pods and nodes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.device_names import as_text, is_accelerator, of_node, parsed, parsed_node, short
from kurator_tui.kinds.pods import POD


@pytest.mark.parametrize(
    "resource",
    [
        *("nvidia.com/gpu", "nvidia.com/gpu.shared", "nvidia.com/mig-1g.5gb", "amd.com/gpu", "gpu.intel.com/i915"),
        *("huawei.com/Ascend910", "huawei.com/Ascend310P", "volcano.sh/vgpu-number", "volcano.sh/vgpu-memory"),
        *("habana.ai/gaudi", "google.com/tpu", "cambricon.com/mlu", "aws.amazon.com/neuron"),
    ],
)
def test_resources_of_device_plugins_are_accelerators(resource: str) -> None:
    assert is_accelerator(resource)


@pytest.mark.parametrize(
    "resource",
    ["cpu", "memory", "hugepages-2Mi", "rdma/hca", "nvidia.com/", "example.com/gpu", "nvidia.com/gpu=1"],
)
def test_others_are_not(resource: str) -> None:
    assert not is_accelerator(resource)


def test_texts_are_read_as_they_were_written() -> None:
    assert parsed(as_text({"nvidia.com/gpu": 2, "amd.com/gpu": 1, "x": 0})) == (
        ("amd.com/gpu", 1),
        ("nvidia.com/gpu", 2),
    )
    assert parsed_node(of_node({"nvidia.com/gpu": "8", "cpu": "4"}, {"nvidia.com/gpu": "7"})) == (
        ("nvidia.com/gpu", 8, 7),
    )
    assert parsed("") == parsed("no amount") == ()
    assert parsed_node("") == ()


def test_people_call_resources_by_their_last_word() -> None:
    assert [short(name) for name in ("nvidia.com/gpu", "cpu", "memory")] == ["gpu", "cpu", "mem"]


def pod(*containers: dict[str, Any], init: list[dict[str, Any]] | None = None) -> str:
    spec = {"containers": list(containers), "initContainers": init or []}
    return (
        RowDecoder(POD, "c")
        .row(json.dumps({"metadata": {"name": "p", "uid": "u"}, "spec": spec}).encode())
        .devices
    )


def asks(restart: str = "", **amounts: str) -> dict[str, Any]:
    requests = {{"gpu": "nvidia.com/gpu", "npu": "huawei.com/Ascend910"}.get(k, k): v for k, v in amounts.items()}
    return {"resources": {"requests": requests}} | ({"restartPolicy": restart} if restart else {})


def test_a_pod_asks_for_what_its_containers_ask_for_together() -> None:
    assert pod(asks(cpu="1", memory="1Gi")) == ""
    assert pod(asks(gpu="1"), asks(cpu="1", gpu="2"), asks(npu="4")) == "huawei.com/Ascend910=4,nvidia.com/gpu=3"


def test_an_init_container_counts_where_it_asks_for_more_and_a_sidecar_always() -> None:
    assert pod(asks(gpu="1"), init=[asks(gpu="4")]) == "nvidia.com/gpu=4"
    assert pod(asks(gpu="3"), init=[asks("Always", gpu="1"), asks(gpu="2")]) == "nvidia.com/gpu=4"


def test_pods_that_ask_alike_share_one_text() -> None:
    assert pod(asks(gpu="2")) is pod(asks(gpu="1"), asks(gpu="1"))


def test_a_node_says_what_it_has_and_gives() -> None:
    status = {"capacity": {"huawei.com/Ascend910": "8"}, "allocatable": {"huawei.com/Ascend910": "6", "cpu": "4"}}
    row = RowDecoder(NODE, "c").row(json.dumps({"metadata": {"name": "n", "uid": "u"}, "status": status}).encode())
    assert row.devices == "huawei.com/Ascend910=8/6"
