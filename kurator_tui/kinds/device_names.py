"""Which extended resources are accelerators, and how a row holds amounts of them: as one short text. Pure.

A row of a hundred thousand pods can hold no dict: `nvidia.com/gpu=2` is one text that thousands share, and most
pods have "". A node's amounts are capacity and allocatable, `nvidia.com/gpu=8/7`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import lru_cache

from kurator_tui.kinds.meta import whole

Amount = str | int | float

_DOMAINS = (
    *("nvidia.com", "amd.com", "gpu.intel.com", "habana.ai", "huawei.com", "cambricon.com", "google.com"),
    *("metax-tech.com", "hygon.com", "mthreads.com", "iluvatar.ai", "enflame.com", "kunlunxin.com"),
    *("aws.amazon.com", "qualcomm.com", "aliyun.com", "volcano.sh"),
)
_WORDS = (
    *("gpu", "mig-", "ascend", "npu", "gaudi", "goya", "mlu", "tpu", "dcu", "gcu", "xpu", "i915", "xe", "neuron"),
    *("cuda", "qaic"),
)
_BEGINNINGS = _WORDS + tuple(f"v{word}" for word in _WORDS)
"""Of the resource's own name, in lower case; a `v` before it says that it is a part of a device."""
_MOST = 500
"""Characters of such a text: a node that names more is lying."""


@lru_cache(maxsize=4096)
def is_accelerator(resource: str) -> bool:
    """Whether an extended resource is a GPU, an NPU or a part of one."""
    domain, slash, name = resource.partition("/")
    if not slash or not name or "=" in resource or "," in resource:
        return False
    return domain in _DOMAINS and name.lower().startswith(_BEGINNINGS)


def requested(requests: Mapping[str, Amount]) -> dict[str, int]:
    """The accelerators of one container's requests."""
    return {name: whole(amount) for name, amount in requests.items() if is_accelerator(name)}


def as_text(amounts: Mapping[str, int]) -> str:
    """`resource=amount`, by name, joined by commas; "" for nothing."""
    text = ",".join(f"{name}={amount}" for name, amount in sorted(amounts.items()) if amount)
    return sys.intern(text[:_MOST]) if text else ""


def of_node(capacity: Mapping[str, Amount], allocatable: Mapping[str, Amount]) -> str:
    """`resource=capacity/allocatable` of a node's accelerators."""
    found = sorted({name for name in (*capacity, *allocatable) if is_accelerator(name)})
    parts = [f"{name}={whole(capacity.get(name))}/{whole(allocatable.get(name))}" for name in found]
    return sys.intern(",".join(parts)[:_MOST]) if parts else ""


@lru_cache(maxsize=4096)
def parsed(text: str) -> tuple[tuple[str, int], ...]:
    """What `as_text` wrote: (resource, amount)."""
    return tuple((name, whole(amount)) for name, _, amount in (part.partition("=") for part in _parts(text)))


@lru_cache(maxsize=4096)
def parsed_node(text: str) -> tuple[tuple[str, int, int], ...]:
    """What `of_node` wrote: (resource, capacity, allocatable)."""
    found = []
    for part in _parts(text):
        name, _, amounts = part.partition("=")
        capacity, _, allocatable = amounts.partition("/")
        found.append((name, whole(capacity), whole(allocatable)))
    return tuple(found)


def _parts(text: str) -> list[str]:
    return [part for part in text.split(",") if "=" in part]


def short(resource: str) -> str:
    """How people call a resource: `gpu` for nvidia.com/gpu, `cpu`, `mem`."""
    return "mem" if resource == "memory" else resource.rpartition("/")[2] or resource
