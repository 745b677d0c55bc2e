"""The audit, and undo."""

from __future__ import annotations

import json

from tests.ui.driver import console
from tests.ui.plan_source import DEPLOYMENTS, ENTRIES, became, carts, committed, scaled


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
    async with console(source, view=DEPLOYMENTS) as drive:
        await drive.press("U")
        assert drive.toasts() == ["nothing was changed yet that could be taken back"]
        await scaled(drive)
        await drive.press("y")
        await committed(drive, source, became(0, "done"))
        await drive.press("escape", "U")
        assert drive.dialog() == "PlanScreen"
        assert json.loads(source.planned[-1]["arguments"]) == {"plan": "20251121-120000-aaaa"}
