"""Actions that reach into pods: shells, debug containers, port-forwards. Entries only."""

from __future__ import annotations

from kurator_tui.config.action import READING, ROW_GROUP, WORKLOADS, Action, Context, needs_row

FORWARDS = "forwards"
PODS = frozenset(
    {"pods", "jobs.batch", "rollouts.argoproj.io", "replicationcontrollers"}
    | {f"{plural}.apps" for plural in ("deployments", "statefulsets", "daemonsets", "replicasets")}
)
"""Pods, and kinds whose selector means pods."""

_TABLES = frozenset({WORKLOADS})
_OBJECTS = frozenset({WORKLOADS, READING})


def _needs_pods(context: Context) -> str | None:
    return needs_row(context) if context.kinds & PODS else "only pods and workloads have containers"


def _needs_ports(context: Context) -> str | None:
    return (
        needs_row(context)
        if context.kinds & (PODS | {"services"})
        else "only pods, services and workloads have ports"
    )


REMOTE_ACTIONS = (
    Action(
        "shell",
        "Shell",
        "A shell in a container; of a workload, by :shell in a ready pod of it",
        ROW_GROUP,
        ("s",),
        _OBJECTS,
        _needs_pods,
        commands=("shell",),
        argument="CONTAINER",
        menu=True,
    ),
    Action(
        "attach",
        "Attach",
        "To the process that a container was started with",
        ROW_GROUP,
        (),
        _TABLES,
        _needs_pods,
        commands=("attach",),
        argument="CONTAINER",
        menu=True,
    ),
    Action(
        "debug",
        "Debug",
        "A debug container with a shell, added to the pod after a confirmation",
        ROW_GROUP,
        (),
        _TABLES,
        _needs_pods,
        commands=("debug",),
        argument="IMAGE",
        menu=True,
    ),
    Action(
        "forward",
        "Forward",
        "A port here that leads to the pod, service or workload; :forwards lists them",
        ROW_GROUP,
        ("F",),
        _TABLES,
        _needs_ports,
        commands=("forward",),
        argument="[LOCAL:]PORT",
        menu=True,
    ),
    Action(
        "delete",
        "Stop",
        "Stop the port-forward, or the marked ones",
        ROW_GROUP,
        ("ctrl+k", "delete"),
        _TABLES,
        needs_row,
        menu=True,
        kinds=frozenset({FORWARDS}),
    ),
)
"""In the order help shows them."""
