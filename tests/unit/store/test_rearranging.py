"""Other columns while rows are there: rows stay, and what was read for other columns goes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kurator_tui.kinds import registry
from kurator_tui.kinds.arranging import Arrangement, ColumnView
from kurator_tui.kinds.pods import POD
from kurator_tui.store.rearranging import rearrange
from kurator_tui.store.store import Delta, Store

IP = Arrangement((ColumnView("pod_ip", "status.podIP"),))


@pytest.fixture
def store() -> Iterator[Store]:
    found = Store()
    found.put("pods", "edge-1", {"u": POD.row("edge-1", "shop", "web", "u", 1.0)})
    yield found
    registry.arrange({})


def test_rows_stay_and_everybody_hears_that_they_are_others(store: Store) -> None:
    heard: list[tuple[str, Delta]] = []
    store.listen(lambda kind, delta: heard.append((kind, dict(delta))))
    before = rearrange(store, {"pods": IP})
    assert before["pods"] is POD
    assert [type(row) for row in store.rows("pods")] == [registry.kind("pods").row]
    assert [kind for kind, _delta in heard] == ["pods"]


def test_looks_alone_touch_no_row(store: Store) -> None:
    (row,) = store.rows("pods")
    rearrange(store, {"pods": Arrangement(hide=("qos",))})
    assert next(store.rows("pods")) is row


def test_a_replacement_that_is_under_way_still_ends_with_what_was_put(store: Store) -> None:
    store.begin("pods", "edge-1")
    rearrange(store, {"pods": IP})
    store.complete("pods", "edge-1")
    assert list(store.rows("pods")) == []
