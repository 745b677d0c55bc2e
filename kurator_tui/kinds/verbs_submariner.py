"""Verbs of services between clusters, by Submariner or whoever serves the multi-cluster API. Entries only."""

from __future__ import annotations

from kurator_tui.kinds.verb import Risk, Verb

_GROUP = "Submariner"
SERVICES, EXPORTS = "services", "serviceexports.multicluster.x-k8s.io"

VERBS = (
    Verb(
        "submariner.export",
        "Export",
        "Offer a service to the other clusters",
        _GROUP,
        Risk.DISRUPTIVE,
        (SERVICES,),
        permission="get",
        patch="creates a ServiceExport of the same name and namespace",
        owner="nobody's: it is the request",
        undo="the export is deleted",
    ),
    Verb(
        "submariner.unexport",
        "Unexport",
        "Offer a service to the other clusters no more",
        _GROUP,
        Risk.DESTRUCTIVE,
        (SERVICES, EXPORTS),
        permission="get",
        patch="deletes the ServiceExport, with preconditions on uid and resourceVersion",
        owner="refused where Flux, Karmada or Argo CD makes it again",
        undo="exported again",
    ),
)
