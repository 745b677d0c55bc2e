"""Devices of one cluster beside their DeviceStatus, where a release has that kind: which of them are different."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

from kurator_tui.fleet.pieces import Objects
from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.edge_devices import Twin
from kurator_tui.kinds.kubeedge import DEVICE, DEVICE_STATUS
from kurator_tui.kinds.meta import intern, unix
from kurator_tui.kinds.table import ObjectRow, part

DEVICE_KINDS = (DEVICE, DEVICE_STATUS)
REPORTS_WELL = ("online", "ok")
MOST_DIGITS = 15
Place = tuple[str, str]


def _reader(kind: AnyKind, key: str) -> Callable[[ObjectRow], str]:
    column = kind.column(key)
    if column is None:
        raise ValueError(f"{kind.plural} have no column {key}")
    value = column.value
    return lambda row: found if isinstance(found := value(row), str) else ""


model, node, protocol, own_state = (_reader(DEVICE, key) for key in ("model", "node", "protocol", "state"))
_told_state = _reader(DEVICE_STATUS, "state")


class Twinned:
    """Devices and DeviceStatuses by name: the newer kind says what the older one no longer does."""

    def __init__(self) -> None:
        self.devices: dict[str, ObjectRow] = {}
        """By uid."""
        self._uids: dict[Place, str] = {}
        self._statuses: dict[Place, ObjectRow] = {}
        self._places: dict[str, Place] = {}
        """uid of a DeviceStatus -> its place."""

    def status(self, device: ObjectRow) -> ObjectRow | None:
        """The DeviceStatus of a device."""
        return self._statuses.get((device.namespace, device.name))

    def state(self, device: ObjectRow) -> str:
        """online, ok, offline, unhealthy, unknown; "" where none is told."""
        status = self.status(device)
        return (_told_state(status) if status is not None else "") or own_state(device)

    def take(self, kind: str, objects: Objects) -> Iterable[str]:
        """Objects of either kind are different: uids of the devices that this concerns."""
        if kind == DEVICE.id:
            for uid, row in objects.items():
                self._take_device(uid, cast("ObjectRow | None", row))
            return objects
        if kind != DEVICE_STATUS.id:
            return ()
        places = [self._take_status(uid, cast("ObjectRow | None", row)) for uid, row in objects.items()]
        return [uid for place in places if (uid := self._uids.get(place, ""))]

    def _take_device(self, uid: str, row: ObjectRow | None) -> None:
        if row is not None:
            self.devices[uid] = row
            self._uids[(row.namespace, row.name)] = uid
        elif (before := self.devices.pop(uid, None)) is not None:
            place = (before.namespace, before.name)
            if self._uids.get(place) == uid:
                del self._uids[place]

    def _take_status(self, uid: str, row: ObjectRow | None) -> Place:
        if row is None:
            place = self._places.pop(uid, ("", ""))
            if (before := self._statuses.get(place)) is not None and before.uid == uid:
                del self._statuses[place]
            return place
        place = self._places[uid] = (row.namespace, row.name)
        self._statuses[place] = row
        return place


def twins_of(device: ObjectRow, status: ObjectRow | None) -> tuple[Twin, ...]:
    """The properties of a device by name: wishes of either, reports of its status where it has one."""
    sides: dict[str, Twin] = {}
    for name, desired, reported, _when in (*_sides(DEVICE, device), *_sides(DEVICE_STATUS, status)):
        before = sides.get(name, Twin(name))
        sides[name] = Twin(intern(name), before.desired or desired, reported or before.reported)
    return tuple(sides[name] for name in sorted(sides))


def _sides(kind: AnyKind, row: ObjectRow | None) -> Iterable[list[str]]:
    return (part(kind, row, "twins") or ()) if row is not None else ()


def last_online(device: ObjectRow, status: ObjectRow | None) -> float:
    """When a device was online or reported last, Unix seconds; 0.0 where nobody says."""
    told = [_moment(kind, row) for kind, row in ((DEVICE, device), (DEVICE_STATUS, status)) if row is not None]
    if any(told):
        return max(told)
    whens = [when for *_twin, when in (*_sides(DEVICE, device), *_sides(DEVICE_STATUS, status))]
    return max((_seconds(when) for when in whens), default=0.0)


def _moment(kind: AnyKind, row: ObjectRow) -> float:
    found = kind.value(row, "last_online")
    return found if isinstance(found, float) else 0.0


def _seconds(when: str) -> float:
    """KubeEdge writes milliseconds as text; others write moments."""
    if when.isascii() and when.isdigit() and len(when) <= MOST_DIGITS:
        return int(when) / 1000
    return unix(when)
