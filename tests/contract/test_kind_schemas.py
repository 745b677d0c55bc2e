"""Every kind reads every object its published CRDs allow, whatever the version, and agrees with them on names."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kurator_tui.kinds.base import AnyKind, Health, Level
from kurator_tui.kinds.cells import UNSAFE, cell_text
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.generic import Definition, PrinterColumn, generic
from kurator_tui.kinds.registry import KINDS
from kurator_tui.kinds.table import ObjectRow
from tests.contract import crds
from tests.contract.schema_objects import full, least, read_below
from tests.examples import examples

if not crds.FOLDER.is_dir():
    pytest.skip(f"no CRDs at {crds.FOLDER}", allow_module_level=True)

Json = dict[str, Any]
NOW = 1_790_000_000.0

NOT_READ: dict[tuple[str, str], str] = {}
"""(kind's id, version) that a CRD has and the kind leaves out → why."""


def _specs() -> dict[str, list[tuple[str, Json]]]:
    """Id → (folder, spec) of each release that has it."""
    found: dict[str, list[tuple[str, Json]]] = defaultdict(list)
    for folder, spec in crds.documents():
        found[f"{spec['names']['plural']}.{spec['group']}"].append((folder, spec))
    return dict(found)


_SPECS = _specs()
_REGISTERED = sorted(id for id in _SPECS if id in KINDS)
_VERSIONS = [
    pytest.param(id, folder, version["name"], id=f"{id}/{version['name']}-{folder}")
    for id, releases in sorted(_SPECS.items())
    for folder, spec in releases
    for version in spec["versions"]
    if version.get("schema")
]


@cache
def _kind(id: str, folder: str) -> AnyKind:
    """The registered kind, or what discovery would make of the CRD of `folder`."""
    if id in KINDS:
        return KINDS[id]
    spec = dict(_SPECS[id])[folder]
    stored = max(spec["versions"], key=lambda version: bool(version.get("storage")))
    kind, wrong = generic(
        Definition(
            group=spec["group"],
            plural=spec["names"]["plural"],
            name=spec["names"]["kind"],
            versions=tuple(version["name"] for version in spec["versions"]),
            namespaced=spec["scope"] == "Namespaced",
            short_names=tuple(spec["names"].get("shortNames") or ()),
            columns=tuple(
                PrinterColumn(
                    name=column["name"],
                    json_path=column["jsonPath"],
                    type=column["type"],
                    priority=column.get("priority") or 0,
                )
                for column in stored.get("additionalPrinterColumns") or ()
            ),
        )
    )
    assert wrong == ()
    return kind


def _schema(id: str, folder: str, version: str) -> Json:
    plural, _, group = id.partition(".")
    found: Json = crds.published()[group, version, plural][folder]["schema"]["openAPIV3Schema"]
    properties = {key: each for key, each in found.get("properties", {}).items() if key not in _HEAD}
    return {
        **found,
        "type": "object",
        "properties": properties,
        "required": [*set(found.get("required", ())) - _HEAD],
    }


_HEAD = {"apiVersion", "kind", "metadata"}


def _check(kind: AnyKind, obj: Json) -> None:
    """It is read, rendered and judged, and a rule takes what the schema allows."""
    head = {"name": "x", "uid": "u", "resourceVersion": "7", "generation": 2}
    row = RowDecoder(kind, "c1").row(json.dumps({**obj, "metadata": head}).encode())
    assert (row.name, row.uid, row.cluster) == ("x", "u", "c1")
    for column in kind.columns:
        value = column.value(row)
        assert isinstance(value, str | int | float | bool | None), column.key
        assert not UNSAFE.search(cell_text(value, column.format, NOW)), column.key
        assert column.level is None or isinstance(column.level(row), Level), column.key
    health = kind.health(row)
    assert isinstance(health, Health)
    assert isinstance(health.level, Level)
    assert health.reason != "not as expected"


@pytest.mark.parametrize(("id", "folder", "version"), _VERSIONS)
def test_every_kind_reads_what_the_schema_allows(id: str, folder: str, version: str) -> None:
    kind, schema = _kind(id, folder), _schema(id, folder, version)
    _check(kind, least(schema))

    @settings(max_examples=examples(5), database=None, suppress_health_check=list(HealthCheck))
    @given(st.randoms(use_true_random=False))
    def reads(random: Random) -> None:
        _check(kind, full(random, schema, kind.projection))

    reads()


@pytest.mark.parametrize("id", _REGISTERED)
def test_every_version_is_read_or_left_out_for_a_reason(id: str) -> None:
    there = {version["name"] for _, spec in _SPECS[id] for version in spec["versions"]}
    left_out = there - set(KINDS[id].versions)
    assert {version for version in left_out if (id, version) not in NOT_READ} == set()


def test_no_reason_is_given_for_a_version_that_is_read_or_unknown() -> None:
    for id, version in NOT_READ:
        assert version not in KINDS[id].versions
        assert any(version == each["name"] for _, spec in _SPECS[id] for each in spec["versions"])


_OF_A_VERSION = ("-v1beta1", "-v1alpha1")
"""`queue-v1beta1`: what told releases apart before there were versions of one CRD."""


@pytest.mark.parametrize("id", _REGISTERED)
def test_names_and_scope_are_the_crds(id: str) -> None:
    kind, specs = KINDS[id], [spec for _, spec in _SPECS[id]]
    assert {spec["names"]["kind"] for spec in specs} == {kind.name}
    assert {spec["scope"] == "Namespaced" for spec in specs} == {kind.namespaced}
    short = {name for spec in specs for name in spec["names"].get("shortNames") or ()}
    assert set(kind.short_names) == {name for name in short if not name.endswith(_OF_A_VERSION)}


_SHARED = {
    *("status.observedGeneration", "status.phase", "status.updatedReplicas", "spec.paused", "spec.clusterName"),
    *("status.failureReason", "status.failureMessage"),
    *("status.deprecated.v1beta1.failureReason", "status.deprecated.v1beta1.failureMessage"),
}
"""What a rule or a column shared by kinds reads, and some of them do not have."""
_BEYOND: dict[str, set[str]] = {
    "configupdatejobs.operations.kubeedge.io": {"status.state", "status.status"},
    "nodeupgradejobs.operations.kubeedge.io": {"status.status"},
    "devices.devices.kubeedge.io": {"twins"},
    "endpoints.submariner.io": {"spec.private_ips", "spec.public_ips", "spec.healthCheckIPs"},
    "podvolumebackups.velero.io": {"status.node"},
    "canaries.flagger.app": {"spec.canaryAnalysis"},
}
"""What a kind reads of releases whose CRDs are not here."""


def _unknown(projection: Any, schemas: list[Json], at: str = "") -> Iterator[str]:
    """Fields that are read and that no schema has, by their path."""
    reads, here = read_below(projection), [_inside(schema) for schema in schemas]
    if reads is None or not all(schema.get("properties") for schema in here):
        return
    free = any(schema.get("x-kubernetes-preserve-unknown-fields") for schema in here)
    for key, each in reads.items():
        below = [schema["properties"][key] for schema in here if key in schema["properties"]]
        if below:
            yield from _unknown(each, below, f"{at}{key}.")
        elif not free:
            yield f"{at}{key}"


def _inside(schema: Json) -> Json:
    """What the items of a list, or the values of a map, are."""
    while "properties" not in schema:
        below = schema.get("items") or schema.get("additionalProperties")
        if not isinstance(below, dict):
            break
        schema = below
    return schema


@pytest.mark.parametrize("id", [id for id in _REGISTERED if KINDS[id].row is ObjectRow])
def test_what_a_table_reads_is_in_the_schema_of_some_version(id: str) -> None:
    """A path with a slip in it would be an empty column for ever."""
    versions = [version for _, spec in _SPECS[id] for version in spec["versions"] if version.get("schema")]
    unknown = set(_unknown(KINDS[id].projection, [version["schema"]["openAPIV3Schema"] for version in versions]))
    assert {path for path in unknown if path.split(".")[0] != "metadata"} - _SHARED - _BEYOND.get(
        id, set()
    ) == set()


def test_an_object_that_is_not_what_the_schema_says_is_no_error_either() -> None:
    """What guards the check itself: a rule that does not expect an object says so, and the check would see it."""
    kind = KINDS["machinehealthchecks.cluster.x-k8s.io"]
    with pytest.raises(AssertionError):
        _check(kind, {"status": {"expectedMachines": "many", "currentHealthy": 2}})
