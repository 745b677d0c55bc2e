"""What Cluster API makes on AWS for Kurator: the instances, and the identities by which it may."""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds.base import HEALTHY, Health, Level
from kurator_tui.kinds.judge import because, by_type, judge
from kurator_tui.kinds.ladder import CONDITIONS
from kurator_tui.kinds.table import cell, table

GROUP = "infrastructure.cluster.x-k8s.io"
VERSIONS = ("v1beta2", "v1beta1")


@judge(
    *("status.failureReason", "status.failureMessage", "status.ready", "status.conditions[*]"),
    says="a failure reason is failed; not ready is what the severity of its condition Ready says",
)
def _machine(failure: Any, message: Any, ready: Any, conditions: Any) -> Health:
    if failure or message:
        return Health(Level.FAILED, ": ".join(str(word) for word in (failure, message) if word))
    told = by_type(conditions).get("Ready", {})
    if ready is True:
        return HEALTHY
    if ready is None and not told:
        return Health(Level.UNKNOWN, "no status yet")
    level = {"Error": Level.FAILED, "Warning": Level.DEGRADED}.get(told.get("severity"), Level.PROGRESSING)
    return Health(level, because(told) or "not ready")


AWS_MACHINE = table(
    f"awsmachines.{GROUP}",
    "AWSMachine",
    VERSIONS,
    cell("state", "status.instanceState"),
    cell("type", "spec.instanceType"),
    cell("in_cluster", "metadata.labels['cluster.x-k8s.io/cluster-name']", title="CAPI CLUSTER"),
    cell("instance", "spec.instanceID", "spec.providerID", width=40, priority=5),
    cell("image", "spec.ami.id", wide=True, width=40),
    health=_machine,
    short_names=("awsm",),
    parts={"conditions": CONDITIONS, "finalizers": "metadata.finalizers"},
)
AWS_IDENTITY = table(
    f"awsclusterstaticidentities.{GROUP}",
    "AWSClusterStaticIdentity",
    VERSIONS,
    cell("kurator_cluster", "metadata.labels['cluster.kurator.dev/cluster-name']"),
    short_names=("awssi",),
    namespaced=False,
    parts={"finalizers": "metadata.finalizers"},
)

KINDS = (AWS_MACHINE, AWS_IDENTITY)
