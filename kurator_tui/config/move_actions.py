"""Actions that move the cursor, and counts for them. Entries only."""

from __future__ import annotations

from kurator_tui.config.action import COMPARISON, COST, DIFFERENCES, LOGS, MOVE_GROUP, Action, needs_detail
from kurator_tui.config.metrics_actions import METRICS
from kurator_tui.config.rollout_actions import ROLLOUT, ROLLOUTS
from kurator_tui.config.verb_actions import AUDIT


def _count(digit: int) -> Action:
    return Action(
        f"count.{digit}",
        str(digit),
        f"Count {digit} for the next move",
        MOVE_GROUP,
        (f"alt+{digit}",),
        does="count",
        value=str(digit),
    )


MOVE_ACTIONS = (
    Action("move.down", "Down", "Down one line", MOVE_GROUP, ("j", "down")),
    Action("move.up", "Up", "Up one line", MOVE_GROUP, ("k", "up")),
    Action("move.left", "Left", "Columns to the left", MOVE_GROUP, ("h", "left")),
    Action("move.right", "Right", "Columns to the right", MOVE_GROUP, ("right",)),
    Action(
        "move.right.vi",
        "Right",
        "Columns to the right",
        MOVE_GROUP,
        ("l",),
        frozenset({"fleets", "clusters", METRICS, ROLLOUTS, ROLLOUT, AUDIT, COST, COMPARISON, DIFFERENCES, LOGS}),
        does="move_right",
    ),
    Action("move.top", "Top", "First line", MOVE_GROUP, ("g", "home")),
    Action("move.bottom", "Bottom", "Last line", MOVE_GROUP, ("G", "end")),
    Action("page.down", "Page down", "Down one page", MOVE_GROUP, ("ctrl+f", "pagedown")),
    Action("page.up", "Page up", "Up one page", MOVE_GROUP, ("ctrl+b", "pageup")),
    Action("half.down", "Half down", "Down half a page", MOVE_GROUP, ("ctrl+d",)),
    Action("half.up", "Half up", "Up half a page", MOVE_GROUP, ("ctrl+u",)),
    Action(
        "focus.next", "Other pane", "Between the table and its details", MOVE_GROUP, ("tab",), off=needs_detail
    ),
    *(_count(digit) for digit in range(10)),
)
