"""Keys that will mean something in a later version: pressing one says so, instead of nothing happening.

A key that an action has (`config.actions`), by itself or by the user's key map, is never looked up here.
"""

from __future__ import annotations

from kurator_tui.config.verb_actions import VERB_ACTIONS

_MEANT = {
    "e": "Edit",
    "r": "Restart, drain",
    "i": "Set image",
    "u": "Uncordon",
    "U": "Undo",
    "C": "Copy as",
    "ctrl+p": "Go to anything",
    "ctrl+e": "Header",
}
_TAKEN = {key for action in VERB_ACTIONS for key in action.keys}

PLANNED: dict[str, str] = {key: words for key, words in _MEANT.items() if key not in _TAKEN}
"""Key -> what it will do, in one or two words."""
