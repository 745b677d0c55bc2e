"""A kind that only some members serve and nobody wrote a file for, in a real terminal and from scripts."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from kurator_tui.cli.demo_process import Estate, estate
from kurator_tui.cli.options import Options
from tests.e2e.console import children, console


@pytest.fixture(scope="module")
def demo() -> Iterator[Estate]:
    with estate(Options(scenario="frozen")) as running:
        yield running


ELSEWHERE = "edgenodes.platform.example.com"
"""A kind that one member serves."""


def get(kubeconfig: str, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "kurator_tui", "get", *words, "--kubeconfig", kubeconfig]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_widgets_open_by_name_and_are_read(demo: Estate) -> None:
    with console("--kubeconfig", demo.kubeconfig, "--no-cache", size=(140, 30)) as running:
        running.shows("6/6 members live")
        running.press(":wd\r")
        running.shows("Widgets 9", "SIZE", "LINE", "on-prem", "widget-05", "BearingWorn")
        running.press("/widget-05\r")
        running.until(lambda screen: re.search(r"^▸.*widget-05", screen, re.M) is not None, "the row")
        running.press("d")
        running.shows("[Describe]", "vibration 9.2 mm/s", "S235")
        running.press("y")
        running.shows("[YAML]", "apiVersion: widgets.example.com/v1", "kind: Widget", "coating: zinc")
        running.press("q")
        running.until(lambda screen: "[YAML]" not in screen and "SIZE" in screen, "the table again")
        running.press(f":{ELSEWHERE}\r")  # the console has a view of its own that is called so
        running.shows("EdgeNodes platform.example.com 6", "SITE", "CONNECTED", "edge-east")


def test_get_prints_a_kind_that_one_member_serves(demo: Estate) -> None:
    process = get(demo.kubeconfig, ELSEWHERE, "-o", "json")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    found = json.loads(out)["items"]
    assert found
    assert {item["cluster"] for item in found} == {"edge-east"}


def test_an_interrupt_ends_get_watch_quietly(demo: Estate) -> None:
    process = get(demo.kubeconfig, "widgets", "--watch")
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())
    feeders = children(process.pid)
    process.send_signal(signal.SIGINT)
    _out, err = process.communicate(timeout=60)
    assert (first["type"], first["object"]["cluster"]) == ("added", "on-prem")
    assert (process.returncode, err.strip()) == (130, "")
    assert feeders
    assert not [pid for pid in feeders if os.path.exists(f"/proc/{pid}")]
