"""Verbs of pipelines: run, cancel, rerun. Entries only."""

from __future__ import annotations

from kurator_tui.kinds.verb import Parameter, Risk, Verb

PIPELINE, RUN = "pipelines.pipeline.kurator.dev", "pipelineruns.tekton.dev"
_GROUP = "Pipelines"

VERBS = (
    Verb(
        "pipeline.run",
        "Run",
        "Run a pipeline now, as its webhook would",
        _GROUP,
        Risk.DISRUPTIVE,
        (PIPELINE,),
        parameters=(
            Parameter("repo", "Repository", help="URL; empty: that of its last run"),
            Parameter("revision", "Revision", help="branch, tag or commit; empty: that of its last run"),
        ),
        permission="get",
        patch="creates a PipelineRun NAME-run-… as its TriggerTemplate would",
        owner="nobody writes it again; refused where Kurator has not made its Tekton Pipeline",
        undo="the PipelineRun is deleted, which ends it; what it pushed stays",
    ),
    Verb(
        "run.cancel",
        "Cancel",
        "End runs of pipelines",
        _GROUP,
        Risk.DISRUPTIVE,
        (RUN,),
        parameters=(
            Parameter(
                "how",
                "How",
                "choice",
                "Cancelled",
                ("Cancelled", "CancelledRunFinally", "StoppedRunFinally"),
                help="Cancelled: at once; …RunFinally: with its last tasks, Stopped: after the tasks that run",
            ),
        ),
        patch="JSON Patch of the PipelineRun's spec.status",
        owner="nobody writes it again",
        undo="none: a run that was ended does not go on; run it again",
        final=True,
    ),
    Verb(
        "run.rerun",
        "Run again",
        "Run once more what runs of pipelines ran, with the same parameters",
        _GROUP,
        Risk.DISRUPTIVE,
        (RUN,),
        permission="get",
        patch="creates a PipelineRun of the old one's spec without its status",
        owner="nobody writes it again; refused where its Pipeline is gone",
        undo="the new PipelineRun is deleted, which ends it; what it pushed stays",
    ),
)
