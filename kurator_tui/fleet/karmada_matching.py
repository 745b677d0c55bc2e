"""Which propagation policy gets a template, by Karmada's own rules. Pure: plain data in, words out.

A PropagationPolicy comes before a ClusterPropagationPolicy, then the higher `spec.priority`, then the closer match
(by name, by labels, of the whole kind), then the first in the alphabet. But a template stays with the policy that
claimed it: another one takes it over only with `preemption: Always` and a higher priority, or from a
ClusterPropagationPolicy.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from kurator_tui.kinds.selectors import holds, of_spec
from kurator_tui.kinds.shapes import mapping, mappings, text

NAMESPACED, WIDE = "pp", "cpp"
"""The two sorts of policies, by their short names."""


class Template(NamedTuple):
    """What is to be propagated. `labels` are None where they are not known."""

    api: str
    kind: str
    namespace: str
    name: str
    labels: Mapping[str, str] | None = None


class Match(enum.IntEnum):
    """How closely a policy's selectors match a template; the higher one wins."""

    NONE = 0
    KIND = 1
    LABELS = 2
    NAME = 3

    @property
    def said(self) -> str:
        """`name match`."""
        return f"{self.name.lower().removesuffix('s')} match" if self is not Match.NONE else "no match"


class Policy(NamedTuple):
    """A PropagationPolicy, or a ClusterPropagationPolicy; `id` is the permanent id that marks its claims."""

    sort: str
    namespace: str
    name: str
    id: str = ""
    priority: int = 0
    preempts: bool = False
    selectors: Sequence[Any] = ()

    @property
    def said(self) -> str:
        """`pp/web`."""
        return f"{self.sort}/{self.name}"


class Claim(NamedTuple):
    """By which a binding says which policy it was made for; all empty where it says none."""

    sort: str = ""
    namespace: str = ""
    name: str = ""
    id: str = ""


class Candidate(NamedTuple):
    """A policy that matches. `sure` is whether that is known: labels decide, and may not be."""

    policy: Policy
    match: Match
    sure: bool = True


class Standing(NamedTuple):
    """What became of a policy that matches, and why."""

    candidate: Candidate
    won: bool
    why: str


def label_match(selector: Any, labels: Mapping[str, str]) -> bool:
    """Whether a `LabelSelector` selects: an empty one selects all, one that is none selects nothing."""
    if not isinstance(selector, Mapping):
        return False
    wanted = of_spec({"matchLabels": None, "matchExpressions": None, **selector})
    asked = selector.get("matchLabels") or selector.get("matchExpressions")
    return holds(wanted, labels.items()) if wanted or not asked else False


def matched(template: Template, selectors: Iterable[Any]) -> tuple[Match, bool]:
    """The closest match of resource selectors, and whether it is known to be one."""
    found = (Match.NONE, True)
    for selector in mappings(list(selectors)):
        its = _one(template, selector)
        if (its[0], its[1]) > found:
            found = its
    return found


def _one(template: Template, selector: Mapping[str, Any]) -> tuple[Match, bool]:
    none = (Match.NONE, True)
    if (selector.get("apiVersion"), selector.get("kind")) != (template.api, template.kind):
        return none
    if selector.get("namespace") and selector["namespace"] != template.namespace:
        return none
    if name := text(selector.get("name")):
        return (Match.NAME, True) if name == template.name else none
    labels = selector.get("labelSelector")
    if labels is None:
        return Match.KIND, True
    if template.labels is None:
        return Match.LABELS, False
    return (Match.LABELS, True) if label_match(labels, template.labels) else none


def ranked(template: Template, policies: Iterable[Policy]) -> list[Candidate]:
    """The policies that match, first the one that would get an unclaimed template."""
    found = []
    for policy in policies:
        if policy.sort == NAMESPACED and policy.namespace != template.namespace:
            continue
        match, sure = matched(template, policy.selectors)
        if match is not Match.NONE:
            found.append(Candidate(policy, match, sure))
    return sorted(found, key=_rank)


def _rank(candidate: Candidate) -> tuple[bool, int, int, str]:
    policy = candidate.policy
    return policy.sort == WIDE, -policy.priority, -candidate.match, policy.name


def standings(candidates: Sequence[Candidate], held: Policy | None) -> list[Standing]:
    """All that match with what became of them, the winner first. Without a holder the first one is to win."""
    if not candidates:
        return []
    winner = next((each for each in candidates if each.policy == held), None)
    if winner is None and held is not None:
        return [Standing(each, False, f"{held.said} claimed it before") for each in candidates]
    first = winner or candidates[0]
    others = [each for each in candidates if each is not first]
    return [
        Standing(first, True, _won(first, others)),
        *(Standing(each, False, _lost(each, first)) for each in others),
    ]


def _won(winner: Candidate, others: Sequence[Candidate]) -> str:
    said = winner.match.said + ("" if winner.sure else " if its labels are so")
    if not others:
        return f"{said}, the only policy"
    rival = others[0]
    if _rank(rival) < _rank(winner):
        return f"{said}; claimed it before {rival.policy.said}"
    return f"{said}; {_against(winner, rival)}"


def _against(better: Candidate, worse: Candidate) -> str:
    """What decided between two, from the better one's side."""
    one, other = better.policy, worse.policy
    if one.sort != other.sort:
        return f"a {NAMESPACED} comes before {other.said}"
    if one.priority != other.priority:
        return f"priority {one.priority} over {other.priority} of {other.said}"
    if better.match != worse.match:
        return f"before the {worse.match.said} of {other.said}"
    return f"before {other.said} in the alphabet"


def _lost(loser: Candidate, winner: Candidate) -> str:
    one, other = loser.policy, winner.policy
    if _rank(winner) < _rank(loser):
        return _behind(loser, winner)
    better = other.sort == WIDE and one.sort == NAMESPACED
    if one.preempts and (better or one.priority > other.priority):
        return f"is to preempt {other.said}, and has not yet"
    if one.priority > other.priority and not better:
        return f"priority {one.priority} over {other.priority}, but preemption is Never: {other.said} keeps it"
    why = "" if one.preempts else ": preemption is Never"
    return f"{other.said} claimed it before and keeps it{why}"


def _behind(loser: Candidate, winner: Candidate) -> str:
    one, other = loser.policy, winner.policy
    if one.sort != other.sort:
        return f"a {WIDE} comes after {other.said}"
    if one.priority != other.priority:
        return f"priority {one.priority} under {other.priority} of {other.said}"
    if loser.match != winner.match:
        return f"{loser.match.said}, {other.said} has a {winner.match.said}"
    return f"after {other.said} in the alphabet"


def claim_of(annotations: Mapping[str, Any], labels: Mapping[str, Any]) -> Claim:
    """The claim in a binding's metadata: annotations, in older releases labels."""
    about = {**labels, **annotations}
    for sort, group in ((NAMESPACED, "propagationpolicy"), (WIDE, "clusterpropagationpolicy")):
        mark = f"{group}.karmada.io"
        name, id = text(about.get(f"{mark}/name")), text(mapping(labels).get(f"{mark}/permanent-id"))
        if name or id:
            return Claim(sort, text(about.get(f"{mark}/namespace")), name, id)
    return Claim()
