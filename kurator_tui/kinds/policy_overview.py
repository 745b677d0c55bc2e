"""The derived kinds about policies: what they do, what breaks them, how far namespaces comply, what is exempt.

`fleet.policies`, `fleet.violations`, `fleet.compliance` and `fleet.exemptions` join the rows; here is only what
they hold and say.
"""

from __future__ import annotations

from kurator_tui.kinds.base import (
    AnyKind,
    Column,
    Format,
    Health,
    Interned,
    Kind,
    Level,
    Row,
    Subject,
    told_health,
)
from kurator_tui.kinds.policy_results import severity_rank


class _Judged(Row, frozen=True, gc=False, array_like=True):
    level: Level = Level.UNKNOWN
    reason: str = ""


class PolicyStatusRow(_Judged, frozen=True, gc=False, array_like=True):
    """One policy on one cluster. `would_break` counts the resources that fail now where the policy only audits, as
    far as reports know them: None where nothing is refused by such a policy, or reports cannot be read."""

    kind: Interned = ""
    mode: Interned = ""
    """`Audit`, `Enforce`, `mixed`, or what it does that refuses nothing."""
    overrides: str = ""
    """What a mixed one does where."""
    ready: bool | None = None
    background: bool | None = None
    rules: int = 0
    passed: int = 0
    failed: int = 0
    warned: int = 0
    errors: int = 0
    skipped: int = 0
    would_break: int | None = None
    breaks: int = 0
    """Resources that fail where it enforces: they stay, and are refused when they are written next."""
    exempt: int = 0
    """Results skipped for an exception."""
    namespaces: tuple[Interned, ...] = ()
    """Where resources fail, the worst first."""
    severity: Interned = ""
    category: Interned = ""


class ViolationRow(_Judged, frozen=True, gc=False, array_like=True):
    """What breaks one rule of one policy on one cluster; `name` is the policy's."""

    kind: Interned = ""
    rule: Interned = ""
    mode: Interned = ""
    failed: int = 0
    warned: int = 0
    errors: int = 0
    namespaces: tuple[Interned, ...] = ()
    """The worst first."""
    severity: Interned = ""
    category: Interned = ""
    message: str = ""
    since: float = 0.0
    """Unix second of the oldest result that is known; Kyverno renews them with each scan."""
    resources: tuple[tuple[str, str, str, str], ...] = ()
    """The first few: (apiVersion, kind, namespace, name)."""

    @property
    def count(self) -> int:
        """Results that are not as they should be."""
        return self.failed + self.warned + self.errors


class ComplianceRow(_Judged, frozen=True, gc=False, array_like=True):
    """Results of one namespace, or of a whole cluster; `scope` says which."""

    scope: Interned = ""
    """`cluster` (the sum), `namespace`, or `cluster-scoped`: what is in no namespace."""
    passed: int = 0
    failed: int = 0
    warned: int = 0
    errors: int = 0
    skipped: int = 0
    policies: int = 0
    """Policies that something fails."""
    policy: Interned = ""
    """The one that most fail."""

    @property
    def share(self) -> float | None:
        """Passed of passed and failed, 0.0 to 1.0; None where nothing was judged."""
        judged = self.passed + self.failed
        return self.passed / judged if judged else None


class ExemptionRow(_Judged, frozen=True, gc=False, array_like=True):
    """One PolicyException on one cluster. `state` is `in use`, `on`, `off` or `not known`: exceptions are a
    feature that may be switched off; the fleet's values say so, or results that were skipped for one."""

    state: Interned = ""
    policies: tuple[Interned, ...] = ()
    rules: tuple[Interned, ...] = ()
    kinds: tuple[Interned, ...] = ()
    spaces: tuple[str, ...] = ()
    """Patterns of namespaces; none are all."""
    names: tuple[str, ...] = ()


def policy_health(row: PolicyStatusRow) -> Health:
    """Failed when the policy is not ready or no Kyverno runs; degraded when something fails it, or a rule cannot
    be judged; unknown without a status, or where the policy of results is gone."""
    return told_health(row.level, row.reason)


def violation_health(row: ViolationRow) -> Health:
    """Failed where the severity is critical; degraded for other failures and errors; warnings are healthy."""
    return told_health(row.level, row.reason)


def compliance_health(row: ComplianceRow) -> Health:
    """Degraded where something fails or cannot be judged; unknown where nothing was judged."""
    return told_health(row.level, row.reason)


