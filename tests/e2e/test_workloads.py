"""Any kind in a real terminal: `:pods` and `get pods` show what the servers have, in one order."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import pairwise

from kurator_tui.cli.demo_process import estate
from kurator_tui.cli.options import Options
from tests.e2e.console import console
from tests.e2e.test_agreement import kubectl_count


def printed(kubeconfig: str, *words: str) -> str:
    command = [sys.executable, "-m", "kurator_tui", "get", *words, "--kubeconfig", kubeconfig]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_screen_and_the_command_show_what_the_servers_have() -> None:
    with estate(Options(scenario="frozen")) as running:
        config = running.kubeconfig
        names = [cluster["name"] for cluster in running.ready["clusters"]]
        contexts = ["demo" if name == "host" else f"demo-{name}" for name in names]
        pods = sum(kubectl_count(config, context, "pods") for context in contexts)
        count, hashed = printed(config, "pods", "-o", "digest").split()
        assert (int(count), len(hashed)) == (pods, 64)
        rows = [re.split(r"\s{3,}", line)[:2] for line in printed(config, "po").splitlines()[1:]]
        with console("--kubeconfig", config, "--no-cache", size=(160, 30)) as terminal:
            terminal.shows("6/6 members live")
            terminal.press(":pods\r")
            # Columns are as wide as what has come: names are whole once all widths are known.
            screen = terminal.shows(f"Pods {pods} ─", *(name for name, *_ in rows[:20]))
            header, *lines = screen.splitlines()[3:-1]
            starts = [header.index(title) for title in ("NAME", "CLUSTER", "NAMESPACE")]
            shown = [[line[at:to].strip() for at, to in pairwise(starts)] for line in lines]
            assert shown == rows[: len(shown)]
            terminal.press("~")
            terminal.shows("STREAMS", "terminal", "watches: 7 by context")
            terminal.press("[")
            terminal.shows(f"Pods {pods} ─")
