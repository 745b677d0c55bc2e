"""Changes from a row: form, review by risk, refusals, progress, audit. Nothing is written unconfirmed."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from msgspec import structs
from textual import events

from kurator_tui.config.settings import Settings
from kurator_tui.errors import UsageError
from kurator_tui.kinds.plans import (
    Clash,
    Consequence,
    Fault,
    Folded,
    Instead,
    Line,
    Plan,
    PlannedStep,
    Progress,
    Refusal,
    Target,
    Unfinished,
    decode_commit,
    decode_targets,
    encode,
)
from kurator_tui.kinds.verb import Risk
from kurator_tui.screens import plan
from kurator_tui.screens.menu import Menu, MenuEntry
from kurator_tui.store.freshness import Freshness, State
from tests.ui.driver import Driver, console
from tests.ui.estate import NOW
from tests.ui.plan_source import DEPLOYMENTS, PlanSource, carts

CART = {"metadata": {"name": "cart"}, "spec": {"replicas": 3}}
WEIGHT = Target("prod-cloud", "canaries.flagger.app", "shop", "cart")


def step(number: int, cluster: str) -> PlannedStep:
    return PlannedStep(number, Target(cluster, DEPLOYMENTS, "shop", "cart"), "patch scale")


async def scaled(drive: Driver) -> None:
    """The review of the selected cart's scale to 5."""
    await drive.command("do scale replicas=5")
    assert drive.dialog() == "PlanScreen"


def menu(drive: Driver) -> dict[str, MenuEntry]:
    """What the open menu offers, by action."""
    screen = drive.app.screen
    assert isinstance(screen, Menu)
    return {entry.action: entry for entry in screen.entries}


def commit_of(source: PlanSource) -> Any:
    return decode_commit(source.commits[-1].arguments["commit"])


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
        async with asyncio.timeout(10):
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


# -- what is off --------------------------------------------------------------------------------------------------


async def test_a_read_only_console_plans_nothing_and_says_why() -> None:
    source = carts()
    async with console(source, Settings(read_only=True), view=DEPLOYMENTS) as drive:
        await drive.press("r", "s", "delete")
        assert drive.dialog() == ""
        assert drive.toasts() == ["Delete: this console is read-only"]
        assert source.planned == []


async def test_what_rbac_denies_is_said_and_stays_off_in_the_menu() -> None:
    source = carts()
    source.denied = {"restart": "you may not patch deployments in shop"}
    async with console(source, view=DEPLOYMENTS) as drive:
        await drive.press("r")
        assert drive.dialog() == ""
        assert drive.toasts() == ["Restart: you may not patch deployments in shop"]
        await drive.press("menu")
        assert menu(drive)["verb.restart"].off == "you may not patch deployments in shop"


async def test_the_menu_asks_what_may_be_done() -> None:
    source = carts()
    source.denied = {"delete": "you may not delete deployments in shop"}
    async with console(source, view=DEPLOYMENTS, size=(160, 60)) as drive:
        await drive.press("menu")
        entries = menu(drive)
        assert entries["verb.delete"].off == "you may not delete deployments in shop"
        assert entries["verb.scale"].off == ""
        assert "verb.cordon" not in entries, "that is for nodes"
        assert "(off: you may not delete" in drive.screen()


async def test_a_cluster_that_does_not_answer_turns_verbs_off() -> None:
    source = carts()
    source.store.set_freshness("ai-cloud", "", Freshness(State.STALE, NOW, "timeout"))
    async with console(source, view=DEPLOYMENTS) as drive:
        await drive.press("r")
        assert drive.toasts() == ["Restart: ai-cloud is stale"]
        assert source.planned == []


async def test_a_verb_of_other_kinds_says_for_which_it_is() -> None:
    source = carts()
    async with console(source, view="pods") as drive:
        await drive.press("r")
        assert drive.toasts() == ["Restart: it is for deployments, statefulsets, daemonsets"]


async def test_s_is_a_shell_of_pods_and_the_scale_of_workloads() -> None:
    async with console(carts(), view="pods") as drive:
        await drive.press("menu")
        assert menu(drive)["shell"].key == "s"
    async with console(carts(), view=DEPLOYMENTS) as drive:
        await drive.press("menu")
        assert (menu(drive)["shell"].key, menu(drive)["verb.scale"].key) == (":shell", "s")


async def test_do_says_what_it_does_not_know() -> None:
    async with console(carts(), view=DEPLOYMENTS) as drive:
        await drive.command("do explode")
        assert "there is no verb 'explode'" in drive.screen()
        await drive.command("do scale size=3")
        assert "scale is told replicas, not size" in drive.toasts()[-1]


# -- progress -----------------------------------------------------------------------------------------------------


async def applying(drive: Driver) -> None:
    await drive.press("mark", "mark", "mark")
    await scaled(drive)
    await drive.press("y")
    assert drive.dialog() == "ProgressScreen"


