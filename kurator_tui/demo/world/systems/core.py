"""Kubernetes' own kinds beside workloads: settings and secrets, quotas, scaling, jobs on a timetable, ways in."""

import base64
import json
from collections.abc import Iterator
from typing import Any

from kurator_tui.demo.world.site import DAY, HOUR, MINUTE, Site, condition, event
from kurator_tui.demo.world.topology import HOST

Obj = dict[str, Any]

#: Namespaces with a team behind them: (name, quota of pods, CPU and memory requests).
_TEAMS = (
    ("webapp", 120, "60", "120Gi"),
    ("payments", 40, "12", "16Gi"),
    ("erp", 40, "16", "32Gi"),
    ("training", 20, "80", "640Gi"),
    ("edge-apps", 60, "12", "16Gi"),
)
_CORES = {"m": 0.001, "": 1.0}
_METRICS = (
    "the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get "
    "metrics for resource "
    "cpu: no metrics returned from resource metrics API"
)


def objects(site: Site) -> Iterator[Obj]:
    """Everything of this module in one cluster."""
    yield from _settings(site)
    yield from _secrets(site)
    yield from _teams(site)
    yield from _autoscalers(site)
    yield from _timetables(site)
    yield from _ways_in(site)
    yield from _classes(site)


# -- settings and secrets


def _settings(site: Site) -> Iterator[Obj]:
    corefile = ".:53 {\n    errors\n    health\n    kubernetes cluster.local\n    forward . /etc/resolv.conf\n}\n"
    system = {
        "coredns": {"Corefile": corefile},
        "kubeadm-config": {
            "ClusterConfiguration": f"kind: ClusterConfiguration\nkubernetesVersion: {site.plan.version}\n"
        },
        "kube-proxy": {"config.conf": "kind: KubeProxyConfiguration\nmode: ipvs\n"},
        "extension-apiserver-authentication": {"requestheader-allowed-names": '["front-proxy-client"]'},
    }
    for name, data in system.items():
        yield site.make("v1", "ConfigMap", name, "kube-system", age=120 * DAY, data=data)
    flags = json.dumps({"newCheckout": site.name == "prod-cloud", "recommendations": "v2"}, indent=2)
    nginx = "worker_processes auto;\nevents { worker_connections 1024; }\nhttp {\n  server { listen 8080; }\n}\n"
    applications = {
        "webapp": (("feature-flags", {"flags.json": flags}), ("frontend-nginx", {"nginx.conf": nginx})),
        "payments": (("acquirers", {"acquirers.yaml": "- name: bank\n  url: https://api.bank.example\n"}),),
        "erp": (("erp-environment", {"TZ": "Europe/Berlin", "DB_HOST": "erp-db.dc1.example"}),),
        "training": (("datasets", {"index.txt": "corpus-2026-05\ncorpus-2026-06\n"}),),
        "edge-apps": (("mqtt-topics", {"topics": "alarms/#\ntelemetry/#\n"}),),
    }
    for namespace, maps in applications.items():
        for name, data in maps if site.has(namespace) else ():
            yield site.make("v1", "ConfigMap", name, namespace, data=data)


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _secret(site: Site, name: str, namespace: str, kind: str, data: dict[str, str]) -> Obj:
    values = {key: _encoded(value) for key, value in data.items()}
    return site.make("v1", "Secret", name, namespace, type=kind, data=values)


_CERTIFICATE = "-----BEGIN CERTIFICATE-----\n(simulated)\n-----END CERTIFICATE-----\n"
_KEY = "(simulated, not a key)\n"


