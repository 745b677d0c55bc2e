"""Pictures of the inbox of incidents and of the evidence of one, 80×24 and 200×50."""

from __future__ import annotations

from textual.app import App
from textual.pilot import Pilot

from kurator_tui.app import KuratorApp
from kurator_tui.config.settings import Settings
from kurator_tui.screens.evidence import EvidenceScreen
from kurator_tui.screens.inbox import Inbox
from tests.snapshots.test_snapshots import SIZES, Compare
from tests.ui.estate import NOW
from tests.ui.triage_source import CRASH, PULL, SLOW, TriageSource, explained, inbox


def app(source: TriageSource) -> KuratorApp:
    """The console on the inbox; what is said there is Anna's."""
    found = KuratorApp(source, Settings(), clock=lambda: NOW, view="triage")
    found.frame.__dict__["inbox"] = Inbox(lambda: NOW, lambda _problem: None, "anna")
    return found


def handled() -> App[int]:
    """One incident is Anna's, one is put off, one is new since she looked."""
    found = app(inbox())
    said = found.frame.inbox
    said.looked([CRASH, SLOW])
    said.acknowledge([CRASH])
    said.assign([CRASH], "anna")
    said.note([CRASH], "rolled back in staging, waits for approval")
    said.snooze([SLOW], 3600)
    return found


async def evidence(pilot: Pilot[int]) -> None:
    """The second incident's, when everything is known."""
    await pilot.press("j", "enter")
    screen = pilot.app.screen
    assert isinstance(screen, EvidenceScreen)
    while not screen.complete:
        await pilot.pause()
        screen._draw()
    screen._draw()
    await pilot.pause()


@SIZES
def test_the_inbox(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(inbox()), terminal_size=size)


@SIZES
def test_the_inbox_with_what_was_said(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(handled(), terminal_size=size)


@SIZES
def test_the_evidence_of_an_incident(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app(explained()), terminal_size=size, run_before=evidence)


@SIZES
def test_nothing_is_wrong(snap_compare: Compare, size: tuple[int, int]) -> None:
    source = inbox(PULL)
    source.drop(PULL)
    assert snap_compare(app(source), terminal_size=size)
