"""The way to a cluster: its own connection, or its Karmada's."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from kurator_tui.errors import Refused, UsageError
from kurator_tui.fleet.aggregate import Aggregate, AggregatedMember
from kurator_tui.fleet.doors import door
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.membership import Member
from kurator_tui.store.store import Store

CONNECTION = object()


def hub(**links: Any) -> Hub:
    return cast(Hub, SimpleNamespace(links=links))


def test_a_member_with_a_connection_of_its_own() -> None:
    assert door(hub(a=SimpleNamespace(connection=CONNECTION)), "a") == (CONNECTION, "")


def test_a_member_read_through_karmada_is_reached_by_its_proxy() -> None:
    aggregate = cast(Aggregate, SimpleNamespace(connection=CONNECTION, failure=None))
    member = Member("a", "AttachedCluster", "default", "a", "s", "k")
    link = AggregatedMember(member, aggregate, Store())
    prefix = "/apis/cluster.karmada.io/v1alpha1/clusters/a-attachedcluster/proxy"
    assert door(hub(a=link), "a") == (CONNECTION, prefix)


def test_without_a_way_the_reason_is_told() -> None:
    with pytest.raises(UsageError, match="b is no member"):
        door(hub(), "b")
    with pytest.raises(Refused, match="refused"):
        door(hub(a=SimpleNamespace(connection=None, failure=Refused("refused"))), "a")
    with pytest.raises(UsageError, match="a is not connected"):
        door(hub(a=SimpleNamespace(connection=None, failure=None)), "a")
