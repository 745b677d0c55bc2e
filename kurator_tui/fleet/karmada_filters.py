"""Which of Karmada's filters keeps a cluster from getting a workload. Pure: plain data in, words out.

The scheduler says how many clusters each filter removed, never which ones. So the filters are applied here again:
cluster affinity, untolerated taints, APIs that the member lacks, eviction, fields to spread by.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from kurator_tui.fleet.karmada_matching import label_match
from kurator_tui.kinds.shapes import mapping, mappings, text

AFFINITY, TAINT, API, EVICTION, SPREAD, OTHER = "affinity", "taint", "API", "eviction", "spread", "other"
_WORDS = (
    *((AFFINITY, "affinity"), (TAINT, "taint"), (API, "API resource"), (EVICTION, "eviction")),
    (SPREAD, "property"),
)
"""What the scheduler's sentence about a filter holds."""
_KEEPING_OFF = ("NoSchedule", "NoExecute")


class Taint(NamedTuple):
    """A taint of a cluster."""

    key: str
    value: str = ""
    effect: str = ""

    def __str__(self) -> str:
        return f"{self.key}={self.value}:{self.effect}" if self.value else f"{self.key}:{self.effect}"


class Place(NamedTuple):
    """A cluster as Karmada's scheduler sees it. `apis` are `apps/v1 Deployment`; `complete` says they are all."""

    name: str
    labels: tuple[tuple[str, str], ...] = ()
    provider: str = ""
    region: str = ""
    zones: tuple[str, ...] = ()
    taints: tuple[Taint, ...] = ()
    apis: frozenset[str] = frozenset()
    complete: bool = True
    ready: str = "True"


class Wanted(NamedTuple):
    """What is to be placed. `targets` are clusters it is on, `evicting` those it is moved away from."""

    api: str
    kind: str
    placement: Mapping[str, Any]
    targets: frozenset[str] = frozenset()
    evicting: frozenset[str] = frozenset()


class Removed(NamedTuple):
    """A filter that removes a cluster, and why."""

    filter: str
    why: str


def removed(wanted: Wanted, place: Place) -> list[Removed]:
    """Every filter that removes a cluster; empty for one that fits."""
    found = [
        (AFFINITY, _unmatched(wanted.placement, place)),
        (TAINT, "" if place.name in wanted.targets else _untolerated(wanted.placement, place)),
        (API, _unserved(wanted, place)),
        (EVICTION, "it is evicted from here" if place.name in wanted.evicting else ""),
        (SPREAD, _unspread(wanted.placement, place)),
    ]
    return [Removed(filter, why) for filter, why in found if why]


# -- affinity ---------------------------------------------------------------------------------------------------


