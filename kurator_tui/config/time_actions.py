"""Actions of time: how the fleet was before, and what can be done while that is shown. Entries only."""

from __future__ import annotations

from dataclasses import replace

from kurator_tui.config.action import CONSOLE_GROUP, MOVE_GROUP, SCREENS_GROUP, Action, Context, Off
from kurator_tui.config.rollout_actions import ROLLOUT

NOW_ONLY = frozenset({"audit", "cost", "comparison", "differences"})
"""Views that ask clusters or this console themselves: they have no past, or one of their own."""

SAME_KEYS = {"rollout.earlier": "time.back", "rollout.later": "time.forward", "rollout.live": "time.live"}
"""Actions of one rollout that have the keys of time -> what these do while another moment is shown."""

SHOWING = frozenset(
    {"open", "details", "copy", "menu", "back", "filter", "faults", "wide", "fold", "triage.show", "kind"}
    | {"mark", "mark.range", "mark.clear", "rollouts.attention", "rollouts.group", "rollouts.waves", "metrics.row"}
    | {"evidence.close", "evidence.wrap"}
)
"""Actions that only show or choose rows, beside those of `_GROUPS` and the families of `_FAMILIES`."""
_GROUPS = frozenset({MOVE_GROUP})
_FAMILIES = ("sort.", "scope.", "history.", "section.", "time.", "chart.")
_CONSOLE = frozenset({"command", "help", "theme", "quit", "leave"})


def _needs_history(context: Context) -> str | None:
    return None if context.history else "no history is kept: history_mib is 0"


def _needs_past(context: Context) -> str | None:
    return _needs_history(context) or (None if context.past else "this is live")


def _action(
    id: str, label: str, words: str, key: str, off: Off, *, command: str = "", argument: str = ""
) -> Action:
    return Action(
        f"time.{id}",
        label,
        words,
        CONSOLE_GROUP,
        (key,),
        off=off,
        commands=(command,) if command else (),
        argument=argument,
        except_in=NOW_ONLY if id == "line" else NOW_ONLY | {ROLLOUT},
    )


TIME_ACTIONS = (
    _action(
        "back",
        "Earlier",
        "As it was a step before: incidents changed, or 10 s",
        "left_curly_bracket",
        _needs_history,
    ),
    _action("forward", "Later", "As it was a step after", "right_curly_bracket", _needs_past),
    _action("live", "Live", "Live again", "full_stop", _needs_past, command="live"),
    _action(
        "line",
        "Timeline",
        "Choose among the moments at which incidents changed, or say one: 10m, 14:02",
        "T",
        _needs_history,
        command="timeline",
        argument="[TIME]",
    ),
)
"""In the order help shows them."""


def shows(action: Action) -> bool:
    """Whether `action` works on rows of any moment: it asks nothing of a cluster, and changes nothing."""
    if action.group == SCREENS_GROUP and action.does in ("screen", "metrics"):
        return action.value not in NOW_ONLY
    return action.id in SHOWING | _CONSOLE or action.group in _GROUPS or action.id.startswith(_FAMILIES)


def in_time(action: Action) -> Action:
    """`action`, off while another moment than now is shown, unless it only shows."""
    if shows(action):
        return action
    off = action.off

    def refused(context: Context) -> str | None:
        return context.as_of or off(context)

    return replace(action, off=refused)
