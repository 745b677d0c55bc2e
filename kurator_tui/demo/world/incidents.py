"""What a triage should say of a scenario: its incidents, as data beside the scenario. Nothing of the console here.

Whoever grades compares these with what was found; nothing in the world reads them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Incident:
    """One cause that somebody has to find, and that should be one incident."""

    code: str
    """Of the finding that leads it, as `docs/findings` has them."""
    clusters: tuple[str, ...]
    """Where it is seen when it is as large as it gets, in order of their names."""
    of: str
    """What the inbox calls it by: the image, the node, the workload, `namespace/name` of the object."""
    since: float = 0.0
    """World second, counted from the scenario's beginning, at which it begins to be so."""
    by: float = 0.0
    """World second by which it must be found: rules wait until something has lasted."""

    @property
    def told(self) -> str:
        """In one line."""
        return f"{self.code} {self.of} ({', '.join(self.clusters)})"


def incident(code: str, cluster: str, of: str, since: float = 0.0, by: float = 0.0) -> Incident:
    """An incident of one cluster."""
    return Incident(code, (cluster,), of, since, by)
