"""Metrics of the systems that only some members have: Volcano, GPUs, KubeEdge, Velero, Submariner."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from kurator_tui.demo.promql.series import Function
from kurator_tui.demo.promql.values import Labels
from kurator_tui.demo.series.families import Family, Member, Row, named, number_of, part, parts, seconds_of
from kurator_tui.demo.series.waves import Wave, constant, share, wave
from kurator_tui.demo.world.objects import quantity
from kurator_tui.demo.world.scheduling import ready

Obj = dict[str, Any]

_FRAMEBUFFER = 81_920.0


# -- Volcano


def _queues(of: Callable[[Obj], float]) -> Callable[[Member], Iterator[Row]]:
    def rows(member: Member) -> Iterator[Row]:
        for queue in member.all_of("queues.scheduling.volcano.sh"):
            yield Row({"queue_name": named(queue)}, constant(of(queue)))

    return rows


def _held(queue: Obj, resource: str) -> float:
    return quantity(part(queue, "status", "allocated").get(resource, 0))


def _may_hold(queue: Obj, resource: str) -> float:
    return quantity(part(queue, "spec", "capability").get(resource, 0))


def _share_held(queue: Obj) -> float:
    limit = _may_hold(queue, "cpu")
    return _held(queue, "cpu") / limit if limit else 0.0


def _unscheduled(member: Member) -> Iterator[Row]:
    pending = [
        job
        for job in member.all_of("jobs.batch.volcano.sh")
        if part(job, "status", "state").get("phase") == "Pending"
    ]
    if "volcano" in member.sets:
        yield Row({}, constant(float(len(pending))))


def _attempts(member: Member) -> Iterator[Row]:
    if "volcano" in member.sets:
        for result, most in (("scheduled", 0.4), ("unschedulable", 0.1), ("error", 0.002)):
            yield Row({"result": result}, wave(f"{member.name}/{result}", most / 4, most).counter(member.start))


VOLCANO = (
    *(
        Family(f"volcano_queue_{name}", "gauge", text, "volcano-scheduler", _queues(of))
        for name, text, of in (
            ("allocated_milli_cpu", "Allocated CPU count for one queue", lambda q: 1000 * _held(q, "cpu")),
            ("allocated_memory_bytes", "Allocated memory for one queue", lambda q: _held(q, "memory")),
            ("capacity_milli_cpu", "CPU count capacity for one queue", lambda q: 1000 * _may_hold(q, "cpu")),
            ("capacity_memory_bytes", "Memory capacity for one queue", lambda q: _may_hold(q, "memory")),
            ("share", "Share for one queue", _share_held),
            ("overused", "If one queue is overused", lambda q: float(_share_held(q) > 1)),
            ("weight", "Weight for one queue", lambda q: number_of(part(q, "spec").get("weight"))),
        )
    ),
    Family(
        "volcano_unschedule_job_count", "gauge", "Number of unschedulable jobs", "volcano-scheduler", _unscheduled
    ),
    Family(
        "volcano_schedule_attempts_total", "counter", "Attempts to schedule pods", "volcano-scheduler", _attempts
    ),
)


# -- GPUs


def _gpus(of: Callable[[str], Function]) -> Callable[[Member], Iterator[Row]]:
    """One row a GPU, where the exporter runs."""

    def rows(member: Member) -> Iterator[Row]:
        if not member.has("gpu-operator", "dcgm-exporter", "daemonsets.apps"):
            return
        for node in member.answering():
            for number in range(int(quantity(part(node, "status", "capacity").get("nvidia.com/gpu", 0)))):
                labels = {"Hostname": named(node), "gpu": str(number), "modelName": "NVIDIA A100-SXM4-80GB"}
                yield Row({**labels, "UUID": f"GPU-{named(node)}-{number}"}, of(f"{named(node)}/{number}"))

    return rows


def _busy(name: str) -> Wave:
    return wave(f"gpu/{name}", 30.0, 58.0)


GPU = tuple(
    Family(f"DCGM_FI_DEV_{name}", "gauge", text, "dcgm-exporter", _gpus(of))
    for name, text, of in (
        ("GPU_UTIL", "GPU utilization (in %).", lambda name: _busy(name).gauge()),
        ("GPU_TEMP", "GPU temperature (in C).", lambda name: _busy(name).gauge(0.4, 35.0)),
        ("POWER_USAGE", "Power draw (in W).", lambda name: _busy(name).gauge(3.0, 80.0)),
        ("FB_USED", "Framebuffer memory used (in MiB).", lambda name: _busy(name).gauge(_FRAMEBUFFER / 110)),
        (
            "FB_FREE",
            "Framebuffer memory free (in MiB).",
            lambda name: _busy(name).gauge(-_FRAMEBUFFER / 110, _FRAMEBUFFER),
        ),
        (
            "XID_ERRORS",
            "Value of the last XID error encountered.",
            lambda n: constant(79.0 if share(n, 8) > 0.97 else 0.0),
        ),
    )
)


# -- KubeEdge, Velero, Submariner


def _edge_nodes(member: Member) -> Iterator[Row]:
    if member.sets & {"kubeedge", "kubeedge-old"}:
        edge = [n for n in member.nodes if "node-role.kubernetes.io/edge" in part(n, "metadata", "labels")]
        yield Row({}, constant(float(sum(ready(node) for node in edge))))


def _by_schedule(member: Member) -> Iterator[tuple[str, list[Obj]]]:
    """Schedules and their backups, the newest first; backups without a schedule are the schedule ""."""
    found: dict[str, list[Obj]] = {}
    for backup in member.all_of("backups.velero.io"):
        name = str(part(backup, "metadata", "labels").get("velero.io/schedule-name", ""))
        found.setdefault(name, []).append(backup)
    for name, backups in found.items():
        yield name, sorted(backups, key=_when, reverse=True)


_ENDED = ("Completed", "PartiallyFailed", "Failed", "FailedValidation")


def _when(backup: Obj) -> float:
    status = part(backup, "status")
    return seconds_of(status.get("completionTimestamp") or backup["metadata"].get("creationTimestamp"))


def _phase(backup: Obj) -> str:
    return str(part(backup, "status").get("phase", ""))


def _backups(of: Callable[[list[Obj]], float | None]) -> Callable[[Member], Iterator[Row]]:
    def rows(member: Member) -> Iterator[Row]:
        for schedule, backups in _by_schedule(member):
            value = of(backups)
            if value is not None:
                yield Row({"schedule": schedule}, constant(value))

    return rows


def _last_success(backups: list[Obj]) -> float | None:
    return next((_when(each) for each in backups if _phase(each) == "Completed"), None)


def _last_status(backups: list[Obj]) -> float | None:
    """Of the newest one that ended: one that goes on says nothing yet."""
    ended = next((each for each in backups if _phase(each) in _ENDED), None)
    return float(_phase(ended) == "Completed") if ended is not None else None


def _ended(*phases: str) -> Callable[[list[Obj]], float]:
    return lambda backups: float(sum(_phase(each) in phases for each in backups))


VELERO = tuple(
    Family(f"velero_backup_{name}", kind, text, "velero", _backups(of))
    for name, kind, text, of in (
        ("last_successful_timestamp", "gauge", "Last time a backup ran successfully", _last_success),
        (
            "last_status",
            "gauge",
            "Last status of the backup. A value of 1 is success, 0 is failure",
            _last_status,
        ),
        ("success_total", "counter", "Total number of successful backups", _ended("Completed")),
        (
            "partial_failure_total",
            "counter",
            "Total number of partially failed backups",
            _ended("PartiallyFailed"),
        ),
        ("failure_total", "counter", "Total number of failed backups", _ended("Failed", "FailedValidation")),
    )
)


def _connections(member: Member) -> Iterator[tuple[Obj, Labels]]:
    for gateway in member.all_of("gateways.submariner.io"):
        local = part(gateway, "status", "localEndpoint")
        for connection in parts(gateway, "status", "connections"):
            remote = part(connection, "endpoint")
            yield (
                connection,
                {
                    "local_cluster": member.name,
                    "local_hostname": str(local.get("hostname", "")),
                    "remote_cluster": str(remote.get("cluster_id", "")),
                    "remote_hostname": str(remote.get("hostname", "")),
                    "cable_driver": "libreswan",
                },
            )


def _connected(member: Member) -> Iterator[Row]:
    for connection, labels in _connections(member):
        yield Row({**labels, "status": str(connection.get("status", ""))}, constant(1.0))


def _flow(way: str, name: str, member: Member) -> Function:
    return wave(f"{name}/{way}", 1e4, 6e5).counter(member.start)


def _of_connection(of: Callable[[str, Member], Function]) -> Callable[[Member], Iterable[Row]]:
    """One row a connection that works."""

    def rows(member: Member) -> Iterator[Row]:
        for connection, labels in _connections(member):
            if connection.get("status") == "connected":
                yield Row(labels, of(f"{member.name}/{labels['remote_cluster']}", member))

    return rows


OTHERS = (
    Family(
        "KubeEdge_CloudHub_connected_nodes",
        "gauge",
        "Number of nodes that connected to the cloudHub",
        "cloudcore",
        _edge_nodes,
    ),
    Family(
        "submariner_connections",
        "gauge",
        "Number of connections and corresponding status",
        "submariner",
        _connected,
    ),
    Family(
        "submariner_connection_latency_seconds",
        "gauge",
        "Connection latency in seconds; last RTT",
        "submariner",
        _of_connection(lambda name, _member: wave(name, 0.004, 0.04).gauge()),
    ),
    *(
        Family(
            f"submariner_gateway_{way}_bytes",
            "gauge",
            f"Count of bytes by cable driver and cable ({way})",
            "submariner",
            _of_connection(partial(_flow, way)),
        )
        for way in ("rx", "tx")
    ),
)
