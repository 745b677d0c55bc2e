"""Verbs that stop a controller's work on an object for a while, and that begin it out of turn. Entries only."""

from __future__ import annotations

from kurator_tui.kinds.verb import Parameter, Risk, Verb

FLUX = (
    "kustomizations.kustomize.toolkit.fluxcd.io",
    "helmreleases.helm.toolkit.fluxcd.io",
    "gitrepositories.source.toolkit.fluxcd.io",
    "helmrepositories.source.toolkit.fluxcd.io",
    "ocirepositories.source.toolkit.fluxcd.io",
    "helmcharts.source.toolkit.fluxcd.io",
    "buckets.source.toolkit.fluxcd.io",
)
APPLICATION = "applications.apps.kurator.dev"
SUSPENDED = ("cronjobs.batch", "jobs.batch", *FLUX, APPLICATION)
"""Kinds with `spec.suspend`; an Application has it in its sync policies and its source."""
PAUSED = (
    "deployments.apps",
    "schedules.velero.io",
    "clusters.cluster.x-k8s.io",
    "prometheuses.monitoring.coreos.com",
)
"""Kinds with `spec.paused`."""
_TO = Parameter(
    "to",
    "What",
    "choice",
    "toggle",
    ("toggle", "pause", "resume"),
    help="toggle pauses where any goes on, and resumes where all are paused",
)

VERBS = (
    Verb(
        "pause",
        "Pause",
        "Pause or resume what a controller does with the object: rolls pods, makes backups, changes machines",
        "Workloads",
        Risk.DISRUPTIVE,
        PAUSED,
        parameters=(_TO,),
        patch="JSON Patch of spec.paused with a test of resourceVersion",
        owner="refused where its owner writes it again",
        undo="as it was",
    ),
    Verb(
        "suspend",
        "Suspend",
        "Suspend or resume a CronJob, a Job, or what Flux does with an object or an Application",
        "Workloads",
        Risk.DISRUPTIVE,
        SUSPENDED,
        parameters=(
            _TO,
            Parameter(
                "part", "Part", help="of an Application: a sync policy, or source; empty: all sync policies"
            ),
        ),
        patch="JSON Patch of spec.suspend with a test of resourceVersion; of an Application's sync policies or "
        "source with tests of their names",
        owner="an Application's Flux objects: refused, its Application is the place; a plugin's: the Fleet is",
        undo="as it was; pods of a Job that ended do not come back as they were",
    ),
    Verb(
        "trigger",
        "Run now",
        "Run a CronJob now, as `kubectl create job --from` does",
        "Workloads",
        Risk.DISRUPTIVE,
        ("cronjobs.batch",),
        permission="get",
        patch="creates a Job of the CronJob's template, owned by it",
        owner="nobody's: a Job of its own",
        undo="deletes the Job",
    ),
    Verb(
        "reconcile",
        "Reconcile",
        "Have Flux reconcile now, with its source before it",
        "Delivery",
        Risk.SAFE,
        FLUX,
        parameters=(
            Parameter("source", "Source, too", "bool", "yes", help="the source is fetched first"),
            Parameter("force", "Force", "bool", "no", help="Helm: upgrade even where nothing changed, newer Flux"),
        ),
        patch="JSON Patch of the annotation reconcile.fluxcd.io/requestedAt",
        owner="nobody's: the annotation is a request, done when status.lastHandledReconcileAt has its value",
        undo="the annotation as it was: reconciles once more",
    ),
)
