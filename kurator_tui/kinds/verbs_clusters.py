"""Verbs of clusters that Kurator makes: scaled, upgraded, with other machines. Entries only."""

from __future__ import annotations

from kurator_tui.kinds.verb import Parameter, Risk, Verb

CLUSTER = "clusters.cluster.kurator.dev"
CUSTOM_MACHINE = "custommachines.infrastructure.cluster.x-k8s.io"
CONTROL_PLANE = "kubeadmcontrolplanes.controlplane.cluster.x-k8s.io"
_GROUP = "Clusters"
_VERSION = Parameter("version", "Version", required=True, help="such as v1.30.4; one minor at a time")

VERBS = (
    Verb(
        "cluster.scale",
        "Scale cluster",
        "Give a Cluster more or fewer machines",
        _GROUP,
        Risk.DISRUPTIVE,
        (CLUSTER,),
        parameters=(
            Parameter("replicas", "Machines", "int", required=True),
            Parameter(
                "pool", "Pool", help="master, or the number of a pool of workers from 0; empty: the only one"
            ),
        ),
        many=False,
        patch="JSON Patch of the Cluster's spec.workers[].replicas or spec.master.replicas, with tests",
        owner="Kurator renders the Cluster API objects of it again: written in the Cluster",
        undo="the number of before; machines that went come back as new ones",
    ),
    Verb(
        "cluster.upgrade",
        "Upgrade cluster",
        "Give a Cluster a newer version of Kubernetes: all its machines are replaced",
        _GROUP,
        Risk.DESTRUCTIVE,
        (CLUSTER,),
        parameters=(_VERSION,),
        many=False,
        patch="JSON Patch of the Cluster's spec.version",
        owner="Kurator renders the Cluster API objects of it again: written in the Cluster",
        undo="none: Kubernetes does not go back",
        final=True,
    ),
    Verb(
        "kcp.upgrade",
        "Upgrade",
        "Give a control plane a newer version of Kubernetes, and a CustomCluster with it",
        _GROUP,
        Risk.DESTRUCTIVE,
        (CONTROL_PLANE,),
        parameters=(_VERSION,),
        many=False,
        patch="JSON Patch of the KubeadmControlPlane's spec.version",
        owner="refused where it is a Kurator Cluster's: upgrade that",
        undo="none: Kubernetes does not go back",
        final=True,
    ),
    Verb(
        "machine.add",
        "Add a node",
        "Have kubespray add a worker to a CustomCluster",
        _GROUP,
        Risk.DISRUPTIVE,
        (CUSTOM_MACHINE,),
        parameters=(
            Parameter("host", "Host name", required=True),
            Parameter("private", "Private IP", required=True),
            Parameter("public", "Public IP", help="empty: the private one"),
            Parameter("labels", "Labels", "pairs", help="of the node: key=value, with blanks between"),
        ),
        many=False,
        patch="JSON Patch that adds to the CustomMachine's spec.node, with the SSH key of its first machine",
        owner="nobody writes it again; refused while kubespray runs",
        undo="kubespray removes the node again",
    ),
    Verb(
        "machine.remove",
        "Remove a node",
        "Have kubespray remove a worker from a CustomCluster",
        _GROUP,
        Risk.DESTRUCTIVE,
        (CUSTOM_MACHINE,),
        parameters=(Parameter("host", "Host name", required=True),),
        many=False,
        patch="JSON Patch that removes from the CustomMachine's spec.node, with a test of its name",
        owner="nobody writes it again; refused while kubespray runs",
        undo="kubespray adds the node again; what was on its disks is gone",
    ),
)
