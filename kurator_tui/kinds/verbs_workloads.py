"""Verbs of workloads. Entries only."""

from __future__ import annotations

from kurator_tui.kinds.verb import Parameter, Risk, Verb

SCALED = ("deployments.apps", "statefulsets.apps", "replicasets.apps")
RESTARTED = ("deployments.apps", "statefulsets.apps", "daemonsets.apps")

VERBS = (
    Verb(
        "restart",
        "Restart",
        "Roll all pods: a new template annotation, as `kubectl rollout restart` does",
        "Workloads",
        Risk.DISRUPTIVE,
        RESTARTED,
        keys=("r",),
        patch="JSON Patch of spec.template.metadata.annotations with a test of resourceVersion",
        owner="refused for a paused Deployment and for what another workload owns",
        undo="the annotation as it was: rolls the pods once more",
    ),
    Verb(
        "scale",
        "Scale",
        "Set the number of replicas",
        "Workloads",
        Risk.DISRUPTIVE,
        SCALED,
        permission="patch/scale",
        parameters=(Parameter("replicas", "Replicas", "int", required=True, help="0 or more"),),
        patch="merge patch of the subresource scale with metadata.resourceVersion",
        owner="refused where an autoscaler, Flagger or an owner sets replicas",
        undo="the number as it was",
    ),
)
