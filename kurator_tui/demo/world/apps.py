"""What runs in a cluster: its applications.  Data only; `workloads` makes objects of it."""

from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["Deployment", "StatefulSet", "DaemonSet", "Job"]


@dataclass(frozen=True, slots=True)
class App:
    """One workload.  `scaled` apps take the cluster's size into account; `budget` is a PDB's minAvailable.

    `release` is its part where a release goes out gate by gate: the target has the name, the primary is the copy
    of it that serves everybody.
    """

    namespace: str
    name: str
    image: str
    replicas: int = 1
    kind: Kind = "Deployment"
    cpu: str = "100m"
    memory: str = "128Mi"
    port: int | None = 8080
    scaled: bool = False
    budget: str = ""
    gpus: int = 0
    where: Literal["", "edge", "everywhere"] = ""
    sidecar: str = ""
    release: Literal["", "target", "primary"] = ""


_SYSTEM = (
    App(
        "kube-system",
        "coredns",
        "registry.k8s.io/coredns/coredns:v1.11.1",
        2,
        memory="170Mi",
        port=8181,
        budget="1",
    ),
    App("kube-system", "kube-proxy", "registry.k8s.io/kube-proxy:v1.29.8", kind="DaemonSet", where="everywhere"),
    App("kube-system", "calico-node", "quay.io/calico/node:v3.27.3", kind="DaemonSet", cpu="250m"),
    App("kube-system", "calico-kube-controllers", "quay.io/calico/kube-controllers:v3.27.3"),
    App("kube-system", "metrics-server", "registry.k8s.io/metrics-server/metrics-server:v0.7.1", 2, port=10250),
    App(
        "monitoring",
        "node-exporter",
        "quay.io/prometheus/node-exporter:v1.8.1",
        kind="DaemonSet",
        where="everywhere",
        cpu="50m",
        memory="64Mi",
        port=9100,
    ),
)
_MONITORING = (
    App("monitoring", "prometheus-operator", "quay.io/prometheus-operator/prometheus-operator:v0.67.1"),
    App("monitoring", "kube-state-metrics", "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.9.2"),
    App(
        "monitoring",
        "prometheus-prometheus-prometheus",
        "docker.io/bitnami/prometheus:2.44.0",
        2,
        "StatefulSet",
        cpu="500m",
        memory="2Gi",
        port=9090,
        sidecar="docker.io/bitnami/thanos:0.31.0",
    ),
)
_KYVERNO = tuple(
    App("kyverno", f"kyverno-{part}", f"ghcr.io/kyverno/{image}:v1.10.0", count)
    for part, image, count in (
        ("admission-controller", "kyverno", 3),
        ("background-controller", "background-controller", 2),
        ("cleanup-controller", "cleanup-controller", 2),
        ("reports-controller", "reports-controller", 2),
    )
)
_PLATFORM = (
    *_SYSTEM,
    *_MONITORING,
    *_KYVERNO,
    App("monitoring", "promtail", "docker.io/grafana/promtail:2.9.8", kind="DaemonSet", cpu="50m", port=3101),
    App("cert-manager", "cert-manager", "quay.io/jetstack/cert-manager-controller:v1.15.3", 2),
    App("cert-manager", "cert-manager-cainjector", "quay.io/jetstack/cert-manager-cainjector:v1.15.3"),
    App("cert-manager", "cert-manager-webhook", "quay.io/jetstack/cert-manager-webhook:v1.15.3", 2, budget="1"),
    App(
        "ingress-nginx",
        "ingress-nginx-controller",
        "registry.k8s.io/ingress-nginx/controller:v1.10.1",
        3,
        cpu="200m",
        memory="256Mi",
        budget="2",
    ),
    App("velero", "velero", "docker.io/velero/velero:v1.11.1", cpu="500m", memory="256Mi"),
    App("velero", "node-agent", "docker.io/velero/velero:v1.11.1", kind="DaemonSet", memory="256Mi", port=None),
)
_SHOP = "registry.shop.example/webapp"
_WEB = (
    *(
        App("webapp", name, f"{_SHOP}/{name}:{tag}", count, cpu=cpu, memory=memory, scaled=True, budget=budget)
        for name, tag, count, cpu, memory, budget in (
            ("frontend", "v4.18.2", 8, "200m", "256Mi", "50%"),
            ("backend", "v2.31.0", 4, "500m", "512Mi", "60%"),
            ("cart", "v1.9.4", 6, "250m", "256Mi", ""),
            ("catalog", "v3.2.1", 6, "250m", "384Mi", ""),
            ("checkout", "v2.7.0", 5, "300m", "256Mi", "50%"),
            ("recommendation", "v0.14.3", 4, "400m", "1Gi", ""),
            ("search", "v5.0.6", 4, "500m", "1Gi", ""),
            ("notification", "v1.3.3", 3, "100m", "128Mi", ""),
        )
    ),
    App("webapp", "session-redis", "docker.io/library/redis:7.2.5", 3, "StatefulSet", port=6379, budget="2"),
    App(
        "webapp",
        "orders-db",
        "docker.io/library/postgres:15.7",
        3,
        "StatefulSet",
        cpu="1",
        memory="4Gi",
        port=5432,
        budget="2",
    ),
)
_MESH = (
    App("istio-system", "istiod", "docker.io/istio/pilot:1.18.7", 2, cpu="500m", memory="2Gi", budget="1"),
    App("istio-system", "istio-ingressgateway", "docker.io/istio/proxyv2:1.18.7", 3, memory="256Mi", budget="2"),
    App("istio-system", "flagger-kurator", "ghcr.io/fluxcd/flagger:1.34.0"),
    App("istio-system", "prometheus", "docker.io/prom/prometheus:v2.44.0", cpu="200m", memory="1Gi", port=9090),
    App("istio-system", "testloader-loadtester", "ghcr.io/fluxcd/flagger-loadtester:0.30.0"),
)
_PAYMENTS = tuple(
    App(
        "payments",
        name,
        f"registry.shop.example/payments/{name}:{tag}",
        count,
        cpu="400m",
        memory="512Mi",
        scaled=True,
        budget="50%",
    )
    for name, tag, count in (
        ("gateway", "v6.2.0", 6),
        ("fraud-scoring", "v1.11.8", 5),
        ("ledger", "v3.4.2", 4),
        ("settlement", "v2.0.9", 3),
    )
)
_ERP = (
    *(
        App("erp", name, f"registry.corp.example/erp/{name}:{tag}", count, cpu="500m", memory="1Gi", scaled=True)
        for name, tag, count in (
            ("inventory", "2024.6", 6),
            ("procurement", "2024.6", 4),
            ("planning", "2024.5", 4),
            ("reporting", "2024.4", 3),
        )
    ),
    App("erp", "mq", "docker.io/library/rabbitmq:3.13.3", 3, "StatefulSet", cpu="500m", memory="1Gi", port=5672),
)
_BATCH = (
    App("volcano-system", "volcano-scheduler", "docker.io/volcanosh/vc-scheduler:v1.5.1", cpu="500m"),
    App("volcano-system", "volcano-controllers", "docker.io/volcanosh/vc-controller-manager:v1.5.1"),
    App("volcano-system", "volcano-admission", "docker.io/volcanosh/vc-webhook-manager:v1.5.1"),
    App("gpu-operator", "dcgm-exporter", "nvcr.io/nvidia/k8s/dcgm-exporter:3.3.6", kind="DaemonSet", port=9400),
    App(
        "inference",
        "llm-chat",
        "registry.ai.example/serving/vllm:v0.5.4",
        6,
        cpu="8",
        memory="64Gi",
        gpus=2,
        budget="4",
    ),
    App("inference", "embeddings", "registry.ai.example/serving/embed:v1.8.0", 4, cpu="4", memory="16Gi", gpus=1),
    App("inference", "router", "registry.ai.example/serving/router:v0.9.1", 4, scaled=True),
    App("inference", "prompt-cache", "docker.io/library/redis:7.2.5", 3, "StatefulSet", port=6379),
    App("notebooks", "hub", "quay.io/jupyterhub/k8s-hub:3.3.7", cpu="200m", memory="512Mi"),
    App(
        "notebooks",
        "user-session",
        "quay.io/jupyter/scipy-notebook:2024-05-27",
        9,
        cpu="500m",
        memory="2Gi",
        scaled=True,
    ),
    App("features", "feature-store", "registry.ai.example/features/store:v2.2.0", 5, scaled=True, cpu="500m"),
    App("features", "ingest", "registry.ai.example/features/ingest:v1.6.5", 6, scaled=True, cpu="300m"),
    *(
        App(
            "training",
            f"finetune-{run}",
            "registry.ai.example/train/llm:v0.21.0",
            3,
            "Job",
            cpu="6",
            memory="48Gi",
            gpus=1,
            port=None,
        )
        for run in ("7b-a41", "7b-a42")
    ),
)
_SMALL = (
    *_SYSTEM,
    *_MONITORING[:2],
    replace(_MONITORING[2], replicas=1, memory="1Gi"),
    *(replace(app, replicas=1) for app in _KYVERNO),
)
_EDGE = (
    App(
        "kubeedge", "cloudcore", "docker.io/kubeedge/cloudcore:v1.17.0", 2, cpu="200m", memory="256Mi", port=10000
    ),
    App(
        "kubeedge",
        "edgemesh-agent",
        "docker.io/kubeedge/edgemesh-agent:v1.12.0",
        kind="DaemonSet",
        where="edge",
        cpu="50m",
        memory="64Mi",
    ),
    *(
        App("edge-apps", name, f"registry.edge.example/{name}:{tag}", count, cpu="150m", where="edge", scaled=True)
        for name, tag, count in (
            ("sensor-gateway", "v1.4.7", 6),
            ("video-analytics", "v0.8.2", 5),
            ("mqtt-bridge", "v2.1.0", 6),
            ("telemetry", "v3.0.3", 5),
        )
    ),
)
_HOST = (
    *_SYSTEM,
    App("kurator-system", "kurator-cluster-operator", "ghcr.io/kurator-dev/cluster-operator:v0.6.0"),
    App("kurator-system", "kurator-fleet-manager", "ghcr.io/kurator-dev/fleet-manager:v0.6.0"),
    App("cert-manager", "cert-manager", "quay.io/jetstack/cert-manager-controller:v1.15.3"),
    App("cert-manager", "cert-manager-cainjector", "quay.io/jetstack/cert-manager-cainjector:v1.15.3"),
    App("cert-manager", "cert-manager-webhook", "quay.io/jetstack/cert-manager-webhook:v1.15.3"),
    App("fluxcd-system", "source-controller", "ghcr.io/fluxcd/source-controller:v0.36.0"),
    App("fluxcd-system", "kustomize-controller", "ghcr.io/fluxcd/kustomize-controller:v0.35.0"),
    App("fluxcd-system", "helm-controller", "ghcr.io/fluxcd/helm-controller:v0.31.1"),
    App("tekton-pipelines", "tekton-pipelines-controller", "gcr.io/tekton-releases/controller:v0.55.0"),
    App("tekton-pipelines", "tekton-pipelines-webhook", "gcr.io/tekton-releases/webhook:v0.55.0"),
    App("default", "default-thanos-query", "docker.io/bitnami/thanos:0.31.0", port=10902),
    App(
        "default", "default-thanos-storegateway", "docker.io/bitnami/thanos:0.31.0", kind="StatefulSet", port=10902
    ),
    App("default", "grafana", "docker.io/bitnami/grafana:9.5.2", port=3000),
)
_FLAVOURS: dict[str, tuple[App, ...]] = {
    "host": _HOST,
    "platform": _PLATFORM,
    "web": _WEB,
    "mesh": _MESH,
    "payments": _PAYMENTS,
    "erp": _ERP,
    "batch": _BATCH,
    "small": _SMALL,
    "edge": _EDGE,
}


def apps(cluster: str, version: str, flavours: tuple[str, ...], size: float) -> tuple[App, ...]:
    """The applications of a cluster, scaled by its size; Velero's Deployment carries the cluster's name."""
    found = []
    for flavour in flavours:
        for app in _FLAVOURS[flavour]:
            if app.scaled:
                app = replace(app, replicas=max(1, round(app.replicas * size)))
            if app.name == "velero":
                app = replace(app, name=f"velero-velero-{cluster}")
            if app.name == "kube-proxy":
                app = replace(app, image=f"registry.k8s.io/kube-proxy:{version}")
            found.append(app)
    return tuple(found)
