"""Istio: configuration that it refuses, routes that lead nowhere, mTLS that does not fit."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.kinds.istio import (
    AUTHORIZATION_POLICY,
    DESTINATION_RULE,
    GATEWAY,
    PEER_AUTHENTICATION,
    SERVICE_ENTRY,
    SIDECAR,
    VIRTUAL_SERVICE,
)
from kurator_tui.kinds.networking import SERVICE
from kurator_tui.triage.analysers import istio
from tests.unit.triage.objects import made, row
from tests.unit.triage.stage import Stage


def virtual_service(*to: dict[str, Any], name: str = "web") -> Row:
    return row(VIRTUAL_SERVICE, made(name, spec={"hosts": ["web"], "http": [{"route": list(to)}]}))


def to(host: str, weight: int | None = None, subset: str = "") -> dict[str, Any]:
    where = {"host": host, **({"subset": subset} if subset else {})}
    return {"destination": where, **({} if weight is None else {"weight": weight})}


def rule(host: str = "web", *subsets: str, tls: str = "", name: str = "web") -> Row:
    policy = {"trafficPolicy": {"tls": {"mode": tls}}} if tls else {}
    named = [{"name": each, "labels": {"v": each}} for each in subsets]
    return row(DESTINATION_RULE, made(name, spec={"host": host, "subsets": named, **policy}))


def destinations() -> Stage:
    stage = Stage(istio.DESTINATIONS)
    for kind in (SERVICE, SERVICE_ENTRY, DESTINATION_RULE):
        stage.live(kind)
    stage.put(SERVICE, row(SERVICE, made("web", spec={})))
    return stage


@pytest.mark.parametrize(
    ("kind", "analyser"),
    [
        (VIRTUAL_SERVICE, istio.ROUTES),
        (DESTINATION_RULE, istio.RULES),
        (GATEWAY, istio.GATES),
        (SERVICE_ENTRY, istio.ENTRIES),
        (SIDECAR, istio.SIDECARS),
        (AUTHORIZATION_POLICY, istio.ACCESS),
        (PEER_AUTHENTICATION, istio.TRUST),
    ],
    ids=lambda each: getattr(each, "name", ""),
)
def test_what_istio_itself_finds_wrong_is_told_in_its_words(kind: AnyKind, analyser: Any) -> None:
    def told(level: str) -> dict[str, Any]:
        message = {"type": {"code": "IST0101", "name": "ReferencedResourceNotFound"}, "level": level}
        return {"validationMessages": [message]}

    stage = Stage(analyser)
    stage.put(kind, row(kind, made("bad", spec={}, status=told("ERROR"))))
    stage.put(kind, row(kind, made("odd", spec={}, status=told("WARNING"))))
    stage.put(kind, row(kind, made("good", spec={}, status=told("INFO"))))
    assert [(each.code, each.name, each.severity) for each in stage.findings] == [
        ("KT3301", "bad", "high"),
        ("KT3301", "odd", "medium"),
    ]
    assert "IST0101" in stage.findings[0].message


def test_weights_that_do_not_add_up_are_told_of_unless_they_soon_do() -> None:
    stage = Stage(istio.WEIGHTS)
    stage.put(VIRTUAL_SERVICE, virtual_service(to("web", 90), to("web-canary", 30)))
    stage.put(VIRTUAL_SERVICE, virtual_service(to("web", 90), to("web-canary", 10), name="good"))
    assert stage.codes == []
    stage.wait(istio.SETTLING)
    assert (stage.one().code, stage.one().message) == ("KT3302", "weights add up to 120, not 100")
    stage.put(VIRTUAL_SERVICE, virtual_service(to("web", 0), to("web-canary", 0)))
    assert stage.one().severity == "high"
    stage.put(VIRTUAL_SERVICE, virtual_service(to("web", 50), to("web-canary", 50)))
    assert stage.codes == []


def test_a_route_to_a_service_that_is_not_there_is_told_of() -> None:
    stage = destinations()
    stage.put(VIRTUAL_SERVICE, virtual_service(to("web", 100), to("wbe", 0)))
    stage.wait(istio.SETTLING)
    assert stage.codes == []
    stage.put(VIRTUAL_SERVICE, virtual_service(to("web", 90), to("wbe", 10)))
    stage.wait(istio.SETTLING)
    assert (stage.one().code, stage.one().message) == ("KT3303", "nothing is called wbe.shop")
    stage.put(SERVICE, row(SERVICE, made("wbe", spec={})))
    assert stage.codes == []


def test_a_route_to_a_service_entry_leads_somewhere() -> None:
    stage = destinations()
    stage.put(VIRTUAL_SERVICE, virtual_service(to("api.partner.example")))
    stage.put(SERVICE_ENTRY, row(SERVICE_ENTRY, made("partner", spec={"hosts": ["*.partner.example"]})))
    stage.wait(istio.SETTLING)
    assert stage.codes == []


def test_a_subset_that_no_rule_defines_is_told_of_with_those_that_are() -> None:
    stage = destinations()
    stage.put(VIRTUAL_SERVICE, virtual_service(to("web", subset="v2")))
    stage.put(DESTINATION_RULE, rule("web.shop.svc.cluster.local", "v1"))
    stage.wait(istio.SETTLING)
    assert (stage.one().code, stage.one().message) == ("KT3304", "subset v2: web.shop has v1")
    stage.put(DESTINATION_RULE, rule("web.shop.svc.cluster.local", "v1", "v2"))
    assert stage.codes == []


def test_clients_without_mtls_are_refused_where_it_is_required() -> None:
    def mode(word: str, namespace: str = "shop") -> Row:
        return row(PEER_AUTHENTICATION, made("default", namespace, spec={"mtls": {"mode": word}}))

    stage = Stage(istio.CLIENTS)
    stage.put(PEER_AUTHENTICATION, mode("STRICT", istio.MESH))
    stage.put(DESTINATION_RULE, rule("web", tls="DISABLE"), rule("web", tls="ISTIO_MUTUAL", name="good"))
    stage.wait(istio.SETTLING)
    found = stage.one()
    assert (found.code, found.name) == ("KT3305", "web")
    assert found.message == "DISABLE for web.shop, which PeerAuthentication istio-system/default makes STRICT"
    stage.put(PEER_AUTHENTICATION, mode("PERMISSIVE"))
    assert stage.codes == []
