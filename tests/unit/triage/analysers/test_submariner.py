"""Submariner: one tunnel, or all of one end; services that nobody takes over."""

from __future__ import annotations

from kurator_tui.kinds.base import Row
from kurator_tui.kinds.submariner import GATEWAY, SERVICE_EXPORT, SERVICE_IMPORT
from kurator_tui.triage.analysers import submariner
from tests.unit.triage.objects import condition, made, row, stamp
from tests.unit.triage.stage import Stage


def gateway(role: str = "active", name: str = "gw1", failure: str = "", cluster: str = "eu", **peers: str) -> Row:
    connections = [
        {"status": status, "statusMessage": f"{peer} {status}", "endpoint": {"cluster_id": peer}}
        for peer, status in peers.items()
    ]
    status = {
        "haStatus": role,
        "statusFailure": failure,
        "connections": connections,
        "localEndpoint": {"cluster_id": cluster},
    }
    return row(GATEWAY, made(name, "submariner-operator", status=status), cluster)


def test_a_tunnel_that_is_broken_for_a_minute_is_told_of_with_both_its_ends() -> None:
    stage = Stage(submariner.GATEWAYS)
    stage.put(GATEWAY, gateway(us="error", asia="connected"))
    assert stage.codes == []
    stage.wait(submariner.BROKEN)
    found = stage.one()
    assert (found.code, found.mark("link"), found.mark("gateway")) == ("KT3801", "eu – us", "us")
    assert found.message == "us: us error"
    stage.put(GATEWAY, gateway(us="connected", asia="connected"))
    assert stage.codes == []


def test_a_tunnel_has_five_minutes_to_stand() -> None:
    stage = Stage(submariner.GATEWAYS)
    stage.put(GATEWAY, gateway(us="connecting"))
    stage.wait(submariner.CONNECTING - 1)
    assert stage.codes == []
    stage.wait(1)
    assert (stage.one().code, stage.one().mark("link")) == ("KT3802", "eu – us")


def test_all_tunnels_broken_are_one_finding_about_this_end() -> None:
    stage = Stage(submariner.GATEWAYS)
    stage.put(GATEWAY, gateway(us="error", asia="error"))
    stage.wait(submariner.BROKEN)
    assert (stage.one().code, stage.one().mark("gateway")) == ("KT3803", "eu")


def test_the_only_tunnel_broken_may_be_either_end() -> None:
    stage = Stage(submariner.GATEWAYS)
    stage.put(GATEWAY, gateway(us="error"))
    stage.wait(submariner.BROKEN)
    assert stage.codes == ["KT3801"]


def test_a_gateway_that_reports_a_failure_is_told_of_in_its_words() -> None:
    stage = Stage(submariner.GATEWAYS)
    stage.put(GATEWAY, gateway(failure="no module wireguard"))
    stage.wait(submariner.BROKEN)
    assert (stage.one().code, stage.one().message) == ("KT3804", "no module wireguard")


def test_a_cluster_without_an_active_gateway_is_told_of_once() -> None:
    stage = Stage(submariner.GATEWAYS)
    stage.put(GATEWAY, gateway("passive"), gateway("passive", "gw2"))
    stage.wait(submariner.BROKEN)
    found = stage.one()
    assert (found.code, found.name, found.message) == ("KT3805", "gw1", "gw1: passive, gw2: passive")
    stage.put(GATEWAY, gateway("active", "gw2"))
    assert stage.codes == []


def test_an_export_is_taken_over_within_five_minutes_or_told_of() -> None:
    def export(name: str, valid: str, conflict: str = "False") -> Row:
        told = [
            condition("Valid", valid, "ServiceUnavailable"),
            condition("Conflict", conflict, "ConflictingPorts"),
        ]
        return row(SERVICE_EXPORT, made(name, status={"conditions": told}))

    stage = Stage(submariner.EXPORTS)
    stage.put(SERVICE_EXPORT, export("a", "False"), export("b", "True", "True"), export("c", "True"))
    assert stage.codes == []
    stage.wait(submariner.SYNCING)
    found = [(each.code, each.name, each.severity, each.mark("exported")) for each in stage.findings]
    assert found == [("KT3811", "a", "high", "shop/a"), ("KT3811", "b", "medium", "shop/b")]


def test_an_import_that_no_cluster_backs_is_told_of() -> None:
    stage = Stage(submariner.IMPORTS)
    stage.put(SERVICE_IMPORT, row(SERVICE_IMPORT, made("a", status={})))
    stage.put(SERVICE_IMPORT, row(SERVICE_IMPORT, made("b", status={"clusters": [{"cluster": "us"}]})))
    leaving = {"deletionTimestamp": stamp()}
    stage.put(SERVICE_IMPORT, row(SERVICE_IMPORT, made("c", meta=leaving, status={})))
    stage.wait(submariner.SYNCING)
    assert (stage.one().code, stage.one().name) == ("KT3812", "a")
