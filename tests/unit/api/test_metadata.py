"""Metadata alone: what is asked for, and that whole objects are refused where they are secret."""

from __future__ import annotations

import msgspec
import pytest

from kurator_tui.api.metadata import METADATA, METADATA_FIRST, MetadataDecoder
from kurator_tui.errors import Broken
from kurator_tui.kinds.configuration import SECRET
from kurator_tui.kinds.core import NODE

META = {"name": "s", "namespace": "n", "uid": "u", "resourceVersion": "7"}


def page(kind: str, **more: object) -> bytes:
    return msgspec.json.encode(
        {"kind": kind, "metadata": {"resourceVersion": "7"}, "items": [{"metadata": META, **more}]}
    )


def event(kind: str, type: str = "ADDED", **more: object) -> bytes:
    return msgspec.json.encode({"type": type, "object": {"kind": kind, "metadata": META, **more}})


def test_metadata_is_read() -> None:
    decoder = MetadataDecoder(SECRET, "alpha")
    assert [row.name for row in decoder.page(page("PartialObjectMetadataList")).rows] == ["s"]
    assert decoder.event(event("PartialObjectMetadata")).row.name == "s"


def test_whole_secrets_are_refused() -> None:
    decoder = MetadataDecoder(SECRET, "alpha")
    with pytest.raises(Broken, match="alpha sends whole secrets"):
        decoder.page(page("SecretList", data={"password": "aHVudGVyMg=="}))
    with pytest.raises(Broken, match="alpha sends whole secrets"):
        decoder.event(event("Secret", data={"password": "aHVudGVyMg=="}))


def test_errors_and_bookmarks_are_of_any_kind() -> None:
    decoder = MetadataDecoder(SECRET, "alpha")
    assert decoder.event(event("Status", "ERROR")).type == "ERROR"
    assert decoder.event(event("Secret", "BOOKMARK")).resource_version == "7"


def test_whole_objects_of_other_kinds_are_read() -> None:
    assert MetadataDecoder(NODE, "alpha").event(event("Node")).row.name == "s"


def test_secrets_are_accepted_in_no_other_form() -> None:
    assert "," not in METADATA.lists + METADATA.watches
    assert METADATA_FIRST.watches.endswith(",application/json")
    assert "List" in METADATA.lists
    assert "List" not in METADATA.watches
