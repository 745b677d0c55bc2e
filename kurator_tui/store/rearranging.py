"""Other columns of kinds, and the rows that are there already: in a console's store and in a feeder's."""

from __future__ import annotations

from functools import partial

from kurator_tui.kinds.arranging import Arrangements, reshaped, same_values
from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.registry import KINDS, arrange
from kurator_tui.store.store import Store


def rearrange(store: Store, chosen: Arrangements) -> dict[str, AnyKind]:
    """The user wants to see kinds as `chosen`; those that changed, as they were.

    Rows stay. What they hold for the user's columns is of the columns before, and goes: it is read again.
    """
    before = arrange(chosen)
    for id, kind in before.items():
        if not same_values(kind, KINDS[id]):
            store.remake(id, partial(reshaped, kind=KINDS[id]))
    store.flush()
    return before
