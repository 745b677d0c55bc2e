"""API servers that are slow or fail, and what extends them: webhooks that cannot be called, APIs that are away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kurator_tui.kinds.apps import DAEMON_SET, JOB, STATEFUL_SET
from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.core import EVENT, NODE
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.extensions import (
    API_SERVICE,
    MUTATING_WEBHOOK_CONFIGURATION,
    VALIDATING_WEBHOOK_CONFIGURATION,
)
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.networking import ENDPOINT_SLICE, SERVICE
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview, current_latency
from kurator_tui.kinds.pods import POD
from kurator_tui.kinds.table import ObjectRow
from kurator_tui.store.freshness import State
from kurator_tui.triage.endpoints import NEEDED, behind, owner_of
from kurator_tui.triage.hooks import FAIL, hooks
from kurator_tui.triage.rules import Again, Analyser, Look, Seen
from kurator_tui.triage.tables import DAY, failed, word

SLOW = 1000.0
"""Milliseconds for a probe of the API server that even a far one should not take."""
STEADY = 120.0
"""Seconds for which it must be so: one slow answer is chance."""
ENDING = 30 * DAY
"""Seconds before the end of a certificate from which it is worth knowing."""
SOON = 7 * DAY

_GROUP, _BACKEND = word(API_SERVICE, "group"), word(API_SERVICE, "service")


def _slow(row: Any) -> bool:
    return isinstance(row, ClusterOverview) and (current_latency(row) or 0.0) >= SLOW


def _answers(row: Any) -> bool:
    """Whether its probe may be answered: then streams that fail are no silence."""
    return isinstance(row, ClusterOverview) and row.state in (State.LIVE, State.SYNCING, State.STALE)


READ: tuple[AnyKind, ...] = (NODE, POD, DEPLOYMENT, STATEFUL_SET, DAEMON_SET, JOB, SERVICE, ENDPOINT_SLICE, EVENT)
"""Kinds that triage watches in every cluster."""


def _services(row: ObjectRow) -> dict[str, str]:
    """`namespace/name` of each Service that is called, and the strictest failure policy with which it is."""
    found: dict[str, str] = {}
    for _name, target, _end, _given, policy in hooks(row):
        if "://" not in str(target) and found.get(str(target)) != FAIL:
            found[str(target)] = str(policy)
    return found


SERVERS = Analyser(CLUSTERS, concerns=_slow)
READING = Analyser(CLUSTERS, concerns=_answers)
VALIDATING = Analyser(VALIDATING_WEBHOOK_CONFIGURATION, beside=(SERVICE, *NEEDED))
MUTATING = Analyser(MUTATING_WEBHOOK_CONFIGURATION, beside=(SERVICE, *NEEDED))
APIS = Analyser(API_SERVICE, concerns=failed)


@SERVERS.rule("KT1701", "API server is slow", Severity.MEDIUM, suggests=("metrics.row", "screen.cost"))
def slow(row: ClusterOverview, look: Look) -> Iterator[Seen | Again]:
    """An API server takes more than a second to answer the simplest question, again and again.

    Controllers and kubelets wait as well. Look at its etcd and its load: a controller that lists everything over
    and over is the usual one. A cluster that is far away takes as long as the way there, and no longer.
    """
    yield Seen(f"{current_latency(row) or 0.0:.0f} ms for a probe", marks={"member": row.cluster}, after=STEADY)


@READING.rule("KT1702", "API server answers with errors", Severity.HIGH, suggests=("screen.cost", "read.describe"))
def erroring(row: ClusterOverview, look: Look) -> Iterator[Seen | Again]:
    """An API server answers whether it is there, and fails to list or to watch objects, for minutes.

    One kind alone that fails is often a conversion webhook of its CustomResourceDefinition, or objects that became
    too large; many at once mean etcd, or that it is overloaded. What is shown of these kinds is as it was. That a
    kind is forbidden, or not there, is no error.
    """
    if row.state == State.STALE and look.now - row.contact > STEADY:
        return  # it does not answer at all
    failing = {}
    for kind in READ:
        told = look.freshness(row.cluster, kind)
        if told.state in (State.STALE, State.UNREACHABLE) and told.reason:
            failing[kind.plural] = told.reason
    if failing:
        yield Seen(
            f"{', '.join(failing)}: {next(iter(failing.values()))}", marks={"member": row.cluster}, after=STEADY
        )


_UNCALLED = ("KT1711", "webhook cannot be called", Severity.HIGH)
_UNTRUSTED = ("KT1712", "webhook is not trusted", Severity.HIGH)
_ENDING = ("KT1713", "certificate of a webhook ends", Severity.LOW)
_HELPS = ("read.describe", "read.yaml", "delete")


@VALIDATING.rule(*_UNCALLED, suggests=_HELPS)
@MUTATING.rule(*_UNCALLED, suggests=_HELPS)
def uncalled(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The Service of an admission webhook does not exist, or nobody behind it is ready.

    With the failure policy `Fail` the API server refuses everything that the webhook should have seen: no pod, or
    no object of its kinds, can be made or changed. With `Ignore` nothing is checked meanwhile, which is medium.
    Bring its pods back: where they are told of this follows from them. What belongs to something that was removed
    can go.
    """
    for target, policy in _services(row).items():
        namespace, _, service = target.partition("/")
        found = behind(look, row.cluster, namespace, service)
        gone = look.find(SERVICE, row.cluster, namespace, service) is None
        if gone or not found.ready:
            why = "does not exist" if gone else f"has {found.known} endpoints, none of them ready"
            severity = None if policy == FAIL else Severity.MEDIUM
            said = f"Service {target} {why}; failure policy {policy}"
            waits_for = owner_of(found, look, row.cluster, namespace)
            marks = {"webhook": target, "waits_in": namespace, "waits_for": waits_for}
            yield Seen(said, marks=marks, severity=severity, detail=target, after=STEADY)


