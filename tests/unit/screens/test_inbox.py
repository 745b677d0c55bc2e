"""What a console knows of what was said: changed in the file, told once when that cannot be."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from kurator_tui.config.inbox_file import InboxFile
from kurator_tui.link.messages import HostDescribed
from kurator_tui.screens.inbox import Inbox
from kurator_tui.screens.inbox_ways import estate_of
from tests.ui.triage_source import CRASH, OVER, PULL

NOW = 1_000_000.0


class Consoles:
    """Some consoles of one user on one file."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, NOW
        self.problems: list[str] = []

    def open(self, who: str) -> Inbox:
        inbox = Inbox(lambda: self.now, self.problems.append, who)
        inbox.use(InboxFile(self.folder, "https://10.0.0.1:6443", lambda: self.now))
        return inbox


def test_what_one_console_says_another_one_knows(tmp_path: Path) -> None:
    consoles = Consoles(tmp_path)
    one, other = consoles.open("anna"), consoles.open("ben")
    told: list[str] = []
    other.listen(lambda: told.append("changed"))
    one.note([PULL], "asked")
    other.assign([CRASH], "ben")
    one.refresh()
    assert (one.of(CRASH.uid).assigned, other.of(PULL.uid).note) == ("ben", "asked")
    assert told
    assert one.people == ["anna", "ben"]


def test_what_nobody_changed_is_not_read_again(tmp_path: Path) -> None:
    inbox = Consoles(tmp_path).open("anna")
    inbox.note([PULL], "x")
    told: list[str] = []
    stop = inbox.listen(lambda: told.append("changed"))
    inbox.refresh()
    assert told == []
    stop()


def test_a_folder_that_cannot_be_written_is_told_once_and_nothing_is_lost(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    consoles = Consoles(tmp_path / "state")
    inbox = consoles.open("anna")
    inbox.note([PULL], "one")
    inbox.note([CRASH], "two")
    assert (inbox.of(PULL.uid).note, inbox.of(CRASH.uid).note) == ("one", "two")
    assert len(consoles.problems) == 1


@pytest.mark.parametrize("end", [False, True], ids=["a second later", "as the console ends"])
def test_what_is_said_while_another_console_writes_is_known_at_once_and_written_later(
    tmp_path: Path, end: bool
) -> None:
    consoles = Consoles(tmp_path)
    one, other = consoles.open("anna"), consoles.open("ben")
    other.note([PULL], "of ben")
    with next(tmp_path.glob("*.lock")).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        one.note([CRASH], "first")
        one.assign([CRASH], "anna")
        one.refresh()
        assert (one.of(CRASH.uid).note, one.of(CRASH.uid).assigned) == ("first", "anna")
        other.refresh()
        assert other.of(CRASH.uid).note == ""
    if end:
        one.close()
    else:
        one.refresh()
    other.refresh()
    assert (other.of(CRASH.uid).note, other.of(CRASH.uid).assigned) == ("first", "anna")
    assert one.of(PULL.uid).note == other.of(PULL.uid).note == "of ben"
    assert consoles.problems == []


def test_acknowledging_some_that_are_not_all_acknowledged_acknowledges_all(tmp_path: Path) -> None:
    inbox = Consoles(tmp_path).open("anna")
    assert inbox.acknowledge([PULL])
    assert inbox.acknowledge([PULL, CRASH])
    assert not inbox.acknowledge([PULL, CRASH])
    assert (inbox.of(PULL.uid).acknowledged, inbox.of(CRASH.uid).acknowledged) == ("", "")


def test_what_is_over_is_dealt_with_but_stays_put_off(tmp_path: Path) -> None:
    inbox = Consoles(tmp_path).open("anna")
    inbox.acknowledge([OVER])
    inbox.snooze([OVER], 60)
    inbox.settle([OVER])
    assert inbox.of(OVER.uid).acknowledged == ""
    assert inbox.snoozed(OVER)


def test_to_look_is_to_know_what_is_there(tmp_path: Path) -> None:
    inbox = Consoles(tmp_path).open("anna")
    assert inbox.seen is None
    inbox.looked([PULL, OVER])
    assert inbox.seen is not None
    assert set(inbox.seen) == {PULL.uid}
    assert inbox.row(CRASH).mark == "new"


@pytest.mark.parametrize(
    ("context", "server", "estate"),
    [
        ("mgmt", "https://10.0.0.1:6443", "https://10.0.0.1:6443"),
        ("kind-a", "https://127.0.0.1:40123", "kind-a"),
        ("kind-a", "https://localhost:1", "kind-a"),
        ("demo", "https://127.0.0.1:40123", ""),
        ("demo", "https://demo.example", "https://demo.example"),
    ],
)
def test_estates_are_told_apart(context: str, server: str, estate: str) -> None:
    assert estate_of(HostDescribed(context, server, kurator=True)) == estate
