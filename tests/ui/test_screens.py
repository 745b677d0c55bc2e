"""The two screens: what they show, how one switches between them, and that rows arriving disturb nobody."""

from __future__ import annotations

import pytest
from textual._compositor import Compositor, LayoutUpdate

from kurator_tui.config.settings import Settings
from kurator_tui.kinds.base import HOST, Level
from kurator_tui.link.messages import FirstSyncDone
from kurator_tui.store.freshness import Freshness, State
from tests.ui.driver import console
from tests.ui.estate import NOW, cluster, clusters, estate, fleets, workloads
from tests.ui.source import FakeSource, live_host

ALL = ["ai-cloud", "edge-cold-chain", "edge-east", "host", "on-prem", "pre-cloud", "prod-cloud"]


async def test_fleets_are_shown_first() -> None:
    async with console(estate()) as drive:
        assert drive.view() == "fleets"
        assert drive.names() == ["production", "staging"]
        row = drive.table()[0]
        assert (row["HEALTH"], row["LIVE"], row["METRIC"]) == ("▲ degraded", "▲3", "✖5/6")


async def test_digits_switch_screens_and_each_keeps_its_place() -> None:
    async with console(estate()) as drive:
        await drive.press("screen.clusters")
        assert drive.names() == ALL
        await drive.press("move.down", "move.down", "screen.fleets", "move.down", "screen.clusters")
        assert drive.selected() == "edge-east"
        await drive.press("screen.fleets")
        assert drive.selected() == "staging"


async def test_the_status_line_counts_members_by_our_probe() -> None:
    async with console(estate(), size=(160, 40)) as drive:
        assert "host mgmt-eu" in drive.status()
        assert "4/6 members live" in drive.status()
        assert "edge-east stale 4m" in drive.status()
        assert "49 nodes" in drive.status()
        assert drive.status().rstrip().endswith("04:40:00")


async def test_the_status_line_names_the_only_fleet_and_says_read_only() -> None:
    source = FakeSource()
    live_host(source)
    source.put(fleets()[0])
    async with console(source, Settings(read_only=True), size=(160, 40)) as drive:
        assert "fleet production" in drive.status()
        assert "RO" in drive.status()


async def test_rows_arriving_never_move_the_selection() -> None:
    source = estate()
    async with console(source, view="clusters") as drive:
        await drive.press("move.down", "move.down")
        assert drive.selected() == "edge-east"
        source.put(cluster("aaa-first"), cluster("zzz-last"), cluster("edge-east", pods=121))
        await drive.idle()
        assert drive.selected() == "edge-east"
        assert drive.names()[0] == "aaa-first"
        source.drop(cluster("aaa-first"))
        await drive.idle()
        assert drive.selected() == "edge-east"


async def test_the_selection_takes_the_same_line_when_its_row_goes() -> None:
    source = estate()
    async with console(source, view="clusters") as drive:
        await drive.press("move.down")
        source.drop(cluster("edge-cold-chain"))
        await drive.idle()
        assert drive.selected() == "edge-east"


async def test_changes_of_a_hidden_screen_are_there_when_it_is_shown() -> None:
    source = estate()
    async with console(source) as drive:
        await drive.press("screen.clusters", "screen.fleets")
        source.put(cluster("new-one"))
        source.drop(cluster("host"))
        await drive.idle()
        await drive.press("screen.clusters")
        assert drive.names() == [name for name in sorted([*ALL, "new-one"]) if name != "host"]


async def test_a_stale_member_is_shown_with_its_age_and_it_grows() -> None:
    async with console(estate(), view="clusters") as drive:
        assert drive.table()[2]["HEALTH"] == "… stale 4m"
        await drive.later(120)
        assert drive.table()[2]["HEALTH"] == "… stale 6m"
        assert "edge-east stale 6m" in drive.status()


async def test_a_recovering_member_is_live_again_everywhere() -> None:
    source = estate()
    async with console(source, view="clusters") as drive:
        source.put(cluster("edge-east"), cluster("edge-cold-chain"))
        await drive.idle()
        assert "6/6 members live" in drive.status()
        assert {row["HEALTH"] for row in drive.table()} == {"● healthy", "▲ degraded"}


async def test_a_lost_feeder_dims_all_rows_and_says_why_until_it_is_back() -> None:
    source = estate()
    async with console(source, view="clusters") as drive:
        source.lose_feeder("killed by signal 9", NOW)
        await drive.later(30)
        assert drive.names() == ALL
        assert "feeder lost: killed by signal 9; restarting" in drive.status()
        assert {row["DATA"] for row in drive.table()} == {"… stale 30s"}
        await drive.press("screen.fleets")
        assert {row["DATA"] for row in drive.table()} == {"… stale 30s"}
        source.feeder_back()
        await drive.idle()
        assert "feeder lost" not in drive.status()
        assert "DATA" not in drive.table()[0]
        await drive.press("screen.clusters")
        assert "DATA" not in drive.table()[0]


