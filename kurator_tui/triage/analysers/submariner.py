"""Submariner: tunnels between clusters, the gateways at their ends, services that are exported over them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.submariner import GATEWAY, SERVICE_EXPORT, SERVICE_IMPORT
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.triage.rules import Again, Analyser, Look, Seen
from kurator_tui.triage.tables import word

BROKEN = 60.0
"""Seconds for which a tunnel may be broken: gateways change over."""
CONNECTING = 300.0
"""Seconds within which a tunnel should stand."""
SYNCING = 300.0
"""Seconds within which an exported service should be known everywhere."""

_ROLE = word(GATEWAY, "ha")

GATEWAYS = Analyser(GATEWAY, concerns=lambda row: row.level != Level.HEALTHY or _ROLE(row) != "active")
EXPORTS = Analyser(SERVICE_EXPORT, concerns=lambda row: row.level != Level.HEALTHY)
IMPORTS = Analyser(SERVICE_IMPORT, concerns=lambda row: row.level == Level.PROGRESSING)


def _own(row: ObjectRow) -> str:
    """What the cluster is called among its peers."""
    return str(part(GATEWAY, row, "local") or row.cluster)


def _tunnels(row: ObjectRow) -> dict[str, list[Any]]:
    """Peer -> status, message and more, of the gateway that holds the tunnels."""
    return dict(part(GATEWAY, row, "connections") or {}) if _ROLE(row) == "active" else {}


def _broken(row: ObjectRow) -> dict[str, list[Any]]:
    return {peer: told for peer, told in _tunnels(row).items() if told[0] == "error"}


def _all_broken(row: ObjectRow) -> bool:
    tunnels = _tunnels(row)
    return len(tunnels) > 1 and len(_broken(row)) == len(tunnels)


def _marks(row: ObjectRow, peer: str) -> dict[str, str]:
    """Both ends of a tunnel tell of it."""
    return {"link": " – ".join(sorted((_own(row), peer))), "gateway": peer, "member": peer}


@GATEWAYS.rule("KT3801", "tunnel to another cluster is broken", Severity.HIGH, suggests=("read.describe", "logs"))
def tunnel_broken(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The gateway has lost one of its peers: services that are exported between these two clusters do not answer.

    If others have lost the same peer, too, look there: its gateway node, its cluster. If it is these two alone,
    it is the way between them: UDP ports 4500 and 4490, NAT, a changed address. The evidence is the gateway's
    own.
    """
    if not _all_broken(row):
        for peer, told in sorted(_broken(row).items()):
            yield Seen(f"{peer}: {told[1] or told[0]}", marks=_marks(row, peer), detail=peer, after=BROKEN)


@GATEWAYS.rule("KT3802", "tunnel does not stand", Severity.MEDIUM, suggests=("read.describe", "logs"))
def tunnel_waits(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """For five minutes a gateway has been trying to connect to a peer.

    It has not been refused: packets do not arrive, or no answer comes back. Firewalls at either end (UDP 4500,
    4490), a wrong public address, or the peer's gateway that is not up yet.
    """
    for peer, told in sorted(_tunnels(row).items()):
        if told[0] not in ("connected", "error"):
            said = f"{peer}: {told[1] or told[0]}"
            yield Seen(said, marks=_marks(row, peer), detail=peer, after=CONNECTING)


@GATEWAYS.rule(
    "KT3803", "all tunnels of a cluster are broken", Severity.HIGH, suggests=("node", "logs", "read.describe")
)
def all_broken(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The gateway has lost all its peers at once: so it is this end, not theirs.

    Look at the gateway node: its network, its address, whether the gateway pod runs on it. Another node with the
    label `submariner.io/gateway=true` would take over by itself; where there is none, label one.
    """
    if _all_broken(row):
        said = "; ".join(f"{peer}: {told[1] or told[0]}" for peer, told in sorted(_broken(row).items())[:3])
        yield Seen(said, marks={"gateway": _own(row)}, after=BROKEN)


@GATEWAYS.rule("KT3804", "gateway reports a failure", Severity.HIGH, suggests=("logs", "read.describe", "node"))
def gateway_failed(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Submariner's gateway says that it cannot do its work on its node; its cluster's tunnels may be down with it.

    The evidence is its own words: the cable driver, a module of the kernel that is missing, a port that is
    taken. Read the log of the gateway pod on that node.
    """
    if failure := part(GATEWAY, row, "failure"):
        yield Seen(str(failure), marks={"gateway": _own(row)}, after=BROKEN)


@GATEWAYS.rule("KT3805", "cluster without an active gateway", Severity.HIGH, suggests=("node", "label", "logs"))
def none_active(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """None of the cluster's gateways is the active one: it has no tunnel to any other cluster.

    One of them should have taken over within seconds. Their leader election needs the API server: look at that,
    then at the gateway pods, then whether any node has the label `submariner.io/gateway=true`.
    """
    others = [each for each in look.all(GATEWAY, row.cluster) if each.namespace == row.namespace]
    first = min(others, key=lambda each: each.name, default=row)
    if first.uid == row.uid and not any(_ROLE(each) == "active" for each in others):
        said = ", ".join(f"{each.name}: {_ROLE(each) or 'no status'}" for each in others[:3])
        yield Seen(said, marks={"gateway": _own(row)}, after=BROKEN)


# -- services ---------------------------------------------------------------------------------------------------


@EXPORTS.rule(
    "KT3811",
    "exported service is not taken over",
    Severity.MEDIUM,
    suggests=("read.describe", "submariner.unexport"),
)
def not_exported(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A ServiceExport has not been valid, has not reached the others or is at odds with another for five minutes.

    The evidence is its condition: there is no Service of that name, its type cannot be exported, or clusters
    export it with different ports. Until then others do not find it, or find the old.
    """
    severity = Severity.HIGH if row.level == Level.FAILED else None
    marks = {"exported": f"{row.namespace}/{row.name}"}
    if not row.deleting:
        yield Seen(row.reason, marks=marks, severity=severity, after=SYNCING)


@IMPORTS.rule(
    "KT3812", "imported service is nowhere", Severity.MEDIUM, suggests=("read.describe", "submariner.export")
)
def not_backed(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A service of the cluster set has been without any cluster for five minutes: its name leads nowhere.

    The clusters that exported it are gone, or took the export back, or the broker is not reached. Export it
    again where it should run, or delete what is left over.
    """
    if not row.deleting:
        yield Seen(row.reason, marks={"exported": f"{row.namespace}/{row.name}"}, after=SYNCING)
