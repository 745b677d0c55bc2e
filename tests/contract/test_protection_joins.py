"""The joins of policies and backups take whatever the published CRDs allow, all versions together."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from kurator_tui.fleet import backup_schedules, backups, compliance, exemptions, policies, uncovered, violations
from kurator_tui.fleet.derived import Join
from kurator_tui.kinds.base import HOST, AnyKind, Level
from kurator_tui.kinds.cells import UNSAFE, cell_text
from tests.contract import crds
from tests.contract.schema_objects import full
from tests.unit.fleet.joined import Joined, meta

if not crds.FOLDER.is_dir():
    pytest.skip(f"no CRDs at {crds.FOLDER}", allow_module_level=True)

HEAD = {"apiVersion", "kind", "metadata"}
JOINS = (
    *(policies.JOIN, violations.JOIN, compliance.JOIN, exemptions.JOIN),
    *(backups.JOIN, backup_schedules.JOIN, uncovered.JOIN),
)


def schemas(kind: AnyKind) -> list[dict[str, Any]]:
    """The schemas of `kind` in all releases, without the head that every object has."""
    found = [
        each["schema"]["openAPIV3Schema"]
        for (group, _version, plural), releases in crds.published().items()
        if (group, plural) == (kind.group, kind.plural)
        for each in releases.values()
    ]
    return [
        {
            **each,
            "type": "object",
            "properties": {key: its for key, its in each.get("properties", {}).items() if key not in HEAD},
            "required": [*set(each.get("required", ())) - HEAD],
        }
        for each in found
    ]


def filled(join: Join, random: Random) -> Joined:
    """A member and the host with three objects of each release of each kind."""
    estate = Joined(join)
    for cluster, kinds in ((HOST, join.host), ("m1", join.members)):
        for kind in kinds:
            for number, schema in enumerate(schemas(kind) * 3):
                obj = full(random, schema, kind.projection)
                head = meta("abc"[number % 3], f"ns-{number // 3}") | {"uid": f"{kind.id}/{number}"}
                estate.put(kind, {**obj, "metadata": head}, cluster)
    return estate


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("join", JOINS, ids=lambda join: join.kind.id)
def test_joins_take_what_the_schemas_allow(join: Join, seed: int) -> None:
    """Rows are told apart, judged, and nothing in them acts on a terminal."""
    estate = filled(join, Random(f"{join.kind.id}/{seed}"))
    for cluster in (HOST, "m1"):
        for row in estate.rows(cluster):
            assert isinstance(join.kind.health(row).level, Level)
            for column in join.kind.columns:
                text = cell_text(column.value(row), column.format, estate.now)
                assert not UNSAFE.search(text), (column.key, text)


def test_every_kind_that_is_read_of_these_systems_has_a_schema() -> None:
    groups = ("kyverno.io", "policies.kyverno.io", "wgpolicyk8s.io", "velero.io", "backup.kurator.dev")
    read = {kind for join in JOINS for kind in (*join.host, *join.members) if kind.group in groups}
    assert len(read) >= 12
    assert [kind.id for kind in read if not schemas(kind)] == []
