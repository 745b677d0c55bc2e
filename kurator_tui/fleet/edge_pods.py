"""The join behind `edgepods`: the pods on a cluster's edge nodes, and how old what is believed of them is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from kurator_tui.fleet.edge_nodes import LEASES_OF_NODES, LOOK, NODE_KINDS, EdgeNodes, is_node_lease
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.pieces import Objects, in_pieces
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import Health, Level, Row
from kurator_tui.kinds.configuration import LEASE
from kurator_tui.kinds.edge import AWAY, EDGE_PODS, EdgeNodeRow, EdgePodRow
from kurator_tui.kinds.pods import POD, PodRow


class EdgePods:
    """The pods of one cluster that are on edge nodes."""

    def __init__(self, seen: Seen, cluster: str) -> None:
        self._cluster = cluster
        self._nodes = EdgeNodes(seen, cluster)
        self._pods: dict[str, PodRow] = {}
        self._on: dict[str, set[str]] = {}
        """Node -> uids of its pods."""
        self._shown: set[str] = set()
        self._pending: set[str] = set()

    @property
    def waiting(self) -> bool:
        return bool(self._pending or self._nodes.waiting)

    def take(self, kind: str, objects: Objects) -> None:
        self._nodes.take(kind, objects)
        if kind != POD.id:
            return
        for uid, row in objects.items():
            if (before := self._pods.pop(uid, None)) is not None:
                self._on[before.node].discard(uid)
            pod = cast("PodRow | None", row)
            if pod is not None and pod.node:
                self._pods[uid] = pod
                self._on.setdefault(pod.node, set()).add(uid)
            self._pending.add(uid)

    def look(self) -> None:
        self._nodes.look()

    def made(self) -> Iterator[tuple[str, Row | None]]:
        for before, now in self._nodes.changes():
            if _told(before) != _told(now):
                node = now if now is not None else before
                self._pending |= self._on.get(node.name if node is not None else "", set())
        while self._pending:
            uid = self._pending.pop()
            pod = self._pods.get(uid)
            node = self._nodes.rows.get(pod.node) if pod is not None else None
            if pod is not None and node is not None:
                self._shown.add(uid)
                yield uid, _row(pod, node)
            elif uid in self._shown:
                self._shown.discard(uid)
                yield uid, None


def _told(node: EdgeNodeRow | None) -> tuple[str, float, str] | None:
    """What the pods of a node tell of it."""
    return None if node is None else (node.state, node.heard, node.site)


def _health(pod: PodRow, node: EdgeNodeRow) -> Health:
    """Of a pod whose node is silent nothing is known, whatever was believed last."""
    if node.state not in AWAY:
        return POD.health(pod)
    if pod.deleting:
        return Health(Level.UNKNOWN, "its end is not confirmed before its node is back; it may still run")
    return Health(Level.UNKNOWN, f"its node is {node.state}: as it was at the last contact")


def _row(pod: PodRow, node: EdgeNodeRow) -> EdgePodRow:
    health = _health(pod, node)
    return EdgePodRow(
        pod.cluster,
        pod.namespace,
        pod.name,
        pod.uid,
        pod.created,
        level=str(health.level),
        reason=health.reason,
        status=pod.status,
        ready=f"{pod.ready}/{pod.containers}",
        node=pod.node,
        site=node.site,
        state=node.state,
        believed=node.heard,
        restarts=pod.restarts,
        owner=pod.owner,
    )


JOIN = Join(
    EDGE_PODS,
    (),
    NODE_KINDS,
    in_pieces,
    only={LEASE.id: is_node_lease},
    fields=LEASES_OF_NODES,
    pieces=EdgePods,
    every=LOOK,
)