def exemption_health(row: ExemptionRow) -> Health:
    """Degraded where its policy or rule does not exist, or the feature is off: it exempts nothing."""
    return told_health(row.level, row.reason)


_KINDS = {
    "ClusterPolicy": "clusterpolicies.kyverno.io",
    "Policy": "policies.kyverno.io",
    "ValidatingPolicy": "validatingpolicies.policies.kyverno.io",
}


def _policy(row: PolicyStatusRow | ViolationRow) -> Subject | None:
    """The policy; None where it is gone."""
    return Subject(_KINDS[row.kind], row.cluster, row.namespace, row.name) if row.kind in _KINDS else None


def _exception(row: ExemptionRow) -> Subject:
    return Subject("policyexceptions.kyverno.io", row.cluster, row.namespace, row.name)


def _level(row: _Judged) -> Level:
    return row.level


def _list(found: tuple[str, ...], most: int = 4) -> str:
    more = f" +{len(found) - most}" if len(found) > most else ""
    return ",".join(found[:most]) + more


def _short_of_all(row: ComplianceRow) -> Level:
    return _fault(row.failed)


def _fault(number: int | None) -> Level:
    return Level.DEGRADED if number else Level.HEALTHY


def _mode(row: PolicyStatusRow | ViolationRow) -> Level:
    return Level.PROGRESSING if row.mode == "mixed" else Level.HEALTHY


def _effect(row: PolicyStatusRow) -> Level:
    """A policy that is not in effect, or of which that is not known, is so whatever its mode."""
    return row.level if row.level in (Level.FAILED, Level.UNKNOWN) else _mode(row)


def _resources(row: ViolationRow) -> str:
    return ",".join(f"{kind}/{name}" for _api, kind, _space, name in row.resources[:3])


def _worst(row: ViolationRow) -> int:
    """Of two violations the one with the worse severity, of those the one with more results."""
    return severity_rank(row.severity) * 10**7 + min(row.count, 10**7 - 1)


POLICY_STATUS: AnyKind = Kind(
    id="policystatus",
    name="PolicyStatus",
    plural="policystatus",
    row=PolicyStatusRow,
    joined=True,
    subject=_policy,
    health=policy_health,
    sort="-health",
    columns=(
        Column("name", "NAME", lambda r: r.name, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=0),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=8, wide=True),
        Column("health", "HEALTH", _level, Format.HEALTH, priority=1, level=_level),
        Column("mode", "MODE", lambda r: r.mode, priority=0, level=_effect),
        Column("failed", "FAIL", lambda r: r.failed, Format.COUNT, priority=0, level=lambda r: _fault(r.failed)),
        Column(
            "would_break",
            "WOULD BREAK",
            lambda r: r.would_break,
            Format.COUNT,
            priority=1,
            level=lambda r: _fault(r.would_break),
        ),
        Column("namespaces", "IN NAMESPACES", lambda r: _list(r.namespaces), priority=3, width=50),
        Column("passed", "PASS", lambda r: r.passed, Format.COUNT, priority=4),
        Column("errors", "ERROR", lambda r: r.errors, Format.COUNT, priority=4, level=lambda r: _fault(r.errors)),
        Column("warned", "WARN", lambda r: r.warned, Format.COUNT, priority=5),
        Column("skipped", "SKIP", lambda r: r.skipped, Format.COUNT, priority=5),
        Column("exempt", "EXEMPT", lambda r: r.exempt, Format.COUNT, priority=7, wide=True),
        Column("breaks", "BREAKS", lambda r: r.breaks, Format.COUNT, priority=7, wide=True),
        Column("ready", "READY", lambda r: r.ready, priority=5),
        Column("background", "BACKGROUND", lambda r: r.background, priority=6),
        Column("rules", "RULES", lambda r: r.rules, Format.COUNT, priority=6),
        Column("overrides", "OVERRIDES", lambda r: r.overrides, priority=5, width=50),
        Column("severity", "SEVERITY", lambda r: r.severity, priority=6),
        Column("category", "CATEGORY", lambda r: r.category, priority=8, wide=True, width=40),
        Column("kind", "KIND", lambda r: r.kind, priority=8, wide=True),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=7),
        Column("reason", "REASON", lambda r: r.reason, priority=2, width=80),
    ),
)

