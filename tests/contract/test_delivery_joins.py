"""The joins of delivery take whatever the published CRDs of Kurator and Flux allow, all versions together."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from kurator_tui.fleet import deliveries, delivery_steps
from kurator_tui.fleet.application_plan import flux_name, policy_name
from kurator_tui.kinds.base import HOST, AnyKind
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.flux import GIT_REPOSITORY, HELM_RELEASE, HELM_REPOSITORY, KUSTOMIZATION, OCI_REPOSITORY
from kurator_tui.kinds.kurator_apps import APPLICATION
from kurator_tui.kinds.table import ObjectRow, part
from tests.contract import crds
from tests.contract.schema_objects import full
from tests.unit.fleet.delivery_estate import DeliveryEstate

if not crds.FOLDER.is_dir():
    pytest.skip(f"no CRDs at {crds.FOLDER}", allow_module_level=True)

from tests.contract.test_mesh_joins import check, schemas

LABEL = "apps.kurator.dev/app-name"


def put(
    estate: DeliveryEstate, random: Random, kind: AnyKind, name: str, application: str, **spec: Any
) -> ObjectRow:
    """A random object of `kind` that says it is of an Application; `spec` is what it has in any case."""
    obj = full(random, random.choice(schemas(kind)), kind.projection)
    meta = {"name": name, "namespace": "apps", "uid": f"{kind.name}/{name}", "labels": {LABEL: application}}
    told = {**(obj.get("spec") or {}), **spec}
    row: ObjectRow = RowDecoder(kind, HOST).row(json.dumps({**obj, "spec": told, "metadata": meta}).encode())
    estate.store.put(kind.id, HOST, {row.uid: row})
    return row


def deployed(random: Random) -> DeliveryEstate:
    """Applications with what Kurator makes of them: a source, and a Flux object for each policy and member."""
    estate = DeliveryEstate()
    for number in range(6):
        name = f"app-{number}"
        application = put(estate, random, APPLICATION, name, name, destination={"fleet": "prod"})
        for kind in (GIT_REPOSITORY, HELM_REPOSITORY, OCI_REPOSITORY):
            if random.random() < 0.8:
                put(estate, random, kind, name, name)
        for index, policy in enumerate(part(APPLICATION, application, "policies") or ()):
            for member in ("m1", "m2"):
                made = flux_name(policy_name(application, index, policy), "AttachedCluster", member)
                put(estate, random, random.choice((KUSTOMIZATION, HELM_RELEASE)), made, name)
        put(estate, random, KUSTOMIZATION, f"{name}-left-attachedcluster-m1", name)
    estate.seen.shared_changed()
    return estate


@pytest.mark.parametrize("seed", range(12))
def test_deliveries_and_their_chains_are_made_of_whatever_the_crds_allow(seed: int) -> None:
    estate = deployed(Random(seed))
    for cluster in (HOST, "m1", "m2"):
        estate.seen.begin(cluster)
        check("deliveries", list(deliveries.rows(estate.seen, cluster)))
        lines = list(delivery_steps.rows(estate.seen, cluster))
        check("deliverysteps", lines)
    assert len(estate.deliveries("m1")) >= 6
