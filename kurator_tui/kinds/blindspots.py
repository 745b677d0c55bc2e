"""The derived kind `blindspots`: what triage cannot see, and why. A fleet without findings is only as well as this
table is empty."""

from __future__ import annotations

from kurator_tui.kinds.base import AnyKind, Column, Format, Health, Interned, Kind, Level, Row

BROKEN = "broken"
"""State of what an analyser does not see because it fails itself."""


class BlindspotRow(Row, frozen=True, gc=False, array_like=True):
    """One kind that cannot be read in one cluster; `name` is its id, `created` the Unix second since which.

    With the state `broken` it is an analyser or a rule that fails there.
    """

    state: Interned = ""
    """A `store.freshness.State` value, or `broken`."""
    reason: str = ""


def blindspot_health(row: BlindspotRow) -> Health:
    """Degraded: something may be wrong there that nobody sees; what is still being listed is progressing."""
    waiting = row.state in ("connecting", "syncing")
    return Health(Level.PROGRESSING if waiting else Level.DEGRADED, row.reason or row.state)


def _level(row: BlindspotRow) -> Level:
    return blindspot_health(row).level


BLINDSPOTS: AnyKind = Kind(
    id="blindspots",
    name="Blindspot",
    plural="blindspots",
    short_names=("blindspot",),
    row=BlindspotRow,
    health=blindspot_health,
    sort="cluster",
    columns=(
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=0),
        Column("name", "KIND", lambda r: r.name, priority=0, width=50),
        Column("state", "STATE", lambda r: r.state, priority=1, level=_level),
        Column("age", "SINCE", lambda r: r.created, Format.AGE, priority=2),
        Column("reason", "REASON", lambda r: r.reason, priority=1, width=80),
    ),
)

KINDS = (BLINDSPOTS,)
