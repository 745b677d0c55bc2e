"""The user's columns of kinds, on the console's side: kinds, rows and feeders are told of them together."""

from __future__ import annotations

from typing import Protocol

import msgspec

from kurator_tui.kinds.arranging import Arrangements
from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.registry import readings
from kurator_tui.store.rearranging import rearrange
from kurator_tui.store.store import Store


class Told(Protocol):
    """What has the rows and the feeders: a `link.session.Session`."""

    store: Store

    def arrange(self, arrangements: bytes) -> None:
        """Tell every feeder of the user's columns."""


def tell(told: Told) -> None:
    """Tell a session that is new of the columns there are."""
    if found := readings():
        told.arrange(msgspec.json.encode(found))


def arrange(told: Told, chosen: Arrangements) -> dict[str, AnyKind]:
    """The user wants to see kinds as `chosen`, and all others as they are; those that changed, as they were."""
    read = readings()
    before = rearrange(told.store, chosen)
    if readings() != read:
        told.arrange(msgspec.json.encode(readings()))
    return before
