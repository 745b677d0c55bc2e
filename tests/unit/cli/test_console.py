"""Where the console keeps its rows: one file an estate, none where the user or the estate does not want it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from kurator_tui.cli import demo_process
from kurator_tui.cli.console import prepare_terminal, rows_file
from kurator_tui.cli.options import Options, target


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Options:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    config = tmp_path / "config"
    config.write_text("current-context: prod\n")
    return Options(kubeconfig=str(config))


def test_rows_are_kept_in_the_cache_directory_and_nothing_is_made_before_they_are(
    options: Options, tmp_path: Path
) -> None:
    file = rows_file(options)
    assert file is not None
    assert file.path.parent == tmp_path / "cache" / "kurator-tui"
    assert file.read() == b""
    assert not (tmp_path / "cache").exists()


def test_each_context_has_its_own_file(options: Options) -> None:
    files = [rows_file(replace(options, context=context)) for context in ("prod", "staging")]
    assert len({file.path for file in files if file is not None}) == 2


def test_no_cache_means_none(options: Options) -> None:
    assert rows_file(replace(options, no_cache=True)) is None


def test_an_estate_nobody_can_name_has_none(options: Options, tmp_path: Path) -> None:
    assert rows_file(replace(options, kubeconfig=str(tmp_path / "missing"))) is None


def test_a_demo_leaves_nothing_behind(options: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import nullcontext

    class Running:
        kubeconfig = options.kubeconfig
        ready = MappingProxyType({"game": [{"of": "shop:v7"}]})

    monkeypatch.setattr(demo_process, "estate", lambda _options: nullcontext(Running))
    with target(replace(options, demo=True)) as pointed:
        assert rows_file(pointed) is None
        assert pointed.game == ({"of": "shop:v7"},)


@pytest.mark.parametrize(
    ("colors", "system", "without"),
    [
        ("auto", None, True),
        ("truecolor", "truecolor", False),
        ("256", "256", False),
        ("16", "standard", False),
        ("mono", None, True),
    ],
)
def test_colours_asked_for_win_over_the_terminals_word(
    colors: str, system: str | None, without: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", {"NO_COLOR": "1"})
    prepare_terminal(colors)
    assert os.environ.get("TEXTUAL_COLOR_SYSTEM") == system
    assert ("NO_COLOR" in os.environ) is without
