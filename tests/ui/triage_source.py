"""Incidents as rows, and a source that answers everything that the evidence of one is made of."""

from __future__ import annotations

import asyncio
import json
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.core import EventRow
from kurator_tui.kinds.incidents import IncidentRow, State
from kurator_tui.kinds.log_lines import LogBatch, LogLine, LogSource, Mark, decode_query, encode_batch
from kurator_tui.kinds.reading import LIVE, Happened, Owned, Standing, Version, encode
from kurator_tui.kinds.rollouts import RolloutRow
from kurator_tui.link.messages import StreamEnded
from kurator_tui.link.metrics import PanelData, PanelSeries, packed
from kurator_tui.link.metrics import decode_query as decode_panel
from kurator_tui.link.metrics import encode as encode_panel
from kurator_tui.link.streams import OnData, OnEnd
from tests.ui.driver import Driver
from tests.ui.estate import NOW, clusters, fleets
from tests.ui.log_source import LogSourceOfTest
from tests.ui.source import FakeStream, live_host

SECOND = 10**9
IMAGE = "registry.example/shop/web:v7"


def incident(name: str, **fields: Any) -> IncidentRow:
    """A high one of three minutes in one cluster, about one pod, unless `fields` say otherwise."""
    values: dict[str, Any] = {
        "cluster": HOST,
        "namespace": "",
        "uid": f"image/{name}",
        "created": NOW - 180,
        "code": "KT1002",
        "severity": "high",
        "state": str(State.NEW),
        "clusters": ("edge-east",),
        "objects": 1,
        "workloads": 1,
        "because": "one image",
        "cause": f"image {name}",
        "message": f'Back-off pulling image "{name}"',
        "kind": "pods",
        "target": "edge-east/shop/web-5d7f-x2v4p",
        "suggests": ("read.events", "set-image", "rollback"),
        "changed": NOW - 20,
    }
    values.update(fields)
    return IncidentRow(name=f"image cannot be pulled: {name}", **values)


PULL = incident(IMAGE, clusters=("edge-east", "on-prem", "prod-cloud"), objects=41, workloads=7)
CRASH = incident(
    "cart",
    uid="owner/shop/Deployment/cart",
    code="KT1001",
    severity="critical",
    suggests=("logs.previous", "read.events", "rollback"),
    target="prod-cloud/shop/cart-1",
    clusters=("prod-cloud",),
    state=str(State.WORSENING),
)
SLOW = incident("batch", uid="object/batch", code="KT1006", severity="medium", state=str(State.STEADY))
OVER = incident("old", uid="object/old", state=str(State.RESOLVED), resolved_at=NOW - 60)

POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "web-5d7f-x2v4p",
        "namespace": "shop",
        "managedFields": [
            {
                "manager": "kube-controller-manager",
                "operation": "Update",
                "time": "2025-11-21T04:37:00Z",
                "fieldsV1": {"f:metadata": {"f:labels": {".": {}, "f:app": {}}}},
            }
        ],
    },
    "spec": {"nodeName": "edge-node-3"},
}
DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {
        "name": "web",
        "namespace": "shop",
        "labels": {
            "kustomize.toolkit.fluxcd.io/name": "shop-edge-east",
            "kustomize.toolkit.fluxcd.io/namespace": "shop",
        },
        "managedFields": [
            {
                "manager": "kustomize-controller",
                "operation": "Apply",
                "time": "2025-11-21T04:36:40Z",
                "fieldsV1": {
                    "f:spec": {
                        "f:template": {"f:spec": {"f:containers": {'k:{"name":"web"}': {".": {}, "f:image": {}}}}}
                    }
                },
            }
        ],
    },
}
KUSTOMIZATION: dict[str, Any] = {
    "metadata": {"name": "shop-edge-east", "labels": {"apps.kurator.dev/app-name": "shop"}},
    "spec": {"sourceRef": {"kind": "GitRepository", "name": "shop"}},
    "status": {"lastAppliedRevision": "main@sha1:7f3c2ab"},
}
REPOSITORY: dict[str, Any] = {
    "metadata": {"name": "shop"},
    "spec": {"url": "https://git.example/shop.git"},
    "status": {"artifact": {"revision": "main@sha1:7f3c2ab"}},
}
EVENT = EventRow(
    "edge-east",
    "shop",
    "web.1",
    "event-1",
    NOW - 170,
    type="Warning",
    reason="Failed",
    message=f'Failed to pull image "{IMAGE}": not found',
    object_kind="Pod",
    object_name="web-5d7f-x2v4p",
    last_seen=NOW - 30,
    count=6,
)
MEANING = "The registry refuses\nthe image.\n\nThe same image in several clusters means the tag."
LOG = (
    "starting web v6",
    "listening on :8080",
    "Traceback (most recent call last):",
    '  File "/app/main.py", line 12, in <module>',
    "KeyError: 'DATABASE_URL'",
    "exiting",
)


def findings(*clusters: str) -> str:
    """Pods of three clusters that cannot pull the image, and a Service that has no endpoints for it."""
    marks = {"owner": "Deployment/web", "image": IMAGE, "node": "edge-node-3"}
    told = [
        {
            "cluster": cluster,
            "namespace": "shop",
            "name": f"web-{number}",
            "kind": "pods",
            "code": "KT1002",
            "severity": "high",
            "title": "image cannot be pulled",
            "message": "not found",
            "uid": f"{cluster}-{number}",
            "since": NOW - 180 + number,
            "marks": marks,
        }
        for number, cluster in enumerate(clusters or ("edge-east", "on-prem", *("prod-cloud",) * 3))
    ]
    service = {**told[0], "kind": "services", "name": "web", "code": "KT1301", "title": "no endpoints"}
    service |= {"because": "about the same workload", "follows": True}
    return json.dumps([*told, service])


