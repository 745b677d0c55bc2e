"""The join behind `links`: a row for each connection that a member's Submariner gateway has, or should have.

The other side of a connection is another member's Gateway: where the two say different things, both rows say so.
Members that other feeders read are not seen here; of those nothing is said but what the own gateway says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kurator_tui.fleet.join import Join
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HEALTHY, SEVERITY, Health, Level, Row
from kurator_tui.kinds.interconnect import LINKS, VERY_SLOW, LinkRow
from kurator_tui.kinds.submariner import ENDPOINT, GATEWAY
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.store.freshness import State

NO_GATEWAY, MISSING = "no gateway", "missing"
_LEVELS = {"connected": Level.HEALTHY, "connecting": Level.PROGRESSING, "error": Level.FAILED}
_SKEW = 2
"""Minor versions apart from which on two gateways are too far from each other."""
_VERSION = re.compile(r"v?(\d+)\.(\d+)")
Connections = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class _Side:
    """One member's Submariner, as far as it is seen. `told`: whether the member says all this now."""

    name: str
    told: bool
    gateways: list[ObjectRow] = field(default_factory=list)
    id: str = ""
    connections: Connections | None = field(default_factory=dict)
    """By cluster id; None where there are too many to be kept."""

    @property
    def active(self) -> list[ObjectRow]:
        return [row for row in self.gateways if GATEWAY.value(row, "ha") == "active"]


def rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The links of one member."""
    sides = seen.shared(_sides)
    side = sides[cluster] if cluster in sides else _side(seen, cluster)
    if not side.told and not side.gateways:
        return
    if not side.active:
        yield from _without(seen, side)
        return
    others = {other.id: other for other in sides.values() if other.gateways and other.name != cluster}
    here = {str(ENDPOINT.value(row, "of") or "") for row in seen.rows(ENDPOINT, cluster)} - {side.id, ""}
    readable = seen.freshness(cluster, ENDPOINT).state is State.LIVE
    if side.connections is None:
        yield _row(side, "", "", Health(Level.UNKNOWN, "its gateway has too many connections to be read here"))
        return
    for id in sorted({*side.connections, *here, *(id for id, each in others.items() if each.told)}):
        if id != side.id:
            other = others.get(id) or (sides.get(id) if id != cluster else None)
            yield _link(side, id, other, known=id in here or not readable)


def peers(seen: Seen) -> list[str]:
    """All that is connected, by name: members with a gateway, and clusters that one of them names."""
    sides = seen.shared(_sides).values()
    by_id = {side.id: side.name for side in sides if side.gateways}
    named = {by_id.get(id, id) for side in sides for id in side.connections or ()}
    return sorted(named | set(by_id.values()))


def failed(cluster: str, reason: str) -> Row:
    """The row that says that the join failed."""
    return LinkRow(cluster, "", "", f"failed/{cluster}", 0.0, level=Level.FAILED, reason=reason)


JOIN = Join(LINKS, (), (GATEWAY, ENDPOINT), rows, crossed=True, failed=failed)


def _sides(seen: Seen) -> dict[str, _Side]:
    return {name: _side(seen, name) for name in seen.members}


def _side(seen: Seen, cluster: str) -> _Side:
    live = seen.freshness(cluster).state is State.LIVE
    state = seen.freshness(cluster, GATEWAY).state
    gateways = sorted(seen.rows(GATEWAY, cluster), key=lambda row: row.name)
    active = next((row for row in gateways if GATEWAY.value(row, "ha") == "active"), None)
    known = active or next(iter(gateways), None)
    id = part(GATEWAY, known, "local") if known is not None else ""
    connections = part(GATEWAY, active, "connections") if active is not None else {}
    return _Side(
        cluster,
        live and state is State.LIVE,
        gateways,
        id if isinstance(id, str) and id else cluster,
        connections if isinstance(connections, dict) else None,
    )


def _without(seen: Seen, side: _Side) -> Iterator[LinkRow]:
    """The row of a member whose Submariner has no active gateway."""
    if side.gateways:
        waiting = ", ".join(row.name for row in side.gateways)
        yield _row(side, "", NO_GATEWAY, Health(Level.FAILED, f"no gateway is active: {waiting}"))
    elif any(True for _each in seen.rows(ENDPOINT, side.name)):
        yield _row(
            side, "", NO_GATEWAY, Health(Level.FAILED, "it has Endpoints but no Gateway: is its pod there?")
        )
    else:
        text = "Submariner's CRDs are here, but neither a Gateway nor an Endpoint"
        yield _row(side, "", NO_GATEWAY, Health(Level.UNKNOWN, text))


def _link(side: _Side, id: str, other: _Side | None, *, known: bool) -> LinkRow:
    """The connection to the cluster `id`; `known` says that the member has an Endpoint of it."""
    its = (side.connections or {}).get(id)
    name = other.name if other is not None else id
    back = _back(side, other)
    if its is None:
        if known:
            text = f"no connection to {name}, though its Endpoint is here"
            return _row(side, name, MISSING, Health(Level.FAILED, text), other=other, back=back)
        text = f"no Endpoint of {name} is here: another broker, or it never came"
        return _row(side, name, MISSING, Health(Level.UNKNOWN, text), other=other, back=back)
    status, message, average = str(its[0]), str(its[1]), its[2]
    found = [
        Health(_LEVELS.get(status, Level.UNKNOWN), "" if status == "connected" else message or status),
        _contradiction(status, other, back),
        _own(side),
        *([_skew(side, other)] if other is not None else []),
    ]
    if average is not None and average >= VERY_SLOW and status == "connected":
        found.append(Health(Level.DEGRADED, f"slow: {average:.0f} ms on average"))
    return _row(side, name, status, _worst(found), its, other=other, back=back)


def _back(side: _Side, other: _Side | None) -> list[Any] | None:
    """How the other side sees the connection, if it tells; with status `none` where it has no such connection."""
    if other is None or not other.told or other.connections is None:
        return None
    return other.connections.get(side.id) or other.connections.get(side.name) or ["none", ""]


def _contradiction(status: str, other: _Side | None, back: list[Any] | None) -> Health:
    if other is None or back is None or back[0] == status:
        return HEALTHY
    if status == "connected":
        told = f"{other.name} sees no connection" if back[0] == "none" else f"{other.name} says {back[0]}"
        message = f": {back[1]}" if back[1] else ""
        return Health(Level.DEGRADED, f"one-sided: {told}{message}")
    if back[0] == "connected":
        return Health(Level.DEGRADED, f"{other.name} says connected")
    return HEALTHY


def _own(side: _Side) -> Health:
    """What is wrong with the member's gateways themselves."""
    if len(side.active) > 1:
        return Health(Level.DEGRADED, f"{len(side.active)} gateways are active: {_names(side.active)}")
    failure = part(GATEWAY, side.active[0], "failure")
    return Health(Level.DEGRADED, f"gateway: {failure}") if failure else HEALTHY


