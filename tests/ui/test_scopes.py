"""Scopes: several namespaces, several clusters, with a name for later; words in a filter; marks."""

from __future__ import annotations

from kurator_tui.config import scopes
from tests.ui.driver import console
from tests.ui.estate import pod, workloads

SIZE = (160, 40)


async def test_n_picks_several_namespaces() -> None:
    source = workloads()
    source.put(pod("ai-cloud", "pay", "till-0"))
    async with console(source, size=SIZE) as drive:
        await drive.command("pods")
        await drive.press("scope.namespaces")
        assert "shop  3 rows" in drive.screen()
        await drive.type("ml")
        await drive.press("space", "backspace", "backspace")
        await drive.type("pay")
        await drive.press("space", "enter")
        assert drive.names() == ["till-0", "trainer-0"]
        assert "ml, pay" in drive.tabs()
        await drive.press("screen.clusters")
        assert "prod-cloud" in drive.screen()


async def test_a_scope_is_saved_by_name_and_used_again() -> None:
    async with console(workloads(), size=SIZE) as drive:
        await drive.command("pods")
        await drive.command("scope prod-* -n shop")
        assert drive.names() == ["cart-7d4b9", "web-5c8f6"]
        await drive.command("scope save tills")
        await drive.command("scope all")
        assert len(drive.names()) == 4
        await drive.command("scope tills")
        assert drive.names() == ["cart-7d4b9", "web-5c8f6"]
        assert "prod-cloud · shop" in drive.tabs()
        assert "tills" in scopes.scopes_file().read_text()
        await drive.command("scope delete tills")
        await drive.command("scope tills")
        assert "no cluster is called 'tills'" in drive.toasts()[-1]


async def test_namespaces_and_clusters_after_a_kind_are_its_filter() -> None:
    async with console(workloads(), size=SIZE) as drive:
        await drive.command("pods -n shop @edge-*,prod-cloud")
        assert drive.names() == ["cart-7d4b9", "pos-1", "web-5c8f6"]
        await drive.command("pods -n ml,shop @ai-cloud")
        assert drive.names() == ["trainer-0"]
        await drive.command("pods node:edge-n1 cluster:edge-*")
        assert drive.names() == ["pos-1"]


async def test_the_command_bar_completes_namespaces_and_clusters() -> None:
    async with console(workloads(), size=SIZE) as drive:
        await drive.command("pods")
        await drive.press("command")
        await drive.type("pods -n sh")
        await drive.press("tab")
        await drive.type(" @ai")
        await drive.press("tab", "enter")
        assert "filter -n shop @ai-cloud" in drive.title()


async def test_marks_survive_filters_and_updates_and_go_with_their_rows() -> None:
    source = workloads()
    async with console(source, size=SIZE) as drive:
        await drive.command("pods")
        await drive.press("mark", "move.down", "mark.range")
        assert "3 marked" in drive.title()
        await drive.filter("web")
        assert "3 marked, 3 of them hidden" in drive.title()
        source.put(pod("edge-east", "shop", "pos-1", restarts=3))
        await drive.press("back")
        assert "─ 3 marked ─" in drive.title()
        source.drop(pod("edge-east", "shop", "pos-1"))
        await drive.idle()
        assert "─ 2 marked ─" in drive.title()
        await drive.press("mark.clear")
        assert "marked" not in drive.title()
