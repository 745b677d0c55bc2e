"""One Karmada control plane's rows by what they are looked up by: clusters, policies, overrides, labels.

A control plane is any cluster that serves Karmada's API: the host, or a context of its own. What is read of it
here is plain facts; the same facts are the same objects, so that joins know what did not change.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from kurator_tui.fleet.karmada_filters import Place, Taint
from kurator_tui.fleet.karmada_matching import NAMESPACED, WIDE, Policy
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
from kurator_tui.store.freshness import State

POLICIES = ((NAMESPACED, PROPAGATION_POLICY), (WIDE, CLUSTER_PROPAGATION_POLICY))
OVERRIDES = ((OP, OVERRIDE_POLICY), (COP, CLUSTER_OVERRIDE_POLICY))
KIND_OF: Mapping[str, AnyKind] = dict((*POLICIES, *OVERRIDES))
"""Short name -> kind of policy."""
WORKLOADS: tuple[AnyKind, ...] = (DEPLOYMENT, STATEFUL_SET, DAEMON_SET)
"""Kinds of templates that are read themselves: for labels on the control plane, for their state on members."""
UNREADABLE = (State.FORBIDDEN, State.UNREACHABLE)
_PERMANENT_ID = "propagationpolicy.karmada.io/permanent-id"

Sort = tuple[str, str]
"""(apiVersion, kind) of templates."""


class Plane:
    """The facts of one control plane."""

    def __init__(self, seen: Seen, name: str) -> None:
        self.name = name
        self.places = {row.name: _place(row) for row in seen.rows(KARMADA_CLUSTER, name)}
        rows = tuple((sort, row) for sort, kind in POLICIES for row in seen.rows(kind, name))
        self._policies = seen.unchanged("policies", tuple(row for _sort, row in rows), lambda: _policies(rows))
        over = tuple((sort, row) for sort, kind in OVERRIDES for row in seen.rows(kind, name))
        self._overrides = seen.unchanged("overrides", tuple(row for _sort, row in over), lambda: _overrides(over))
        self._labels = {
            (kind.name, row.namespace, row.name): row.labels for kind in WORKLOADS for row in seen.rows(kind, name)
        }
        kinds: tuple[AnyKind, ...] = (*(kind for _sort, kind in POLICIES), KARMADA_CLUSTER)
        unread = [kind.id for kind in kinds if seen.freshness(name, kind).state in UNREADABLE]
        self.unread = sys.intern(", ".join(unread))
        """What may not be read, of what decides; "" for nothing."""

    def policies(self, sort: Sort) -> tuple[Policy, ...]:
        """The propagation policies that name this sort of templates."""
        return self._policies.get(sort, ())

    def overrides(self, sort: Sort) -> tuple[OverridePolicy, ...]:
        """The override policies that name this sort of templates, or all."""
        return self._overrides.get(sort) or self._overrides.get(("", ""), ())

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


def _sorts(selectors: Iterable[Any]) -> set[Sort]:
    return {(text(each.get("apiVersion")), text(each.get("kind"))) for each in mappings(list(selectors))}


def _policies(rows: Iterable[tuple[str, ObjectRow]]) -> dict[Sort, tuple[Policy, ...]]:
    found: dict[Sort, list[Policy]] = {}
    for sort, row in rows:
        kind = KIND_OF[sort]
        priority = part(kind, row, "priority")
        mark = _PERMANENT_ID if sort == NAMESPACED else f"cluster{_PERMANENT_ID}"
        policy = Policy(
            sort,
            row.namespace,
            row.name,
            dict(row.labels).get(mark, ""),
            priority if isinstance(priority, int) else 0,
            part(kind, row, "preemption") == "Always",
            tuple(mappings(part(kind, row, "selectors"))),
        )
        for each in _sorts(policy.selectors):
            found.setdefault(each, []).append(policy)
    return {sort: tuple(policies) for sort, policies in found.items()}


def _overrides(rows: Iterable[tuple[str, ObjectRow]]) -> dict[Sort, tuple[OverridePolicy, ...]]:
    """By sort of templates; at ("", "") those for everything, which are at every other sort as well."""
    named: dict[Sort, list[OverridePolicy]] = {}
    every: list[OverridePolicy] = []
    for sort, row in rows:
        kind = KIND_OF[sort]
        selectors, rules = part(kind, row, "selectors"), part(kind, row, "rules") or ()
        if selectors is None:  # too large to be kept
            continue
        policy = OverridePolicy(sort, row.namespace, row.name, tuple(selectors), tuple(map(tuple, rules)))
        if not selectors:
            every.append(policy)
        for each in _sorts(selectors):
            named.setdefault(each, []).append(policy)
    found = {sort: (*policies, *every) for sort, policies in named.items()}
    return {**found, ("", ""): tuple(every)}
