"""Changes from a row: form, review by risk, refusals. Nothing is written unconfirmed."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from textual import events

from kurator_tui.errors import UsageError
from kurator_tui.kinds.plans import (
    Clash,
    Consequence,
    Fault,
    Folded,
    Instead,
    Line,
    Refusal,
    Target,
    decode_targets,
)
from kurator_tui.kinds.verb import Risk
from kurator_tui.screens import plan
from tests.ui.driver import console
from tests.ui.plan_source import DEPLOYMENTS, PlanSource, carts, commit_of, scaled, step

CART = {"metadata": {"name": "cart"}, "spec": {"replicas": 3}}
WEIGHT = Target("prod-cloud", "canaries.flagger.app", "shop", "cart")


# -- the form ---------------------------------------------------------------------------------------------------


async def test_the_form_begins_with_what_the_object_says_and_leads_to_the_plan() -> None:
    source = carts()
    source.answer("ai-cloud", CART)
    async with console(source, view=DEPLOYMENTS) as drive:
        await drive.press("s")
        assert drive.dialog() == "FormDialog"
        assert "3" in drive.screen()
        await drive.press("backspace", "5", "enter")
        assert drive.dialog() == "PlanScreen"
        assert json.loads(source.planned[-1]["arguments"]) == {"replicas": "5"}
        assert "- spec.replicas: 3" in drive.screen()
        assert "+ spec.replicas: 5" in drive.screen()


async def test_the_form_stays_open_while_something_is_plainly_wrong() -> None:
    source = carts()
    async with console(source, view=DEPLOYMENTS) as drive:
        await drive.press("s", "enter")
        assert "Replicas is needed" in drive.screen()
        await drive.press("x", "enter")
        assert "replicas cannot be x: it is a number" in drive.screen()
        assert source.planned == []
        await drive.press("escape")
        assert drive.dialog() == ""


async def test_a_plan_that_cannot_be_made_says_why_and_p_changes_what_was_told() -> None:
    source = carts()
    source.failure = UsageError("replicas cannot be 99999999999", "0 or more")
    async with console(source, view=DEPLOYMENTS) as drive:
        await scaled(drive)
        assert "replicas cannot be 99999999999" in drive.screen()
        await drive.press("enter", "y")
        assert source.commits == []
        source.failure = None
        await drive.press("p", "backspace", "7", "enter")
        assert json.loads(source.planned[-1]["arguments"]) == {"replicas": "7"}
        assert "+ spec.replicas: 5" in drive.screen()


# -- confirmation by risk -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("risk", "keys", "confirmed"),
    [
        (Risk.SAFE, ["enter"], "y"),
        (Risk.DISRUPTIVE, ["y"], "y"),
        (Risk.DESTRUCTIVE, ["enter", "c", "a", "r", "t", "enter"], "cart"),
    ],
)
async def test_each_risk_has_its_confirmation(risk: Risk, keys: list[str], confirmed: str) -> None:
    source = carts(risk=risk)
    async with console(source, view=DEPLOYMENTS) as drive:
        await scaled(drive)
        assert source.commits == []
        await drive.press(*keys)
        assert commit_of(source).confirmed == confirmed
        assert drive.dialog() == "ProgressScreen"


@pytest.mark.parametrize(
    ("risk", "keys"),
    [
        (Risk.SAFE, ["y", "space", "n", "Y", "c", "e", "delete"]),
        (Risk.DISRUPTIVE, ["enter", "space", "Y", "n", "ctrl+y", "ctrl+k"]),
        (Risk.DESTRUCTIVE, ["y", "Y", "space", "ctrl+k", "delete"]),
        (Risk.DESTRUCTIVE, ["enter", "enter"]),
        (Risk.DESTRUCTIVE, ["enter", "y", "enter"]),
        (Risk.DESTRUCTIVE, ["enter", "c", "a", "r", "enter"]),
        (Risk.DESTRUCTIVE, ["enter", "C", "a", "r", "t", "enter"]),
        (Risk.DESTRUCTIVE, ["enter", "c", "a", "r", "t", "s", "enter"]),
        (Risk.DESTRUCTIVE, ["enter", "c", "a", "r", "t", "escape", "enter"]),
    ],
)
async def test_no_other_key_applies_anything(risk: Risk, keys: list[str]) -> None:
    source = carts(risk=risk)
    async with console(source, view=DEPLOYMENTS) as drive:
        await scaled(drive)
        await drive.press(*keys)
        assert source.commits == []


async def test_a_wrong_name_says_so_and_may_be_corrected() -> None:
    source = carts(risk=Risk.DESTRUCTIVE)
    async with console(source, view=DEPLOYMENTS) as drive:
        await scaled(drive)
        await drive.press("enter", "c", "a", "r", "enter")
        assert "nothing was written" in drive.screen()
        await drive.press("t", "enter")
        assert commit_of(source).confirmed == "cart"


async def test_leaving_the_review_writes_nothing() -> None:
    source = carts()
    async with console(source, view=DEPLOYMENTS) as drive:
        await scaled(drive)
        await drive.press("escape")
        assert drive.dialog() == ""
        assert source.commits == []


async def test_a_protected_cluster_is_named() -> None:
    source = carts(risk=Risk.DESTRUCTIVE, protected=("ai-cloud",))
    async with console(source, view=DEPLOYMENTS) as drive:
        await scaled(drive)
        assert "confirmed more strictly: ai-cloud" in drive.screen()
        assert "DESTRUCTIVE, PROTECTED" in drive.screen()


async def test_the_age_of_the_dry_run_is_told_and_d_asks_again() -> None:
    source = carts()
    async with console(source, view=DEPLOYMENTS, size=(120, 40)) as drive:
        await scaled(drive)
        drive.clock.now += 75
        drive.app.screen.draw()  # type: ignore[attr-defined]
        await drive.idle()
        assert "dry run 75s ago" in drive.screen()
        await drive.press("d")
        assert len(source.planned) == 2
        assert "dry run 0s ago" in drive.screen()


async def test_a_plan_that_lay_too_long_is_looked_at_again_before_it_is_applied() -> None:
    source = carts()
    async with console(source, view=DEPLOYMENTS) as drive:
        await scaled(drive)
        drive.clock.now += 400
        await drive.press("y")
        assert source.commits == []
        assert "d asks the servers again" in drive.toasts()[-1]
        assert [each.title for each in drive.app._notifications] == ["the plan is 6 min old: look again"]
        assert drive.dialog() == "PlanScreen"


async def test_a_key_that_was_meant_for_the_table_confirms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    source = carts()
    async with console(source, view=DEPLOYMENTS) as drive:
        monkeypatch.setattr(plan, "REACTION", 60.0)
        await scaled(drive)
        await drive.press("y")
        assert source.commits == [], "nobody can have read it yet"
        monkeypatch.setattr(plan, "REACTION", 0.0)
        await drive.press("y")
        assert len(source.commits) == 1


async def test_a_plan_does_not_open_over_another_view_than_it_was_asked_from() -> None:
    source = carts()
    answered = asyncio.Event()
    source.before_may = answered.wait
    async with console(source, view=DEPLOYMENTS) as drive:
        drive.app.post_message(events.Key("r", "r"))
        async with asyncio.timeout(60):
            while not any(method == "may" for method, _arguments in source.calls):
                await asyncio.sleep(0)
        assert "asking ai-cloud" in drive.title()
        await drive.app.frame.open_place("fleets")
        answered.set()
        await drive.idle()
        assert drive.dialog() == ""
        assert "another view was opened" in drive.toasts()[-1]
        assert source.planned == []


async def test_what_has_a_default_for_what_matters_is_planned_with_it_and_p_changes_it() -> None:
    source = carts()
    async with console(source, view=DEPLOYMENTS) as drive:
        await drive.command("do pause")
        assert drive.dialog() == "PlanScreen"
        await drive.press("p")
        assert drive.dialog() == "FormDialog"
        await drive.press("space", "enter")
        assert json.loads(source.planned[-1]["arguments"])["to"] != "toggle"


# -- what a plan says ---------------------------------------------------------------------------------------------


async def test_marked_rows_of_several_clusters_are_one_plan_with_its_waves() -> None:
    source = carts()
    async with console(source, view=DEPLOYMENTS) as drive:
        await drive.press("mark", "mark", "mark")
        await scaled(drive)
        targets = decode_targets(source.planned[-1]["targets"])
        assert sorted(target.cluster for target in targets) == ["ai-cloud", "on-prem", "prod-cloud"]
        assert "the same on 3" in drive.screen()
        assert "In 3 waves" in drive.screen()
        await drive.press("w", *["backspace"] * 14, "2", "tab", "9", "0", "s", "enter")
        assert "In 2 waves, each watched for 90s" in drive.screen()
        await drive.press("y")
        assert [len(wave) for wave in commit_of(source).waves] == [2, 1]
        assert commit_of(source).soak == 90


async def test_waves_that_are_none_are_refused_in_their_form() -> None:
    source = carts()
    async with console(source, view=DEPLOYMENTS) as drive:
        await drive.press("mark", "mark")
        await scaled(drive)
        await drive.press("w", "x", "enter")
        assert drive.dialog() == "FormDialog"
        assert "neither a number of clusters nor a percentage" in drive.screen()


async def test_what_differs_is_folded_apart() -> None:
    steps = tuple(step(at, name) for at, name in enumerate(("on-prem", "prod-cloud", "ai-cloud")))
    folded = (Folded((Line("spec.replicas", "3", "5"),), (0, 1)), Folded((Line("spec.replicas", "4", "5"),), (2,)))
    async with console(carts(steps=steps, differences=folded), view=DEPLOYMENTS) as drive:
        await scaled(drive)
        assert "scale, the same on 2: deployments shop/cart of on-prem, prod-cloud" in drive.screen()
        assert "differs on ai-cloud/shop deployments/cart" in drive.screen()


async def test_consequences_stand_worst_first() -> None:
    told = (Consequence("info", "2 more pods"), Consequence("danger", "over the quota by 1 CPU"))
    async with console(carts(consequences=told), view=DEPLOYMENTS) as drive:
        await scaled(drive)
        screen = drive.screen()
        assert 0 < screen.index("over the quota by 1 CPU") < screen.index("2 more pods")


def refusing(**instead: Any) -> PlanSource:
    target = Target("ai-cloud", DEPLOYMENTS, "shop", "cart")
    refusal = Refusal(target, "Flagger owns the replicas", Instead("scale the Deployment's autoscaler", **instead))
    return carts(steps=(), differences=(), refusals=(refusal,))


async def test_a_refusal_leads_to_the_object_to_change_instead() -> None:
    source = refusing(target=Target("prod-cloud", DEPLOYMENTS, "shop", "other"))
    async with console(source, view=DEPLOYMENTS) as drive:
        await scaled(drive)
        assert "Flagger owns the replicas" in drive.screen()
        assert "nothing can be applied" in drive.screen()
        await drive.press("y", "enter")
        assert source.commits == []
        await drive.press("o")
        assert drive.dialog() == "ReadingScreen"
        assert source.streams[-1].arguments["name"] == "other"


async def test_a_refusal_leads_to_the_plan_that_lasts() -> None:
    source = refusing(target=WEIGHT, verb="label", arguments={"labels": "a=b"})
    async with console(source, view=DEPLOYMENTS) as drive:
        await scaled(drive)
        await drive.press("i")
        assert source.planned[-1]["verb"] == "label"
        assert decode_targets(source.planned[-1]["targets"]) == (WEIGHT,)
        assert source.commits == []


async def test_what_is_so_already_is_no_failure() -> None:
    source = carts(steps=(), differences=(), consequences=(Consequence("info", "it is so already"),))
    async with console(source, view=DEPLOYMENTS) as drive:
        await scaled(drive)
        assert "nothing is to be done: it is so already" in drive.screen()
        await drive.press("y", "enter")
        assert source.commits == []


async def test_a_fault_stands_beside_its_field_and_nothing_can_be_applied() -> None:
    faults = (Fault(0, "must be at most 10", "spec.replicas"), Fault(0, "webhook says no"))
    source = carts(faults=faults)
    async with console(source, view=DEPLOYMENTS) as drive:
        await scaled(drive)
        lines = drive.screen().splitlines()
        at = next(number for number, line in enumerate(lines) if "+ spec.replicas: 5" in line)
        assert "must be at most 10" in lines[at + 1]
        assert "webhook says no" in drive.screen()
        await drive.press("y", "enter")
        assert source.commits == []


async def test_fields_of_others_are_taken_or_left_one_by_one_and_then_tried_again() -> None:
    clashes = (
        Clash(0, "spec.replicas", "hpa-controller", "2025-11-21T10:00:00Z"),
        Clash(0, "spec.paused", "helm", ""),
    )
    source = carts(clashes=clashes)
    async with console(source, view=DEPLOYMENTS) as drive:
        await scaled(drive)
        assert "spec.replicas is hpa-controller's since 2025-11-21T10:00:00Z" in drive.screen()
        await drive.press("y")
        assert source.commits == []
        await drive.press("t")
        assert "TAKE" in drive.screen()
        assert len(source.planned) == 1
        await drive.press("j", "x")
        assert source.planned[-1]["take"] == '["spec.replicas"]'
        assert source.planned[-1]["leave"] == '["spec.paused"]'
