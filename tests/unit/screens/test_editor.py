"""How the user's editor is called, and what it may leave behind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from kurator_tui.screens.editor import Edited, command, edit


@pytest.mark.parametrize(
    ("visual", "editor", "called"),
    [
        ("vim -u NONE", "nano", ["vim", "-u", "NONE", "+7", "/x.yaml"]),
        ("", "/usr/bin/nano", ["/usr/bin/nano", "+7", "/x.yaml"]),
        ("", "", ["vi", "+7", "/x.yaml"]),
        ("'/opt/my editor/ed' -w", "", ["/opt/my editor/ed", "-w", "/x.yaml"]),
        ("hx", "", ["hx", "/x.yaml:7"]),
    ],
)
def test_the_editor_of_the_user_is_sent_to_the_line(
    monkeypatch: pytest.MonkeyPatch, visual: str, editor: str, called: list[str]
) -> None:
    monkeypatch.setenv("VISUAL", visual)
    monkeypatch.setenv("EDITOR", editor)
    assert command("/x.yaml", 7) == called


@pytest.mark.parametrize("wrong", ["'vi", "  "])
def test_what_is_no_command_is_an_error(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("VISUAL", wrong)
    with pytest.raises(ValueError, match=r"quotation|blank"):
        command("/x.yaml")


async def test_a_hostile_name_stays_a_name_and_an_editor_may_take_the_file_away(tmp_path: Path) -> None:
    paths: list[Path] = []

    async def run(called: Sequence[str]) -> int:
        paths.append(Path(called[-1]))
        paths[-1].unlink()
        return 0

    assert await edit(run, "a: 1\n", "pods-../../\x1b[31m") == Edited("a: 1\n", 0)
    assert paths[0].name == "pods-..-..-31m.yaml"
    assert not paths[0].parent.exists()
