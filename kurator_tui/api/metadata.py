"""Asking for the metadata of objects alone: what is accepted of a server, and what reads no more than that.

A server's lists and watches have names of their own for this form; asked for a list's in a watch it refuses.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from kurator_tui.errors import Broken
from kurator_tui.kinds.base import P, R
from kurator_tui.kinds.decode import Page, RowDecoder, WatchEvent


class Accept(NamedTuple):
    """The Accept headers of a kind's lists and of its watches."""

    lists: str
    watches: str


_FORM = "application/json;as={};v=v1;g=meta.k8s.io"
OBJECTS = Accept("application/json", "application/json")
METADATA = Accept(_FORM.format("PartialObjectMetadataList"), _FORM.format("PartialObjectMetadata"))
"""Nothing else will do: a server that cannot answers 406, and whole objects are not sent."""
METADATA_FIRST = Accept(f"{METADATA.lists},application/json", f"{METADATA.watches},application/json")
"""Whole objects where the server knows no other form: for what is no secret."""


class _Kind(msgspec.Struct):
    kind: str = ""


class _Event(msgspec.Struct):
    type: str = ""
    object: _Kind = msgspec.field(default_factory=_Kind)


_page = msgspec.json.Decoder(_Kind)
_event = msgspec.json.Decoder(_Event)


class MetadataDecoder(RowDecoder[P, R]):
    """Refuses whole objects of a kind that is `metadata_only`: a proxy that drops the header would bring them.

    `page` and `event` raise `Broken` for them, else as those of `RowDecoder`.
    """

    def page(self, raw: bytes) -> Page:
        if self.kind.metadata_only and _page.decode(raw).kind != "PartialObjectMetadataList":
            raise self._whole()
        return super().page(raw)

    def event(self, line: bytes) -> WatchEvent:
        if not self.kind.metadata_only:
            return super().event(line)
        found = _event.decode(line)
        if found.type not in ("ERROR", "BOOKMARK") and found.object.kind != "PartialObjectMetadata":
            raise self._whole()
        return super().event(line)

    def _whole(self) -> Broken:
        return Broken(
            f"{self.cluster} sends whole {self.kind.plural} where their metadata alone was asked for: not read.",
            "Something between here and the API server drops the Accept header.",
        )
