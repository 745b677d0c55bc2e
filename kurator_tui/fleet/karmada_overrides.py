"""Which overrides change a template on its way to one cluster, in which order, and what they change. Pure.

Cluster-wide policies come first, then those of the namespace. Of each sort the least close match comes first, then
the first in the alphabet; what comes later wins over what came before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kurator_tui.fleet.karmada_filters import Place, mismatch
from kurator_tui.fleet.karmada_matching import Match, Template, matched
from kurator_tui.kinds.shapes import mapping, mappings, text

NAMESPACED, WIDE = "op", "cop"
_LONGEST = 40
"""Characters of a value that are shown."""
_HIDDEN = "Secret"
"""Kind of templates whose values are not shown."""


class OverridePolicy(NamedTuple):
    """An OverridePolicy, or a ClusterOverridePolicy. `rules` are (targetCluster or None, overriders)."""

    sort: str
    namespace: str
    name: str
    selectors: Sequence[Any] = ()
    rules: Sequence[tuple[Any, Any]] = ()


class Override(NamedTuple):
    """A rule that is for a cluster; `number` counts from 1."""

    sort: str
    namespace: str
    name: str
    number: int
    overriders: Mapping[str, Any]
    sure: bool = True


def applying(template: Template, policies: Iterable[OverridePolicy], place: Place) -> list[Override]:
    """The rules for a template on one cluster, in the order in which they are applied."""
    found: list[tuple[tuple[bool, int, str], bool, OverridePolicy]] = []
    for policy in policies:
        if policy.sort == NAMESPACED and policy.namespace != template.namespace:
            continue
        match, sure = matched(template, policy.selectors) if policy.selectors else (Match.KIND, True)
        if match is not Match.NONE:
            found.append(((policy.sort == NAMESPACED, int(match), policy.name), sure, policy))
    ordered = sorted(found, key=lambda each: each[0])
    return [rule for _rank, sure, policy in ordered for rule in _for(policy, place, sure=sure)]


def _for(policy: OverridePolicy, place: Place, *, sure: bool) -> Iterator[Override]:
    for number, (target, overriders) in enumerate(policy.rules, start=1):
        if target is None or not mismatch(mapping(target), place):
            yield Override(policy.sort, policy.namespace, policy.name, number, mapping(overriders), sure)


def said(overriders: Mapping[str, Any], kind: str) -> str:
    """What overriders change: `replace /spec/replicas 1; labels add env=test`. Values of a Secret are not told."""
    show = kind != _HIDDEN
    return "; ".join(words for words in _each(overriders, show=show) if words)


def _each(overriders: Mapping[str, Any], *, show: bool) -> Iterator[str]:
    for image in mappings(overriders.get("imageOverrider")):
        yield _words("image", text(image.get("component")).lower(), image, show=show)
    for key, what in (("commandOverrider", "command"), ("argsOverrider", "args")):
        for each in mappings(overriders.get(key)):
            yield _words(f"{what} of {text(each.get('containerName'))}", "", each, show=show)
    for key, what in (("labelsOverrider", "labels"), ("annotationsOverrider", "annotations")):
        for each in mappings(overriders.get(key)):
            yield _words(what, "", each, show=show)
    for each in mappings(overriders.get("fieldOverrider")):
        yield f"fields in {text(each.get('fieldPath'))}"
    for each in mappings(overriders.get("plaintext")):
        yield _words(text(each.get("path")), "", each, show=show)


def _words(what: str, part: str, each: Mapping[str, Any], *, show: bool) -> str:
    value = _value(each.get("value")) if show else ""
    return " ".join(word for word in (what, part, text(each.get("operator")), value) if word)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        found = ", ".join(f"{key}={_value(each)}" for key, each in value.items())
    elif isinstance(value, list):
        found = " ".join(_value(each) for each in value)
    else:
        found = "" if value is None else str(value)
    return found if len(found) <= _LONGEST else f"{found[: _LONGEST - 1]}…"
