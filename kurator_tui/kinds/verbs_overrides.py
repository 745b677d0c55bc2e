"""The verb of Karmada's overrides: what a workload is on some clusters only. Entries only."""

from __future__ import annotations

from kurator_tui.kinds.verb import Parameter, Risk, Verb

BINDINGS = ("resourcebindings.work.karmada.io",)

VERBS = (
    Verb(
        "karmada.override",
        "Override",
        "Give a workload another image or number of replicas on some clusters only",
        "Karmada",
        Risk.DISRUPTIVE,
        BINDINGS,
        permission="get",
        parameters=(
            Parameter("clusters", "Clusters", required=True, help="Karmada's names, with blanks between"),
            Parameter("image", "Image", help="for the only container, or container=image with blanks between"),
            Parameter("replicas", "Replicas", "int", help="0 or more"),
        ),
        patch="creates an OverridePolicy for the workload, or adds to the rules of that one",
        owner="refused where Flux, Helm or Argo CD writes the OverridePolicy again",
        undo="the OverridePolicy is deleted, or its rules are as they were",
    ),
)
