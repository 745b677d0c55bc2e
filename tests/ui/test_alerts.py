"""Alerts of all clusters in a table: worst first, what they are about, whose cluster is not known."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.alerts import ALERTS, AlertRow
from kurator_tui.store.freshness import Freshness, State
from tests.ui.driver import Driver, console
from tests.ui.estate import NOW, clusters, workloads
from tests.ui.source import FakeSource

ROWS = (
    AlertRow(
        "prod-cloud", "shop", "SlowRequests", "a1", NOW - 600, severity="warning", target="web", value=0.75012
    ),
    AlertRow("on-prem", "pay", "DiskFull", "a2", NOW - 60, severity="critical", target="db-0", value=12.0),
    AlertRow("ai-cloud", "", "Watchdog", "a3", NOW - 9000, severity="none", summary="always on"),
    AlertRow("prod-cloud", "shop", "Restarts", "a4", NOW - 30, state="pending", severity="critical", target="web"),
    AlertRow("host", "", "TargetDown", "a5", NOW - 300, severity="warning", stranger="cluster=eu-9 is no member"),
)


def alerting() -> FakeSource:
    source = workloads()
    for row in ROWS:
        source.store.put(ALERTS.id, row.cluster, {row.uid: row})
        source.store.set_freshness(row.cluster, ALERTS.id, Freshness(State.LIVE, NOW))
    return source


def cells(drive: Driver, title: str) -> dict[str, str]:
    return {row["ALERT"]: row.get(title, "") for row in drive.table()}


@pytest.mark.parametrize("size", [(160, 24), (80, 24)])
async def test_the_worst_come_first_with_what_they_are_about(size: tuple[int, int]) -> None:
    async with console(alerting(), size=size) as drive:
        await drive.command("alerts")
        names = [row["ALERT"] for row in drive.table()]
        assert names[0] == "DiskFull"
        assert set(names[1:3]) == {"SlowRequests", "TargetDown"}
        assert cells(drive, "ABOUT")["DiskFull"] == "db-0"
        assert cells(drive, "CLUSTER")["DiskFull"] == "on-prem"
        glyphs = {line[1]: line for line in drive.screen().splitlines() if any(row.name in line for row in ROWS)}
        assert "DiskFull" in glyphs["✖"]


async def test_an_alert_whose_cluster_is_no_member_says_so() -> None:
    async with console(alerting(), size=(160, 24)) as drive:
        await drive.command("alerts")
        assert "cluster=eu-9 is no member" in cells(drive, "REASON")["TargetDown"]
        assert cells(drive, "VALUE")["SlowRequests"] == "0.7501"
        assert cells(drive, "VALUE")["DiskFull"] == "12"


async def test_they_are_filtered_by_their_columns_and_by_what_is_firing() -> None:
    async with console(alerting(), size=(160, 24)) as drive:
        await drive.command("alerts state:firing severity:critical")
        assert [row["ALERT"] for row in drive.table()] == ["DiskFull"]


async def test_the_details_have_the_whole_reason_and_the_query() -> None:
    async with console(alerting(), size=(160, 40)) as drive:
        await drive.command("alerts name:DiskFull")
        await drive.press("enter")
        assert "db-0" in drive.detail()
        assert "critical" in drive.detail()


async def test_where_thanos_fails_the_table_says_why() -> None:
    source = workloads()
    for cluster in clusters():
        source.store.set_freshness(
            cluster.name, ALERTS.id, Freshness(State.UNREACHABLE, NOW, "The host has no Thanos.")
        )
    async with console(source, size=(160, 24)) as drive:
        await drive.command("alerts")
        assert "nothing is known of alerts: The host has no Thanos." in drive.screen()
