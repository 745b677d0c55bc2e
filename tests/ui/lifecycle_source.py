"""A console's source with clusters' lives in every state, as the joins would make their rows."""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds.base import HOST, Level, Row
from kurator_tui.kinds.certificates import CERTIFICATES, CertificateRow
from kurator_tui.kinds.lifecycle import LIFECYCLE, VERSIONS, LifecycleRow, VersionRow
from kurator_tui.kinds.observability import PLUMBING, PlumbingRow
from kurator_tui.kinds.plugin_releases import PLUGIN_RELEASES, PluginReleaseRow
from tests.ui.estate import NOW, workloads
from tests.ui.source import FakeSource

DAY = 86400.0
OLD, NEW = "v1.30.4", "v1.31.1"


def line(
    path: str, name: str, kind: str, level: Level = Level.HEALTHY, reason: str = "", **more: Any
) -> LifecycleRow:
    root = path.partition("/")[0]
    uid = f"{path}/{name}"
    head = (HOST, "default", name, uid, NOW - 40 * DAY, level, reason, path, path.count("/"), root, root)
    return LifecycleRow(
        *head, kind=kind, object_kind="" if kind == "step" else f"{kind}s", object_name=name, **more
    )


def machine(at: int, **more: Any) -> LifecycleRow:
    old = {"version": OLD, "wanted": NEW, "phase": "Running", "infrastructure": "m5.4xlarge running"}
    found = {**old, "node": f"prod-worker-{at:02d}", **more}
    return line(f"prod-cloud/0/1md-0/x/{at:02d}", f"prod-cloud-md-0-x-{at:02d}", "Machine", **found)


LINES = (
    line("ai-cloud", "ai-cloud", "AttachedCluster", reason="attached: made and upgraded elsewhere"),
    line(
        "on-prem",
        "on-prem-metal",
        "CustomCluster",
        Level.FAILED,
        "Upgrading: kubespray upgrade: pod on-prem-metal-upgrade-k8s2p failed; deleting that pod tries again",
        phase="Upgrading",
        version="v1.28.11",
        wanted="v1.29.1",
        ladder="1/2 Ready",
        endpoint="kube-vip 192.168.40.5 k8s.dc1.example",
    ),
    line("on-prem/!00", "ObtainedKubeConfig", "step", phase="done"),
    line("on-prem/!01", "Ready", "step", Level.FAILED, "UpgradeWorkerRunFailed", phase="failed"),
    line(
        "prod-cloud",
        "prod-cloud",
        "Cluster",
        Level.PROGRESSING,
        f"upgrade to {NEW}: 1 of 5 machines have it",
        phase="Ready",
        version=OLD,
        wanted=NEW,
        ready="5/5",
        ladder="3/3",
        endpoint="prod-cloud-apiserver.eu-west-1.elb.amazonaws.com",
    ),
    line("prod-cloud/0", "prod-cloud", "Cluster API Cluster", phase="Provisioned", ladder="4/4"),
    line(
        "prod-cloud/0/0kcp",
        "prod-cloud-kcp",
        "KubeadmControlPlane",
        Level.PROGRESSING,
        "RollingUpdateInProgress",
        version=OLD,
        wanted=NEW,
        ready="3/3",
        ladder="7/8 MachinesSpecUpToDate",
    ),
    line("prod-cloud/0/1md-0", "prod-cloud-md-0", "MachineDeployment", version=OLD, wanted=NEW, ready="11/12"),
    line("prod-cloud/0/1md-0/x", "prod-cloud-md-0-x", "MachineSet", version=OLD, ready="11/12"),
    machine(1, version=NEW, wanted=""),
    machine(2, order=1),
    machine(3, order=2, level=Level.DEGRADED, reason="NodeNotHealthy"),
    machine(
        4,
        order=None,
        level=Level.DEGRADED,
        reason="InsufficientInstanceCapacity: no m5.4xlarge capacity in eu-west-1b",
        phase="Provisioning",
        node="",
        ladder="1/3 InfrastructureReady",
    ),
    line("retired", "retired", "gone", Level.DEGRADED, "the cluster is gone, 1 of its objects are left behind"),
    line(
        "retired/m",
        "retired-md-0-x-01",
        "Machine",
        Level.DEGRADED,
        "being deleted for 3h: held by machine.cluster.x-k8s.io",
    ),
)


def version(name: str, level: Level, running: str, **more: Any) -> VersionRow:
    return VersionRow(name, "", name, f"v/{name}", 0.0, level, version=running, fleet="production", **more)


RUNNING = (
    version(
        "edge-east",
        Level.DEGRADED,
        "v1.27.16",
        kind="AttachedCluster",
        skew=4,
        next="v1.28",
        oldest="v1.24.2",
        kubelets=3,
        reason="kubelet v1.24.2 is 3 minors behind, 2 are supported",
        route="whoever made it",
    ),
    version(
        "on-prem",
        Level.DEGRADED,
        "v1.28.11",
        kind="CustomCluster",
        skew=3,
        wanted="v1.30.1",
        oldest="v1.28.11",
        kubelets=0,
        route="spec.version of its KubeadmControlPlane",
        reason="v1.30.1 is 2 minors ahead, one at a time is possible",
    ),
    version(
        "pre-cloud",
        Level.HEALTHY,
        "v1.31.1",
        kind="AttachedCluster",
        skew=0,
        next="v1.32",
        oldest="v1.31.1",
        kubelets=0,
        reason="newest of the fleet",
        route="whoever made it",
    ),
    version(
        "prod-cloud",
        Level.PROGRESSING,
        OLD,
        kind="Cluster",
        skew=1,
        wanted=NEW,
        next="v1.31",
        oldest=OLD,
        kubelets=0,
        reason=f"on its way to {NEW}",
        route="spec.version of the Kurator Cluster",
    ),
)


