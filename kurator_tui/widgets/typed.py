"""What is typed acts in the order in which it was typed: over a slow line many keys come in one burst.

Textual gives printable keys to the line that has the focus, which takes them when it has its turn. Keys that edit
it pass through all that is above it first, and those of bindings with priority are looked for before either.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from textual import events
from textual.binding import Binding
from textual.widgets import Input

PATIENCE = 5.0
"""Seconds after which a line that takes nothing is given up: the key is lost, nothing is done with half a text."""
EDITING = {
    key: binding.action
    for binding in Input.BINDINGS
    if isinstance(binding, Binding) and binding.action not in ("submit", "copy")
    for key in binding.key.split(",")
}
"""Keys that edit the text -> action of the input. Ctrl-C leaves, here as everywhere."""


class TypedInput(Input):
    """A line in which keys that edit it have their turn among the others."""

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and event.key in EDITING:
            event.stop()
            event.prevent_default()
            await self.run_action(EDITING[event.key])
            return
        await super().on_event(event)


async def taken(entries: Iterable[TypedInput]) -> bool:
    """Wait until `entries` hold what was typed into them so far; whether they do.

    For keys with priority, before they do anything with what stands there.
    """
    for entry in entries:
        done = asyncio.Event()
        if not entry.call_later(done.set):  # it is being closed
            return False
        try:
            await asyncio.wait_for(done.wait(), PATIENCE)
        except TimeoutError:
            return False
    return True
