"""Files that are to be applied: which are read, and how a mistake is told."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from kurator_tui.config import manifests
from kurator_tui.config.manifests import offered, read
from kurator_tui.errors import UsageError
from kurator_tui.kinds.documents import documents

A = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


def names(text: str) -> list[str]:
    return [each.obj["metadata"]["name"] for each in documents(text)]


def test_a_directory_is_its_files_in_order_and_none_of_those_below(tmp_path: Path) -> None:
    (tmp_path / "2.yml").write_text(A.replace("name: a", "name: b"))
    (tmp_path / "1.yaml").write_text(A + "---\n" + A.replace("name: a", "name: c"))
    (tmp_path / "3.json").write_text('{\n\t"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "d"}}')
    (tmp_path / "notes.txt").write_text("[")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "4.yaml").write_text("[")
    assert names(read(str(tmp_path))) == ["a", "c", "b", "d"]


def test_stdin_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + A.encode())))
    assert names(read("-")) == ["a"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.yaml", b"a: 1\n- b\n", r"a\.yaml: line 2, column 1: "),
        ("a.yaml", b"a: 1\na: 2\n", r"a\.yaml: line 2: a is there twice"),
        ("a.json", b"{", r"a\.json: .*line 1"),
        ("a.yaml", b"a: \xff", "is no text"),
    ],
)
def test_a_mistake_is_told_with_its_file_and_line(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=said):
        read(str(tmp_path))


def test_what_would_never_end_or_fill_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="is no file"):
        read(str(tmp_path / "pipe"))
    monkeypatch.setattr(manifests, "MOST_BYTES", 10)
    (tmp_path / "a.yaml").write_text(A)
    with pytest.raises(UsageError, match="larger"):
        read(str(tmp_path / "a.yaml"))


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no .*nothing\.yaml"):
        read(str(tmp_path / "nothing.yaml"))
    with pytest.raises(UsageError, match=r"holds no \.yaml"):
        read(str(tmp_path))


def test_files_and_directories_here_are_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "app.yaml").touch()
    (tmp_path / "notes.txt").touch()
    (tmp_path / "examples").mkdir()
    monkeypatch.chdir(tmp_path)
    assert offered() == ["-", "app.yaml", "examples/"]
