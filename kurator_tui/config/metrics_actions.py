"""Actions of metrics: what opens a page of charts from a row, and what can be done there. Entries only."""

from __future__ import annotations

from kurator_tui.config.action import (
    CHARTS,
    EVIDENCE,
    MOVE_GROUP,
    ROW_GROUP,
    VIEW_GROUP,
    WORKLOADS,
    Action,
    Context,
    needs_row,
)
from kurator_tui.config.rollout_actions import ROLLOUT, ROLLOUTS
from kurator_tui.config.triage_actions import TRIAGE

METRICS = "metrics"
"""The overview: a row a cluster."""
CLUSTER_ROWS = frozenset({"clusters", METRICS})
"""Kinds whose rows are clusters."""
MEASURED = (
    CLUSTER_ROWS
    | frozenset({"pods", "nodes", "rollouts", "canaries.flagger.app", "jobs.batch", "jobs.batch.volcano.sh"})
    | {f"{plural}.apps" for plural in ("deployments", "statefulsets", "daemonsets", "replicasets")}
)
"""Kinds whose rows a page of charts is about."""

_TABLES = frozenset({"clusters", METRICS, WORKLOADS, ROLLOUTS, ROLLOUT, TRIAGE, EVIDENCE})
_HERE = frozenset({CHARTS})


def _needs_measured(context: Context) -> str | None:
    return needs_row(context) if context.kinds & MEASURED else "no page of charts is about these"


def _move(id: str, label: str, description: str, *keys: str) -> Action:
    return Action(f"chart.{id}", label, description, MOVE_GROUP, keys, _HERE)


def _view(
    id: str, label: str, description: str, *keys: str, footer: int = 0, command: str = "", argument: str = ""
) -> Action:
    commands = (command,) if command else ()
    return Action(
        f"chart.{id}",
        label,
        description,
        VIEW_GROUP,
        keys,
        _HERE,
        commands=commands,
        argument=argument,
        footer=footer,
        menu=True,
    )


METRICS_ACTIONS = (
    Action(
        "metrics.row",
        "Metrics",
        "Charts of the row: its cluster, node, workload or rollout",
        ROW_GROUP,
        ("M",),
        _TABLES,
        _needs_measured,
        menu=True,
    ),
    _move("next", "Next chart", "The next chart", "tab"),
    _move("before", "Chart before", "The chart before", "shift+tab"),
    _move("down", "Down", "The chart below; of one chart, the next line", "down"),
    _move("up", "Up", "The chart above; of one chart, the line before", "up"),
    _move("left", "Left", "The chart to the left; of one chart, the cursor back in time", "left"),
    _move("right", "Right", "The chart to the right; of one chart, the cursor on in time", "right"),
    _move("cursor.back", "Cursor back", "The cursor back in time", "h"),
    _move("cursor.on", "Cursor on", "The cursor on in time", "l"),
    _move("series.next", "Next line", "Mark the next line of the chart; the others are muted", "j"),
    _move("series.before", "Line before", "Mark the line before; before the first, none", "k"),
    _view("zoom", "Zoom", "One chart on the whole screen with all its values, and back", "enter", footer=1),
    _view("filter", "Lines", "Only lines whose name has these words", "slash", footer=2),
    _view("shorter", "Shorter", "A shorter time: 7d, 24h, 6h, 1h, 15m", "left_square_bracket", footer=3),
    _view("longer", "Longer", "A longer time: 15m, 1h, 6h, 24h, 7d", "right_square_bracket", footer=3),
    _view("earlier", "Earlier", "Half a picture back in time", "less_than_sign", footer=7),
    _view("later", "Later", "Half a picture on in time", "greater_than_sign"),
    _view("now", "Now", "Up to now, moving on, and no cursor", "full_stop", footer=8),
    _view("yesterday", "Yesterday", "The same time a day before, behind the lines", "y", footer=6),
    _view("page.next", "Next page", "The next page of charts", "n", footer=2),
    _view("page.before", "Page before", "The page of charts before", "p"),
    _view("page.pick", "Pages", "Choose a page of charts", "o", footer=4),
    _view("clusters", "Clusters", "Pick the clusters whose lines are drawn", "at"),
    _view("query", "Query", "Query, source, warnings and what is missing of the chart", "q", footer=4),
    _view("copy", "Copy query", "Copy the chart's query to the terminal's clipboard", "c"),
)
"""In the order help shows them."""
