"""Files of recordings: for their owner only, bounded, and never written to where they should not be."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kurator_tui.config.history_files import OneFile, RecordingFile, Ring
from kurator_tui.link.rebuilt import Rebuilt
from kurator_tui.link.recording import read

NOW = 1_800_000_000.0
HOUR = 3600.0


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


def ring(tmp_path: Path, clock: Clock | None = None, *, size: int = 1000, age: float = 1e12) -> Ring:
    return Ring(tmp_path / "history", "estate", size=size, age=age, clock=clock or Clock())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def files(made: Ring) -> list[Path]:
    return sorted(made.folder.iterdir())


def test_folder_and_files_are_for_their_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        made = ring(tmp_path)
        made.begin(b"head")
        made.write([b"one", b"two"])
    finally:
        os.umask(before)
    (file,) = files(made)
    assert (mode(file), mode(made.folder)) == (0o600, 0o700)
    assert file.read_bytes() == b"headonetwo"


def test_folders_above_that_are_made_with_it_are_for_their_owner_only_too(tmp_path: Path) -> None:
    made = Ring(tmp_path / "state" / "history", "estate", size=1000, age=1e12, clock=Clock())
    made.begin(b"head")
    made.close()
    assert {mode(tmp_path / "state"), mode(tmp_path / "state" / "history"), mode(made.folder)} == {0o700}


def test_each_keyframe_begins_a_file_and_all_are_read_in_their_order(tmp_path: Path) -> None:
    clock = Clock()
    made = ring(tmp_path, clock)
    for content in (b"first", b"second", b"third"):
        made.begin(content)
        clock.now += 1
    assert [made.read(name) for name, _size in made.names()] == [b"first", b"second", b"third"]
    assert [size for _name, size in made.names()] == [5, 6, 5]


def test_the_oldest_files_go_when_the_ring_is_full_but_never_the_one_that_is_written(tmp_path: Path) -> None:
    clock = Clock()
    made = ring(tmp_path, clock, size=1000)
    for at in range(5):
        made.begin(b"%d" % at + b"." * 399)
        clock.now += 1
    assert [made.read(name)[:1] for name, _size in made.names()] == [b"3", b"4"]
    made.write([b"x" * 5000])
    assert [made.read(name)[:1] for name, _size in made.names()] == [b"4"]


def test_what_another_console_writes_now_stays_until_that_ends(tmp_path: Path) -> None:
    clock = Clock()
    other, made = ring(tmp_path, clock, size=1000), ring(tmp_path, clock, size=1000)
    other.begin(b"other" + b"." * 495)
    for _ in range(3):
        clock.now += 1
        made.begin(b"mine." + b"." * 495)
    assert [made.read(name)[:5] for name, _size in made.names()] == [b"other", b"mine.", b"mine."]
    other.write([b"more"])
    other.close()
    clock.now += 1
    made.begin(b"last." + b"." * 495)
    assert [made.read(name)[:5] for name, _size in made.names()] == [b"mine.", b"last."]


def test_a_file_that_cannot_be_begun_is_not_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = ring(tmp_path)
    made.begin(b"first")

    def full(_file: int, _data: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space left"):
            made.begin(b"second")
    assert [made.read(name) for name, _size in made.names()] == [b"first"]


KILLED = """
import sys, asyncio
from pathlib import Path
from kurator_tui.config.history_files import Ring
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.link.recorder import Recorder
from kurator_tui.store.store import Store

async def main():
    store, at = Store(), 1_800_000_000.0
    recorder = Recorder(store, Ring(Path(sys.argv[1]), "estate", size=10**9, age=1e12), lambda: at)
    for number in range(10**6):
        at += 1
        store.put(POD.id, "a", {f"u{number}": PodRow("a", "shop", f"web-{number}", f"u{number}", 1.0)})
        await recorder.record()
        print(number, flush=True)

asyncio.run(main())
"""


def test_a_console_that_is_killed_leaves_what_it_wrote_up_to_the_last_whole_record(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path / "history")], stdout=subprocess.PIPE)
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) >= 20:
            break
    process.kill()
    said = [int(line) for line in process.stdout.read().split()]
    process.wait()
    process.stdout.close()
    made = ring(tmp_path)
    (name,) = [name for name, _size in made.names()]
    recording, found = read(made.read(name)), Rebuilt()
    for number in range(len(recording.records)):
        found.take(recording, number)
    assert found.store.count("pods") >= max([20, *said]) + 1
    cut = read(made.read(name)[:-3])
    assert "cut short" in cut.problem
    assert len(cut.records) == len(recording.records) - 1


def test_files_that_are_too_old_go(tmp_path: Path) -> None:
    clock = Clock()
    made = ring(tmp_path, clock, age=HOUR)
    made.begin(b"old")
    os.utime(files(made)[0], (NOW, NOW))
    clock.now += HOUR + 1
    made.begin(b"new")
    made.begin(b"newer")
    assert [made.read(name) for name, _size in made.names()] == [b"new", b"newer"]


def test_what_is_no_recording_of_ours_is_neither_read_nor_removed(tmp_path: Path) -> None:
    made = ring(tmp_path, size=10)
    made.begin(b"mine")
    other = made.folder / "notes.txt"
    other.write_text("keep")
    link = made.folder / "seen-0000000000000-1-0.rec"
    link.symlink_to(tmp_path / "elsewhere")
    writable = made.folder / "seen-0000000000001-1-0.rec"
    writable.write_bytes(b"evil")
    writable.chmod(0o666)
    assert len(made.names()) == 1
    made.begin(b"more than ten bytes")
    assert other.exists()
    assert link.is_symlink()


def test_a_folder_that_others_may_write_is_tightened_and_one_that_is_a_link_refused(tmp_path: Path) -> None:
    made = ring(tmp_path)
    made.folder.mkdir(parents=True)
    made.folder.chmod(0o777)
    assert made.names() == []
    made.begin(b"head")
    assert mode(made.folder) == 0o700
    other = Ring(tmp_path / "history", "other", size=1, age=1)
    other.folder.symlink_to(made.folder)
    with pytest.raises(OSError):
        other.begin(b"head")


def test_estates_do_not_share_a_ring(tmp_path: Path) -> None:
    one, other = (Ring(tmp_path, name, size=1, age=1) for name in ("one", "other"))
    assert one.folder != other.folder


def test_a_folder_that_cannot_be_written_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "history").write_text("a file")
    with pytest.raises(OSError):
        ring(tmp_path).begin(b"head")


def test_a_full_disk_is_an_error_of_the_system() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    file = RecordingFile.__new__(RecordingFile)
    file._file = os.open("/dev/full", os.O_WRONLY)
    try:
        with pytest.raises(OSError, match="No space left"):
            file.write([b"x"])
    finally:
        file.close()


def test_one_file_holds_all_keyframes_below_one_head_and_is_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "f.rec"
    path.write_bytes(b"before")
    path.chmod(0o644)
    RecordingFile(path).close()
    assert path.read_bytes() == b"before", "nothing came: what was recorded before is not lost for that"
    file = RecordingFile(path)
    file.begin(b"head ")
    file.write([b"one "])
    file.begin(b"head ")
    file.write([b"two"])
    file.close()
    assert (path.read_bytes(), mode(path)) == (b"head one two", 0o600)
    shelf = OneFile(path)
    assert [shelf.read(name) for name, _size in shelf.names()] == [b"head one two"]


def test_a_recording_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(OSError):
        RecordingFile(tmp_path / "link")
