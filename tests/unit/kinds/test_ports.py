"""Which ports a dialog offers, from objects of any shape."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.ports import Port, ports

WEB = {"name": "web", "ports": [{"containerPort": 8080, "name": "http"}, {"containerPort": 53, "protocol": "UDP"}]}
PROXY = {"name": "proxy", "ports": [{"containerPort": 15090}, {"containerPort": 8080}], "restartPolicy": "Always"}
MIGRATE = {"name": "migrate", "ports": [{"containerPort": 1}]}
FOUND = [Port(8080, "http", "web"), Port(15090, "", "proxy")]


@pytest.mark.parametrize(
    "spec",
    [
        {"containers": [WEB], "initContainers": [MIGRATE, PROXY]},
        {"template": {"spec": {"containers": [WEB], "initContainers": [MIGRATE, PROXY]}}},
    ],
)
def test_containers_and_sidecars_of_pods_and_templates(spec: dict[str, Any]) -> None:
    assert ports({"spec": spec}) == FOUND, "no UDP, no init container, each number once"


def test_ports_of_a_service_are_its_own() -> None:
    service = {"spec": {"ports": [{"port": 80, "name": "http", "targetPort": 8080}, {"port": 443}]}}
    assert ports(service) == [Port(80, "http"), Port(443)]


@pytest.mark.parametrize(
    "obj",
    [
        {},
        {"spec": None},
        {"spec": {"ports": "80"}},
        {"spec": {"ports": [80, {"port": "80"}, {"port": 99999}, {"port": -1}]}},
        {"spec": {"containers": [{"ports": 1}, None], "template": []}},
    ],
)
def test_anything_else_declares_none(obj: dict[str, Any]) -> None:
    assert ports(obj) == []
