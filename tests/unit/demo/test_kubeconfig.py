"""The demo's kubeconfig is private, complete, and gone when it should be."""

import base64
import json
import os
import stat
from pathlib import Path

import pytest

from kurator_tui.demo import kubeconfig
from kurator_tui.demo.kubeconfig import Context
from kurator_tui.demo.world.kurator import Access

CONTEXTS = [
    Context("demo", "demo-host", Access("https://127.0.0.1:1", "a", b"PEM")),
    Context("demo-viewer", "demo-host", Access("https://127.0.0.1:1", "v", b"PEM")),
    Context("demo-m", "demo-m", Access("https://127.0.0.1:2", "m")),
]


def test_the_first_context_is_current_and_each_has_its_own_user() -> None:
    made = kubeconfig.document(CONTEXTS)
    assert made["current-context"] == "demo"
    assert [each["name"] for each in made["clusters"]] == ["demo-host", "demo-m"]
    authority = base64.b64encode(b"PEM").decode()
    assert made["clusters"][0]["cluster"] == {
        "server": "https://127.0.0.1:1",
        "certificate-authority-data": authority,
    }
    assert made["clusters"][1]["cluster"] == {"server": "https://127.0.0.1:2"}
    assert {each["name"]: each["user"]["token"] for each in made["users"]} == {
        "demo": "a",
        "demo-viewer": "v",
        "demo-m": "m",
    }


def test_the_file_is_private_and_removable_twice(tmp_path: Path) -> None:
    file = kubeconfig.write(CONTEXTS, tmp_path)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700
    assert json.loads(file.path.read_text()) == kubeconfig.document(CONTEXTS)
    file.remove()
    file.remove()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_demo_left_is_removed_by_the_next(tmp_path: Path) -> None:
    dead = tmp_path / "kurator-tui-demo-4194300-abc"
    alive = tmp_path / f"kurator-tui-demo-{os.getpid()}-abc"
    other = tmp_path / "something-else"
    for directory in (dead, alive, other):
        directory.mkdir()
    kubeconfig.write(CONTEXTS, tmp_path).remove()
    assert sorted(tmp_path.iterdir()) == sorted([alive, other])


def test_the_runtime_directory_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert kubeconfig.runtime_directory() == tmp_path
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "absent"))
    assert kubeconfig.runtime_directory() != tmp_path / "absent"
