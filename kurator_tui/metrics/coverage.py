"""Which members a Thanos has live metrics of: those whose sidecar is connected and well. Pure but for `read`.

A sidecar that dies is warned of for seconds only, while its cluster stays missing from every answer: so the list
of stores is compared with the members (kurator-api §6.4). Buckets list clusters as well; they hold the past only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from kurator_tui.kinds.cells import inert
from kurator_tui.metrics.answers import LONGEST_TEXT, Payload, decoded

if TYPE_CHECKING:
    from kurator_tui.metrics.service import Metrics

PAST_ONLY = frozenset(("store", "rule"))
"""Components whose clusters are known without anything of them being scraped now."""


class Store(msgspec.Struct, rename="camel"):
    """One entry of /api/v1/stores; times in milliseconds."""

    name: str = ""
    last_error: str | None = None
    label_sets: list[dict[str, str]] = []
    max_time: int = 0


@dataclass(frozen=True, slots=True)
class Coverage:
    """Values of the label `cluster`: `live`, and of those that fail the store's error."""

    live: frozenset[str] = frozenset()
    failing: Mapping[str, str] = field(default_factory=dict)
    past: frozenset[str] = frozenset()
    """Known to buckets only."""
    addresses: Mapping[str, str] = field(default_factory=dict)
    """Where Thanos asks the sidecar of a cluster, live or failing."""

    def gap(self, cluster: str) -> str:
        """Why there are no live metrics of a cluster; "" when there are."""
        if cluster in self.live:
            return ""
        if cluster in self.failing:
            return f"its sidecar fails: {self.failing[cluster]}"
        if cluster in self.past:
            return "no sidecar: only the bucket knows it"
        return "Thanos knows no sidecar of it"


def covered(stores: Mapping[str, Sequence[Store]]) -> Coverage:
    """What the stores, by component, cover."""
    live: set[str] = set()
    past: set[str] = set()
    failing: dict[str, str] = {}
    addresses: dict[str, str] = {}
    for component, entries in stores.items():
        for store in entries:
            clusters = {labels["cluster"] for labels in store.label_sets if labels.get("cluster")}
            if component not in PAST_ONLY:
                addresses.update(dict.fromkeys(clusters, inert(store.name[:LONGEST_TEXT])))
            if component in PAST_ONLY:
                past |= clusters
            elif store.last_error:
                error = inert(store.last_error[:LONGEST_TEXT])
                failing.update(dict.fromkeys(clusters, error))
            else:
                live |= clusters
    return Coverage(
        frozenset(live),
        {cluster: error for cluster, error in failing.items() if cluster not in live},
        frozenset(past),
        addresses,
    )


def parse(payload: Payload, where: str) -> Coverage:
    """The coverage in an answer of /api/v1/stores. Raises Broken."""
    found: dict[str, list[Store] | None] = decoded(payload, dict[str, list[Store] | None], where)
    return covered({component: entries or [] for component, entries in found.items()})


async def read(metrics: Metrics) -> Coverage:
    """Ask for the stores. Raises ConsoleError; NotFound where a plain Prometheus answers, which has none."""
    return parse(await metrics.get("stores"), metrics.name)
