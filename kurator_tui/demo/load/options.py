"""What load to make. Imports nothing: the command line reads its defaults."""

from dataclasses import dataclass

MEMBERS = 2000
"""Most members of one estate."""
LOAD = ("pods", "nodes", "events", "burst", "script")
"""The options that ask for an estate made for load."""


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """`pods`, `nodes` and `events` (a second) are totals over all members, dealt as evenly as possible.

    `burst` is how many events `POST /burst` sends when it is not told. `script` is a file of JSON lines to play.
    """

    members: int = 6
    pods: int = 0
    nodes: int = 0
    events: float = 0.0
    burst: int = 10_000
    script: str = ""
    seed: int = 1
    json: bool = False
    watch_parent: bool = False

    def checked(self) -> "LoadOptions":
        """These options. Raises ValueError when they make no sense."""
        if not 0 <= self.members <= MEMBERS:
            raise ValueError(f"members must be from 0 to {MEMBERS}")
        for name in ("pods", "nodes", "events", "burst"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise ValueError(f"{name} must not be negative")
        if (self.events or not self.script) and not (self.pods or self.nodes):
            raise ValueError("there is nothing to change: the estate must have pods or nodes")
        return self
