"""Screen 7, any kind over all clusters: how it is opened, left and found again, and what is said to be missing."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.core import EventRow
from kurator_tui.kinds.registry import KINDS
from kurator_tui.link.remembered import REASON
from kurator_tui.screens.places import KEPT
from kurator_tui.store.freshness import Freshness, State
from tests.ui.driver import console
from tests.ui.estate import NOW, cluster, pod, workloads


@pytest.mark.parametrize("word", ["pods", "po", "Pod", "POD", "kind pods"])
async def test_a_kind_opens_by_any_of_its_names(word: str) -> None:
    source = workloads()
    async with console(source, size=(160, 40)) as drive:
        await drive.command(word)
        assert drive.names() == ["cart-7d4b9", "pos-1", "trainer-0", "web-5c8f6"]
        assert "Pods 4" in drive.title()
        assert "[7 Workloads]" in drive.tabs()
        assert "pods" in source.subscribed


SOME = [kind.id for kind in KINDS.values() if not kind.derived][::20]
"""Of all systems; that each kind's words mean it is tested beside the commands."""


async def test_kinds_open_by_plural_and_group() -> None:
    source = workloads()
    async with console(source) as drive:
        for kind in SOME:
            await drive.command(kind)
            assert drive.view() == "workloads"
            assert drive.app.frame.current.kind.id == kind
            assert kind in source.subscribed


async def test_seven_opens_pods_first_and_then_the_kind_used_last() -> None:
    async with console(workloads(), size=(160, 40)) as drive:
        await drive.press("screen.workloads")
        assert "Pods 4" in drive.title()
        await drive.command("nodes")
        await drive.press("screen.fleets", "screen.workloads")
        assert "Nodes 0" in drive.title()


async def test_an_unknown_kind_says_what_comes_near() -> None:
    async with console(workloads()) as drive:
        await drive.command("deploymnets")
        assert "did you mean :deployments?" in drive.toasts()[0]
        await drive.command("kind gadgets")
        assert drive.view() == "fleets"
        assert "kinds: " in drive.toasts()[0]


async def test_what_follows_a_kind_is_its_filter() -> None:
    async with console(workloads(), size=(160, 40)) as drive:
        await drive.command("po namespace:shop restarts>3")
        assert drive.names() == ["web-5c8f6"]
        assert "filter namespace:shop restarts>3" in drive.title()
        await drive.command("po nothing>3")
        assert "nothing" in drive.toasts()[-1]


async def test_the_command_bar_completes_kinds() -> None:
    async with console(workloads()) as drive:
        await drive.press("command")
        await drive.type("dep")
        await drive.press("tab", "enter")
        assert drive.app.frame.current.kind.id == "deployments.apps"


async def test_history_and_the_last_view_work_over_kinds_and_each_keeps_its_place() -> None:
    async with console(workloads(), size=(160, 40)) as drive:
        await drive.command("pods")
        await drive.press("move.down")
        await drive.command("nodes")
        await drive.press("history.back")
        assert drive.selected() == "pos-1"
        await drive.press("history.forward")
        assert "Nodes" in drive.title()
        await drive.press("history.last")
        assert "Pods" in drive.title()
        await drive.press("back", "back", "back")
        assert drive.view() == "fleets"


async def test_kinds_left_long_ago_are_released_and_come_back_when_opened() -> None:
    source = workloads()
    others = [kind.id for kind in KINDS.values() if not kind.derived and kind.id != "pods"][: KEPT + 1]
    async with console(source, size=(160, 40)) as drive:
        await drive.command("pods")
        for kind in others[: KEPT - 1]:
            await drive.command(kind)
        assert {"pods", *others[: KEPT - 1]} <= source.subscribed
        await drive.command(others[KEPT - 1])
        assert "pods" not in source.subscribed
        assert source.store.count("pods") == 0
        assert set(others[:KEPT]) <= source.subscribed
        await drive.command("pods")
        assert "pods" in source.subscribed
        assert "listing pods: 0 of 7 clusters have answered" in drive.screen()
        source.put(pod("ai-cloud", "ml", "trainer-1"))
        await drive.idle()
        assert drive.names() == ["trainer-1"]


async def test_rows_of_a_cluster_that_stopped_answering_are_dimmed_with_their_age() -> None:
    async with console(workloads(), size=(200, 50)) as drive:
        await drive.command("pods")
        data = {row["NAME"]: row["DATA"] for row in drive.table()}
        assert data == {"cart-7d4b9": "", "pos-1": "… stale 4m", "trainer-0": "", "web-5c8f6": ""}
        await drive.later(60)
        assert drive.table()[1]["DATA"] == "… stale 5m"


async def test_clusters_without_rows_are_named_in_the_title() -> None:
    source = workloads()
    async with console(source, size=(160, 40)) as drive:
        await drive.command("pods")
        assert "without edge-cold-chain (unreachable)" in drive.title()
        source.put(cluster("edge-cold-chain"))
        await drive.idle()
        assert "6 of 7 clusters listed" in drive.title()
        source.store.set_freshness("edge-cold-chain", "pods", Freshness(State.LIVE, NOW))
        await drive.idle()
        assert "clusters" not in drive.title()
        assert "without" not in drive.title()


async def test_an_empty_kind_says_whether_that_is_all_there_is() -> None:
    source = workloads()
    source.put(cluster("edge-cold-chain"))
    async with console(source, size=(160, 40)) as drive:
        await drive.command("helmreleases")
        assert "listing helmreleases: 0 of 7 clusters have answered" in drive.screen()
        assert "0 of 7 clusters listed, without edge-east (stale)" in drive.title()
        for name in {row.cluster for row in source.store.rows("clusters")}:
            source.store.set_freshness(name, "helmreleases.helm.toolkit.fluxcd.io", Freshness(State.ABSENT, NOW))
        await drive.idle()
        assert "no cluster here serves helmreleases.helm.toolkit.fluxcd.io" in drive.screen()
        source.store.set_freshness("host", "helmreleases.helm.toolkit.fluxcd.io", Freshness(State.LIVE, NOW))
        await drive.idle()
        assert "no helmreleases here" in drive.screen()


