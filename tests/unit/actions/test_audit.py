"""The audit: a chain that shows every edit, on the disk before a write, or nothing is written at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Literal

import pytest

from kurator_tui.actions.audit import GENESIS, Audit, Entry, verify
from kurator_tui.errors import AuditFailed


def entry(step: int = 0, event: Literal["intent", "outcome"] = "intent", message: str = "") -> Entry:
    return Entry(event=event, at="2026-01-01T00:00:00Z", plan="p", verb="scale", step=step, message=message)


def written(folder: Path, count: int = 4) -> Audit:
    audit = Audit(folder)
    for number in range(count):
        audit.append(entry(number // 2, "intent" if number % 2 == 0 else "outcome"))
    return audit


def test_a_chain_that_nobody_touched_is_whole(tmp_path: Path) -> None:
    audit = written(tmp_path)
    found = verify(audit.path)
    assert (found.lines, found.broken, found.open_intents) == (4, 0, ())
    assert next(iter(audit.entries())).prev == GENESIS
    assert stat.S_IMODE(audit.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("line", [0, 1, 2])
def test_an_edited_line_is_found(tmp_path: Path, line: int) -> None:
    audit = written(tmp_path)
    lines = audit.path.read_bytes().splitlines(keepends=True)
    lines[line] = lines[line].replace(b"scale", b"label")
    audit.path.write_bytes(b"".join(lines))
    assert verify(audit.path).broken == line + 2


@pytest.mark.parametrize("line", [0, 1, 2])
def test_a_removed_line_is_found(tmp_path: Path, line: int) -> None:
    audit = written(tmp_path)
    lines = audit.path.read_bytes().splitlines(keepends=True)
    del lines[line]
    audit.path.write_bytes(b"".join(lines))
    assert verify(audit.path).broken == line + 1


def test_an_intent_without_an_outcome_is_told(tmp_path: Path) -> None:
    assert verify(written(tmp_path, 3).path).open_intents == ("p/1",)


def test_a_half_line_that_a_crash_left_breaks_no_chain_but_is_told(tmp_path: Path) -> None:
    audit = written(tmp_path)
    with audit.path.open("ab") as file:
        file.write(b'{"event":"intent","at":"20')
    audit.append(entry(2))
    found = verify(audit.path)
    assert (found.broken, found.torn, found.lines) == (0, (5,), 6)
    assert len(list(audit.entries())) == 5
    text = audit.path.read_bytes()
    audit.path.write_bytes(text.replace(b'"at":"20\n', b'"at":"21\n'))
    assert verify(audit.path).broken == 6


def test_a_full_disk_is_refused_and_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    audit = written(tmp_path)
    before = audit.path.read_bytes()
    real = os.write

    def nothing_left(fd: int, data: bytes) -> int:
        if data.startswith(b'{"event":"'):
            return real(fd, data[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", nothing_left)
    with pytest.raises(AuditFailed, match="No space left"):
        audit.append(entry(9))
    assert audit.path.read_bytes() == before
    monkeypatch.setattr(os, "write", real)
    audit.append(entry(9))
    assert verify(audit.path).broken == 0


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AuditFailed):
        Audit(tmp_path / "file" / "below").append(entry())


def test_lines_longer_than_what_is_read_at_once_are_chained(tmp_path: Path) -> None:
    audit = Audit(tmp_path)
    for number in range(3):
        audit.append(entry(number, message="x" * 200_000))
    assert verify(audit.path).broken == 0


def test_the_entries_of_one_plan(tmp_path: Path) -> None:
    audit = written(tmp_path)
    audit.append(Entry(event="note", at="", plan="other", verb="p"))
    assert len(list(audit.entries("p"))) == 4
    assert list(Audit(tmp_path / "none").entries()) == []
