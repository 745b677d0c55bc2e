"""Actions of reading one object: what opens it from a table, and what can be done while it is read."""

from __future__ import annotations

from kurator_tui.config.action import READING, ROW_GROUP, VIEW_GROUP, Action, Context, needs_row

_HERE = frozenset({READING})


def _needs_secret(context: Context) -> str | None:
    return None if "secrets" in context.kinds else "only values of Secrets are hidden"


OPENING = (
    Action(
        "read.describe",
        "Describe",
        "Describe the object: state, fields, conditions, owners, events",
        ROW_GROUP,
        ("d",),
        off=needs_row,
        footer=2,
        menu=True,
        does="read",
        value="describe",
    ),
    Action(
        "read.yaml",
        "YAML",
        "The object as YAML, live",
        ROW_GROUP,
        ("y",),
        off=needs_row,
        footer=2,
        menu=True,
        does="read",
        value="yaml",
    ),
    Action(
        "read.events",
        "Events",
        "Events of the object and of what it makes",
        ROW_GROUP,
        ("v",),
        off=needs_row,
        footer=2,
        menu=True,
        does="read",
        value="events",
    ),
)
"""In every view with rows, and between the tabs while reading."""

READING_ACTIONS = (
    *OPENING,
    Action("read.next", "Next tab", "The next of describe, YAML and events", VIEW_GROUP, ("tab",), _HERE),
    Action(
        "find",
        "Find",
        "Find text; /regex/ for a pattern",
        VIEW_GROUP,
        ("slash",),
        _HERE,
        footer=3,
        menu=True,
    ),
    Action("find.next", "Next match", "The next match", VIEW_GROUP, ("n",), _HERE),
    Action("find.previous", "Match before", "The match before", VIEW_GROUP, ("N",), _HERE),
    Action("read.copy", "Copy", "Copy the text to the terminal's clipboard", VIEW_GROUP, ("c",), _HERE, menu=True),
    Action(
        "read.reveal",
        "Reveal",
        "Show the value of the key under the cursor for ten seconds",
        VIEW_GROUP,
        ("x",),
        _HERE,
        _needs_secret,
        footer=3,
        menu=True,
    ),
    Action("read.wrap", "Wrap", "Fold long lines, or cut them", VIEW_GROUP, ("w",), _HERE, footer=5, menu=True),
    Action(
        "read.managed",
        "Managed fields",
        "Show or fold managedFields",
        VIEW_GROUP,
        ("M",),
        _HERE,
        footer=0,
        menu=True,
    ),
    Action(
        "read.order",
        "Order",
        "Newest or oldest events first",
        VIEW_GROUP,
        ("O",),
        _HERE,
        menu=True,
    ),
    Action("read.close", "Close", "Back to the table", VIEW_GROUP, ("q",), _HERE),
)
"""In the order help shows them."""
