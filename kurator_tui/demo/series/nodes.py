"""Metrics of machines: node_exporter, kubelet with cAdvisor."""

from collections.abc import Callable, Iterator
from typing import Any

from kurator_tui.demo.promql.series import Function
from kurator_tui.demo.promql.values import Seconds
from kurator_tui.demo.series.families import Family, Member, Row, address, named, part, parts
from kurator_tui.demo.series.waves import Wave, constant, share, wave
from kurator_tui.demo.world.objects import quantity

Obj = dict[str, Any]

#: A node's time by mode, as shares of what it does not idle; the rest is idle.
_MODES = {"user": 0.68, "system": 0.2, "iowait": 0.06, "softirq": 0.04, "steal": 0.02}
_DISK = 200 * 2**30


def load(node: Obj) -> Wave:
    """The share of a node's cores in use."""
    return wave(f"cpu/{node['metadata'].get('uid')}", 0.12, 0.55)


def memory(node: Obj) -> Wave:
    """The share of a node's memory in use."""
    found = wave(f"memory/{node['metadata'].get('uid')}", 0.3, 0.72)
    return found._replace(swings=(found.base * 0.02, found.base * 0.04, found.base * 0.06))


def cores(node: Obj) -> float:
    """How many a node has."""
    return quantity(part(node, "status", "capacity").get("cpu"))


def bytes_of(node: Obj) -> float:
    """Memory a node has."""
    return quantity(part(node, "status", "capacity").get("memory"))


def _of_node(of: Callable[[Member, Obj], Function], port: int = 9100) -> Callable[[Member], Iterator[Row]]:
    """One row a node that answers."""
    as_node = port == 10250

    def rows(member: Member) -> Iterator[Row]:
        for node in member.answering():
            labels = {"instance": f"{address(node)}:{port}", **({"node": named(node)} if as_node else {})}
            yield Row(labels, of(member, node))

    return rows


def _cpu_seconds(member: Member) -> Iterator[Row]:
    for node in member.answering():
        used, count = load(node), cores(node)
        labels = {"instance": f"{address(node)}:9100", "cpu": "0"}
        for mode, of_it in _MODES.items():
            yield Row({**labels, "mode": mode}, used.counter(member.start, count * of_it))
        idle = Wave(1 - used.base, tuple(-each for each in used.swings), used.phases)  # type: ignore[arg-type]
        yield Row({**labels, "mode": "idle"}, idle.counter(member.start, count))


def _filesystem(of: Callable[[Obj], Function]) -> Callable[[Member], Iterator[Row]]:
    def rows(member: Member) -> Iterator[Row]:
        for node in member.answering():
            where = {"device": "/dev/nvme0n1p1", "fstype": "ext4", "mountpoint": "/"}
            yield Row({"instance": f"{address(node)}:9100", **where}, of(node))

    return rows


def _free_disk(node: Obj) -> Function:
    """Filling up, on some nodes quickly enough for a forecast of days."""
    name = f"disk/{node['metadata'].get('uid')}"
    free, per_day = _DISK * (0.35 + 0.5 * share(name, 0)), _DISK * 0.03 * share(name, 1) ** 3

    def values(seconds: Seconds) -> list[float]:
        return [max(0.02 * _DISK, free - per_day * ((t % (30 * 86400)) / 86400)) for t in seconds]

    return values


def _network(scale: float) -> Callable[[Member], Iterator[Row]]:
    def rows(member: Member) -> Iterator[Row]:
        for node in member.answering():
            flow = wave(f"network/{node['metadata'].get('uid')}", 2e5, 4e6).counter(member.start, scale)
            yield Row({"instance": f"{address(node)}:9100", "device": "eth0"}, flow)

    return rows


