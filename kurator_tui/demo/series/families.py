"""What a metric family is, and what its rows may know of the member they are about."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from kurator_tui.demo.promql.series import Function
from kurator_tui.demo.promql.values import Labels
from kurator_tui.demo.series.past import Past
from kurator_tui.demo.world.cluster import SimCluster
from kurator_tui.demo.world.installed import installed
from kurator_tui.demo.world.topology import ClusterPlan
from kurator_tui.demo.world.traffic import HISTORY, Traffic

Obj = dict[str, Any]


class Row(NamedTuple):
    """One series of a family: its labels (without name and job), its values, and while it is there (seconds)."""

    labels: Labels
    values: Function
    born: float = 0.0
    ended: float = 0.0
    """0: it is still there."""


@dataclass(frozen=True)
class Member:
    """One member as its exporters see it."""

    cluster: SimCluster
    plan: ClusterPlan
    traffic: Traffic
    past: Past

    @property
    def name(self) -> str:
        """The member's name."""
        return self.plan.name

    @cached_property
    def sets(self) -> frozenset[str]:
        """The systems it has."""
        return frozenset(installed(self.plan))

    @cached_property
    def start(self) -> float:
        """When its counters began, seconds since 1970."""
        return self.cluster.clock.epoch - HISTORY

    @cached_property
    def nodes(self) -> list[Obj]:
        """Its nodes."""
        return self.cluster.all_of("nodes")

    def answering(self) -> Iterator[Obj]:
        """Nodes whose kubelet and exporters answer."""
        return (node for node in self.nodes if node["metadata"]["name"] not in self.cluster.stopped_nodes)

    def all_of(self, resource: str) -> list[Obj]:
        """The objects of a kind; [] where it is not served."""
        return self.cluster.all_of(resource)

    def has(self, namespace: str, workload: str, kind: str = "deployments.apps") -> bool:
        """Whether this workload is there."""
        return self.cluster.find(kind, namespace, workload) is not None


@dataclass(frozen=True, slots=True)
class Family:
    """One metric: name, type, help, the job that scrapes it, and its rows for a member."""

    name: str
    kind: str
    help: str
    job: str
    rows: Callable[[Member], Iterable[Row]]


def part(obj: Obj, *path: str) -> Obj:
    """An object inside another; {} where there is none, or something else (some objects are malformed)."""
    found: Any = obj
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def parts(obj: Obj, *path: str) -> list[Obj]:
    """The objects of a list inside an object; [] as in `part`."""
    found = part(obj, *path[:-1]).get(path[-1])
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def seconds_of(stamp: object) -> float:
    """A Kubernetes `Time` as seconds since 1970; 0 without one."""
    try:
        return datetime.fromisoformat(stamp).timestamp() if isinstance(stamp, str) else 0.0
    except (ValueError, OverflowError, OSError):
        return 0.0


def number_of(value: object) -> float:
    """A number of an object; 0 for what is none."""
    return float(value) if isinstance(value, int | float) else 0.0


def named(node: Obj) -> str:
    """The name of an object."""
    return str(node["metadata"]["name"])


def address(node: Obj) -> str:
    """A node's address."""
    found = parts(node, "status", "addresses")
    return str(found[0].get("address", "")) if found else ""
