"""The fleet manager of the demo follows what a Fleet says of its plugins, and looks at changed members."""

from __future__ import annotations

from typing import Any

from kurator_tui.demo.world.controllers.fleets import FLEETS, RELEASES
from kurator_tui.demo.world.kurator import is_ready
from kurator_tui.demo.world.world import World
from tests.unit.demo.world.worlds import advance, running

ATTACHED = "attachedclusters.cluster.kurator.dev"


def say(world: World, **plugin: Any) -> None:
    """Change plugins of the production fleet; None turns one off."""

    def change(fleet: dict[str, Any]) -> None:
        said = {**fleet["spec"]["plugin"], **plugin}
        fleet["spec"] = {
            **fleet["spec"],
            "plugin": {key: value for key, value in said.items() if value is not None},
        }

    world.host.modify(FLEETS, "default", "production", change)


def release(world: World, name: str) -> dict[str, Any] | None:
    return world.host.find(RELEASES, "default", name)


def test_a_plugin_is_installed_upgraded_with_other_values_and_uninstalled() -> None:
    world = running("still", 1)
    say(world, distributedStorage={"storage": {}})
    advance(world, 3)
    made = release(world, "rook-prod-cloud")
    assert made is not None
    assert not is_ready(made)
    advance(world, 15)
    say(world, distributedStorage={"storage": {}, "extraArgs": {"csi": {"enable": False}}})
    advance(world, 3)
    changed = release(world, "rook-prod-cloud")
    assert changed is not None
    assert changed["spec"]["values"] == {"csi": {"enable": False}}
    assert not is_ready(changed)
    advance(world, 15)
    settled = release(world, "rook-prod-cloud")
    assert settled is not None
    assert is_ready(settled)
    say(world, distributedStorage=None, policy={"kyverno": {}})
    advance(world, 5)
    assert release(world, "rook-prod-cloud") is None
    assert release(world, "kyverno-policies-prod-cloud") is None
    assert release(world, "kyverno-prod-cloud") is not None


def test_a_changed_member_is_looked_at_again() -> None:
    world = running("still", 4)
    (name,) = [each["metadata"]["name"] for each in world.host.all_of(ATTACHED, "default")][:1]
    world.host.modify(ATTACHED, "default", name, lambda obj: obj["spec"].update(kubeconfig={"name": "nobody"}))
    advance(world, 3)
    attached = world.host.find(ATTACHED, "default", name)
    assert attached is not None
    assert attached["status"]["ready"] is False
