"""What is found about certificates of cert-manager."""

from __future__ import annotations

from kurator_tui.kinds.base import Row
from kurator_tui.kinds.cert_manager import CERTIFICATE
from kurator_tui.triage.analysers.issued import CERTIFICATES, ISSUING, OVERDUE
from kurator_tui.triage.tables import DAY
from tests.unit.triage.objects import condition, made, row, stamp
from tests.unit.triage.stage import Stage

READY = condition("Ready", "True", "Ready", "Certificate is up to date and has not expired")
FAILED = condition("Ready", "False", "Failed", "The certificate request has failed: challenge is invalid")
WAITING = condition("Ready", "False", "DoesNotExist", "Issuing certificate as Secret does not exist")


def certificate(ready: dict[str, object], *, ends: float = 0.0, renews: float = 0.0) -> Row:
    times = {"notAfter": stamp(-ends), "renewalTime": stamp(-renews)} if ends else {}
    spec = {"secretName": "web-tls", "issuerRef": {"kind": "ClusterIssuer", "name": "le"}}
    return row(CERTIFICATE, made("web", spec=spec, status={"conditions": [ready], **times}))


def test_a_certificate_that_its_issuer_does_not_give_is_found_after_ten_minutes() -> None:
    stage = Stage(CERTIFICATES)
    stage.put(CERTIFICATE, certificate(FAILED))
    assert stage.codes == []
    stage.wait(ISSUING)
    assert (stage.codes, stage.one().severity) == (["KT1731"], "high")
    assert "challenge is invalid" in stage.one().message
    assert dict(stage.one().marks) == {"secret": "shop/web-tls", "issuer": "ClusterIssuer/le"}
    stage.put(CERTIFICATE, certificate(READY, ends=90 * DAY, renews=60 * DAY))
    assert stage.codes == []


def test_one_that_is_being_issued_or_is_good_still_is_no_finding() -> None:
    stage = Stage(CERTIFICATES)
    for each in (certificate(WAITING), certificate(FAILED, ends=90 * DAY, renews=60 * DAY)):
        stage.put(CERTIFICATE, each)
        stage.wait(ISSUING)
        assert stage.codes == []


def test_one_that_is_not_renewed_in_time_is_found_and_critical_once_it_has_ended() -> None:
    stage = Stage(CERTIFICATES)
    stage.put(CERTIFICATE, certificate(READY, ends=10 * DAY, renews=0.001))
    stage.wait(OVERDUE - 1)
    assert stage.codes == []
    stage.wait(1)
    assert (stage.codes, stage.one().severity, stage.one().message) == (["KT1732"], "medium", "ends in 9 days")
    stage.wait(9 * DAY)
    assert (stage.codes, stage.one().severity, stage.one().message) == (["KT1732"], "critical", "has ended")
