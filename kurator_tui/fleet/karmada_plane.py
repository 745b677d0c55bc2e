"""One Karmada control plane's rows by what they are looked up by: clusters, policies, overrides, labels.

A control plane is any cluster that serves Karmada's API: the host, or a context of its own. What is read of it
here is plain facts; the same facts are the same objects, so that joins know what did not change.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from kurator_tui.fleet.karmada_filters import Place, Taint
from kurator_tui.fleet.karmada_matching import NAMESPACED, WIDE, Claim, Policy
from kurator_tui.fleet.karmada_overrides import NAMESPACED as OP
from kurator_tui.fleet.karmada_overrides import WIDE as COP
from kurator_tui.fleet.karmada_overrides import OverridePolicy
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.apps import DAEMON_SET, STATEFUL_SET
from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.karmada import KARMADA_CLUSTER, KarmadaClusterRow, served
from kurator_tui.kinds.karmada_propagation import (
    CLUSTER_OVERRIDE_POLICY,
    CLUSTER_PROPAGATION_POLICY,
    OVERRIDE_POLICY,
    PROPAGATION_POLICY,
)
from kurator_tui.kinds.shapes import mappings, text
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.store.freshness import UNREADABLE

POLICIES = ((NAMESPACED, PROPAGATION_POLICY), (WIDE, CLUSTER_PROPAGATION_POLICY))
OVERRIDES = ((OP, OVERRIDE_POLICY), (COP, CLUSTER_OVERRIDE_POLICY))
KIND_OF: Mapping[str, AnyKind] = dict((*POLICIES, *OVERRIDES))
"""Short name -> kind of policy."""
WORKLOADS: tuple[AnyKind, ...] = (DEPLOYMENT, STATEFUL_SET, DAEMON_SET)
"""Kinds of templates that are read themselves: for labels on the control plane, for their state on members."""
_PERMANENT_ID = "propagationpolicy.karmada.io/permanent-id"

_AIM = ("apiVersion", "kind", "name")
Aim = tuple[str, str, str]
"""(apiVersion, kind, name) of templates; no name for all of a kind."""
P = TypeVar("P")


class Plane:
    """The facts of one control plane."""

    def __init__(self, seen: Seen, name: str) -> None:
        self.name = name
        self.places = {row.name: _place(row) for row in seen.rows(KARMADA_CLUSTER, name)}
        policies = [_policy(seen, sort, row) for sort, kind in POLICIES for row in seen.rows(kind, name)]
        self._named = {(each.sort, each.namespace, each.name): each for each in policies}
        self._marked = {each.id: each for each in policies if each.id}
        self._policies = _by_aim((each, each.selectors) for each in policies)
        found = [_override(seen, sort, row) for sort, kind in OVERRIDES for row in seen.rows(kind, name)]
        kept = [each for each in found if each is not None]
        self._overrides = _by_aim((each, each.selectors) for each in kept if each.selectors)
        self._for_all = [each for each in kept if not each.selectors]
        self._labels = {
            (kind.name, row.namespace, row.name): row.labels for kind in WORKLOADS for row in seen.rows(kind, name)
        }
        kinds: tuple[AnyKind, ...] = (*(kind for _sort, kind in POLICIES), KARMADA_CLUSTER)
        unread = [kind.id for kind in kinds if seen.freshness(name, kind).state in UNREADABLE]
        self.unread = sys.intern(", ".join(unread))
        """What may not be read, of what decides; "" for nothing."""

    @property
    def every_policy(self) -> Iterable[Policy]:
        """The propagation policies."""
        return self._named.values()

    def policies(self, aim: Aim) -> tuple[Policy, ...]:
        """The propagation policies that name a template, or its whole kind."""
        return tuple(_aimed(self._policies, aim))

    def holder(self, claim: Claim) -> Policy | None:
        """The policy that claimed a template, by its name, else by its permanent id; None where it is gone."""
        space = claim.namespace if claim.sort == NAMESPACED else ""
        return self._named.get((claim.sort, space, claim.name)) or self._marked.get(claim.id)

    def overrides(self, aim: Aim) -> tuple[OverridePolicy, ...]:
        """The override policies that name a template, its whole kind, or nothing."""
        return (*_aimed(self._overrides, aim), *self._for_all)

    def labels(self, kind: str, namespace: str, name: str) -> tuple[tuple[str, str], ...] | None:
        """The labels of a template, None where it is not read."""
        return self._labels.get((kind, namespace, name))


@lru_cache(maxsize=4096)
def _same(place: Place) -> Place:
    """One object for equal facts: a cluster's status is written each few seconds and seldom says anything new."""
    return place


def _place(row: KarmadaClusterRow) -> Place:
    return _same(
        Place(
            row.name,
            row.labels,
            row.provider,
            row.region,
            row.zones,
            tuple(Taint(*taint) for taint in row.taints),
            _apis(served(row)),
            row.complete != "False",
            row.ready,
        )
    )


@lru_cache(maxsize=1024)
def _apis(kinds: tuple[str, ...]) -> frozenset[str]:
    return frozenset(kinds)


def _by_aim(found: Iterable[tuple[P, Sequence[Any]]]) -> dict[Aim, list[P]]:
    """Policies by what their selectors name, each once a name."""
    by_aim: dict[Aim, list[P]] = {}
    for policy, selectors in found:
        for aim in {tuple(text(each.get(key)) for key in _AIM) for each in mappings(list(selectors))}:
            by_aim.setdefault((aim[0], aim[1], aim[2]), []).append(policy)
    return by_aim


def _aimed(by_aim: Mapping[Aim, Sequence[P]], aim: Aim) -> list[P]:
    """Those that name a template and those for its whole kind, each once."""
    named = by_aim.get(aim, ())
    return [*named, *(each for each in by_aim.get((*aim[:2], ""), ()) if all(each is not one for one in named))]


def _policy(seen: Seen, sort: str, row: ObjectRow) -> Policy:
    """The same object while the row is the same."""
    kind = KIND_OF[sort]

    def make() -> Policy:
        priority = part(kind, row, "priority")
        mark = _PERMANENT_ID if sort == NAMESPACED else f"cluster{_PERMANENT_ID}"
        return Policy(
            sort,
            row.namespace,
            row.name,
            dict(row.labels).get(mark, ""),
            priority if isinstance(priority, int) else 0,
            part(kind, row, "preemption") == "Always",
            tuple(mappings(part(kind, row, "selectors"))),
        )

    return seen.unchanged(("policy", row.uid), (row,), make)


def _override(seen: Seen, sort: str, row: ObjectRow) -> OverridePolicy | None:
    """The same object while the row is the same; None for selectors that were too large to be kept."""
    kind = KIND_OF[sort]

    def make() -> OverridePolicy | None:
        selectors, rules = part(kind, row, "selectors"), part(kind, row, "rules") or ()
        if selectors is None:
            return None
        return OverridePolicy(sort, row.namespace, row.name, tuple(selectors), tuple(map(tuple, rules)))

    return seen.unchanged(("override", row.uid), (row,), make)
