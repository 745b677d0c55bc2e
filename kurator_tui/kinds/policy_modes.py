"""What Kyverno's policies do when a resource breaks them: per rule, with what namespaces override. Pure.

    rules: [[name, what, action, overrides]], overrides: [[action, namespaces, chosen by labels]]

`what` is `validate`, `verify images`, `mutate` or `generate`; `action` is `Audit` or `Enforce`, "" for rules that
refuse nothing. Older policies say it once, newer ones in each rule; where nobody says it, it is Audit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from kurator_tui.kinds.shapes import text

AUDIT, ENFORCE = "Audit", "Enforce"
MIXED = "mixed"
_WHAT = {"validate": "validate", "verifyImages": "verify images", "mutate": "mutate", "generate": "generate"}
_REFUSING = ("validate", "verify images")


class Override(NamedTuple):
    """`by_labels` says that labels of the namespaces choose, too: which they are is not known here."""

    action: str
    namespaces: tuple[str, ...]
    by_labels: bool = False


class Rule(NamedTuple):
    """One rule of a policy; `action` is "" where nothing is refused."""

    name: str
    what: str
    action: str
    overrides: tuple[Override, ...] = ()

    def action_in(self, namespace: str) -> str:
        """What happens in `namespace`; overrides by labels are not taken into account."""
        for each in self.overrides:
            if not each.by_labels and any(fnmatchcase(namespace, pattern) for pattern in each.namespaces):
                return each.action
        return self.action


def rules(given: Any, whole: Any, overrides: Any) -> list[Any]:
    """The part `rules` of a ClusterPolicy or Policy."""
    found = []
    for each in _objects(given):
        block: Any = next((each[key] for key in _WHAT if each.get(key)), None)
        what = next((word for key, word in _WHAT.items() if each.get(key)), "")
        first = block[0] if isinstance(block, list) and block else block
        own = first if isinstance(first, Mapping) else {}
        said = own.get("failureAction") or whole
        action = _action(said) if what in _REFUSING else ""
        kept = _overrides(own.get("failureActionOverrides") or overrides) if action else []
        found.append([text(each.get("name")), what, action, kept])
    return found


def actions(given: Any) -> list[Any]:
    """The part `rules` of a ValidatingPolicy, which is one rule: it refuses where its actions hold Deny."""
    told = given if isinstance(given, list) else []
    return [["", "validate", ENFORCE if "Deny" in told else AUDIT, []]]


def read(part: Any) -> tuple[Rule, ...]:
    """The rules that a part holds; none where there is no part."""
    return tuple(
        Rule(
            name,
            what,
            action,
            tuple(Override(word, tuple(spaces), by_labels) for word, spaces, by_labels in overrides),
        )
        for name, what, action, overrides in part or ()
    )


def mode(found: Iterable[Rule]) -> str:
    """One word for a policy: `Audit`, `Enforce`, `mixed`, or what its rules do that refuse nothing."""
    found = tuple(found)
    said = {rule.action for rule in found if rule.action}
    said |= {each.action for rule in found for each in rule.overrides}
    if len(said) > 1:
        return MIXED
    return said.pop() if said else "+".join(dict.fromkeys(rule.what for rule in found if rule.what))


def told(found: Iterable[Rule]) -> str:
    """What a mixed policy does where: `Audit; Enforce in shop,web`, by rules where these differ."""
    found = [rule for rule in found if rule.action]
    base = dict.fromkeys(rule.action for rule in found)
    parts = [
        action if len(base) == 1 else f"{action}: {','.join(r.name for r in found if r.action == action)}"
        for action in base
    ]
    for each in dict.fromkeys(each for rule in found for each in rule.overrides):
        where = ",".join(each.namespaces) or "namespaces"
        parts.append(f"{each.action} in {where}" + (" with labels" if each.by_labels else ""))
    return "; ".join(parts)


def exempted(exceptions: Any, match: Any) -> dict[str, Any]:
    """The part `exceptions` of a PolicyException: policies with their rules, and what is exempt."""
    policies = [
        [text(each.get("policyName")), [text(rule) for rule in _list(each.get("ruleNames"))]]
        for each in _objects(exceptions)
    ]
    blocks = match if isinstance(match, Mapping) else {}
    chosen = [each for key in ("any", "all") for each in _objects(blocks.get(key))]
    resources = [each["resources"] for each in chosen if isinstance(each.get("resources"), Mapping)]
    words = {key: _words(resources, key) for key in ("kinds", "namespaces", "names")}
    return {"policies": policies, **words}


def _words(resources: list[Any], key: str) -> list[str]:
    return list(dict.fromkeys(text(word) for each in resources for word in _list(each.get(key))))


def _overrides(given: Any) -> list[Any]:
    return [
        [
            _action(each.get("action")),
            [text(space) for space in _list(each.get("namespaces"))],
            bool(each.get("namespaceSelector")),
        ]
        for each in _objects(given)
    ]


def _action(word: Any) -> str:
    """Older releases write it in lower case."""
    return ENFORCE if text(word).lower() == "enforce" else AUDIT


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in _list(value) if isinstance(each, Mapping)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
