"""Folders that are made are their owner's alone, those above them too; others stay as they are."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from kurator_tui.actions.audit import Audit, Entry
from kurator_tui.actions.journal import Journal, Record
from kurator_tui.config.history_files import Ring
from kurator_tui.config.inbox_file import InboxFile
from kurator_tui.config.rows_file import RowsFile
from kurator_tui.folders import make_own
from kurator_tui.kinds.plans import Commit

AT = "2026-01-01T00:00:00Z"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_missing_above_is_made_for_its_owner_alone_and_what_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home").chmod(0o755)
    made = tmp_path / "home" / ".local" / "state" / "own"
    make_own(made)
    make_own(made)
    assert {mode(each) for each in (made, *made.parents[:2])} == {0o700}
    assert mode(tmp_path / "home") == 0o755


def test_a_file_in_the_way_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        make_own(tmp_path / "file" / "own")
    with pytest.raises(OSError):
        make_own(tmp_path / "file")


@pytest.mark.parametrize(
    "write",
    [
        lambda folder: Ring(folder, "estate", size=1, age=1).begin(b"head"),
        lambda folder: InboxFile(folder, "estate").change(lambda kept: kept),
        lambda folder: RowsFile(folder, "estate").write([b"rows"]),
        lambda folder: Audit(folder).append(Entry(event="note", at=AT, plan="p", verb="scale")),
        lambda folder: Journal(folder).begin(Record("p", "scale", "Scale", AT, (), Commit("p"))),
    ],
    ids=["history", "inbox", "rows", "audit", "plans"],
)
def test_folders_of_state_are_made_for_their_owner_alone(tmp_path: Path, write: Callable[[Path], None]) -> None:
    write(tmp_path / ".local" / "state" / "kurator-tui")
    folders = [each for each in tmp_path.rglob("*") if each.is_dir()]
    assert len(folders) >= 3
    assert {mode(each) for each in folders} == {0o700}
