"""Shells and port-forwards from the console in a real terminal, against a served demo."""

from __future__ import annotations

import os
import re
import signal
import termios
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.e2e.console import Console, children, command_of, console
from tests.e2e.served_demo import Kubectl, kubectl_binary, served_demo

pytestmark = pytest.mark.skipif(kubectl_binary() is None, reason="no kubectl")

MEMBER = "demo-prod-cloud"


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    with served_demo(tmp_path_factory.mktemp("demo")) as kubectl:
        yield kubectl.on(MEMBER)


@contextmanager
def opened(estate: Kubectl, view: str, *options: str) -> Iterator[Console]:
    """A console that shows `view` (`KIND FILTER`), complete."""
    with console("--kubeconfig", estate.kubeconfig, "--no-cache", *options, size=(120, 30)) as running:
        running.shows("1/1 members live")
        running.press(f":{view} cluster:prod-cloud\r")
        # Other screens and the offers for what is typed name the cluster too: the name comes first in its row.
        row = re.compile(rf"^\W*{view.split()[1]}.* prod-cloud ", re.MULTILINE)
        running.until(lambda screen: row.search(rows(screen)) is not None and "listed" not in screen, "the rows")
        yield running


def rows(screen: str) -> str:
    """The first rows of the table, but for their ages, which go on."""
    return re.sub(r" +\d+[smhd](\d+[smh])?(?= |$)", "", "\n".join(screen.splitlines()[3:12]), flags=re.MULTILINE)


def shell(running: Console, keys: str = "s") -> None:
    """Open a shell in the selected row."""
    running.press(keys)
    running.shows("kurator-tui: shell in prod-cloud", ":/#")


def under_cursor(running: Console) -> str:
    """Name of the row that keys are for."""
    found = re.search(r"^▸\W*(\S+)", running.screen(), re.MULTILINE)
    assert found, running.screen()
    return found[1]


def until_told(running: Console, line: str, wanted: str) -> None:
    """Type `line` until the shell answers `wanted`: what is typed may overtake the news of another size."""
    asked = [0.0]

    def told(screen: str) -> bool:
        if wanted not in screen and time.monotonic() - asked[0] > 1.0:
            running.press(line)
            asked[0] = time.monotonic()
        return wanted in screen

    running.until(told, wanted)


def feeder(running: Console) -> int:
    (pid,) = [pid for pid in children(running.pid) if "kurator_tui.feeder" in command_of(pid)]
    return pid


def test_a_shell_gives_the_screen_back_and_tells_its_exit_code(estate: Kubectl) -> None:
    with opened(estate, "pods cart") as running:
        before = rows(running.screen())
        pod = under_cursor(running)
        shell(running)
        running.press("hostname; stty size\r")
        running.until(lambda screen: f"\n{pod}" in screen and "30 120" in screen, "the pod's name and the size")
        running.resize(100, 40)
        until_told(running, "stty size\r", "40 100")
        running.resize(120, 30)
        running.press("echo gr\u00fc\u00dfe; exit 3\r")
        running.shows("ended with 3")
        running.until(lambda screen: rows(screen) == before, "the same rows")
        running.press("/frontend\r")
        running.until(lambda screen: "cart-" not in screen, "keys for the console")


def test_a_workloads_shell_is_one_in_a_ready_pod(estate: Kubectl) -> None:
    with opened(estate, "deploy cart") as running:
        shell(running, ":shell\r")
        running.shows("webapp / cart-")
        running.press("\x04")
        running.shows("ended with 0")


def test_an_image_without_a_shell_offers_a_debug_container(estate: Kubectl) -> None:
    with opened(estate, "pods coredns") as running:
        running.press("s")
        running.shows("has no shell", "busybox")
        running.press("\r")
        running.shows("Add an ephemeral container?", "prod-cloud", "kube-system/coredns-", "cannot be removed")
        running.press("\r")  # answers nothing
        running.press("y")
        running.shows("debug container in prod-cloud", "Starting debug-")
        running.until(lambda screen: re.search(r"/ ?#", screen) is not None, "a prompt")
        running.press("exit\r")
        running.shows("debug container ended with 0", "in coredns-")
    pods = estate.json("-n", "kube-system", "get", "pods")["items"]
    assert sum(len(pod["spec"].get("ephemeralContainers", ())) for pod in pods) == 1


