"""Pictures of what is to be read before, while and after something is changed; fixed clock, default theme."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from kurator_tui.app import KuratorApp
from kurator_tui.config.settings import Settings
from kurator_tui.kinds.plans import (
    Clash,
    Consequence,
    Fault,
    Folded,
    Instead,
    Line,
    PlannedStep,
    Progress,
    Refusal,
    Target,
)
from kurator_tui.kinds.verb import Risk
from tests.snapshots.test_snapshots import SIZES, Compare
from tests.ui.driver import Clock, Driver
from tests.ui.plan_source import DEPLOYMENTS, ENTRIES, PlanSource, became, carts

IMAGE = "spec.template.spec.containers[name=cart].image"
OLD, NEW = ('"registry.shop.example/webapp/cart:v1.9.4"', '"registry.shop.example/webapp/cart:v1.9.5"')
CLUSTERS = ("edge-2", *(f"edge-{number:02}" for number in range(10, 21)))


def at(cluster: str, kind: str = DEPLOYMENTS, name: str = "cart") -> Target:
    return Target(cluster, kind, "shop", name)


EDGE = tuple(PlannedStep(number, at(name), "patch") for number, name in enumerate(CLUSTERS))
"""The cart on twelve clusters."""
FOLDED: dict[str, Any] = {
    "steps": EDGE,
    "differences": (
        Folded((Line(IMAGE, OLD, NEW),), tuple(range(1, 12))),
        Folded((Line(IMAGE, OLD.replace("1.9.4", "1.8.0"), NEW), Line("spec.paused", "true")), (0,)),
    ),
    "consequences": (
        Consequence("warning", "budget cart allows no disruption now (2 healthy, 2 needed)", at("edge-2")),
        Consequence("info", "2 pods are replaced, one at a time", at("edge-10")),
        Consequence("info", "2 pods are replaced, one at a time", at("edge-11")),
    ),
    "waves": ("1", "25%", "100%"),
}
CANARY = Target("prod-cloud", "canaries.flagger.app", "shop", "cart")
APPLICATION = Target("host", "applications.apps.kurator.dev", "default", "shop")
REFUSED: dict[str, Any] = {
    "steps": (),
    "differences": (),
    "refusals": (
        Refusal(
            CANARY,
            "Kurator writes this Canary every 30 s from Application shop: the change would be gone",
            Instead(
                "pause the rollout of its sync policy",
                APPLICATION,
                "rollout.pause",
                fields=("spec.syncPolicies[name=cart].rollout.rolloutPolicy.suspend",),
            ),
        ),
        Refusal(at("edge-2"), "this cluster is read-only here"),
    ),
}
CLASHES: dict[str, Any] = {
    "clashes": (
        Clash(0, "spec.replicas", "horizontal-pod-autoscaler", "2025-11-21T10:00:00Z"),
        Clash(0, ".spec.template.spec.containers[name=cart].resources", "helm", "2025-11-20T09:30:00Z"),
    ),
    "faults": (Fault(0, "must be less than or equal to 4 in this namespace", "spec.replicas"),),
}


async def planned(drive: Driver) -> None:
    """The review of the selected cart's scale."""
    await drive.command("do scale replicas=5")


async def typing(drive: Driver) -> None:
    await planned(drive)
    await drive.press("enter", "c", "a", "r")


async def deciding(drive: Driver) -> None:
    await planned(drive)
    await drive.press("t", "j")


async def running(drive: Driver) -> None:
    await planned(drive)
    await drive.press("y")
    source = drive.source
    assert isinstance(source, PlanSource)
    source.tell_commit(
        Progress("wave", wave=1),
        became(0, "done"),
        became(1, "done"),
        became(2, "unknown", "edge-11 did not answer"),
        became(3, "failed", "exceeded quota: pods, requested: 2, used: 19, limited: 20"),
        *(became(number, "skipped", "stopped at edge-12/shop deployments/cart") for number in range(4, 12)),
    )
    source.end_commit()
    await drive.idle()


async def audited(drive: Driver) -> None:
    await drive.command("audit")
    await drive.press("open")


def source_of(**more: Any) -> PlanSource:
    source = carts(**more)
    source.audited = [*ENTRIES, {**ENTRIES[0], "plan": "20251121-115900-bcde", "verb": "restart", "step": 1}]
    return source


PICTURES: dict[str, tuple[dict[str, Any], Callable[[Driver], Awaitable[None]]]] = {
    "safe": ({"risk": Risk.SAFE}, planned),
    "folded": (FOLDED, planned),
    "destructive": ({"risk": Risk.DESTRUCTIVE, "protected": ("prod-cloud",), "user": "ann@example.org"}, typing),
    "refused": (REFUSED, planned),
    "clashes": (CLASHES, deciding),
    "progress": (FOLDED, running),
    "audit": ({}, audited),
}


@SIZES
@pytest.mark.parametrize("picture", PICTURES)
def test_changes(snap_compare: Compare, picture: str, size: tuple[int, int]) -> None:
    more, act = PICTURES[picture]
    source, clock = source_of(**more), Clock()
    app = KuratorApp(source, Settings(), clock=clock, view=DEPLOYMENTS)

    async def before(pilot: Pilot[Any]) -> None:
        drive = Driver(app, source, pilot, clock)
        await drive.idle()
        await act(drive)
        app.clear_notifications()
        app.screen.refresh(layout=True)  # scroll bars are settled with the picture, not some time after it
        await drive.idle()

    assert snap_compare(app, run_before=before, terminal_size=size)
