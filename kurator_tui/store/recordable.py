"""Rows as a recording may hold them: what they say, without what may be a secret. Pure.

Stricter than a screen, and wider than the last known rows (`store.saved`): free texts, which make a moment worth
looking at, are written with a mark for each part that looks like a secret. What names Secrets, and what users give
programs as parameters, is not written at all, nor any text field that nobody has decided about.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from msgspec import Struct, structs

from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.generic import TOLD
from kurator_tui.kinds.masked_text import SENSITIVE, masked_text
from kurator_tui.kinds.masking import MASK
from kurator_tui.kinds.table import ObjectRow
from kurator_tui.store.saved import KEPT, LEFT_OUT, URLS, nested, shape_of, text_fields

NEVER = frozenset(
    {"secret", "secret_key", "secret_prefix", "credential_secret", "control_plane"}
    | {"params", "results", "attestation", "values", "desired", "reported", "overrides"}
)
"""Fields of which nothing is written."""

Clean = Callable[[Any], Any]


def recordable(kind: AnyKind) -> Clean:
    """What turns a row of `kind` into one that may be written."""
    return _of_kind(kind.id, shape_of(kind), bool(kind.derived), _named_secret(kind))


@cache
def _of_kind(_id: str, shape: type[Struct], derived: bool, secret: frozenset[int]) -> Clean:
    clean = _of_shape(shape, derived)
    if not secret:
        return clean

    def without(row: Any) -> Any:
        cells = tuple(MASK if at in secret and value else value for at, value in enumerate(row.cells))
        return clean(structs.replace(row, cells=cells))

    return without


def _named_secret(kind: AnyKind) -> frozenset[int]:
    """Which cells of a table hold secrets, by what their columns are called."""
    if not issubclass(shape_of(kind), ObjectRow):
        return frozenset()
    own = [column for column in kind.columns if column.key not in TOLD]
    return frozenset(at for at, column in enumerate(own) if SENSITIVE.search(column.title))


@cache
def _of_shape(shape: type[Struct], derived: bool) -> Clean:
    """`derived` rows are called by sentences, objects by their names."""
    texts = text_fields(shape)
    blanks = {
        item.name: item.default
        for item in structs.fields(shape)
        if item.name in texts and (item.name in NEVER or item.name not in KEPT | LEFT_OUT | URLS)
    }
    masks = (texts & (LEFT_OUT - NEVER)) | (texts & {"name", "title"} if derived else set())
    urls = URLS & texts
    inner = {name: _of_shape(each, derived) for name, each in nested(shape).items()}

    def clean(row: Any) -> Any:
        changed = {name: blank for name, blank in blanks.items() if getattr(row, name) != blank}
        for name in masks:
            if (value := getattr(row, name)) and (found := _masked(value)) != value:
                changed[name] = found
        for name in urls:
            if "@" in getattr(row, name):
                changed[name] = ""
        for name, clean_inner in inner.items():
            changed[name] = tuple(clean_inner(item) for item in getattr(row, name))
        return structs.replace(row, **changed) if changed else row

    return clean


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return masked_text(value)
    return tuple(_masked(each) for each in value) if isinstance(value, tuple) else value
