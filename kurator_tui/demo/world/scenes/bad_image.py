"""An image that no registry has goes out to every member of an Application with its next revision.

Flux is content: it applied what the source has.  The pods say ImagePullBackOff, on all members at once.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from kurator_tui.demo.world.incidents import Incident
from kurator_tui.demo.world.story import told
from kurator_tui.demo.world.topology import HOST, MAIN_NAMESPACE
from kurator_tui.demo.world.world import World

Obj = dict[str, Any]

SUMMARY = "an Application's next revision has an image that cannot be pulled; at 120 s it is taken back"
BROKEN = "registry.shop.example/webapp/frontend:v4.19.0"
APPLICATION = "webapp"
PUSHED, REVERTED = 5.0, 120.0
INCIDENTS = (Incident("KT1002", ("on-prem", "pre-cloud", "prod-cloud"), BROKEN, since=PUSHED, by=PUSHED + 15),)
_WORKLOAD = ("webapp", "frontend")
_BAD, _GOOD = (f"main@sha1:{digits * 10}" for digits in ("b4d1", "600d"))


def steps(world: World) -> list[tuple[float, Callable[[], None]]]:
    """At 5 s the revision arrives, at 120 s the one that reverts it."""
    before = [
        found for name in world.members if (found := world.clusters[name].find("deployments.apps", *_WORKLOAD))
    ]
    if not before:
        return []
    for name in world.members:
        world.clusters[name].bad_images.add(BROKEN)
    good = _image(before[0])
    return [
        (PUSHED, told(HOST, f"{APPLICATION} brings {BROKEN}, which nobody has", _push(world, _BAD, BROKEN))),
        (REVERTED, told(HOST, f"{APPLICATION} brings {good} again", _push(world, _GOOD, good))),
    ]


def _push(world: World, revision: str, image: str) -> Callable[[], None]:
    return partial(world.flux.push, MAIN_NAMESPACE, APPLICATION, revision, {_WORKLOAD: image})


def _image(deployment: Obj) -> str:
    return str(deployment["spec"]["template"]["spec"]["containers"][0]["image"])
