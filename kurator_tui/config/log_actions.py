"""Actions of logs: what opens them from a table, and what can be done while they are read. Entries only."""

from __future__ import annotations

from kurator_tui.config.action import (
    EVIDENCE,
    LOGS,
    READING,
    ROW_GROUP,
    VIEW_GROUP,
    WORKLOADS,
    Action,
    Context,
    needs_row,
)
from kurator_tui.config.triage_actions import TRIAGE

LOGGED = frozenset(
    {"pods", "nodes", "namespaces", "services"}
    | {f"{plural}.apps" for plural in ("deployments", "statefulsets", "daemonsets", "replicasets")}
    | {"jobs.batch", "cronjobs.batch", "rollouts.argoproj.io", "jobs.batch.volcano.sh"}
    | {"taskruns.tekton.dev", "pipelineruns.tekton.dev"}
)
"""Kinds whose objects are pods, or say which pods are theirs."""
RANGES = (
    ("0", "tail", "The newest lines"),
    ("1", "head", "From the beginning"),
    ("2", "1m", "The last minute"),
    ("3", "5m", "The last 5 minutes"),
    ("4", "15m", "The last 15 minutes"),
    ("5", "30m", "The last 30 minutes"),
    ("6", "1h", "The last hour"),
)
"""Key, value of the action, description."""

_TABLES = frozenset({WORKLOADS})
_OBJECTS = frozenset({WORKLOADS, READING, TRIAGE, EVIDENCE})
_HERE = frozenset({LOGS})


def _needs_logged(context: Context) -> str | None:
    return needs_row(context) if context.kinds & LOGGED else "these have no logs"


def _range(key: str, value: str, description: str) -> Action:
    return Action(
        f"log.range.{value}", value, description, VIEW_GROUP, (key,), _HERE, does="log_range", value=value
    )


OPENING = (
    Action(
        "logs",
        "Logs",
        "Logs of the row, or of the marked rows",
        ROW_GROUP,
        ("l",),
        _OBJECTS,
        _needs_logged,
        footer=2,
        menu=True,
        does="open_logs",
    ),
    Action(
        "logs.previous",
        "Previous logs",
        "Logs of the containers before their last restart",
        ROW_GROUP,
        ("p",),
        _OBJECTS,
        _needs_logged,
        menu=True,
        does="open_previous",
    ),
    Action(
        "logs.merged",
        "Merged logs",
        "Logs of the same in every cluster in scope, merged by time",
        ROW_GROUP,
        ("L",),
        _TABLES,
        _needs_logged,
        menu=True,
        does="open_merged",
    ),
)

LOG_ACTIONS = (
    *OPENING,
    Action(
        "log.follow", "Follow", "Follow the end, or stay here", VIEW_GROUP, ("f", "s"), _HERE, footer=1, menu=True
    ),
    Action("log.include", "Only", "Only lines with /regex/", VIEW_GROUP, ("slash",), _HERE, footer=2, menu=True),
    Action(
        "log.exclude",
        "Without",
        "No lines with a regex",
        VIEW_GROUP,
        ("exclamation_mark",),
        _HERE,
        footer=2,
        menu=True,
    ),
    Action(
        "log.highlight", "Find", "Mark a regex in all lines", VIEW_GROUP, ("asterisk",), _HERE, footer=2, menu=True
    ),
    Action("log.next", "Next match", "The next line that was searched for", VIEW_GROUP, ("n",), _HERE),
    Action("log.before", "Match before", "The line before that was searched for", VIEW_GROUP, ("N",), _HERE),
    Action(
        "log.previous",
        "Previous",
        "The instance before the last restart, or this one",
        VIEW_GROUP,
        ("p",),
        _HERE,
        footer=3,
        menu=True,
    ),
    *(_range(*one) for one in RANGES),
    Action(
        "log.since",
        "Since",
        "Lines of the last 10m, 2h, 1d, or since a time",
        VIEW_GROUP,
        (),
        _HERE,
        commands=("since",),
        argument="DURATION|TIME",
    ),
    Action(
        "log.until",
        "Until",
        "Lines up to 10m ago, or up to a time; without one, up to now",
        VIEW_GROUP,
        (),
        _HERE,
        commands=("until",),
        argument="DURATION|TIME",
    ),
    Action(
        "log.tail",
        "Tail",
        "So many of the newest lines of each container",
        VIEW_GROUP,
        (),
        _HERE,
        commands=("tail",),
        argument="LINES",
    ),
    Action("log.timestamps", "Times", "Show or hide times", VIEW_GROUP, ("t",), _HERE, footer=6, menu=True),
    Action("log.zone", "Zone", "Times here, or UTC", VIEW_GROUP, ("z",), _HERE, menu=True),
    Action("log.wrap", "Wrap", "Fold long lines, or cut them", VIEW_GROUP, ("w",), _HERE, footer=6, menu=True),
    Action("log.names", "Names", "Show or hide whose a line is", VIEW_GROUP, ("o",), _HERE, footer=6, menu=True),
    Action(
        "log.json",
        "JSON",
        "JSON as it came, on one line, or spread out",
        VIEW_GROUP,
        ("J",),
        _HERE,
        footer=6,
        menu=True,
    ),
    Action(
        "log.fields",
        "Fields",
        "Of JSON lines only these fields; without any, all",
        VIEW_GROUP,
        (),
        _HERE,
        commands=("fields",),
        argument="FIELD,…",
    ),
    Action(
        "log.copy", "Copy line", "Copy the line to the terminal's clipboard", VIEW_GROUP, ("c",), _HERE, menu=True
    ),
    Action(
        "log.save",
        "Save",
        "Write the lines shown to a file",
        VIEW_GROUP,
        ("ctrl+s",),
        _HERE,
        commands=("save",),
        argument="FILE",
        menu=True,
    ),
    Action("log.close", "Close", "Back to the table", VIEW_GROUP, ("q",), _HERE),
)
"""In the order help shows them."""