def _secrets(site: Site) -> Iterator[Obj]:
    """Values of every usual type; none of them is real."""
    tls = {"tls.crt": _CERTIFICATE, "tls.key": _KEY}
    docker = json.dumps({"auths": {"registry.shop.example": {"auth": _encoded("robot:simulated")}}})
    pull = ("registry-pull", "kubernetes.io/dockerconfigjson", {".dockerconfigjson": docker})
    wanted = {
        "webapp": (
            ("orders-db", "Opaque", {"username": "orders", "password": "simulated"}),
            ("shop-tls", "kubernetes.io/tls", tls),
            pull,
        ),
        "payments": (("bank-api", "Opaque", {"token": "simulated", "client-id": "shop"}), pull),
        "erp": (("erp-db", "kubernetes.io/basic-auth", {"username": "erp", "password": "simulated"}),),
        "training": (("object-store", "Opaque", {"access-key": "demo", "secret-key": "demo"}),),
        "edge-apps": (("mqtt", "Opaque", {"password": "simulated"}), pull),
        "kubeedge": (("tokensecret", "Opaque", {"tokendata": "simulated.edge.token"}),),
        "velero": (("production-velero-s3", "Opaque", {"cloud": "[default]\naws_access_key_id=demo\n"}),),
        "monitoring": (("thanos-objstore", "Opaque", {"objstore.yml": "type: S3\nconfig:\n  bucket: thanos\n"}),),
        "kube-system": (("bootstrap-token-k7x2pq", "bootstrap.kubernetes.io/token", {"token-id": "k7x2pq"}),),
    }
    if site.name == HOST:
        ssh = {"identity": _KEY, "known_hosts": "git.edge.example ssh-ed25519 AAAA"}
        wanted["default"] = (
            ("git-credentials", "Opaque", {"token": "simulated"}),
            ("docker-credentials", "kubernetes.io/dockerconfigjson", {".dockerconfigjson": docker}),
        )
        wanted["edge"] = (("git-ssh", "Opaque", ssh),)
    for namespace, secrets in wanted.items():
        for name, kind, data in secrets if site.has(namespace) else ():
            yield _secret(site, name, namespace, kind, data)


# -- teams: quotas and limits, network policies


def _cores(text: str) -> float:
    return float(text.rstrip("m")) * _CORES["m" if text.endswith("m") else ""]


def _teams(site: Site) -> Iterator[Obj]:
    for namespace, most, cpu, memory in _TEAMS:
        if not site.has(namespace):
            continue
        pods = site.all_of("pods", namespace)
        asked = sum(
            _cores(str((each.get("resources") or {}).get("requests", {}).get("cpu", "0")))
            for pod in pods
            for each in pod["spec"]["containers"]
        )
        hard = {"pods": str(most), "requests.cpu": cpu, "requests.memory": memory, "count/jobs.batch": "20"}
        used = {"pods": str(len(pods)), "requests.cpu": f"{round(asked * 1000)}m", "requests.memory": "11Gi"}
        status = {"hard": hard, "used": {**used, "count/jobs.batch": "3"}}
        yield site.make("v1", "ResourceQuota", "team", namespace, age=90 * DAY, spec={"hard": hard}, status=status)
        limit = {
            "type": "Container",
            "default": {"cpu": "500m", "memory": "512Mi"},
            "defaultRequest": {"cpu": "100m", "memory": "128Mi"},
            "max": {"memory": "64Gi"},
        }
        yield site.make("v1", "LimitRange", "defaults", namespace, age=90 * DAY, spec={"limits": [limit]})
        api = "networking.k8s.io/v1"
        deny = {"podSelector": {}, "policyTypes": ["Ingress"]}
        yield site.make(api, "NetworkPolicy", "default-deny", namespace, age=90 * DAY, spec=deny)
        same = {"podSelector": {}, "ingress": [{"from": [{"podSelector": {}}]}], "policyTypes": ["Ingress"]}
        yield site.make(api, "NetworkPolicy", "same-namespace", namespace, age=90 * DAY, spec=same)


# -- autoscaling


def _autoscalers(site: Site) -> Iterator[Obj]:
    """One a larger Deployment; one of them has no metrics, one is at its limit."""
    for namespace in ("webapp", "payments", "erp", "inference", "edge-apps"):
        for number, each in enumerate(site.all_of("deployments.apps", namespace)[:5]):
            yield from _autoscaler(site, each, number)


