"""The Prometheus operator on members: the fleet plugin's Prometheus, what it scrapes, its rules."""

from collections.abc import Iterator
from typing import Any

from kurator_tui.demo.world.site import DAY, HOUR, MINUTE, Site, condition

Obj = dict[str, Any]

_API, _NAMESPACE = "monitoring.coreos.com/v1", "monitoring"
_RELEASE = {"labels": {"app.kubernetes.io/instance": "monitoring-prometheus", "release": "prometheus"}}
#: (name, namespace of the service, selector, port)
_MONITORS = (
    ("apiserver", "default", {"component": "apiserver"}, "https"),
    ("coredns", "kube-system", {"app": "coredns"}, "metrics"),
    ("kubelet", "kube-system", {"app.kubernetes.io/name": "kubelet"}, "https-metrics"),
    ("node-exporter", "monitoring", {"app": "node-exporter"}, "http"),
    ("frontend", "webapp", {"app": "frontend"}, "http"),
    ("backend", "webapp", {"app": "backend"}, "http"),
    ("ledger", "payments", {"app": "ledger"}, "http"),
    ("router", "inference", {"app": "router"}, "http"),
    ("cloudcore", "kubeedge", {"app": "cloudcore"}, "metrics"),
)
_RULES = (
    (
        "kubernetes",
        (
            (
                "KubePodCrashLooping",
                "increase(kube_pod_container_status_restarts_total[10m]) > 0",
                "15m",
                "warning",
            ),
            (
                "KubeNodeNotReady",
                'kube_node_status_condition{condition="Ready",status="true"} == 0',
                "15m",
                "critical",
            ),
            ("KubePersistentVolumeFillingUp", "kubelet_volume_stats_available_bytes < 1e9", "5m", "critical"),
        ),
    ),
    (
        "webapp",
        (("HighErrorRate", 'sum(rate(http_requests_total{code=~"5.."}[5m])) > 1', "5m", "critical"),),
    ),
)
_OPERATOR = (
    "shard 0: pod prometheus-prometheus-prometheus-0: container prometheus is waiting: ImagePullBackOff: "
    'Back-off pulling image "docker.io/bitnami/prometheus:2.44.0"'
)


def objects(site: Site) -> Iterator[Obj]:
    """The Prometheus, its monitors and rules."""
    yield _prometheus(site)
    for name, namespace, labels, port in _MONITORS:
        if site.has(namespace):
            spec = {
                "endpoints": [{"port": port, "interval": "30s", "path": "/metrics"}],
                "selector": {"matchLabels": labels},
                "namespaceSelector": {"matchNames": [namespace]},
            }
            yield site.make(_API, "ServiceMonitor", name, _NAMESPACE, age=30 * DAY, meta=_RELEASE, spec=spec)
    for name, namespace in (
        ("istio-proxies", "istio-system"),
        ("dcgm-exporter", "gpu-operator"),
        ("calico", "kube-system"),
    ):
        if site.has(namespace):
            spec = {
                "podMetricsEndpoints": [{"port": "metrics", "interval": "30s"}],
                "selector": {"matchLabels": {"app": name}},
                "namespaceSelector": {"any": True},
            }
            yield site.make(_API, "PodMonitor", name, _NAMESPACE, age=25 * DAY, meta=_RELEASE, spec=spec)
    for name, alerts in _RULES:
        rules = [
            {
                "alert": alert,
                "expr": expression,
                "for": wait,
                "labels": {"severity": severity},
                "annotations": {"summary": f"{alert} on {site.name}"},
            }
            for alert, expression, wait, severity in alerts
        ]
        spec = {"groups": [{"name": name, "interval": "30s", "rules": rules}]}
        # The selector of rules wants the label of the release: the second set of rules is never loaded.
        meta = _RELEASE if name == "kubernetes" else None
        yield site.make(_API, "PrometheusRule", name, _NAMESPACE, age=25 * DAY, meta=meta, spec=spec)


def _prometheus(site: Site) -> Obj:
    found = site.find("statefulsets.apps", _NAMESPACE, "prometheus-prometheus-prometheus") or {}
    count = int((found.get("spec") or {}).get("replicas") or 1)
    broken = site.name == "edge-cold-chain"
    ready = 0 if broken else count
    since = site.stamp(HOUR if broken else 20 * DAY)
    available = condition("Available", True, since, "", "", observedGeneration=1)
    if broken:
        available = condition("Available", False, since, "NoPodReady", _OPERATOR, observedGeneration=1)
    status = {
        "paused": False,
        "replicas": count,
        "availableReplicas": ready,
        "updatedReplicas": count,
        "unavailableReplicas": count - ready,
        "conditions": [available, condition("Reconciled", True, site.stamp(MINUTE), "", "", observedGeneration=1)],
    }
    spec = {
        "replicas": count,
        "version": "2.44.0",
        "image": "docker.io/bitnami/prometheus:2.44.0",
        "externalLabels": {"cluster": site.name},
        "retention": "10d",
        "scrapeInterval": "30s",
        "serviceAccountName": "prometheus",
        "serviceMonitorSelector": {"matchLabels": {"release": "prometheus"}},
        "podMonitorSelector": {},
        "ruleSelector": {"matchLabels": {"release": "prometheus"}},
        "thanos": {"objectStorageConfig": {"name": "thanos-objstore", "key": "objstore.yml"}, "version": "0.31.0"},
        "storage": {"volumeClaimTemplate": {"spec": {"resources": {"requests": {"storage": "40Gi"}}}}},
    }
    return site.make(
        _API,
        "Prometheus",
        "prometheus-prometheus",
        _NAMESPACE,
        age=30 * DAY,
        meta=_RELEASE,
        spec=spec,
        status=status,
    )
