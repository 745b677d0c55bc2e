"""The join behind `certificates`: what our connection saw, and what objects hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from kurator_tui.fleet.join import Join
from kurator_tui.fleet.lifecycle_estate import value
from kurator_tui.fleet.seen import Seen
from kurator_tui.fleet.unread import cannot_be_read
from kurator_tui.kinds.base import HOST, AnyKind, Level, Row
from kurator_tui.kinds.certificates import CERTIFICATES, SOON, CertificateRow
from kurator_tui.kinds.cluster_api import MACHINE
from kurator_tui.kinds.extensions import MUTATING_WEBHOOK_CONFIGURATION, VALIDATING_WEBHOOK_CONFIGURATION
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.store.freshness import UNREADABLE, State

WEBHOOKS = (VALIDATING_WEBHOOK_CONFIGURATION, MUTATING_WEBHOOK_CONFIGURATION)


def rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The certificates of one cluster."""
    now = seen.now()
    for found in seen.rows(CLUSTERS, cluster):
        yield from _seen_on_connection(cast(ClusterOverview, found), now)
    for kind in WEBHOOKS:
        if seen.freshness(cluster, kind).state in UNREADABLE and seen.freshness(cluster).state is State.LIVE:
            reason = cannot_be_read(kind.plural)
            yield CertificateRow(cluster, "", kind.plural, f"{kind.id}/unread", 0.0, reason=reason, kind="webhook")
        for row in seen.rows(kind, cluster):
            if (webhook := _webhook(cluster, kind, row, now)) is not None:
                yield webhook
    yield from _machines(seen, cluster, now)


JOIN = Join(CERTIFICATES, (MACHINE,), (CLUSTERS, *WEBHOOKS), rows)


def judged(expires: float, now: float) -> tuple[Level, str]:
    """(level, reason) of a certificate that ends then."""
    if expires <= now:
        return Level.FAILED, "it has expired"
    days = int((expires - now) // 86400)
    if expires - now < SOON:
        return Level.DEGRADED, f"ends in {days} days" if days > 1 else "ends within two days"
    return Level.HEALTHY, ""


def _seen_on_connection(found: ClusterOverview, now: float) -> Iterator[Row]:
    what = (
        ("API server", "API server certificate", found.server_expiry, found.server),
        ("kubeconfig", "client certificate", found.client_expiry, found.via),
    )
    for kind, name, expires, target in what:
        if expires is not None:
            level, reason = judged(expires, now)
            yield CertificateRow(
                *(found.cluster, "", name, f"connection/{kind}", 0.0),
                level=level,
                reason=reason,
                kind=kind,
                target=target,
                expires=expires,
            )


def _webhook(cluster: str, kind: AnyKind, row: ObjectRow, now: float) -> CertificateRow | None:
    """A webhook configuration, judged by the webhook that ends first; None where none calls a Service."""
    told = part(kind, row, "authorities") or ()
    if not told:
        return None
    known = [(end, name, target) for name, target, end, _given, _policy in told if end is not None]
    bare = [(name, target, policy) for name, target, _end, given, policy in told if not given]
    unread = [name for name, _target, end, given, _policy in told if given and end is None]
    expires, name, target = min(known, default=(None, "", told[0][1]))
    level, reason = judged(expires, now) if expires is not None else (Level.UNKNOWN, "")
    if reason and len(told) > 1:
        reason = f"{name}: {reason}"
    if unread and level is not Level.FAILED:
        level, reason = Level.DEGRADED, f"{unread[0]}: its caBundle is no certificate"
    if bare and level is not Level.FAILED:
        name, target, policy = bare[0]
        waits = "; cert-manager has not put one in" if part(kind, row, "injected") else ""
        refused = ", and it must not fail" if policy == "Fail" else ""
        level, reason = Level.DEGRADED, f"{name}: no caBundle{waits}: its Service is not trusted{refused}"
    return CertificateRow(
        *(cluster, "", row.name, f"{kind.id}/{row.uid}", row.created),
        level=level,
        reason=reason,
        kind="webhook",
        object_kind=kind.id,
        target=target,
        expires=expires,
    )


def _machines(seen: Seen, cluster: str, now: float) -> Iterator[Row]:
    """Certificates of a control plane's machines, which Cluster API tells since v1.9."""
    member = seen.members.get(cluster)
    if member is None or member.kind != "Cluster":
        return
    for row in seen.rows(MACHINE, HOST):
        end = MACHINE.value(row, "certificates")
        ours = row.namespace == member.namespace and value(MACHINE, row, "in_cluster") == member.object_name
        if ours and isinstance(end, float) and end:
            level, reason = judged(end, now)
            yield CertificateRow(
                *(cluster, "", row.name, f"{MACHINE.id}/{row.uid}", row.created),
                level=level,
                reason=reason,
                kind="machine",
                target=value(MACHINE, row, "node"),
                expires=end,
            )
