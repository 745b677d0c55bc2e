"""Actions of the inbox of incidents, and of the evidence of one. Entries only."""

from __future__ import annotations

from kurator_tui.config.action import EVIDENCE, MOVE_GROUP, ROW_GROUP, VIEW_GROUP, Action, Context, needs_row

TRIAGE = "triage"
"""The inbox of incidents."""
INCIDENTS = "incidents"
"""The kind whose rows it shows."""

_HERE = frozenset({TRIAGE})
_CARD = frozenset({EVIDENCE})
_BOTH = _HERE | _CARD


def _step(context: Context) -> str | None:
    return None if "step" in context.plan else "the cursor is on no step: Tab goes to the next one"


def _said(id: str, label: str, words: str, key: str) -> Action:
    return Action(f"triage.{id}", label, words, ROW_GROUP, (key,), _BOTH, needs_row, footer=2, menu=True)


TRIAGE_ACTIONS = (
    Action(
        "triage.show",
        "Show",
        "Show incidents that go on, those new to you, yours, those put off, all, or those that are over",
        VIEW_GROUP,
        ("f",),
        _HERE,
        commands=("show",),
        argument="open|new|mine|snoozed|all|over",
        footer=45,
        menu=True,
    ),
    _said("acknowledge", "Acknowledge", "Say that somebody is at it; again: that nobody is any more", "a"),
    _said("snooze", "Snooze", "Put it off for a while or until it is worse; bring back what is put off", "s"),
    _said("note", "Note", "A note beside it, for whoever looks next", "N"),
    _said("assign", "Assign", "Say whose it is", "A"),
    Action(
        "triage.bundle",
        "Bundle",
        "Write everything about it for whoever was not here: pages, screens, objects, numbers, without secrets",
        ROW_GROUP,
        ("ctrl+s",),
        _BOTH,
        needs_row,
        commands=("bundle",),
        argument="[--tar] [FOLDER]",
        menu=True,
    ),
    Action(
        "triage.looked",
        "Looked",
        "Everything here was looked at: nothing is new to you any more",
        VIEW_GROUP,
        ("x",),
        _HERE,
        menu=True,
    ),
    Action(
        "explain",
        "Explain",
        "What the code of a finding means and what to do first: the row's, or the one that is named",
        ROW_GROUP,
        commands=("explain",),
        argument="[CODE]",
    ),
    Action(
        "evidence.do",
        "Do",
        "Do the step under the cursor: what changes a cluster opens its plan first",
        ROW_GROUP,
        ("enter",),
        _CARD,
        _step,
        footer=1,
        menu=True,
    ),
    Action("evidence.next", "Next step", "To the next step", MOVE_GROUP, ("tab",), _CARD, footer=1),
    Action("evidence.before", "Step before", "To the step before", MOVE_GROUP, ("shift+tab",), _CARD),
    Action("evidence.wrap", "Wrap", "Fold long lines, or cut them", VIEW_GROUP, ("w",), _CARD, menu=True),
    Action("evidence.close", "Close", "Back to the inbox", VIEW_GROUP, ("q",), _CARD),
)
"""In the order help shows them."""
