"""The console as a user has it: a real pseudo-terminal, a real estate, keys, signals and deaths."""

from __future__ import annotations

import contextlib
import os
import signal
import time

import pytest

from tests.e2e.console import PATIENCE, Console, children, command_of, console

FROZEN = ("demo", "--scenario", "frozen")


def feeder_of(running: Console) -> int:
    """Process id of the console's feeder."""
    (pid,) = [pid for pid in children(running.pid) if "kurator_tui.feeder" in command_of(pid)]
    return pid


def gone(pids: list[int]) -> bool:
    """Whether all of `pids` end."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if not any(command_of(pid) for pid in pids):
            return True
        time.sleep(0.05)  # waiting for the operating system, which tells nobody
    return False


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
def test_both_screens_are_live_and_keys_work(size: tuple[int, int]) -> None:
    with console(*FROZEN, size=size) as running:
        running.shows("production", "6/6 members live")
        running.press("2")
        running.shows("prod-cloud", "edge-cold-chain", "v1.30.4")
        running.press("/")
        running.press("edge")
        running.until(lambda screen: "edge-east" in screen and "prod-cloud" not in screen)
        running.press("\x1b")
        running.shows("prod-cloud")
        running.press("\r")
        running.shows("credentials")
        running.press("\x1b")
        running.until(lambda screen: "credentials" not in screen)
        running.press("?")
        running.shows("Keys of Clusters")
        running.press("\x1b")
        running.until(lambda screen: "Keys of Clusters" not in screen)
        running.press("Z§5\x07")  # keys that mean nothing
        running.press("q")
        running.shows("Quit kurator-tui?")
        running.press("y")
        assert running.ends() == 0
        assert running.restored


def test_a_burst_of_keys_is_typed_into_the_bar_it_opens() -> None:
    with console(*FROZEN) as running:
        running.shows("production", "6/6 members live")
        running.press(":clusters\r")
        running.shows("prod-cloud", "edge-cold-chain", "v1.30.4")
        running.press("/edge-e")
        running.until(lambda screen: "edge-east" in screen and "edge-cold-chain" not in screen)
        running.press("\x1b")
        running.shows("prod-cloud", "edge-cold-chain")


@pytest.mark.alone
def test_a_killed_feeder_dims_the_rows_and_comes_back_within_three_seconds() -> None:
    with console(*FROZEN) as running:
        running.shows("production", "6/6 members live")
        os.kill(feeder_of(running), signal.SIGKILL)
        running.shows("feeder lost", "killed by signal 9", "production")
        began = time.monotonic()
        running.until(lambda screen: "6/6 members live" in screen and "feeder lost" not in screen)
        assert time.monotonic() - began < 3.0


def test_a_feeder_that_hangs_is_not_taken_for_a_live_one() -> None:
    with console(*FROZEN) as running:
        running.shows("production", "6/6 members live")
        feeder = feeder_of(running)
        os.kill(feeder, signal.SIGSTOP)
        running.shows("the feeder does not answer")
        with contextlib.suppress(
            ProcessLookupError
        ):  # given up meanwhile, where this machine stood still for long
            os.kill(feeder, signal.SIGCONT)
        running.until(lambda screen: "6/6 members live" in screen and "does not answer" not in screen)
        os.kill(feeder_of(running), signal.SIGSTOP)
        running.shows("the feeder does not answer")
        running.until(lambda screen: "6/6 members live" in screen and "does not answer" not in screen)
        assert feeder_of(running) != feeder, "given up and replaced"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signals_restore_the_terminal_and_end_with_their_code(number: int, code: int) -> None:
    with console(*FROZEN) as running:
        running.shows("6/6 members live")
        family = children(running.pid)
        os.kill(running.pid, number)
        assert running.ends() == code
        assert running.restored
        assert gone(family)


def test_a_killed_console_leaves_no_process_no_file_and_a_usable_terminal() -> None:
    with console(*FROZEN) as running:
        running.shows("6/6 members live")
        family = children(running.pid)
        assert len(family) >= 2
        os.kill(running.pid, signal.SIGKILL)
        assert running.ends() == 137
        assert gone(family)
        running.until(lambda _screen: running.restored, "the terminal given back by the feeder")
    private = os.listdir("/dev/shm") if os.path.isdir("/dev/shm") else []
    assert [name for name in private if any(f"kurator-tui-demo-{pid}-" in name for pid in family)] == []


def test_a_terminal_that_vanishes_takes_everything_with_it() -> None:
    with console("demo", "--scenario", "calm") as running:
        running.shows("6/6 members live")
        family = [running.pid, *children(running.pid)]
        os.close(running.child.child_fd)  # the window is closed
        assert gone(family)


def test_a_storm_of_resizes_and_a_tiny_terminal_do_no_harm() -> None:
    with console(*FROZEN, size=(120, 40)) as running:
        running.shows("6/6 members live")
        for step in range(60):
            running.size_fd(20 + step * 3, 5 + step)
            running.read(0.0)
        running.resize(20, 5)
        running.until(lambda screen: "6/6 live" in screen and "edge" in screen, "a row in 20x5")
        running.resize(120, 40)
        running.shows("production", "6/6 members live", "help")


def test_without_a_terminal_both_views_are_printed_once() -> None:
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "kurator_tui", *FROZEN],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    assert "production" in done.stdout
    assert "edge-cold-chain" in done.stdout
    assert "a terminal" in done.stdout


def test_a_kubeconfig_that_cannot_be_used_fills_the_screen_with_what_to_do(tmp_path: object) -> None:
    with console("--kubeconfig", str(tmp_path)) as running:
        running.shows("Kubeconfig cannot be used", "directory")
        running.press("q")
        assert running.ends() == 4
        assert running.restored
