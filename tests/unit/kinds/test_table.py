"""A kind as a table of paths: rows hold typed values, odd objects cost nothing but their own cells."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec import structs

from kurator_tui.kinds.base import Format, Health, Kind, Level
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.judge import judge, phase
from kurator_tui.kinds.table import LARGEST_PART, ObjectRow, Part, cell, part, table, without_parts

THING = table(
    "things.example.com",
    "Thing",
    ("v1", "v1beta1"),
    cell("phase", "status.phase"),
    cell("count", "spec.count", format=Format.COUNT),
    cell("size", "spec.size", format=Format.BYTES),
    cell("done", "status.done", format=Format.AGE),
    cell("names", "spec.items[*].name"),
    cell("ready", "status.ready", "spec.count", read=lambda ready, count: f"{ready or 0}/{count}"),
    cell("host", "spec.host", "spec.oldHost", wide=True),
    health=phase("status.phase", healthy=("Up",), failed=("Down",), reason="status.message"),
    short_names=("tg",),
)


def row(kind: Kind[Any, ObjectRow] = THING, **fields: Any) -> ObjectRow:
    head = {"name": "t", "namespace": "shop", "uid": "u", "creationTimestamp": "2026-01-01T00:00:00Z"}
    raw = msgspec.json.encode({"metadata": head | fields.pop("metadata", {}), **fields})
    return RowDecoder(kind, "m1").row(raw)


def cells(found: ObjectRow) -> dict[str, Any]:
    own = ("phase", "count", "size", "done", "names", "ready", "host")
    return {column.key: column.value(found) for column in THING.columns if column.key in own}


def test_cells_are_typed_values() -> None:
    found = row(
        spec={"count": 3, "size": "1Gi", "items": [{"name": "a"}, {"name": "b"}], "oldHost": "h"},
        status={"phase": "Up", "done": "2026-01-01T00:00:10Z", "ready": 2},
    )
    assert cells(found) == {
        "phase": "Up",
        "count": 3,
        "size": 2**30,
        "done": found.created + 10,
        "names": "a,b",
        "ready": "2/3",
        "host": "h",
    }
    assert THING.health(found) == Health(Level.HEALTHY)


def test_an_empty_object_is_an_object() -> None:
    found = row()
    assert cells(found)["phase"] == ""
    assert cells(found)["done"] == 0.0
    assert THING.health(found) == Health(Level.UNKNOWN, "no status yet")


@pytest.mark.parametrize("spec", ["text", 5, [], {"count": "many", "items": "none", "size": {}}, None])
@pytest.mark.parametrize("status", ["text", [1], {"phase": {"a": 1}, "done": 7, "ready": []}, None])
def test_odd_objects_still_have_their_head(spec: Any, status: Any) -> None:
    found = row(spec=spec, status=status)
    assert (found.name, found.namespace, found.cluster) == ("t", "shop", "m1")
    assert isinstance(THING.health(found).level, Level)
    assert all(isinstance(value, str | int | float | bool | None) for value in found.cells)


def test_what_is_being_deleted_says_so_whatever_its_phase() -> None:
    found = row(metadata={"deletionTimestamp": "2026-01-02T00:00:00Z"}, status={"phase": "Down"})
    assert THING.health(found) == Health(Level.PROGRESSING, "Terminating")
    assert found.deleting > found.created


def test_the_controlling_owner_is_kept() -> None:
    owners = [{"kind": "A", "name": "x"}, {"kind": "B", "name": "y", "controller": True}]
    assert row(metadata={"ownerReferences": owners}).owner == "B/y"


def test_a_failure_is_told_in_its_own_words_on_one_line() -> None:
    found = row(status={"phase": "Down", "message": "no\n  disk"})
    assert THING.health(found) == Health(Level.FAILED, "no disk")


def test_a_cell_or_a_rule_that_divides_by_zero_costs_nobody_else() -> None:
    share = cell("share", "spec.part", "spec.whole", read=lambda part, whole: part / whole, format=Format.RATIO)
    rule = judge("spec.part", "spec.whole", says="")(lambda part, whole: Health(Level.HEALTHY, str(part / whole)))
    kind = table("things.example.com", "Thing", ("v1",), share, cell("part", "spec.part"), health=rule)
    found = row(kind, spec={"part": 1, "whole": 0})
    assert found.cells == (None, 1)
    assert kind.health(found) == Health(Level.UNKNOWN, "not as expected")


def test_rows_cross_the_link() -> None:
    found = row(status={"phase": "Up"}, spec={"count": 1})
    raw = msgspec.msgpack.encode([found])
    assert msgspec.msgpack.decode(raw, type=list[ObjectRow]) == [found]


def test_a_table_has_the_columns_every_table_has() -> None:
    keys = [column.key for column in THING.columns]
    assert keys[:4] == ["name", "cluster", "namespace", "health"]
    assert keys[-3:] == ["age", "reason", "owner"]
    cluster_scoped = table("things.example.com", "Thing", ("v1",), namespaced=False)
    assert "namespace" not in [column.key for column in cluster_scoped.columns]


# -- parts ------------------------------------------------------------------------------------------------------

PARTED = table(
    "parted.example.com",
    "Parted",
    ("v1",),
    cell("count", "spec.analysis.count", format=Format.COUNT),
    parts={
        "analysis": "spec.analysis",
        "weights": Part(("spec.http[*].route",), lambda routes: [each["weight"] for each in routes]),
    },
)


def test_a_part_is_plain_data_beside_the_cells() -> None:
    found = row(PARTED, spec={"analysis": {"count": 3, "steps": [10, 50]}, "http": [{"route": {"weight": 7}}]})
    assert part(PARTED, found, "analysis") == {"count": 3, "steps": [10, 50]}
    assert part(PARTED, found, "weights") == [7]
    assert found.cells == (3,)


def test_a_part_is_none_where_there_is_nothing_or_nothing_expected() -> None:
    empty = row(PARTED)
    assert part(PARTED, empty, "analysis") is None
    odd = row(PARTED, spec={"analysis": "text", "http": [{"route": [1, 2]}]})
    assert part(PARTED, odd, "analysis") == "text"
    assert part(PARTED, odd, "weights") is None


def test_a_part_that_is_large_is_left_out() -> None:
    found = row(PARTED, spec={"analysis": {"count": 1, "webhooks": "x" * LARGEST_PART}})
    assert part(PARTED, found, "analysis") is None
    assert found.cells == (1,)


def test_a_row_of_a_kind_without_parts_has_no_part() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        part(THING, row(), "analysis")


def test_a_console_gets_rows_without_parts() -> None:
    found = row(PARTED, spec={"analysis": {"count": 3}})
    (sent,) = without_parts(PARTED, [found])
    assert sent == structs.replace(found, parts=())
    plain = [row()]
    assert without_parts(THING, plain) is plain
