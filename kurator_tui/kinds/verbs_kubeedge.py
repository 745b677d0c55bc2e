"""Verbs of KubeEdge's nodes and node groups. Entries only."""

from __future__ import annotations

from kurator_tui.kinds.verb import Parameter, Risk, Verb

GROUPS = ("nodegroups.apps.kubeedge.io",)
_GROUP = "KubeEdge"

VERBS = (
    Verb(
        "kubeedge.upgrade",
        "Upgrade edge",
        "Have KubeEdge upgrade edge nodes to another release",
        _GROUP,
        Risk.DISRUPTIVE,
        ("nodes",),
        permission="get",
        parameters=(
            Parameter("version", "Release", required=True, help="such as v1.21.0"),
            Parameter("concurrency", "At once", "int", "1", help="nodes at the same time"),
            Parameter("tolerate", "Tolerate", default="0.1", help="share of nodes that may fail before it stops"),
            Parameter("timeout", "Timeout", "duration", "5m", help="of one node"),
            Parameter("image", "Image", help="of the installation package; empty: KubeEdge's own"),
            Parameter("ask", "Confirm", "bool", "no", help="somebody confirms at each node, not here"),
        ),
        patch="creates one NodeUpgradeJob a cluster, with the nodes' names",
        owner="nobody's: a request",
        undo="the job is deleted; nodes that were upgraded stay so",
    ),
    Verb(
        "kubeedge.group",
        "Node group",
        "Put nodes into a node group; it is made where there is none",
        _GROUP,
        Risk.SAFE,
        ("nodes",),
        permission="get",
        parameters=(Parameter("group", "Group", required=True, help="its name"),),
        patch="creates a NodeGroup, or a JSON Patch of its spec.nodes",
        owner="refused where Flux, Helm or Argo CD writes the group again",
        undo="the group is deleted, or its nodes are as they were",
    ),
    Verb(
        "kubeedge.nodes",
        "Nodes",
        "Put nodes into a group by name, or take them out",
        _GROUP,
        Risk.DISRUPTIVE,
        GROUPS,
        parameters=(
            Parameter("nodes", "Nodes", required=True, help="name adds, name- takes out; blanks between"),
        ),
        patch="JSON Patch of spec.nodes with a test of resourceVersion",
        owner="refused where Flux, Helm or Argo CD writes the group again",
        undo="the nodes as they were",
    ),
)
