"""Verbs of any object. Entries only."""

from __future__ import annotations

from kurator_tui.kinds.verb import Parameter, Risk, Verb

_PAIRS = "key=value sets, key- removes; several with blanks between"

VERBS = (
    Verb(
        "label",
        "Label",
        "Set or remove labels",
        "Objects",
        Risk.SAFE,
        parameters=(Parameter("labels", "Labels", "pairs", required=True, help=_PAIRS),),
        patch="JSON Patch of metadata.labels with a test of resourceVersion",
        owner="refused where a controller writes that label again",
        undo="the labels as they were",
    ),
    Verb(
        "annotate",
        "Annotate",
        "Set or remove annotations",
        "Objects",
        Risk.SAFE,
        parameters=(Parameter("annotations", "Annotations", "pairs", required=True, help=_PAIRS),),
        patch="JSON Patch of metadata.annotations with a test of resourceVersion",
        owner="refused where a controller writes that annotation again",
        undo="the annotations as they were",
    ),
    Verb(
        "delete",
        "Delete",
        "Delete the object; what it owns goes with it unless it is orphaned",
        "Objects",
        Risk.DESTRUCTIVE,
        keys=("ctrl+k", "delete"),
        permission="delete",
        parameters=(
            Parameter(
                "propagation",
                "Dependents",
                "choice",
                "Background",
                ("Background", "Foreground", "Orphan"),
                help="what it owns goes afterwards, goes first, or stays",
            ),
            Parameter("grace", "Grace", "int", help="seconds until it is killed; empty: as the object says"),
            Parameter("force", "Force", "bool", "no", help="a grace of 0: not waited for, it may still run"),
        ),
        patch="DELETE with preconditions on uid and resourceVersion",
        owner="told where a controller makes another one",
        undo="created again from what it was, as a new object; not Secrets, not what a controller owns",
    ),
    Verb(
        "remove-finalizers",
        "Finalizers",
        "Have an object that is being deleted wait for its controllers no more: what they clean up stays",
        "Objects",
        Risk.DESTRUCTIVE,
        parameters=(Parameter("finalizers", "Finalizers", help="names with blanks between; empty: all"),),
        many=False,
        patch="JSON Patch of metadata.finalizers with a test of resourceVersion",
        owner="nobody's: servers let none be added to what is being deleted",
        undo="none: it is gone",
    ),
    Verb(
        "undo",
        "Undo",
        "Take back what a plan changed, where nobody changed it since",
        "Objects",
        Risk.DISRUPTIVE,
        keys=("U",),
        targeted=False,
        parameters=(Parameter("plan", "Plan", required=True, help="its id: kurator-tui audit show"),),
        patch="JSON Patch of the fields that were changed, each only if it still is as we left it",
        owner="as the verb that is taken back",
        undo="is a plan of its own, and can be undone",
    ),
)
