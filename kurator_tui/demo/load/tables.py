"""One resource of one member: its objects as small states, a bounded history, and the watches that follow it.

Promises: a state is never changed, only replaced; every watch gets every change after its cursor once and in
order, or is told that the history no longer holds it. A watch whose client reads slowly is not written to: it
falls behind in the history, which is the only buffer, and catches up when the client reads again.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from kurator_tui.demo.apiserver.resources import ResourceType

ADDED, MODIFIED, DELETED = b"ADDED", b"MODIFIED", b"DELETED"


class State(Protocol):
    """One version of one object."""

    @property
    def rv(self) -> int:
        """The resourceVersion of this version."""

    @property
    def namespace(self) -> str:
        """The namespace, '' for cluster-scoped objects."""

    @property
    def name(self) -> str:
        """The object's name."""

    def body(self) -> bytes:
        """The whole object as JSON."""

    def item(self) -> bytes:
        """The object as an item of a list."""

    def line(self, type: bytes) -> bytes:
        """The line of a watch event about this version."""

    def digest_line(self, cluster: str) -> str:
        """What identifies this version for a digest."""


class Fixed(NamedTuple):
    """An object that is what its JSON says. `told` is its digest line after the cluster's name."""

    rv: int
    namespace: str
    name: str
    encoded: bytes
    bare: bytes
    told: str = ""

    def body(self) -> bytes:
        """The whole object as JSON."""
        return self.encoded

    def item(self) -> bytes:
        """The object as an item of a list."""
        return self.bare

    def line(self, type: bytes) -> bytes:
        """The line of a watch event about this version."""
        return watch_line(type, self.encoded)

    def digest_line(self, cluster: str) -> str:
        """What identifies this version for a digest."""
        return f"{cluster}\t{self.told}"


Change: TypeAlias = tuple[bytes, State]
"""What happened (ADDED, MODIFIED, DELETED) and the version it made; a deletion's version is the last one."""


def watch_line(type: bytes, body: bytes) -> bytes:
    """A line of a watch: an event about the object of this encoding."""
    return b'{"type":"%b","object":%b}\n' % (type, body)


def chunks(lines: Iterable[bytes]) -> bytes:
    """Lines, each a chunk of a chunked body, as kube-apiserver frames them."""
    parts: list[bytes] = []
    for line in lines:
        parts += (b"%x\r\n" % len(line), line, b"\r\n")
    return b"".join(parts)


class Follower(Protocol):
    """A watch as its table sees it."""

    live: bool
    """Whether it has everything up to now and can be written to."""
    namespace: str
    """The only namespace wanted, '' for all."""

    def send(self, data: bytes, version: int) -> None:
        """Send chunks, which bring the client up to `version`; may end `live`."""

    def pump(self) -> None:
        """Catch up as far as the client reads."""


class Table:
    """See the module. `slots` are objects made by number (None: vacant), `named` those that came by name.

    `history` is how many changes are kept.
    """

    def __init__(self, resource: ResourceType, history: int) -> None:
        self.resource = resource
        self.snapshots: dict[int, list[State]] = {}
        """Version -> the objects at that version, for lists that are read in pages."""
        self.slots: list[State | None] = []
        self.vacant: list[int] = []
        self.named: dict[tuple[str, str], State] = {}
        self.followers: set[Follower] = set()
        self.forgotten = 0
        """Changes up to this version are no longer held."""
        self._history: list[Change] = []
        self._most = history

    def states(self) -> list[State]:
        """Every object there is."""
        return [*(state for state in self.slots if state is not None), *self.named.values()]

    def find(self, namespace: str, name: str) -> State | None:
        """The object of this name, or None."""
        named = self.named.get((namespace, name))
        if named is not None:
            return named
        return next((s for s in self.slots if s and s.name == name and s.namespace == namespace), None)

    def publish(self, changes: list[Change]) -> None:
        """Keep these changes, which follow all earlier ones, and tell the watches."""
        history = self._history
        history += changes
        if len(history) > self._most + self._most // 4 + 16:
            self._forget(len(history) - self._most)
        if self.followers:
            self._tell(changes)

    def tell(self, change: Change) -> None:
        """Write a change that is not kept (it repeats, or comes late) to the watches that are up to date."""
        self._tell([change])

    def since(self, version: int, most: int) -> list[Change] | None:
        """At most `most` changes after `version`, oldest first; None when they are no longer held."""
        if version < self.forgotten:
            return None
        history = self._history
        start = bisect_right(history, version, key=_version)
        return history[start : start + most]

    def expire(self, version: int) -> None:
        """Forget all changes; `version` is the member's."""
        self._history.clear()
        self.snapshots.clear()
        self.forgotten = version

    def _forget(self, count: int) -> None:
        self.forgotten = self._history[count - 1][1].rv
        del self._history[:count]

    def _tell(self, changes: list[Change]) -> None:
        whole: bytes | None = None
        version = changes[-1][1].rv
        for follower in tuple(self.followers):
            if not follower.live:
                follower.pump()
            elif follower.namespace:
                follower.send(rendered(changes, follower.namespace), version)
            else:
                if whole is None:
                    whole = rendered(changes)
                follower.send(whole, version)


def _version(change: Change) -> int:
    return change[1].rv


def rendered(changes: Sequence[Change], namespace: str = "") -> bytes:
    """The chunks of these changes, of one namespace when given."""
    if namespace:
        changes = [change for change in changes if change[1].namespace == namespace]
    if len(changes) != 1:
        return chunks([state.line(type) for type, state in changes])
    type, state = changes[0]
    line = state.line(type)
    return b"%x\r\n%b\r\n" % (len(line), line)
