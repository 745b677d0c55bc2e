"""Which exporters a Thanos has series of, by cluster: probed now and then, by one query. Pure but for `probe`.

A panel chooses its query by what is there (`metrics.catalog`); for what is not there it can say who turns it on.
Facts: kurator-api §7.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kurator_tui.metrics.answers import Answer, Source

SIGNS: Mapping[str, tuple[str, ...]] = {
    "cadvisor": ("container_cpu_usage_seconds_total",),
    "kubelet": ("kubelet_running_pods",),
    "apiserver": ("apiserver_request_total",),
    "scheduler": ("scheduler_pending_pods",),
    "coredns": ("coredns_dns_requests_total",),
    "kube-state-metrics": ("kube_node_info", "kube_pod_info", "kube_pod_status_phase"),
    "node-exporter": ("node_cpu_seconds_total",),
    "istio": ("istio_requests_total",),
    "flagger": ("flagger_info", "flagger_canary_status"),
    "volcano": ("volcano_queue_share", "volcano_queue_allocated_milli_cpu"),
    "kubeedge": ("KubeEdge_CloudHub_connected_nodes",),
    "dcgm": ("DCGM_FI_DEV_GPU_UTIL",),
    "velero": ("velero_backup_last_status", "velero_backup_total"),
    "submariner": ("submariner_connections",),
    "opencost": ("node_total_hourly_cost",),
    "kepler": ("kepler_node_platform_joules_total",),
}
"""Series by which a capability is known: any one of them is enough."""

_PLUGIN = "Fleet spec.plugin.metric"
_EXPORTERS = f"{_PLUGIN}.prometheus.extraArgs: {{exporters: {{enabled: true, %s: {{enabled: true}}}}}}"
_MONITOR = "make a ServiceMonitor or PodMonitor for %s on the member: the fleet's plugin scrapes none by itself"

HINTS: Mapping[str, str] = {
    **dict.fromkeys(("cadvisor", "kubelet", "apiserver", "scheduler", "coredns"), f"set {_PLUGIN} in the fleet"),
    "kube-state-metrics": f"set {_EXPORTERS % 'kube-state-metrics'}",
    "node-exporter": f"set {_EXPORTERS % 'node-exporter'}",
    "istio": _MONITOR % "Istio's proxies",
    "flagger": f"set Fleet spec.plugin.flagger, and {_MONITOR % 'Flagger'}",
    "volcano": _MONITOR % "Volcano's scheduler",
    "kubeedge": _MONITOR % "CloudCore",
    "dcgm": _MONITOR % "dcgm-exporter",
    "velero": f"set Fleet spec.plugin.backup, and {_MONITOR % 'Velero'}",
    "submariner": f"set Fleet spec.plugin.submariner, and {_MONITOR % 'Submariner'}",
    "opencost": "install OpenCost on the members",
    "kepler": "install Kepler on the members",
}
"""What turns a capability on."""

_SOUGHT = "|".join(name for names in SIGNS.values() for name in names)
PROBE = f'count by (__name__, cluster) ({{__name__=~"{_SOUGHT}"}})'


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Capability -> values of the label `cluster` that have it."""

    by_name: Mapping[str, frozenset[str]] = field(default_factory=dict)
    server_time: float = 0.0
    """Unix second of the probe by the server's clock; 0.0 unknown."""

    def has(self, needs: Iterable[str]) -> bool:
        """Whether some cluster has all of `needs`."""
        return bool(self.clusters(needs)) if (wanted := list(needs)) else not wanted

    def clusters(self, needs: Iterable[str]) -> frozenset[str]:
        """Clusters that have all of `needs`."""
        sets = [self.by_name.get(name, frozenset()) for name in needs]
        return frozenset.intersection(*sets) if sets else frozenset()

    def known(self) -> frozenset[str]:
        """Clusters that have anything."""
        return frozenset().union(*self.by_name.values()) if self.by_name else frozenset()


def found(answer: Answer) -> Capabilities:
    """Capabilities in an answer to `PROBE`."""
    names: dict[str, set[str]] = {}
    for sample in answer.samples:
        names.setdefault(sample.labels.get("__name__", ""), set()).add(sample.labels.get("cluster", ""))
    by_name = {
        capability: frozenset(cluster for sign in signs for cluster in names.get(sign, ()))
        for capability, signs in SIGNS.items()
    }
    return Capabilities({capability: clusters for capability, clusters in by_name.items() if clusters}, answer.at)


def hint(needs: Iterable[str]) -> str:
    """What is missing and what turns it on, for a panel without series."""
    wanted = list(needs)
    told = "; ".join(dict.fromkeys(HINTS.get(name, "") for name in wanted if HINTS.get(name)))
    return f"no series of {' and '.join(wanted)}: {told}" if told else "no such series"


async def probe(source: Source) -> Capabilities:
    """Ask which there are. Raises ConsoleError."""
    return found(await source.query(PROBE))
