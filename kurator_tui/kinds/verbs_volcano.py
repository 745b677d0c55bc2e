"""Verbs of Volcano's jobs and queues. Entries only."""

from __future__ import annotations

from kurator_tui.kinds.verb import Parameter, Risk, Verb

JOBS = ("jobs.batch.volcano.sh",)
QUEUES = ("queues.scheduling.volcano.sh",)
_GROUP = "Volcano"
_COMMAND = "a Command with the job as owner and target; Volcano takes it and deletes it"
_ASKED = "nobody writes Commands again: each is taken once"

VERBS = (
    Verb(
        "volcano.suspend",
        "Suspend",
        "Abort a Volcano job: its pods end, it stays and can be resumed",
        _GROUP,
        Risk.DISRUPTIVE,
        JOBS,
        permission="get",
        patch=_COMMAND,
        owner=_ASKED,
        undo="resume: its pods begin anew",
    ),
    Verb(
        "volcano.resume",
        "Resume",
        "Start an aborted Volcano job again",
        _GROUP,
        Risk.SAFE,
        JOBS,
        permission="get",
        patch=_COMMAND,
        owner=_ASKED,
        undo="suspend",
    ),
    Verb(
        "volcano.restart",
        "Restart job",
        "Kill all pods of a Volcano job and start them again",
        _GROUP,
        Risk.DISRUPTIVE,
        JOBS,
        permission="get",
        patch=_COMMAND,
        owner=_ASKED,
        undo="none: what its pods had not saved is lost",
    ),
    Verb(
        "queue.open",
        "Open",
        "Let a queue take new jobs again",
        _GROUP,
        Risk.SAFE,
        QUEUES,
        permission="get",
        patch="a Command in namespace default with the queue as owner and target",
        owner=_ASKED,
        undo="close it",
    ),
    Verb(
        "queue.close",
        "Close",
        "Let a queue take no new jobs; what runs goes on",
        _GROUP,
        Risk.DISRUPTIVE,
        QUEUES,
        permission="get",
        patch="a Command in namespace default with the queue as owner and target",
        owner=_ASKED,
        undo="open it",
    ),
    Verb(
        "queue.weight",
        "Weight",
        "Set a queue's share of what is not guaranteed to any",
        _GROUP,
        Risk.DISRUPTIVE,
        QUEUES,
        parameters=(Parameter("weight", "Weight", "int", required=True, help="1 or more"),),
        patch="JSON Patch of spec.weight with a test of resourceVersion",
        owner="refused where a controller writes it again",
        undo="the weight as it was",
    ),
)
