"""Objects made to break a console: control characters, markup, odd scripts, missing and wrong-typed fields."""

from typing import Any

from kurator_tui.demo.world.cluster import SimCluster
from kurator_tui.demo.world.world import World

Obj = dict[str, Any]

ANSI = "\x1b[31mred\x1b[0m\x1b]0;owned\x07\x1b[2J"
MARKUP = "[@click=app.quit]x[/] [bold red]loud[/] [link=file:///etc/passwd]y[/]"
CONTROL = "tab\there\nnew line\rback\x00nul\x08bs\x7fdel\u0085nel\u2028sep"
CJK = "東京の集群・繁體中文・한국어"
EMOJI = "🚀👩‍👩‍👧‍👦🏳️‍🌈 e\u0301 ｗｉｄｅ"
RIGHT_TO_LEFT = "\u202egnp.exe\u202c שלום العالم \u2067isolated\u2069"
ZERO_WIDTH = "zero\u200bwidth\u200djoin\ufeffbom" + "\u0301" * 40
LONG = "very-long-" * 400
TEXTS = {
    "ansi": ANSI,
    "markup": MARKUP,
    "control": CONTROL,
    "cjk": CJK,
    "emoji": EMOJI,
    "rtl": RIGHT_TO_LEFT,
    "zero-width": ZERO_WIDTH,
    "long": LONG,
}
NAMESPACE = "hostile"


def plant(world: World) -> None:
    """Write the hostile objects into the host and the first two members."""
    for name in (*world.members[:2],):
        _cluster(world.clusters[name])
    _host(world.host)


def _namespace(cluster: SimCluster) -> None:
    meta = {"name": NAMESPACE, "annotations": {"note": MARKUP, "more": ANSI}}
    status = {"phase": "Active"}
    cluster.create("namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": meta, "status": status})


def _cluster(cluster: SimCluster) -> None:
    _namespace(cluster)
    node = cluster.all_of("nodes")[-1]["metadata"]["name"]
    for key, text in TEXTS.items():
        _pod(
            cluster,
            f"pod-{key}",
            spec={"nodeName": node, "containers": [{"name": "main", "image": text}]},
            status={
                "phase": "Running",
                "message": text,
                "reason": text,
                "containerStatuses": [
                    {
                        "name": "main",
                        "ready": False,
                        "restartCount": 3,
                        "image": text,
                        "imageID": "",
                        "state": {"waiting": {"reason": text[:200], "message": text}},
                    }
                ],
            },
        )
        _event(cluster, key, text)
    _odd_shapes(cluster)


def _pod(cluster: SimCluster, name: str, **more: Any) -> None:
    annotations = more.pop("annotations", None)
    meta = {"name": name, "namespace": NAMESPACE, **({"annotations": annotations} if annotations else {})}
    cluster.create("pods", {"apiVersion": "v1", "kind": "Pod", "metadata": meta, **more})


def _odd_shapes(cluster: SimCluster) -> None:
    spec = {"containers": [{"name": "main", "image": "busybox"}]}
    _pod(cluster, "no-status", spec=spec)
    _pod(cluster, "null-status", spec=spec, status=None)
    _pod(cluster, "null-fields", spec=spec, status={"phase": None, "conditions": None, "containerStatuses": None})
    wrong = {"phase": 42, "conditions": "Ready", "containerStatuses": {"name": "main"}, "podIP": ["10.0.0.1"]}
    _pod(cluster, "wrong-types", spec=spec, status=wrong)
    restarts: list[Obj] = [{"name": "main", "restartCount": "many", "ready": "yes", "state": []}]
    _pod(cluster, "wrong-inner-types", spec=spec, status={"phase": "Running", "containerStatuses": restarts})
    _pod(cluster, "huge-annotation", spec=spec, status={"phase": "Pending"}, annotations={"blob": "x" * 1_000_000})
    started = {"running": {"startedAt": "not a time"}}
    huge = {"name": "main", "restartCount": 2**62, "ready": True, "state": started}
    _pod(cluster, "huge-number", spec=spec, status={"phase": "Running", "containerStatuses": [huge]})
    meta = {"name": "no-status", "namespace": NAMESPACE}
    template = {"metadata": {"labels": {"app": "none"}}, "spec": {"containers": []}}
    workload = {"replicas": 0, "paused": True, "selector": {"matchLabels": {"app": "none"}}, "template": template}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": workload}
    cluster.create("deployments.apps", deployment)


def _event(cluster: SimCluster, key: str, text: str) -> None:
    about = {"kind": "Pod", "name": f"pod-{key}", "namespace": NAMESPACE, "apiVersion": "v1"}
    now = cluster.clock.stamp()
    cluster.create(
        "events",
        {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": f"pod-{key}.0123456789abcdef", "namespace": NAMESPACE},
            "involvedObject": about,
            "reason": text[:100],
            "message": text,
            "type": "Warning",
            "count": 7,
            "source": {"component": text[:60]},
            "firstTimestamp": now,
            "lastTimestamp": now,
            "eventTime": None,
            "reportingComponent": "",
            "reportingInstance": "",
        },
    )


def _host(host: SimCluster) -> None:
    """Fleets, members and releases of the wrong shape; none of them can be reached."""
    _namespace(host)
    attached, release = "attachedclusters.cluster.kurator.dev", "helmreleases.helm.toolkit.fluxcd.io"
    fleets = "fleets.fleet.kurator.dev"
    version, flux = "cluster.kurator.dev/v1alpha1", "helm.toolkit.fluxcd.io/v2beta1"

    def put(resource: str, api: str, kind: str, name: str, **more: Any) -> None:
        labels = more.pop("labels", {})
        meta = {"name": name, "namespace": NAMESPACE, "labels": labels, "annotations": {"note": MARKUP + ANSI}}
        host.create(resource, {"apiVersion": api, "kind": kind, "metadata": meta, **more})

    put(attached, version, "AttachedCluster", "no-secret", spec={"kubeconfig": {"name": "absent", "key": "value"}})
    put(attached, version, "AttachedCluster", "null-spec", spec=None, status=None)
    put(
        attached,
        version,
        "AttachedCluster",
        "not-a-kubeconfig",
        spec={"kubeconfig": {"name": "garbage", "key": "value"}},
        status={"ready": "maybe"},
    )
    secret = {"name": "garbage", "namespace": NAMESPACE}
    data = {"value": "G1szMW1ub3QgYSBrdWJlY29uZmlnG1swbQ=="}
    host.create(
        "secrets", {"apiVersion": "v1", "kind": "Secret", "metadata": secret, "type": "Opaque", "data": data}
    )
    members = [{"name": name, "kind": "AttachedCluster"} for name in ("no-secret", "not-a-kubeconfig", "missing")]
    put(
        fleets,
        "fleet.kurator.dev/v1alpha1",
        "Fleet",
        "hostile",
        spec={"clusters": members},
        status={
            "phase": MARKUP,
            "reason": ANSI + CONTROL + CJK,
            "readyClusters": None,
            "unReadyClusters": "three",
        },
    )
    put(fleets, "fleet.kurator.dev/v1alpha1", "Fleet", "null-spec", spec=None)
    for key, text in TEXTS.items():
        labels = {"fleet.kurator.dev/name": "hostile", "fleet.kurator.dev/plugin": "metric"}
        condition = {"type": "Ready", "status": "False", "reason": text[:100], "message": text}
        put(
            release,
            flux,
            "HelmRelease",
            f"release-{key}",
            labels=labels,
            spec={},
            status={"conditions": [condition]},
        )
