"""What a process holds, and a collector that does not pause it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest

from kurator_tui import memory


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """The collector, and threads, as they were before."""
    thresholds, switch = gc.get_threshold(), sys.getswitchinterval()
    yield
    sys.setswitchinterval(switch)
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


@pytest.mark.parametrize(
    ("waited", "young", "busy", "generation"),
    [
        (memory.TIDY - 1, 0, False, 0),
        (memory.TIDY, 0, False, memory.OLD),
        (memory.TIDY, 0, True, 0),
        (memory.LATEST, 0, True, memory.OLD),
        (1.0, memory.MIDDLE, False, 1),
        (1.0, memory.PATIENT, True, 0),
    ],
)
def test_nothing_is_tidied_up_while_somebody_types_unless_it_is_late(
    waited: float, young: int, busy: bool, generation: int
) -> None:
    assert memory.due(waited, young, busy=busy) == generation


def test_a_thread_gets_its_turn_soon_while_another_computes() -> None:
    memory.tune()
    assert sys.getswitchinterval() <= 0.001
