"""Which verbs are offered, and what is said of one that is off."""

from __future__ import annotations

from kurator_tui.config.settings import Settings
from kurator_tui.screens.menu import Menu, MenuEntry
from kurator_tui.store.freshness import Freshness, State
from tests.ui.driver import Driver, console
from tests.ui.estate import NOW
from tests.ui.plan_source import DEPLOYMENTS, carts


def menu(drive: Driver) -> dict[str, MenuEntry]:
    """What the open menu offers, by action."""
    screen = drive.app.screen
    assert isinstance(screen, Menu)
    return {entry.action: entry for entry in screen.entries}


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
