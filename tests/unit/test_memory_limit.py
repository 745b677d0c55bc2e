"""What the control groups of a container allow."""

from __future__ import annotations

from pathlib import Path

import pytest

from kurator_tui.memory import allowed


def groups(folder: Path, own: str, **limits: str) -> int:
    """What is allowed where /proc/self/cgroup says `own` and the groups have these files (`__` for `/`)."""
    (folder / "own").write_text(own)
    for name, limit in limits.items():
        file = folder / "fs" / name.replace("__", "/")
        file = file.with_name({"max": "memory.max", "limit": "memory.limit_in_bytes"}[file.name])
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(limit)
    return allowed(folder / "fs", folder / "own")


def test_the_tightest_of_the_groups_it_is_in(tmp_path: Path) -> None:
    assert groups(tmp_path, "0::/a/b\n", max="max\n", a__max="4096\n", a__b__max="8192\n", c__max="1\n") == 4096


def test_the_first_version_of_control_groups(tmp_path: Path) -> None:
    own = "9:cpu,cpuacct:/x\n4:memory:/pod\n1:name=systemd:/pod\n"
    assert groups(tmp_path, own, memory__pod__limit="1234\n", memory__limit="9223372036854771712\n") == 1234


@pytest.mark.parametrize("own", ["", "0::/\n", "nonsense", "0::/../../x\n"])
def test_no_limit_where_none_can_be_read(tmp_path: Path, own: str) -> None:
    assert groups(tmp_path, own) == 0
    assert groups(tmp_path, own, max="max\n") == 0


def test_no_control_groups_at_all(tmp_path: Path) -> None:
    assert allowed(tmp_path / "fs", tmp_path / "own") == 0
