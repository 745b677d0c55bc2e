"""What a process holds, and a collector that does not pause it."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from kurator_tui import memory


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """The collector as it was before."""
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def test_a_process_knows_what_it_holds() -> None:
    assert memory.resident() > 5 * 2**20


def test_old_objects_are_not_collected_by_themselves() -> None:
    memory.tune()
    assert gc.get_threshold()[2] >= memory.NEVER


def test_what_is_alive_when_it_settles_is_left_out_of_collections() -> None:
    kept = [[] for _ in range(1000)]  # type: ignore[var-annotated]
    memory.settle()
    assert gc.get_freeze_count() > len(kept)


def test_what_dies_after_it_settled_is_never_frozen() -> None:
    memory.tune()
    memory.settle()
    cycle: list[object] = []
    cycle.append(cycle)
    gc.collect(1)  # now it is old, and only a full collection finds it dead
    before = gc.get_freeze_count()
    del cycle
    memory.settle()
    assert gc.get_freeze_count() <= before
