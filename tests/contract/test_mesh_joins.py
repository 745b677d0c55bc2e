"""The joins of traffic and of Submariner take whatever the published CRDs allow, all versions together."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from kurator_tui.fleet import exported, interconnect, link_matrix, traffic
from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import AnyKind, Level, Row
from kurator_tui.kinds.cells import UNSAFE, cell_text
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.istio import (
    DESTINATION_RULE,
    GATEWAY,
    PEER_AUTHENTICATION,
    SERVICE_ENTRY,
    VIRTUAL_SERVICE,
)
from kurator_tui.kinds.registry import KINDS
from kurator_tui.kinds.submariner import ENDPOINT, SERVICE_EXPORT, SERVICE_IMPORT
from kurator_tui.kinds.submariner import GATEWAY as SUBMARINER_GATEWAY
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store
from tests.contract import crds
from tests.contract.schema_objects import full

if not crds.FOLDER.is_dir():
    pytest.skip(f"no CRDs at {crds.FOLDER}", allow_module_level=True)

ISTIO = (VIRTUAL_SERVICE, DESTINATION_RULE, GATEWAY, SERVICE_ENTRY, PEER_AUTHENTICATION)
SUBMARINER = (SUBMARINER_GATEWAY, ENDPOINT, SERVICE_EXPORT, SERVICE_IMPORT)
LIVE = Freshness(State.LIVE, 1.0)
HEAD = {"apiVersion", "kind", "metadata"}


def schemas(kind: AnyKind) -> list[dict[str, Any]]:
    """The schemas of `kind` in all releases, without the head that every object has."""
    found = []
    for (group, _version, plural), releases in crds.published().items():
        if (group, plural) == (kind.group, kind.plural):
            found += [each["schema"]["openAPIV3Schema"] for each in releases.values()]
    assert found, kind.id
    return [
        {
            **each,
            "type": "object",
            "properties": {key: its for key, its in each.get("properties", {}).items() if key not in HEAD},
            "required": [*set(each.get("required", ())) - HEAD],
        }
        for each in found
    ]


def members(random: Random, kinds: tuple[AnyKind, ...]) -> Seen:
    """Two members that hold three objects of each release of `kinds`."""
    store = Store()
    seen = Seen(store, lambda: 0.0, lambda *_place: ())
    seen.members = {name: Member(name, "AttachedCluster") for name in ("m1", "m2")}
    for name in seen.members:
        store.set_freshness(name, "", LIVE)
        for kind in kinds:
            store.set_freshness(name, kind.id, LIVE)
            for number, schema in enumerate(schemas(kind) * 3):
                obj = full(random, schema, kind.projection)
                meta = {"name": f"{'abc'[number % 3]}", "namespace": f"ns-{number // 3}", "uid": f"{number}"}
                row = RowDecoder(kind, name).row(json.dumps({**obj, "metadata": meta}).encode())
                store.put(kind.id, name, {row.uid: row})
        seen.begin(name)
    return seen


def check(kind: str, rows: list[Row]) -> None:
    """Rows are told apart, judged, and nothing in them acts on a terminal."""
    assert len({row.key for row in rows}) == len(rows)
    shown = KINDS[kind]
    for row in rows:
        assert isinstance(shown.health(row).level, Level)
        for column in shown.columns:
            assert not UNSAFE.search(cell_text(column.value(row), column.format, 0.0))


@pytest.mark.parametrize("seed", range(12))
def test_hosts_and_trees_are_made_of_whatever_istios_crds_allow(seed: int) -> None:
    seen = members(Random(seed), ISTIO)
    for name in seen.members:
        check("traffichosts", list(traffic.host_rows(seen, name)))
        check("traffic", list(traffic.tree_rows(seen, name)))


@pytest.mark.parametrize("seed", range(12))
def test_links_and_services_are_made_of_whatever_submariners_crds_allow(seed: int) -> None:
    seen = members(Random(seed), SUBMARINER)
    for name in seen.members:
        check("links", list(interconnect.rows(seen, name)))
        check("linkmatrix", list(link_matrix.rows(seen, name)))
        check("exportedservices", list(exported.rows(seen, name)))