def groups(placement: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The affinities that are tried, in their order; none where every cluster will do."""
    several = list(mappings(placement.get("clusterAffinities")))
    single = placement.get("clusterAffinity")
    return several or ([single] if isinstance(single, Mapping) else [])


def mismatch(affinity: Mapping[str, Any], place: Place) -> str:
    """Why a cluster does not match one affinity, "" where it does."""
    if place.name in (affinity.get("exclude") or ()):
        return "excluded by name"
    labels = affinity.get("labelSelector")
    if labels is not None and not label_match(labels, dict(place.labels)):
        return "its labels are not those selected"
    fields = affinity.get("fieldSelector")
    if fields is not None and (why := _field_mismatch(mapping(fields), place)):
        return why
    names = affinity.get("clusterNames")
    return "" if not names or place.name in names else "not named"


def _unmatched(placement: Mapping[str, Any], place: Place) -> str:
    why = ""
    for number, affinity in enumerate(groups(placement)):
        its = mismatch(affinity, place)
        if not its:
            return ""
        name = text(affinity.get("affinityName"))
        why = its if number == 0 and not name else f"in none of the affinity groups ({name or number}: {its})"
    return why


def _field_mismatch(selector: Mapping[str, Any], place: Place) -> str:
    fields = {"provider": place.provider, "region": place.region}
    for term in mappings(selector.get("matchExpressions")):
        key, operator = text(term.get("key")), text(term.get("operator"))
        wanted = [each for each in term.get("values") or () if isinstance(each, str)]
        have = list(place.zones) if key == "zone" else [value for value in (fields.get(key),) if value]
        if not _meets(operator, have, wanted):
            return f"{key} is {', '.join(have) or 'not set'}, {operator} {', '.join(wanted)} is asked for".rstrip()
    return ""


def _meets(operator: str, have: Sequence[str], wanted: Sequence[str]) -> bool:
    """`In` asks for all zones of a cluster, as Karmada does."""
    if operator == "In":
        return bool(have) and all(each in wanted for each in have)
    if operator == "NotIn":
        return not any(each in wanted for each in have)
    return bool(have) == (operator == "Exists") if operator in ("Exists", "DoesNotExist") else False


# -- the other filters ------------------------------------------------------------------------------------------


def _untolerated(placement: Mapping[str, Any], place: Place) -> str:
    tolerations = list(mappings(placement.get("clusterTolerations")))
    kept = [str(taint) for taint in place.taints if keeps_off(taint, tolerations)]
    return ", ".join(kept)


def keeps_off(taint: Taint, tolerations: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a taint keeps new workloads away, as none of the tolerations is of it."""
    return taint.effect in _KEEPING_OFF and not any(_tolerates(each, taint) for each in tolerations)


def _tolerates(toleration: Mapping[str, Any], taint: Taint) -> bool:
    if text(toleration.get("effect")) not in ("", taint.effect):
        return False
    key = text(toleration.get("key"))
    if key and key != taint.key:
        return False
    operator = text(toleration.get("operator")) or "Equal"
    if operator == "Exists":
        return True
    return bool(key) and operator == "Equal" and text(toleration.get("value")) == taint.value


def _unserved(wanted: Wanted, place: Place) -> str:
    """A list of APIs that is not complete drives nothing away that is there; where there is none, nothing is
    known."""
    if not place.apis or f"{wanted.api} {wanted.kind}" in place.apis:
        return ""
    if place.name in wanted.targets and not place.complete:
        return ""
    return f"does not serve {wanted.kind} {wanted.api}"


def _unspread(placement: Mapping[str, Any], place: Place) -> str:
    have = {"provider": place.provider, "region": place.region, "zone": place.zones}
    for constraint in mappings(placement.get("spreadConstraints")):
        field = text(constraint.get("spreadByField"))
        if field in have and not have[field]:
            return f"has no {field} to spread by"
    return ""


def too_few(placement: Mapping[str, Any], fitting: Sequence[Place]) -> str:
    """What spreading asks for and the clusters that fit do not give; "" where they do."""
    for constraint in mappings(placement.get("spreadConstraints")):
        least, field = constraint.get("minGroups"), text(constraint.get("spreadByField")) or "cluster"
        have = _groups(field, text(constraint.get("spreadByLabel")), fitting)
        if isinstance(least, int) and have < least:
            what = text(constraint.get("spreadByLabel")) or field
            return f"is to be spread over at least {least} {what}s, {have} fit"
    return ""


def _groups(field: str, label: str, places: Sequence[Place]) -> int:
    if label:
        return len({value for place in places for key, value in place.labels if key == label})
    values: dict[str, set[str]] = {
        "provider": {place.provider for place in places if place.provider},
        "region": {place.region for place in places if place.region},
        "zone": {zone for place in places for zone in place.zones},
    }
    return len(values.get(field, {place.name for place in places}))


# -- what the scheduler said ------------------------------------------------------------------------------------


class Said(NamedTuple):
    """One part of the scheduler's sentence: how many clusters a filter removed, in its words."""

    number: int
    filter: str
    words: str


_FIT = re.compile(r"0/(\d{1,9}) clusters are available: (.*)", re.DOTALL)
_PART = re.compile(r"(\d{1,9}) (.+?)(?=, \d{1,9} |$)", re.DOTALL)


def told(message: str) -> tuple[int, tuple[Said, ...]]:
    """Of `0/3 clusters are available: 1 cluster(s) had untolerated taint …`: all clusters, and each filter's part.

    (0, ()) for any other message.
    """
    found = _FIT.search(message)
    if found is None:
        return 0, ()
    parts = _PART.findall(found[2].strip().removesuffix("."))
    return int(found[1]), tuple(Said(int(count), _filter(words), words) for count, words in parts)


def _filter(words: str) -> str:
    return next((filter for filter, word in _WORDS if word.casefold() in words.casefold()), OTHER)


def counted(parts: Iterable[tuple[str, int]]) -> str:
    """`2 affinity, 3 API`."""
    return ", ".join(f"{count} {filter}" for filter, count in parts)
