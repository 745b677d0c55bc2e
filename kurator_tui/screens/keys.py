"""From a key press to a request, with the count typed before it. Pure: no screen is known here.

A digit that opens another screen opens it. Any other digit starts or continues a count for the next move (`5j`),
and so does Alt with any digit (`Alt-1 Alt-0 j`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kurator_tui.config.actions import Action, Context
from kurator_tui.config.keymap import Keymap

KeyText = Callable[[Action], list[str]]
"""The keys of an action as people write them."""

MOST = 9999
"""The greatest count."""


@dataclass(frozen=True, slots=True)
class Request:
    """What an action is asked with: how often, and the argument typed in the command bar."""

    count: int = 1
    argument: str = ""


class Keys:
    """The key map together with the count typed so far."""

    def __init__(self, keymap: Keymap) -> None:
        self.keymap = keymap
        self.count = ""
        """Digits typed for the next move."""

    def press(self, key: str, context: Context) -> tuple[Action, Request] | None:
        """The action of `key` in this context, or None when it was a digit of a count or means nothing."""
        action = self.keymap.action(context.view, key, context.object_kind or context.kind)
        digit = self._digit(key, action, context)
        if digit is not None:
            self.count = str(min(MOST, int(self.count + digit)))
            return None
        count, self.count = int(self.count or 1), ""
        return None if action is None else (action, Request(max(1, count), action.value))

    def _digit(self, key: str, action: Action | None, context: Context) -> str | None:
        if action is not None and action.does == "count":
            return action.value
        if not (len(key) == 1 and key in "0123456789"):
            return None
        if action is None or (key == "0" and self.count):
            return key
        here = action.value == context.view and context.home in ("", context.view)  # else it leads to a section
        opens = action.does == "screen" and action.off(context) is None and not here
        return None if opens or action.does != "screen" else key
