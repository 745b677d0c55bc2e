"""Where Flagger asks is read from its Deployment."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kurator_tui.metrics.engine import told
from kurator_tui.metrics.gates import Server


def deployments(*containers: dict[str, Any], namespace: str = "kuma-system") -> bytes:
    spec = {"template": {"spec": {"containers": list(containers)}}}
    return msgspec.json.encode({"items": [{"metadata": {"namespace": namespace}, "spec": spec}]})


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        ({}, Server("kuma-system", "prometheus")),
        ({"command": ["./flagger", "-log-level=info"], "args": None}, Server("kuma-system", "prometheus")),
        ({"args": ["-metrics-server=http://prometheus-server.mon:80"]}, Server("mon", "prometheus-server", "80")),
        (
            {"command": ["./flagger", "--metrics-server=https://p:9091/x"]},
            Server("kuma-system", "p", "9091", "https", "/x"),
        ),
        ({"args": ["-metrics-server=https://prometheus.example.com"]}, None),
        (
            {"args": ["metrics-server=http://other:1", "-metrics-server=http://p"]},
            Server("kuma-system", "p", "80"),
        ),
    ],
)
def test_the_flag_says_where_in_flaggers_own_namespace(container: dict[str, Any], expected: Server | None) -> None:
    assert told(deployments(container)) == [expected]


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"items": [{"spec": {"template": 3}}]}', b'{"items": []}']
)
def test_what_is_no_list_of_deployments_says_nothing(body: bytes) -> None:
    assert told(body) == []
