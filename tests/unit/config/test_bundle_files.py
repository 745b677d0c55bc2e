"""A bundle on disk: for its owner, whole or not at all, and nothing is overwritten."""

from __future__ import annotations

import errno
import os
import stat
import tarfile
from pathlib import Path
from typing import Any, NoReturn

import pytest

from kurator_tui.config.bundle_files import LONGEST, safe_name, write_files
from kurator_tui.errors import NotWritten

FILES = {"README.md": b"# a\n", "objects/01-web.yaml": b"kind: Pod\n"}


def modes(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}


def test_it_is_for_its_owner_only(tmp_path: Path) -> None:
    made = write_files(tmp_path, "incident", FILES)
    assert made == tmp_path / "incident"
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert modes(made) == {"README.md": 0o600, "objects": 0o700, "objects/01-web.yaml": 0o600}
    assert (made / "objects/01-web.yaml").read_bytes() == b"kind: Pod\n"


def test_the_folder_around_it_is_made(tmp_path: Path) -> None:
    assert write_files(tmp_path / "a" / "b", "incident", FILES).is_dir()


def test_what_is_there_is_never_touched(tmp_path: Path) -> None:
    (tmp_path / "incident").mkdir()
    (tmp_path / "incident-2").symlink_to("/nowhere")
    assert write_files(tmp_path, "incident", FILES).name == "incident-3"
    assert list((tmp_path / "incident").iterdir()) == []


def test_a_tar_holds_the_same_in_one_folder(tmp_path: Path) -> None:
    (tmp_path / "incident.tar.gz").write_text("mine")
    made = write_files(tmp_path, "incident", FILES, tar=True, at=1_000_000.0)
    assert made.name == "incident-2.tar.gz"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert (tmp_path / "incident.tar.gz").read_text() == "mine"
    with tarfile.open(made) as archive:
        told = {one.name: (one.mode, one.mtime) for one in archive}
        page = archive.extractfile("incident/README.md")
        assert page is not None
        assert page.read() == b"# a\n"
    assert told == {
        "incident": (0o700, 1_000_000),
        "incident/objects": (0o700, 1_000_000),
        "incident/README.md": (0o600, 1_000_000),
        "incident/objects/01-web.yaml": (0o600, 1_000_000),
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["incident-2.tar.gz", "incident.tar.gz"]


@pytest.mark.parametrize("tar", [False, True])
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_on_a_full_disk_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, *, tar: bool
) -> None:
    def full(*_arguments: Any) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os if call == "fsync" else Path, call, full)
    with pytest.raises(NotWritten, match="the disk is full; nothing was written") as caught:
        write_files(tmp_path, "incident", FILES, tar=tar)
    assert caught.value.exit_code == 1
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotWritten, match="file: "):
        write_files(tmp_path / "file", "incident", FILES)


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", "a//b", "a/.x", "-x", "x\n", "", "a\\b"])
def test_no_name_leads_out_of_it(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        write_files(tmp_path, "incident", {path: b""})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("pods", "web-1", "edge"), "pods-web-1-edge"),
        (("../../etc", "passwd"), "etc-passwd"),
        (("a\x1b[31m b/c",), "a-31m-b-c"),
        (("", ".."), "_"),
        (("日本",), "_"),
        (("con",), "_con"),
        (("NUL.txt",), "_NUL.txt"),
        (("-rf",), "rf"),
    ],
)
def test_names_are_safe(parts: tuple[str, ...], name: str) -> None:
    assert safe_name(*parts) == name


def test_names_are_short() -> None:
    assert len(safe_name("x" * 5000)) == LONGEST
