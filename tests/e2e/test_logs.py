"""Logs in a real terminal: a new user finds a crash-looping pod in any of six clusters and reads why it ended."""

from __future__ import annotations

import json
import subprocess
import sys

from kurator_tui.cli.demo_process import estate
from kurator_tui.cli.options import Options
from tests.e2e.console import console


def test_the_previous_log_of_a_crash_looping_pod_is_four_keys_away() -> None:
    with (
        estate(Options()) as running,
        console("--kubeconfig", running.kubeconfig, "--no-cache", size=(80, 24)) as terminal,
    ):
        terminal.shows("6/6 members live")
        terminal.press("7")  # workloads: pods of all clusters
        terminal.until(lambda screen: "Pods" in screen and "Running" in screen and "asked" not in screen, "pods")
        terminal.press("T")  # the most restarts first
        terminal.until(lambda screen: "CrashLoopBackOff" in screen.splitlines()[4], "the crash-looping pod first")
        terminal.press("g")
        terminal.press("p")
        terminal.shows("Previous log", "0 dropped", "complete", "DATABASE_URL", "Traceback")
        terminal.press("\x1b")
        terminal.until(lambda screen: "▸✖" in screen.splitlines()[4], "the row still selected")


def test_a_script_reads_a_workload_over_clusters_and_a_refusal_is_an_exit_code() -> None:
    with estate(Options()) as running:
        found = logs(running.kubeconfig, "deploy/recommendation", "-n", "webapp", "--tail", "1", "-o", "json")
        lines = [json.loads(line) for line in found.stdout.splitlines()]
        clusters = {line["cluster"] for line in lines if "text" in line}
        assert (found.returncode, len(clusters) > 1) == (0, True)
        times = [line["time"] for line in lines if "text" in line]
        assert times == sorted(times)
        missing = logs(running.kubeconfig, "nosuch", "-n", "webapp", "--cluster", "on-*")
        assert missing.returncode == 6
        assert "not found" in missing.stderr


def logs(kubeconfig: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kurator_tui", "logs", *words, "--kubeconfig", kubeconfig]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)
