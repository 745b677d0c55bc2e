"""Rows of many clusters out of one answer: what karmada-search sends, each object with the name of its cluster."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import structs

from kurator_tui.api.metadata import MetadataDecoder
from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.kinds.decode import Page, WatchEvent
from kurator_tui.kinds.karmada import origin_of_event, origins_of_list


class MergedDecoder(MetadataDecoder[msgspec.Struct, Row]):
    """Rows of many clusters; `names` maps Karmada's names to ours. What belongs to none of them is left out."""

    def __init__(self, kind: AnyKind, names: Mapping[str, str]) -> None:
        super().__init__(kind, "")
        self._names = names

    def page(self, raw: bytes) -> Page:
        """As `RowDecoder.page`."""
        page = super().page(raw)
        placed = [self._placed(row, origin) for row, origin in zip(page.rows, origins_of_list(raw), strict=True)]
        return Page([row for row in placed if row is not None], page.resource_version, page.continue_token)

    def event(self, line: bytes) -> WatchEvent:
        """As `RowDecoder.event`; without a row for a cluster that is not ours."""
        event = super().event(line)
        if event.row is not None:
            event.row = self._placed(event.row, origin_of_event(line))
        return event

    def _placed(self, row: Row, origin: str) -> Row | None:
        cluster = self._names.get(origin)
        return None if cluster is None else structs.replace(row, cluster=cluster)