def _skew(side: _Side, other: _Side) -> Health:
    if not other.active:
        return HEALTHY
    mine, theirs = _version(side), _version(other)
    one, two = _VERSION.match(mine), _VERSION.match(theirs)
    if one is None or two is None or one.groups() == two.groups():
        return HEALTHY
    far = one[1] != two[1] or abs(int(one[2]) - int(two[2])) >= _SKEW
    return Health(Level.DEGRADED if far else Level.HEALTHY, f"versions differ: {mine} here, {theirs} there")


def _worst(found: list[Health]) -> Health:
    """The worst level, and all that is told, the worst first."""
    ordered = sorted(found, key=lambda each: -SEVERITY[each.level])
    return Health(ordered[0].level, "; ".join(dict.fromkeys(each.reason for each in ordered if each.reason)))


def _row(
    side: _Side,
    name: str,
    status: str,
    health: Health,
    its: list[Any] | None = None,
    *,
    other: _Side | None = None,
    back: list[Any] | None = None,
) -> LinkRow:
    own = next(iter(side.active), None)
    passive = len(side.gateways) - len(side.active)
    counts = [f"{len(side.active)} active", *([f"{passive} passive"] if passive else [])]
    return LinkRow(
        side.name,
        "",
        name,
        name or "gateway",
        0.0,
        status=status,
        average=_rounded(its[2]) if its else None,
        last=_rounded(its[3]) if its else None,
        back=str(back[0]) if back else "",
        cable=str(its[6] if its else ""),
        node=own.name if own is not None else "",
        remote_node=str(its[5] if its else ""),
        gateways=", ".join(counts),
        version=_version(side),
        remote_version=_version(other) if other is not None else "",
        nat=its[4] if its and isinstance(its[4], bool) else None,
        object_namespace=own.namespace if own is not None else "",
        object_name=own.name if own is not None else "",
        level=str(health.level),
        reason=health.reason,
    )


def _rounded(milliseconds: Any) -> float | None:
    """To three digits: what the eye reads, and what does not change each time."""
    return float(f"{milliseconds:.3g}") if isinstance(milliseconds, int | float) else None


def _version(side: _Side) -> str:
    return str(GATEWAY.value(side.active[0], "version") or "") if side.active else ""


def _names(gateways: list[ObjectRow]) -> str:
    return ", ".join(row.name for row in gateways)
