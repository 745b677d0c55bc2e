"""A plan that is applied: how each target went, pausing, going on, what is left."""

from __future__ import annotations

import json

from msgspec import structs

from kurator_tui.kinds.plans import (
    Plan,
    Progress,
    Target,
    Unfinished,
    decode_targets,
    encode,
)
from kurator_tui.kinds.verb import Risk
from tests.ui.driver import Driver, console
from tests.ui.plan_source import DEPLOYMENTS, PlanSource, became, carts, commit_of, committed, scaled, step


async def applying(drive: Driver) -> None:
    await drive.press("mark", "mark", "mark")
    await scaled(drive)
    await drive.press("y")
    assert drive.dialog() == "ProgressScreen"


async def test_each_target_says_how_it_went_also_what_nobody_knows() -> None:
    source = carts()
    async with console(source, view=DEPLOYMENTS, size=(160, 40)) as drive:
        await applying(drive)
        source.tell_commit(Progress("wave", wave=0), became(0, "done"), became(1, "unknown", "connection lost"))
        await drive.idle()
        assert "1/3 done" in drive.screen()
        assert "unknown" in drive.screen()
        assert "it may have been written" in drive.screen()
        await committed(drive, source, became(2, "skipped", "connection lost"))
        assert "1 done, 1 unknown, 1 not begun" in drive.screen()
        assert "not all is done" in drive.screen()


async def test_a_failure_names_its_target_and_why() -> None:
    source = carts()
    async with console(source, view=DEPLOYMENTS, size=(160, 40)) as drive:
        await applying(drive)
        await committed(
            drive, source, became(0, "failed", "quota exceeded"), became(1, "skipped"), became(2, "skipped")
        )
        (line,) = [line for line in drive.screen().splitlines() if "✖" in line]
        assert "ai-cloud/shop deployments/cart" in line
        assert "quota exceeded" in line


async def test_it_is_paused_resumed_and_aborted() -> None:
    source = carts()
    async with console(source, view=DEPLOYMENTS) as drive:
        await applying(drive)
        await drive.press("r")
        assert source.commits[-1].fed == [], "it is not paused"
        await drive.press("p")
        assert "paused" in drive.screen()
        await drive.press("r", "A")
        assert source.commits[-1].fed == [b"pause", b"resume", b"abort"]
        assert "aborting" in drive.screen()


def left(risk: Risk, word: str = "", protected: tuple[str, ...] = ()) -> PlanSource:
    """A fleet in which an earlier console began a plan."""
    steps = (step(0, "prod-cloud"), step(1, "edge-1"))
    begun = Plan("p1", "scale", "Scale cart", risk, steps=steps, word=word, protected=protected, user="ann")
    source = carts()
    source.left = [json.loads(encode(Unfinished(begun, "2026-01-01T00:00:00Z", ("done", "begun"))))]
    return source


async def test_going_on_says_where_as_whom_and_how_grave_it_is() -> None:
    source = left(Risk.DISRUPTIVE)
    async with console(source, view=DEPLOYMENTS, size=(120, 40)) as drive:
        await drive.command("plans")
        await drive.press("enter")
        assert drive.dialog() == "ConfirmDialog"
        for said in ("Scale cart", "disruptive, 2 writes to prod-cloud, edge-1", "as ann"):
            assert said in drive.screen()
        await drive.press("y")
        assert '"confirmed":"y"' in source.commits[-1].arguments["commit"]


async def test_going_on_asks_for_the_name_where_a_cluster_is_protected_now() -> None:
    source = left(Risk.DESTRUCTIVE, "cart", ("edge-1",))
    async with console(source, view=DEPLOYMENTS, size=(120, 40)) as drive:
        await drive.command("plans")
        await drive.press("enter")
        assert drive.dialog() == "FormDialog"
        assert "protected: edge-1" in drive.screen()
        await drive.press("y", "enter")
        assert "Type cart to go on." in drive.screen()
        assert source.commits == []
        await drive.press("backspace", *"cart", "enter")
        assert '"confirmed":"cart"' in source.commits[-1].arguments["commit"]


