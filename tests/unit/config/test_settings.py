"""Settings: documented, read with their mistakes named, and the paths they are found in."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import msgspec
import pytest

from kurator_tui.config import paths, settings
from kurator_tui.config.settings import Settings, load_settings


def test_every_setting_has_a_docstring() -> None:
    source = inspect.getsource(settings.Settings)
    documented = re.findall(r'^    (\w+): [^\n]+\n    """', source, re.MULTILINE)
    assert documented == [field.name for field in msgspec.structs.fields(Settings)]


def test_settings_are_read(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("theme: high-contrast\nascii: true\n")
    loaded, problems = load_settings(file)
    assert (loaded.theme, loaded.ascii, problems) == ("high-contrast", True, [])


@pytest.mark.parametrize(
    ("text", "named"),
    [("thene: x\n", "thene"), ("ascii: maybe\n", "ascii"), ("- 1\n", "settings.yaml"), ("a: {\n", "line")],
)
def test_a_bad_file_means_the_defaults_and_is_named(tmp_path: Path, text: str, named: str) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(text)
    loaded, problems = load_settings(file)
    assert loaded == Settings()
    assert named in problems[0]


def test_a_directory_in_place_of_the_file_is_reported(tmp_path: Path) -> None:
    assert str(tmp_path) in load_settings(tmp_path)[1][0]


def test_paths_follow_xdg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KURATOR_TUI_CONFIG_DIR", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert paths.settings_file() == tmp_path / "kurator-tui" / "settings.yaml"
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    assert paths.config_dir() == Path.home() / ".config" / "kurator-tui"
    monkeypatch.setenv("KURATOR_TUI_CONFIG_DIR", str(tmp_path / "own"))
    assert paths.keys_file() == tmp_path / "own" / "keys.yaml"
