"""Certificates that cert-manager should keep valid: not issued, or not renewed in time."""

from __future__ import annotations

from collections.abc import Iterator

from kurator_tui.kinds.cert_manager import CERTIFICATE
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.table import ObjectRow
from kurator_tui.triage.rules import Again, Analyser, Look, Seen
from kurator_tui.triage.tables import DAY, number, unwell, word

ISSUING = 600.0
"""Seconds within which a certificate should be issued."""
OVERDUE = DAY
"""Seconds after the time for its renewal from which a certificate should be another one."""

_ENDS, _RENEWS = number(CERTIFICATE, "expires"), number(CERTIFICATE, "renews")
_SECRET, _ISSUER = word(CERTIFICATE, "secret"), word(CERTIFICATE, "issuer")

CERTIFICATES = Analyser(CERTIFICATE, concerns=lambda row: not row.deleting)


def _marks(row: ObjectRow) -> dict[str, str]:
    return {"secret": f"{row.namespace}/{_SECRET(row)}", "issuer": _ISSUER(row)}


@CERTIFICATES.rule("KT1731", "certificate is not issued", Severity.HIGH, suggests=("read.describe", "read.events"))
def not_issued(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """cert-manager cannot get a certificate for ten minutes: its Secret is missing, or holds one that has ended.

    The events (`v`) and its CertificateRequest say what the issuer answered. With ACME it is mostly the challenge:
    the name does not lead here, or port 80 is closed. Many of one issuer at once mean the issuer.
    """
    if unwell(row) and not (_ENDS(row) and look.now < _ENDS(row)):
        yield Seen(row.reason, marks=_marks(row), after=ISSUING)


@CERTIFICATES.rule(
    "KT1732", "certificate is not renewed", Severity.MEDIUM, suggests=("read.describe", "read.events")
)
def not_renewed(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The time to renew a certificate passed a day ago, and it is still the old one; critical once it has ended.

    It works until its end, which the evidence names. The events (`v`) say why its issuer does not give a new one,
    or cert-manager does not run any more.
    """
    ends, renews = _ENDS(row), _RENEWS(row)
    if not ends or not renews:
        return
    if look.now < renews + OVERDUE:
        yield Again(renews + OVERDUE)
    elif look.now < ends:
        yield Seen(f"ends in {int((ends - look.now) // DAY)} days", renews, _marks(row))
        yield Again(min(ends, look.now + DAY))
    else:
        yield Seen("has ended", ends, _marks(row), Severity.CRITICAL)
