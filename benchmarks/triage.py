"""Triage of 100,000 objects on 50 members by all analysers: at the start, with each hundred changes, in a storm.

CPU time of judging and of making incidents, without that of the store, which is measured alone in the same run.
The storm is a minute in which 100,000 pods change, a tenth of a second at a time, many between well and unwell;
then one image that nobody can pull any more makes one incident of 20,000 findings, of which each hundred change.
"""

from __future__ import annotations

import gc
import random
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from benchmarks.harness import Figure, median, percentile
from kurator_tui import memory
from kurator_tui.kinds.apps import DAEMON_SET, JOB, STATEFUL_SET
from kurator_tui.kinds.base import HOST, AnyKind, Row
from kurator_tui.kinds.core import NODE, NodeRow
from kurator_tui.kinds.deployments import DEPLOYMENT, DeploymentRow
from kurator_tui.kinds.findings import FINDINGS
from kurator_tui.kinds.networking import ENDPOINT_SLICE, INGRESS, SERVICE
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.kinds.scaling import HORIZONTAL_POD_AUTOSCALER, POD_DISRUPTION_BUDGET
from kurator_tui.kinds.storage import PERSISTENT_VOLUME, PERSISTENT_VOLUME_CLAIM
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store
from kurator_tui.triage.registry import own
from kurator_tui.triage.triage import Triage

MEMBERS = 50
EACH: dict[AnyKind, int] = {
    POD: 1540,
    DEPLOYMENT: 130,
    SERVICE: 60,
    ENDPOINT_SLICE: 60,
    NODE: 30,
    STATEFUL_SET: 10,
    DAEMON_SET: 10,
    PERSISTENT_VOLUME_CLAIM: 40,
    PERSISTENT_VOLUME: 40,
    JOB: 30,
    INGRESS: 20,
    POD_DISRUPTION_BUDGET: 20,
    HORIZONTAL_POD_AUTOSCALER: 10,
}
"""Objects of a kind in each member: 100,000 together."""
NOW = 1_800_000_000.0
CHANGED, ROUNDS = 100, 200
RUNS = 3
STORM, BATCHES = 100_000, 600
FAILING = 20_000
BUDGET_START, BUDGET_CHANGES = 1.0, 5.0
BUDGET_STORM = 12.0
"""A fifth of one processor."""
BUDGET_OUTAGE, BUDGET_WORST = 3.0, 10.0
"""When all that changes is unwell: each change is a finding that comes, goes or is another one."""
STATUSES = ["Running"] * 97 + ["CrashLoopBackOff", "ImagePullBackOff", "Pending"]
STORMY = ["Running", "Running", "CrashLoopBackOff", "Pending"]
PULLING = ["ImagePullBackOff", "ErrImagePull"]

Estate = dict[tuple[AnyKind, str], list[Row]]


def pod(
    cluster: str, number: int, chance: random.Random, statuses: list[str] = STATUSES, image: str = ""
) -> PodRow:
    """One of a hundred and thirty workloads' pods, on one of thirty nodes, each workload with its own image."""
    status = chance.choice(statuses)
    well = status == "Running"
    return PodRow(
        *(cluster, sys.intern(f"team-{number % 10}"), f"web-{number % 130:03}-7d4b9c6f5-{number:05}"),
        f"{cluster}-p{number}",
        NOW - 86_400,
        phase="Pending" if status in ("Pending", *PULLING) else "Running",
        status=status,
        ready=int(well),
        containers=1,
        restarts=0 if well else 7,
        restarted_at=0.0 if well else NOW - 60,
        node="" if status == "Pending" else sys.intern(f"node-{number % 30:02}"),
        owner_kind="ReplicaSet",
        owner=sys.intern(f"web-{number % 130:03}-7d4b9c6f5"),
        message=""
        if well
        else f'Back-off pulling image "registry.example/{image or f"web-{number % 130:03}"}:v7"',
        ended="" if well else "Error:1",
    )


