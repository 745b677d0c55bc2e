"""The join behind `violations`: what breaks which rule of which policy, one row a rule of a cluster. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from kurator_tui.fleet.join import Join
from kurator_tui.fleet.policies import MEMBERS, MOST_NAMESPACES, Cluster
from kurator_tui.fleet.policy_reports import Broken, PolicyKey
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import Level, Row
from kurator_tui.kinds.policy_modes import AUDIT, ENFORCE, MIXED, Rule
from kurator_tui.kinds.policy_overview import VIOLATIONS, ViolationRow


def rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The rows of one cluster."""
    here = seen.local(Cluster, cluster)
    for key, found in here.found.items():
        by_rule: dict[str, Broken] = {}
        for rules in found.rules.values():
            for rule, broken in rules.items():
                by_rule.setdefault(rule, Broken()).add(broken)
        for rule, broken in by_rule.items():
            yield _row(here, cluster, key, rule, broken)
    if row := _uncounted(here, cluster):
        yield row


JOIN = Join(VIOLATIONS, (), MEMBERS, rows)


def _row(here: Cluster, cluster: str, key: PolicyKey, rule: str, broken: Broken) -> Row:
    spaces = [space for space in broken.spaces if space]
    level, reason = _verdict(here, key, broken)
    return ViolationRow(
        cluster,
        key[1],
        key[2],
        f"{key[0]}/{key[1]}/{key[2]}/{rule}",
        0.0,
        level=level,
        reason=reason,
        kind=key[0],
        rule=rule,
        mode=_mode(here.rules.get(key, ()), rule, spaces),
        failed=broken.failed,
        warned=broken.warned,
        errors=broken.errors,
        namespaces=tuple(sorted(spaces, key=lambda space: (-broken.spaces[space], space))[:MOST_NAMESPACES]),
        severity=broken.severity,
        category=broken.category,
        message=broken.message,
        since=broken.since,
        resources=tuple(broken.resources),
    )


def _verdict(here: Cluster, key: PolicyKey, broken: Broken) -> tuple[Level, str]:
    if not key[0]:
        return Level.UNKNOWN, "there is no such policy of Kyverno: deleted, or another tool's"
    said = [
        f"{number} {word}"
        for number, word in (
            (broken.failed, "fail"),
            (broken.errors, "could not be judged"),
            (broken.warned, "warn"),
        )
        if number
    ]
    if here.controllers.reporting:
        said.append(f"results are old: {here.controllers.reporting}")
    if broken.failed and broken.severity == "critical":
        return Level.FAILED, "; ".join(said)
    return (Level.DEGRADED if broken.failed or broken.errors else Level.HEALTHY), "; ".join(said)


def _mode(rules: tuple[Rule, ...], name: str, spaces: list[str]) -> str:
    """What the rule does where it is broken."""
    rule = next((each for each in rules if each.name == name), rules[0] if len(rules) == 1 else None)
    if rule is None or not rule.action:
        return ""
    said = {rule.action_in(space) for space in spaces} or {rule.action}
    return MIXED if said == {AUDIT, ENFORCE} else said.pop()


def _uncounted(here: Cluster, cluster: str) -> Row | None:
    """Results of which only the number is known: there are more rules than a report's row may hold."""
    spaces = {
        space: broken
        for space, its in here.reports.spaces.items()
        for (policy, _rule), broken in its.rules.items()
        if not policy
    }
    if not spaces:
        return None
    total = Broken()
    for broken in spaces.values():
        total.add(broken)
    return ViolationRow(
        cluster,
        "",
        "(others)",
        "others",
        0.0,
        level=Level.DEGRADED,
        reason="rules that fail least often, in reports with very many: see the reports",
        failed=total.failed,
        warned=total.warned,
        errors=total.errors,
        namespaces=tuple(sorted(spaces)[:MOST_NAMESPACES]),
    )
