"""Every join takes whatever the published CRDs allow; of systems without any there, that nothing is known."""

from __future__ import annotations

from random import Random

import pytest

from kurator_tui.fleet.derivations import JOINS
from kurator_tui.fleet.join import Join
from kurator_tui.kinds.base import HOST, Level
from kurator_tui.kinds.cells import UNSAFE, cell_text
from tests.contract import crds
from tests.contract.filled import filled, schemas

if not crds.FOLDER.is_dir():
    pytest.skip(f"no CRDs at {crds.FOLDER}", allow_module_level=True)


@pytest.mark.parametrize("seed", range(3))
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


def test_every_kind_that_is_read_of_policies_and_backups_has_a_schema() -> None:
    groups = ("kyverno.io", "policies.kyverno.io", "wgpolicyk8s.io", "velero.io", "backup.kurator.dev")
    read = {kind for join in JOINS for kind in (*join.host, *join.members) if kind.group in groups}
    assert len(read) >= 12
    assert [kind.id for kind in read if not schemas(kind)] == []
