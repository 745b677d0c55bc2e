"""Draws the README's pictures with the program itself, on the demo's frozen scenario: `make pictures`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PICTURES = Path(__file__).parent / "pictures"
DRAWN = {
    # on-prem's server refuses connections from the tenth second on
    "clusters": ("--size", "160x20", "--scenario", "outage", "--after", "14"),
    "pods": ("--size", "160x28", "--scenario", "frozen", "--details"),
    "fleets": ("--size", "160x32", "--scenario", "frozen", "--details"),
}


def main() -> None:
    """Write one SVG a view."""
    PICTURES.mkdir(exist_ok=True)
    for view, options in DRAWN.items():
        command = [sys.executable, "-m", "kurator_tui", "screenshot", view, "--demo", *options]
        subprocess.run([*command, "-o", str(PICTURES / f"{view}.svg")], check=True)


if __name__ == "__main__":
    main()
