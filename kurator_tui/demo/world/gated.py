"""The workloads that go out gate by gate: where, by which strategy, and how far each is at first.  Data.

A policy's workload has a rollout block in the Application of `application`; Kurator makes its Canary.  The others
have a Canary without one: written by hand (`policy` is '') or left behind by a policy that is gone.
"""

import uuid
from dataclasses import dataclass, field, replace
from typing import Any

from kurator_tui.demo.world.apps import App
from kurator_tui.demo.world.images import previous_image

Obj = dict[str, Any]

INTERVAL = 10
"""Seconds between two looks at a canary: the least Flagger allows, so that a release can be watched."""
RUNNING = ("Progressing", "WaitingPromotion", "Waiting")
"""Phases in which the new version has pods."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a Canary's status says when the world begins."""

    phase: str = "Succeeded"
    weight: int = 0
    iterations: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Gated:
    """One workload under Flagger.

    `routing` is the part of an Application's `trafficRouting` that decides the strategy.  `service` differs from
    the name where somebody made that mistake.  `starts` is by cluster; a cluster without one has just succeeded.
    """

    name: str
    clusters: tuple[str, ...]
    routing: Obj
    application: str = ""
    policy: str = ""
    namespace: str = "webapp"
    service: str = ""
    suspended: bool = False
    public: bool = False
    threshold: int = 3
    starts: dict[str, Start] = field(default_factory=dict)

    @property
    def service_name(self) -> str:
        """The Service whose traffic is split."""
        return self.service or self.name

    def start(self, cluster: str) -> Start:
        """How far it is in a cluster when the world begins."""
        return self.starts.get(cluster, Start())


_STEPS: Obj = {"canaryStrategy": {"maxWeight": 50, "stepWeight": 10}}
_INSIDERS = [
    {"headers": {"x-canary": {"exact": "insider"}}},
    {"headers": {"cookie": {"regex": "^(.*?;)?(beta=1)"}}},
]

GATED = (
    Gated(
        "backend",
        ("prod-cloud", "on-prem", "pre-cloud"),
        _STEPS,
        application="webapp",
        policy="webapp",
        public=True,
        starts={"pre-cloud": Start("Initialized")},
    ),
    Gated("search", ("on-prem",), {"analysisTimes": 6, "match": _INSIDERS}, application="search", policy="search"),
    Gated(
        "checkout",
        ("prod-cloud",),
        {"analysisTimes": 5},
        application="checkout",
        policy="checkout",
        starts={"prod-cloud": Start("Failed")},
    ),
    Gated(
        "gateway",
        ("prod-cloud",),
        _STEPS,
        application="payments",
        policy="payments",
        namespace="payments",
        suspended=True,
        starts={"prod-cloud": Start("Progressing", 30)},
    ),
    Gated(
        "notification",
        ("pre-cloud",),
        {"canaryStrategy": {"stepWeights": [5, 20, 60]}},
        application="notification",
        policy="notification",
        service="notify",
    ),
    Gated("cart", ("on-prem",), _STEPS, policy="webapp-cart", starts={"on-prem": Start("Initialized")}),
    Gated(
        "ledger",
        ("prod-cloud",),
        _STEPS,
        namespace="payments",
        starts={"prod-cloud": Start("WaitingPromotion", 50)},
    ),
)


def of_application(application: str) -> list[Gated]:
    """What an Application releases gate by gate, in the order of its policies."""
    return [each for each in GATED if application and each.application == application]


def canary_uid(cluster: str, namespace: str, name: str) -> str:
    """The uid of a Canary that is there from the beginning: what Flagger made for it names it as owner."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.{namespace}.canary.{cluster}"))


def split(cluster: str, apps: tuple[App, ...]) -> tuple[App, ...]:
    """The applications of a cluster with each gated one as Flagger leaves it: a target and its primary.

    The target has pods only while a new version is being looked at; the primary then has the version before.
    """
    gated = {(each.namespace, each.name): each for each in GATED if cluster in each.clusters}
    found: list[App] = []
    for app in apps:
        under = gated.get((app.namespace, app.name))
        if under is None or app.kind != "Deployment":
            found.append(app)
            continue
        running = under.start(cluster).phase in RUNNING
        changed = running or under.start(cluster).phase == "Failed"
        image = previous_image(app.image) if changed else app.image
        found.append(replace(app, replicas=app.replicas if running else 0, release="target"))
        found.append(replace(app, image=image, release="primary"))
    return tuple(found)
