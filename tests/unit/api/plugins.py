"""An exec plugin for tests: a script that proves how it is run, and counts its runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec

PLUGIN = """\
import json, os, sys
runs = open({runs!r}, "a"); runs.write("x"); runs.close()
info = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
assert info["spec"]["interactive"] is False, info
assert sys.stdin.read() == ""
try:
    os.open("/dev/tty", os.O_RDWR); sys.exit("has a terminal")
except OSError:
    pass
sys.stderr.write("logging in\\x1b[2J as ada\\n")
{body}
"""


def plugin(folder: Path, body: str, **spec: Any) -> dict[str, Any]:
    """A user entry with an exec plugin; it appends to `runs` at each run."""
    script = folder / "plugin.py"
    script.write_text(PLUGIN.format(runs=str(folder / "runs"), body=body))
    version = "client.authentication.k8s.io/v1"
    return {"exec": {"apiVersion": version, "command": sys.executable, "args": [str(script)], **spec}}


def issue(**given: Any) -> str:
    credential = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": given}
    return f"print({msgspec.json.encode(credential).decode()!r})"


def runs(folder: Path) -> int:
    return len((folder / "runs").read_text())
