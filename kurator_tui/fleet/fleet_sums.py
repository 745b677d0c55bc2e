"""What joins need to sum up rows over the members of a fleet: who is in it, and whose part is missing. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HOST, AnyKind
from kurator_tui.kinds.kurator import FLEET
from kurator_tui.store.freshness import State

_COUNTED = (State.LIVE, State.ABSENT)
"""A member of these states is in the sum with all it has."""


def fleets_of(seen: Seen) -> Mapping[str, str]:
    """Member -> the fleet that lists it; the first one by name where several do."""
    listed = seen.shared(_listed)
    places = {name: (member.kind, member.namespace, member.object_name) for name, member in seen.members.items()}
    return {name: listed[place] for name, place in places.items() if place in listed}


def of_host(seen: Seen) -> Mapping[str, object]:
    """What rows with sums take of the host, by cluster: `Join.planned`."""
    fleets = seen.shared(fleets_of)
    return {**fleets, HOST: sorted(fleets.items())}


def _listed(seen: Seen) -> Mapping[tuple[str, str, str], str]:
    """(kind, namespace, name) of each cluster object that a fleet lists -> the fleet."""
    found: dict[tuple[str, str, str], str] = {}
    for fleet in sorted(seen.rows(FLEET, HOST), key=lambda row: row.name):
        for kind, name in fleet.members:
            found.setdefault((kind, fleet.namespace, name), fleet.name)
    return found


def missing(seen: Seen, fleet: str, kind: AnyKind) -> str:
    """Which members of a fleet are not in its sum, or not as they are now, in words; "" if all are."""
    members = [name for name, its in sorted(seen.shared(fleets_of).items()) if its == fleet]
    lacking = []
    for cluster in members:
        own = seen.freshness(cluster)
        state = own.state if own.state is not State.LIVE else seen.freshness(cluster, kind).state
        if state not in _COUNTED:
            lacking.append(f"{cluster} ({state})")
    named = sum(its == fleet for its in seen.shared(_listed).values())
    if named > len(members):  # of another feeder's part of the fleet
        lacking.append(f"{named - len(members)} members that are read elsewhere")
    if not lacking:
        return ""
    more = f" and {len(lacking) - 2} more" if len(lacking) > 2 else ""
    return f"incomplete: {', '.join(lacking[:2])}{more}"
