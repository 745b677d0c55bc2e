"""Verbs of Kyverno's policies. Entries only."""

from __future__ import annotations

from kurator_tui.kinds.verb import Parameter, Risk, Verb

FLEET = "fleets.fleet.kurator.dev"
POLICIES = ("clusterpolicies.kyverno.io", "policies.kyverno.io")
_GROUP = "Kyverno"

VERBS = (
    Verb(
        "kyverno.action",
        "Audit/Enforce",
        "Have a policy refuse what breaks it, or only report it; on a Fleet: its pod security policies",
        _GROUP,
        Risk.DISRUPTIVE,
        (*POLICIES, FLEET),
        parameters=(
            Parameter(
                "to", "What", "choice", "toggle", ("toggle", "Audit", "Enforce"), help="toggle is the other"
            ),
        ),
        patch="JSON Patch of spec.validationFailureAction and of rules that have their own; of a Fleet's "
        "spec.plugin.policy.kyverno.podSecurity.validationFailureAction",
        owner="policies of the Fleet's chart are refused: Helm writes them again, the Fleet is the place",
        undo="the action as it was",
    ),
    Verb(
        "kyverno.exempt",
        "Exempt",
        "Except a workload from a policy: a PolicyException beside it",
        _GROUP,
        Risk.DISRUPTIVE,
        POLICIES,
        permission="get",
        parameters=(
            Parameter("what", "What", required=True, help="KIND/NAME, such as Deployment/shop; * in names is any"),
            Parameter("in", "Namespace", required=True, help="where it is; the exception goes there, too"),
            Parameter("rules", "Rules", help="names of rules, with blanks between; empty: all of the policy"),
        ),
        patch="creates a PolicyException in the namespace of what is excepted",
        owner="nobody writes it again",
        undo="the exception is deleted",
    ),
)
