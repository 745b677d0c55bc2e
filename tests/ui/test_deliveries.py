"""Screen 8: from a delivery to its chain and on to the objects, and what its rows stand for."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.deliveries import DELIVERIES, DELIVERY_STEPS
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.kurator_apps import APPLICATION
from tests.ui.delivery_source import delivering
from tests.ui.driver import console


async def test_screen_8_opens_with_deliveries_and_what_keeps_each_back() -> None:
    async with console(delivering(), size=(200, 50)) as drive:
        await drive.press("screen.delivery")
        assert drive.app.frame.current.kind.id == DELIVERIES.id
        found = {(row["APPLICATION"], row["CLUSTER"]): row for row in drive.table()}
        assert "upgrade" in found["erp", "on-prem"]["WHY"]
        assert "dependency" in found["search", "ai-cloud"]["WHY"]
        assert "suspended" in found["search", "prod-cloud"]["SYNC"]
        assert "13/14" in found["webapp", "prod-cloud"]["OBJECTS"]


async def test_enter_leads_from_a_delivery_to_the_chain_of_its_application_over_all_members() -> None:
    async with console(delivering(), size=(200, 50)) as drive:
        await drive.command("deliveries")
        await drive.filter("webapp cluster:prod-cloud")
        await drive.press("open")
        assert drive.app.frame.current.kind.id == DELIVERY_STEPS.id
        steps = [row["STEP"].strip() for row in drive.table()]
        assert steps[:3] == ["Application webapp", "GitRepository webapp", "on-prem: Kustomization"]
        assert len(steps) == 12
        assert "Application erp" not in steps


async def test_enter_on_a_line_of_the_chain_opens_its_object() -> None:
    async with console(delivering(), size=(200, 50)) as drive:
        await drive.command("deliverysteps")
        await drive.filter("Deployment")
        await drive.press("open")
        assert drive.app.frame.current.kind.id == DEPLOYMENT.id


@pytest.mark.parametrize(
    ("view", "words", "kind", "cluster"),
    [
        ("deliveries", "webapp", APPLICATION.id, HOST),
        ("deliverysteps", "Deployment", DEPLOYMENT.id, "on-prem"),
    ],
)
async def test_a_row_is_read_as_the_object_it_stands_for(view: str, words: str, kind: str, cluster: str) -> None:
    async with console(delivering(), size=(200, 50)) as drive:
        await drive.command(view)
        await drive.filter(words)
        await drive.press("d")
        (stream,) = drive.source.streams
        assert stream.method == "object"
        assert (stream.arguments["kind"], stream.arguments["cluster"]) == (kind, cluster)