def _autoscaler(site: Site, deployment: Obj, number: int) -> Iterator[Obj]:
    meta = deployment["metadata"]
    replicas = int(deployment["spec"].get("replicas") or 1)
    blind, limited = (site.name, meta["name"]) == ("on-prem", "cart"), number == 3
    busy = site.rng.randint(35, 80) if not limited else 96
    most = replicas if limited else replicas + 6
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": meta["name"]}
    wanted = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}
    seen = {"name": "cpu", "current": {"averageUtilization": busy, "averageValue": f"{busy * 3}m"}}
    since = site.stamp(3 * HOUR)
    able = condition("AbleToScale", True, since, "ReadyForNewScale", "recommended size matches current size")
    active = condition(
        "ScalingActive", True, since, "ValidMetricFound", "the HPA was able to successfully calculate"
    )
    if blind:
        active = condition("ScalingActive", False, since, "FailedGetResourceMetric", _METRICS)
    within = condition("ScalingLimited", False, since, "DesiredWithinRange", "the desired count is within range")
    if limited:
        said = "the desired replica count is more than the maximum replica count"
        within = condition("ScalingLimited", True, since, "TooManyReplicas", said)
    status = {
        "observedGeneration": 1,
        "lastScaleTime": site.stamp(5 * HOUR),
        "currentReplicas": replicas,
        "desiredReplicas": 0 if blind else replicas,
        "currentMetrics": [] if blind else [{"type": "Resource", "resource": seen}],
        "conditions": [able, active, *([] if blind else [within])],
    }
    spec = {
        "scaleTargetRef": target,
        "minReplicas": max(1, replicas // 2),
        "maxReplicas": most,
        "metrics": [{"type": "Resource", "resource": wanted}],
    }
    made = site.make(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        meta["name"],
        meta["namespace"],
        age=60 * DAY,
        spec=spec,
        status=status,
    )
    yield made
    if blind:
        yield event(site, made, "FailedGetResourceMetric", _METRICS, "horizontal-pod-autoscaler")


# -- CronJobs and their finished Jobs

#: (namespace, name, schedule, seconds since the last run, image, suspended, fails)
_TIMETABLES = (
    ("webapp", "sitemap", "*/30 * * * *", 17 * MINUTE, "webapp/sitemap:v1.4", False, False),
    ("webapp", "abandoned-carts", "15 * * * *", 34 * MINUTE, "webapp/cart-mailer:v0.9", False, False),
    ("payments", "reconcile-ledger", "0 4 * * *", 5 * HOUR, "payments/ledger-cli:v3.4", False, True),
    ("erp", "stock-export", "0 */6 * * *", 3 * HOUR, "erp/export:2024.6", False, False),
    ("erp", "legacy-import", "0 2 * * *", 40 * DAY, "erp/import:2022.1", True, False),
    ("training", "checkpoint-prune", "0 3 * * *", 6 * HOUR, "train/tools:v2", False, False),
    ("edge-apps", "log-upload", "*/20 * * * *", 9 * MINUTE, "edge/uploader:v1.1", False, False),
    ("kube-system", "etcd-backup", "0 */6 * * *", 2 * HOUR, "ops/etcd-backup:v3", False, False),
)
_EXCEEDED = "Job has reached the specified backoff limit"


def _timetables(site: Site) -> Iterator[Obj]:
    for namespace, name, schedule, ago, image, suspended, fails in _TIMETABLES:
        if site.has(namespace):
            yield from _timetable(site, namespace, name, schedule, ago, image, suspended=suspended, fails=fails)


def _timetable(
    site: Site, namespace: str, name: str, schedule: str, ago: float, image: str, *, suspended: bool, fails: bool
) -> Iterator[Obj]:
    container = {
        "name": name,
        "image": f"registry.shop.example/{image}",
        "args": ["--once"],
        "envFrom": [{"configMapRef": {"name": f"{name}-settings", "optional": True}}],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "128Mi"}},
        "imagePullPolicy": "IfNotPresent",
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
    }
    pod = {
        "containers": [container],
        "restartPolicy": "Never",
        "dnsPolicy": "ClusterFirst",
        "schedulerName": "default-scheduler",
        "securityContext": {},
        "terminationGracePeriodSeconds": 30,
    }
    labels = {"app": name}
    job = {
        "backoffLimit": 2,
        "completions": 1,
        "parallelism": 1,
        "completionMode": "NonIndexed",
        "suspend": False,
        "template": {"metadata": {"labels": labels}, "spec": pod},
    }
    spec = {
        "schedule": schedule,
        "concurrencyPolicy": "Forbid",
        "suspend": suspended,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 1,
        "jobTemplate": {"spec": job},
    }
    ran = {"lastScheduleTime": site.stamp(ago)}
    ran["lastSuccessfulTime"] = site.stamp(ago + DAY if fails else ago - 40)
    cron = site.make("batch/v1", "CronJob", name, namespace, age=90 * DAY, spec=spec, status=ran)
    yield cron
    for number in range(0 if suspended else 2):
        failed = fails and not number
        yield _finished(site, cron, job, ago + number * (DAY if fails else HOUR), failed=failed)
    if fails:
        said = "Job failed: BackoffLimitExceeded"
        yield event(site, cron, "BackoffLimitExceeded", said, "cronjob-controller", ago=9 * MINUTE)