def made(kind: AnyKind, cluster: str, number: int) -> Row:
    """An object of `kind` that is well, made by its own projection."""
    if kind is NODE:
        return NodeRow(cluster, "", f"node-{number:02}", f"{cluster}-n{number}", NOW, ready="True")
    name, namespace = f"web-{number:03}", f"team-{number % 10}"
    labels = {"kubernetes.io/service-name": name}
    meta = {"name": name, "namespace": namespace, "uid": f"{cluster}-{kind.id}-{number}", "labels": labels}
    endpoint = {"addresses": ["10.0.0.1"], "targetRef": {"kind": "Pod", "name": f"{name}-7d4b9c6f5-00001"}}
    status: dict[str, Any] = {
        "readyReplicas": 1,
        "numberReady": 1,
        "desiredNumberScheduled": 1,
        "updatedNumberScheduled": 1,
        "phase": "Bound",
        "conditions": [{"type": "Complete", "status": "True"}],
        "disruptionsAllowed": 1,
    }
    backend = {"service": {"name": f"web-{number:03}"}}
    rules = [{"host": name, "http": {"paths": [{"path": "/", "backend": backend}]}}]
    spec = {"selector": {"app": name}, "replicas": 1, "rules": rules}
    obj: dict[str, Any] = {"metadata": meta, "spec": spec, "status": status, "endpoints": [endpoint]}
    assert kind.project is not None
    row: Row = kind.project(cluster, msgspec.convert(obj, kind.projection, strict=False))
    if isinstance(row, DeploymentRow):
        short = number % 50 == 0
        available = 0 if short else 1
        return replace(row, rolled_out=True, reason="NewReplicaSetAvailable", updated=1, available=available)
    return row


def estate() -> Estate:
    """All rows, by kind and member."""
    chance = random.Random(7)
    return {
        (kind, cluster): [
            pod(cluster, number, chance) if kind is POD else made(kind, cluster, number) for number in range(count)
        ]
        for cluster in (f"member-{number:02}" for number in range(MEMBERS))
        for kind, count in EACH.items()
    }


def pods_of(rows: Estate) -> list[PodRow]:
    """All pods."""
    return [
        row for (kind, _cluster), found in rows.items() if kind is POD for row in found if isinstance(row, PodRow)
    ]


def again(old: PodRow, chance: random.Random, statuses: list[str] = STATUSES, image: str = "") -> PodRow:
    """A pod at a later moment."""
    return pod(old.cluster, int(old.uid.rpartition("-p")[2]), chance, statuses, image)