def certificate(
    cluster: str, name: str, kind: str, days: float | None, level: Level, **more: Any
) -> CertificateRow:
    ends = None if days is None else NOW + days * DAY
    return CertificateRow(cluster, "", name, f"{kind}/{name}", 0.0, level, kind=kind, expires=ends, **more)


ENDS = (
    certificate(
        "on-prem",
        "client certificate",
        "kubeconfig",
        -1,
        Level.FAILED,
        reason="it has expired",
        target="secret on-prem-metal-kubeconfig-x7k2p/admin.conf",
    ),
    certificate(
        "edge-east",
        "API server certificate",
        "API server",
        9.4,
        Level.DEGRADED,
        reason="ends in 9 days",
        target="https://10.60.1.5:6443",
    ),
    certificate(
        "prod-cloud",
        "kyverno-resource-validating-webhook-cfg",
        "webhook",
        200,
        Level.HEALTHY,
        target="kyverno/kyverno-svc",
    ),
    certificate(
        "ai-cloud",
        "cert-manager-webhook",
        "webhook",
        None,
        Level.DEGRADED,
        reason="webhook.cert-manager.io: no caBundle: its Service is not trusted",
        target="cert-manager/cert-manager-webhook",
    ),
    certificate(
        "prod-cloud", "API server certificate", "API server", 340, Level.HEALTHY, target="https://10.10.1.5"
    ),
)


def release(
    cluster: str, plugin: str, component: str, level: Level, reason: str = "", **more: Any
) -> PluginReleaseRow:
    name = f"{component}-{cluster}"
    uid = f"f/{component}/{cluster}"
    found = {"ready": "True", "chart": component, "version": "8.9.1", "release": name, **more}
    head = (cluster, "default", name, uid, NOW - 30 * DAY, level, reason, "production", plugin, component)
    return PluginReleaseRow(*head, **found)


PULL = "ImagePullBackOff: Back-off pulling image docker.io/bitnami/prometheus:2.44.0"
PLUGINS = (
    release(
        "edge-east",
        "metric",
        "prometheus",
        Level.FAILED,
        f"prometheus-prometheus-prometheus-0: {PULL} (+1 more pods)",
        ready="False",
        pods=2,
        told=PULL,
        pod="prometheus-prometheus-prometheus-0",
        values=("prometheus.retention=10d",),
    ),
    release(
        "on-prem",
        "metric",
        "prometheus",
        Level.DEGRADED,
        "values are not what the fleet asks for",
        pods=0,
        values=("prometheus.retention=10d", "prometheus.enableAdminAPI=false, rendered as true"),
    ),
    release("prod-cloud", "backup", "velero", Level.HEALTHY, version="5.1.0", wanted="5.0.2", pods=0),
    release(
        "pre-cloud",
        "flagger",
        "flagger",
        Level.UNKNOWN,
        "no HelmRelease: the fleet's reconcile never got here",
        ready="",
        version="",
        release="",
        chart="",
        pods=0,
    ),
    release("prod-cloud", "kyverno", "kyverno", Level.HEALTHY, version="3.0.0", pods=0),
)


def pipe(name: str, level: Level, reason: str = "", **more: Any) -> PlumbingRow:
    found = {"fleet": "production", "prometheus": "2/2 2.44.0", "grafana": "203.0.113.7", "store": "live", **more}
    return PlumbingRow(name, "", name, name, 0.0, level, reason, **found)


PIPES = (
    pipe(
        "ai-cloud",
        Level.FAILED,
        "Thanos: Thanos knows no sidecar of it: its numbers are missing; "
        "lb.example is a name, which Kurator skips: it is not among the Endpoints",
        store="missing",
        exposed="lb.example",
    ),
    pipe(
        "edge-east",
        Level.DEGRADED,
        "Prometheus: NoPodReady",
        prometheus="0/1 2.44.0",
        lag=212.0,
        store="lags",
        sidecar="10.60.1.200:10901",
        grafana="",
    ),
    pipe(
        "on-prem",
        Level.DEGRADED,
        "Ceph: OSD_NEARFULL: 1 nearfull osd(s)",
        lag=6.0,
        sidecar="192.168.40.200:10901",
        ceph="HEALTH_WARN",
        used=0.85,
    ),
    pipe("prod-cloud", Level.HEALTHY, lag=6.0, sidecar="10.10.1.200:10901"),
)

ROWS: dict[str, tuple[Row, ...]] = {
    LIFECYCLE.id: LINES,
    VERSIONS.id: RUNNING,
    CERTIFICATES.id: ENDS,
    PLUGIN_RELEASES.id: PLUGINS,
    PLUMBING.id: PIPES,
}


def living() -> FakeSource:
    """The usual estate with these rows."""
    source = workloads()
    for kind, rows in ROWS.items():
        for row in rows:
            source.store.put(kind, row.cluster, {row.uid: row})
    return source