def _finished(site: Site, cron: Obj, job: Obj, ago: float, *, failed: bool) -> Obj:
    """A Job that ended; its pods were removed with the node's other finished ones."""
    meta = cron["metadata"]
    start, end = site.stamp(ago), site.stamp(ago - 40)
    status: Obj = {"startTime": start, "completionTime": end, "succeeded": 1, "ready": 0}
    done: Obj = {"type": "Complete", "status": "True", "lastProbeTime": end, "lastTransitionTime": end}
    if failed:
        status = {"startTime": start, "failed": 3, "ready": 0}
        done |= {"type": "Failed", "reason": "BackoffLimitExceeded", "message": _EXCEEDED}
    name = f"{meta['name']}-{29_000_000 + site.rng.randint(0, 99_999)}"
    about = {"labels": {"app": meta["name"]}}
    return site.make(
        "batch/v1",
        "Job",
        name,
        meta["namespace"],
        age=ago,
        owner=cron,
        meta=about,
        spec=job,
        status={**status, "conditions": [done]},
    )


# -- ways in


def _ways_in(site: Site) -> Iterator[Obj]:
    """Ingresses, and Endpoints that people keep by hand."""
    yield _endpoints(site, "kubernetes", "default", [f"{site.plan.subnet}.10"], ("https", 6443))
    wanted = (
        ("webapp", "shop", "shop.example", "frontend", 8080, "nginx", True),
        ("payments", "gateway", "pay.shop.example", "gateway", 8080, "nginx", True),
        ("erp", "erp", "erp.corp.example", "planning", 8080, "traefik", False),
        ("inference", "chat", "chat.ai.example", "router", 8080, "nginx", True),
    )
    for namespace, name, host, service, port, kind, admitted in wanted:
        if not site.has(namespace):
            continue
        backend = {"service": {"name": service, "port": {"number": port}}}
        spec = {
            "ingressClassName": kind,
            "rules": [
                {"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
            ],
            "tls": [{"hosts": [host], "secretName": f"{name}-tls"}],
        }
        status: Obj = {"loadBalancer": {"ingress": [{"ip": "203.0.113.24"}]} if admitted else {}}
        yield site.make("networking.k8s.io/v1", "Ingress", name, namespace, age=80 * DAY, spec=spec, status=status)
        data = {"tls.crt": "LS0tLS1CRUdJTg==", "tls.key": "LS0tLS1CRUdJTg=="}
        yield site.make(
            "v1", "Secret", f"{name}-tls", namespace, age=80 * DAY, type="kubernetes.io/tls", data=data
        )


def _endpoints(site: Site, name: str, namespace: str, addresses: list[str], port: tuple[str, int]) -> Obj:
    ports = [{"name": port[0], "port": port[1], "protocol": "TCP"}]
    subsets = [{"addresses": [{"ip": each} for each in addresses], "ports": ports}] if addresses else []
    return site.make("v1", "Endpoints", name, namespace, age=90 * DAY, subsets=subsets)


# -- classes of priority and ways in


def _classes(site: Site) -> Iterator[Obj]:
    priorities = (
        ("system-node-critical", 2_000_001_000, "Used for system critical pods that must not be moved."),
        ("system-cluster-critical", 2_000_000_000, "Used for system critical pods that must run in the cluster."),
        ("business-critical", 1_000_000, "Pods customers notice at once."),
        ("best-effort", -10, "Pods that may go first."),
    )
    for name, value, text in priorities:
        body: Obj = {"value": value, "globalDefault": False, "description": text}
        body["preemptionPolicy"] = "PreemptLowerPriority" if value > 0 else "Never"
        yield site.make("scheduling.k8s.io/v1", "PriorityClass", name, age=150 * DAY, **body)
    if site.has("ingress-nginx"):
        spec = {"controller": "k8s.io/ingress-nginx"}
        yield site.make("networking.k8s.io/v1", "IngressClass", "nginx", age=150 * DAY, spec=spec)
    if site.has("erp"):
        spec = {"controller": "traefik.io/ingress-controller"}
        yield site.make("networking.k8s.io/v1", "IngressClass", "traefik", age=150 * DAY, spec=spec)
    for name in ("kube-controller-manager", "kube-scheduler"):
        holder = next(
            (n["metadata"]["name"] for n in site.all_of("nodes") if "-cp-" in n["metadata"]["name"]), "cp"
        )
        held: Obj = {
            "holderIdentity": f"{holder}_{site.digest(8)}",
            "leaseDurationSeconds": 15,
            "renewTime": site.micro(2),
            "acquireTime": site.micro(30 * DAY),
            "leaseTransitions": site.rng.randint(1, 9),
        }
        yield site.make("coordination.k8s.io/v1", "Lease", name, "kube-system", age=150 * DAY, spec=held)
