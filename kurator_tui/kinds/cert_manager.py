"""cert-manager: the certificates it keeps valid. Their keys are in Secrets, which nobody reads here."""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds.base import Format
from kurator_tui.kinds.judge import conditions
from kurator_tui.kinds.table import cell, table


def _issuer(kind: Any, name: Any) -> str:
    return f"{kind or 'Issuer'}/{name}" if name else ""


CERTIFICATE = table(
    "certificates.cert-manager.io",
    "Certificate",
    ("v1",),
    cell("secret", "spec.secretName", width=40),
    cell("names", "spec.dnsNames", "spec.commonName", width=50),
    cell("issuer", "spec.issuerRef.kind", "spec.issuerRef.name", read=_issuer, width=40),
    cell("expires", "status.notAfter", format=Format.UNTIL, title="LEFT", priority=1),
    cell("renews", "status.renewalTime", format=Format.UNTIL, title="RENEWED IN", priority=4),
    cell("attempts", "status.failedIssuanceAttempts", format=Format.COUNT, title="FAILED", priority=4),
    health=conditions("Ready", waiting=("DoesNotExist", "Pending", "InProgress")),
    short_names=("cert",),
)

KINDS = (CERTIFICATE,)
"""In the order in which a word finds them."""
