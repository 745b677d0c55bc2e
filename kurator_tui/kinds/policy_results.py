"""Results of policy reports, folded while a report becomes a row: joins need counts, not thousands of results.

A report holds up to some thousand results; a part of a row may hold 16 KiB. What is kept of a report is exact in
its sums, and of what fails the worst is kept in full: what does not fit any more is counted under no name.

    found:   {"differs": bool, "policies": {policy: [pass, fail, warn, error, skip, failing, exempt]}}
    failing: [[policy, rule, fail, warn, error, since, severity, category, message, resources]]

`policy` is the name as the report writes it: `namespace/name` for a Policy. `failing` counts resources, each once;
`exempt` the skipped results that name an exception; `differs` says that the report's own summary says otherwise.
`resources` are the first few as [apiVersion, kind, namespace, name]; `since` is the Unix second of the oldest
result.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from kurator_tui.kinds.meta import one_line
from kurator_tui.kinds.shapes import text

RESULTS = ("pass", "fail", "warn", "error", "skip")
"""Words of a result, in the order in which they are counted."""
EXAMPLES = 5
"""Resources kept of one rule in one report."""
LONGEST_MESSAGE = 240
LONGEST_NAME = 253
_BUDGET = 12 * 2**10
"""Bytes, as JSON, of what is kept in full; the rest is summed up."""
SEVERITIES = ("", "info", "low", "medium", "high", "critical")
"""Words of a severity, the worst last."""
_AUTOGEN = ("autogen-cronjob-", "autogen-")


def base_rule(rule: str) -> str:
    """The rule as its policy writes it: Kyverno makes copies of rules of pods for what makes pods."""
    for prefix in _AUTOGEN:
        if rule.startswith(prefix):
            return rule.removeprefix(prefix)
    return rule


def severity_rank(severity: str) -> int:
    """How bad a severity is; 0 for words that are none."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else 0


def found(results: Any, summary: Any, scope: Any) -> dict[str, Any]:
    """`found` of a report, see above. Without results the summary is all there is to count."""
    policies: dict[str, list[int]] = {}
    failing: dict[str, set[tuple[str, ...]]] = {}
    for each in _objects(results):
        policy, at = _name(each.get("policy")), _place(each)
        if at is None:
            continue
        counts = policies.setdefault(policy, [0] * 7)
        counts[at] += 1
        if RESULTS[at] == "fail":
            failing.setdefault(policy, set()).update(map(tuple, _resources(each, scope)))
        elif RESULTS[at] == "skip" and "exception" in text(each.get("message")).lower():
            counts[6] += 1
    for policy, resources in failing.items():
        policies[policy][5] = len(resources)
    told = [_count(summary, word) for word in RESULTS]
    summed = [sum(counts[at] for counts in policies.values()) for at in range(5)]
    if not policies and any(told):
        return {"differs": False, "policies": {"": [*told, told[1], 0]}}
    differs = isinstance(summary, Mapping) and told != summed
    return {"differs": differs, "policies": _fitted_counts(policies)}


def failing(results: Any, scope: Any) -> list[list[Any]]:
    """`failing` of a report, see above, the worst first."""
    rules: dict[tuple[str, str], list[Any]] = {}
    for each in _objects(results):
        word = each.get("result")
        if word not in ("fail", "warn", "error"):
            continue
        key = (_name(each.get("policy")), base_rule(_name(each.get("rule"))))
        entry = rules.setdefault(key, [*key, 0, 0, 0, 0.0, "", "", "", []])
        entry[2 + ("fail", "warn", "error").index(word)] += 1
        _explain(entry, each, scope)
    return _fitted(sorted(rules.values(), key=lambda entry: (-_weight(entry), entry[0], entry[1])))


def _explain(entry: list[Any], result: Mapping[str, Any], scope: Any) -> None:
    """Take over what a result says beside its verdict."""
    since = _moment(result.get("timestamp"))
    if since and (not entry[5] or since < entry[5]):
        entry[5] = since
    severity = text(result.get("severity")).lower()
    if severity_rank(severity) > severity_rank(entry[6]):
        entry[6] = severity
    entry[7] = entry[7] or text(result.get("category"))[:LONGEST_NAME]
    entry[8] = entry[8] or one_line(text(result.get("message")))[:LONGEST_MESSAGE]
    for resource in _resources(result, scope):
        if len(entry[9]) < EXAMPLES and resource not in entry[9]:
            entry[9].append(resource)


def _weight(entry: list[Any]) -> int:
    return int(entry[2] + entry[3] + entry[4])


def _fitted(entries: list[list[Any]]) -> list[list[Any]]:
    """`entries` within the budget: later ones lose message and resources first, then their names."""
    kept: list[list[Any]] = []
    rest: list[Any] = ["", "", 0, 0, 0, 0.0, "", "", "", []]
    left = _BUDGET
    for entry in entries:
        for tried in (entry, [*entry[:7], "", "", []]):
            if (size := len(msgspec.json.encode(tried))) <= left:
                kept.append(tried)
                left -= size
                break
        else:
            for at in (2, 3, 4):
                rest[at] += entry[at]
    return [*kept, rest] if _weight(rest) else kept


def _fitted_counts(policies: dict[str, list[int]]) -> dict[str, list[int]]:
    """The counts within the budget: those of policies with the fewest failures lose their names."""
    if len(msgspec.json.encode(policies)) <= _BUDGET:
        return policies
    kept: dict[str, list[int]] = {}
    rest, left = [0] * 7, _BUDGET
    for policy, counts in sorted(policies.items(), key=lambda item: (-item[1][1] - item[1][3], item[0])):
        size = len(msgspec.json.encode({policy: counts}))
        if policy and size <= left:
            kept[policy] = counts
            left -= size
        else:
            rest = [one + other for one, other in zip(rest, counts, strict=True)]
    return {**kept, "": rest}


# -- of one result ----------------------------------------------------------------------------------------------


def _place(result: Mapping[str, Any]) -> int | None:
    word = result.get("result")
    return RESULTS.index(word) if isinstance(word, str) and word in RESULTS else None


def _resources(result: Mapping[str, Any], scope: Any) -> list[list[str]]:
    """What a result is about: its own resources, or what the whole report is about in newer releases."""
    own = _objects(result.get("resources")) or ([scope] if isinstance(scope, Mapping) else [])
    return [[_name(each.get(key)) for key in ("apiVersion", "kind", "namespace", "name")] for each in own]


def _moment(timestamp: Any) -> float:
    seconds = timestamp.get("seconds") if isinstance(timestamp, Mapping) else None
    return float(seconds) if isinstance(seconds, int) and 0 < seconds < 2**40 else 0.0


def _count(summary: Any, word: str) -> int:
    number = summary.get(word) if isinstance(summary, Mapping) else None
    return number if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 2**31 else 0


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _name(value: Any) -> str:
    return text(value)[:LONGEST_NAME]
