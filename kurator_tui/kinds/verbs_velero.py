"""Verbs of Velero's backups and schedules on members. Entries only."""

from __future__ import annotations

from kurator_tui.kinds.verb import Parameter, Risk, Verb

BACKUPS = ("backups.velero.io",)
SCHEDULES = ("schedules.velero.io",)
_GROUP = "Velero"

VERBS = (
    Verb(
        "velero.purge",
        "Purge",
        "Delete a backup with the data it stored, and the restores made from it",
        _GROUP,
        Risk.DESTRUCTIVE,
        BACKUPS,
        permission="get",
        patch="creates a DeleteBackupRequest; without it its data stays, and Velero brings it back",
        owner="nobody brings it back: its data is gone",
        undo="none",
    ),
    Verb(
        "velero.pause",
        "Pause",
        "Pause or resume a backup schedule of one cluster",
        _GROUP,
        Risk.DISRUPTIVE,
        SCHEDULES,
        parameters=(Parameter("to", "What", "choice", "toggle", ("toggle", "pause", "resume")),),
        patch="JSON Patch of spec.paused with a test of resourceVersion",
        owner="Kurator leaves the spec of a Schedule as it is: it lasts",
        undo="as it was",
    ),
    Verb(
        "velero.run",
        "Run now",
        "Make a backup of a schedule's template now, counted to the schedule",
        _GROUP,
        Risk.SAFE,
        SCHEDULES,
        permission="get",
        patch="creates a Backup from spec.template, with the label velero.io/schedule-name",
        owner="nobody writes it again",
        undo="the Backup is deleted; purge it to delete its data, too",
    ),
)
