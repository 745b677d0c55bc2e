"""A screen that shows what a key changed in the turn of the loop that handled the key.

Textual passes a repaint on from widget to screen to timer, a turn of the loop each; under load other work gets in
between. This uses its private `Screen._on_timer_update`, which is what the timer would call in the end.
"""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.screen import Screen

from kurator_tui.widgets.covered import Covered


class PromptScreen(Covered, Screen[None], inherit_bindings=False):
    """Keys are answered at once; everything else is painted when Textual comes to it."""

    async def on_event(self, event: events.Event) -> None:
        await super().on_event(event)
        if isinstance(event, events.Key):
            self._paint_now(event)

    def _paint_now(self, key: events.Key) -> None:
        """Paint the widgets that ask for it, unless a key waits behind `key`, or the layout has to change."""
        seen = self._compositor.visible_widgets
        if self._key_waits(behind=key) or any(node._layout_required or node._scroll_required for node in seen):
            return
        wanting = [widget for widget in seen if widget._repaint_required and widget is not self]
        for widget in wanting:
            widget._repaint_required = False
        self._dirty_widgets.update(wanting)
        if self._dirty_widgets:
            self._on_timer_update()

    def _key_waits(self, behind: events.Key) -> bool:
        """Whether a key came meanwhile: one frame shows what both did."""
        waiting: tuple[Message | None, ...] = (*self._message_queue.values, *self.app._message_queue.values)
        return any(isinstance(message, events.Key) and message is not behind for message in waiting)
