"""Verbs of Karmada's control plane: its clusters, and where workloads go. Entries only."""

from __future__ import annotations

from kurator_tui.kinds.verb import Parameter, Risk, Verb

CLUSTERS = ("clusters.cluster.karmada.io",)
POLICIES = ("propagationpolicies.policy.karmada.io", "clusterpropagationpolicies.policy.karmada.io")
BINDINGS = ("resourcebindings.work.karmada.io", "clusterresourcebindings.work.karmada.io")
_GROUP = "Karmada"
_POLICY = "refused where Flux, Helm or Argo CD writes the policy again"
_CLUSTER = "refused where Karmada writes the taint by itself"

VERBS = (
    Verb(
        "karmada.cordon",
        "Cordon",
        "Have Karmada schedule nothing new to a cluster",
        _GROUP,
        Risk.SAFE,
        CLUSTERS,
        patch="JSON Patch of spec.taints: cluster.karmada.io/unschedulable with NoSchedule",
        owner=_CLUSTER,
        undo="uncordons",
    ),
    Verb(
        "karmada.uncordon",
        "Uncordon",
        "Have Karmada schedule to a cluster again: takes off what cordon and evict put on",
        _GROUP,
        Risk.SAFE,
        CLUSTERS,
        patch="JSON Patch of spec.taints",
        owner=_CLUSTER,
        undo="the taints as they were",
    ),
    Verb(
        "karmada.evict",
        "Evict",
        "Have Karmada move everything that tolerates no taint away from a cluster",
        _GROUP,
        Risk.DESTRUCTIVE,
        CLUSTERS,
        patch="JSON Patch of spec.taints: cluster.karmada.io/unschedulable with NoExecute",
        owner=_CLUSTER,
        undo="the taints as they were; what moved away moves back only when it is rescheduled",
    ),
    Verb(
        "karmada.place",
        "Place",
        "Pin what a policy propagates to clusters, or move it: the clusters that it goes to",
        _GROUP,
        Risk.DISRUPTIVE,
        POLICIES,
        parameters=(Parameter("clusters", "Clusters", required=True, help="names with blanks between"),),
        patch="JSON Patch of spec.placement.clusterAffinity.clusterNames",
        owner=_POLICY,
        undo="the clusters as they were",
    ),
    Verb(
        "karmada.move",
        "Move",
        "Move what a policy propagates from one cluster to another; its other clusters stay",
        _GROUP,
        Risk.DISRUPTIVE,
        (*POLICIES, *BINDINGS),
        permission="get",
        parameters=(
            Parameter("from", "From", required=True, help="a cluster that the policy names"),
            Parameter("to", "To", required=True, help="another of Karmada's clusters"),
        ),
        patch="JSON Patch of every clusterNames of spec.placement, weights, too; of a binding: in its policy",
        owner=_POLICY,
        undo="moved back",
    ),
    Verb(
        "karmada.weight",
        "Weights",
        "Divide replicas over clusters by weights",
        _GROUP,
        Risk.DISRUPTIVE,
        POLICIES,
        parameters=(
            Parameter("weights", "Weights", "pairs", required=True, help="cluster=weight, blanks between"),
        ),
        patch="JSON Patch of spec.placement.replicaScheduling: Divided, Weighted, staticWeightList",
        owner=_POLICY,
        undo="the division as it was",
    ),
    Verb(
        "karmada.dispatch",
        "Dispatch",
        "Pause or resume what a policy sends to clusters",
        _GROUP,
        Risk.DISRUPTIVE,
        POLICIES,
        parameters=(
            Parameter("to", "What", "choice", "toggle", ("toggle", "pause", "resume")),
            Parameter("clusters", "Clusters", help="only to these, names with blanks between; empty: to all"),
        ),
        patch="JSON Patch of spec.suspension.dispatching or dispatchingOnClusters",
        owner=_POLICY,
        undo="as it was",
    ),
    Verb(
        "karmada.rebalance",
        "Rebalance",
        "Have Karmada schedule workloads afresh",
        _GROUP,
        Risk.DISRUPTIVE,
        BINDINGS,
        permission="get",
        patch="creates one WorkloadRebalancer that lists them; gone an hour after it is done",
        owner="nobody's: a request",
        undo="deletes the request; what was scheduled stays so",
    ),
)
