"""Verbs that make existing clusters known to Kurator, and have it look at them again. Entries only."""

from __future__ import annotations

from kurator_tui.kinds.verb import Parameter, Risk, Verb

ATTACHED_CLUSTER = "attachedclusters.cluster.kurator.dev"
CUSTOM_CLUSTER = "customclusters.infrastructure.cluster.x-k8s.io"
_GROUP = "Fleets"
_FLEET = Parameter("join", "Fleet", help="to join at once; empty: none")
_LABELS = Parameter("labels", "Labels", "pairs", help="key=value, with blanks between: what Applications select")
_OWNER = "nobody writes it again; the Fleet is refused where Git or Karmada writes it"

VERBS = (
    Verb(
        "attach",
        "Attach a cluster",
        "Make a cluster known to Kurator by a context of a kubeconfig, which must answer",
        _GROUP,
        Risk.DISRUPTIVE,
        parameters=(
            Parameter("file", "Kubeconfig", required=True, help="path of the file on this machine"),
            Parameter("file-context", "Context", help="in that file; empty: its current one"),
            Parameter("name", "Name", help="of the AttachedCluster; empty: the context's"),
            Parameter("namespace", "Namespace", help="empty: the fleet's, else default"),
            _FLEET,
            _LABELS,
        ),
        permission="create",
        targeted=False,
        on_host=True,
        patch="creates a Secret with that one context, files embedded, and an AttachedCluster; JSON Patch of the "
        "Fleet's spec.clusters",
        owner=_OWNER,
        undo="the AttachedCluster and its Secret are deleted, the Fleet's list is as it was",
    ),
    Verb(
        "custom.attach",
        "Attach",
        "Make an AttachedCluster of a CustomCluster's kubeconfig, so that it can join a fleet",
        _GROUP,
        Risk.DISRUPTIVE,
        (CUSTOM_CLUSTER,),
        parameters=(Parameter("name", "Name", help="of the AttachedCluster; empty: the same"), _FLEET, _LABELS),
        permission="get",
        many=False,
        patch="creates an AttachedCluster of the Secret that kubespray made; JSON Patch of the Fleet's "
        "spec.clusters",
        owner=_OWNER,
        undo="the AttachedCluster is deleted, the Fleet's list is as it was; kubespray's Secret stays",
    ),
    Verb(
        "recheck",
        "Check again",
        "Have Kurator look at attached clusters again: it does not by itself, nor when their Secret changes",
        _GROUP,
        Risk.SAFE,
        (ATTACHED_CLUSTER,),
        patch="JSON Patch of the annotation kurator-tui/checked-at",
        owner="nobody keeps that annotation: it only has Kurator look",
        undo="the annotation as it was, which has Kurator look once more",
    ),
)
