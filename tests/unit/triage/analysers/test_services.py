"""What is found about Services and Ingresses."""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds.apps import STATEFUL_SET
from kurator_tui.kinds.base import Row
from kurator_tui.kinds.configuration import SECRET
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.networking import ENDPOINT_SLICE, INGRESS, INGRESS_CLASS, SERVICE
from kurator_tui.triage.analysers.services import (
    BALANCERS,
    BALANCING,
    CLASSES,
    EMPTY,
    ENCRYPTED,
    INGRESSES,
    ISSUING,
    SELECTS_NOTHING,
    SERVICES,
)
from kurator_tui.triage.endpoints import NEEDED
from kurator_tui.triage.rules import Analyser
from tests.unit.triage.objects import made, row
from tests.unit.triage.stage import Stage


def service(name: str = "web", *, selector: bool = True, owner: str = "", kind: str = "ClusterIP") -> Row:
    spec = {"type": kind, **({"selector": {"app": "web"}} if selector else {})}
    return row(SERVICE, made(name, owner=owner, age=0, spec=spec))


def slice_of(*ready: bool, name: str = "web-x1", of: str = "web", pod: str = "web-7d4b9c6f5-") -> Row:
    endpoints = [
        {
            "addresses": [f"10.0.0.{number}"],
            "conditions": {"ready": each},
            "targetRef": {"kind": "Pod", "name": f"{pod}a{number}"},
        }
        for number, each in enumerate(ready)
    ]
    labels = {"kubernetes.io/service-name": of}
    return row(ENDPOINT_SLICE, made(name, meta={"labels": labels}, addressType="IPv4", endpoints=endpoints))


def stage_of(analyser: Analyser[Any]) -> Stage:
    stage = Stage(analyser)
    for kind in (*NEEDED, SERVICE):
        stage.live(kind)
    stage.put(DEPLOYMENT, row(DEPLOYMENT, made("web")))
    stage.put(STATEFUL_SET, row(STATEFUL_SET, made("my-database")))
    return stage


def test_a_service_whose_pods_are_all_not_ready_is_found_with_their_workload() -> None:
    stage = stage_of(SERVICES)
    stage.put(ENDPOINT_SLICE, slice_of(False, False))
    stage.put(SERVICE, service())
    assert stage.codes == []
    stage.wait(EMPTY)
    assert (stage.codes, stage.one().message) == (["KT1301"], "0 of 2 endpoints ready")
    assert dict(stage.one().marks) == {"owner": "Deployment/web", "service": "shop/web"}
    stage.put(ENDPOINT_SLICE, slice_of(False, True))
    assert stage.codes == []


def test_pods_of_a_set_are_told_apart_from_those_of_a_deployment() -> None:
    stage = stage_of(SERVICES)
    stage.put(ENDPOINT_SLICE, slice_of(False, pod="my-database-"))
    stage.put(SERVICE, service())
    stage.wait(EMPTY)
    assert stage.one().mark("owner") == "StatefulSet/my-database"


def test_one_ready_endpoint_in_any_of_its_slices_is_enough() -> None:
    stage = stage_of(SERVICES)
    stage.put(ENDPOINT_SLICE, slice_of(False), slice_of(True, name="web-x2"), slice_of(name="web-ipv6"))
    stage.put(SERVICE, service())
    stage.wait(SELECTS_NOTHING)
    assert stage.codes == []


def test_a_service_that_selects_no_pods_is_worth_knowing() -> None:
    stage = stage_of(SERVICES)
    stage.put(ENDPOINT_SLICE, slice_of(), slice_of(True, name="other-x", of="other"))
    stage.put(SERVICE, service())
    stage.wait(SELECTS_NOTHING - 1)
    assert stage.codes == []
    stage.wait(1)
    assert (stage.codes, stage.one().severity, stage.one().message) == (["KT1302"], "low", "app=web")


def test_services_that_others_fill_or_that_are_empty_on_purpose_are_no_finding() -> None:
    stage = stage_of(SERVICES)
    stage.put(SERVICE, service("a", selector=False), service("b", owner="Canary/web"))
    stage.wait(SELECTS_NOTHING)
    assert stage.codes == []


def test_nothing_is_said_of_services_before_their_endpoints_are_known() -> None:
    stage = Stage(SERVICES)
    stage.put(SERVICE, service())
    stage.wait(SELECTS_NOTHING)
    assert stage.codes == []


