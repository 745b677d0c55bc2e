"""The join behind `compliance`: results of each namespace, and of each cluster as a whole. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from kurator_tui.fleet.join import Join
from kurator_tui.fleet.policies import MEMBERS, Cluster
from kurator_tui.fleet.policy_reports import Counts, Space
from kurator_tui.fleet.seen import Seen
from kurator_tui.fleet.unread import cannot_be_read
from kurator_tui.kinds.base import Level, Row
from kurator_tui.kinds.policy_overview import COMPLIANCE, ComplianceRow

WHOLE, IN_NONE = "(all)", "(cluster-scoped)"


def rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The rows of one cluster: itself, then its namespaces."""
    here = seen.local(Cluster, cluster)
    spaces = here.reports.spaces
    if spaces or (here.reports.known and here.policies):
        yield _row(cluster, WHOLE, "cluster", list(spaces.values()), _told(here))
    for name, space in spaces.items():
        scope = "namespace" if name else "cluster-scoped"
        yield _row(cluster, name or IN_NONE, scope, [space], "")


JOIN = Join(COMPLIANCE, (), MEMBERS, rows)


def _told(here: Cluster) -> str:
    """What keeps the sum of a cluster from being all there is."""
    unread = here.reports.unread
    said = [cannot_be_read(*unread)] if unread else []
    if here.controllers.reporting:
        said.append(f"results are old: {here.controllers.reporting}")
    return "; ".join(said)


def _row(cluster: str, name: str, scope: str, spaces: list[Space], told: str) -> Row:
    total, by_policy = Counts(), dict[str, int]()
    for space in spaces:
        for policy, counts in space.policies.items():
            total.add(counts)
            if counts.failed and policy:
                by_policy[policy] = by_policy.get(policy, 0) + counts.failed
    said = [told] if told else []
    if differing := sum(space.differing for space in spaces):
        said.append(f"summary and results contradict each other in {differing} reports")
    if total.errors:
        said.append(f"{total.errors} could not be judged")
    level = Level.HEALTHY
    if total.failed or total.errors:
        level = Level.DEGRADED
    elif not total.passed:
        level, said = Level.UNKNOWN, [*said, "nothing was judged"]
    return ComplianceRow(
        cluster,
        name if scope == "namespace" else "",
        name,
        f"{scope}/{name}",
        0.0,
        level=level,
        reason="; ".join(said),
        scope=scope,
        passed=total.passed,
        failed=total.failed,
        warned=total.warned,
        errors=total.errors,
        skipped=total.skipped,
        policies=len(by_policy),
        policy=max(by_policy, key=lambda each: (by_policy[each], each), default=""),
    )
