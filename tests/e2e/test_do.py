"""Changes from the command line, against a served demo: the same pipeline, with exit codes for scripts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kurator_tui.cli.demo_process import estate
from kurator_tui.cli.options import Options

DNS = ("deploy/coredns", "-n", "kube-system", "--cluster", "*")


@dataclass
class Line:
    """A command line on one estate; the audit is in a folder of its own."""

    kubeconfig: str
    home: Path

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "kurator_tui", *words],
            env={**os.environ, "XDG_STATE_HOME": str(self.home), "KUBECONFIG": self.kubeconfig},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )

    def told(self, *words: str) -> dict[str, Any]:
        """What a command with `-o json` says."""
        done = self.run(*words, "-o", "json")
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found


@pytest.fixture(scope="module")
def kubeconfig() -> Iterator[str]:
    with estate(Options(scenario="calm", members=3)) as running:
        yield running.kubeconfig


@pytest.fixture
def line(kubeconfig: str, tmp_path: Path) -> Line:
    return Line(kubeconfig, tmp_path)


def replicas(line: Line) -> dict[str, int]:
    """Wanted replicas of coredns by cluster."""
    shown = line.told("get", "deploy", "--cluster", "*", "-n", "kube-system", "--filter", "name:coredns")
    return {item["cluster"]: int(str(item["ready"]).partition("/")[2]) for item in shown["items"]}


def test_without_a_terminal_and_without_yes_nothing_is_written(line: Line) -> None:
    before = replicas(line)
    done = line.run("do", "scale", *DNS, "--replicas", "4")
    assert done.returncode == 3
    assert "--yes" in done.stderr
    assert "spec.replicas: 2 → 4" in done.stdout
    assert replicas(line) == before
    assert line.run("audit", "verify").returncode == 2


def test_a_dry_run_shows_the_plan_and_writes_nothing(line: Line) -> None:
    before = replicas(line)
    told = line.told("do", "scale", *DNS, "--replicas", "4", "--dry-run")
    assert told["ready"]
    assert len(told["plan"]["steps"]) == len(before)
    assert replicas(line) == before


@pytest.mark.parametrize("feeders", ["1", "2"])
def test_scaled_in_waves_over_one_feeder_or_several_audited_and_taken_back(line: Line, feeders: str) -> None:
    before = replicas(line)
    words = ("--feeders", feeders)
    told = line.told("do", "scale", *DNS, "--replicas", "3", "--yes", "--waves", "1,50%", *words)
    assert told["end"]["done"] == len(before)
    assert set(replicas(line).values()) == {3}
    shown = line.told("audit", "show")["items"]
    assert [entry["event"] for entry in shown].count("outcome") == len(before)
    assert line.run("audit", "verify").returncode == 0
    back = line.told("do", "undo", told["plan"]["id"], "--yes", *words)
    assert back["end"]["done"] == len(before)
    assert replicas(line) == before
    assert "begun, and no outcome" not in line.run("audit", "verify").stdout
    assert line.run("do", "resume").stdout == ""


def test_yes_never_passes_a_name_that_must_be_typed(line: Line) -> None:
    words = ("do", "delete", "cm/kube-root-ca.crt", "-n", "kube-system", "--cluster", "host")
    done = line.run(*words, "--yes")
    assert done.returncode == 3
    assert "--confirm" in done.stderr
    wrong = line.run(*words, "--yes", "--confirm", "something")
    assert wrong.returncode == 3


MANIFESTS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: hours}
data: {open: "8", close: "17"}
---
apiVersion: v1
kind: Namespace
metadata: {name: bakery}
"""


def test_documents_are_applied_to_several_clusters_and_taken_back(line: Line, tmp_path: Path) -> None:
    (tmp_path / "bakery.yaml").write_text(MANIFESTS)
    words = ("do", "apply", "-f", str(tmp_path), "-n", "bakery", "--cluster", "pro*", "--cluster", "ai-*")
    told = line.told(*words, "--yes")
    clusters = {step["target"]["cluster"] for step in told["plan"]["steps"]}
    assert len(clusters) == 2
    assert told["end"]["done"] == 4
    shown = line.told("get", "cm", "-n", "bakery", "--filter", "name:hours")["items"]
    assert {item["cluster"] for item in shown} == clusters
    again = line.run(*words, "--yes")
    assert "it is so already" in again.stdout
    assert again.returncode == 0, "a script may say the same twice"
    back = line.told("do", "undo", told["plan"]["id"], "--yes", "--confirm", told["plan"]["id"])
    assert back["end"]["done"] == 4
    (tmp_path / "bakery.yaml").write_text("kind: [")
    wrong = line.run(*words, "--dry-run")
    assert wrong.returncode == 2
    assert "bakery.yaml: line 1" in wrong.stderr


def test_a_read_only_command_line_changes_nothing(line: Line) -> None:
    done = line.run("do", "restart", *DNS, "--yes", "--read-only")
    assert done.returncode == 2
    assert "read-only" in done.stderr


def test_what_cannot_be_audited_is_not_written(line: Line) -> None:
    before = replicas(line)
    (line.home / "kurator-tui").write_text("in the way")
    done = line.run("do", "scale", *DNS, "--replicas", "4", "--yes")
    assert done.returncode == 9, done.stderr
    assert replicas(line) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("restart", "deploy/nobody", "--cluster", "*"), "there is no"),
        (("restart", "coredns"), "KIND/NAME"),
        (("restart", "deploy/coredns", "-n", "kube-system"), "several clusters"),
        (("scale", *DNS, "--replicas", "-1"), "replicas"),
        (("restart", "cm/kube-root-ca.crt", "-n", "kube-system", "--cluster", "host", "--waves", "0"), "neither"),
    ],
)
def test_wrong_usage_is_told(line: Line, words: tuple[str, ...], said: str) -> None:
    done = line.run("do", *words, "--yes")
    assert done.returncode == 2
    assert said in done.stderr


def test_a_fleet_and_a_cluster_are_the_objects_behind_their_rows(line: Line) -> None:
    told = line.told("do", "plugin.kyverno", "fleet/production", "--action", "Enforce", "--dry-run")
    (step,) = told["plan"]["steps"]
    assert (step["target"]["cluster"], step["target"]["kind"]) == ("host", "fleets.fleet.kurator.dev")
    left = line.told("do", "fleet.leave", "cluster/prod-cloud", "--dry-run")
    (step,) = left["plan"]["steps"]
    assert step["target"]["name"] == "production"
