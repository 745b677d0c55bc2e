"""Verbs of Kurator's Applications: made, edited, synced. Entries only."""

from __future__ import annotations

from kurator_tui.kinds.verb import Parameter, Risk, Verb

APPLICATION = ("applications.apps.kurator.dev",)
_GROUP = "Applications"
_TEST = "with tests of its resourceVersion and the policy's name"
_OWNER = "Kurator renders its Flux objects from it; refused where Git or Argo CD writes the Application"
_FLEET = Parameter("to", "Fleet", help="in the same namespace; empty: the host itself")
_SELECT = Parameter(
    "select", "Clusters", "pairs", help="labels that they have, key=value; empty: all of the fleet"
)
_PATH = Parameter("path", "Path", help="of a kustomization in the source")
_CHART = Parameter("chart", "Chart", help="to install instead of a path")
_VERSION = Parameter("version", "Version", help="of the chart, or a range; empty: the newest")
_VALUES = Parameter("values", "Values", "map", help="of the chart, as one YAML map on one line")
_SPACE = Parameter("into", "Into", help="namespace on the clusters; empty: as the objects say")
_EVERY = Parameter("interval", "Interval", "duration", "5m", help="how often it is applied")
_PRUNE = Parameter("prune", "Prune", "bool", "yes", help="delete what the source has no more")
_KEEP = "empty: as it is"

VERBS = (
    Verb(
        "app.create",
        "Create an application",
        "Make an Application: a source, and what of it goes to which clusters of a fleet",
        _GROUP,
        Risk.DISRUPTIVE,
        parameters=(
            Parameter("name", "Name", required=True),
            Parameter("namespace", "Namespace", default="default", help="the fleet's"),
            Parameter("source", "Source", "choice", "git", ("git", "helm", "oci")),
            Parameter("url", "URL", required=True),
            Parameter("ref", "Revision", help="branch, v1.2.3 as a tag, or commit of Git; tag of OCI"),
            Parameter("secret", "Secret", help="with credentials of the source; empty: none"),
            _FLEET,
            _SELECT,
            _PATH,
            _CHART,
            _VERSION,
            _VALUES,
            _SPACE,
            _EVERY,
            _PRUNE,
        ),
        permission="create",
        targeted=False,
        on_host=True,
        patch="creates an Application with one sync policy",
        owner=_OWNER,
        undo="the Application is deleted, and with it its Flux objects; what they prune goes, too",
    ),
    Verb(
        "app.edit",
        "Edit application",
        "Change a sync policy of an Application: where it goes, what of the source, how often",
        _GROUP,
        Risk.DISRUPTIVE,
        APPLICATION,
        parameters=(
            Parameter("policy", "Policy", help="its name; empty: the only one"),
            Parameter("to", "Fleet", help=f"one for the whole Application; {_KEEP}"),
            Parameter("select", "Clusters", "pairs", help=f"key=value, key- for any value; {_KEEP}"),
            Parameter("path", "Path", help=f"of a kustomization; {_KEEP}"),
            Parameter("version", "Version", help=f"of a chart; {_KEEP}"),
            Parameter("values", "Values", "map", help=f"of a chart, in place of those there are; {_KEEP}"),
            Parameter("into", "Into", help=f"namespace on the clusters, - for none; {_KEEP}"),
            Parameter("interval", "Interval", "duration", help=_KEEP),
            Parameter("prune", "Prune", "choice", choices=("", "yes", "no"), help=_KEEP),
            Parameter("hold", "Hold", "choice", choices=("", "yes", "no"), help=f"apply nothing new; {_KEEP}"),
        ),
        many=False,
        patch=f"JSON Patch of the sync policy, {_TEST}",
        owner=_OWNER,
        undo="the policy as it was",
    ),
    Verb(
        "app.policy.add",
        "Add a policy",
        "Have an Application put another part of its source on clusters",
        _GROUP,
        Risk.DISRUPTIVE,
        APPLICATION,
        parameters=(
            Parameter("policy", "Name", required=True),
            _FLEET,
            _SELECT,
            _PATH,
            _CHART,
            _VERSION,
            _VALUES,
            _SPACE,
            _EVERY,
            _PRUNE,
        ),
        many=False,
        patch="JSON Patch that adds to spec.syncPolicies, with a test of its resourceVersion",
        owner=_OWNER,
        undo="the policy is gone; its Flux objects stay until they are deleted",
    ),
    Verb(
        "app.policy.remove",
        "Remove a policy",
        "Have an Application no longer look after a part of its source",
        _GROUP,
        Risk.DISRUPTIVE,
        APPLICATION,
        parameters=(Parameter("policy", "Policy", required=True, help="its name"),),
        many=False,
        patch=f"JSON Patch that removes from spec.syncPolicies, {_TEST}",
        owner=_OWNER,
        undo="the policy as it was, in its place",
    ),
    Verb(
        "app.sync",
        "Sync now",
        "Have Flux fetch the source of Applications and apply it now",
        _GROUP,
        Risk.SAFE,
        APPLICATION,
        permission="get",
        patch="reconcile.fluxcd.io/requestedAt on the source, then on its Kustomizations and HelmReleases",
        owner="Kurator leaves annotations of Flux objects alone: it lasts until Flux has answered",
        undo="the annotations as they were, which does nothing",
    ),
)
