"""The derived kind `certificates`: what ends on which day. `kurator_tui.fleet.certificates` joins it.

A row is one certificate that a cluster depends on: its API server's, the one that we show it, what its admission
webhooks are trusted by, and those of its control plane's machines where Cluster API tells.
"""

from __future__ import annotations

from kurator_tui.kinds.base import AnyKind, Column, Format, Health, Interned, Kind, Level, Row, told_health

SOON = 30 * 86400
"""Seconds before its end from which a certificate is a warning."""


class CertificateRow(Row, frozen=True, gc=False, array_like=True):
    """`created` is when its object was made, 0.0 for a certificate that was seen on a connection."""

    level: Level = Level.UNKNOWN
    reason: str = ""
    kind: Interned = ""
    """`API server`, `kubeconfig`, `webhook`, `machine`."""
    object_kind: Interned = ""
    """Id of the kind of the object that it is in; "" for one seen on a connection."""
    target: Interned = ""
    """Whom it stands for: the server's address, or the webhook's Service."""
    expires: float | None = None
    """Unix second; None where it is not known."""


def certificate_health(row: CertificateRow) -> Health:
    """Failed when it has ended, degraded within thirty days of that, or where a webhook has none to be trusted by;
    unknown where it cannot be read."""
    return told_health(row.level, row.reason)


CERTIFICATES: AnyKind = Kind(
    id="certificates",
    name="CertificateEnd",
    plural="certificates",
    short_names=("certs",),
    namespaced=False,
    row=CertificateRow,
    joined=True,
    sort="expires",
    health=certificate_health,
    columns=(
        Column("name", "NAME", lambda r: r.name, priority=0, width=44),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=0),
        Column("kind", "KIND", lambda r: r.kind, priority=2),
        Column("health", "HEALTH", lambda r: r.level, Format.HEALTH, priority=0, level=lambda r: r.level),
        Column("expires", "LEFT", lambda r: r.expires, Format.UNTIL, priority=0, level=lambda r: r.level),
        Column("target", "STANDS FOR", lambda r: r.target, priority=3, width=50),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=6),
        Column("reason", "REASON", lambda r: r.reason, priority=1, width=80),
    ),
)

KINDS = (CERTIFICATES,)
