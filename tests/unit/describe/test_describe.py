"""What a description says of common objects, and that no shape of an object breaks it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kurator_tui.describe.common import merged
from kurator_tui.describe.parts import Grid, Item, Part, moment
from kurator_tui.describe.registry import DESCRIBERS, describe
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.core import EventRow
from kurator_tui.kinds.pods import PodRow
from kurator_tui.kinds.registry import KINDS
from tests.examples import examples

NOW = 1_763_700_000.0
BEFORE = "2025-11-21T04:30:00Z"


def said(kind: str, obj: dict[str, Any], *events: EventRow, **more: Any) -> dict[str, list[str]]:
    """Title -> lines as `label: text`, rows of tables with their cells joined."""
    found: dict[str, list[str]] = {}
    for part in describe(KINDS[kind], obj, events, NOW, cluster="c1", **more):
        lines = found.setdefault(part.title, [])
        for one in part.items:
            if isinstance(one, Item):
                lines.append(f"{one.label}: {one.text}" if one.label else one.text)
            else:
                lines += [" | ".join(row) for row in (one.titles, *one.rows)]
    return found


def level_of(parts: list[Part], label: str) -> Level | None:
    """The level of the line or row that begins with `label`."""
    for part in parts:
        for one in part.items:
            if isinstance(one, Item) and one.label == label:
                return one.level
            if isinstance(one, Grid):
                for row, level in zip(one.rows, one.levels or (None,) * len(one.rows), strict=True):
                    if row[0] == label:
                        return level
    raise AssertionError(f"nothing is called {label}")


POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "web-1",
        "namespace": "shop",
        "uid": "u",
        "creationTimestamp": BEFORE,
        "labels": {"app": "web", "tier": "front"},
        "ownerReferences": [{"kind": "ReplicaSet", "name": "web", "controller": True}],
    },
    "spec": {
        "nodeName": "n1",
        "initContainers": [{"name": "migrate", "image": "shop/migrate:v1"}],
        "containers": [
            {
                "name": "web",
                "image": "shop/web:v7",
                "command": ["/web", "--port", "80"],
                "ports": [{"containerPort": 80, "name": "http"}],
                "resources": {"requests": {"cpu": "250m"}, "limits": {"memory": "1Gi"}},
                "livenessProbe": {"httpGet": {"path": "/live", "port": "http"}, "periodSeconds": 5},
                "env": [
                    {"name": "A", "value": "1"},
                    {"name": "B", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
                ],
                "volumeMounts": [{"name": "data", "mountPath": "/data", "readOnly": True}],
            }
        ],
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "web-data"}}],
        "tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}],
    },
    "status": {
        "phase": "Running",
        "qosClass": "Burstable",
        "conditions": [
            {"type": "Ready", "status": "False", "reason": "ContainersNotReady", "lastTransitionTime": BEFORE},
            {"type": "PodScheduled", "status": "True"},
        ],
        "containerStatuses": [
            {
                "name": "web",
                "image": "shop/web:v7",
                "ready": False,
                "restartCount": 12,
                "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}},
                "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137, "finishedAt": BEFORE}},
            }
        ],
    },
}


def test_a_pod_is_told_as_kubectl_tells_it() -> None:
    told = said("pods", POD)
    assert "Name: web-1" in told["Object"]
    assert "Cluster: c1" in told["Object"]
    assert "Created: 2025-11-21 04:30:00 UTC (10m ago)" in told["Object"]
    assert [line for line in told["Object"] if "=" in line] == ["Labels: app=web", "tier=front"]
    assert "QoS class: Burstable" in told["Pod"]
    web = told["Container web"]
    assert "State: waiting: CrashLoopBackOff: back-off 5m0s, not ready" in web
    assert any("OOMKilled (exit code 137) 10m ago" in line for line in web)
    assert "Restarts: 12" in web
    assert "Command: /web --port 80" in web
    assert "Requests: cpu=250m" in web
    assert "Ports: 80/TCP (http)" in web
    assert any(line.startswith("Liveness: http-get http://:http/live") and "period 5s" in line for line in web)
    assert "Environment: A=1" in web
    assert "B ← key password of Secret db" in web
    assert "Mounts: /data from data (ro)" in web
    assert "Init container migrate" in told
    assert told["Volumes"][1] == "data | persistentVolumeClaim | web-data"
    assert told["Scheduling"] == ["Tolerations: gpu:NoSchedule exists"]
    assert told["Owners"] == ["Controlled by: ReplicaSet/web"]
    assert list(told)[-3:] == ["Conditions", "Owners", "Events"]


def test_what_is_wrong_stands_out() -> None:
    parts = describe(KINDS["pods"], POD, (), NOW)
    assert level_of(parts, "State") is Level.FAILED
    assert level_of(parts, "Restarts") is Level.DEGRADED
    assert level_of(parts, "Ready") is Level.DEGRADED
    assert level_of(parts, "PodScheduled") is None


def test_the_chain_of_owners_is_told_once_it_is_known() -> None:
    told = said("pods", POD, owners=[("ReplicaSet", "web"), ("Deployment", "web")])
    assert told["Owners"] == ["Controlled by: ReplicaSet/web ← Deployment/web"]


def test_a_secret_is_told_by_its_keys() -> None:
    told = said("secrets", {"kind": "Secret", "type": "Opaque", "data": {"token": "••• 6 bytes"}})
    assert told["Secret"] == ["Type: Opaque"]
    assert told["Data (1)"][0] == "token: ••• 6 bytes"


def test_a_config_map_shows_its_values_and_cuts_long_ones() -> None:
    told = said("configmaps", {"data": {"a.conf": "one\ntwo", "long": "x\n" * 100}})
    assert told["a.conf (7B)"] == ["one", "two"]
    assert told["long (200B)"][-1] == "… 40 more lines: the YAML tab has them"


def test_a_node_is_told_with_what_it_has() -> None:
    status = {
        "capacity": {"cpu": "8", "memory": "32Gi"},
        "allocatable": {"cpu": "7900m"},
        "addresses": [{"type": "InternalIP", "address": "10.0.0.1"}],
        "nodeInfo": {"kubeletVersion": "v1.36.1", "osImage": "Linux"},
        "conditions": [{"type": "MemoryPressure", "status": "True"}, {"type": "Ready", "status": "True"}],
    }
    spec = {"unschedulable": True, "taints": [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]}
    obj = {"metadata": {"name": "n1"}, "spec": spec, "status": status}
    told = said("nodes", obj)
    assert told["Resources"] == ["RESOURCE | CAPACITY | ALLOCATABLE", "cpu | 8 | 7900m", "memory | 32Gi | "]
    assert "Taints: gpu=yes:NoSchedule" in told["Node"]
    assert "InternalIP: 10.0.0.1" in told["Node"]
    assert "OS image: Linux" in told["System"]
    assert level_of(describe(KINDS["nodes"], obj, (), NOW), "MemoryPressure") is Level.DEGRADED


def test_a_node_is_told_with_what_its_pods_ask_for() -> None:
    obj = {"metadata": {"name": "n1"}, "status": {"allocatable": {"cpu": "2", "memory": "4Gi", "pods": "10"}}}
    row = PodRow("c1", "shop", "web-1", "u", NOW, phase="Running", status="Running", cpu_requested=500)
    done = PodRow("c1", "shop", "job-1", "v", NOW, phase="Succeeded", cpu_requested=900)
    told = said("nodes", obj, pods=[row, done])["Allocated"]
    assert told[1] == "cpu | 500m | 25%"
    assert told[3] == "pods | 1 | 10%"
    assert told[5].startswith("shop | web-1 | 500m")
    noted = said("nodes", obj, pods=[row], pods_note="as of 12:00:00")["Allocated"]
    assert noted == ["Pods: as of 12:00:00", *told]
    assert said("nodes", obj, pods_note="you may not")["Allocated"] == ["Pods: you may not"]
    assert "Allocated" not in said("nodes", obj)


def test_workloads_tell_how_many_and_what_they_make() -> None:
    template = {"spec": {"containers": [{"name": "web", "image": "shop/web:v7"}]}}
    spec = {
        "replicas": 3,
        "selector": {"matchLabels": {"app": "web"}},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": "25%"}},
        "template": template,
    }
    told = said("deployments.apps", {"spec": spec, "status": {"readyReplicas": 2, "updatedReplicas": 3}})
    assert told["Deployment"][0].startswith("Replicas: 3 desired, 3 updated, 0 total, 2 ready")
    assert "Strategy: RollingUpdate (25% max unavailable, 1 max surge)" in told["Deployment"]
    assert "Image: shop/web:v7" in told["Container web"]
    cron = {"schedule": "0 * * * *", "suspend": True, "jobTemplate": {"spec": {"template": template}}}
    told = said("cronjobs.batch", {"spec": cron})
    assert told["Cron job"][:2] == ["Schedule: 0 * * * *", "Suspended: yes"]
    assert "Container web" in told


def test_an_application_tells_what_each_target_made_of_it() -> None:
    status = {
        "syncStatus": [
            {
                "name": "app-member1",
                "kustomizationStatus": {
                    "lastAppliedRevision": "main@sha1:abc",
                    "conditions": [{"type": "Ready", "status": "False", "message": "health check failed"}],
                },
                "rolloutStatus": [
                    {
                        "clusterName": "member1",
                        "rolloutNameInCluster": "web",
                        "rolloutStatusInCluster": {"phase": "Progressing", "canaryWeight": 30, "failedChecks": 1},
                    }
                ],
            }
        ]
    }
    spec = {"source": {"gitRepository": {"url": "https://git.example/shop", "interval": "1m"}}}
    obj = {"metadata": {"name": "shop"}, "spec": spec, "status": status}
    told = said("applications.apps.kurator.dev", obj)
    assert told["Sync status"][1] == "app-member1 | Kustomization | False | main@sha1:abc | health check failed"
    assert told["Rollouts"][1] == "member1 | web | Progressing | 30 | 1"
    assert "URL: https://git.example/shop" in told["Source"]
    parts = describe(KINDS["applications.apps.kurator.dev"], obj, (), NOW)
    assert level_of(parts, "app-member1") is Level.FAILED


def test_a_backup_tells_what_each_cluster_reports() -> None:
    details = [
        {
            "clusterName": "member1",
            "backupNameInCluster": "b1",
            "backupStatusInCluster": {"phase": "PartiallyFailed", "errors": 2, "startTimestamp": BEFORE},
        }
    ]
    told = said("backups.backup.kurator.dev", {"status": {"backupDetails": details}})
    assert told["Clusters (1)"][1] == "member1 | b1 | PartiallyFailed | 2 | 10m"


def test_any_other_kind_is_told_by_its_columns_and_fields() -> None:
    kind = next(id for id in KINDS if id not in DESCRIBERS and not KINDS[id].derived and "flux" in id)
    spec = {
        "interval": "1m",
        "sourceRef": {"kind": "GitRepository", "name": "shop"},
        "deep": {"a": {"b": {"c": 1}}},
    }
    told = said(kind, {"metadata": {"name": "x"}, "spec": spec, "status": {"conditions": []}})
    assert "sourceRef: GitRepository shop" in told["Spec"]
    assert "c=1" in "".join(told["Spec"])


def event(uid: str, message: str, seen: float, count: int = 1, name: str = "web-1") -> EventRow:
    return EventRow(
        "c1",
        "shop",
        uid,
        uid,
        seen,
        type="Warning",
        reason="BackOff",
        message=message,
        object_kind="Pod",
        object_name=name,
        count=count,
        last_seen=seen,
    )


def test_events_that_say_the_same_are_one_the_latest_first() -> None:
    rows = merged([event("a", "x", NOW - 60, 3), event("b", "y", NOW - 30), event("c", "x", NOW - 10, 2)])
    assert [(row.message, row.count, row.last_seen) for row in rows] == [("x", 5, NOW - 10), ("y", 1, NOW - 30)]


def test_events_of_others_name_them() -> None:
    assert "OBJECT" not in said("pods", POD, event("a", "x", NOW))["Events"][0]
    other = event("a", "x", NOW, name="web-2")
    assert said("pods", POD, other)["Events"][1] == "0s | Warning | BackOff | pod/web-2 | x"


def test_moments_say_how_long_ago() -> None:
    assert moment(BEFORE, NOW) == "2025-11-21 04:30:00 UTC (10m ago)"
    assert moment("2025-11-21T05:40:00Z", NOW) == "2025-11-21 05:40:00 UTC (in 60m)"
    assert moment(None, NOW) == ""
    assert moment("soon", NOW) == "soon"


WORDS = (
    *("metadata", "spec", "status", "containers", "template", "conditions", "name", "data", "syncStatus", "env"),
    *("volumes", "state", "waiting", "rolloutStatus", "source", "taints", "capacity", "ports", "labels", "x"),
)
KEYS = st.sampled_from(WORDS)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=15,
)


@pytest.mark.parametrize("kind", [*DESCRIBERS, "events"])
@settings(max_examples=examples(20))
@given(obj=st.dictionaries(KEYS, ANYTHING, max_size=4))
def test_no_shape_of_an_object_breaks_a_description(kind: str, obj: dict[str, Any]) -> None:
    parts = describe(KINDS[kind], obj, (), NOW)
    assert parts[-1].title == "Events"
