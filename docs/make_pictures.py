"""Draws the pictures of README and guide with the program itself, on scenarios of the demo: `make pictures`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PICTURES = Path(__file__).parent / "pictures"
LOGS = "/ n a m e : r e c o m m * Enter L"
DRAWN = {
    # on-prem's server refuses connections from the tenth second on
    "clusters": ("clusters", "--size", "160x20", "--scenario", "outage", "--after", "14"),
    "pods": ("pods", "--size", "160x28", "--scenario", "frozen", "--details"),
    "fleets": ("fleets", "--size", "160x32", "--scenario", "frozen", "--details"),
    "logs": ("deployments", "--size", "140x26", "--scenario", "default", "--keys", LOGS),
    # a canary climbs on three members and is about to be rolled back on one
    "rollouts": ("rollouts", "--size", "160x20", "--scenario", "release", "--after", "48"),
    "metrics": ("metrics", "--size", "160x16", "--scenario", "frozen", "--after", "5"),
    "charts": ("metrics", "--page", "cluster", "--size", "160x40", "--after", "5"),
}
"""Name of the picture -> what `screenshot` is told."""


def main() -> None:
    """Write one SVG a picture."""
    PICTURES.mkdir(exist_ok=True)
    for name, options in DRAWN.items():
        command = [sys.executable, "-m", "kurator_tui", "screenshot", *options, "--demo"]
        subprocess.run([*command, "-o", str(PICTURES / f"{name}.svg")], check=True)


if __name__ == "__main__":
    main()
