"""An estate with whatever the published CRDs allow of the kinds that a join reads, all versions together."""

from __future__ import annotations

from random import Random
from typing import Any

from kurator_tui.fleet.join import Join
from kurator_tui.kinds.base import HOST, AnyKind
from tests.contract import crds
from tests.contract.schema_objects import full
from tests.unit.fleet.joined import Joined, meta

HEAD = {"apiVersion", "kind", "metadata"}


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
