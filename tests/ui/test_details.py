"""The detail panes, where they stand, and that they follow the selection and the rows."""

from __future__ import annotations

from tests.ui.driver import console
from tests.ui.estate import cluster, estate


async def test_a_fleet_opens_to_members_by_plugins_with_reasons() -> None:
    async with console(estate(), size=(200, 50)) as drive:
        await drive.press("open")
        detail = drive.detail()
        assert "on-prem · metric" in detail
        assert "install retries exhausted" in detail
        assert "no HelmRelease" in detail
        assert "3 of 5 by our probe" in detail
        assert "5 ready, when its controller last looked" in detail
        assert "stale 4m" in detail


async def test_a_fleet_without_plugins_says_so() -> None:
    async with console(estate()) as drive:
        await drive.press("move.down", "open")
        assert "this fleet uses no plugins" in drive.detail()


async def test_a_cluster_tells_connection_and_disagreement() -> None:
    async with console(estate(), view="clusters") as drive:
        await drive.press("move.down", "open")
        detail = drive.detail()
        assert "unreachable 120m" in detail
        assert "secret edge-cold-chain-kubeconfig/value" in detail
        assert "They disagree" in detail


async def test_details_follow_the_rows_and_the_clock() -> None:
    source = estate()
    async with console(source, view="clusters", size=(160, 50)) as drive:
        await drive.press("open")
        assert "8 of 8" in drive.detail()
        source.put(cluster("ai-cloud", nodes_ready=7))
        await drive.idle()
        assert "7 of 8" in drive.detail()
        assert "1s ago" in drive.detail()
        await drive.later(60)
        assert "61s ago" in drive.detail()


async def test_details_follow_the_selection() -> None:
    async with console(estate(), view="clusters", size=(160, 50)) as drive:
        await drive.press("open", "focus.next", "move.bottom")
        assert "prod-cloud.example" in drive.detail()


async def test_members_of_an_open_fleet_are_as_live_as_their_clusters() -> None:
    source = estate()
    async with console(source, size=(200, 50)) as drive:
        await drive.press("open")
        source.put(cluster("edge-cold-chain", version="v1.30.0"))
        await drive.idle()
        assert "v1.30.0" in drive.detail()


async def test_details_stand_beside_from_140_columns_and_below_otherwise() -> None:
    async with console(estate(), view="clusters", size=(140, 40)) as drive:
        await drive.press("open")
        lines = drive.screen().splitlines()
        assert "NAME" in lines[3]
        assert "Health" in lines[3]
        await drive.resize(139, 40)
        lines = drive.screen().splitlines()
        assert "Health" not in lines[3]
        assert any("Health" in line for line in lines[11:15])
        await drive.resize(100, 12)
        assert "NAME" not in drive.screen()
        await drive.press("back")
        assert "NAME" in drive.screen()
