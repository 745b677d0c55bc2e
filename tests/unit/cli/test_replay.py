"""`record` and `replay` without a terminal: what is wrong is an exit code, the same file says the same."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from kurator_tui.cli import record as record_command
from kurator_tui.cli import replay
from kurator_tui.cli.main import main
from kurator_tui.errors import UsageError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.incidents import INCIDENTS
from kurator_tui.kinds.overview import CLUSTERS
from kurator_tui.link import recording as recording_format
from kurator_tui.link.recording import Head, Introduced, Mark, NoRecording, header, record
from tests.unit.link.recorded import NOW, Stage, incident
from tests.unit.link.rows_kept import cluster


async def made(path: Path) -> None:
    """Cluster a, an incident after a minute, cluster b after two."""
    stage = Stage(single=True)
    stage.store.replace(CLUSTERS.id, "a", [cluster("a")])
    await stage.after(0)
    stage.store.replace(INCIDENTS.id, HOST, [incident("image cannot be pulled")])
    await stage.after(60)
    stage.store.replace(CLUSTERS.id, "b", [cluster("b")])
    await stage.after(60)
    path.write_bytes(stage.reel.files[0])


async def test_without_a_terminal_the_last_moment_is_printed_the_same_each_time(tmp_path: Path) -> None:
    await made(tmp_path / "f.rec")
    first, second = (CliRunner().invoke(replay.command, [str(tmp_path / "f.rec")]) for _ in range(2))
    assert first.exit_code == 0
    assert first.output == second.output
    assert "image cannot be pulled" in first.output
    assert [line[0] for line in first.output.splitlines() if line.startswith(("a ", "b "))] == ["a", "b"]


async def test_a_moment_before_is_printed_as_it_was_then(tmp_path: Path) -> None:
    await made(tmp_path / "f.rec")
    recording = replay.opened(tmp_path / "f.rec")
    assert "image cannot" not in replay.printed(recording, replay.moment_of(recording, "2m"))
    then = replay.printed(recording, replay.moment_of(recording, "30s"))
    assert "image cannot" in then
    assert "\nb " not in then


async def test_moments_are_kept_within_the_recording(tmp_path: Path) -> None:
    await made(tmp_path / "f.rec")
    recording = replay.opened(tmp_path / "f.rec")
    assert [replay.moment_of(recording, text) - NOW for text in ("", "10h", "0s", "30s")] == [0, 0, 120, 90]
    with pytest.raises(UsageError, match="'noon' is no moment"):
        replay.moment_of(recording, "noon")


async def test_a_time_of_day_just_after_the_end_is_the_end_and_one_just_before_the_start_is_that(
    tmp_path: Path,
) -> None:
    await made(tmp_path / "f.rec")
    recording = replay.opened(tmp_path / "f.rec")
    clocks = (time.strftime("%H:%M:%S", time.localtime(NOW + after)) for after in (-30, 60, 119, 121, 1800))
    assert [replay.moment_of(recording, text) - NOW for text in clocks] == [0, 60, 119, 120, 120]


async def test_of_a_file_only_so_much_is_read_as_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await made(tmp_path / "f.rec")
    monkeypatch.setattr(recording_format, "LARGEST_FILE", (tmp_path / "f.rec").stat().st_size - 3)
    assert "cut short" in replay.opened(tmp_path / "f.rec").problem


async def test_a_cut_recording_is_printed_up_to_there_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "f.rec"
    await made(path)
    path.write_bytes(path.read_bytes()[:-3])
    done = CliRunner().invoke(replay.command, [str(path)])
    assert "The recording is cut short after" in done.output
    assert "image cannot be pulled" in done.output
    assert "\nb " not in done.output


@pytest.mark.parametrize("content", [b"", b"hello", b"kurator-tui recording 99\n"])
def test_what_is_no_recording_of_this_format_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f.rec").write_bytes(content)
    with pytest.raises(NoRecording):
        replay.opened(tmp_path / "f.rec")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"kurator-tui recording 99\n", "the recording has format '99', this program reads 1"),
        (b"kurator-tui recording \x1b[31m9\n", "format '\\x1b[31m9'"),
        (b"PK\x03\x04", "this is no recording of kurator-tui"),
    ],
)
def test_another_format_is_a_plain_error_and_exit_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    (tmp_path / "f.rec").write_bytes(content)
    monkeypatch.setattr(sys, "argv", ["kurator-tui", "replay", str(tmp_path / "f.rec")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""
    assert "Traceback" not in told.err


async def test_hostile_texts_in_a_recording_are_inert(tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07\u202e[bold]"
    stage = Stage(single=True)
    stage.store.replace(CLUSTERS.id, f"a{evil}", [cluster(f"a{evil}", reason=evil)])
    stage.store.replace(INCIDENTS.id, HOST, [incident(f"image {evil}")])
    await stage.after(0)
    head, told = header(Head(evil, evil, evil)), stage.reel.recording
    pieces = [record(each.at, told.entries(each), each.mark & ~Mark.PACKED) for each in told.records]
    strange = record(NOW, [Introduced(f"kind{evil}", 1)])
    (tmp_path / "f.rec").write_bytes(head + b"".join(pieces) + strange)
    done = CliRunner().invoke(replay.command, [str(tmp_path / "f.rec")])
    assert done.exit_code == 0
    assert "image" in done.output
    assert "not shown: kind" in done.output
    assert not {"\x1b", "\x07", "\u202e"} & set(done.output)


def test_recording_into_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = CliRunner().invoke(record_command.command, ["-o", str(tmp_path / "no" / "f.rec")])
    assert isinstance(done.exception, record_command.CannotRecord)
    assert "No such file" in done.exception.message


def test_a_length_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    done = CliRunner().invoke(record_command.command, ["-o", str(tmp_path / "f.rec"), "--for", "soon"])
    assert isinstance(done.exception, UsageError)
    assert not (tmp_path / "f.rec").exists()
