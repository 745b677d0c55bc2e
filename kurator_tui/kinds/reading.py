"""What the stream `object` tells: versions of one object, its events, and how far both can be trusted.

    Version(…)* in parts     the object as JSON, secrets masked; the last part completes it
    Standing(…)              of the object, or of its events: live, stale, deleted …, since when and why
    Happened(…)              events that are new or different, and those that are gone
    Owned(…)                 the chain of owners, as far as it could be followed
    Hosted(…)* in parts      of a node: its pods

Versions may be skipped, never reordered. Nothing here does I/O.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from kurator_tui.kinds.core import EventRow
from kurator_tui.kinds.pods import PodRow

PART = 60_000
"""Bytes of a version in one message."""
EVENTS = 200
"""Events in one message."""
HOSTED = 100
"""Pods of a node in one message."""
EVENTS_KEPT = 2000
"""Events of one object that are held, the latest ones."""

LIVE, STALE, DELETED, REFUSED = "live", "stale", "deleted", "refused"
"""How an object, or its events, stand. `refused`: the server will not tell."""


class Which(msgspec.Struct, frozen=True):
    """One object: the kind's id, "" as namespace of a cluster-scoped one."""

    cluster: str
    kind: str
    namespace: str
    name: str


class Version(msgspec.Struct, frozen=True, array_like=True, tag="v"):
    """A part of the object's JSON. `managers` and `size`: entries and bytes of the managedFields left out."""

    data: bytes
    last: bool
    managers: int = 0
    size: int = 0


class Standing(msgspec.Struct, frozen=True, array_like=True, tag="s"):
    """`since` is in Unix seconds: of STALE, the last moment the object was known to be so."""

    state: str
    since: float
    reason: str = ""
    events: bool = False
    """Whether this is about the events."""


class Happened(msgspec.Struct, frozen=True, array_like=True, tag="e"):
    """Events that are new or different, and the uids of those that are gone; `anew`: forget all before."""

    events: list[EventRow]
    gone: list[str] = []
    anew: bool = False


class Owned(msgspec.Struct, frozen=True, array_like=True, tag="o"):
    """(CamelCase kind, name) of the controlling owner, of its owner, and so on; a name ends with why it stops."""

    chain: list[tuple[str, str]]


class Hosted(msgspec.Struct, frozen=True, array_like=True, tag="p"):
    """Pods of a node; `anew`: they replace those told before. `asked`: when they were asked for, Unix seconds, 0
    where they are told as they change. `trouble`: why they cannot be asked for."""

    pods: list[PodRow]
    anew: bool
    asked: float = 0.0
    trouble: str = ""


Told = Version | Standing | Happened | Owned | Hosted

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Told)


def encode(told: Told) -> bytes:
    """One message of the stream."""
    return _encoder.encode(told)


def decode(data: bytes) -> Told:
    """Raises msgspec.DecodeError."""
    told: Told = _decoder.decode(data)
    return told


class Collector:
    """Puts the messages of one stream together."""

    def __init__(self) -> None:
        self.object: dict[str, Any] | None = None
        """The last version that was complete."""
        self.versions = 0
        """How many were."""
        self.managers = self.managers_size = 0
        self.owners: list[tuple[str, str]] = []
        self.hosted: Hosted | None = None
        self.events: dict[str, EventRow] = {}
        self.standing: Standing | None = None
        self.events_standing: Standing | None = None
        self._parts: list[bytes] = []

    def take(self, data: bytes) -> Told:
        """One message. Raises msgspec.DecodeError."""
        told = decode(data)
        match told:
            case Version():
                self._version(told)
            case Standing():
                if told.events:
                    self.events_standing = told
                else:
                    self.standing = told
            case Owned():
                self.owners = told.chain
            case Hosted():
                known = self.hosted.pods if self.hosted is not None and not told.anew else []
                self.hosted = msgspec.structs.replace(told, pods=[*known, *told.pods])
            case Happened():
                if told.anew:
                    self.events.clear()
                self.events.update((row.uid, row) for row in told.events)
                for uid in told.gone:
                    self.events.pop(uid, None)
        return told

    def _version(self, part: Version) -> None:
        self._parts.append(part.data)
        if part.last:
            whole = msgspec.json.decode(b"".join(self._parts))
            self._parts.clear()
            self.object = whole if isinstance(whole, dict) else {}
            self.managers, self.managers_size = part.managers, part.size
            self.versions += 1


_HASH = "[bcdfghjklmnpqrstvwxz2456789]"
"""What names are made unique with: no vowels, no digits that look like letters."""
_POD = f"{_HASH}{{5}}"
_CHILDREN: dict[str, dict[str, str]] = {
    "deployments.apps": {"ReplicaSet": f"{_HASH}{{1,10}}", "Pod": f"{_HASH}{{1,10}}-{_POD}"},
    "replicasets.apps": {"Pod": _POD},
    "replicationcontrollers": {"Pod": _POD},
    "daemonsets.apps": {"Pod": _POD},
    "statefulsets.apps": {"Pod": r"\d+"},
    "jobs.batch": {"Pod": rf"(\d+-)?{_POD}"},
    "cronjobs.batch": {"Job": r"\d+", "Pod": rf"\d+-(\d+-)?{_POD}"},
    "rollouts.argoproj.io": {"ReplicaSet": f"{_HASH}{{1,10}}", "Pod": f"{_HASH}{{1,10}}-{_POD}"},
    "jobs.batch.volcano.sh": {"Pod": r".+-\d+"},
    "taskruns.tekton.dev": {"Pod": "pod(-.+)?"},
    "pipelineruns.tekton.dev": {"TaskRun": ".+", "Pod": ".+-pod"},
    "machinedeployments.cluster.x-k8s.io": {
        "MachineSet": f"{_HASH}{{1,10}}",
        "Machine": f"{_HASH}{{1,10}}-{_POD}",
    },
}
"""Kind -> kinds of what it makes -> what follows its name and a hyphen in theirs."""


class Kin:
    """Whose events are told with those of one object: its own, and those of what it makes."""

    def __init__(self, which: Which, kind: str) -> None:
        """`kind` is the CamelCase name."""
        self._kind, self._name = kind, which.name
        made = _CHILDREN.get(which.kind, {})
        name = re.escape(which.name)
        self._made = {each: re.compile(f"{name}-{rest}") for each, rest in made.items()}
        if which.kind == "statefulsets.apps":
            self._made["PersistentVolumeClaim"] = re.compile(rf".+-{name}-\d+")

    @property
    def alone(self) -> bool:
        """Whether its own events are all there are."""
        return not self._made

    def holds(self, event: EventRow) -> bool:
        """Whether `event` is about one of them."""
        if event.object_kind == self._kind:
            return event.object_name == self._name
        made = self._made.get(event.object_kind)
        return made is not None and made.fullmatch(event.object_name) is not None
