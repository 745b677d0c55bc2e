"""The joins of Karmada take whatever its CRDs allow, in all its releases together."""

from __future__ import annotations

from random import Random

import pytest
from msgspec.structs import replace

from kurator_tui.fleet import propagation_steps, propagations
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.karmada_propagation import KINDS
from kurator_tui.store.store import Store
from tests.contract import crds

if not crds.FOLDER.is_dir():
    pytest.skip(f"no CRDs at {crds.FOLDER}", allow_module_level=True)

from tests.contract.test_mesh_joins import LIVE, check, members


@pytest.mark.parametrize("join", [propagations.JOIN, propagation_steps.JOIN], ids=lambda join: str(join.kind.id))
@pytest.mark.parametrize("seed", range(2))
def test_rows_are_made_of_whatever_karmadas_crds_allow(join: Join, seed: int) -> None:
    store = Store()
    seen = Seen(store, lambda: 0.0, lambda *_place: ())
    for kind in KINDS:
        its = members(Random(seed), (kind,))
        seen.members = its.members
        for name in its.members:
            rows = [replace(row, uid=f"{kind.plural}/{row.uid}") for row in its.rows(kind, name)]
            store.put(kind.id, name, {row.uid: row for row in rows})
            store.set_freshness(name, kind.id, LIVE)
    for name in seen.members:
        seen.begin(name)
        made = list(join.rows(seen, name))
        assert made
        check(join.kind.id, made)