NODE_EXPORTER = tuple(
    Family(name, kind, text, "node-exporter", rows)
    for name, kind, text, rows in (
        ("node_cpu_seconds_total", "counter", "Seconds the CPUs spent in each mode.", _cpu_seconds),
        (
            "node_memory_MemTotal_bytes",
            "gauge",
            "Memory information field MemTotal_bytes.",
            _of_node(lambda _member, node: constant(bytes_of(node))),
        ),
        (
            "node_memory_MemAvailable_bytes",
            "gauge",
            "Memory information field MemAvailable_bytes.",
            _of_node(lambda _member, node: memory(node).gauge(-bytes_of(node), bytes_of(node))),
        ),
        (
            "node_load1",
            "gauge",
            "1m load average.",
            _of_node(lambda _member, node: load(node).gauge(1.2 * cores(node))),
        ),
        (
            "node_filesystem_size_bytes",
            "gauge",
            "Filesystem size in bytes.",
            _filesystem(lambda _n: constant(_DISK)),
        ),
        ("node_filesystem_avail_bytes", "gauge", "Filesystem space available in bytes.", _filesystem(_free_disk)),
        ("node_network_receive_bytes_total", "counter", "Network device statistic receive_bytes.", _network(1.0)),
        (
            "node_network_transmit_bytes_total",
            "counter",
            "Network device statistic transmit_bytes.",
            _network(0.7),
        ),
    )
)


def _root(of: Callable[[Member, Obj], Function]) -> Callable[[Member], Iterator[Row]]:
    """cAdvisor's whole machine, one row a node."""

    def rows(member: Member) -> Iterator[Row]:
        for node in member.answering():
            yield Row({"id": "/", "node": named(node), "instance": f"{address(node)}:10250"}, of(member, node))

    return rows


def _containers(resource: str) -> Callable[[Member], Iterator[Row]]:
    """What each container uses, around half of what it asks for."""

    def rows(member: Member) -> Iterator[Row]:
        stopped = member.cluster.stopped_nodes
        for pod in member.all_of("pods"):
            meta, node = pod["metadata"], str(part(pod, "spec").get("nodeName") or "")
            if not node or node in stopped:
                continue
            containers = parts(pod, "spec", "containers")
            wanted = sum(quantity(part(each, "resources", "requests").get(resource)) for each in containers)
            asked = wanted or (0.05 if resource == "cpu" else 64 * 2**20)
            names = dict.fromkeys(str(each.get("name", "")) for each in containers)
            used = wave(f"{resource}/{meta.get('uid')}", 0.25, 0.6)
            scale = asked / max(1, len(names))
            values = used.counter(member.start, scale) if resource == "cpu" else used.gauge(scale)
            for name in names:
                labels = {"namespace": meta["namespace"], "pod": meta["name"], "container": name}
                yield Row({**labels, "node": node}, values)

    return rows


def _both(*families: Callable[[Member], Iterator[Row]]) -> Callable[[Member], Iterator[Row]]:
    def rows(member: Member) -> Iterator[Row]:
        for family in families:
            yield from family(member)

    return rows


KUBELET = tuple(
    Family(name, kind, text, "kubelet", rows)
    for name, kind, text, rows in (
        (
            "container_cpu_usage_seconds_total",
            "counter",
            "Cumulative cpu time consumed in seconds.",
            _both(
                _root(lambda member, node: load(node).counter(member.start, cores(node))),
                _containers("cpu"),
            ),
        ),
        (
            "container_memory_working_set_bytes",
            "gauge",
            "Current working set in bytes.",
            _both(_root(lambda _member, node: memory(node).gauge(bytes_of(node))), _containers("memory")),
        ),
        (
            "container_network_receive_bytes_total",
            "counter",
            "Cumulative count of bytes received",
            _root(lambda m, node: wave(f"network/{node['metadata'].get('uid')}", 2e5, 4e6).counter(m.start)),
        ),
        (
            "machine_cpu_cores",
            "gauge",
            "Number of logical CPU cores.",
            _of_node(lambda _member, node: constant(cores(node)), 10250),
        ),
        (
            "machine_memory_bytes",
            "gauge",
            "Amount of memory installed on the machine.",
            _of_node(lambda _member, node: constant(bytes_of(node)), 10250),
        ),
        (
            "kubelet_running_pods",
            "gauge",
            "Number of pods that have a running pod sandbox",
            _of_node(lambda member, node: constant(float(len(member.cluster.pods_on(named(node))))), 10250),
        ),
    )
)
