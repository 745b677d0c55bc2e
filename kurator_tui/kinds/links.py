"""Where an object leads: its owner, its node, its users; its children are in `kinds.children`.

Pure functions from the full object (a plain dict, one GET when the key is pressed) to targets; nothing of it is
kept with rows.

Objects are what servers send: every reader here takes any shape and finds nothing where there is nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.kinds.registry import KINDS
from kurator_tui.kinds.selectors import Selector, holds
from kurator_tui.kinds.shapes import Object, mappings, meta, text

USED = frozenset({"configmaps", "secrets", "persistentvolumeclaims", "serviceaccounts"})
"""Kinds whose users can be asked for."""

Place = tuple[str, str, str]
"""(cluster, namespace, name)."""


@dataclass(frozen=True, slots=True)
class Target:
    """Rows of one kind to go to; what is set narrows them."""

    kind: str
    """Id in the registry."""
    cluster: str = ""
    namespace: str = ""
    objects: frozenset[Place] = frozenset()
    """Only these."""
    where: tuple[tuple[str, str], ...] = ()
    """(column, value) that rows have."""
    labels: Selector = ()
    users_of: tuple[str, ...] = ()
    """(kind, name) of an object: only pods that name it; who they are, only the cluster knows."""
    asked: float = 0.0
    """When the cluster was asked who they are, Unix seconds."""
    title: str = ""
    """Whose they are, for the path in a title: `web@edge-1`."""

    def may_hold(self, row: Row) -> bool:
        """What never changes about `row` fits."""
        if (self.cluster and row.cluster != self.cluster) or (self.namespace and row.namespace != self.namespace):
            return False
        return not (self.objects or self.users_of) or (row.cluster, row.namespace, row.name) in self.objects

    def holds(self, row: Row, kind: AnyKind) -> bool:
        """Whether `row` of `kind` is meant, as far as a row can tell: pods know no labels of theirs."""
        if not self.may_hold(row):
            return False
        for key, value in self.where:
            column = kind.column(key)
            if column is None or column.value(row) != value:
                return False
        pairs: tuple[tuple[str, str], ...] | None = getattr(row, "labels", None)
        return not self.labels or pairs is None or holds(self.labels, pairs)


class NoLink(Exception):
    """There is nowhere to go; the message says why."""


# -- owner and node -----------------------------------------------------------------------------------------------


def kind_named(api_version: str, name: str) -> AnyKind | None:
    """The kind called `name` (CamelCase) in the group of `api_version`, or None where nobody shows it."""
    group = api_version.rpartition("/")[0]
    return next((kind for kind in KINDS.values() if kind.name == name and kind.group == group), None)


def owner(cluster: str, obj: Object) -> Target:
    """The controlling owner, or else the only one. Raises NoLink."""
    references = list(mappings(meta(obj).get("ownerReferences")))
    chosen = next((each for each in references if each.get("controller") is True), None)
    if chosen is None and len(references) == 1:
        chosen = references[0]
    if chosen is None:
        raise NoLink("it has several owners and none controls it" if references else "it has no owner")
    return referred(cluster, chosen, text(meta(obj).get("namespace")))


def referred(cluster: str, reference: Object, namespace: str) -> Target:
    """The one object that a reference (`apiVersion`, `kind`, `name`, maybe `namespace`) names. Raises NoLink."""
    version, kind, name = (text(reference.get(key)) for key in ("apiVersion", "kind", "name"))
    found = kind_named(version, kind)
    if found is None:
        raise NoLink(f"no view shows {kind or 'objects without a kind'} of {version or 'no group'}")
    return one(found.id, cluster, text(reference.get("namespace")) or namespace, name)


def one(kind: str, cluster: str, namespace: str, name: str) -> Target:
    """Exactly this object. Raises NoLink for an empty name."""
    if not name:
        raise NoLink("it names nothing")
    place = (cluster, namespace if KINDS[kind].namespaced else "", name)
    return Target(kind, cluster, objects=frozenset({place}))


def node(row: Row, kind: AnyKind) -> Target:
    """The node a row is on. Raises NoLink."""
    column = kind.column("node")
    name = column.value(row) if column is not None else None
    if not isinstance(name, str) or not name:
        raise NoLink("it is on no node" if column is not None else f"{kind.plural} are not on nodes")
    return one("nodes", row.cluster, "", name)


def users(kind: str, row: Row) -> Target:
    """The pods that name `row` of `kind`. Raises NoLink for a kind that pods do not name."""
    if kind not in USED:
        raise NoLink(f"pods do not name {KINDS[kind].plural}")
    return Target("pods", row.cluster, row.namespace, users_of=(kind, row.name))
