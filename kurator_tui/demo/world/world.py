"""The whole estate in one object: built from a seed, told the time by `tick`, faulted through a callback.

Promises:
- Same seed, scenario and members, and `tick` up to the same time, give the same objects, however it is cut.
- `tick` does not wait and reads no clock but its argument.
- Nothing is written before `build`, and nothing moves before `start_controllers`.
"""

import random
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from kurator_tui.demo.apiserver.changes import StorageEvent
from kurator_tui.demo.apiserver.storage import Storage
from kurator_tui.demo.world import batchwork, furnish, hostobjects, installed, podstates, topology
from kurator_tui.demo.world.clock import FIXED_EPOCH, Timeline, WorldClock
from kurator_tui.demo.world.cluster import SimCluster
from kurator_tui.demo.world.controllers import (
    applications,
    argo,
    budgets,
    cleanup,
    deployment,
    endpoints,
    flagger,
    fleets,
    flux,
    replicaset,
    revisions,
    rounds,
    tekton,
    volcano,
)
from kurator_tui.demo.world.controllers.common import Surroundings
from kurator_tui.demo.world.estate import Builder
from kurator_tui.demo.world.incidents import Incident
from kurator_tui.demo.world.kubelet import Kubelet
from kurator_tui.demo.world.kurator import Access
from kurator_tui.demo.world.nodes import LEASE, Nodes
from kurator_tui.demo.world.recorder import Recorder
from kurator_tui.demo.world.story import Story
from kurator_tui.demo.world.topology import ClusterPlan
from kurator_tui.demo.world.traffic import Traffic

Obj = dict[str, Any]
FaultSetter = Callable[[str, str], None]
"""`(cluster, mode)`: have a cluster's server misbehave; mode `none` heals it."""

_PASSING = ("", "ContainerCreating", "PodInitializing")
#: Lease renewals a second that the estate's nodes may cause together.
_RENEWALS = 8.0


@dataclass(frozen=True, slots=True)
class Machinery:
    """The controllers of one running cluster that others give orders to."""

    cluster: SimCluster
    record: Recorder
    kubelet: Kubelet
    nodes: Nodes


