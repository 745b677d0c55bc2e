"""Keys that will mean something in a later version: pressing one says so, instead of nothing happening.

A key that an action has (`config.actions`), by itself or by the user's key map, is never looked up here.
"""

from __future__ import annotations

PLANNED: dict[str, str] = {
    "d": "Describe",
    "y": "YAML",
    "e": "Edit",
    "p": "Previous logs",
    "s": "Shell, scale",
    "v": "Events",
    "L": "Merged logs",
    "r": "Restart, drain",
    "i": "Set image",
    "u": "Uncordon",
    "n": "Namespaces",
    "o": "Node of",
    "J": "Owner of",
    "U": "Undo",
    "C": "Copy as",
    "space": "Mark",
    "ctrl+at": "Mark range",
    "ctrl+backslash": "Clear marks",
    "ctrl+k": "Delete",
    "delete": "Delete",
    "equals_sign": "Diff",
    "ctrl+p": "Go to anything",
    "ctrl+e": "Header",
    "ctrl+s": "Export",
}
"""Key -> what it will do, in one or two words."""
