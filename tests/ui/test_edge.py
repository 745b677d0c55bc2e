"""Screen 3: from a site to its nodes, on to what is on one, and what its rows stand for."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.edge import EDGE_NODES, EDGE_PODS, EDGE_SITES
from kurator_tui.kinds.edge_devices import EDGE_DEVICES
from kurator_tui.kinds.edge_jobs import EDGE_JOBS
from tests.ui.driver import Driver, console
from tests.ui.edge_source import edged


def kind(drive: Driver) -> str:
    return drive.app.frame.current.kind.id


async def test_screen_3_opens_with_sites_and_leads_to_nodes_and_to_what_is_on_one() -> None:
    async with console(edged(), size=(200, 50)) as drive:
        await drive.press("screen.edge")
        assert kind(drive) == EDGE_SITES.id
        found = {row["SITE"]: row for row in drive.table()}
        assert "offline-autonomous" in found["depot-7"]["STATE"]
        assert found["depot-7"]["ONLINE"] == "0/2"
        await drive.filter("depot-7")
        await drive.press("open")
        assert (kind(drive), sorted(row["NODE"] for row in drive.table())) == (
            EDGE_NODES.id,
            ["depot-1", "depot-2"],
        )
        await drive.filter("depot-1")
        await drive.press("open")
        assert drive.dialog() == "Picker"  # pods or devices
        await drive.press("enter")
        assert kind(drive) == EDGE_PODS.id
        assert sorted(row["POD"] for row in drive.table()) == ["telemetry-7p6cd", "video-m2n8q"]


async def test_a_region_of_the_map_leads_to_its_sites_and_they_to_their_nodes() -> None:
    async with console(edged(), size=(200, 50)) as drive:
        await drive.command("edgemap")
        assert [row["REGION / SITE"].strip() for row in drive.table()][4:] == ["baltic", "depot-7", "harbour"]
        await drive.press("move.bottom", "move.up", "move.up", "open")
        assert [row["REGION / SITE"].strip() for row in drive.table()] == ["depot-7", "harbour"]
        await drive.press("open")
        assert kind(drive) == EDGE_NODES.id


async def test_a_job_opens_to_its_own_lines_and_one_of_them_to_the_node() -> None:
    async with console(edged(), size=(200, 50)) as drive:
        await drive.command("edgejobs")
        await drive.press("open")
        assert kind(drive) == EDGE_JOBS.id
        await drive.press("move.down", "open")
        assert (kind(drive), [row["NODE"] for row in drive.table()]) == (EDGE_NODES.id, ["depot-1"])


@pytest.mark.parametrize(
    ("view", "words", "object_kind"),
    [
        ("edgenodes", "harbour-1", "nodes"),
        ("edgepods", "gate", "pods"),
        (EDGE_DEVICES.id, "cooler-a", "devices.devices.kubeedge.io"),
        ("edgesites", "harbour", "nodegroups.apps.kubeedge.io"),
        ("edgejobs", "to-1-21", "nodeupgradejobs.operations.kubeedge.io"),
    ],
)
async def test_a_row_is_read_as_the_object_it_stands_for(view: str, words: str, object_kind: str) -> None:
    async with console(edged(), size=(200, 50)) as drive:
        await drive.command(view)
        await drive.filter(words)
        await drive.press("d")
        (stream,) = drive.source.streams
        assert (stream.arguments["kind"], stream.arguments["cluster"]) == (object_kind, "m1")
