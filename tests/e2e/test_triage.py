"""The inbox as a user has it: an image that cannot be pulled, the evidence of it, what is said of it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.e2e.console import console

DEMO = ("-m", "kurator_tui.demo", "-o", "json", "--watch-parent", "--control", "--scenario", "bad-image")
SPEED = 0.5
"""World seconds in a second: the console is there, and looks at its inbox, before anything fails."""
BUDGET = 3.0
"""Seconds from the first failing change in any cluster until the evidence says why."""


@contextmanager
def bad_image() -> Iterator[dict[str, Any]]:
    """The demo as a process of its own; what it said when it was ready."""
    command = [sys.executable, *DEMO, "--speed", str(SPEED)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def first_failure(control: str) -> float:
    """Unix second in which the demo wrote the first pod of the bad image that fails."""
    with urllib.request.urlopen(f"{control}/failures", timeout=60) as answer:
        failures = json.load(answer)
    return min(float(each["wall"]) for each in failures if "/webapp/frontend-" in each["place"])


@pytest.mark.alone
def test_a_bad_image_is_one_incident_whose_evidence_names_the_cause(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    own = {name: str(tmp_path_factory.mktemp("own")) for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME")}
    bundles, config = tmp_path_factory.mktemp("bundles"), tmp_path_factory.mktemp("config")
    (config / "settings.yaml").write_text(f"bundles: {bundles}\n")
    own["KURATOR_TUI_CONFIG_DIR"] = str(config)
    with bad_image() as demo, console("--kubeconfig", demo["kubeconfig"], size=(120, 70), env=own) as running:
        running.shows("members live")
        running.press("6")
        running.press("/frontend\r")
        looking = time.time()
        running.shows("image cannot be pulled: registry.shop.example/webapp/")
        running.press("\r")
        running.shows("Failed to pull image", "registry.shop.example/webapp/frontend")
        shown, failed = time.time(), first_failure(demo["control"])
        assert looking < failed, "the console came up too late to tell its delay"
        assert shown - failed < BUDGET, f"{shown - failed:.2f} s"
        running.shows("Failed to pull image", "not found", "grouped by", "Roll back deployments/frontend")
        running.shows("prod-cloud (7), on-prem (5), pre-cloud (3)")
        running.press("\x13")  # Ctrl-s, which would stop a terminal's output where nobody turned that off
        running.shows("bundle written")
        (folder,) = bundles.iterdir()
        assert "Failed to pull image" in (folder / "timeline.md").read_text()
        assert "grouped by" in (folder / "screens" / "evidence.txt").read_text()
        assert "frontend-" in (folder / "screens" / "objects.txt").read_text()
        running.press("aq")
        running.until(lambda screen: "Triage 1 of" in screen and " ack" in screen, "the inbox with its mark")
        running.press("s")
        running.shows("It comes back earlier")
        running.press("\r")
        running.shows("1 put off")
