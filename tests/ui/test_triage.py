"""The inbox: what is said of incidents, what is put off, what is new to its reader."""

from __future__ import annotations

import getpass
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from kurator_tui.config.inbox_file import InboxFile
from kurator_tui.config.paths import state_dir
from kurator_tui.config.settings import Settings
from kurator_tui.errors import UsageError
from kurator_tui.kinds.inbox import Handled
from kurator_tui.kinds.incidents import State
from kurator_tui.kinds.sharing import Told
from kurator_tui.screens.alarm import SETTLED
from kurator_tui.screens.inbox import Inbox
from tests.ui.driver import Driver, console
from tests.ui.estate import NOW
from tests.ui.triage_source import CRASH, IMAGE, PULL, SLOW, inbox, incident, said

ME = "anna"
FIRST = "image cannot be pulled: cart"


@pytest.fixture(autouse=True)
def me(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: ME)


def incidents(drive: Driver) -> list[str]:
    """What the inbox shows, without the words all of them begin with."""
    shown = [row["INCIDENT"].removeprefix("image cannot be pulled: ") for row in drive.table()]
    return [IMAGE if text.startswith("registry.example/sh") else text for text in shown]


def state_file() -> Path:
    return next(state_dir().glob("inbox-*.json"))


# -- the inbox ---------------------------------------------------------------------------------------------


async def test_the_worst_comes_first_and_what_is_over_is_hidden() -> None:
    async with console(inbox(), view="triage") as drive:
        assert incidents(drive) == ["cart", IMAGE, "batch"]


async def test_the_worst_stays_under_the_cursor_while_more_comes_until_the_reader_goes_elsewhere() -> None:
    source = inbox(SLOW)
    async with console(source, view="triage") as drive:
        source.put(CRASH)
        await drive.idle()
        assert drive.selected() == CRASH.name
        await drive.press("j")
        source.put(PULL)
        await drive.idle()
        assert drive.selected() == SLOW.name


async def test_at_80_columns_the_text_can_be_read() -> None:
    async with console(inbox(), view="triage", size=(80, 24)) as drive:
        row = drive.table()[1]
        assert IMAGE[:14] in row["INCIDENT"]
        assert (row["WHERE"], row["OBJECTS"], row["SINCE"]) == ("3 clusters", "41", "3m")
        assert "SEVERITY" not in row


async def test_at_80_columns_what_is_broken_can_be_read_behind_the_longest_title() -> None:
    loops = replace(CRASH, name="container crashes again and again: Deployment/web")
    async with console(inbox(loops, PULL), view="triage", size=(80, 24)) as drive:
        shown = drive.table()[0]["INCIDENT"]
        assert shown.startswith("container crashes")
        assert shown.endswith("…: Deployment/web")


async def test_evidence_gets_its_room_before_why_findings_are_one() -> None:
    said_of_it = "CrashLoopBackOff, restarted 41 times: exit code 137"
    evident = replace(CRASH, message=said_of_it, because="they began within a minute of each other")
    async with console(inbox(evident, PULL), view="triage", size=(200, 50)) as drive:
        assert drive.table()[0]["EVIDENCE"] == said_of_it


async def test_how_often_is_shown_when_an_incident_came_more_than_once() -> None:
    source = inbox(CRASH, PULL)
    async with console(source, view="triage", size=(200, 50)) as drive:
        assert "TIMES" not in drive.table()[0]
        source.put(replace(PULL, times=4))
        await drive.idle()
        assert said(drive, "TIMES") == ["", "4"]


async def test_an_incident_is_acknowledged_and_not_any_more() -> None:
    async with console(inbox(), view="triage", size=(200, 50)) as drive:
        await drive.press("a")
        assert said(drive, "ACKNOWLEDGED") == [ME, "", ""]
        assert said(drive, "MARK")[0] == "ack"
        await drive.press("a")
        assert "ACKNOWLEDGED" not in drive.screen(), "a column that says nothing leaves its room to the text"


async def test_marked_incidents_are_acknowledged_together() -> None:
    async with console(inbox(), view="triage", size=(200, 50)) as drive:
        await drive.press("space", "j", "j", "space", "a")
        assert said(drive, "ACKNOWLEDGED") == [ME, "", ME]


async def test_what_is_put_off_is_hidden_until_its_time() -> None:
    async with console(inbox(), view="triage") as drive:
        await drive.press("s", "enter")
        assert incidents(drive) == [IMAGE, "batch"]
        assert "1 put off" in drive.title()
        await drive.later(899)
        assert incidents(drive) == [IMAGE, "batch"]
        await drive.later(2)
        assert incidents(drive) == ["cart", IMAGE, "batch"]


async def test_what_is_put_off_comes_back_when_it_is_worse() -> None:
    source = inbox()
    async with console(source, view="triage") as drive:
        await drive.press("j", "s", "u", "enter")
        assert incidents(drive) == ["cart", "batch"]
        source.put(incident(IMAGE, clusters=PULL.clusters, workloads=7, objects=90))
        await drive.idle()
        assert incidents(drive) == ["cart", "batch"], "more pods of the same workloads are not worse"
        source.put(incident(IMAGE, clusters=(*PULL.clusters, "ai-cloud"), workloads=8))
        await drive.idle()
        assert incidents(drive) == ["cart", IMAGE, "batch"]


async def test_what_is_put_off_is_not_counted_in_the_status_line() -> None:
    async with console(inbox(), view="triage", size=(200, 50)) as drive:
        assert "✖1 critical ✖1 high ▲1 medium" in drive.status()
        await drive.press("s", "enter")
        await drive.later(1)
        assert "✖1 high ▲1 medium" in drive.status()
        assert "critical" not in drive.status()


