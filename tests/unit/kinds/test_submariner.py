"""Submariner: which clusters are connected, how fast, and what services they share."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import HEALTHY, Health, Level
from kurator_tui.kinds.submariner import ENDPOINT, GATEWAY, SERVICE_EXPORT, SERVICE_IMPORT
from tests.unit.kinds.support import health, values

Obj = dict[str, Any]


def to(cluster: str, status: str = "connected", rtt: str = "", message: str = "") -> Obj:
    endpoint = {"cluster_id": cluster}
    return {"status": status, "statusMessage": message, "endpoint": endpoint, "latencyRTT": {"average": rtt}}


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ({}, Health(Level.UNKNOWN, "no status yet")),
        ({"haStatus": "active", "connections": [to("m2")]}, HEALTHY),
        ({"haStatus": "passive", "connections": []}, Health(Level.HEALTHY, "passive")),
        (
            {"haStatus": "active", "connections": [to("m2"), to("m3", "connecting")]},
            Health(Level.PROGRESSING, "m3: connecting"),
        ),
        (
            {"haStatus": "active", "connections": [to("m2"), to("m3", "error", message="no ping")]},
            Health(Level.DEGRADED, "m3: no ping"),
        ),
        ({"haStatus": "active", "connections": [to("m3", "error")]}, Health(Level.FAILED, "m3: error")),
        ({"haStatus": "active", "statusFailure": "no driver"}, Health(Level.FAILED, "no driver")),
    ],
)
def test_a_gateway_names_the_clusters_it_cannot_reach(status: Obj, verdict: Health) -> None:
    assert health(GATEWAY, status=status) == verdict


def test_a_gateway_shows_its_slowest_connection() -> None:
    status = {"haStatus": "active", "connections": [to("m2", rtt="950µs"), to("m3", "error", "1.5s")]}
    found = values(GATEWAY, "ha", "connected", "clusters", "slowest", status=status)
    assert found == ("active", "1/2", "m2,m3", 1500)
    old = {"connections": [{"status": "connected", "latency": {"averageRTT": 2_500_000}}]}
    assert values(GATEWAY, "slowest", status=old) == (2.5,)
    assert values(GATEWAY, "slowest", status={}) == (None,)


def test_an_endpoint_shows_whose_it_is() -> None:
    spec = {"cluster_id": "m2", "backend": "libreswan", "private_ip": "10.0.0.2", "subnets": ["10.1.0.0/16"]}
    assert values(ENDPOINT, "of", "cable", "private", "subnets", spec=spec) == (
        "m2",
        "libreswan",
        "10.0.0.2",
        "10.1.0.0/16",
    )


def says(kind: str, status: str, reason: str = "") -> Obj:
    return {"type": kind, "status": status, "reason": reason}


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ([], Health(Level.UNKNOWN, "no status yet")),
        ([says("Valid", "True"), says("Ready", "True")], HEALTHY),
        ([says("Valid", "False", "ServiceUnavailable")], Health(Level.FAILED, "ServiceUnavailable")),
        (
            [says("Valid", "True"), says("Ready", "False", "AwaitingExport")],
            Health(Level.PROGRESSING, "AwaitingExport"),
        ),
        (
            [says("Valid", "True"), says("Conflict", "True", "ConflictingPorts")],
            Health(Level.DEGRADED, "ConflictingPorts"),
        ),
    ],
)
def test_a_service_export(told: list[Obj], verdict: Health) -> None:
    assert health(SERVICE_EXPORT, status={"conditions": told}) == verdict


def test_a_service_import_shows_the_clusters_behind_it() -> None:
    parts = {
        "spec": {"type": "ClusterSetIP", "ips": ["243.0.0.1"], "ports": [{"port": 80, "protocol": "TCP"}]},
        "status": {"clusters": [{"cluster": "m2"}, {"cluster": "m3"}]},
    }
    assert values(SERVICE_IMPORT, "type", "ips", "ports", "clusters", **parts) == (
        "ClusterSetIP",
        "243.0.0.1",
        "80/TCP",
        "m2,m3",
    )
    assert health(SERVICE_IMPORT, **parts) == HEALTHY
    assert health(SERVICE_IMPORT) == Health(Level.PROGRESSING, "no cluster backs it")
