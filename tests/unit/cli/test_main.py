"""The front door: nothing heavy before it must, options on either side, errors without tracebacks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click
import pytest

from kurator_tui import __version__
from kurator_tui.cli import main as front_door
from kurator_tui.cli.main import COMMANDS, ReaderGone
from kurator_tui.cli.options import SCENARIOS
from kurator_tui.demo.world import scenarios
from kurator_tui.errors import KubeconfigError

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


@pytest.mark.parametrize("url", ["thanos:9090", "ftp://thanos", "https://user:hunter2@thanos"])
def test_a_thanos_without_a_plain_url_is_wrong_usage(url: str) -> None:
    done = run("get", "clusters", "--thanos", url)
    assert done.returncode == 2
    assert "without user and password" in done.stderr
    assert "hunter2" not in done.stderr + done.stdout


def test_a_theme_that_does_not_exist_is_wrong_usage() -> None:
    done = run("--theme", "nope")
    assert done.returncode == 2
    assert "there is no theme 'nope'" in done.stderr
    assert done.stdout == ""


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


def test_scenarios_are_those_of_the_demo() -> None:
    assert set(SCENARIOS) == set(scenarios.SCENARIOS)


@pytest.mark.parametrize(
    "arguments",
    [
        ("get", "fleets", "--demo", "--scenario", "nope"),
        ("get", "fleets", "--demo", "--speed", "nan"),
        ("get", "fleets", "--demo", "--speed", "0"),
        ("get", "fleets", "--scenario", "outage"),
    ],
)
def test_demo_options_that_make_no_sense_are_wrong_usage(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr


def test_a_fleet_that_does_not_exist_is_named_with_those_that_do() -> None:
    done = run("get", "clusters", "--demo", "--scenario", "frozen", "--fleet", "nope")
    assert done.returncode == 2
    assert "nope" in done.stderr
    assert "edge, production, staging" in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_output_that_cannot_be_written_is_an_error() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "kurator_tui", "version"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "No space left" in done.stderr


@pytest.mark.parametrize("place", ["before", "after"])
def test_target_options_work_before_and_after_the_command(place: str) -> None:
    option = ("--kubeconfig", "/nonexistent/config")
    done = run(*option, "get", "fleets") if place == "before" else run("get", "fleets", *option)
    assert done.returncode == 4
    assert "/nonexistent/config" in done.stderr
    assert "hint: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_filter_is_read_before_anything_is_started() -> None:
    done = run("get", "clusters", "--demo", "--filter", "colour:red")
    assert done.returncode == 2
    assert done.stderr.startswith('Filter not understood: no column "colour" here; columns are ')
    assert "hint: " in done.stderr


def test_a_reader_that_stops_reading_ends_the_command_quietly() -> None:
    command = [sys.executable, "-m", "kurator_tui", "--help"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert said == b""


def test_a_terminal_that_cannot_show_a_character_gets_an_escape() -> None:
    done = run("get", "clusters", "--kubeconfig", "/no/配置", PYTHONIOENCODING="latin-1")
    assert done.returncode == 4
    assert "\\u914d" in done.stderr


def raising(error: BaseException) -> Callable[..., NoReturn]:
    def fail(**_: Any) -> NoReturn:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KubeconfigError("no \x1b[31mcontext", "choose one"), 4, "used: no ␛[31mcontext\nhint: choose one\n"),
        (click.UsageError("no such option"), 2, "no such option"),
        (click.exceptions.Abort(), 130, ""),
        (KeyboardInterrupt(), 130, ""),
        (ReaderGone(), 0, ""),
        (ZeroDivisionError("a\nb"), 70, "Error in kurator-tui: ZeroDivisionError: a\nb\nhint: "),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_error_has_its_exit_code_and_is_inert(
    error: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(front_door.cli, "main", raising(error))
    monkeypatch.setattr(os, "dup2", lambda *_: None)
    with pytest.raises(SystemExit) as caught:
        front_door.main()
    printed = capsys.readouterr().err
    assert caught.value.code == code
    assert said in printed
    assert (printed == "") is (said == "")
    assert "Traceback" not in printed


def test_an_unexpected_error_is_one_line_and_its_traceback_is_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = (
        "from kurator_tui.cli import check, main\n"
        "def boom(*_): raise ZeroDivisionError('oops')\n"
        "check.target = boom\n"
        "main.main()"
    )
    command = [sys.executable, "-c", script, "check", "--log-file", str(log)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 70
    assert done.stderr == f"Error in kurator-tui: ZeroDivisionError: oops\nhint: The details are in {log}\n"
    assert "Traceback" in log.read_text()
    without = subprocess.run(command[:-2], capture_output=True, text=True, check=False)
    assert without.stderr.splitlines()[1:] == ["hint: Run it again with --log-file FILE to see the details."]