def test_read_only_opens_no_shell(estate: Kubectl) -> None:
    with opened(estate, "pods cart", "--read-only") as running:
        running.press("s")
        running.shows("read-only", "to open a shell")


def test_a_process_is_attached_to_and_left_running(estate: Kubectl) -> None:
    with opened(estate, "pods cart") as running:
        before = rows(running.screen())
        running.press(":attach\r")
        running.shows("kurator-tui: process in prod-cloud", "the process goes on")
        running.until(lambda screen: len(re.findall(r"^20\d\d-", screen, re.M)) > 3, "what it writes")
        running.press("\x1d\x1d")
        running.shows("left the process", "in cart-")
        running.until(lambda screen: rows(screen) == before, "the same rows")
        running.press("q\x03y")
        assert running.ends() == 0
        assert running.restored
        assert termios.tcgetattr(running.child.child_fd)[3] & termios.ICANON


def test_a_pod_that_vanishes_gives_the_screen_back(estate: Kubectl) -> None:
    with opened(estate, "pods cart") as running:
        pod = under_cursor(running)
        shell(running)
        estate.run("-n", "webapp", "delete", "pod", pod, "--wait=false", "--grace-period=0", "--force")
        told = ("ended", "Enter closes")
        screen = running.until(
            lambda screen: "Pods " in screen and ":/#" not in screen and any(text in screen for text in told),
            "the table and what has happened",
        )
        if "Enter closes" in screen:
            running.press("\r")
            running.until(lambda screen: "Enter closes" not in screen, "the table alone")
        running.press(":nodes\r")
        running.shows("─ Nodes ")
        running.press("q\x03y")
        assert running.ends() == 0
        assert running.restored
        assert termios.tcgetattr(running.child.child_fd)[3] & termios.ICANON


def test_a_lost_feeder_ends_a_shell(estate: Kubectl) -> None:
    with opened(estate, "pods cart") as running:
        shell(running)
        os.kill(feeder(running), signal.SIGKILL)
        running.shows("The feeder process ended", "Open it again")


def test_a_shell_that_does_not_answer_is_left(estate: Kubectl) -> None:
    with opened(estate, "pods cart") as running:
        shell(running)
        os.kill(feeder(running), signal.SIGSTOP)
        running.press("\x1d\x1d")
        running.shows("left the shell", "in cart-")


def test_a_flood_is_left_at_once(estate: Kubectl) -> None:
    with opened(estate, "pods cart") as running:
        shell(running)
        running.press("yes\r")
        running.until(lambda screen: screen.count("\ny") > 10, "the flood")
        running.press("\x1d\x1d")
        # What is left of the flood may take the emulator longer than the words stay on the screen.
        running.until(lambda _screen: b"left the shell" in running.raw and b"in cart-" in running.raw, "the end")


def test_a_signal_during_a_shell_leaves_a_usable_terminal(estate: Kubectl) -> None:
    with opened(estate, "pods cart") as running:
        shell(running)
        os.kill(running.pid, signal.SIGTERM)
        assert running.ends() == 143
        assert running.restored
        assert termios.tcgetattr(running.child.child_fd)[3] & termios.ICANON


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return str(answer.read().decode())


def test_a_forward_survives_its_pod(estate: Kubectl) -> None:
    with opened(estate, "deploy cart") as running:
        running.press("F")
        running.shows("Forward a port of cart", "declared ports")
        running.press("\r")
        screen = running.shows("http://127.0.0.1:", ":forwards lists them")
        (url,) = set(re.findall(r"http://127\.0\.0\.1:\d+", screen))
        assert get(url)
        running.press(":forwards\r")
        names = re.compile(r"\bcart-[\w-]+")
        screen = running.until(
            lambda screen: (
                "TARGET" in screen and "deployments/cart" in screen and len(set(names.findall(screen))) == 1
            ),
            "the forward and its pod",
        )
        (pod,) = set(names.findall(screen))
        estate.run("-n", "webapp", "delete", "pod", pod, "--wait=false", "--grace-period=0", "--force")
        assert get(url)
        running.until(lambda screen: "deployments/cart" in screen and pod not in screen, "another pod")
        running.press("q")
        running.shows("Quit kurator-tui?", "1 port-forward ends with it")
        running.press("n")
        running.until(lambda screen: "Quit" not in screen)
        running.press("\x0b")
        running.shows("1 port-forward stopped")
        running.until(lambda screen: "deployments/cart" not in screen, "no forward")
        with pytest.raises(OSError, match="refused"):
            get(url)
