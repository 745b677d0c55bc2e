"""How one delivery stands, and what blocks it: a pure function of what the host says of it.

Flux says what went wrong in a reason word and a message; here it becomes one or two words for what has to be put
right, in the order in which somebody would look: where it goes, the source, the dependencies, the delivery itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from kurator_tui.fleet.application_plan import FluxRow
from kurator_tui.fleet.delivery_objects import said
from kurator_tui.fleet.delivery_plan import Delivered, Source
from kurator_tui.fleet.flux_state import attempted, flux_health, is_suspended, ready_word, revisions
from kurator_tui.fleet.unread import cannot_be_read
from kurator_tui.kinds.base import SEVERITY, Health, Level
from kurator_tui.kinds.deliveries import Sync, short_revision
from kurator_tui.kinds.table import object_health
from kurator_tui.store.freshness import State

LATE = 300.0
"""Seconds after which a newer revision that Flux has not begun with is a fault, and no progress."""

_WORDS: Mapping[str, str] = {
    "BuildFailed": "build",
    "HealthCheckFailed": "health check",
    "PruneFailed": "prune",
    "ArtifactFailed": "artifact",
    "SourceNotReady": "source",
    "DependencyNotReady": "dependency",
    "ReconciliationFailed": "apply",
    "InstallFailed": "install",
    "UpgradeFailed": "upgrade",
    "RollbackFailed": "rollback",
    "RollbackSucceeded": "upgrade",
    "UninstallFailed": "uninstall",
    "UninstallSucceeded": "install",
    "TestFailed": "test",
    "TestsFailed": "test",
    "RetriesExceeded": "retries",
    "ValuesError": "values",
    "ChartNotReady": "chart",
    "HelmChartNotReady": "chart",
    "InitFailed": "kubeconfig",
    "GetLastReleaseFailed": "member",
}
"""Reasons of Flux -> what has to be put right. Helm reports what it did when it gave up as a success."""
_KUBECONFIG = re.compile(r"kubeconfig|secret\b.*\bnot found|secret\b.*\bdoes not contain", re.IGNORECASE)
_UNREACHABLE = re.compile(
    r"connection refused|no such host|i/o timeout|no route to host|deadline exceeded|unreachable|x509|EOF$", re.I
)


class Verdict(NamedTuple):
    """State, what blocks it ("" where nothing does), level and reason."""

    state: Sync
    blocked_by: str
    level: Level
    reason: str = ""


def verdict(one: Delivered, now: float) -> Verdict:
    """How a delivery stands at Unix second `now`, as far as the host knows."""
    planned, flux = one.planned, one.planned.flux
    if one.left:
        gone = f"no sync policy of {planned.application.name} goes there any more: it still applies what it did"
        return Verdict(Sync.LEFT, "policy", Level.DEGRADED, gone)
    if planned.application.deleting:
        waits = planned.problem or "the Application is being deleted"
        return Verdict(Sync.DELETING, "fleet" if planned.problem else "", Level.PROGRESSING, waits)
    if planned.nowhere:
        return Verdict(Sync.BLOCKED, _nowhere(planned.problem), Level.FAILED, planned.problem)
    found = _without_flux(one) if flux is None else _with_flux(one, now)
    if planned.problem and SEVERITY[found.level] < SEVERITY[Level.DEGRADED]:
        return found._replace(level=Level.DEGRADED, reason=planned.problem, blocked_by="fleet")
    return found


def _nowhere(problem: str) -> str:
    return "selector" if "clusterSelector" in problem else "fleet"


# -- before there is a Flux object ------------------------------------------------------------------------------


def _without_flux(one: Delivered) -> Verdict:
    """Kurator has made nothing yet: what it waits for."""
    member, target, fleet, kinds = one.member, one.target, one.fleet, one.flux_kind.plural
    if one.flux_state is not None and one.flux_state.state is State.ABSENT:
        why = f"Flux is not installed on the host: there are no {kinds}"
        return Verdict(Sync.BLOCKED, "Flux", Level.FAILED, why)
    if one.flux_state is not None and one.flux_state.state is not State.LIVE:
        why = cannot_be_read(f"{kinds} on the host", why=said(one.flux_state))
        return Verdict(Sync.WAITING, "", Level.UNKNOWN, why)
    if member is not None and member.missing:
        why = f"the fleet {one.planned.fleet} lists {member.kind} {member.object_name}, which does not exist"
        return Verdict(Sync.BLOCKED, "member", Level.FAILED, why)
    if fleet is not None and fleet.phase != "Ready":
        why = f"the fleet {fleet.name} is {fleet.phase or 'without a phase'} and not Ready"
        return Verdict(Sync.BLOCKED, "fleet", Level.DEGRADED, why)
    if target is not None and target.ready is False:
        why = f"{target.kind} {target.name} is not ready" + (f": {target.reason}" if target.reason else "")
        return Verdict(Sync.BLOCKED, "member", Level.DEGRADED, why)
    blocked = _by_source(one.source, "")
    if blocked is not None:
        return blocked
    return Verdict(Sync.WAITING, "", Level.PROGRESSING, f"Kurator has made no {one.flux_kind.name} for it yet")


# -- with one ---------------------------------------------------------------------------------------------------


def _with_flux(one: Delivered, now: float) -> Verdict:
    flux, source = one.planned.flux, one.source
    assert flux is not None
    before, after = revisions(flux, newest(one))
    health = flux_health(flux)
    if is_suspended(one.flux_kind, flux):
        return _suspended(health, before, after, _by_source(source, before))
    if one.circle:
        names = " → ".join(name.partition("/")[2] for name in one.circle)
        return Verdict(Sync.BLOCKED, "dependency", Level.FAILED, f"dependsOn goes in a circle: {names}")
    waits = _by_dependency(one, health)
    if waits is not None:
        return waits
    own = _blocked(one, health)
    if own is not None and own.blocked_by not in ("source", "artifact"):
        return own
    blocked = _by_source(source, before) or own
    if blocked is not None:
        return blocked
    if source is not None and source.row is not None and is_suspended(source.kind, source.row):
        told = f"its source is suspended: nothing after {short_revision(after)} is fetched"
        return Verdict(Sync.SUSPENDED, "", Level.HEALTHY, told)
    if before != after:
        return _newer(health, flux, before, after, since(one), now)
    if health.level is Level.HEALTHY:
        return Verdict(Sync.IN_SYNC, "", Level.HEALTHY)
    return _unfinished(health)


def newest(one: Delivered) -> str:
    """The newest revision of the source; "" where that is not known."""
    return (one.source.revision if one.source is not None else "") or one.planned.revision


def since(one: Delivered) -> float:
    """When the source fetched what it has, Unix seconds; 0.0 where that is not known."""
    source = one.source
    found = source.kind.value(source.row, "fetched") if source is not None and source.row is not None else None
    return float(found) if isinstance(found, int | float) else 0.0


def _suspended(health: Health, before: str, after: str, source: Verdict | None) -> Verdict:
    """On purpose, and so healthy; a fault from before, or of its source, still shows."""
    newer = f"; its source has {short_revision(after)}" if before != after else ""
    at = f"at {short_revision(before)}" if before else "before anything was applied"
    reason = f"suspended {at}{newer}"
    if SEVERITY[health.level] >= SEVERITY[Level.DEGRADED]:
        return Verdict(Sync.SUSPENDED, "", health.level, f"{reason}; before that {health.reason}")
    if source is not None and source.blocked_by:
        return Verdict(Sync.SUSPENDED, source.blocked_by, Level.DEGRADED, f"{reason}; {source.reason}")
    return Verdict(Sync.SUSPENDED, "", Level.HEALTHY, reason)


def _by_dependency(one: Delivered, health: Health) -> Verdict | None:
    """Flux waits only while it has something to do: a dependency that failed later stops nothing that is there."""
    if health.level is Level.HEALTHY or "DependencyNotReady" not in health.reason:
        return None
    for name, row in one.depends:
        own = name.partition("/")[2]
        if row is None:
            return Verdict(Sync.BLOCKED, "dependency", Level.FAILED, f"waits for {own}, which does not exist")
        its = flux_health(row)
        if its.level is not Level.HEALTHY:
            level = its.level if its.level is Level.PROGRESSING else Level.DEGRADED
            return Verdict(Sync.BLOCKED, "dependency", level, f"waits for {own}: {its.reason or its.level}")
    for name, row in one.depends:
        if row is not None and is_suspended(one.flux_kind, row):
            why = f"waits for {name.partition('/')[2]}, which is suspended"
            return Verdict(Sync.BLOCKED, "dependency", Level.DEGRADED, why)
    return Verdict(Sync.BLOCKED, "dependency", Level.PROGRESSING, health.reason)


def _by_source(source: Source | None, before: str) -> Verdict | None:
    """What is wrong with the source. What was applied before goes on running."""
    if source is None:
        return Verdict(Sync.BLOCKED, "source", Level.FAILED, "the Application names no source")
    level = Level.DEGRADED if before else Level.FAILED
    if source.row is None:
        if source.state.state is not State.LIVE:
            why = cannot_be_read(f"{source.kind.plural} on the host", why=said(source.state))
            return None if before else Verdict(Sync.WAITING, "", Level.UNKNOWN, why)
        return Verdict(Sync.BLOCKED, "source", level, f"there is no {source.kind.name} for it")
    health = object_health(source.row)
    if health.level is not Level.FAILED:
        return None
    return Verdict(Sync.BLOCKED, "source", level, f"{source.kind.name} {source.row.name}: {health.reason}")


def _blocked(one: Delivered, health: Health) -> Verdict | None:
    """What Flux failed at."""
    flux = one.planned.flux
    if health.level is not Level.FAILED or flux is None:
        return None
    word, message = ready_word(flux), health.reason
    if _KUBECONFIG.search(message):
        by = "kubeconfig"
    elif word in ("ReconciliationFailed", *_HELM_FAILED) and _UNREACHABLE.search(message):
        by = "member"
    else:
        by = _WORDS.get(word, "Flux")
    return Verdict(Sync.BLOCKED, by, Level.FAILED, message + _hint(one, by))


_HELM_FAILED = ("InstallFailed", "UpgradeFailed", "GetLastReleaseFailed", "InitFailed")


def _hint(one: Delivered, by: str) -> str:
    """What to do about a kubeconfig: Kurator gives Flux the cloud credential of a Cluster for one."""
    kind, name = one.planned.target
    if by != "kubeconfig" or not name:
        return ""
    if kind == "Cluster":
        return f" (of a Cluster, Kurator passes the cloud credential: attach {name} by its kubeconfig Secret)"
    secret = one.member.secret if one.member is not None else ""
    return f" ({kind} {name} names the Secret {secret})" if secret else f" ({kind} {name} names no Secret)"


def _newer(health: Health, flux: FluxRow, before: str, after: str, fetched: float, now: float) -> Verdict:
    """The source has something that is not applied."""
    if attempted(flux) == after and health.level is not Level.HEALTHY:
        return Verdict(Sync.APPLYING, "", Level.PROGRESSING, health.reason or f"applying {short_revision(after)}")
    reason = f"{short_revision(after)} is not applied yet"
    late = fetched and now - fetched > LATE
    return Verdict(Sync.OUT_OF_SYNC, "", Level.DEGRADED if late else Level.PROGRESSING, reason)


def _unfinished(health: Health) -> Verdict:
    if health.level is Level.UNKNOWN:
        return Verdict(Sync.WAITING, "Flux", health.level, f"{health.reason}: is its controller running?")
    return Verdict(Sync.APPLYING, "", health.level, health.reason)
