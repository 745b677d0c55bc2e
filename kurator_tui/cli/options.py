"""The options that say which estate a command looks at, as plain data. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """Global options of the command line. Empty strings mean the default."""

    kubeconfig: str = ""
    context: str = ""
    namespace: str = ""
    fleet: str = ""
    members_from: str = "kurator"
    read_only: bool = False
    theme: str = ""
    log_file: str = ""
    demo: bool = False
    members: int = 6
    scenario: str = "default"
    seed: int = 1
    speed: float = 1.0
