"""The front door: nothing heavy before it must, options on either side, errors without tracebacks."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from kurator_tui import __version__
from kurator_tui.cli.main import COMMANDS

HEAVY = ("textual", "rich", "kubernetes", "aiohttp", "uvloop", "yaml", "asyncio")


def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kurator_tui", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
    )


def test_help_names_every_command_and_the_exit_codes() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert all(name in done.stdout for name in COMMANDS)
    assert "Exit codes" in done.stdout


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom kurator_tui.cli.main import cli\n"
        "try:\n    cli.main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print('HEAVY', *[n for n in {HEAVY!r} if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "HEAVY"


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help(command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0, done.stderr
    assert "Usage: kurator-tui " + command in done.stdout


def test_version_both_ways() -> None:
    assert __version__ in run("--version").stdout
    assert f"kurator-tui {__version__}" in run("version").stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_name_the_command(shell: str) -> None:
    assert "kurator-tui" in run("completion", shell).stdout


def test_completion_offers_commands() -> None:
    done = run(_KURATOR_TUI_COMPLETE="bash_complete", COMP_WORDS="kurator-tui sc", COMP_CWORD="1")
    assert "screenshot" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [("nothing",), ("get",), ("get", "apples"), ("--speed", "x"), ("screenshot", "fleets", "-o", "x.gif")],
)
def test_wrong_usage_ends_with_2_and_no_traceback(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("place", ["before", "after"])
def test_target_options_work_before_and_after_the_command(place: str) -> None:
    option = ("--kubeconfig", "/nonexistent/config")
    done = run(*option, "get", "fleets") if place == "before" else run("get", "fleets", *option)
    assert done.returncode == 4
    assert "/nonexistent/config" in done.stderr
    assert "hint: " in done.stderr
    assert "Traceback" not in done.stderr