async def test_leaving_it_keeps_it_going_with_a_badge_and_plans_comes_back() -> None:
    source = carts()
    async with console(source, view=DEPLOYMENTS, size=(160, 40)) as drive:
        await applying(drive)
        source.tell_commit(became(0, "done"))
        await drive.press("escape")
        assert drive.dialog() == ""
        assert "◐ plan 1/3" in drive.status()
        assert not source.commits[-1].closed
        await drive.command("plans")
        await drive.press("enter")
        assert drive.dialog() == "ProgressScreen"
        await committed(drive, source, became(1, "done"), became(2, "done"))
        assert "all done" in drive.screen()
        await drive.press("escape")
        assert "plan" not in drive.status()
        assert "3 done" in drive.toasts()[-1]


async def test_a_plan_that_cannot_be_begun_says_that_nothing_was_written() -> None:
    source = carts()
    async with console(source, view=DEPLOYMENTS) as drive:
        await scaled(drive)
        await drive.press("y")
        source.end_commit("It was not confirmed.", "Type y to confirm it.")
        await drive.idle()
        assert "nothing was written" in drive.screen()
        assert "It was not confirmed." in drive.screen()


async def test_quitting_says_that_a_plan_is_under_way() -> None:
    source = carts()
    async with console(source, view=DEPLOYMENTS) as drive:
        await applying(drive)
        await drive.press("escape", "leave")
        assert "A plan is being applied" in " ".join(drive.screen().split())


async def test_a_plan_that_an_earlier_console_left_goes_on() -> None:
    from kurator_tui.kinds.plans import Unfinished, encode
    from tests.ui.plan_source import made

    source = carts()
    known = structs.replace(made("scale", [Target("ai-cloud", DEPLOYMENTS, "shop", "cart")]), id="20251120-1")
    source.left = json.loads(encode([Unfinished(known, "2025-11-20T10:00:00Z", ("begun",))]))
    async with console(source, view=DEPLOYMENTS) as drive:
        await drive.command("plans")
        assert "left by an earlier console: 1 begun" in drive.screen()
        await drive.press("enter")
        assert source.commits == [], "it asks first"
        await drive.press("y")
        assert commit_of(source).plan == "20251120-1"


async def test_u_takes_back_what_was_just_done_without_leaving_it_first() -> None:
    source = carts()
    async with console(source, view=DEPLOYMENTS) as drive:
        await applying(drive)
        await drive.press("U")
        assert drive.dialog() == "ProgressScreen", "it has not ended"
        await committed(drive, source, became(0, "done"), became(1, "failed", "no"), became(2, "skipped"))
        await drive.press("U")
        assert drive.dialog() == "PlanScreen"
        assert json.loads(source.planned[-1]["arguments"]) == {"plan": "20251121-120000-aaaa"}
        await drive.press("escape")
        assert drive.dialog() == ""


async def test_what_was_not_done_can_be_planned_again_alone() -> None:
    source = carts()
    async with console(source, view=DEPLOYMENTS) as drive:
        await applying(drive)
        await drive.press("R")
        assert drive.dialog() == "ProgressScreen", "it has not ended"
        await committed(
            drive, source, became(0, "done"), became(1, "failed", "quota exceeded"), became(2, "skipped")
        )
        done = decode_targets(source.planned[-1]["targets"])[0].cluster
        await drive.press("R")
        assert drive.dialog() == "PlanScreen"
        again = {target.cluster for target in decode_targets(source.planned[-1]["targets"])}
        assert again == {"ai-cloud", "on-prem", "prod-cloud"} - {done}
        assert json.loads(source.planned[-1]["arguments"]) == {"replicas": "5"}
        assert len(source.commits) == 1
