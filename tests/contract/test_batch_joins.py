"""The joins of batch work take whatever the CRDs of Volcano allow, in all its releases together."""

from __future__ import annotations

from random import Random

import pytest

from kurator_tui.fleet import batch_jobs, batch_queues
from kurator_tui.fleet.join import Join
from kurator_tui.kinds.volcano import JOB, POD_GROUP, QUEUE
from tests.contract import crds

if not crds.FOLDER.is_dir():
    pytest.skip(f"no CRDs at {crds.FOLDER}", allow_module_level=True)

from tests.contract.test_mesh_joins import check, members


@pytest.mark.parametrize("join", [batch_queues.JOIN, batch_jobs.JOIN], ids=lambda join: str(join.kind.id))
@pytest.mark.parametrize("seed", range(2))
def test_rows_are_made_of_whatever_volcanos_crds_allow(join: Join, seed: int) -> None:
    seen = members(Random(seed), (JOB, QUEUE, POD_GROUP))
    for name in seen.members:
        rows = list(join.rows(seen, name))
        assert rows
        check(join.kind.id, rows)
