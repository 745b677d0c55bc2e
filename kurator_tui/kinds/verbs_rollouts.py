"""Verbs of rollouts, whoever moves them: a sync policy of an Application, a Canary, an Argo Rollout, a Deployment.

Entries, and `addressed`: where a row of the board is written, so that one feeder plans one Application.
"""

from __future__ import annotations

from collections.abc import Iterable

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.rollouts import RolloutRow, Source
from kurator_tui.kinds.verb import Parameter, Risk, Verb

KINDS = ("rollouts", "applications.apps.kurator.dev", "canaries.flagger.app", "rollouts.argoproj.io")
_GROUP = "Rollouts"
_POLICY = Parameter("policy", "Policy", help="of an Application with several: its name; empty: all")
_OWNER = "Kurator renders a Canary again within 30 s: written in its Application's sync policy"

VERBS = (
    Verb(
        "rollout.pause",
        "Pause",
        "Pause or resume a rollout, through the Application: on all clusters of its policy",
        _GROUP,
        Risk.DISRUPTIVE,
        KINDS,
        keys=("Z",),
        parameters=(
            Parameter(
                "to",
                "What",
                "choice",
                "toggle",
                ("toggle", "pause", "resume"),
                help="toggle pauses where any goes on, and resumes where all are paused",
            ),
            _POLICY,
        ),
        patch="JSON Patch of the policy's rolloutPolicy.suspend with tests of its name and resourceVersion; "
        "a Canary's spec.suspend; an Argo Rollout's or Deployment's spec.paused",
        owner=_OWNER,
        undo="as it was",
    ),
    Verb(
        "rollout.promote",
        "Promote",
        "Promote now without further checks, through the Application: on all clusters of its policy",
        _GROUP,
        Risk.DISRUPTIVE,
        KINDS,
        keys=("F",),
        parameters=(
            Parameter(
                "analysis",
                "Analysis",
                "choice",
                "skip",
                ("skip", "on"),
                help="skip promotes now; on puts the checks back afterwards",
            ),
            Parameter(
                "full", "All steps", "bool", "no", help="Argo Rollouts: past all steps, not only this pause"
            ),
            _POLICY,
        ),
        patch="JSON Patch of the policy's rolloutPolicy.skipTrafficAnalysis with tests of its name and "
        "resourceVersion, and back when its Canaries end; a Canary's spec.skipAnalysis; an Argo Rollout's status",
        owner=_OWNER,
        undo="the analysis is on again where the plan did not come to that; what was promoted stays",
    ),
    Verb(
        "rollout.abort",
        "Abort",
        "Roll back on one cluster: the Canary's failed checks are set to its threshold",
        _GROUP,
        Risk.DISRUPTIVE,
        ("rollouts", "canaries.flagger.app", "rollouts.argoproj.io"),
        keys=("A",),
        permission="patch/status",
        patch="merge patch of the Canary's status.failedChecks; of an Argo Rollout's status.abort",
        owner="Kurator writes no status: it lasts",
        undo="only until the next check; then retry",
    ),
    Verb(
        "rollout.back",
        "Roll back",
        "Put back what the primaries run, or a revision, at the source: on all clusters of its policy",
        _GROUP,
        Risk.DISRUPTIVE,
        KINDS,
        keys=("B",),
        parameters=(
            Parameter(
                "revision",
                "Revision",
                help="Git commit, chart version, or number of a ReplicaSet; empty: the images of the primaries",
            ),
            _POLICY,
        ),
        patch="JSON Patch of the policy's kustomization.images or helm.chart.spec.version, or of the source's "
        "ref.commit; of a workload's template",
        owner=_OWNER,
        undo="the source as it was: the newer revision goes out again",
    ),
    Verb(
        "rollout.retry",
        "Retry",
        "Begin the analysis anew after a failure: the workload's template gets a new annotation on this cluster",
        _GROUP,
        Risk.DISRUPTIVE,
        ("rollouts", "canaries.flagger.app", "rollouts.argoproj.io"),
        keys=("R",),
        patch="JSON Patch of the target's spec.template.metadata.annotations; of an Argo Rollout's status.abort",
        owner="refused where the workload's owner would take the annotation away",
        undo="the annotation as it was: begins once more",
    ),
)

_AT_THE_APPLICATION = ("rollout.pause", "rollout.promote", "rollout.back")


def addressed(verb: str, rows: Iterable[RolloutRow]) -> list[Target]:
    """Rows of the board as targets of `verb`: what is written in an Application is asked of the host once."""
    found: dict[Target, None] = {}
    for row in rows:
        host = verb in _AT_THE_APPLICATION and row.source == Source.KURATOR
        place = (
            (HOST, row.application_namespace, row.application) if host else (row.cluster, row.namespace, row.name)
        )
        found[Target(place[0], "rollouts", place[1], place[2], row.uid)] = None
    return list(found)
