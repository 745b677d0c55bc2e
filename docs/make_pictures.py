"""Draws the README's pictures with the program itself, on the demo's frozen scenario: `make pictures`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PICTURES = Path(__file__).parent / "pictures"
SIZES = {"fleets": "160x24", "clusters": "160x24"}


def main() -> None:
    """Write one SVG a view."""
    PICTURES.mkdir(exist_ok=True)
    for view, size in SIZES.items():
        command = [sys.executable, "-m", "kurator_tui", "screenshot", view, "--size", size]
        command += ["-o", str(PICTURES / f"{view}.svg"), "--demo", "--scenario", "frozen"]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
