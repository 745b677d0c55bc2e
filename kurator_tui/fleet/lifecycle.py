"""The join behind `lifecycle`: one tree a cluster, from the host's objects alone.

    Kurator Cluster ─► Cluster API Cluster ─► control plane ─► machines
                                          └─► MachineDeployment ─► MachineSet ─► machines
    CustomCluster ─► Cluster API Cluster ─► control plane · hosts of its CustomMachine · kubespray's worker pods
    AttachedCluster      somebody else made it: a line that says so

What a deleted cluster left behind is a tree of its own, below the name of the cluster that is gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kurator_tui.fleet.join import Join
from kurator_tui.fleet.lifecycle_custom import custom_tree
from kurator_tui.fleet.lifecycle_estate import Estate
from kurator_tui.fleet.lifecycle_left import left_behind, plain_tree
from kurator_tui.fleet.lifecycle_machines import kurator_tree
from kurator_tui.fleet.lifecycle_order import Line, numbered
from kurator_tui.fleet.seen import Seen
from kurator_tui.fleet.unread import cannot_be_read, unread
from kurator_tui.kinds.base import HOST, Row
from kurator_tui.kinds.cluster_api import CLUSTER as CAPI_CLUSTER
from kurator_tui.kinds.cluster_api import KUBEADM_CONTROL_PLANE, MACHINE, MACHINE_DEPLOYMENT, MACHINE_SET
from kurator_tui.kinds.cluster_api_aws import AWS_IDENTITY, AWS_MACHINE
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, CLUSTER, CUSTOM_CLUSTER
from kurator_tui.kinds.kurator_apps import CUSTOM_MACHINE
from kurator_tui.kinds.lifecycle import LIFECYCLE, LifecycleRow
from kurator_tui.kinds.pods import POD

MACHINERY = (CAPI_CLUSTER, KUBEADM_CONTROL_PLANE, MACHINE_DEPLOYMENT, MACHINE_SET, MACHINE)
ON_HOST = (
    *(CLUSTER, CUSTOM_CLUSTER, ATTACHED_CLUSTER, *MACHINERY),
    *(CUSTOM_MACHINE, AWS_MACHINE, AWS_IDENTITY, POD),
)


def trees(seen: Seen) -> Mapping[str, tuple[LifecycleRow, ...]]:
    """All lines of all trees, as rows of the host."""
    estate = Estate(seen)
    lines: list[Line] = []
    for row in estate.clusters:
        lines += kurator_tree(estate, row)
    for row in estate.customs:
        lines += custom_tree(estate, row)
    for row in estate.attached:
        if not estate.wraps(row):
            lines.append(plain_tree(estate, row))
    lines += left_behind(estate)
    return {HOST: tuple(_noted(seen, line.row) for line in numbered(lines))}


def _noted(seen: Seen, row: LifecycleRow) -> LifecycleRow:
    """With what cannot be read of a tree, at its top."""
    from msgspec.structs import replace

    lacking = unread(seen, HOST, MACHINERY)
    if row.depth or not lacking or row.kind == "AttachedCluster":
        return row
    note = cannot_be_read(*lacking)
    return replace(row, reason="; ".join(part for part in (row.reason, note) if part))


def rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The lines; only the host has any."""
    yield from seen.shared(trees).get(cluster, ())


JOIN = Join(LIFECYCLE, ON_HOST, (), rows, planned=trees, beside=True)