async def test_an_empty_console_says_that_it_connects() -> None:
    source = FakeSource(feeder_state="starting", synced=False)
    async with console(source) as drive:
        assert "connecting to the clusters" in drive.screen()
        assert "no members yet" in drive.status()
        source.feeder_state, source.synced = "live", True
        source.tell(None)
        await drive.idle()
        assert "no fleets here" in drive.screen()


async def test_the_first_complete_sync_says_that_there_is_nothing() -> None:
    source = FakeSource(synced=False)
    async with console(source) as drive:
        assert "connecting to the clusters" in drive.screen()
        source.synced = True
        source.tell(FirstSyncDone())
        await drive.idle()
        assert "no fleets here" in drive.screen()


async def test_fleets_of_a_host_that_stopped_answering_are_dimmed_with_their_age() -> None:
    source = estate()
    async with console(source) as drive:
        source.store.set_freshness(HOST, "", Freshness(State.STALE, NOW - 90, "no answer"))
        await drive.idle()
        assert {row["DATA"] for row in drive.table()} == {"… stale 90s"}


async def test_without_colours_every_state_is_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with console(estate(), view="clusters") as drive:
        assert drive.app.no_color
        assert [row["HEALTH"][0] for row in drive.table()] == ["●", "✖", "…", "●", "▲", "●", "●"]


async def test_a_plain_member_says_what_it_is_doing() -> None:
    source = FakeSource()
    live_host(source)
    source.put(cluster("slow", level=Level.PROGRESSING, state=State.SYNCING.value, nodes=None, pods=None))
    async with console(source, view="clusters") as drive:
        assert drive.table()[0]["HEALTH"] == "◐ progressing"
        assert "slow syncing" in drive.status()


@pytest.mark.parametrize("view", ["fleets", "clusters"])
@pytest.mark.parametrize("size", [(20, 5), (20, 3), (40, 8), (80, 24), (139, 13), (300, 90)])
async def test_every_size_shows_something_and_survives_all_panes(view: str, size: tuple[int, int]) -> None:
    async with console(estate(), size=size, view=view) as drive:
        assert drive.screen().strip()
        await drive.press(
            "open", "move.down", "focus.next", "back", "filter", "escape", "command", "escape", "help"
        )
        await drive.press("escape", "menu", "escape", "scope.clusters", "escape")
        assert drive.dialog() == ""


async def test_a_storm_of_resizes_ends_well() -> None:
    async with console(estate(), view="clusters") as drive:
        await drive.press("open")
        for width, height in [(20, 5), (200, 50), (81, 11), (140, 9), (1, 1), (300, 90), (80, 24)] * 3:
            drive.resize_now(width, height)
        await drive.idle()
        assert drive.selected() == "ai-cloud"
        assert "Connection" in drive.screen()


async def test_hostile_names_and_messages_are_shown_inert_and_columns_stay_aligned() -> None:
    source = FakeSource()
    live_host(source)
    hostile = "\x1b[31mred\x1b[0m[@click=app.quit]x[/]"
    source.put(
        cluster("日本語クラスタ", reason="漢字 and 🚀", level=Level.DEGRADED),
        cluster("עברית", reason="\u202egnp.exe", level=Level.DEGRADED),
        cluster(hostile, reason=hostile, level=Level.FAILED),
    )
    async with console(source, view="clusters", size=(240, 30)) as drive:
        text = drive.screen()
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "[@click=app.quit]" in text
        for _ in range(3):
            await drive.press("open")
            assert "\x1b" not in drive.screen()
            await drive.press("menu", "escape", "back", "move.down")
        assert all(row["VERSION"] == "v1.36.1" for row in drive.table())


async def test_ascii_only_draws_nothing_else() -> None:
    async with console(workloads(), Settings(ascii=True), size=(100, 24)) as drive:
        for keys in (
            ["screen.clusters"],
            ["open"],
            ["back", "screen.fleets", "open"],
            ["back", "screen.workloads", "open"],
            ["back", "screen.cost"],
            ["command", "x", "enter"],
            ["help"],
            ["escape", "menu"],
            ["escape", "scope.clusters"],
            ["escape", "leave"],
        ):
            await drive.press(*keys)
            assert {char for char in drive.screen() if not char.isascii()} == set(), keys
        assert "4/6 members live - edge-" in drive.screen()


def test_the_estate_has_every_state() -> None:
    assert {row.state for row in clusters()} >= {State.LIVE, State.STALE, State.UNREACHABLE}


async def test_a_switch_of_screens_does_not_paint_everything_before_it_lays_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with console(workloads()) as drive:
        await drive.command("pods")
        await drive.press("screen.clusters")
        full: list[bool] = []
        render = Compositor.render_full_update

        def note(compositor: Compositor, simplify: bool = False) -> LayoutUpdate:
            full.append(True)
            return render(compositor, simplify)

        monkeypatch.setattr(Compositor, "render_full_update", note)
        await drive.press("screen.workloads")
        assert drive.selected()
        assert not full
