"""Pods that are not let in, and webhooks that cannot be called, where only events say so."""

from __future__ import annotations

from collections.abc import Iterator

from kurator_tui.kinds.apps import DAEMON_SET, JOB, STATEFUL_SET
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.core import EVENT
from kurator_tui.kinds.extensions import MUTATING_WEBHOOK_CONFIGURATION, VALIDATING_WEBHOOK_CONFIGURATION
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.table import ObjectRow
from kurator_tui.triage.events import LATELY, WARNINGS, newest, said_of, webhook
from kurator_tui.triage.hooks import FAIL, hooks
from kurator_tui.triage.marking import refused_by
from kurator_tui.triage.rules import Again, Analyser, Look, Seen

REFUSED = frozenset({"FailedCreate"})


def _unwell(row: ObjectRow) -> bool:
    return row.level != Level.HEALTHY and not row.deleting


STATEFUL_SETS = Analyser(STATEFUL_SET, concerns=_unwell, beside=(EVENT,), fields=WARNINGS)
DAEMON_SETS = Analyser(DAEMON_SET, concerns=_unwell, beside=(EVENT,), fields=WARNINGS)
JOBS = Analyser(JOB, concerns=_unwell, beside=(EVENT,), fields=WARNINGS)
VALIDATING = Analyser(VALIDATING_WEBHOOK_CONFIGURATION, beside=(EVENT,), fields=WARNINGS)
MUTATING = Analyser(MUTATING_WEBHOOK_CONFIGURATION, beside=(EVENT,), fields=WARNINGS)

_HELPS = ("read.describe", "read.events", "edit")


def _refused(row: ObjectRow, look: Look, what: str) -> Iterator[Seen | Again]:
    event = said_of(look, row.cluster, row.namespace, what, REFUSED, look.now - LATELY)
    if event is not None:
        yield Seen(event.message, event.created, {"owner": what, **refused_by(event.message)})
        yield Again(event.last_seen + LATELY + 1)


@STATEFUL_SETS.rule("KT1205", "pods of a set are not let in", Severity.HIGH, suggests=_HELPS)
def set_refused(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The API server refuses to make the pods of a StatefulSet, as its events say.

    A quota, a policy or an admission webhook says no, and the evidence names which. There are no pods to look at:
    raise the quota, change what the policy minds, or see why the webhook fails. It is over when the pods are
    there, or twenty minutes after the last refusal.
    """
    yield from _refused(row, look, f"StatefulSet/{row.name}")


@DAEMON_SETS.rule("KT1206", "pods of a daemon are not let in", Severity.HIGH, suggests=_HELPS)
def daemon_refused(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The API server refuses to make the pods of a DaemonSet, as its events say: nodes stay without them.

    Mostly the namespace's Pod Security standard forbids what a daemon needs of its node, or a quota counts each
    node's pod. The evidence names who says no.
    """
    yield from _refused(row, look, f"DaemonSet/{row.name}")


@JOBS.rule("KT1504", "pods of a job are not let in", Severity.MEDIUM, suggests=_HELPS)
def job_refused(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The API server refuses to make the pods of a Job, as its events say: it does not begin, or does not go on.

    A quota, a policy or an admission webhook says no, and the evidence names which. Of a quota it may only have to
    wait until others are done.
    """
    yield from _refused(row, look, f"Job/{row.name}")


_FAILS = ("KT1714", "calls of a webhook fail", Severity.HIGH)


@VALIDATING.rule(*_FAILS, suggests=_HELPS)
@MUTATING.rule(*_FAILS, suggests=_HELPS)
def calls_fail(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The API server calls an admission webhook in vain, and controllers were refused for that within minutes.

    Its Service may have endpoints and not answer in time, or answer with a certificate that nobody trusts: the
    evidence is the API server's own answer. With the failure policy `Fail` all that it should see is refused; with
    `Ignore` nothing is checked, which is medium. Look at the log of its pods, then at the network between.
    """
    for name, target, _end, _given, policy in hooks(row):
        lately = [
            event
            for event in look.having(EVENT, row.cluster, webhook, ("", str(name)))
            if event.last_seen >= look.now - LATELY
        ]
        if (event := newest(lately)) is not None:
            severity = None if policy == FAIL else Severity.MEDIUM
            yield Seen(event.message, event.created, {"webhook": str(target)}, severity, detail=str(name))
            yield Again(event.last_seen + LATELY + 1)
