"""`triage` on a running estate: what is wrong as pipelines read it, what is silenced, what is broken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kurator_tui.cli.demo_process import Estate, estate
from kurator_tui.cli.options import Options


@pytest.fixture(scope="module")
def demo() -> Iterator[Estate]:
    with estate(Options(scenario="frozen", members=1)) as running:
        yield running


def triage(demo: Estate, home: Path, *arguments: str, path: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kurator_tui", "triage", *arguments, "--kubeconfig", demo.kubeconfig]
    env = {**os.environ, "KURATOR_TUI_CONFIG_DIR": str(home), "XDG_STATE_HOME": str(home)}
    env["PYTHONPATH"] = os.pathsep.join(part for part in (path, env.get("PYTHONPATH", "")) if part)
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


def test_incidents_are_told_worst_first_and_without_those_that_are_silenced(demo: Estate, tmp_path: Path) -> None:
    about = tmp_path / "acme-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[kurator_tui.analysers]\nacme = nowhere:PODS\n")
    (tmp_path / "silences.yaml").write_text("- code: [KT1001]\n")
    done = triage(demo, tmp_path, "-o", "json", "--fail-on", "high", path=str(tmp_path))
    found: list[dict[str, Any]] = json.loads(done.stdout)["incidents"]
    assert done.returncode == 1, done.stderr
    assert "host: analyser acme broken: ModuleNotFoundError" in done.stderr
    assert "line 1: code: expected codes" in done.stderr
    assert "nothing is silenced" in done.stderr
    ranks = [["critical", "high", "medium", "low"].index(each["severity"]) for each in found]
    assert ranks == sorted(ranks)
    assert all(set(each) == {"code", "severity", "title", "clusters", "objects", "since"} for each in found)
    assert all(each["objects"] and each["clusters"] for each in found)

    (tmp_path / "silences.yaml").write_text("- {codes: [KT*], reason: all of it}\n")
    done = triage(demo, tmp_path, "-o", "json", "--fail-on", "high")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"incidents": []})
    assert "findings: --no-silence tells them" in done.stderr
