"""The edge as KubeEdge sees it: nodes and sites out of contact, CloudCore, devices, jobs over nodes, messages.

A node out of contact is never called broken: it may work on its own, and nobody here can know.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.core import NODE, NodeRow
from kurator_tui.kinds.deployments import DEPLOYMENT, DeploymentRow
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.kubeedge import DEVICE, DEVICE_STATUS, EDGE_APPLICATION, RULE
from kurator_tui.kinds.kubeedge_jobs import CONFIG_UPDATE_JOB, IMAGE_PRE_PULL_JOB, NODE_UPGRADE_JOB
from kurator_tui.kinds.table import ObjectRow
from kurator_tui.triage.marking import site, site_label
from kurator_tui.triage.rules import Again, Analyser, Look, Seen
from kurator_tui.triage.tables import DAY, unwell, word

OFFLINE = 120.0
"""Seconds without contact after which it is more than a hiccup of the uplink."""
JOINING = 300.0
"""Seconds within which a node that joined should have reported."""
SETTLING = 600.0
"""Seconds within which a device, or an application, should have what it was told."""
_UNREACHABLE = "node.kubernetes.io/unreachable"

NODES = Analyser(NODE, concerns=lambda node: node.edge and (node.ready != "True" or bool(node.taints)))
CORES = Analyser(DEPLOYMENT, concerns=lambda row: row.name == "cloudcore" and row.namespace == "kubeedge")
DEVICES = Analyser(DEVICE, concerns=lambda row: row.level != Level.HEALTHY, beside=(DEVICE, NODE))
DEVICE_STATES = Analyser(DEVICE_STATUS, concerns=lambda row: row.level != Level.HEALTHY, beside=(DEVICE, NODE))
APPLICATIONS = Analyser(EDGE_APPLICATION, concerns=lambda row: row.level == Level.PROGRESSING)
UPGRADES = Analyser(NODE_UPGRADE_JOB, concerns=unwell)
PULLS = Analyser(IMAGE_PRE_PULL_JOB, concerns=unwell)
UPDATES = Analyser(CONFIG_UPDATE_JOB, concerns=unwell)
MESSAGES = Analyser(RULE, concerns=unwell)

_ON, _STATE = word(DEVICE, "node"), word(DEVICE, "state")
"""A DeviceStatus has its state in the same cell."""
_GROUPS = word(EDGE_APPLICATION, "groups")


def _away(node: NodeRow) -> bool:
    """Whether it was in contact once, and is not now."""
    return node.ready == "Unknown" and bool(node.reason or node.heartbeat)


def _marks(node: NodeRow) -> dict[str, str]:
    return {"node": node.name, "site": site(node), "hub": "cloudcore"}


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if seconds else "never"


# -- nodes ------------------------------------------------------------------------------------------------------


@NODES.rule(
    "KT3101", "edge node out of contact", Severity.MEDIUM, suggests=("read.describe", "node", "read.events")
)
def out_of_contact(node: NodeRow, look: Look) -> Iterator[Seen | Again]:
    """The cloud hears nothing from an edge node: its uplink, its power, or edgecore on it.

    Pods on it go on without the cloud as far as anybody knows; what is shown of them is as old as the last
    contact. Do not force pods away, nor drain: that ends nothing there, and starts a second copy elsewhere.
    First see whether other nodes of the site are away, too (then it is the uplink), and whether CloudCore runs.
    With a way to the device look at `journalctl -u edgecore`.
    """
    if not _away(node):
        return
    since = node.since or node.heartbeat
    if look.now - since < OFFLINE:
        yield Again(since + OFFLINE)
    else:
        yield Seen(f"last heard {_clock(node.heartbeat)}: {node.reason}".rstrip(": "), since, _marks(node))


@NODES.rule(
    "KT3102", "edge node joined and never reported", Severity.MEDIUM, suggests=("read.describe", "read.events")
)
def never_reported(node: NodeRow, look: Look) -> Iterator[Seen | Again]:
    """The node is registered, but edgecore never sent a status: no pod can start on it.

    Usually the token or the certificate is wrong, CloudCore's address is not reachable from the site, or two
    devices have one node name. Look at edgecore's log on the device, then at CloudCore's.
    """
    if node.ready == "Unknown" and not _away(node):
        if look.now - node.created < JOINING:
            yield Again(node.created + JOINING)
        else:
            yield Seen("no status since it joined", node.created, _marks(node))


@NODES.rule("KT3103", "edge node is back but still tainted", Severity.MEDIUM, suggests=("taint", "read.describe"))
def still_tainted(node: NodeRow, look: Look) -> Iterator[Seen | Again]:
    """The node is Ready again, and still has the taint for nodes out of contact: nothing new is placed on it.

    The node controller takes the taint away within a minute. If it stays, that controller does not work, or
    somebody set it by hand: take it off (`taint`), after a look at the node.
    """
    taint = next((each for each in node.taints if each.startswith(_UNREACHABLE)), "")
    if node.ready == "True" and taint:
        yield Seen(taint, marks=_marks(node), after=OFFLINE)


# -- sites and CloudCore ----------------------------------------------------------------------------------------


@NODES.rule(
    "KT3111", "edge site out of contact", Severity.HIGH, suggests=("screen.edge", "read.describe", "read.events")
)
def site_away(node: NodeRow, look: Look) -> Iterator[Seen | Again]:
    """Every edge node of a site (two at least) is out of contact: what they share is the cause, not each of them.

    That is the site's uplink or power nearly always. Applications there go on alone. Ask whoever runs the site;
    when all sites of the cluster are away at once, look at CloudCore and at the way to it instead.
    """
    here, label = site(node), site_label(node)
    if not label or not _away(node):
        return
    nodes = [each for each in look.labelled(NODE, node.cluster, "", label, here) if each.edge]
    first = min(nodes, key=lambda each: each.name)
    if len(nodes) < 2 or first.uid != node.uid or not all(_away(each) for each in nodes):
        return
    since = max(each.since or each.heartbeat for each in nodes)
    if look.now - since < OFFLINE:
        yield Again(since + OFFLINE)
    else:
        heard = _clock(max(each.heartbeat for each in nodes))
        yield Seen(
            f"{here}: all {len(nodes)} nodes, last heard {heard}", since, {"site": here, "hub": "cloudcore"}
        )


@CORES.rule("KT3112", "CloudCore is not ready", Severity.HIGH, suggests=("logs", "read.events", "restart"))
def cloudcore(core: DeploymentRow, look: Look) -> Iterator[Seen | Again]:
    """CloudCore, to which every edge node of the cluster holds its connection, has replicas that are not ready.

    With none ready all edge nodes lose contact together, and nothing that is deployed reaches them; they go on
    with what they have. Look at its log first: certificates, the tunnel's port, etcd behind the API server.
    """
    if core.ready >= max(1, core.desired):
        return
    severity = Severity.HIGH if core.ready == 0 else Severity.MEDIUM
    marks = {"owner": "Deployment/cloudcore", "hub": "cloudcore" if core.ready == 0 else ""}
    said = f"{core.ready} of {core.desired} replicas ready: {core.message}".rstrip(": ")
    yield Seen(said, marks=marks, severity=severity, after=60.0)


# -- devices ----------------------------------------------------------------------------------------------------


def _device_marks(row: ObjectRow, look: Look) -> dict[str, str] | None:
    """Marks of the node that it hangs on; None where that node is not in contact: then nobody knows.

    `row` is a Device or, of newer releases, the DeviceStatus of its name.
    """
    device = look.find(DEVICE, row.cluster, row.namespace, row.name)
    name = _ON(device) if device is not None else ""
    node = look.find(NODE, row.cluster, "", name) if name else None
    if node is None:
        return {"node": name}
    return _marks(node) if node.ready == "True" else None


_BAD = ("KT3121", "device is offline or unhealthy", Severity.MEDIUM)
_LATE = ("KT3122", "device does not take its settings", Severity.LOW)


@DEVICES.rule(*_BAD, suggests=("read.describe", "screen.edge"))
@DEVICE_STATES.rule(*_BAD, suggests=("read.describe", "screen.edge"))
def bad_device(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A device's mapper says that the device is offline or unhealthy, while its node is in contact.

    So it is the device, its cable or its mapper on the node: look at the mapper's log there, then at the device.
    A device on a node out of contact is not told of here, for nobody knows how it is.
    """
    state = _STATE(row)
    if state in ("offline", "unhealthy") and (marks := _device_marks(row, look)) is not None:
        severity = Severity.MEDIUM if state == "unhealthy" else Severity.LOW
        yield Seen(row.reason or state, marks=marks, severity=severity, after=OFFLINE)


