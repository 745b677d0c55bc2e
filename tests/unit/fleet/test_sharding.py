"""Members are divided evenly, and the same way every time."""

from __future__ import annotations

from collections import Counter

from kurator_tui.fleet.sharding import shard_of, wanted_shards

NAMES = [f"member-{number}" for number in range(1000)]


def test_one_feeder_has_all() -> None:
    assert {shard_of(name, 1) for name in NAMES} == {0}


def test_several_feeders_have_about_as_much_each() -> None:
    counts = Counter(shard_of(name, 4) for name in NAMES)
    assert set(counts) == {0, 1, 2, 3}
    assert max(counts.values()) < 1.3 * min(counts.values())


def test_a_fleet_that_fits_one_feeder_gets_one() -> None:
    assert wanted_shards(1000, 2, cores=8) == 1


def test_a_larger_fleet_gets_more_but_leaves_a_processor_to_the_console() -> None:
    assert wanted_shards(3000, 2, cores=8) == 3
    assert wanted_shards(30000, 2, cores=8) == 7
    assert wanted_shards(30000, 2, cores=2) == 1
    assert wanted_shards(30000, 2, cores=1) == 1