@VALIDATING.rule(*_UNTRUSTED, suggests=_HELPS)
@MUTATING.rule(*_UNTRUSTED, suggests=_HELPS)
def untrusted(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The API server cannot trust a webhook: the certificates that it should trust have all ended.

    Every call of it fails, as if it were not there. Whoever puts the certificates in (`caBundle`) has stopped to:
    cert-manager, or the webhook's own start. Start that again.
    """
    for name, target, end, _given, policy in hooks(row):
        if end is not None and end <= look.now:
            severity = None if policy == FAIL else Severity.MEDIUM
            said = f"certificate for {target} has ended; failure policy {policy}"
            yield Seen(said, float(end), {"webhook": str(target)}, severity, detail=str(name))


@VALIDATING.rule(*_ENDING, suggests=_HELPS)
@MUTATING.rule(*_ENDING, suggests=_HELPS)
def ending(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The certificate by which a webhook is trusted ends within thirty days; within seven it is medium.

    It is usually renewed by itself, well before. If it is not, everything that the webhook should see is refused
    from that day on: see who renews it.
    """
    for name, target, end, _given, _policy in hooks(row):
        if end is None or end <= look.now:
            continue
        left = float(end) - look.now
        if left >= ENDING:
            yield Again(float(end) - ENDING + 1)
            continue
        yield Again(float(end) - SOON + 1 if left >= SOON else float(end))
        severity = Severity.MEDIUM if left < SOON else None
        said = f"certificate for {target} ends in {int(left // DAY)} days"
        yield Seen(said, float(end) - ENDING, {"webhook": str(target)}, severity, detail=str(name))


@APIS.rule("KT1721", "API does not answer", Severity.HIGH, suggests=("read.describe", "read.events"))
def api_down(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A part of the API that another server provides is not available, such as metrics.

    Whoever asks for it gets an error: autoscalers without `metrics.k8s.io`, and namespaces cannot be deleted as
    long as any such part is away. Look at the pods of the Service that the evidence names.
    """
    where = "" if _BACKEND(row) == "Local" else f"{_BACKEND(row)}: "
    yield Seen(where + row.reason, marks={"api": _GROUP(row)}, after=STEADY)
