"""Verbs of nodes and of the pods on them. Entries only."""

from __future__ import annotations

from kurator_tui.kinds.verb import Parameter, Risk, Verb

_GROUP = "Nodes"
_GRACE = Parameter("grace", "Grace", "int", help="seconds until a pod is killed; empty: as the pod says")
_PATIENCE = Parameter("patience", "Patience", "duration", "5m", help="how long a budget is waited for, each pod")

VERBS = (
    Verb(
        "evict",
        "Evict",
        "Have pods end where their budgets allow it; their controllers make others",
        "Pods",
        Risk.DISRUPTIVE,
        ("pods",),
        permission="create/eviction",
        parameters=(_GRACE, _PATIENCE),
        patch="creates an Eviction of each pod, with a precondition on its uid",
        owner="told where no controller makes another one",
        undo="cannot be undone: the pods that follow are others",
    ),
    Verb(
        "cordon",
        "Cordon",
        "Have no new pods scheduled to a node",
        _GROUP,
        Risk.SAFE,
        ("nodes",),
        keys=("c",),
        patch="JSON Patch of spec.unschedulable with a test of resourceVersion",
        owner="nobody's but an autoscaler's",
        undo="uncordons",
    ),
    Verb(
        "uncordon",
        "Uncordon",
        "Have pods scheduled to a node again",
        _GROUP,
        Risk.SAFE,
        ("nodes",),
        keys=("u",),
        patch="JSON Patch of spec.unschedulable with a test of resourceVersion",
        owner="nobody's but an autoscaler's",
        undo="cordons",
    ),
    Verb(
        "drain",
        "Drain",
        "Cordon a node and evict its pods, budgets respected; DaemonSets' pods stay",
        _GROUP,
        Risk.DISRUPTIVE,
        ("nodes",),
        keys=("r",),
        parameters=(
            _GRACE,
            _PATIENCE,
            Parameter("emptydir", "emptyDir", "bool", "no", help="pods with emptyDir, too: their data is lost"),
            Parameter(
                "force",
                "Force",
                "bool",
                "no",
                help="pods without a controller, too; of an offline node: all removed, none waited for",
            ),
        ),
        patch="JSON Patch of spec.unschedulable, then an Eviction of each pod; forced ones are deleted",
        owner="DaemonSets and static pods are left alone",
        undo="uncordons; evicted pods do not come back",
    ),
    Verb(
        "taint",
        "Taint",
        "Set or remove taints of a node",
        _GROUP,
        Risk.DISRUPTIVE,
        ("nodes",),
        parameters=(
            Parameter(
                "taints",
                "Taints",
                required=True,
                help="key=value:Effect, key:Effect sets, key- or key:Effect- removes; blanks between",
            ),
        ),
        patch="JSON Patch of spec.taints with a test of resourceVersion",
        owner="taints of node.kubernetes.io are refused: the node controller writes them",
        undo="the taints as they were; evicted pods do not come back",
    ),
)