class World:
    """Clusters by name (`host` first), their plans, and their machinery once started."""

    def __init__(self, members: int = 6, seed: int = 1, clock: WorldClock | None = None) -> None:
        self.seed = seed
        self.clock = clock or WorldClock(FIXED_EPOCH)
        self.timeline = Timeline(self.clock)
        self.traffic = Traffic(self.clock)
        self.rng = random.Random(f"{seed}/world")
        self.plans: dict[str, ClusterPlan] = {
            plan.name: plan for plan in (topology.HOST_PLAN, *topology.members(members))
        }
        self.clusters: dict[str, SimCluster] = {name: self._cluster(name) for name in self.plans}
        self.machinery: dict[str, Machinery] = {}
        self.flux: flux.Flux
        self.frozen = False
        self.faults: dict[str, str] = {}
        self.story = Story()
        self._set_fault: FaultSetter = lambda _cluster, _mode: None
        self._set_version: Callable[[str, str], None] = lambda _cluster, _version: None
        self.lived: list[Incident] = []
        """What a triage should have said by now of everyday life: most of that is nothing to tell of."""
        self.unexposed: set[str] = set()
        """Members whose sidecar Thanos is not given any more: what they measure stays with them."""

    @property
    def host(self) -> SimCluster:
        """The cluster Kurator runs in."""
        return self.clusters[topology.HOST]

    @property
    def members(self) -> list[str]:
        """Names of the other clusters, in order."""
        return [name for name in self.plans if name != topology.HOST]

    def _cluster(self, name: str) -> SimCluster:
        bits = random.Random(f"{self.seed}/{name}/uid")
        storage = Storage(
            installed.catalogue(self.plans[name]),
            self.clock.wall,
            new_uid=partial(_uid, bits),
            first_version=bits.randint(100_000, 900_000),
        )
        return SimCluster(name, storage, self.timeline, self.seed)

    def build(self, access: Mapping[str, Access]) -> None:
        """Fill every cluster; `access` by cluster goes into the members' kubeconfig Secrets."""
        for name, plan in self.plans.items():
            Builder(self.clusters[name], plan).build()
        plans = [self.plans[name] for name in self.members]
        hostobjects.build(self.host, plans, access)
        for name, plan in self.plans.items():
            furnish.furnish(self.clusters[name], plan, plans, self.seed)
        self._pump()

    def on_fault(self, set_fault: FaultSetter) -> None:
        """Have faults carried out by `set_fault`; without it they are only noted in `faults`."""
        self._set_fault = set_fault

    def on_version(self, set_version: Callable[[str, str], None]) -> None:
        """Have API servers say another version by `set_version` (cluster, version)."""
        self._set_version = set_version

    def upgrade(self, cluster: str, version: str) -> None:
        """A cluster's API server runs this version from now on."""
        self._set_version(cluster, version)

    def start_controllers(self) -> None:
        """Start the controllers of every cluster; what is there already counts as seen."""
        self._pump()
        total = sum(len(cluster.all_of("nodes")) for cluster in self.clusters.values())
        slow = max(1.0, total / LEASE / _RENEWALS)
        for name, cluster in self.clusters.items():
            self.machinery[name] = _start(cluster, slow, self.traffic)
            cluster.watch("pods", partial(self._note_failure, name))
        around = Surroundings(self.host, self.machinery[topology.HOST].record)
        fleets.FleetManager(around, self.plans)
        plans = {name: self.plans[name] for name in self.members}
        members = {name: self.clusters[name] for name in self.members}
        self.flux = flux.Flux(around, plans, members, self.is_down)
        tekton.Tekton(around)
        applications.Applications(around, members, self.is_down)

    def _note_failure(self, cluster: str, event: StorageEvent) -> None:
        """Have a pod that did not wait before, and waits now, in the story."""
        reason = podstates.waiting_reason(event.obj)
        before = podstates.waiting_reason(event.old_obj) if event.old_obj else ""
        if reason not in _PASSING and before in _PASSING:
            meta = event.obj["metadata"]
            self.story.failed(self.clock.wall(), f"{cluster}/{meta['namespace']}/{meta['name']}", reason)

    def is_down(self, cluster: str) -> bool:
        """Whether other clusters get no answer from this one."""
        return self.faults.get(cluster, "none") not in ("none", "latency", "half_line")

    def fault(self, cluster: str, mode: str) -> None:
        """Have a cluster's server misbehave (`none`: work again)."""
        self.faults[cluster] = mode
        self._set_fault(cluster, mode)

    def tick(self, now: float) -> None:
        """Bring the world to wall time `now` (seconds since 1970); earlier times change nothing."""
        if self.frozen:
            return
        self._pump()
        self.timeline.run(self.clock.elapsed_at(now), self._pump)

    def _pump(self) -> None:
        for cluster in self.clusters.values():
            cluster.pump()


def _uid(bits: random.Random) -> str:
    return str(uuid.UUID(int=bits.getrandbits(128), version=4))


def _start(cluster: SimCluster, slow: float, traffic: Traffic) -> Machinery:
    """The controllers every cluster has."""
    record = Recorder(cluster)
    around = Surroundings(cluster, record)
    kubelet = Kubelet(cluster, record)
    nodes = Nodes(around, kubelet, slow)
    deployment.Deployments(around)
    replicaset.ReplicaSets(around)
    endpoints.EndpointSlices(around)
    revisions.DaemonSets(around)
    revisions.StatefulSets(around)
    budgets.Jobs(around)
    budgets.DisruptionBudgets(around)
    if flagger.CANARIES in cluster.types:
        flagger.Flagger(around, traffic)
    if argo.ROLLOUTS in cluster.types:
        argo.ArgoRollouts(around)
    if batchwork.QUEUES in cluster.types:
        volcano.Volcano(around)
    rounds.Rounds(around)
    cleanup.GarbageCollector(around)
    cleanup.Namespaces(around)
    cleanup.Finalizers(around)
    cleanup.OrphanedPods(around)
    return Machinery(cluster, record, kubelet, nodes)
