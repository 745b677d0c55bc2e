"""Verbs of workloads. Entries only."""

from __future__ import annotations

from kurator_tui.kinds.verb import Parameter, Risk, Verb

SCALED = ("deployments.apps", "statefulsets.apps", "replicasets.apps")
RESTARTED = ("deployments.apps", "statefulsets.apps", "daemonsets.apps")
ROLLED_BACK = (*RESTARTED, "rollouts.argoproj.io")
TEMPLATED = (*RESTARTED, "rollouts.argoproj.io", "cronjobs.batch")
_TEMPLATE = "refused where Flux, Helm, Karmada, Kurator or an owner writes the template again"

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
    Verb(
        "set-image",
        "Image",
        "Set the images of containers",
        "Workloads",
        Risk.DISRUPTIVE,
        (*TEMPLATED, "pods"),
        keys=("i",),
        parameters=(
            Parameter(
                "image",
                "Image",
                required=True,
                help="an image for the only container, or container=image, several with blanks between",
            ),
        ),
        patch="JSON Patch of the containers' image, with tests of their names and of resourceVersion",
        owner=_TEMPLATE,
        undo="the images as they were: rolls the pods once more",
    ),
    Verb(
        "set-resources",
        "Resources",
        "Set requests and limits of a container",
        "Workloads",
        Risk.DISRUPTIVE,
        TEMPLATED,
        parameters=(
            Parameter("container", "Container", help="needed where there are several"),
            Parameter("cpu", "CPU request", "cpu", help="such as 250m"),
            Parameter("memory", "Memory request", "memory", help="such as 256Mi"),
            Parameter("cpu_limit", "CPU limit", "cpu"),
            Parameter("memory_limit", "Memory limit", "memory"),
        ),
        patch="JSON Patch of the container's resources, with tests of its name and of resourceVersion",
        owner=_TEMPLATE,
        undo="the resources as they were: rolls the pods once more",
    ),
    Verb(
        "rollback",
        "Roll back",
        "Put back the template of an earlier revision, as `kubectl rollout undo` does",
        "Workloads",
        Risk.DISRUPTIVE,
        ROLLED_BACK,
        parameters=(Parameter("revision", "Revision", "int", help="its number; empty: the one before"),),
        patch="JSON Patch that replaces spec.template with a test of resourceVersion",
        owner=_TEMPLATE,
        undo="the template as it was",
    ),
)
