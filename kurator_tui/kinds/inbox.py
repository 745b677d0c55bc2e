"""What people said of incidents, and incidents as a reader's inbox shows them. Pure.

What was said is kept by the incident's uid, which is the same for the same cause in any run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

import msgspec

from kurator_tui.kinds.base import AnyKind, Column, Format, Interned
from kurator_tui.kinds.incidents import IncidentRow, State, extent

NEW, WORSE = "new", "worse"
"""What an incident is since its reader looked last."""


class Handled(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was said of one incident. Moments are Unix seconds, 0.0 for none."""

    acknowledged: str = ""
    """Who did."""
    acknowledged_at: float = 0.0
    assigned: str = ""
    note: str = ""
    snoozed_at: int = 0
    """How far it reached (`extent`) when it was put off; 0 while it is not."""
    snoozed_until: float = 0.0
    """When it comes back; 0.0: only when it reaches further."""
    changed: float = 0.0
    by: str = ""


NOTHING = Handled()
Extents = dict[str, int]
"""Incident -> how far it reached when its reader looked last."""


class InboxRow(IncidentRow, frozen=True, gc=False, array_like=True):
    """An incident with what was said of it."""

    acknowledged: Interned = ""
    acknowledged_at: float = 0.0
    assigned: Interned = ""
    note: str = ""
    snoozed: bool = False
    snoozed_until: float = 0.0
    """0.0 with `snoozed`: until it is worse."""
    mark: Interned = ""
    """`new` or `worse` since its reader looked last, else ""."""


def is_snoozed(row: IncidentRow, handled: Handled, now: float) -> bool:
    """Whether it is put off: its time has not come, and it is no worse than it was then."""
    if not handled.snoozed_at or extent(row) > handled.snoozed_at:
        return False
    return not handled.snoozed_until or now < handled.snoozed_until


def mark_of(row: IncidentRow, seen: Extents | None) -> str:
    """What is new about it to a reader who saw `seen`; None for one who never looked."""
    if seen is None or row.state in (State.RESOLVED, State.UNSEEN):
        return ""
    before = seen.get(row.uid)
    if before is None:
        return "" if row.split else NEW
    return WORSE if extent(row) > before else ""


def inbox_row(row: IncidentRow, handled: Handled, seen: Extents | None, now: float) -> InboxRow:
    """An incident as its reader sees it at `now`."""
    fields = {name: getattr(row, name) for name in IncidentRow.__struct_fields__}
    snoozed = is_snoozed(row, handled, now)
    over = row.state == State.RESOLVED
    return InboxRow(
        **fields,
        acknowledged="" if over else handled.acknowledged,
        acknowledged_at=handled.acknowledged_at,
        assigned=handled.assigned,
        note=handled.note,
        snoozed=snoozed,
        snoozed_until=handled.snoozed_until if snoozed else 0.0,
        mark=mark_of(row, seen),
    )


def _said(key: str, row: IncidentRow) -> str:
    text: str = getattr(row, key, "")
    return text


def _mark(row: IncidentRow) -> str:
    if not isinstance(row, InboxRow):
        return ""
    return row.mark or ("zzz" if row.snoozed else "ack" if row.acknowledged else "")


def _until(row: IncidentRow) -> str | float | None:
    if not isinstance(row, InboxRow) or not row.snoozed:
        return None
    return row.snoozed_until or "worse"


_OWN = (
    Column("mark", "MARK", _mark, priority=2, width=5),
    Column("acknowledged", "ACKNOWLEDGED", partial(_said, "acknowledged"), priority=3, width=16),
    Column("assigned", "ASSIGNED", partial(_said, "assigned"), priority=3, width=16),
    Column("snoozed", "SNOOZED", _until, Format.UNTIL, priority=4),
    Column("note", "NOTE", partial(_said, "note"), priority=4, width=40),
)
_SAYS = frozenset({"acknowledged", "assigned", "snoozed", "note"})
_OPTIONAL = _SAYS | {"times"}
READABLE = 38
"""Cells that an incident's text has on 80 columns: other columns go for it."""
_LATER = {"severity": 3, "state": 3}
"""Columns of the kind that give their place to the incident's text on narrow terminals."""


def told(rows: Iterable[InboxRow]) -> frozenset[str]:
    """Columns that say something of some of `rows`."""
    found: set[str] = set()
    for row in rows:
        found.update(key for key in _SAYS if getattr(row, key))
        if row.times > 1:
            found.add("times")
    return frozenset(found)


def in_inbox(kind: AnyKind, shown: frozenset[str] = frozenset(), readable: int = READABLE) -> AnyKind:
    """`incidents`, also as a user arranged it, with what was said of them. Its text comes first.

    Of what need not be said only what is `shown` has a column; filters and orders know all of it. `readable`
    cells of the text are worth more than other columns.
    """
    columns = [column for column in kind.columns if column.key not in {own.key for own in _OWN}]
    text = next((at for at, column in enumerate(columns) if column.key == "name"), None)
    if text is not None:
        columns.insert(0, replace(columns.pop(text), least=readable))
    columns = [replace(column, priority=max(column.priority, _LATER.get(column.key, 0))) for column in columns]
    severity = [column for column in columns if column.key == "severity"]
    columns = [column for column in columns if column.key != "severity"]
    after = next((at + 1 for at, column in enumerate(columns) if column.key == "age"), len(columns))
    arranged = (*columns[:after], *severity, *_OWN, *columns[after:])
    silent = _OPTIONAL - shown
    columns = [replace(each, hidden=True) if each.key in silent else each for each in arranged]
    return replace(kind, row=InboxRow, columns=tuple(columns))
