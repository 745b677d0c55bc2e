"""Objects of Kyverno for the tests of its joins."""

from __future__ import annotations

from typing import Any

from kurator_tui.fleet.join import Join
from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.kyverno import CLUSTER_POLICY, CLUSTER_REPORT, POLICY_REPORT, REPORT, VALIDATING_POLICY
from tests.unit.fleet.joined import ABSENT, Joined, Object, meta

READY = {"conditions": [{"type": "Ready", "status": "True", "reason": "Succeeded"}]}


class Policies(Joined):
    """Kyverno 1.10 with its controllers running."""

    def __init__(self, join: Join, *members: str) -> None:
        super().__init__(join, *members)
        for name in members or ("m1",):
            for kind in (VALIDATING_POLICY, REPORT, CLUSTER_REPORT):
                self.state(name, ABSENT, kind)
            for part in ("admission-controller", "reports-controller"):
                self.controller(f"kyverno-{part}", part, 1, name)

    def controller(self, name: str, component: str, ready: int, cluster: str = "m1", **spec: Any) -> None:
        labels = {"app.kubernetes.io/part-of": "kyverno", "app.kubernetes.io/component": component}
        obj = {"metadata": meta(name, "kyverno", labels=labels), "spec": {"replicas": 1, **spec}}
        self.put(DEPLOYMENT, {**obj, "status": {"readyReplicas": ready, "replicas": 1}}, cluster)

    def policy(
        self,
        name: str = "limits",
        action: str | None = "Audit",
        *rules: Object,
        kind: AnyKind = CLUSTER_POLICY,
        namespace: str = "",
        status: Object | None = None,
        cluster: str = "m1",
        **spec: Any,
    ) -> None:
        body: Object = {"rules": list(rules) or [rule("limits")], "background": True, **spec}
        if action is not None:
            body["validationFailureAction"] = action
        told = READY if status is None else status
        self.put(kind, {"metadata": meta(name, namespace), "spec": body, "status": told}, cluster)

    def report(
        self,
        *results: Object,
        namespace: str = "shop",
        name: str = "report",
        kind: AnyKind = POLICY_REPORT,
        cluster: str = "m1",
        **more: Any,
    ) -> None:
        summary = {word: sum(each["result"] == word for each in results) for word in WORDS}
        body: Object = {"results": list(results), "summary": summary, **more}
        self.put(kind, {"metadata": meta(name, namespace), **body}, cluster)


WORDS = ("pass", "fail", "warn", "error", "skip")


def rule(name: str, what: str = "validate", **more: Any) -> Object:
    return {"name": name, what: {"message": "m", **more}}


def result(
    word: str = "fail", pod: str = "web-1", policy: str = "limits", rule: str = "limits", **more: Any
) -> Object:
    about = {"apiVersion": "v1", "kind": "Pod", "namespace": "shop", "name": pod, "uid": pod}
    return {"policy": policy, "rule": rule, "result": word, "source": "kyverno", "resources": [about], **more}
