"""Where Thanos is and how it is asked: commands take it from the settings as the console does, demos never do."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import fields
from pathlib import Path
from typing import ClassVar

import click
import pytest

from kurator_tui.cli import demo_process
from kurator_tui.cli.main import COMMANDS
from kurator_tui.cli.options import Options, target, target_options
from kurator_tui.errors import UsageError
from kurator_tui.link.access import Access

SETTINGS = "thanos: https://thanos.example\nthanos_access:\n  token: env:TOKEN\nedge_site_label: store\n"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KURATOR_TUI_CONFIG_DIR", str(tmp_path))
    return tmp_path / "settings.yaml"


def test_commands_ask_the_thanos_of_the_settings_as_they_say(settings: Path) -> None:
    settings.write_text(SETTINGS)
    with target(Options()) as pointed:
        asked = pointed.configured()
        assert (asked.thanos, asked.thanos_access) == ("https://thanos.example", Access(token="env:TOKEN"))
        assert asked.edge_site_label == "store"


def test_what_is_said_on_the_command_line_comes_first(settings: Path) -> None:
    settings.write_text(SETTINGS)
    with target(Options(thanos="http://other")) as pointed:
        assert (pointed.thanos, pointed.thanos_access.token) == ("http://other", "env:TOKEN")


def test_a_demo_has_its_own(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.write_text(SETTINGS)

    class Running:
        kubeconfig = "demo"
        ready: ClassVar[dict[str, object]] = {}

    monkeypatch.setattr(demo_process, "estate", lambda _options: nullcontext(Running))
    with target(Options(demo=True)) as pointed:
        assert (pointed.thanos, pointed.thanos_access) == ("", Access())


@pytest.mark.parametrize("aloud", [True, False])
def test_settings_that_are_wrong_are_told_once(
    settings: Path, aloud: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.write_text("thanos: [\n")
    with target(Options(), aloud=aloud) as pointed:
        assert pointed.thanos == ""
    assert ("the defaults are used" in capsys.readouterr().err) is aloud


def test_without_settings_nothing_changes(settings: Path) -> None:
    with target(Options()) as pointed:
        assert pointed == Options()


def test_a_group_alone_is_not_taken_for_an_impersonation() -> None:
    with pytest.raises(UsageError, match="--as"), target(Options(as_groups=("viewers",))):
        pass


def _commands(command: click.Command) -> Iterator[click.Command]:
    yield command
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        yield from _commands(below)


@pytest.mark.parametrize("name", COMMANDS)
def test_no_option_of_a_command_is_taken_for_a_target_option_of_its_name(name: str) -> None:
    module, _help = COMMANDS[name]
    shared = {parameter.name for parameter in click.command(target_options(lambda: None)).params}
    for command in _commands(importlib.import_module(module).command):
        own = {parameter.name for parameter in command.params} - shared
        assert not own & {field.name for field in fields(Options)}
