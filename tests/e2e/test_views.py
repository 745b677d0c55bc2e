"""A column of `views.yaml` in what `get` prints, and a broken one on stderr."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from kurator_tui.cli.demo_process import estate
from kurator_tui.cli.options import Options

VIEWS = """
pods:
  columns:
    - {key: images, path: "spec.containers[*].image"}
    - {key: containers_there, path: spec.containers, format: count}
    - {key: bad, path: "status["}
"""


def test_get_prints_filters_and_tells_as_the_file_says(tmp_path: Path) -> None:
    (tmp_path / "views.yaml").write_text(VIEWS)
    with estate(Options(scenario="frozen")) as running:
        words = ["get", "pods", "-o", "json", "--filter", "containers_there>1", "--kubeconfig", running.kubeconfig]
        done = subprocess.run(
            [sys.executable, "-m", "kurator_tui", *words],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "KURATOR_TUI_CONFIG_DIR": str(tmp_path)},
        )
    rows = json.loads(done.stdout)["items"]
    assert rows
    assert all(row["containers_there"] == len(row["images"].split(",")) > 1 for row in rows)
    assert "line 6: pods: columns: entry 3" in done.stderr