async def test_what_is_put_off_can_be_brought_back() -> None:
    async with console(inbox(), view="triage") as drive:
        await drive.press("s", "enter")
        await drive.command("show snoozed")
        assert incidents(drive) == ["cart"]
        await drive.press("s", "enter")
        assert incidents(drive) == []
        assert "nothing is put off" in drive.screen()
        await drive.command("show open")
        assert incidents(drive) == ["cart", IMAGE, "batch"]


async def test_notes_and_names_are_shown_and_can_be_filtered_by() -> None:
    async with console(inbox(), view="triage", size=(200, 50)) as drive:
        await drive.press("N")
        await drive.type("asked the registry team")
        await drive.press("enter")
        assert said(drive, "NOTE")[0].startswith("asked the regist")
        await drive.press("A")
        await drive.press("enter")
        assert said(drive, "ASSIGNED")[0] == ME
        await drive.command("show mine")
        assert incidents(drive) == ["cart"]
        await drive.command("show open")
        await drive.filter("!assigned:anna")
        assert incidents(drive) == [IMAGE, "batch"]


async def test_what_came_since_the_reader_looked_is_marked() -> None:
    source = inbox(PULL)
    async with console(source, view="triage") as drive:
        assert said(drive, "MARK") == [""], "to one who never looked nothing is new"
        await drive.press("screen.clusters")
        source.put(CRASH, incident(IMAGE, clusters=(*PULL.clusters, "ai-cloud"), workloads=8))
        await drive.press("screen.triage")
        assert said(drive, "MARK") == ["new", "worse"]
        await drive.press("enter", "escape")
        assert said(drive, "MARK") == ["new", "worse"], "to look at one is not to leave the inbox"
        await drive.press("x")
        assert said(drive, "MARK") == ["", ""]
        await drive.command("show new")
        assert "nothing is new or worse since you looked" in drive.screen()


async def test_what_is_over_has_to_be_acknowledged_again() -> None:
    source = inbox(CRASH)
    async with console(source, view="triage", size=(200, 50)) as drive:
        await drive.press("a")
        source.put(incident("cart", uid=CRASH.uid, state=str(State.RESOLVED), resolved_at=NOW))
        await drive.later(1)
        source.put(CRASH)
        await drive.idle()
        assert said(drive, "ACKNOWLEDGED") == [""]


async def test_f_goes_through_what_can_be_shown() -> None:
    async with console(inbox(), view="triage") as drive:
        shown = []
        for _ in range(6):
            await drive.press("f")
            shown.append(len(drive.table()))
        assert shown == [0, 0, 0, 4, 1, 3]


async def test_two_consoles_keep_what_each_said() -> None:
    async with console(inbox(), view="triage", size=(200, 50)) as drive:
        await drive.press("a")
        other = Inbox(lambda: NOW, lambda _problem: None, "ben")
        other.use(InboxFile(state_dir(), "https://10.0.0.1:6443", lambda: NOW))
        other.acknowledge([PULL])
        await drive.later(1)
        assert said(drive, "ACKNOWLEDGED") == [ME, "ben", ""]
    assert state_file().stat().st_mode & 0o777 == 0o600


async def test_what_is_said_is_shared_where_the_user_wants_that_and_nowhere_else() -> None:
    source = inbox()
    source.answers[("share", "", "")] = UsageError("This console is read-only.")
    async with console(source, Settings(share_inbox="kurator/inbox"), view="triage", size=(200, 50)) as drive:
        (shared,) = [stream for stream in source.streams if stream.method == "shared"]
        ben = Handled(acknowledged="ben", changed=NOW, by="ben")
        shared.flow(msgspec.json.encode(Told({PULL.uid: ben})))
        await drive.idle()
        assert said(drive, "ACKNOWLEDGED") == ["", "ben", ""]
        await drive.press("a")
        ((_method, arguments),) = [call for call in source.calls if call[0] == "share"]
        assert msgspec.json.decode(arguments["incidents"])[CRASH.uid]["acknowledged"] == ME
        assert any("what you say stays in this console" in text for text in drive.toasts())
    source = inbox()
    async with console(source, view="triage") as drive:
        await drive.press("a")
        await drive.later(1)
        assert "share" not in [method for method, _arguments in source.calls]
        assert "shared" not in [stream.method for stream in source.streams]


async def test_a_broken_file_is_told_and_the_inbox_works() -> None:
    async with console(inbox(), view="triage") as drive:
        await drive.press("a")
    state_file().write_text("{")
    async with console(inbox(), view="triage", size=(200, 50)) as drive:
        assert any("what is said of incidents stays in this console" in text for text in drive.toasts())
        await drive.press("a")
        assert said(drive, "ACKNOWLEDGED")[0] == ME
    assert list(state_dir().glob("*.unreadable"))


async def test_the_terminal_rings_for_new_incidents_only() -> None:
    source = inbox(PULL)
    rung: list[str] = []
    async with console(source, Settings(alarm="high"), view="triage") as drive:
        drive.app.frame.alarm._ring = rung.append
        await drive.later(1)
        await drive.later(SETTLED)
        source.put(replace(SLOW, created=drive.clock.now), replace(CRASH, created=drive.clock.now))
        await drive.later(1)
        assert rung == ["critical: image cannot be pulled: cart"]
        await drive.later(20)
        assert len(rung) == 1
