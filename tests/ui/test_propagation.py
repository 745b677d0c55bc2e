"""Karmada's sections of Delivery: from a propagation to its own hops and back, and on from a hop."""

from __future__ import annotations

from tests.ui.driver import console
from tests.ui.karmada_source import propagated


async def test_enter_opens_the_hops_of_one_propagation_as_a_tree_and_escape_comes_back() -> None:
    async with console(propagated(), size=(200, 50)) as drive:
        await drive.command("propagations")
        assert "[Propagation]" in drive.screen()
        await drive.filter("name:web")
        await drive.press("enter")
        assert [row["NAME"].strip() for row in drive.table()] == [
            *("Deployment/web", "pp/web", "cpp/everything", "rb/web-deployment"),
            *("m1", "wk/web-7f6", "seen by Karmada", "itself on m1"),
            *("m2", "op/mirror", "wk/web-7f6"),
            *("seen by Karmada", "itself on m2"),
        ]
        await drive.press("escape")
        assert drive.names() == ["web"]