@dataclass
class TriageSource(LogSourceOfTest):
    """Incidents of a small estate. What the card asks for is in `answers`, `objects`, `log` and `refused`."""

    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Objects that streams tell, by name."""
    log: tuple[str, ...] = LOG
    refused: str = ""
    """Why logs, objects and panels are not told."""

    def open_stream(
        self, method: str, arguments: dict[str, str], on_data: OnData, on_end: OnEnd, worker: Any = None
    ) -> FakeStream:
        stream = super().open_stream(method, arguments, on_data, on_end, worker)
        answer = {"object": self._object, "logs": self._log, "panel": self._panel}.get(method)
        if answer is not None:
            asyncio.get_running_loop().call_soon(self._answer, stream, answer)
        return stream

    def _answer(self, stream: FakeStream, answer: Callable[[FakeStream], None]) -> None:
        if stream.closed:
            return
        if self.refused:
            stream.end(StreamEnded(1, title="Refused", message=self.refused))
        else:
            answer(stream)

    def _object(self, stream: FakeStream) -> None:
        found = self.objects.get(stream.arguments["name"])
        if found is None:
            stream.end(StreamEnded(1, title="Not found", message=f"no {stream.arguments['name']}"))
            return
        stream.flow(encode(Version(json.dumps(found).encode(), True)))
        stream.flow(encode(Standing(LIVE, NOW)))
        if "alone" not in stream.arguments:
            stream.flow(encode(Owned([("ReplicaSet", "web-5d7f"), ("Deployment", "web")])))
            stream.flow(encode(Standing(LIVE, NOW, events=True)))
            stream.flow(encode(Happened([EVENT])))

    def _log(self, stream: FakeStream) -> None:
        query = decode_query(stream.arguments["query"])
        pod = query.targets[0]
        source = LogSource(1, pod.cluster, pod.namespace, pod.pod, "web")
        start = int(NOW - 180) * SECOND
        lines = [LogLine(1, start + at * SECOND, text) for at, text in enumerate(self.log)]
        refused = LogLine(1, start, "the container has not started", 0, str(Mark.REFUSED))
        stream.flow(encode_batch(LogBatch([source], lines or [refused])))
        stream.end(StreamEnded(1))

    def _panel(self, stream: FakeStream) -> None:
        query = decode_panel(stream.arguments["query"])
        values = array("d", [float(at) * 2**20 for at in range(60)])
        series = PanelSeries((("cluster", "edge-east"),), packed(values))
        end = query.end or NOW
        data = PanelData(start=end - 1800, step=1800 / 59, count=60, series=(series,), total=1)
        for message in encode_panel(data):
            stream.flow(message)


def inbox(*rows: IncidentRow) -> TriageSource:
    """A live estate with these incidents, or with all of this module."""
    source = TriageSource()
    live_host(source)
    source.put(*clusters(), *fleets())
    source.put(*(rows or (PULL, CRASH, SLOW, OVER)))
    return source


def explained() -> TriageSource:
    """As `inbox`; everything about the image is known."""
    source = inbox()
    source.objects = {"web-5d7f-x2v4p": POD, "web": DEPLOYMENT}
    source.answers[("incident", "", "")] = findings()
    source.answers[("explain", "", "")] = json.dumps({"title": "image cannot be pulled", "text": MEANING})
    source.answers[("object", HOST, "shop-edge-east")] = json.dumps(KUSTOMIZATION)
    source.answers[("object", HOST, "shop")] = json.dumps(REPOSITORY)
    source.answers[("audit", "", "")] = json.dumps([audited()])
    alert = {
        "cluster": "edge-east",
        "namespace": "shop",
        "name": "DeploymentShort",
        "uid": "alert-1",
        "created": NOW - 100,
        "state": "firing",
        "severity": "warning",
        "summary": "web has no replica",
        "labels": [["deployment", "web"]],
    }
    source.answers[("alerts", "", "")] = json.dumps([alert, {**alert, "name": "Other", "labels": [["job", "x"]]}])
    source.put(
        RolloutRow(
            "edge-east",
            "shop",
            "web",
            "rollout-1",
            NOW - 9000,
            target="Deployment/web",
            phase="Progressing",
            messages=((NOW - 200, "New revision detected! Scaling up web.shop"),),
        )
    )
    return source


def audited() -> dict[str, Any]:
    """A change that this user made of the workload."""
    return {
        "event": "done",
        "at": "2025-11-21T04:30:00+00:00",
        "plan": "p1",
        "verb": "scale",
        "step": 0,
        "outcome": "done",
        "user": "anna",
        "target": {"cluster": "edge-east", "kind": "deployments.apps", "namespace": "shop", "name": "web"},
    }


def refuses(source: TriageSource, error: ConsoleError, why: str) -> None:
    """Nothing can be read any more."""
    source.refused = why
    for method in ("incident", "explain", "audit", "alerts"):
        source.answers[(method, "", "")] = error


def said(drive: Driver, column: str) -> list[str]:
    """What the inbox says in `column`, row by row."""
    return [row.get(column, "") for row in drive.table()]