VIOLATIONS: AnyKind = Kind(
    id="violations",
    name="Violation",
    plural="violations",
    row=ViolationRow,
    joined=True,
    subject=_policy,
    health=violation_health,
    sort="-worst",
    columns=(
        Column("name", "POLICY", lambda r: r.name, priority=0),
        Column("rule", "RULE", lambda r: r.rule, priority=3, width=40),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=0),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=8, wide=True),
        Column("health", "HEALTH", _level, Format.HEALTH, priority=5, level=_level),
        Column("count", "COUNT", lambda r: r.count, Format.COUNT, priority=0, level=_level),
        Column("severity", "SEVERITY", lambda r: r.severity, priority=1),
        Column("mode", "MODE", lambda r: r.mode, priority=1, level=_mode),
        Column("namespaces", "IN NAMESPACES", lambda r: _list(r.namespaces, 3), priority=2, width=44),
        Column("since", "SINCE", lambda r: r.since, Format.AGE, priority=4),
        Column("message", "MESSAGE", lambda r: r.message, priority=3, width=90),
        Column("resources", "RESOURCES", _resources, priority=5, width=70),
        Column("failed", "FAIL", lambda r: r.failed, Format.COUNT, priority=7, wide=True),
        Column("warned", "WARN", lambda r: r.warned, Format.COUNT, priority=7, wide=True),
        Column("errors", "ERROR", lambda r: r.errors, Format.COUNT, priority=7, wide=True),
        Column("category", "CATEGORY", lambda r: r.category, priority=7, wide=True, width=40),
        Column("kind", "KIND", lambda r: r.kind, priority=8, wide=True),
        Column("reason", "REASON", lambda r: r.reason, priority=6, wide=True, width=80),
        Column("worst", "WORST", _worst, Format.COUNT, hidden=True),
    ),
)

COMPLIANCE: AnyKind = Kind(
    id="compliance",
    name="Compliance",
    plural="compliance",
    row=ComplianceRow,
    joined=True,
    health=compliance_health,
    sort="share",
    columns=(
        Column("name", "NAMESPACE", lambda r: r.name, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=0),
        Column("health", "HEALTH", _level, Format.HEALTH, priority=1, level=_level),
        Column("share", "COMPLIANT", lambda r: r.share, Format.RATIO, priority=0, level=_short_of_all),
        Column("failed", "FAIL", lambda r: r.failed, Format.COUNT, priority=0, level=lambda r: _fault(r.failed)),
        Column("passed", "PASS", lambda r: r.passed, Format.COUNT, priority=1),
        Column("errors", "ERROR", lambda r: r.errors, Format.COUNT, priority=3, level=lambda r: _fault(r.errors)),
        Column("warned", "WARN", lambda r: r.warned, Format.COUNT, priority=4),
        Column("skipped", "SKIP", lambda r: r.skipped, Format.COUNT, priority=5),
        Column("policies", "POLICIES", lambda r: r.policies, Format.COUNT, priority=3),
        Column("policy", "WORST POLICY", lambda r: r.policy, priority=2, width=50),
        Column("scope", "SCOPE", lambda r: r.scope, priority=4),
        Column("reason", "REASON", lambda r: r.reason, priority=3, width=80),
    ),
)

EXEMPTIONS: AnyKind = Kind(
    id="exemptions",
    name="Exemption",
    plural="exemptions",
    row=ExemptionRow,
    joined=True,
    subject=_exception,
    health=exemption_health,
    columns=(
        Column("name", "NAME", lambda r: r.name, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=0),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=3),
        Column("health", "HEALTH", _level, Format.HEALTH, priority=1, level=_level),
        Column("state", "FEATURE", lambda r: r.state, priority=2),
        Column("policies", "POLICIES", lambda r: _list(r.policies), priority=0, width=50),
        Column("rules", "RULES", lambda r: _list(r.rules), priority=5, width=50),
        Column("kinds", "KINDS", lambda r: _list(r.kinds), priority=4, width=30),
        Column("spaces", "IN NAMESPACES", lambda r: _list(r.spaces) or "all", priority=3, width=40),
        Column("names", "NAMES", lambda r: _list(r.names) or "all", priority=4, width=40),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=5),
        Column("reason", "REASON", lambda r: r.reason, priority=2, width=80),
    ),
)

KINDS = (POLICY_STATUS, VIOLATIONS, COMPLIANCE, EXEMPTIONS)