@DEVICES.rule(*_LATE, suggests=("kubeedge.set", "read.describe"))
@DEVICE_STATES.rule(*_LATE, suggests=("kubeedge.set", "read.describe"))
def late_device(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """For ten minutes a device has reported another value than the one it is told to have.

    The value may be out of the device's range, the property may be read-only, or the mapper does not write it.
    Compare the DeviceModel's limits, then look at the mapper's log.
    """
    late = row.level == Level.PROGRESSING and not row.deleting
    if late and (marks := _device_marks(row, look)) is not None:
        yield Seen(row.reason, marks=marks, after=SETTLING)


# -- applications, jobs, messages -------------------------------------------------------------------------------


@APPLICATIONS.rule(
    "KT3131",
    "edge application is not everywhere",
    Severity.MEDIUM,
    suggests=("screen.edge", "read.describe", "beneath"),
)
def not_everywhere(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """For ten minutes some copies of an EdgeApplication have not become available in their node groups.

    Copies for a site that is out of contact wait until it is back: that needs nothing. Otherwise look at the
    pods of the copy that the evidence names: image, node selector, what fits on the nodes.
    """
    if not row.deleting:
        groups = _GROUPS(row)
        marks = {"site": groups if "," not in groups else "", "hub": "cloudcore"}
        yield Seen(row.reason, marks=marks, after=SETTLING)


@UPGRADES.rule("KT3141", "job over edge nodes failed", Severity.MEDIUM, suggests=("read.describe", "screen.edge"))
@PULLS.rule("KT3141", "job over edge nodes failed", Severity.MEDIUM, suggests=("read.describe", "screen.edge"))
@UPDATES.rule("KT3141", "job over edge nodes failed", Severity.MEDIUM, suggests=("read.describe", "screen.edge"))
def job_failed(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """An upgrade of edgecore, a pull of images or a change of configuration failed on some edge nodes.

    The nodes that failed keep, or went back to, what they had; the others have the new. The evidence has the
    first node's reason. Mend that, then make a new job for the nodes that failed: jobs do not try again. Told of
    for a day after the job was made.
    """
    if row.reason == "Pause":
        return
    if look.now - row.created < DAY:
        yield Seen(row.reason)
        yield Again(row.created + DAY)


@MESSAGES.rule("KT3151", "messages between cloud and edge fail", Severity.MEDIUM, suggests=("read.describe",))
def messages_fail(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A message rule could not deliver: its target refused, or was not there.

    The evidence ends with the last error. Where nothing was ever delivered the endpoint or its path is wrong;
    otherwise see when it began, and look at the receiver.
    """
    yield Seen(row.reason, severity=Severity.HIGH if row.level == Level.FAILED else None)
