"""The demo's objects are what the published CRDs allow, and its kinds have their names and columns."""

from functools import lru_cache
from typing import Any

import pytest

from kurator_tui.demo.apiserver.resources import ResourceType
from kurator_tui.demo.world.world import World
from tests.contract import crds

if not crds.FOLDER.is_dir():
    pytest.skip(f"no CRDs at {crds.FOLDER}", allow_module_level=True)

Key = tuple[str, str, str]


@lru_cache(maxsize=1)
def _world() -> World:
    world = World(6)
    world.build({})
    return world


@lru_cache(maxsize=1)
def _kinds() -> dict[Key, ResourceType]:
    """The kinds that are served, which takes no objects."""
    return {rt.gvr: rt for cluster in World(6).clusters.values() for rt in cluster.types.values() if rt.custom}


def _objects(key: Key) -> dict[str, dict[str, Any]]:
    """`cluster namespace/name` → object, of every cluster that serves this version."""
    found = {}
    for name, cluster in _world().clusters.items():
        for rt in cluster.types.values():
            for obj in cluster.all_of(rt.group_resource) if rt.gvr == key else ():
                meta = obj["metadata"]
                found[f"{name} {meta.get('namespace', '')}/{meta['name']}"] = obj
    return found


_KNOWN = sorted(key for key in _kinds() if key in crds.published())


_REQUESTS = {"deletebackuprequests"}
"""Kinds whose objects are gone as soon as they are done."""


@pytest.mark.parametrize(
    "key",
    [key for key in sorted(_kinds()) if key[2] not in _REQUESTS],
    ids=lambda key: f"{key[2]}.{key[0]}/{key[1]}",
)
def test_every_kind_that_is_served_has_objects(key: Key) -> None:
    assert _objects(key)


@pytest.mark.parametrize("key", _KNOWN, ids=lambda key: f"{key[2]}.{key[0]}/{key[1]}")
def test_every_object_is_valid(key: Key) -> None:
    """By the CRD of one release as a whole; a release whose schema lets anything through only when alone."""
    schemas = crds.published()[key]
    folders = [folder for folder in schemas if not crds.is_open(schemas[folder])] or list(schemas)
    wrong = {
        folder: {
            name: found for name, obj in _objects(key).items() if (found := crds.complaints(key, folder, obj))
        }
        for folder in folders
    }
    assert {} in wrong.values(), min(wrong.values(), key=len)


@pytest.mark.parametrize("key", _KNOWN, ids=lambda key: f"{key[2]}.{key[0]}/{key[1]}")
def test_the_columns_are_those_of_a_release(key: Key) -> None:
    rt = _kinds()[key]
    assert [(c.name, c.type, c.path, bool(c.priority)) for c in rt.printer_columns] in crds.columns(key)


def test_a_field_nobody_knows_is_a_complaint() -> None:
    key = ("fleet.kurator.dev", "v1alpha1", "fleets")
    fleet = next(iter(_objects(key).values()))
    assert crds.complaints(key, "kurator", fleet) == []
    assert crds.complaints(key, "kurator", {**fleet, "spec": {**fleet["spec"], "clusterz": []}})
    assert crds.complaints(key, "kurator", {**fleet, "status": {"readyClusters": "two"}})
