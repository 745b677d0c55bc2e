"""CustomResourceDefinitions of the custom kinds a cluster serves, with their printer columns."""

from collections.abc import Iterator
from typing import Any

from kurator_tui.demo.apiserver.resources import Catalogue, ResourceType
from kurator_tui.demo.world.site import DAY, Site, condition

Obj = dict[str, Any]

#: Served by an aggregated API server instead of a definition.
_AGGREGATED = frozenset({("cluster.karmada.io", "clusters")})


def objects(site: Site) -> Iterator[Obj]:
    """One definition a custom kind."""
    for rt in site.catalogue:
        if rt.custom and (rt.group, rt.plural) not in _AGGREGATED:
            yield _definition(site, rt, site.catalogue)


def _definition(site: Site, rt: ResourceType, catalogue: Catalogue) -> Obj:
    versions = [each for each in catalogue if (each.group, each.plural) == (rt.group, rt.plural)]
    names: Obj = {"plural": rt.plural, "singular": rt.singular, "kind": rt.kind, "listKind": f"{rt.kind}List"}
    if rt.short_names:
        names["shortNames"] = list(rt.short_names)
    if rt.categories:
        names["categories"] = list(rt.categories)
    born = site.rng.uniform(60, 300) * DAY
    since = site.stamp(born)
    status = {
        "conditions": [
            condition("NamesAccepted", True, since, "NoConflicts", "no conflicts found"),
            condition("Established", True, since, "InitialNamesAccepted", "the initial names have been accepted"),
        ],
        "acceptedNames": names,
        "storedVersions": [rt.version],
    }
    spec = {
        "group": rt.group,
        "names": names,
        "scope": "Namespaced" if rt.namespaced else "Cluster",
        "conversion": {"strategy": "None"},
        "versions": [_version(each, storage=each is versions[0]) for each in versions],
    }
    name = rt.group_resource
    return site.make(
        "apiextensions.k8s.io/v1", "CustomResourceDefinition", name, age=born, spec=spec, status=status
    )


def _version(rt: ResourceType, *, storage: bool) -> Obj:
    made: Obj = {"name": rt.version, "served": True, "storage": storage}
    made["schema"] = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    subresources: Obj = {"status": {}} if "status" in rt.subresources else {}
    if "scale" in rt.subresources:
        subresources["scale"] = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
    if subresources:
        made["subresources"] = subresources
    columns = [
        {"name": c.name, "type": c.type, "jsonPath": c.path, **({"priority": c.priority} if c.priority else {})}
        for c in rt.printer_columns
    ]
    if columns:
        made["additionalPrinterColumns"] = columns
    return made
