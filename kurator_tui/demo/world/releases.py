"""The releases of the demo: which versions go out when, and which of them answer badly where.

The first one is under way from the beginning and is bad on one member: it climbs on three, halts at its latency
gate on that one and is rolled back there. A good one follows. So it goes on, seeded, every few minutes.
"""

import random
from functools import partial
from typing import Any

from kurator_tui.demo.world import gated
from kurator_tui.demo.world.cluster import Manner
from kurator_tui.demo.world.gated import Gated
from kurator_tui.demo.world.images import next_image
from kurator_tui.demo.world.topology import MAIN_NAMESPACE
from kurator_tui.demo.world.world import World

Obj = dict[str, Any]

PERIOD = 360.0
"""World seconds between two rounds of releases."""
_FIRST_BAD = "on-prem"
_BAD = (Manner(latency=1400.0, weight=30), Manner(latency=900.0, weight=20), Manner(success=0.93, weight=20))
#: What is released in a round, world seconds after its beginning: (seconds, application, bad somewhere).
_ROUND = (
    (0.0, "webapp", True),
    (45.0, "search", False),
    (70.0, "checkout", False),
    (170.0, "webapp", False),
    (250.0, "notification", False),
)
#: When a Deployment that nobody gates is rolled out: (seconds, cluster, namespace, name).
_PLAIN = (25.0, "pre-cloud", "webapp", "frontend")


class Releases:
    """Pushes new versions to the repositories of a started world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rng = random.Random(f"{world.seed}/releases")
        self._rounds = 0

    def begin(self) -> None:
        """Plan one round, and the next."""
        for seconds, application, bad in _ROUND:
            late = self._rng.uniform(0.0, 8.0) if self._rounds else 0.0
            self._world.timeline.after(seconds + late, partial(self._release, application, bad=bad))
        self._world.timeline.after(_PLAIN[0], self._roll)
        self._rounds += 1
        self._world.timeline.after(PERIOD, self.begin)

    def _release(self, application: str, *, bad: bool) -> None:
        images: dict[tuple[str, str], str] = {}
        for each in gated.of_application(application):
            image = self._next(each)
            if image:
                images[each.namespace, each.name] = image
                if bad:
                    self._spoil(each, image)
        if images:
            revision = f"main@sha1:{self._rng.getrandbits(160):040x}"
            self._world.flux.push(MAIN_NAMESPACE, application, revision, images)

    def _next(self, each: Gated) -> str:
        """The version after the newest that any member has; '' when no member runs it."""
        place = (each.namespace, each.name)
        clusters = [self._world.clusters[name] for name in each.clusters if name in self._world.clusters]
        found = [obj for cluster in clusters if (obj := cluster.find("deployments.apps", *place)) is not None]
        return max((next_image(_image(obj)) for obj in found), key=_order, default="")

    def _spoil(self, each: Gated, image: str) -> None:
        """Have a version answer badly on one member."""
        clusters = [name for name in each.clusters if name in self._world.clusters]
        first = self._rounds <= 1
        chosen = _FIRST_BAD if first and _FIRST_BAD in clusters else self._rng.choice(clusters)
        manner = _BAD[0] if first else self._rng.choice(_BAD)
        self._world.clusters[chosen].manners[image] = manner

    def _roll(self) -> None:
        _seconds, name, *place = _PLAIN
        cluster = self._world.clusters.get(name)
        found = cluster.find("deployments.apps", *place) if cluster else None
        if cluster is not None and found is not None:
            image = next_image(_image(found))
            cluster.modify("deployments.apps", place[0], place[1], partial(_use, image))


def _image(deployment: Obj) -> str:
    return str(deployment["spec"]["template"]["spec"]["containers"][0]["image"])


def _use(image: str, deployment: Obj) -> None:
    deployment["spec"]["template"]["spec"]["containers"][0]["image"] = image


def _order(image: str) -> list[int]:
    """Versions in the order of their numbers."""
    return [int(part) for part in image.rpartition(":")[2].lstrip("v").split(".") if part.isdigit()]
