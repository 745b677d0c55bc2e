"""Bytes of an API server into rows, whatever the objects look like."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kurator_tui.kinds.base import Row
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.decode import RowDecoder, fit
from kurator_tui.kinds.kurator import FLEET
from kurator_tui.kinds.overview import CLUSTERS
from kurator_tui.kinds.pods import POD, Pod
from kurator_tui.kinds.registry import KINDS
from kurator_tui.kinds.table import without_parts
from tests.examples import examples
from tests.unit.kinds.support import meta, recording, row

PROJECTED = [kind for kind in KINDS.values() if not kind.derived]

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)
FIELDS = [
    "metadata",
    "spec",
    "status",
    "name",
    "namespace",
    "uid",
    "labels",
    "annotations",
    "ownerReferences",
    "conditions",
    "type",
    "containers",
    "initContainers",
    "resources",
    "requests",
    "cpu",
    "containerStatuses",
    "state",
    "terminated",
    "exitCode",
    "nodeInfo",
    "allocatable",
    "taints",
    "clusters",
    "plugin",
    "kubeconfig",
    "template",
    "replicas",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
]
objects = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6),
    max_leaves=40,
)


def _list(*items: Any, version: str = "9", token: str = "") -> bytes:
    return json.dumps({"metadata": {"resourceVersion": version, "continue": token}, "items": items}).encode()


def test_a_page_gives_rows_version_and_continue_token() -> None:
    page = RowDecoder(POD, "c1").page(_list({"metadata": meta("a")}, {"metadata": meta("b")}, token="next"))
    assert [r.name for r in page.rows] == ["a", "b"]
    assert (page.resource_version, page.continue_token) == ("9", "next")


@pytest.mark.parametrize("body", [b'{"items":null}', b'{"metadata":null,"items":[]}', b"{}"])
def test_an_empty_list_in_any_spelling_is_a_page_without_rows(body: bytes) -> None:
    assert RowDecoder(POD, "c1").page(body).rows == []


def test_one_odd_object_costs_neither_itself_nor_its_neighbours() -> None:
    odd = {"metadata": meta("odd"), "spec": {"nodeName": 7, "containers": "many"}, "status": {"phase": "Running"}}
    page = RowDecoder(POD, "c1").page(_list({"metadata": meta("a")}, odd, {"metadata": meta("b")}, token="t"))
    assert [r.name for r in page.rows] == ["a", "odd", "b"]
    assert (page.rows[1].phase, page.rows[1].node, page.rows[1].containers) == ("Running", "", 0)
    assert (page.resource_version, page.continue_token) == ("9", "t")


def test_an_item_that_is_no_object_becomes_an_empty_row_instead_of_an_error() -> None:
    assert len(RowDecoder(POD, "c1").page(_list("nonsense", {"metadata": meta("b")})).rows) == 2


def test_the_fitted_and_the_strict_path_agree_on_a_good_object() -> None:
    good = {
        "metadata": meta("a", labels={"x": "y"}),
        "spec": {"containers": [{"name": "m", "resources": {"requests": {"cpu": 1}}}]},
        "status": {"phase": "Running", "podIP": "10.0.0.1"},
    }
    assert fit(good, Pod) == msgspec.json.decode(json.dumps(good).encode(), type=Pod)


def test_misfits_are_dropped_field_by_field() -> None:
    fitted = fit({"metadata": {"name": "a", "ownerReferences": [{"kind": "Job", "name": ["?"]}]}}, Pod)
    assert fitted.metadata.name == "a"
    assert [(ref.kind, ref.name) for ref in fitted.metadata.owner_references] == [("Job", "")]


def test_a_dictionary_keeps_the_entries_that_fit() -> None:
    labels = {"good": "1", "bad": {"nested": True}}
    assert row(NODE, {"metadata": meta(labels=labels)}).labels == (("good", "1"),)


@pytest.mark.parametrize("kind", PROJECTED, ids=lambda kind: kind.id)
def test_nulls_everywhere_are_an_object_without_values(kind: Any) -> None:
    decoded = row(kind, {"metadata": meta("x"), "spec": None, "status": None})
    assert (decoded.name, decoded.uid, decoded.cluster) == ("x", "uid-x", "c1")


@pytest.mark.parametrize("kind", PROJECTED, ids=lambda kind: kind.id)
def test_an_object_without_status_has_a_verdict_and_all_its_cells(kind: Any) -> None:
    decoded = row(kind, {"metadata": meta("x")})
    kind.health(decoded)
    for column in kind.columns:
        column.value(decoded)


@pytest.mark.parametrize("kind", PROJECTED, ids=lambda kind: kind.id)
def test_a_row_survives_the_link(kind: Any) -> None:
    decoded = row(kind, {"metadata": meta("x", labels={"a": "b"}, creationTimestamp="2026-01-01T00:00:00Z")})
    sent = list(without_parts(kind, [decoded]))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(sent), type=list[kind.row]) == sent


@pytest.mark.parametrize("kind", PROJECTED, ids=lambda kind: kind.id)
@settings(max_examples=examples(10))
@given(value=objects)
def test_no_json_at_all_can_stop_a_projection(kind: Any, value: Any) -> None:
    decoded = kind.project("c1", fit(value, kind.projection))
    assert isinstance(decoded, Row)
    assert len(msgspec.msgpack.encode(decoded)) > 0
    kind.health(decoded)
    for column in kind.columns:
        column.value(decoded)


@settings(max_examples=examples(50))
@given(value=anything)
def test_any_json_document_as_a_page_or_object_is_rows_or_a_decode_error(value: Any) -> None:
    raw = json.dumps(value).encode()
    decoder = RowDecoder(POD, "c1")
    for decode in (decoder.row, decoder.page, decoder.event):
        try:
            decode(raw)
        except msgspec.DecodeError:
            assert not (isinstance(value, dict) and decode == decoder.row)


def test_watch_events_carry_the_row_and_its_version() -> None:
    line = json.dumps({"type": "MODIFIED", "object": {"metadata": meta("a")}}).encode()
    event = RowDecoder(POD, "c1").event(line)
    assert (event.type, event.row.name, event.resource_version) == ("MODIFIED", "a", "7")


def test_a_bookmark_moves_the_version_and_may_end_the_initial_events() -> None:
    mark = {"resourceVersion": "12", "annotations": {"k8s.io/initial-events-end": "true"}}
    decoder = RowDecoder(POD, "c1")
    last = decoder.event(json.dumps({"type": "BOOKMARK", "object": {"kind": "Pod", "metadata": mark}}).encode())
    plain = decoder.event(b'{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"13"}}}')
    assert (last.row, last.resource_version, last.initial_events_end) == (None, "12", True)
    assert (plain.resource_version, plain.initial_events_end) == ("13", False)


def test_an_error_event_keeps_the_status_as_it_came() -> None:
    event = RowDecoder(POD, "c1").event(b'{"type":"ERROR","object":{"kind":"Status","code":410}}')
    assert (event.type, json.loads(event.status)["code"]) == ("ERROR", 410)


@pytest.mark.parametrize(
    "line", [b'{"type":"ADDED","object":{"metadata":{"na', b"", b"<html>502</html>", b"[]", b"3"]
)
def test_a_line_cut_short_or_no_json_object_is_a_decode_error(line: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        RowDecoder(POD, "c1").event(line)


@pytest.mark.parametrize("inner", [b"[" * 200_000 + b"]" * 200_000, b'"\xff"', b'"\\ud800"'])
def test_nesting_without_end_and_text_in_no_encoding_are_decode_errors(inner: bytes) -> None:
    decoder, obj = RowDecoder(POD, "c1"), b'{"metadata":{"name":' + inner + b"}}"
    for read, raw in (
        (decoder.row, obj),
        (decoder.page, b'{"items":[' + obj + b"]}"),
        (decoder.event, b'{"type":"ADDED","object":' + obj + b"}"),
    ):
        with pytest.raises(msgspec.DecodeError):
            read(raw)


@pytest.mark.parametrize("amount", ["inf", "nan", "1e999", "99999E", "-5", 10**40])
def test_absurd_amounts_neither_stop_the_decoder_nor_overflow_the_link(amount: object) -> None:
    requests = {"cpu": amount, "memory": amount, "nvidia.com/gpu": amount}
    spec = {"containers": [{"resources": {"requests": requests}}] * 50, "overhead": requests}
    decoded = row(POD, {"metadata": meta(), "spec": spec})
    assert min(decoded.cpu_requested, decoded.memory_requested, decoded.gpus) >= 0
    msgspec.msgpack.encode(decoded)
    msgspec.msgpack.encode(row(NODE, {"metadata": meta(), "status": {"allocatable": requests}}))


def test_counts_beyond_32_bits_are_dropped() -> None:
    statuses = [{"name": "a", "ready": True, "restartCount": 2**63}] * 3
    decoded = row(POD, {"metadata": meta(), "status": {"phase": "Running", "containerStatuses": statuses}})
    assert (decoded.restarts, decoded.phase) == (0, "Running")


def test_a_derived_kind_has_nothing_to_decode() -> None:
    with pytest.raises(TypeError, match="clusters is derived"):
        RowDecoder(CLUSTERS, "c1")


def test_a_large_annotation_is_read_and_left_behind() -> None:
    decoded = row(FLEET, {"metadata": meta("x", annotations={"big": "x" * 1_000_000})})
    assert len(msgspec.msgpack.encode(decoded)) < 200


def test_recorded_initial_events_end_with_their_bookmark() -> None:
    events = recording("apiserver/105-watch-send-initial-events.json")["response"]["watch_events"]
    decoder = RowDecoder(POD, "c1")
    decoded = [decoder.event(json.dumps(event).encode()) for event in events]
    marks = [event for event in decoded if event.type == "BOOKMARK"]
    assert marks
    assert marks[0].initial_events_end
    assert all(event.row.uid for event in decoded if event.type == "ADDED")


def test_recorded_expired_watch_decodes() -> None:
    events = recording("apiserver/123-watch-too-old-after-restart.json")["response"].get("watch_events", [])
    decoder = RowDecoder(POD, "c1")
    for event in events:
        decoder.event(json.dumps(event).encode())
