"""The same seed and the same time give the same objects."""

from kurator_tui.demo.world.scenarios import apply, named
from kurator_tui.demo.world.world import World
from tests.unit.demo.world.worlds import advance, running, snapshot


def test_worlds_of_one_seed_hold_the_same_objects_built_anew_or_copied() -> None:
    worlds = [World(3, 7), World(3, 7)]
    for world in worlds:
        world.build({})
        apply(world, named("default"))
    advance(running("default", 3, seed=7), 30)  # what becomes of one copy is no other one's
    one, two, copied = (snapshot(world) for world in [*worlds, running("default", 3, seed=7)])
    assert one == two == copied
    for world in (*worlds, last := running("default", 3, seed=7)):
        advance(world, 60)
    assert snapshot(worlds[0]) == snapshot(worlds[1]) == snapshot(last)


def test_the_cut_of_the_ticks_does_not_matter() -> None:
    one, two = running("default", 2), running("default", 2)
    advance(one, 60)
    advance(two, 60, step=0.37)
    assert snapshot(one) == snapshot(two)


def test_another_seed_gives_another_estate() -> None:
    pods = [{pod["metadata"]["name"] for pod in running(seed=seed).host.all_of("pods")} for seed in (1, 2)]
    assert pods[0] != pods[1]