def test_a_load_balancer_without_an_address_is_found_after_ten_minutes() -> None:
    stage = stage_of(BALANCERS)
    stage.put(SERVICE, service(kind="LoadBalancer"), service("inside"))
    assert stage.codes == []
    stage.wait(BALANCING)
    assert (stage.codes, stage.one().name) == (["KT1303"], "web")


def ingress(*services: str) -> Row:
    paths = [{"path": "/", "backend": {"service": {"name": each}}} for each in services]
    rules = [{"host": "shop.example", "http": {"paths": paths}}]
    return row(INGRESS, made("web", spec={"rules": rules}))


def test_an_ingress_to_a_service_that_does_not_exist_is_found() -> None:
    stage = stage_of(INGRESSES)
    stage.put(SERVICE, service())
    stage.put(ENDPOINT_SLICE, slice_of(True))
    stage.put(INGRESS, ingress("web", "wbe"))
    stage.wait(EMPTY)
    assert (stage.codes, stage.one().message) == (["KT1311"], "shop.example/ → wbe")
    stage.put(SERVICE, service("wbe"))
    stage.put(ENDPOINT_SLICE, slice_of(True, name="wbe-1", of="wbe"))
    assert stage.codes == []


def test_an_ingress_behind_which_nobody_is_ready_is_found_with_the_workload() -> None:
    stage = stage_of(INGRESSES)
    stage.put(SERVICE, service(), service("outside", selector=False))
    stage.put(ENDPOINT_SLICE, slice_of(False))
    stage.put(INGRESS, ingress("web", "outside"))
    stage.wait(EMPTY)
    assert (stage.codes, stage.one().mark("owner")) == (["KT1312"], "Deployment/web")
    assert stage.one().message == "shop.example/ → web: 0 of 1 endpoints ready"
    stage.put(ENDPOINT_SLICE, slice_of(True))
    assert stage.codes == []


def front(**spec: Any) -> Row:
    status = {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}} if spec.pop("address", False) else {}
    return row(INGRESS, made("front", spec=spec, status=status))


def ingress_class(name: str = "nginx", *, default: bool = False) -> Row:
    notes = {"ingressclass.kubernetes.io/is-default-class": "true"} if default else {}
    return row(INGRESS_CLASS, made(name, "", meta={"annotations": notes}, spec={"controller": "k8s.io/nginx"}))


def test_an_ingress_whose_class_is_not_there_is_found() -> None:
    stage = Stage(CLASSES)
    stage.put(INGRESS_CLASS, ingress_class("traefik"))
    stage.put(INGRESS, front(ingressClassName="nginx"))
    stage.wait(EMPTY)
    assert (stage.codes, stage.one().message) == (["KT1313"], "class nginx does not exist")
    stage.put(INGRESS_CLASS, ingress_class())
    assert stage.codes == []


def test_an_ingress_without_a_class_is_low_unless_a_default_or_an_address_says_that_somebody_serves_it() -> None:
    stage = Stage(CLASSES)
    stage.put(INGRESS_CLASS, ingress_class())
    stage.put(INGRESS, front())
    stage.wait(BALANCING)
    assert (stage.codes, stage.one().severity) == (["KT1313"], "low")
    stage.put(INGRESS, front(address=True))
    assert stage.codes == []
    stage.put(INGRESS, front())
    stage.put(INGRESS_CLASS, ingress_class(default=True))
    stage.wait(BALANCING)
    assert stage.codes == []


def test_an_ingress_whose_secret_is_missing_is_found_and_not_where_secrets_may_not_be_read() -> None:
    stage = Stage(ENCRYPTED)
    stage.put(INGRESS, front(tls=[{"secretName": "web-tls"}, {"hosts": ["x"]}]))
    stage.wait(ISSUING)
    assert stage.codes == []  # nobody knows the Secrets
    stage.live(SECRET)
    stage.wait(ISSUING)
    assert (stage.codes, stage.one().message) == (["KT1314"], "Secret web-tls does not exist")
    assert stage.one().mark("secret") == "shop/web-tls"
    stage.put(SECRET, row(SECRET, made("web-tls")))
    assert stage.codes == []


def test_a_service_whose_pods_have_no_address_is_found_with_the_workload_it_names() -> None:
    stage = stage_of(SERVICES)
    stage.put(SERVICE, service())
    stage.wait(SELECTS_NOTHING)
    assert (stage.one().code, stage.one().mark("owner")) == ("KT1302", "Deployment/web")
    stage.put(DEPLOYMENT, row(DEPLOYMENT, made("web", spec={"replicas": 0})))
    assert stage.codes == [], "somebody wants no pods of it"
