"""The file of what was said of incidents: for its owner only, whole, shared, bounded, and never fatal."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from kurator_tui.config import inbox_file
from kurator_tui.config.inbox_file import KEEP, Busy, InboxFile, Kept
from kurator_tui.config.reading import FileProblem
from kurator_tui.kinds.inbox import Handled

NOW = 1_000_000_000.0


def file(folder: Path, estate: str = "https://10.0.0.1:6443", now: float = NOW) -> InboxFile:
    return InboxFile(folder / "state", estate, lambda: now)


def say(uid: str, note: str, at: float = NOW) -> Callable[[Kept], Kept]:
    """A change: a note on one incident."""
    return lambda kept: replace(kept, incidents={**kept.incidents, uid: Handled(note=note, changed=at)})


def test_where_there_is_no_file_nothing_was_said(tmp_path: Path) -> None:
    assert file(tmp_path).read() == Kept()


def test_what_was_said_is_read_again(tmp_path: Path) -> None:
    file(tmp_path).change(say("image/web", "asked"))
    assert file(tmp_path).read().incidents["image/web"].note == "asked"


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    one = file(tmp_path)
    one.change(say("a", "x"))
    assert one.path.stat().st_mode & 0o777 == 0o600
    assert one.path.parent.stat().st_mode & 0o777 == 0o700
    assert not list(one.path.parent.glob("*.tmp"))


def test_two_consoles_keep_what_each_of_them_said(tmp_path: Path) -> None:
    one, other = file(tmp_path), file(tmp_path)
    one.read()
    other.read()
    one.change(say("a", "from one"))
    assert other.changed()
    kept = other.change(say("b", "from the other"))
    assert {uid: each.note for uid, each in kept.incidents.items()} == {"a": "from one", "b": "from the other"}
    assert not other.changed()


def test_estates_do_not_share_what_was_said(tmp_path: Path) -> None:
    file(tmp_path).change(say("a", "x"))
    assert file(tmp_path, "https://other:6443").read() == Kept()


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"incidents": 7}', b"\xff\xfe", b'{"version": 99}'])
def test_a_file_that_cannot_be_used_is_told_and_put_aside(tmp_path: Path, content: bytes) -> None:
    one = file(tmp_path)
    one.path.parent.mkdir()
    one.path.write_bytes(content)
    with pytest.raises(FileProblem, match=r"inbox-.*\.json"):
        one.read()
    one.change(say("a", "x"))
    assert one.read().incidents["a"].note == "x"
    assert one.path.with_suffix(".unreadable").read_bytes() == content


def test_a_file_that_cannot_be_read_now_stays_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = file(tmp_path)
    one.change(say("a", "x"))
    opened = os.open

    def full(path: str | Path, flags: int, *mode: int) -> int:
        if path == one.path:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return opened(path, flags, *mode)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", full)
        with pytest.raises(FileProblem, match="Too many open files"):
            one.change(say("b", "y"))
    assert one.change(say("b", "y")).incidents.keys() == {"a", "b"}
    assert not one.path.with_suffix(".unreadable").exists()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    one = file(tmp_path)
    one.path.parent.mkdir()
    target = tmp_path / "other"
    target.write_text("{}")
    one.path.symlink_to(target)
    with pytest.raises(FileProblem):
        one.read()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file is in its place")
    with pytest.raises(FileProblem):
        file(tmp_path).change(say("a", "x"))


def test_a_lock_that_somebody_holds_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: pytest.fail("it waits"))
    one = file(tmp_path)
    one.change(say("a", "x"))
    with one.path.with_suffix(".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Busy):
            one.change(say("b", "y"))
    assert "b" not in one.read().incidents


def test_what_nobody_touched_for_long_and_what_says_nothing_goes(tmp_path: Path) -> None:
    one = file(tmp_path)
    one.change(say("old", "x", NOW - KEEP - 1))
    one.change(say("empty", ""))
    assert one.change(say("new", "y")).incidents.keys() == {"new"}


def test_it_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_file, "MOST", 2)
    one = file(tmp_path)
    for number in range(4):
        kept = one.change(say(f"i{number}", "x", NOW + number))
    assert list(kept.incidents) == ["i2", "i3"]
    monkeypatch.setattr(inbox_file, "LARGEST", 10)
    with pytest.raises(FileProblem, match="larger than"):
        one.read()


def test_another_users_file_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = file(tmp_path)
    one.change(say("a", "x"))
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with pytest.raises(FileProblem, match="is not this user's"):
        one.read()
