"""The audit: a chain that shows every edit, on the disk before a write, or nothing is written at all."""

from __future__ import annotations

import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import pytest

from kurator_tui.actions.audit import GENESIS, Audit, Entry
from kurator_tui.actions.audit_chain import verify
from kurator_tui.actions.audit_files import full
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


@pytest.mark.parametrize("line", [0, 1, 2, 3])
def test_an_edited_line_is_found(tmp_path: Path, line: int) -> None:
    audit = written(tmp_path)
    lines = audit.path.read_bytes().splitlines(keepends=True)
    lines[line] = lines[line].replace(b"scale", b"label")
    audit.path.write_bytes(b"".join(lines))
    assert verify(audit.path).broken == min(line + 2, 4)


@pytest.mark.parametrize("line", [0, 1, 2])
def test_a_removed_line_is_found(tmp_path: Path, line: int) -> None:
    audit = written(tmp_path)
    lines = audit.path.read_bytes().splitlines(keepends=True)
    del lines[line]
    audit.path.write_bytes(b"".join(lines))
    assert verify(audit.path).broken == line + 1


@pytest.mark.parametrize("line", [0, 1, 2])
def test_lines_in_another_order_are_found(tmp_path: Path, line: int) -> None:
    audit = written(tmp_path)
    lines = audit.path.read_bytes().splitlines(keepends=True)
    lines[line : line + 2] = reversed(lines[line : line + 2])
    audit.path.write_bytes(b"".join(lines))
    assert verify(audit.path).broken == line + 1


def test_an_inserted_line_is_found(tmp_path: Path) -> None:
    audit = written(tmp_path)
    lines = audit.path.read_bytes().splitlines(keepends=True)
    audit.path.write_bytes(b"".join([*lines[:2], lines[1], *lines[2:]]))
    assert verify(audit.path).broken == 3


@pytest.mark.parametrize("left", [0, 1, 3])
def test_a_cut_end_is_found_also_when_the_audit_went_on(tmp_path: Path, left: int) -> None:
    audit = written(tmp_path)
    lines = audit.path.read_bytes().splitlines(keepends=True)
    audit.path.write_bytes(b"".join(lines[:left]))
    assert "cut off" in verify(audit.path).why
    audit.append(entry(9))
    audit.append(entry(9, "outcome"))
    found = verify(audit.path)
    assert (found.broken, "cut off" in found.why) == (left + 1, True)


def test_a_file_that_is_gone_is_found(tmp_path: Path) -> None:
    audit = written(tmp_path)
    audit.path.unlink()
    assert "cut off" in verify(audit.path).why


def test_a_last_hash_that_a_crash_left_behind_is_no_cut(tmp_path: Path) -> None:
    audit = written(tmp_path, 3)
    head = audit.path.with_suffix(".head")
    before = head.read_bytes()
    audit.append(entry(1, "outcome"))
    head.write_bytes(before)
    assert verify(audit.path).broken == 0
    audit.append(entry(2))
    assert verify(audit.path).broken == 0


def rotated(folder: Path) -> Audit:
    """Three files of two lines each."""
    audit = Audit(folder, part=300)
    for number in range(6):
        audit.append(entry(number // 2, "intent" if number % 2 == 0 else "outcome"))
    assert [path.name for path in full(audit.path)] == ["audit.0001.jsonl", "audit.0002.jsonl"]
    return audit


def test_a_chain_goes_on_in_the_next_file(tmp_path: Path) -> None:
    audit = rotated(tmp_path)
    found = verify(audit.path)
    assert (found.lines, found.broken, found.since, found.open_intents) == (6, 0, "", ())
    assert [each.step for each in audit.entries("p")] == [0, 0, 1, 1, 2, 2]
    assert [each.step for each in audit.latest(3)] == [1, 2, 2]
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize("file", ["audit.0001.jsonl", "audit.0002.jsonl", "audit.jsonl"])
def test_an_edit_is_found_in_any_file(tmp_path: Path, file: str) -> None:
    audit = rotated(tmp_path)
    path = tmp_path / file
    path.write_bytes(path.read_bytes().replace(b"scale", b"label", 1))
    assert verify(audit.path).broken == 2
    assert verify(audit.path).file == file


def test_a_file_that_is_missing_in_the_middle_is_found_and_one_at_the_beginning_told(tmp_path: Path) -> None:
    audit = rotated(tmp_path)
    (tmp_path / "audit.0001.jsonl").unlink()
    found = verify(audit.path)
    assert (found.broken, found.since) == (0, "audit.0002.jsonl")
    (tmp_path / "audit.0002.jsonl").rename(tmp_path / "audit.0001.jsonl")
    assert verify(audit.path).broken == 1


def test_a_half_line_at_the_end_of_a_full_file_breaks_no_chain(tmp_path: Path) -> None:
    audit = written(tmp_path)
    with audit.path.open("ab") as file:
        file.write(b'{"event":"intent","at":"20')
    after = Audit(tmp_path, part=300)
    after.append(entry(2))
    found = verify(after.path)
    assert (found.broken, found.torn, found.lines) == (0, (5,), 6)


def test_processes_that_write_at_once_keep_one_chain(tmp_path: Path) -> None:
    audits = [Audit(tmp_path, part=2000) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for number in range(60):
            pool.submit(audits[number % 4].append, entry(number))
    found = verify(audits[0].path)
    assert (found.lines, found.broken) == (60, 0)
    assert len(full(audits[0].path)) > 1


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
