"""A demo as a child: it is waited for, listened to, and never left behind."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from kurator_tui.cli import demo_process
from kurator_tui.cli.demo_process import DemoEnded, DemoFailed, command, estate
from kurator_tui.cli.options import Options, target

READY = """print('{"kubeconfig": "/k", "thanos": "http://t", "pid": 1, "clusters": []}', flush=True)"""
READY_WITH_PID = READY.replace("1,", "%d,").replace("', flush", "' % os.getpid(), flush")
UNTIL_STDIN_ENDS = "sys.stdin.read()"


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(demo_process, "GRACE", 10.0)
    return monkeypatch


def speaking(patch: pytest.MonkeyPatch, *lines: str) -> None:
    """Let the demo be a script of `lines`."""
    script = "\n".join(("import sys", *lines))
    patch.setattr(demo_process, "command", lambda options: [sys.executable, "-c", script])


def test_the_command_line_says_what_was_asked_for() -> None:
    line = command(Options(members=3, scenario="outage", seed=7, speed=2.5))
    assert line[:4] == [sys.executable, "-P", "-m", "kurator_tui.demo"]
    assert " ".join(line[4:]) == ("-o json --watch-parent --members 3 --scenario outage --seed 7 --speed 2.5")


def test_a_ready_demo_is_used_and_ends_with_the_block(child: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    speaking(child, READY, UNTIL_STDIN_ENDS, f"open({str(ended)!r}, 'w')")
    with estate(Options()) as running:
        assert (running.kubeconfig, running.ready["thanos"]) == ("/k", "http://t")
        assert not ended.exists()
    assert ended.exists()


def test_what_a_demo_tells_at_its_end_is_printed_beside_what_the_command_printed(
    child: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = """print('{"told": ["game-day, seed 1", "  +0m35s  outage\\\\u001b[2J"]}')"""
    speaking(child, READY, UNTIL_STDIN_ENDS, told)
    with estate(Options()):
        pass
    heard = capsys.readouterr()
    assert heard.out == ""
    assert heard.err.splitlines()[0] == "game-day, seed 1"
    assert "+0m35s  outage" in heard.err
    assert "\x1b" not in heard.err


def test_a_demo_ends_when_the_command_fails(child: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    speaking(child, READY, UNTIL_STDIN_ENDS, f"open({str(ended)!r}, 'w')")
    with pytest.raises(ZeroDivisionError), estate(Options()):
        raise ZeroDivisionError
    assert ended.exists()


def test_a_demo_that_will_not_end_is_killed(child: pytest.MonkeyPatch) -> None:
    child.setattr(demo_process, "GRACE", 0.05)
    speaking(child, READY, "import threading", "threading.Event().wait()")
    with estate(Options()):
        pass


def test_why_a_demo_ended_is_its_last_line(child: pytest.MonkeyPatch) -> None:
    speaking(child, "sys.exit('no free port')")
    with pytest.raises(DemoFailed, match="no free port"), estate(Options()):
        pass


def test_a_demo_that_ends_without_a_word_is_an_error_too(child: pytest.MonkeyPatch) -> None:
    speaking(child, "sys.exit(0)")
    with pytest.raises(DemoFailed, match="ended before it was ready"), estate(Options()):
        pass


@pytest.mark.parametrize("line", ["ready", "[]", '{"thanos": ""}'])
def test_a_ready_line_that_makes_no_sense_is_an_error(line: str, child: pytest.MonkeyPatch) -> None:
    speaking(child, f"print({line!r}, flush=True)", UNTIL_STDIN_ENDS)
    with pytest.raises(DemoFailed), estate(Options()):
        pass


def test_a_demo_that_is_never_ready_is_given_up(child: pytest.MonkeyPatch) -> None:
    child.setattr(demo_process, "PATIENCE", 0.2)
    speaking(child, UNTIL_STDIN_ENDS)
    with pytest.raises(DemoFailed, match=r"not ready in 0\.2 s"), estate(Options()):
        pass


def test_a_demo_that_says_very_much_does_not_stand_still(child: pytest.MonkeyPatch) -> None:
    speaking(child, "sys.stderr.write('noise\\n' * 200_000)", READY, UNTIL_STDIN_ENDS)
    with estate(Options()) as running:
        assert running.kubeconfig == "/k"


def test_a_python_that_is_gone_is_an_error(child: pytest.MonkeyPatch) -> None:
    child.setattr(demo_process, "command", lambda options: ["/nonexistent/python"])
    with pytest.raises(DemoFailed, match="/nonexistent/python"), estate(Options()):
        pass


def test_a_target_is_the_users_own_unless_a_demo_is_asked_for(child: pytest.MonkeyPatch) -> None:
    speaking(child, READY, UNTIL_STDIN_ENDS)
    own = Options(kubeconfig="/mine", context="prod")
    with target(own) as pointed:
        assert pointed == own
    with target(Options(context="prod", demo=True, fleet="web")) as pointed:
        assert pointed == Options(kubeconfig="/k", fleet="web", no_cache=True)


def ending(error: type[BaseException], number: int = 0) -> None:
    """A command that fails after its demo has ended: by this signal, or (0) by itself."""
    with estate(Options()) as running:
        if number:
            os.kill(running.ready["pid"], number)
        os.waitid(os.P_PID, running.ready["pid"], os.WEXITED | os.WNOWAIT)
        raise error


def test_a_demo_that_was_killed_is_named_instead_of_what_came_of_it(child: pytest.MonkeyPatch) -> None:
    speaking(child, "import os", READY_WITH_PID, UNTIL_STDIN_ENDS)
    with pytest.raises(DemoEnded, match="ended by SIGKILL"):
        ending(ZeroDivisionError, signal.SIGKILL)


def test_a_demo_that_ends_with_an_interrupt_hides_nothing(child: pytest.MonkeyPatch) -> None:
    speaking(child, "import os", READY_WITH_PID)
    with pytest.raises(KeyboardInterrupt):
        ending(KeyboardInterrupt)