def became(number: int, state: Any, message: str = "") -> Progress:
    return Progress("step", step=number, state=state, message=message)


async def test_each_target_says_how_it_went_also_what_nobody_knows() -> None:
    source = carts()
    async with console(source, view=DEPLOYMENTS, size=(160, 40)) as drive:
        await applying(drive)
        source.tell_commit(Progress("wave", wave=0), became(0, "done"), became(1, "unknown", "connection lost"))
        await drive.idle()
        assert "1/3 done" in drive.screen()
        assert "unknown" in drive.screen()
        assert "it may have been written" in drive.screen()
        source.tell_commit(became(2, "skipped", "connection lost"))
        source.end_commit()
        await drive.idle()
        assert "1 done, 1 unknown, 1 not begun" in drive.screen()
        assert "not all is done" in drive.screen()


async def test_a_failure_names_its_target_and_why() -> None:
    source = carts()
    async with console(source, view=DEPLOYMENTS, size=(160, 40)) as drive:
        await applying(drive)
        source.tell_commit(became(0, "failed", "quota exceeded"), became(1, "skipped"), became(2, "skipped"))
        source.end_commit()
        await drive.idle()
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
        source.tell_commit(became(1, "done"), became(2, "done"))
        source.end_commit()
        await drive.idle()
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
    source.workers = ["feeder"]  # type: ignore[list-item]
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
    source.workers = ["feeder"]  # type: ignore[list-item]
    async with console(source, view=DEPLOYMENTS) as drive:
        await applying(drive)
        await drive.press("U")
        assert drive.dialog() == "ProgressScreen", "it has not ended"
        source.tell_commit(became(0, "done"), became(1, "failed", "no"), became(2, "skipped"))
        source.end_commit()
        await drive.idle()
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
        source.tell_commit(became(0, "done"), became(1, "failed", "quota exceeded"), became(2, "skipped"))
        source.end_commit()
        await drive.idle()
        done = decode_targets(source.planned[-1]["targets"])[0].cluster
        await drive.press("R")
        assert drive.dialog() == "PlanScreen"
        again = {target.cluster for target in decode_targets(source.planned[-1]["targets"])}
        assert again == {"ai-cloud", "on-prem", "prod-cloud"} - {done}
        assert json.loads(source.planned[-1]["arguments"]) == {"replicas": "5"}
        assert len(source.commits) == 1


# -- audit and undo -----------------------------------------------------------------------------------------------


ENTRIES = [
    {
        "event": event,
        "at": "2025-11-21T10:00:00Z",
        "plan": "20251121-100000-abcd",
        "verb": "scale",
        "step": 0,
        "target": {"cluster": "ai-cloud", "kind": DEPLOYMENTS, "namespace": "shop", "name": "cart"},
        "request": "patch scale",
        "diff": [{"path": "spec.replicas", "before": "3", "after": "5"}],
        "host_user": "ann",
        **({"outcome": "done"} if event == "outcome" else {}),
    }
    for event in ("intent", "outcome")
]


async def test_the_audit_shows_a_row_a_write_with_what_it_changed_and_u_plans_its_undo() -> None:
    source = carts()
    source.audited = ENTRIES
    async with console(source, size=(160, 40)) as drive:
        await drive.command("audit")
        (row,) = drive.table()
        assert (row["OUTCOME"], row["VERB"], row["OBJECT"]) == ("done", "scale", "deployments/cart")
        await drive.press("open")
        assert "- 3" in drive.detail()
        assert "+ 5" in drive.detail()
        source.workers = ["feeder"]  # type: ignore[list-item]
        await drive.press("U")
        assert drive.dialog() == "PlanScreen"
        assert json.loads(source.planned[-1]["arguments"]) == {"plan": "20251121-100000-abcd"}
        assert source.commits == []


async def test_an_entry_of_the_audit_leads_to_its_object() -> None:
    source = carts()
    source.audited = ENTRIES
    async with console(source, size=(160, 40)) as drive:
        await drive.command("audit")
        await drive.press("read.yaml")
        assert drive.dialog() == "ReadingScreen"
        where = {"cluster": "ai-cloud", "kind": DEPLOYMENTS, "namespace": "shop", "name": "cart"}
        assert source.streams[-1].arguments == where


async def test_u_takes_the_last_own_change_back() -> None:
    source = carts()
    source.workers = ["feeder"]  # type: ignore[list-item]
    async with console(source, view=DEPLOYMENTS) as drive:
        await drive.press("U")
        assert drive.toasts() == ["nothing was changed yet that could be taken back"]
        await scaled(drive)
        await drive.press("y")
        source.tell_commit(became(0, "done"))
        source.end_commit()
        await drive.idle()
        await drive.press("escape", "U")
        assert drive.dialog() == "PlanScreen"
        assert json.loads(source.planned[-1]["arguments"]) == {"plan": "20251121-120000-aaaa"}
