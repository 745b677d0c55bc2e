"""The file of the last known rows is private, replaced whole, and not trusted when it may be another's."""

from __future__ import annotations

import os
import socket
import stat
import time
from pathlib import Path

import pytest

from kurator_tui.config.rows_file import ABANDONED, KEEP, RowsFile
from kurator_tui.store import saved

NOW = time.time()  # files get their times from the machine


@pytest.fixture
def file(tmp_path: Path) -> RowsFile:
    return RowsFile(tmp_path / "cache" / "kurator-tui", "estate", lambda: NOW)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_was_written_is_read_and_is_for_its_owner_only(file: RowsFile) -> None:
    before = os.umask(0)
    try:
        file.write([b"a", memoryview(b"bc")])
    finally:
        os.umask(before)
    assert file.read() == b"abc"
    assert (mode(file.path), mode(file.path.parent)) == (0o600, 0o700)
    assert [path.name for path in file.path.parent.iterdir()] == [file.path.name]


def test_each_estate_has_a_file_of_its_own_whose_name_tells_nothing(tmp_path: Path) -> None:
    names = {RowsFile(tmp_path, estate).path.name for estate in ("prod-a", "prod-b", "b-prod")}
    assert len(names) == 3
    assert not any("prod" in name for name in names)


def test_writing_replaces_the_file_and_not_its_content(file: RowsFile) -> None:
    file.write([b"old"])
    with file.path.open("rb") as reader:
        file.write([b"new"])
        assert reader.read() == b"old"
    assert file.read() == b"new"


def test_without_a_file_there_is_nothing(file: RowsFile) -> None:
    assert file.read() == b""


def test_a_symlink_in_its_place_is_neither_read_nor_written_through(file: RowsFile, tmp_path: Path) -> None:
    file.write([b"mine"])
    other = tmp_path / "other"
    other.write_bytes(b"secret")
    file.path.unlink()
    file.path.symlink_to(other)
    assert file.read() == b""
    file.write([b"mine"])
    assert other.read_bytes() == b"secret"
    assert not file.path.is_symlink()


def test_a_symlink_where_it_writes_first_is_not_followed(file: RowsFile, tmp_path: Path) -> None:
    file.write([b"mine"])
    other = tmp_path / "other"
    other.write_bytes(b"untouched")
    half = file.path.with_name(file.path.name + ".tmp")
    half.symlink_to(other)
    os.utime(half, (NOW, NOW), follow_symlinks=False)
    file.write([b"next"])
    assert other.read_bytes() == b"untouched"


def test_a_folder_that_is_a_symlink_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "kurator-tui").symlink_to(tmp_path / "elsewhere")
    file = RowsFile(tmp_path / "kurator-tui", "estate")
    with pytest.raises(OSError):
        file.write([b"x"])
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("loose", [0o602, 0o620, 0o666])
def test_a_file_others_may_write_is_ignored(file: RowsFile, loose: int) -> None:
    file.write([b"x"])
    file.path.chmod(loose)
    assert file.read() == b""


def test_a_file_in_a_folder_others_may_write_is_ignored_until_the_folder_is_closed(file: RowsFile) -> None:
    file.write([b"x"])
    file.path.parent.chmod(0o777)
    assert file.read() == b""
    file.write([b"y"])
    assert mode(file.path.parent) == 0o700
    assert file.read() == b"y"


def test_a_file_or_folder_of_somebody_else_is_ignored(file: RowsFile, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write([b"x"])
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    assert file.read() == b""
    with pytest.raises(PermissionError):
        file.write([b"y"])


@pytest.mark.parametrize("what", ["directory", "fifo", "socket"])
def test_what_is_no_plain_file_is_ignored_without_waiting(
    file: RowsFile, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write([b"x"])
    file.path.unlink()
    monkeypatch.chdir(file.path.parent)
    before = len(os.listdir("/proc/self/fd"))
    if what == "directory":
        file.path.mkdir()
    elif what == "fifo":
        os.mkfifo(file.path)
    else:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(file.path.name)
    assert file.read() == b""
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_file_too_large_to_be_one_of_ours_is_neither_read_nor_written(file: RowsFile) -> None:
    file.write([b"x"])
    os.truncate(file.path, saved.LARGEST_FILE + 1)
    assert file.read() == b""
    with pytest.raises(OSError):
        file.write([memoryview(bytes(2**20))] * 20)


def test_a_disk_problem_leaves_what_was_there_and_no_half(file: RowsFile, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write([b"old"])

    def full(*_arguments: object, **_keywords: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        file.write([b"new"])
    assert file.read() == b"old"
    assert [path.name for path in file.path.parent.iterdir()] == [file.path.name]


def test_while_another_console_writes_it_nothing_is_done(file: RowsFile) -> None:
    file.write([b"old"])
    half = file.path.with_name(file.path.name + ".tmp")
    half.write_bytes(b"")
    os.utime(half, (NOW, NOW))
    file.write([b"new"])
    assert file.read() == b"old"
    os.utime(half, (NOW - ABANDONED - 1, NOW - ABANDONED - 1))
    file.write([b"new"])
    assert file.read() == b"new"


def test_files_nobody_wrote_for_long_are_removed_and_nothing_else(file: RowsFile) -> None:
    file.write([b"x"])
    folder = file.path.parent
    for name in ("rows-0.msgpack", "rows-1.msgpack", "notes.msgpack", "rows-2.txt"):
        (folder / name).write_bytes(b"")
        os.utime(folder / name, (0, 0))
    os.utime(folder / "rows-1.msgpack", (NOW - KEEP + 10, NOW - KEEP + 10))
    file.write([b"y"])
    left = {path.name for path in folder.iterdir()}
    assert left == {file.path.name, "rows-1.msgpack", "notes.msgpack", "rows-2.txt"}
