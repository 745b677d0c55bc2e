"""The same seed and the same time give the same objects."""

from tests.unit.demo.world.worlds import advance, running, snapshot


def test_two_worlds_of_one_seed_hold_the_same_objects() -> None:
    one, two = running("default", 3, seed=7), running("default", 3, seed=7)
    advance(one, 90)
    advance(two, 90)
    assert snapshot(one) == snapshot(two)


def test_the_cut_of_the_ticks_does_not_matter() -> None:
    one, two = running("default", 2), running("default", 2)
    advance(one, 60)
    advance(two, 60, step=0.37)
    assert snapshot(one) == snapshot(two)


def test_another_seed_gives_another_estate() -> None:
    pods = [{pod["metadata"]["name"] for pod in running(seed=seed).host.all_of("pods")} for seed in (1, 2)]
    assert pods[0] != pods[1]
