"""Running sums over each cluster's nodes and pods: a changed row costs one subtraction and one addition.

Counting anew would cost a walk over a hundred thousand pods for each tenth of a second in which one changed.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import add, sub
from typing import cast

from kurator_tui.fleet.overviews import Totals
from kurator_tui.kinds.base import Row
from kurator_tui.kinds.core import NODE, NodeRow
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.store.store import Observer, Store

Share = tuple[int, ...]
_NODES: Share = (0,) * 5
_PODS: Share = (0,) * 4


def node_share(row: Row | None) -> Share:
    """What one node adds: (nodes, ready, allocatable millicores, allocatable bytes, GPUs)."""
    if row is None:
        return _NODES
    node = cast(NodeRow, row)
    return (1, node.ready == "True", node.cpu_allocatable, node.memory_allocatable, node.gpus)


def pod_share(row: Row | None) -> Share:
    """What one pod adds: (pods, ready, requested millicores, requested bytes).

    Only a pod that has a node and has not finished holds what it requests.
    """
    if row is None:
        return _PODS
    pod = cast(PodRow, row)
    ready = pod.ready == pod.containers > 0
    if pod.node and pod.phase not in ("Succeeded", "Failed"):
        return (1, ready, pod.cpu_requested, pod.memory_requested)
    return (1, ready, 0, 0)


def _noting(
    sums: dict[str, Share], share: Callable[[Row | None], Share], touched: Callable[[str], None]
) -> Observer:
    """What keeps `sums` from a store's changes. It runs for every event."""

    def note(cluster: str, old: Row | None, new: Row | None) -> None:
        before, now = share(old), share(new)
        if before != now:
            total = sums.get(cluster) or (0,) * len(now)
            sums[cluster] = tuple(map(add, map(sub, total, before), now))
            touched(cluster)

    return note


class Sums:
    """Totals of every cluster, kept from a store's changes. `touched` is told of clusters whose totals changed."""

    def __init__(self, store: Store, touched: Callable[[str], None]) -> None:
        self._nodes: dict[str, Share] = {}
        self._pods: dict[str, Share] = {}
        store.observe(NODE.id, _noting(self._nodes, node_share, touched))
        store.observe(POD.id, _noting(self._pods, pod_share, touched))

    def totals(self, cluster: str, *, nodes_listed: bool, pods_listed: bool) -> Totals:
        """The totals of one cluster. What was never listed and has no row is None: not counted is not zero."""
        nodes = self._nodes.get(cluster) or (_NODES if nodes_listed else None)
        pods = self._pods.get(cluster) or (_PODS if pods_listed else None)
        return Totals(
            nodes=nodes[0] if nodes else None,
            nodes_ready=nodes[1] if nodes else None,
            cpu_allocatable=nodes[2] if nodes else None,
            memory_allocatable=nodes[3] if nodes else None,
            gpus=nodes[4] if nodes else 0,
            pods=pods[0] if pods else None,
            pods_ready=pods[1] if pods else None,
            cpu_requested=pods[2] if pods else None,
            memory_requested=pods[3] if pods else None,
        )

    def forget(self, cluster: str) -> None:
        """`cluster` is no member any more."""
        self._nodes.pop(cluster, None)
        self._pods.pop(cluster, None)
