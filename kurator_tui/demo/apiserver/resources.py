"""What an embedded API server knows of a resource kind, and the catalogue of those it serves.

The kinds themselves are text, in `builtin` and `custom`.  No behaviour here: discovery, storage, tables and access
review read the catalogue.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
#: apiextensions-apiserver lists the verbs of custom resources in this order.
CUSTOM_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
COMMON_FIELDS = frozenset({"metadata.name", "metadata.namespace"})


class Column(NamedTuple):
    """A printer column of a custom resource; `priority` 1 shows it in the wide view only."""

    name: str
    type: str
    path: str
    priority: int = 0


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One served resource: its names, scope, subresources and the fields a field selector may use.

    `custom` marks kinds defined by a CRD (no strategic merge patch, unknown fields pruned, generic table).
    `selectable_fields` are dotted paths beside `metadata.name` and `metadata.namespace`, which always work.
    """

    group: str
    version: str
    plural: str
    singular: str
    kind: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: frozenset[str] = frozenset()
    custom: bool = False
    selectable_fields: frozenset[str] = COMMON_FIELDS
    verbs: tuple[str, ...] = ALL_VERBS
    printer_columns: tuple[Column, ...] = field(default=(), compare=False)
    """CRD printer columns, read by the Table view."""
    schema: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """What a CRD that was created at run time says of its objects, as OpenAPI; {} for all other kinds."""

    @property
    def api_version(self) -> str:
        """`v1`, or `group/version`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def gvr(self) -> tuple[str, str, str]:
        """(group, version, plural)."""
        return (self.group, self.version, self.plural)

    @property
    def group_resource(self) -> str:
        """`plural.group`, or `plural` in the core group: how error messages name a resource."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def group_kind(self) -> str:
        """`Kind.group`, or `Kind` in the core group: how validation messages name a kind."""
        return f"{self.kind}.{self.group}" if self.group else self.kind

    @property
    def virtual(self) -> bool:
        """True for kinds that are only ever created and never stored (access reviews)."""
        return self.verbs == ("create",)


class Catalogue:
    """The served resources, found by (group, version, plural) or by kind; keeps the order it was given."""

    def __init__(self, types: Iterable[ResourceType]) -> None:
        self._by_gvr = {rt.gvr: rt for rt in types}

    def __iter__(self) -> Iterator[ResourceType]:
        return iter(self._by_gvr.values())

    def all(self) -> tuple[ResourceType, ...]:
        """Every served resource in order."""
        return tuple(self._by_gvr.values())

    def get(self, group: str, version: str, plural: str) -> ResourceType | None:
        """The resource served at this path, or None."""
        return self._by_gvr.get((group, version, plural))

    def by_plural(self, plural: str, group: str = "") -> ResourceType:
        """The first served version of `plural` in `group`; KeyError when there is none."""
        for rt in self._by_gvr.values():
            if rt.plural == plural and rt.group == group:
                return rt
        raise KeyError(f"{plural}.{group}")

    def by_kind(self, api_version: str, kind: str) -> ResourceType | None:
        """The resource whose objects carry this `apiVersion` and `kind`, or None."""
        for rt in self._by_gvr.values():
            if rt.kind == kind and rt.api_version == api_version:
                return rt
        return None

    def for_object(self, obj: dict[str, object]) -> ResourceType:
        """The resource of an object by its own `apiVersion` and `kind`; KeyError when not served."""
        rt = self.by_kind(str(obj.get("apiVersion")), str(obj.get("kind")))
        if rt is None:
            raise KeyError(f"{obj.get('apiVersion')} {obj.get('kind')}")
        return rt

    def groups(self) -> dict[str, tuple[str, ...]]:
        """Group name → its versions, both in the order served; the core group is ''."""
        found: dict[str, dict[str, None]] = {}
        for rt in self:
            found.setdefault(rt.group, {})[rt.version] = None
        return {group: tuple(versions) for group, versions in found.items()}

    def in_version(self, group: str, version: str) -> tuple[ResourceType, ...]:
        """The resources of one group and version, ordered by plural as a real server lists them."""
        found = (rt for rt in self if (rt.group, rt.version) == (group, version))
        return tuple(sorted(found, key=lambda rt: rt.plural))

    def replace(self, group: str, plural: str, types: Iterable[ResourceType]) -> tuple[ResourceType, ...]:
        """Serve `types`, at the end, in place of the custom resources of that name; returns those."""
        old = tuple(rt for rt in self if rt.custom and (rt.group, rt.plural) == (group, plural))
        for rt in old:
            del self._by_gvr[rt.gvr]
        self._by_gvr.update((rt.gvr, rt) for rt in types if rt.gvr not in self._by_gvr)
        return old

    def extended(self, *types: ResourceType) -> "Catalogue":
        """A new catalogue with these resources added at the end."""
        return Catalogue((*self._by_gvr.values(), *types))
