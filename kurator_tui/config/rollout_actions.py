"""Actions of the release board and of one rollout. Entries only."""

from __future__ import annotations

from kurator_tui.config.action import ROW_GROUP, VIEW_GROUP, Action, Context, needs_row

ROLLOUTS = "rollouts"
"""The release board."""
ROLLOUT = "rollout"
"""One application's rollout over its clusters; opened from a row of the board."""

_BOARD = frozenset({ROLLOUTS})
_ONE = frozenset({ROLLOUT})
_BOTH = _BOARD | _ONE


def _off(context: Context) -> str | None:
    return "this console is read-only" if context.read_only else needs_row(context)


def _one_cluster(context: Context) -> str | None:
    if context.view == ROLLOUTS:
        return "it is done to one cluster: Enter opens the rollout"
    return _off(context)


ROLLOUT_ACTIONS = (
    Action(
        "rollouts.attention",
        "Show",
        "Show all applications, those that need attention, those that run, those that failed",
        VIEW_GROUP,
        ("f",),
        _BOARD,
        footer=45,
        menu=True,
    ),
    Action(
        "rollouts.group",
        "Group",
        "Group by fleet, or by a label of the applications; again for none",
        VIEW_GROUP,
        ("t",),
        _BOARD,
        commands=("group",),
        argument="LABEL",
        menu=True,
    ),
    Action(
        "rollouts.waves",
        "Waves",
        "Columns are waves, the sync policies of each application in their order; again for members",
        VIEW_GROUP,
        ("w",),
        _BOARD,
        commands=("waves",),
        menu=True,
    ),
    Action(
        "rollout.earlier",
        "Earlier",
        "How it was before the last change that this console saw",
        VIEW_GROUP,
        ("left_curly_bracket",),
        _ONE,
        footer=46,
        menu=True,
    ),
    Action(
        "rollout.later",
        "Later",
        "How it was after that",
        VIEW_GROUP,
        ("right_curly_bracket",),
        _ONE,
        menu=True,
    ),
    Action("rollout.live", "Live", "How it is now", VIEW_GROUP, ("full_stop",), _ONE, menu=True),
    Action(
        "rollout.pause",
        "Pause",
        "Pause or resume the analysis, through the Application: on all clusters of its policy",
        ROW_GROUP,
        ("Z",),
        _BOTH,
        _off,
        footer=2,
        menu=True,
        does="rollout_verb",
        value="rollout.pause",
    ),
    Action(
        "rollout.promote",
        "Promote",
        "Promote now without further checks, through the Application: on all clusters of its policy",
        ROW_GROUP,
        ("F",),
        _BOTH,
        _off,
        footer=2,
        menu=True,
        does="rollout_verb",
        value="rollout.promote",
    ),
    Action(
        "rollout.abort",
        "Abort",
        "Roll back on one cluster, through the Canary's status there",
        ROW_GROUP,
        ("A",),
        _BOTH,
        _one_cluster,
        footer=2,
        menu=True,
        does="rollout_verb",
        value="rollout.abort",
    ),
    Action(
        "rollout.back",
        "Roll back",
        "Put the revision before back at the source: on all clusters",
        ROW_GROUP,
        ("B",),
        _BOTH,
        _off,
        footer=2,
        menu=True,
        does="rollout_verb",
        value="rollout.back",
    ),
    Action(
        "rollout.retry",
        "Retry",
        "Begin the analysis anew after a failure, at the source",
        ROW_GROUP,
        ("R",),
        _BOTH,
        _off,
        footer=2,
        menu=True,
        does="rollout_verb",
        value="rollout.retry",
    ),
)
"""In the order help shows them."""
