"""Verbs that write whole objects: apply, copy. Entries only."""

from __future__ import annotations

from kurator_tui.kinds.verb import Parameter, Risk, Verb

VERBS = (
    Verb(
        "apply",
        "Apply",
        "Make or change the objects of YAML documents, in each of the clusters",
        "Objects",
        Risk.DISRUPTIVE,
        parameters=(
            Parameter("yaml", "YAML", "yaml", required=True, help="one or several documents"),
            Parameter("namespace", "Namespace", help="of objects that name none; empty: default"),
            Parameter("take", "Take", "fields", help="JSON list of clashing fields to take from others"),
            Parameter("leave", "Leave", "fields", help="JSON list of clashing fields to leave to others"),
        ),
        targeted=False,
        patch="server-side apply of each document: namespaces first, then definitions, then the rest",
        owner="refused where a controller writes those fields again; clashes are taken or left field by field",
        undo="objects that were made are deleted, changed fields are as they were",
    ),
    Verb(
        "copy",
        "Copy to a cluster",
        "Make the same object in other clusters",
        "Objects",
        Risk.DISRUPTIVE,
        parameters=(
            Parameter("to", "To", "clusters", required=True, help="clusters, with commas between"),
            Parameter("into", "Into namespace", help="another one than the object's"),
        ),
        permission="get",
        patch="POST of the object without what its cluster wrote: status, uid, addresses, owners",
        owner="labels by which Flux, Helm, Karmada or Argo CD know what is theirs are left out",
        undo="the copies are deleted",
    ),
)
