"""`silences.yaml` is followed while the console runs; what is silenced is counted and can be listed."""

from __future__ import annotations

import msgspec

from kurator_tui.config.silences import silences_file
from kurator_tui.kinds.findings import FindingRow
from kurator_tui.kinds.silences import Silence, Silences
from tests.ui.driver import Driver, console
from tests.ui.estate import NOW
from tests.ui.triage_source import inbox


def write(text: str) -> None:
    silences_file().parent.mkdir(parents=True, exist_ok=True)
    silences_file().write_text(text)


def told(drive: Driver) -> Silences:
    """What the feeders were told last."""
    return msgspec.json.decode(drive.source.silenced[-1], type=Silences)


def finding(name: str, silenced: str = "") -> FindingRow:
    return FindingRow(
        "edge-east", "shop", name, f"u-{name}", NOW, code="KT1001", title="crashes", kind="pods", silenced=silenced
    )


async def test_a_change_of_the_file_is_told_and_one_that_is_broken_silences_nothing() -> None:
    async with console(inbox(), view="triage") as drive:
        await drive.later(1)
        assert drive.source.silenced == []
        write("- {codes: [KT10*], reason: known}")
        await drive.later(1)
        assert told(drive) == (Silence(("KT10*",), reason="known"),)
        write("- codes: [KT1001]\n- cods: [KT1002]")
        await drive.later(1)
        assert any("line 2: cods: expected codes" in text for text in drive.toasts())
        assert any("nothing is silenced" in text for text in drive.toasts())
        assert told(drive) == ()
        silences_file().unlink()
        await drive.later(1)
        assert told(drive) == ()


async def test_silenced_findings_are_counted_and_listed_with_their_reason() -> None:
    source = inbox()
    source.put(finding("a", "load test"), finding("b"), finding("c", "known"))
    async with console(source, view="triage", size=(200, 40)) as drive:
        assert "2 silenced: :findings !silenced:" in drive.title()
        source.put(finding("a"))
        await drive.idle()
        assert "1 silenced" in drive.title()
        await drive.command("findings !silenced:")
        assert [(row["OBJECT"], row["SILENCED"]) for row in drive.table()] == [("c", "known")]
        source.put(finding("c"))
        await drive.command("triage")
        assert "silenced" not in drive.title()
