"""Thanoses in memory for tests: members of some namespaces, endpoints by place, a clock that stands still."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kurator_tui.fleet.membership import HOST_KIND, Member
from kurator_tui.fleet.thanos import Thanoses
from kurator_tui.metrics.capabilities import SIGNS
from tests.unit.metrics.endpoint import FakeEndpoint, data_of, vector_of

NOW = 1_000_000.0


def member(name: str, namespace: str = "default", object_name: str = "") -> Member:
    return Member(name, "AttachedCluster", namespace, object_name or name)


def probed(*capabilities: str, clusters: tuple[str, ...] = ("a", "b"), at: float = NOW) -> dict[str, Any]:
    """An answer to the probe: each of `clusters` has all `capabilities`."""
    found = vector_of(
        *(({"__name__": SIGNS[name][0], "cluster": c}, 1) for name in capabilities for c in clusters)
    )
    for each in found["data"]["result"]:
        each["value"][0] = at
    return found


def sidecars(*clusters: str, failing: Mapping[str, str] | None = None) -> dict[str, Any]:
    """An answer of /api/v1/stores."""
    errors: dict[str, str | None] = {**dict.fromkeys(clusters, None), **(failing or {})}
    return data_of(
        {
            "sidecar": [
                {"name": c, "lastError": error, "labelSets": [{"cluster": c}]} for c, error in errors.items()
            ]
        }
    )


def endpoint(range_answer: Any, probe: Any = None, stores: Any = None, **more: Any) -> FakeEndpoint:
    return FakeEndpoint(
        query=probe if probe is not None else probed("cadvisor", "kubelet"),
        query_range=range_answer,
        stores=stores if stores is not None else sidecars("a", "b"),
        **more,
    )


def thanoses(endpoints: FakeEndpoint | Mapping[str, FakeEndpoint], *members: Member, url: str = "") -> Thanoses:
    """Of `members` (a and b, without any); one endpoint is everybody's."""
    everyone = [Member("host", HOST_KIND), *(members or (member("a"), member("b")))]
    by_place = endpoints if isinstance(endpoints, Mapping) else {}
    one = endpoints if isinstance(endpoints, FakeEndpoint) else None
    return Thanoses(
        url,
        lambda: None,
        lambda: NOW,
        lambda: everyone,
        open_at=lambda place: one if one is not None else by_place[place],
    )
