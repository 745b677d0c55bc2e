"""`kurator-tui get clusters` and kubectl, asked about the same estate, count the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from kurator_tui.cli.demo_process import estate
from kurator_tui.cli.options import Options

KUBECTL = Path(sys.executable).parent / "kubectl"


def kubectl_count(kubeconfig: str, context: str, plural: str) -> int:
    command = [str(KUBECTL), "--kubeconfig", kubeconfig, "--context", context]
    done = subprocess.run(
        [*command, "get", plural, "-A", "-o", "name"], capture_output=True, text=True, check=True
    )
    return len(done.stdout.splitlines())


def console_rows(kubeconfig: str, view: str) -> dict[str, dict[str, Any]]:
    command = [sys.executable, "-m", "kurator_tui", "get", view, "-o", "json", "--kubeconfig", kubeconfig]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {item["name"]: item for item in json.loads(done.stdout)["items"]}


def test_node_and_pod_counts_of_every_cluster_agree_with_kubectl() -> None:
    with estate(Options(scenario="frozen")) as running:
        rows = console_rows(running.kubeconfig, "clusters")
        assert rows.keys() == {cluster["name"] for cluster in running.ready["clusters"]}
        for name, row in rows.items():
            context = "demo" if name == "host" else f"demo-{name}"
            assert row["nodes"] == kubectl_count(running.kubeconfig, context, "nodes"), name
            assert row["pods"] == kubectl_count(running.kubeconfig, context, "pods"), name
        fleets = console_rows(running.kubeconfig, "fleets")
        members = [row for row in rows.values() if row["fleet"] == "production"]
        assert fleets["production"]["pods"] == sum(row["pods"] for row in members)
        assert fleets["production"]["members"] == len(members)
