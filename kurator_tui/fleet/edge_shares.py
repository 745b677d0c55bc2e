"""Sums of edge nodes, and what they say of a site. Pure.

A site out of contact is unknown and maybe autonomous, never failed: failed is what is in contact and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kurator_tui.fleet.flaps import FLAPPING
from kurator_tui.fleet.unread import cannot_be_read
from kurator_tui.kinds.base import HEALTHY, SEVERITY, Health, Level
from kurator_tui.kinds.edge import AWAY, NO_NODES, PARTLY_FAILED, PARTLY_OFFLINE, Contact, EdgeNodeRow


class Share(NamedTuple):
    """What one node adds to its site."""

    nodes: int = 0
    online: int = 0
    silent: int = 0
    autonomous: int = 0
    offline: int = 0
    failed: int = 0
    unknown: int = 0
    degraded: int = 0
    flapping: int = 0
    pods: int = 0
    devices: int = 0
    devices_online: int = 0

    @property
    def away(self) -> int:
        """Out of contact."""
        return self.silent + self.autonomous + self.offline


NOTHING = Share()
_FIELD = {
    Contact.ONLINE: "online",
    Contact.SILENT: "silent",
    Contact.AUTONOMOUS: "autonomous",
    Contact.OFFLINE: "offline",
    Contact.FAILED: "failed",
    Contact.NEW: "unknown",
}


class Cloud(NamedTuple):
    """What the cluster's end of the edge says. `core` is CloudCore's (ready, wanted) replicas, `connected` what it
    counts, None where nobody tells; `ready` are the edge nodes in contact, `nodes` all; `short` says that too few
    have been connected for longer than the number takes to arrive, `missing` that there is no CloudCore, `unread`
    are the kinds that cannot be read."""

    core: tuple[int, int] | None
    connected: int | None
    ready: int
    nodes: int
    short: bool
    missing: bool = False
    unread: tuple[str, ...] = ()


def share_of(row: EdgeNodeRow, devices: Mapping[bool, int] | None) -> Share:
    """What a node adds; `devices` are numbers of those on it by whether they report well. What a node that nothing
    is heard of said of its devices is no news."""
    well, ill = (devices.get(True, 0), devices.get(False, 0)) if devices is not None else (0, 0)
    field = _FIELD[Contact(row.state)]
    share = Share(
        nodes=1,
        degraded=row.level == Level.DEGRADED,
        flapping=row.flaps >= FLAPPING,
        pods=row.pods,
        devices=well + ill,
        devices_online=0 if row.state in AWAY else well,
    )
    return share._replace(**{field: 1})


def site_state(share: Share) -> str:
    """One word, or two, for a site."""
    if not share.nodes:
        return NO_NODES
    if share.away == share.nodes:
        whole = ((share.autonomous, Contact.AUTONOMOUS), (share.offline, Contact.OFFLINE))
        return str(next((state for count, state in whole if count), Contact.SILENT))
    if share.failed:
        return str(Contact.FAILED) if share.failed == share.nodes else PARTLY_FAILED
    if share.away:
        return PARTLY_OFFLINE
    return str(Contact.NEW if share.unknown == share.nodes else Contact.ONLINE)


def site_health(share: Share, cloud: Cloud) -> Health:
    """The worst of what is said of a site and of its cluster's CloudCore, and all of it as the reason."""
    found = [*_said_of(share), *_said_of_cloud(cloud)]
    if not found:
        return HEALTHY
    found.sort(key=lambda health: -SEVERITY[health.level])
    return Health(found[0].level, "; ".join(health.reason for health in found))


def _said_of(share: Share) -> Iterator[Health]:
    nodes = share.nodes
    if not nodes:
        yield Health(Level.UNKNOWN, "a group without nodes")
    if share.failed:
        level = Level.FAILED if share.failed == nodes else Level.DEGRADED
        yield Health(level, f"{share.failed} of {nodes} nodes failed")
    if share.away:
        maybe = ", maybe autonomous" if share.autonomous else ""
        yield Health(Level.UNKNOWN, f"{share.away} of {nodes} nodes out of contact{maybe}")
    if share.unknown:
        yield Health(Level.UNKNOWN, f"{share.unknown} of {nodes} nodes without a status yet")
    if share.degraded:
        flap = f", {share.flapping} flapping" if share.flapping else ""
        yield Health(Level.DEGRADED, f"{share.degraded} of {nodes} nodes degraded{flap}")


def _said_of_cloud(cloud: Cloud) -> Iterator[Health]:
    if cloud.core is not None and cloud.core[1] and not cloud.core[0]:
        yield Health(Level.DEGRADED, f"CloudCore {cloud.core[0]}/{cloud.core[1]} ready")
    if cloud.missing and cloud.nodes and not cloud.ready:
        yield Health(Level.UNKNOWN, "there is no Deployment cloudcore in kubeedge")
    if cloud.unread:
        yield Health(Level.HEALTHY, cannot_be_read(*cloud.unread))
    if cloud.short:
        yield Health(
            Level.DEGRADED, f"CloudCore counts {cloud.connected} nodes connected, {cloud.ready} are Ready"
        )