class Run:
    """A store, and triage on it unless it is the baseline."""

    def __init__(self, *, judged: bool) -> None:
        self.now = NOW
        self.store = Store()
        self.store.defer(lambda: None)
        self.triage = Triage(self.store, own(), lambda: self.now) if judged else None

    def fill(self, rows: Estate) -> float:
        """CPU seconds until all rows are there and judged."""
        kinds = Triage(Store(), own(), lambda: NOW).kinds
        began = time.process_time()
        for cluster in (HOST, *{cluster for _kind, cluster in rows}):
            for kind in kinds:
                self.store.set_freshness(cluster, kind.id, Freshness(State.LIVE, NOW))
        for (kind, cluster), found in rows.items():
            self.store.put(kind.id, cluster, {row.uid: row for row in found})
        self.store.flush()
        self._judge()
        return time.process_time() - began

    def change(self, rows: Estate) -> Iterator[float]:
        """CPU milliseconds of each round of a hundred pods that changed."""
        chance = random.Random(11)
        pods = pods_of(rows)
        for number in range(ROUNDS):
            self.now += 1
            chosen = chance.sample(pods, CHANGED)
            yield self._put(replace(again(old, chance), ip=f"10.0.0.{number}") for old in chosen) * 1000

    def storm(self, rows: Estate) -> float:
        """CPU seconds of a minute in which pods change all the time."""
        chance = random.Random(13)
        pods, spent = pods_of(rows)[: STORM // 10], 0.0
        for number in range(BATCHES):
            self.now += 60 / BATCHES
            chosen = chance.sample(pods, STORM // BATCHES)
            spent += self._put(replace(again(old, chance, STORMY), ip=f"10.1.0.{number}") for old in chosen)
        return spent

    def outage(self, rows: Estate) -> tuple[float, list[float]]:
        """CPU seconds until `FAILING` pods that cannot pull one image are one incident, then milliseconds of each
        hundred of them that change."""
        chance = random.Random(17)
        pods = pods_of(rows)[-FAILING:]
        began = self._put(again(old, chance, PULLING, "shared") for old in pods)
        rounds = []
        for _number in range(ROUNDS):
            self.now += 1
            chosen = chance.sample(pods, CHANGED)
            rounds.append(self._put(again(old, chance, [*PULLING, "Running"], "shared") for old in chosen) * 1000)
        return began, rounds

    def _put(self, rows: Iterable[PodRow]) -> float:
        """CPU seconds until these are judged."""
        changes: dict[str, dict[str, Row | None]] = {}
        for row in rows:
            changes.setdefault(row.cluster, {})[row.uid] = row
        began = time.process_time()
        for cluster, delta in changes.items():
            self.store.put(POD.id, cluster, delta)
        self.store.flush()
        self._judge()
        return time.process_time() - began

    def _judge(self) -> None:
        if self.triage is not None:
            self.triage.refresh()


class Measured(NamedTuple):
    """CPU seconds, and milliseconds of each round, of one run."""

    start: float
    rounds: list[float]
    storm: float
    outage: float
    outage_rounds: list[float]
    findings: int


def measure(rows: Estate, *, judged: bool) -> Measured:
    """One run over all."""
    gc.collect()
    one = Run(judged=judged)
    start = one.fill(rows)
    found = len(list(one.store.rows(FINDINGS.id)))
    rounds = list(one.change(rows))
    storm = one.storm(rows)
    return Measured(start, rounds, storm, *one.outage(rows), found)


def run(quick: bool = False) -> list[Figure]:
    """The start, a hundred changes, a storm, and one cause of very many findings."""
    memory.tune()
    rows = estate()
    gc.collect()
    gc.freeze()
    try:
        runs = [(measure(rows, judged=False), measure(rows, judged=True)) for _ in range(1 if quick else RUNS)]
    finally:
        gc.unfreeze()
    bare, judged = zip(*runs, strict=True)
    return [
        _once(
            "triage of 100,000 objects at the start",
            BUDGET_START,
            [it.start for it in bare],
            judged[0].findings,
            [it.start for it in judged],
        ),
        _rounds("triage of 100 changes", BUDGET_CHANGES, [it.rounds for it in bare], [it.rounds for it in judged]),
        _once(
            "triage of 100,000 events in a minute",
            BUDGET_STORM,
            [it.storm for it in bare],
            0,
            [it.storm for it in judged],
        ),
        _once(
            "20,000 pods that fail at once",
            BUDGET_OUTAGE,
            [it.outage for it in bare],
            FAILING,
            [it.outage for it in judged],
        ),
        _rounds(
            "100 changes of an incident of 20,000 findings",
            BUDGET_WORST,
            [it.outage_rounds for it in bare],
            [it.outage_rounds for it in judged],
        ),
    ]


def _once(name: str, budget: float, bare: list[float], findings: int, judged: list[float]) -> Figure:
    alone = median(bare)
    return Figure(
        *(name, median(judged) - alone, "s", budget),
        worst=max(judged) - alone,
        baseline=("the store alone", alone),
        note=f"{findings:,} findings" if findings else "",
    )


def _rounds(name: str, budget: float, bare: list[list[float]], judged: list[list[float]]) -> Figure:
    alone = median([each for rounds in bare for each in rounds])
    taken = [each for rounds in judged for each in rounds]
    return Figure(
        *(name, median(taken) - alone, "ms", budget),
        worst=percentile(taken, 0.99) - alone,
        baseline=("the store alone", alone),
        note="worst is the 99th percentile",
    )
