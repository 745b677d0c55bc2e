"""A console's source with executions of pipelines and their tasks, joined from objects."""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds.base import HOST, Row
from kurator_tui.kinds.executions import EXECUTIONS, TASKS
from tests.ui.source import FakeSource
from tests.unit.fleet.pipeline_objects import TASKS as NAMES
from tests.unit.fleet.pipeline_objects import Host

DENIED = '"step-build-and-push-image" exited with code 1: DENIED: permission_denied: write_package'
WHEN = [{"input": "main", "operator": "in", "values": ["release"]}]


def built() -> Host:
    """Executions that succeeded, failed, were cancelled and run; a pipeline that never ran."""
    host = Host()
    host.service("LoadBalancer", loadBalancer={"ingress": [{"ip": "203.0.113.31"}]})
    host.pipeline("charts")
    pushed: dict[str, Any] = {"labels": {"triggers.tekton.dev/eventlistener": "web-listener"}}
    image = [{"name": "IMAGES", "value": "registry.shop.example/web:v7@sha256:0123456789abcdef"}]
    host.run("web-run-2k66h", began=1, took=8, told={"pipelineResults": image}, **pushed)
    for number, (task, minutes) in enumerate(zip(NAMES, (2, 2, 4), strict=True)):
        host.task(task, "web-run-2k66h", began=1 + 2 * number, took=minutes)
    host.run("web-run-4pkls", status="False", reason="Failed", began=12, took=6, **pushed)
    for number, task in enumerate(NAMES[:2]):
        host.task(task, "web-run-4pkls", began=12 + 2 * number)
    wrong = {"status": "False", "reason": "Failed", "message": DENIED}
    host.task(NAMES[2], "web-run-4pkls", began=16, took=2, told={"retriesStatus": [{}]}, **wrong)
    stopped = "PipelineRun was cancelled"
    host.run(
        "web-run-78lvz", status="False", reason="Cancelled", message=stopped, began=20, took=1, tasks=NAMES[:1]
    )
    host.task(NAMES[0], "web-run-78lvz", status="False", reason="TaskRunCancelled", began=20, took=1)
    left_out = [{"name": NAMES[2], "reason": "When Expressions evaluated to false", "whenExpressions": WHEN}]
    told = {"skippedTasks": left_out}
    host.run("web-run-9vqjg", status="Unknown", reason="Running", began=24, took=None, tasks=NAMES[:2], told=told)
    host.task(NAMES[0], "web-run-9vqjg", began=24)
    host.task(NAMES[1], "web-run-9vqjg", status="Unknown", reason="Running", began=26, took=None)
    return host


def building(source: FakeSource) -> FakeSource:
    """`source` with these rows."""
    host = built()
    for kind, rows in ((EXECUTIONS, host.rows()), (TASKS, host.lines())):
        put: dict[str, Row | None] = {row.uid: row for row in rows}
        source.store.put(kind.id, HOST, put)
    return source
