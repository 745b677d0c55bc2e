"""Nodes that are not ready, short of something, or forgotten. What is only about edge nodes is KubeEdge's."""

from __future__ import annotations

from collections.abc import Iterator

from kurator_tui.kinds.core import NODE, NodeRow
from kurator_tui.kinds.findings import Severity
from kurator_tui.triage.marking import site
from kurator_tui.triage.rules import Again, Analyser, Look, Seen

JOINING = 300.0
"""Seconds after which a node that joined should be ready."""
PASSING = 60.0
"""Seconds for which a node may not be ready because its kubelet was started again, or its network hiccuped."""
CORDONED = 4 * 3600.0
"""Seconds after which somebody may have forgotten that a node is cordoned."""
NETWORK = "network"

NODES = Analyser(
    NODE, concerns=lambda row: row.ready != "True" or bool(row.pressures) or row.unschedulable or row.deleting
)


def _marks(row: NodeRow) -> dict[str, str]:
    return {"node": row.name, "site": site(row)}


def _out_of_contact(row: NodeRow) -> bool:
    """Whether it is an edge node that nobody hears: it may well work, and is not called broken."""
    return row.edge and row.ready == "Unknown"


@NODES.rule("KT2101", "node is not ready", Severity.HIGH, suggests=("read.describe", "read.events", "drain"))
def not_ready(row: NodeRow, look: Look) -> Iterator[Seen | Again]:
    """For a minute a node's kubelet has said that it cannot run pods, or was not heard beyond the grace period.

    `NodeStatusUnknown` is silence: the machine, its network or its kubelet is gone; anything else is the kubelet's
    own complaint. Its pods are replaced elsewhere after five minutes, those with local volumes are not. Medium
    while it is cordoned: somebody is at it.
    """
    if row.ready == "True" or _out_of_contact(row):
        return
    since = row.since or row.created
    told = max(row.created + JOINING, since + PASSING)
    if look.now < told:
        yield Again(told)
        return
    why = ": ".join(part for part in (row.reason, row.message) if part)
    severity = Severity.MEDIUM if row.unschedulable else None
    yield Seen(why or "no status", since, _marks(row), severity)


@NODES.rule("KT2102", "node is short of something", Severity.HIGH, suggests=("beneath", "metrics.row", "cordon"))
def pressure(row: NodeRow, look: Look) -> Iterator[Seen | Again]:
    """A node runs out of memory, disk or process ids: its kubelet ends pods to protect it, and takes no new ones.

    Look at what its pods use (`b`, then `M`). Disk is often images and logs, which the kubelet cleans up by itself
    if it can. Cordon it when it does not get better.
    """
    short = [each for each in row.pressures if each != NETWORK]
    if short and row.ready == "True":
        yield Seen(" and ".join(short) + " pressure", marks=_marks(row))


@NODES.rule("KT2103", "node has no network for pods", Severity.HIGH, suggests=("beneath", "read.describe"))
def no_network(row: NodeRow, look: Look) -> Iterator[Seen | Again]:
    """The network of a node was never set up: pods there cannot be reached from elsewhere.

    The cloud provider's routes or the network plugin's pod on that node is missing. The condition stays until
    that says so itself.
    """
    if NETWORK in row.pressures:
        if look.now - row.created < JOINING:
            yield Again(row.created + JOINING)
        else:
            yield Seen("NetworkUnavailable", marks=_marks(row))


@NODES.rule("KT2104", "cordoned for long", Severity.LOW, suggests=("uncordon", "drain", "read.describe"))
def cordoned(row: NodeRow, look: Look) -> Iterator[Seen | Again]:
    """A node takes no new pods for more than four hours, because somebody told it so.

    Room is missing elsewhere meanwhile. Uncordon it when the work on it is done, or take it out of the cluster.
    """
    if not row.unschedulable or row.deleting:
        return
    if not row.cordoned:
        yield Seen("cordoned", marks=_marks(row), after=CORDONED)
    elif look.now - row.cordoned < CORDONED:
        yield Again(row.cordoned + CORDONED)
    else:
        yield Seen("cordoned", row.cordoned, _marks(row))


@NODES.rule("KT2105", "node does not go away", Severity.MEDIUM, suggests=("read.yaml", "remove-finalizers"))
def stuck_deleting(row: NodeRow, look: Look) -> Iterator[Seen | Again]:
    """A deleted node is still there: a finalizer waits for something, such as its machine or its volumes.

    Whoever put the finalizer there has to take it off: look at that controller first.
    """
    if row.deleting:
        yield Seen("is being deleted", marks=_marks(row), after=CORDONED)
