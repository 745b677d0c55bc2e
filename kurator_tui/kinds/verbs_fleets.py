"""Verbs of fleets: made, joined and left by clusters. Entries only."""

from __future__ import annotations

from kurator_tui.kinds.verb import Parameter, Risk, Verb

FLEET = "fleets.fleet.kurator.dev"
CLUSTERS = ("clusters.cluster.kurator.dev", "attachedclusters.cluster.kurator.dev")
CUSTOM_CLUSTER = "customclusters.infrastructure.cluster.x-k8s.io"
_GROUP = "Fleets"
_PATCH = "JSON Patch of the Fleet's spec.clusters, with a test of its resourceVersion"
_OWNER = "Kurator joins and dismisses what the Fleet lists; refused where Git or Karmada writes the Fleet"

VERBS = (
    Verb(
        "fleet.create",
        "Create a fleet",
        "Make a Fleet of clusters of one namespace",
        _GROUP,
        Risk.DISRUPTIVE,
        parameters=(
            Parameter("name", "Name", required=True),
            Parameter("namespace", "Namespace", default="default", help="that of its clusters"),
            Parameter(
                "clusters", "Clusters", help="AttachedClusters or Clusters, with blanks between; may be none"
            ),
            Parameter(
                "karmada", "Karmada", "bool", "no", help="with a Karmada control plane; it cannot be added later"
            ),
        ),
        permission="create",
        targeted=False,
        on_host=True,
        patch="creates a Fleet",
        owner=_OWNER,
        undo="the Fleet is deleted; its clusters stay attached",
    ),
    Verb(
        "fleet.members",
        "Edit members",
        "Have clusters join and leave a Fleet in one change",
        _GROUP,
        Risk.DISRUPTIVE,
        (FLEET,),
        parameters=(
            Parameter("add", "Join", help="AttachedClusters or Clusters, with blanks between"),
            Parameter("remove", "Leave", help="members, with blanks between"),
        ),
        many=False,
        patch=_PATCH,
        owner=_OWNER,
        undo="the list as it was: plugins are installed and uninstalled once more",
    ),
    Verb(
        "fleet.join",
        "Join a fleet",
        "Have clusters join a Fleet: its plugins and applications come to them",
        _GROUP,
        Risk.DISRUPTIVE,
        (*CLUSTERS, CUSTOM_CLUSTER),
        parameters=(Parameter("to", "Fleet", required=True, help="in the same namespace"),),
        permission="get",
        patch=_PATCH,
        owner=_OWNER,
        undo="they leave it again: its plugins are uninstalled",
    ),
    Verb(
        "fleet.leave",
        "Leave the fleet",
        "Have clusters leave their Fleet: its plugins are uninstalled from them",
        _GROUP,
        Risk.DISRUPTIVE,
        CLUSTERS,
        permission="get",
        patch=_PATCH,
        owner=_OWNER,
        undo="they join it again; data that went with a plugin does not come back",
    ),
)
