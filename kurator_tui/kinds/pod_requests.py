"""What a pod asks the scheduler for: CPU, memory, GPUs and other accelerators, by the scheduler's rules. Pure."""

from __future__ import annotations

from collections import Counter

from kurator_tui.kinds import device_names
from kurator_tui.kinds.meta import GPU_RESOURCES, Projection, whole

Amounts = dict[str, str | int | float]


class Resources(Projection):
    requests: Amounts | None = None


class Container(Projection):
    resources: Resources | None = None


class InitContainer(Container):
    name: str = ""
    restart_policy: str | None = None


class PodSpec(Projection):
    node_name: str | None = None
    containers: list[Container] | None = None
    init_containers: list[InitContainer] | None = None
    overhead: Amounts | None = None
    resources: Resources | None = None


_Request = tuple[int, int, int]
_NOTHING: _Request = (0, 0, 0)


def _request(amounts: Amounts | None) -> _Request:
    if not amounts:
        return _NOTHING
    gpus = 0
    for name in GPU_RESOURCES:
        if name in amounts:
            gpus += whole(amounts[name])
    return whole(amounts.get("cpu"), 1000), whole(amounts.get("memory")), gpus


def _plus(a: _Request, b: _Request) -> _Request:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


def _most(a: _Request, b: _Request) -> _Request:
    return max(a[0], b[0]), max(a[1], b[1]), max(a[2], b[2])


def effective_request(spec: PodSpec) -> _Request:
    """(millicores, bytes, GPUs) that the scheduler counts for a pod.

    Containers add up; a plain init container runs beside the sidecars started before it, and the largest such
    moment counts when it exceeds the sum; a sidecar (`restartPolicy: Always`) counts throughout; requests of the
    pod itself replace the sum; overhead is added last (KEP-753, KEP-2837, KEP-688).
    """
    cpu = memory = gpus = 0
    for container in spec.containers or ():
        requests = container.resources.requests if container.resources is not None else None
        if requests:
            cpu += whole(requests.get("cpu"), 1000)
            memory += whole(requests.get("memory"))
            for name in GPU_RESOURCES:
                if name in requests:
                    gpus += whole(requests[name])
    total = cpu, memory, gpus
    if spec.init_containers:
        sidecars = peak = _NOTHING
        for container in spec.init_containers:
            own = _request(container.resources.requests) if container.resources else _NOTHING
            if container.restart_policy == "Always":
                total, sidecars = _plus(total, own), _plus(sidecars, own)
                peak = _most(peak, sidecars)
            else:
                peak = _most(peak, _plus(own, sidecars))
        total = _most(total, peak)
    if spec.resources is not None and spec.resources.requests:
        own, named = _request(spec.resources.requests), spec.resources.requests
        total = (own[0] if "cpu" in named else total[0], own[1] if "memory" in named else total[1], total[2])
    return _plus(total, _request(spec.overhead)) if spec.overhead else total


def requested_devices(spec: PodSpec) -> str:
    """The accelerators that the scheduler counts for a pod, by the same rules."""
    for container in spec.containers or ():
        asks = container.resources.requests if container.resources is not None else None
        if asks and (len(asks) > 2 or "cpu" not in asks or "memory" not in asks):
            return _requested_devices(spec)
    return _requested_devices(spec) if spec.init_containers else ""


def _requested_devices(spec: PodSpec) -> str:
    """The same of a pod that asks for something beside CPU and memory, or may do so."""
    total: Counter[str] = Counter()
    for container in spec.containers or ():
        total.update(_devices(container))
    sidecars: Counter[str] = Counter()
    peak: Counter[str] = Counter()
    for each in spec.init_containers or ():
        own = _devices(each)
        if each.restart_policy == "Always":
            total, sidecars = total + own, sidecars + own
            peak |= sidecars
        else:
            peak |= sidecars + own
    return device_names.as_text(total | peak)


def _devices(container: Container) -> Counter[str]:
    requests = container.resources.requests if container.resources is not None else None
    return Counter(device_names.requested(requests)) if requests else Counter()
