"""The evidence of an incident: its card, and what is done from it."""

from __future__ import annotations

import getpass

import pytest
from msgspec.structs import replace

from kurator_tui.config.settings import Settings
from kurator_tui.errors import FeederLost
from kurator_tui.screens.evidence import EvidenceScreen
from kurator_tui.screens.evidence_feed import AGAIN
from tests.ui.driver import Driver, console
from tests.ui.estate import NOW
from tests.ui.triage_source import IMAGE, OVER, PULL, explained, findings, inbox, refuses, said


async def opened(drive: Driver) -> str:
    """The card of the image that cannot be pulled, as text."""
    await drive.press("j", "enter")
    return card(drive)


def card(drive: Driver) -> str:
    screen = drive.app.screen
    assert isinstance(screen, EvidenceScreen)
    screen._draw()
    return "\n".join(line.text for line in screen.text.lines)


async def test_the_evidence_tells_all_that_is_known() -> None:
    async with console(explained(), view="triage", size=(120, 40)) as drive:
        text = await opened(drive)
        for part in (
            f"✖ image cannot be pulled: {IMAGE}",
            "high · KT1002 · new · began 3m ago · 3 clusters, 41 objects, 7 workloads",
            "  The registry refuses the image.\n  The same image in several clusters means the tag.",
            "Failed to pull image",
            "kustomize-controller wrote spec.template.spec.containers[web].image",
            "New revision detected",
            "deployments/web: scale by anna, done",
            "DeploymentShort firing: web has no replica",
            "✖ 04:37:04 KeyError: 'DATABASE_URL'",
            "0B to 59Mi",
            "ReplicaSet/web-5d7f > Deployment/web",
            "shop/shop",
            "main@sha1:7f3c2ab",
            "https://git.example/shop.git",
            "prod-cloud (3), edge-east (2), on-prem (1)",
            "edge-east/shop/web",
            "one image: image",
            "1 finding: about the same workload",
        ):
            assert part in text
        assert "Other firing" not in text
        screen = drive.app.screen
        assert isinstance(screen, EvidenceScreen)
        assert screen.complete


async def test_a_code_is_explained_the_rows_own_or_one_that_is_named() -> None:
    source = explained()
    async with console(source, view="triage", size=(120, 40)) as drive:
        await drive.command("explain")
        assert drive.dialog() == "MessageDialog"
        assert "KT1001: image cannot be pulled" in drive.screen()
        assert "The registry refuses the image." in drive.screen()
        await drive.press("enter")
        await drive.command("explain kt1002")
        assert source.calls[-1] == ("explain", {"code": "KT1002"})
        await drive.press("enter")
        source.answers[("explain", "", "")] = "null"
        await drive.command("explain KT9999")
        assert drive.dialog() == ""
        assert any("KT9999: no analyser here has this code" in text for text in drive.toasts())
        await drive.command("clusters")
        await drive.command("explain")
        assert any(":explain KT1001" in text for text in drive.toasts())


@pytest.mark.parametrize("over", ["", "d", "M"], ids=["evidence", "description", "charts"])
async def test_a_command_typed_at_once_over_the_evidence_is_no_keys_of_the_inbox(over: str) -> None:
    async with console(explained(), view="triage", size=(120, 40)) as drive:
        await opened(drive)
        if over:
            await drive.press(over)
        await drive.burst(":show all\r")
        assert drive.app.screen is drive.app.frame
        assert "Triage" in drive.title()
        assert "all" in drive.title()
        assert "ACKNOWLEDGED" not in drive.screen(), "a acknowledges, l and s are keys, too"
        await drive.press("enter")
        await drive.burst(":sho\x1b")
        assert isinstance(drive.app.screen, EvidenceScreen)


async def test_what_cannot_be_read_is_said_part_by_part() -> None:
    source = explained()
    refuses(source, FeederLost("the feeder is gone"), "you may not read this")
    async with console(source, view="triage", size=(120, 60)) as drive:
        text = await opened(drive)
        assert text.count("not known: the feeder is gone") >= 4
        assert "What it means\n  not known: the feeder is gone" in text
        assert "not known: Refused: you may not read this" in text
        assert "being asked for" not in text
        assert "no panel is about what this is about" in text


async def test_steps_open_the_usual_views_and_plans() -> None:
    source = explained()
    async with console(source, view="triage", size=(120, 40)) as drive:
        await opened(drive)
        await drive.press("tab", "enter")
        assert drive.dialog() == "ReadingScreen"
        await drive.press("q")
        assert drive.dialog() == "EvidenceScreen"
        source.answers[("may", "edge-east", "")] = "you may not patch pods"
        await drive.press("tab", "enter")
        assert any("you may not patch pods" in text for text in drive.toasts())


async def test_on_a_read_only_console_steps_that_change_say_so() -> None:
    async with console(explained(), Settings(read_only=True), view="triage") as drive:
        assert "this console is read-only" in await opened(drive)


async def test_from_the_evidence_an_incident_is_acknowledged_and_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "anna")
    async with console(explained(), view="triage", size=(200, 50)) as drive:
        await opened(drive)
        await drive.press("a", "N")
        await drive.type("registry")
        await drive.press("enter")
        text = card(drive)
        assert "acknowledged: by anna" in text
        assert "note: registry" in text
        await drive.press("escape")
        assert said(drive, "ACKNOWLEDGED")[1] == "anna"


async def test_while_the_evidence_is_open_its_findings_follow_the_incident() -> None:
    source = explained()
    async with console(source, view="triage", size=(120, 60)) as drive:
        assert "prod-cloud (3)" in await opened(drive)
        source.answers[("incident", "", "")] = findings("on-prem")
        source.put(replace(PULL, changed=NOW + 5))
        drive.clock.now += AGAIN
        card(drive)
        await drive.idle()
        assert "on-prem (2)" in card(drive)
        assert "prod-cloud (3)" not in card(drive)


async def test_closing_the_evidence_closes_what_it_read() -> None:
    source = explained()
    async with console(source, view="triage") as drive:
        await opened(drive)
        await drive.press("escape")
        assert drive.dialog() == ""
        assert [stream for stream in source.streams if stream.method == "object" and not stream.closed] == []
        assert "rollouts" not in source.subscribed


async def test_hostile_text_of_a_cluster_stays_text() -> None:
    source = explained()
    source.log = ("\x1b]0;owned\x07 ERROR \x1b[31mred",)
    async with console(source, view="triage", size=(160, 60)) as drive:
        await opened(drive)
        assert "␛]0;owned" in drive.screen() or "\x1b" not in drive.screen()


async def test_an_incident_that_is_over_says_so_in_its_evidence() -> None:
    async with console(inbox(OVER), view="triage") as drive:
        await drive.command("show over")
        await drive.press("enter")
        assert "over since 60s ago" in card(drive)


async def test_logs_of_the_object_open_from_the_inbox() -> None:
    async with console(explained(), view="triage") as drive:
        await drive.press("l")
        assert drive.dialog() == "LogsScreen"
