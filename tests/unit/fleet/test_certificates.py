"""What `certificates` knows of: connections, webhooks' bundles, machines; and what it says of their ends."""

from __future__ import annotations

import base64
import datetime
from typing import Any

import pytest
import trustme

from kurator_tui.fleet import certificates
from kurator_tui.fleet.certificates import judged
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.cluster_api import MACHINE
from kurator_tui.kinds.extensions import MUTATING_WEBHOOK_CONFIGURATION, VALIDATING_WEBHOOK_CONFIGURATION
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.kinds.x509 import pem_expiries
from kurator_tui.store.freshness import State
from tests.unit.fleet.lifecycle_objects import LIVE, NOW, Host, meta

DAY = 86400.0


def member(**more: Any) -> Host:
    host = Host(certificates.JOIN)
    host.member("m", "AttachedCluster")
    host.store.replace(CLUSTERS.id, "m", [ClusterOverview("m", "", "m", "u", 0.0, server="https://m", **more)])
    for kind in certificates.WEBHOOKS:
        host.store.set_freshness("m", kind.id, LIVE)
    return host


def bundle(*ends: float) -> str:
    """A caBundle of certificates that end then (Unix seconds)."""
    authority = trustme.CA()
    pems = []
    for end in ends:
        moment = datetime.datetime.fromtimestamp(end, datetime.UTC)
        issued = authority.issue_cert("x.example", not_after=moment)
        pems.append(issued.cert_chain_pems[0].bytes())
    return base64.b64encode(b"".join(pems)).decode()


def webhooks(*each: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"metadata": {**meta("guard"), **more}, "webhooks": list(each)}


def webhook(name: str = "a.example", ca: str = "", policy: str = "Fail") -> dict[str, Any]:
    service = {"namespace": "kyverno", "name": "svc"}
    return {"name": name, "failurePolicy": policy, "clientConfig": {"service": service, "caBundle": ca}}


def test_both_certificates_of_a_connection_are_rows() -> None:
    host = member(server_expiry=NOW + 100 * DAY, client_expiry=NOW + 3 * DAY, via="secret a/b")
    found = {row.kind: (row.level, row.reason, row.target) for row in host.rows("m")}
    assert found == {
        "API server": (Level.HEALTHY, "", "https://m"),
        "kubeconfig": (Level.DEGRADED, "ends in 3 days", "secret a/b"),
    }


def test_a_token_has_no_certificate() -> None:
    assert member().rows("m") == []


@pytest.mark.parametrize(
    ("left", "level"), [(-1.0, Level.FAILED), (29 * DAY, Level.DEGRADED), (31 * DAY, Level.HEALTHY)]
)
def test_the_level_is_by_the_days_left(left: float, level: Level) -> None:
    assert judged(NOW + left, NOW)[0] is level


def test_a_bundle_is_good_as_long_as_one_of_its_certificates_is() -> None:
    host = member()
    ca = bundle(NOW - DAY, NOW + 400 * DAY)
    host.put(VALIDATING_WEBHOOK_CONFIGURATION, webhooks(webhook(ca=ca)), "m")
    (row,) = host.rows("m")
    assert (row.level, row.expires, row.target) == (Level.HEALTHY, NOW + 400 * DAY, "kyverno/svc")


def test_of_several_webhooks_the_first_to_end_is_told() -> None:
    host = member()
    late, soon = webhook("late", bundle(NOW + 400 * DAY)), webhook("soon", bundle(NOW + 5 * DAY))
    host.put(MUTATING_WEBHOOK_CONFIGURATION, webhooks(late, soon), "m")
    (row,) = host.rows("m")
    assert (row.level, row.reason) == (Level.DEGRADED, "soon: ends in 5 days")


def test_a_webhook_without_a_bundle_is_not_trusted_and_cert_manager_may_be_why() -> None:
    host = member()
    annotations = {"cert-manager.io/inject-ca-from": "kyverno/cert"}
    host.put(VALIDATING_WEBHOOK_CONFIGURATION, webhooks(webhook(), annotations=annotations), "m")
    (row,) = host.rows("m")
    assert row.level is Level.DEGRADED
    assert row.reason == (
        "a.example: no caBundle; cert-manager has not put one in: its Service is not trusted, and it must not fail"
    )


@pytest.mark.parametrize("ca", ["bm90aGluZw==", base64.b64encode(b"-----BEGIN CERTIFICATE-----").decode()])
def test_a_bundle_that_is_no_certificate_says_so(ca: str) -> None:
    host = member()
    host.put(VALIDATING_WEBHOOK_CONFIGURATION, webhooks(webhook(ca=ca)), "m")
    (row,) = host.rows("m")
    assert (row.level, row.reason) == (Level.DEGRADED, "a.example: its caBundle is no certificate")


def test_webhooks_without_a_service_and_odd_ones_are_no_rows() -> None:
    host = member()
    host.put(VALIDATING_WEBHOOK_CONFIGURATION, webhooks({"clientConfig": {"url": "https://x"}}), "m")
    host.put(MUTATING_WEBHOOK_CONFIGURATION, webhooks({"clientConfig": 3}, "x"), "m")  # type: ignore[arg-type]
    assert host.rows("m") == []


def test_webhooks_that_may_not_be_read_are_named() -> None:
    host = member()
    host.state(VALIDATING_WEBHOOK_CONFIGURATION, State.FORBIDDEN, "m")
    (row,) = host.rows("m")
    assert (row.level, row.reason) == (Level.UNKNOWN, "validatingwebhookconfigurations cannot be read")


def test_machines_of_a_cluster_are_its_members_rows() -> None:
    host = member()
    host.member("prod", "Cluster")
    spec = {"clusterName": "prod"}
    status = {"certificatesExpiryDate": "2027-01-20T00:00:00Z", "nodeRef": {"name": "cp-1"}}
    host.put(MACHINE, {"metadata": meta("cp"), "spec": spec, "status": status})
    (row,) = host.rows("prod")
    assert (row.kind, row.target, row.level) == ("machine", "cp-1", Level.DEGRADED)
    assert host.rows("m") == []


def test_of_a_long_bundle_only_so_many_are_looked_at() -> None:
    pem = base64.b64decode(bundle(NOW + DAY))
    assert pem_expiries(pem * 100, 8) == [NOW + DAY] * 8