async def test_the_scope_limits_rows_and_what_is_missing() -> None:
    async with console(workloads(), size=(160, 40)) as drive:
        await drive.command("pods")
        await drive.press("scope.clusters")
        await drive.type("prod-cl")
        await drive.press("space", "enter")
        assert drive.names() == ["cart-7d4b9", "web-5c8f6"]
        assert "Pods 2 of 4 ─ scope prod-cloud" in drive.title()
        assert "without" not in drive.title()


async def test_the_cursor_stays_on_the_first_row_while_rows_are_listed_and_nobody_moved() -> None:
    source = workloads()
    async with console(source, size=(160, 40)) as drive:
        source.put(cluster("edge-cold-chain"))
        await drive.command("pods")
        source.put(pod("edge-cold-chain", "a", "aaa"))
        await drive.idle()
        assert drive.selected() == "aaa"
        await drive.press("move.down", "move.up")
        source.put(pod("edge-cold-chain", "a", "aa"))
        await drive.idle()
        assert drive.selected() == "aaa"


async def test_the_cursor_stays_on_the_first_row_until_the_members_are_known() -> None:
    source = workloads()
    source.synced = False
    async with console(source, size=(160, 40)) as drive:
        await drive.command("pods")
        source.put(pod("edge-east", "a", "aaa"))
        await drive.idle()
        assert drive.selected() == "aaa"
        await drive.press("copy")  # the row that something was done to is the one that is meant
        source.put(pod("edge-east", "a", "aa"))
        await drive.idle()
        assert drive.selected() == "aaa"


async def test_the_cursor_stays_on_the_first_row_while_rows_are_those_of_the_last_session() -> None:
    source = workloads()
    old = Freshness(State.STALE, NOW - 60, REASON)
    source.store.set_freshness("edge-east", "pods", old)
    async with console(source, size=(160, 40)) as drive:
        await drive.command("pods")
        source.put(pod("edge-east", "a", "aaa"))
        await drive.idle()
        assert drive.selected() == "aaa"
        source.store.set_freshness("edge-east", "pods", Freshness(State.LIVE, NOW))
        await drive.idle()
        source.put(pod("edge-east", "a", "aa"))
        await drive.idle()
        assert drive.selected() == "aaa"


async def test_once_all_is_listed_rows_arriving_never_move_the_selection() -> None:
    source = workloads()
    source.put(cluster("edge-cold-chain"))
    source.store.set_freshness("edge-cold-chain", "pods", Freshness(State.LIVE, NOW))
    async with console(source, size=(160, 40)) as drive:
        await drive.command("pods")
        source.put(pod("edge-cold-chain", "a", "aaa"))
        await drive.idle()
        assert drive.selected() == "cart-7d4b9"


async def test_sorting_by_status_shows_the_worst_first_where_no_column_shows_the_health() -> None:
    async with console(workloads(), size=(160, 40)) as drive:
        await drive.command("pods")
        await drive.press("sort.status")
        assert drive.names()[0] == "web-5c8f6"
        await drive.press("sort.namespace")
        assert drive.names()[0] == "trainer-0"
        await drive.press("sort.age", "sort.name")
        assert drive.names()[0] == "cart-7d4b9"
        assert drive.toasts() == []


async def test_the_health_of_a_row_is_seen_without_wide() -> None:
    async with console(workloads(), size=(160, 40)) as drive:
        await drive.command("pods")
        assert "✖ web-5c8f6" in drive.screen()
        assert "HEALTH" not in drive.table()[0]
        await drive.press("faults")
        assert drive.names() == ["web-5c8f6"]


async def test_a_kind_without_namespaces_says_why_it_cannot_be_sorted_by_them() -> None:
    async with console(workloads()) as drive:
        await drive.command("nodes")
        await drive.press("sort.namespace")
        assert drive.toasts() == ["Sort namespace: this view has no namespace"]


async def test_events_are_ordered_by_when_they_were_seen() -> None:
    source = workloads()
    for at, name in ((NOW - 50, "a"), (NOW - 5, "b"), (NOW - 500, "c")):
        source.put(EventRow("ai-cloud", "ml", name, name, at, reason=name, object_kind="Pod", last_seen=at))
    async with console(source, size=(160, 40)) as drive:
        await drive.command("events")
        assert [row["REASON"] for row in drive.table()] == ["b", "a", "c"]


async def test_the_details_tell_the_columns_the_health_and_how_old_it_is() -> None:
    async with console(workloads(), size=(200, 50)) as drive:
        await drive.command("pods")
        await drive.press("move.bottom", "open")
        detail = drive.detail()
        assert "failed: CrashLoopBackOff: back-off 5m0s restarting failed container" in detail
        assert "prod-cloud" in detail
        assert "restarts 12" in detail
        assert "this is what the server has" in detail
        await drive.press("back", "move.top", "move.down", "open")
        assert "stale for 4m: this is how it was no answer in 5 s" in drive.detail()


async def test_raw_fleets_are_told_from_the_screen_of_fleets() -> None:
    async with console(workloads(), size=(160, 40)) as drive:
        await drive.command("fleets.fleet.kurator.dev")
        assert "Fleets fleet.kurator.dev 0" in drive.title()
        await drive.command("fleet")
        assert drive.view() == "fleets"
