"""The catalogue: what a cluster's row counts, as one query a number for all clusters. Pure but for `ask`.

Names are those of kube-state-metrics, which Kurator's metric plugin does not install by itself. A cluster that an
answer lacks has no number, which is not zero.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from kurator_tui.errors import ConsoleError
from kurator_tui.metrics.answers import Answer, Source

CLUSTER = "cluster"
"""The external label by which Thanos tells members apart (kurator-api §7.1)."""


@dataclass(frozen=True, slots=True)
class Number:
    """One figure: a query grouped by cluster; its values times `scale` are whole numbers of our unit."""

    query: str
    scale: int = 1


@dataclass(frozen=True, slots=True)
class Counts:
    """One cluster's numbers. CPU in millicores, memory in bytes; None where Thanos has none."""

    nodes: int | None = None
    nodes_ready: int | None = None
    pods: int | None = None
    pods_ready: int | None = None
    cpu_requested: int | None = None
    cpu_allocatable: int | None = None
    memory_requested: int | None = None
    memory_allocatable: int | None = None
    gpus: int | None = None


def _requested(resource: str) -> str:
    """What pods that hold a node's place request: neither those that wait for a node nor those that are done."""
    return (
        f'sum by (cluster) (kube_pod_container_resource_requests{{resource="{resource}",node!=""}}'
        ' unless on (cluster, namespace, pod) (kube_pod_status_phase{phase=~"Succeeded|Failed"} == 1))'
    )


def _allocatable(resource: str) -> str:
    return f'sum by (cluster) (kube_node_status_allocatable{{resource="{resource}"}})'


CATALOGUE: Mapping[str, Number] = {
    "nodes": Number("count by (cluster) (kube_node_info)"),
    "nodes_ready": Number('sum by (cluster) (kube_node_status_condition{condition="Ready",status="true"})'),
    "pods": Number("sum by (cluster) (kube_pod_status_phase)"),
    "pods_ready": Number('sum by (cluster) (kube_pod_status_ready{condition="true"})'),
    "cpu_requested": Number(_requested("cpu"), 1000),
    "cpu_allocatable": Number(_allocatable("cpu"), 1000),
    "memory_requested": Number(_requested("memory")),
    "memory_allocatable": Number(_allocatable("memory")),
    "gpus": Number('sum by (cluster) (kube_node_status_allocatable{resource=~"nvidia_com_gpu|amd_com_gpu"})'),
}
"""By the field of `Counts`."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one round brought: by value of the label `cluster`. `error` is why numbers are missing everywhere."""

    counts: Mapping[str, Counts] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    error: str = ""


def whole(value: float, scale: int = 1) -> int | None:
    """A sample as a whole number; None for what counts nothing: NaN, infinite, negative or beyond all sense."""
    scaled = value * scale
    return round(scaled) if math.isfinite(scaled) and 0 <= scaled < 2**60 else None


def counts(answers: Mapping[str, Answer]) -> dict[str, Counts]:
    """Answers by the catalogue's names, turned into numbers by cluster. Samples without a cluster are left out."""
    found: dict[str, dict[str, int | None]] = {}
    for name, answer in answers.items():
        scale = CATALOGUE[name].scale
        for sample in answer.samples:
            if cluster := sample.labels.get(CLUSTER):
                found.setdefault(cluster, {})[name] = whole(sample.value, scale)
    return {cluster: Counts(**numbers) for cluster, numbers in found.items()}


async def ask(source: Source) -> Reading:
    """All numbers of all clusters. Never raises: what failed is in the reading.

    The first query goes alone: where nobody answers, nobody is asked eight times more.
    """
    first, *others = CATALOGUE
    try:
        answers = {first: await source.query(CATALOGUE[first].query)}
    except ConsoleError as error:
        return Reading(error=error.brief)
    results = await asyncio.gather(
        *(source.query(CATALOGUE[name].query) for name in others), return_exceptions=True
    )
    errors: list[ConsoleError] = []
    for name, result in zip(others, results, strict=True):
        if isinstance(result, Answer):
            answers[name] = result
        elif isinstance(result, ConsoleError):
            errors.append(result)
        else:
            raise result
    warnings = dict.fromkeys(text for answer in answers.values() for text in answer.warnings)
    return Reading(counts(answers), tuple(warnings), errors[0].brief if errors else "")
