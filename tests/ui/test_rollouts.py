"""The release board and one rollout over its clusters, driven by keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kurator_tui.kinds.base import Level, Row
from kurator_tui.kinds.rollouts import ROLLOUTS, RolloutRow
from kurator_tui.screens.keys import Request
from tests.ui.driver import Driver, console
from tests.ui.estate import NOW, workloads
from tests.ui.source import FakeSource
from tests.unit.kinds.test_board import rollout


def put(source: FakeSource, *rows: RolloutRow) -> None:
    by_cluster: dict[str, dict[str, Row | None]] = {}
    for row in rows:
        by_cluster.setdefault(row.cluster, {})[row.uid] = row
    for cluster, found in by_cluster.items():
        source.store.put(ROLLOUTS.id, cluster, found)


def fleet(weights: Iterable[int] = (10, 20, 30), **more: Any) -> FakeSource:
    """`shop` goes out on three members, `ads` is done on two of them."""
    source = workloads()
    names = ("edge-east", "prod-cloud", "on-prem")
    put(
        source,
        *(
            rollout(name, weight=weight, since=NOW - 60, **more)
            for name, weight in zip(names, weights, strict=True)
        ),
        *(
            rollout(name, application="ads", phase="Succeeded", weight=0, level=Level.HEALTHY, gates=())
            for name in names[:2]
        ),
    )
    return source


def shown(drive: Driver) -> dict[str, str]:
    """Application -> its line."""
    lines = [line for line in drive.screen().splitlines() if " ads " in line or " shop " in line]
    return {"ads" if " ads " in line else "shop": line for line in lines}


async def test_the_board_has_a_row_an_application_and_a_column_a_member() -> None:
    async with console(fleet(), size=(160, 30)) as drive:
        await drive.press("4")
        assert "EDGE-EAST" in drive.screen()
        assert "◐10%" in shown(drive)["shop"]
        assert shown(drive)["ads"].count("done") == 2
        assert "0/3" in shown(drive)["shop"]


async def test_a_change_on_one_member_changes_its_cell() -> None:
    source = fleet()
    async with console(source, size=(160, 30)) as drive:
        await drive.press("4")
        put(source, rollout("prod-cloud", phase="Failed", weight=0, level=Level.FAILED, reason="too slow"))
        await drive.idle()
        assert "✖failed" in shown(drive)["shop"]
        assert "prod-cloud: too slow" in shown(drive)["shop"]


async def test_it_shows_what_needs_attention_what_runs_and_what_failed() -> None:
    async with console(fleet(), size=(160, 30)) as drive:
        await drive.press("4")
        await drive.press("rollouts.attention")
        assert shown(drive) == {}
        assert "only needs attention" in drive.title()
        await drive.press("rollouts.attention")
        assert list(shown(drive)) == ["shop"]
        await drive.press("back")
        assert set(shown(drive)) == {"ads", "shop"}


async def test_a_member_that_is_not_in_scope_has_no_column() -> None:
    async with console(fleet(), size=(160, 30)) as drive:
        await drive.press("4")
        await drive.command("scope on-prem")
        assert "EDGE-EAST" not in drive.screen()
        assert "ON-PREM" in drive.screen()


async def test_where_there_is_little_room_members_share_a_column() -> None:
    async with console(fleet(), size=(80, 24)) as drive:
        await drive.press("4")
        assert "◐◐◐" in shown(drive)["shop"] or "10%" in shown(drive)["shop"]
        assert "●●" in shown(drive)["ads"] or "done" in shown(drive)["ads"]


async def test_enter_opens_the_rollout_over_its_clusters_with_gates() -> None:
    async with console(fleet(), size=(160, 50)) as drive:
        await drive.press("4", "move.down", "open")
        text = drive.screen()
        assert "Rollouts › shop 3" in text
        assert "Gate request-success-rate" in text
        assert "wants ≥ 99%" in text
        assert "0 of 3: 3 more may fail" in text
        await drive.press("back", "back")
        assert drive.selected() == "shop"


async def test_a_rollout_can_be_looked_at_as_it_was() -> None:
    source = fleet()
    async with console(source, size=(160, 50)) as drive:
        await drive.press("4", "move.down", "open")
        await drive.later(10)
        put(source, rollout("edge-east", weight=50))
        await drive.idle()
        assert "10% of 50%" not in drive.screen()
        await drive.press("rollout.earlier")
        assert "AS IT WAS" in drive.screen()
        assert "10% of 50%" in drive.screen()
        put(source, rollout("edge-east", phase="Failed", weight=0, level=Level.FAILED))
        await drive.idle()
        assert "10% of 50%" in drive.screen()
        await drive.press("rollout.live")
        assert "Failed" in drive.screen()


async def test_grouped_by_fleet_and_not_any_more() -> None:
    async with console(fleet(), size=(160, 30)) as drive:
        await drive.press("4", "rollouts.group")
        assert "grouped by fleet" in drive.screen()
        assert "GROUP" in drive.screen()
        await drive.press("rollouts.group")
        assert "grouped" not in drive.screen()


async def test_the_cursor_stays_on_the_first_row_until_somebody_moves_it_and_marks_stay_with_new_columns() -> None:
    source = workloads()
    put(source, rollout("on-prem", application="pay"))
    async with console(source, size=(160, 30)) as drive:
        await drive.press("4")
        assert drive.selected() == "pay"
        put(source, rollout("prod-cloud", application="ads"), rollout("on-prem", application="ads"))
        await drive.idle()
        assert drive.selected() == "ads"
        await drive.press("move.down", "mark")
        put(source, rollout("edge-east", application="aaa"))
        await drive.idle()
        assert "EDGE-EAST" in drive.screen()
        assert drive.selected() == "pay"
        assert drive.app.frame.current.table.marked == {("", "apps/pay")}


async def test_the_timeline_tells_of_all_clusters_and_goes_on_while_one_of_them_is_selected() -> None:
    source = fleet()
    async with console(source, size=(160, 60)) as drive:
        await drive.press("4", "move.down", "open")
        await drive.later(10)
        put(source, rollout("prod-cloud", weight=20, failed_checks=1))
        await drive.later(10)
        put(source, rollout("edge-east", weight=10, suspended=True))
        await drive.idle()
        story = drive.detail().partition("Timeline of all clusters")[2]
        assert story.index("edge-east: paused") < story.index("prod-cloud: failed checks 0 → 1")
        await drive.press("rollout.earlier")
        assert "edge-east: paused" not in drive.detail()
        assert "prod-cloud: failed checks 0 → 1" in drive.detail()
        await drive.press("rollout.later")
        assert "edge-east: paused" in drive.detail()


async def test_grouped_by_a_label_of_the_applications() -> None:
    async with console(fleet(labels=(("team", "pay"),)), size=(160, 30)) as drive:
        await drive.press("4")
        await drive.command("group team")
        assert "grouped by team" in drive.screen()
        assert "pay" in shown(drive)["shop"]


def staged() -> FakeSource:
    """`shop` is done on one of its first wave and goes on in both; `ads` has one wave."""
    source = workloads()
    failed = {"phase": "Failed", "weight": 0, "level": Level.FAILED, "reason": "too slow"}
    done = {"phase": "Succeeded", "weight": 0, "level": Level.HEALTHY, "gates": ()}
    put(
        source,
        rollout("edge-east", policy_index=0, **done),
        rollout("on-prem", policy_index=0, weight=40),
        rollout("prod-cloud", policy_index=0, weight=20),
        rollout("ai-cloud", policy_index=1, weight=10),
        rollout("pre-cloud", policy_index=1, **failed),
        rollout("on-prem", application="ads", policy_index=0, **done),
    )
    return source


async def test_columns_are_members_or_waves_and_the_title_says_which() -> None:
    source = staged()
    async with console(source, size=(160, 30)) as drive:
        await drive.press("4")
        assert "Rollouts by member" in drive.title()
        await drive.press("rollouts.waves")
        assert "Rollouts by wave" in drive.title()
        ads, shop = drive.table()
        assert (ads["WAVE 1"], ads["WAVE 2"]) == ("done 1/1", "")
        assert shop["WAVE 1"].startswith("◐20% 1/3 done")
        assert shop["WAVE 2"].startswith("✖failed 0/2 done 10%")
        assert "ON-PREM" not in shop
        put(source, rollout("prod-cloud", policy_index=0, phase="Failed", weight=0, level=Level.FAILED))
        put(source, rollout("us-1", policy_index=2, application="ads"))
        await drive.idle()
        ads, shop = drive.table()
        assert shop["WAVE 1"].startswith("✖failed 1/3 done 40%")
        assert ads["WAVE 3"].startswith("◐30% 0/1 done")
        await drive.press("rollouts.waves")
        assert "ON-PREM" in drive.table()[0]


async def test_waves_stay_shown_when_one_comes_back_and_where_the_terminal_is_small() -> None:
    async with console(staged(), size=(160, 30)) as drive:
        await drive.press("4", "rollouts.waves", "2", "4")
        assert "Rollouts by wave" in drive.title()
        await drive.resize(80, 24)
        assert drive.table()[1]["WAVE 1"] == "◐20% 1/3 done 0/3"
        assert drive.table()[1]["WAVE 2"] == "✖failed 0/2 done"
        await drive.command("scope on-prem")
        assert "WAVE 2" not in drive.screen()


async def test_a_rollout_opened_from_a_wave_begins_at_the_worst_member_of_the_chosen_one_else_of_all() -> None:
    async with console(staged(), size=(160, 50)) as drive:
        await drive.press("4", "rollouts.waves", "move.down", "open")
        assert drive.app.frame.current.table.cursor_row.cluster == "pre-cloud"  # type: ignore[union-attr]
        assert "too slow" in drive.detail()
        await drive.press("back", "back")
        while "column WAVE 1" not in drive.title():
            await drive.press("sort.right")
        await drive.press("open")
        assert drive.app.frame.current.table.cursor_row.cluster == "prod-cloud"  # type: ignore[union-attr]
        await drive.press("back", "back", "details")
        assert drive.detail().index("Wave 1 prod-cloud") < drive.detail().index("Wave 2 pre-cloud")


async def test_columns_change_while_an_application_goes() -> None:
    source = staged()
    async with console(source, size=(160, 30)) as drive:
        await drive.press("4")
        gone = rollout("on-prem", application="ads")
        source.store.put(ROLLOUTS.id, gone.cluster, {gone.uid: None})
        drive.app.frame.current.do_rollouts_waves(Request())  # type: ignore[attr-defined]
        await drive.idle()
        assert list(shown(drive)) == ["shop"]
