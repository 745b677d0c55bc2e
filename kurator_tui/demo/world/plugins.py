"""The plugins of the demo's fleets as Kurator v0.6 installs them: charts, versions, values. Data only."""

from typing import Any

#: Plugin → its components on each member: (component, plugin label, chart, version, repository, namespace).
MEMBER_COMPONENTS: dict[str, tuple[tuple[str, str, str, str, str, str], ...]] = {
    "metric": (
        (
            "prometheus",
            "metric",
            "kube-prometheus",
            "8.9.1",
            "oci://registry-1.docker.io/bitnamicharts",
            "monitoring",
        ),
    ),
    "policy": (
        ("kyverno", "kyverno", "kyverno", "3.0.0", "https://kyverno.github.io/kyverno/", "kyverno"),
        (
            "kyverno-policies",
            "kyverno",
            "kyverno-policies",
            "3.0.0",
            "https://kyverno.github.io/kyverno/",
            "kyverno",
        ),
    ),
    "backup": (("velero", "backup", "velero", "5.0.2", "https://vmware-tanzu.github.io/helm-charts", "velero"),),
    "flagger": (
        ("flagger", "flagger", "flagger", "1.34.0", "oci://ghcr.io/fluxcd/charts", "istio-system"),
        ("testloader", "testloader", "loadtester", "0.30.0", "oci://ghcr.io/fluxcd/charts", "istio-system"),
    ),
    "distributedStorage": (
        ("rook", "storage-operator", "rook-ceph", "1.11.11", "https://charts.rook.io/release", "rook-ceph"),
        (
            "rook-ceph",
            "cluster-storage",
            "rook-ceph-cluster",
            "1.11.11",
            "https://charts.rook.io/release",
            "rook-ceph",
        ),
    ),
}
#: Component → where its Helm values are in `spec.plugin`.
VALUES = {
    "thanos": ("metric", "thanos"),
    "prometheus": ("metric", "prometheus"),
    "kyverno": ("policy", "kyverno"),
    "velero": ("backup",),
    "flagger": ("flagger",),
    "grafana": ("grafana",),
    "rook": ("distributedStorage",),
}
HOST_COMPONENTS = {
    "metric": (("thanos", "metric", "thanos", "12.5.1", "oci://registry-1.docker.io/bitnamicharts", ""),),
    "grafana": (("grafana", "grafana", "grafana", "8.2.33", "oci://registry-1.docker.io/bitnamicharts", ""),),
}
#: `spec.plugin` by plugin.
SPECS: dict[str, Any] = {
    "metric": {
        "thanos": {
            "objectStoreConfig": {"secretName": "thanos-objstore"},
            "extraArgs": {"query": {"replicaCount": 2}},
        },
        "prometheus": {"extraArgs": {"prometheus": {"retention": "10d"}}},
    },
    "grafana": {},
    "policy": {
        "kyverno": {
            "podSecurity": {"standard": "baseline", "severity": "medium", "validationFailureAction": "Audit"}
        }
    },
    "backup": {
        "storage": {
            "location": {
                "bucket": "kurator-backup",
                "provider": "aws",
                "endpoint": "http://minio.storage.example:9000",
                "region": "eu-central-1",
            },
            "secretName": "backup-credentials",
        }
    },
    "flagger": {"trafficRoutingProvider": "istio", "publicTestloader": True},
}
