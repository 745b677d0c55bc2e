"""The user's columns: read where objects are decoded, and columns like any other from there on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from kurator_tui.kinds import registry
from kurator_tui.kinds.arranging import Arrangement, ColumnView, arranged, fitted, reshaped
from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.generic import Definition
from kurator_tui.kinds.pods import POD
from kurator_tui.link.framing import RowReader, encode_rows
from kurator_tui.store.digest import digest
from kurator_tui.store.filter import compile_filter
from kurator_tui.store.saved import About, Collector, Table, decode, pack, unpack
from kurator_tui.store.view import View

IP = ColumnView("pod_ip", "status.podIP", after="node")
CONTAINERS = ColumnView("containers", "spec.containers", format="count")
LIMITS = ColumnView("limit", "spec.containers[0].resources.limits.memory", format="bytes")


@pytest.fixture(autouse=True)
def _nothing_chosen() -> Iterator[None]:
    yield
    registry.arrange({})


def pod(name: str, ip: Any = "10.0.0.1", containers: int = 1, **more: Any) -> dict[str, Any]:
    spec = {
        "containers": [{"name": f"c{n}", "resources": {"limits": {"memory": "1Mi"}}} for n in range(containers)]
    }
    return {"metadata": {"name": name, "uid": name, **more}, "spec": spec, "status": {"podIP": ip}}


def with_columns(*columns: ColumnView, **more: Any) -> AnyKind:
    return arranged(POD, Arrangement(columns, **more))


def rows(kind: AnyKind, *objects: dict[str, Any]) -> list[Row]:
    found: list[Row] = RowDecoder(kind, "edge-1").page(json.dumps({"items": objects}).encode()).rows
    return found


def cells(kind: AnyKind, row: Row, *keys: str) -> list[Any]:
    columns = [kind.column(key) for key in keys]
    return [column.value(row) for column in columns if column is not None]


def test_lists_watch_lines_and_single_objects_are_read_alike() -> None:
    kind = with_columns(IP, CONTAINERS, LIMITS)
    decoder: RowDecoder[Any, Any] = RowDecoder(kind, "edge-1")
    found = json.dumps(pod("web", containers=2)).encode()
    (listed,) = rows(kind, pod("web", containers=2))
    event = decoder.event(b'{"type":"MODIFIED","object":' + found + b"}")
    assert listed == event.row == decoder.row(found)
    assert cells(kind, listed, "pod_ip", "containers", "limit") == ["10.0.0.1", 2, 2**20]


def test_an_odd_object_costs_itself_only_what_is_odd() -> None:
    kind = with_columns(IP, CONTAINERS)
    odd = {"metadata": {"name": "odd", "uid": "odd"}, "spec": [], "status": "what"}
    first, second = rows(kind, odd, pod("web"))
    assert cells(kind, first, "pod_ip", "containers") == ["", None]
    assert cells(kind, second, "pod_ip", "containers") == ["10.0.0.1", 1]
    line = json.dumps({"type": "ADDED", "object": odd}).encode()
    assert RowDecoder(kind, "edge-1").event(line).row == first


def test_a_kind_without_added_paths_is_read_as_it_was_written() -> None:
    kind = with_columns(ColumnView("restarts", title="R"), hide=("qos",))
    assert kind.also is None
    assert kind.row is POD.row
    assert kind.projection is POD.projection


def test_a_number_that_no_row_can_hold_is_a_text() -> None:
    kind = with_columns(ColumnView("big", "spec.big"))
    obj = pod("web")
    obj["spec"]["big"] = 2**70
    found = rows(kind, obj)
    assert cells(kind, found[0], "big") == [str(2**70)]
    assert RowReader().read(kind, encode_rows(found)) == found


def test_rows_cross_the_link_with_what_was_added() -> None:
    kind, found = with_columns(IP), rows(with_columns(IP), pod("web"))
    reader = RowReader()
    assert reader.read(kind, encode_rows(found)) == found
    assert reader.read(POD, encode_rows(rows(POD, pod("web")))) == rows(POD, pod("web"))


def test_filters_and_orders_know_an_added_column() -> None:
    kind = with_columns(CONTAINERS, sort="-containers")
    found = rows(kind, pod("one"), pod("three", containers=3), pod("two", containers=2))
    view = View(kind, kind.order, descending=kind.descending)
    view.filter(compile_filter("containers>1", kind, lambda: 0.0))
    view.load(found)
    assert [row.name for row in view] == ["three", "two"]


def test_columns_stand_where_they_are_wanted() -> None:
    kind = with_columns(IP, hide=("ready",), order=("name", "node"))
    keys = [column.key for column in kind.shown]
    assert keys[:2] == ["name", "node"]
    assert "ready" not in keys
    assert kind.column("ready") is not None
    plain = [column.key for column in with_columns(IP).shown]
    assert plain[plain.index("node") + 1] == "pod_ip"


def test_a_column_of_the_kind_may_be_read_from_elsewhere() -> None:
    kind = with_columns(ColumnView("node", "spec.nodeSelector.zone"))
    obj = pod("web")
    obj["spec"]["nodeSelector"] = {"zone": "a"}
    assert cells(kind, rows(kind, obj)[0], "node") == ["a"]
    assert [column.key for column in kind.columns] == [column.key for column in POD.columns]


def test_saved_rows_hold_nothing_that_was_added() -> None:
    kind = with_columns(IP)
    collector, about = Collector(), About("1", "estate")
    for _pause in collector.add(kind, [Table("edge-1", 1.0, rows(kind, pod("web", ip="192.0.2.7")))]):
        pass
    data = b"".join(pack(about, collector.parts, [kind]))
    assert b"192.0.2.7" not in data.replace(b"192.0.2.7", b"", 1)  # the kind's own column keeps its address
    saved = unpack(data, about)
    assert saved is not None
    (row,) = next(decode(kind, saved.of(kind)[0]))
    assert cells(kind, row, "pod_ip") == [None]
    assert saved.of(POD) == []


def test_the_digest_is_of_the_object_and_not_of_columns() -> None:
    assert digest(rows(with_columns(IP), pod("web"))) == digest(rows(POD, pod("web")))


def test_rows_of_before_stay_without_what_was_added() -> None:
    kind = with_columns(IP)
    (old,), (new,) = rows(POD, pod("web")), rows(kind, pod("web"))
    assert cells(kind, reshaped(old, kind), "pod_ip") == [None]
    assert cells(kind, reshaped(new, kind), "pod_ip") == [None]
    assert reshaped(new, POD) == old


def test_a_kind_defined_later_has_the_columns_that_wait_for_it() -> None:
    registry.arrange({"widgets.example.org": Arrangement((ColumnView("size", "spec.size"),), hide=("nix",))})
    try:
        registry.define(Definition("example.org", "widgets", "Widget", ("v1",)))
        assert registry.kind("widgets.example.org").column("size") is not None
        assert any("nix" in text for text in registry.WRONG["widgets.example.org"])
    finally:
        registry.undefine("widgets.example.org")


def test_feeders_are_told_of_paths_and_of_no_looks() -> None:
    registry.arrange({"pods": Arrangement((IP, ColumnView("restarts", title="R")), hide=("qos",))})
    told = registry.readings()
    assert told == {"pods": Arrangement((ColumnView("pod_ip", "status.podIP"),))}
    assert msgspec.json.decode(msgspec.json.encode(told), type=dict[str, Arrangement]) == told
    console = registry.kind("pods")
    registry.arrange(told)
    assert registry.kind("pods").also == console.also


def test_what_cannot_be_done_is_left_out_of_what_can() -> None:
    wanted, faults = fitted(POD, Arrangement((IP, ColumnView("x", "status[")), hide=("nix", "qos")))
    assert (wanted.columns, wanted.hide) == ((IP,), ("qos",))
    assert [(fault.part, fault.at) for fault in faults] == [("columns", 1), ("hide", 0)]
