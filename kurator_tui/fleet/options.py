"""What a feeder connects to: which host, which members, and how."""

from __future__ import annotations

from dataclasses import dataclass

from kurator_tui.link.access import Access
from kurator_tui.link.messages import Configured
from kurator_tui.metrics.client import NOTHING


@dataclass(frozen=True, slots=True)
class HubOptions:
    """What to connect to; see the CLI's options of the same names."""

    context: str | None = None
    namespace: str = ""
    fleet: str = ""
    members_from: str = "kurator"
    shard: int = 0
    """Which part of the members is this feeder's."""
    shards: int = 0
    """Into how many parts they are divided; 0: the size of the fleet decides once it is known."""
    through: str = "auto"
    """`direct`: one connection a member; `karmada`: through karmada-search; `auto`: as the size demands."""
    thanos: str = ""
    """URL of Thanos; "" looks for Kurator's own in the host."""
    thanos_access: Access = NOTHING
    edge_site_label: str = ""


def hub_options(configured: Configured) -> HubOptions:
    """What a console tells its feeder to connect to."""
    return HubOptions(
        configured.context or None,
        configured.namespace,
        configured.fleet,
        configured.members_from,
        configured.shard,
        configured.shards,
        configured.through,
        configured.thanos,
        configured.thanos_access,
        configured.edge_site_label,
    )
