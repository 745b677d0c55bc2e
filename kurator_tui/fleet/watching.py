"""One kind of one cluster, from the reflector's events into the store."""

from __future__ import annotations

from collections.abc import Callable

from kurator_tui.api.connection import Connection
from kurator_tui.api.discovery import Served
from kurator_tui.api.reflector import Bookmarked, Listed, Lost, Removed, Resumed, Upserted, reflect
from kurator_tui.errors import ConsoleError, Forbidden
from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.store.changes import Changes
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store


async def watch_kind(
    kind: AnyKind,
    connection: Connection,
    served: Served,
    store: Store,
    *,
    cluster: str,
    namespace: str,
    clock: Callable[[], float],
    changed: Callable[[], None],
) -> None:
    """Keep the store's rows of (cluster, kind) equal to the server's until cancelled.

    `changed` is called whenever the freshness of this kind changes.
    """
    path = served.resolve(kind)
    freshness = _Mark(store, cluster, kind.id, clock, changed)
    if path is None:
        store.apply(Changes(kind.id, cluster, replaced=True))
        freshness.set(State.ABSENT, f"{kind.plural}.{kind.group} is not served here")
        return
    freshness.set(State.SYNCING)
    decoder = RowDecoder(kind, cluster)
    async for event in reflect(connection, path, decoder, namespace=namespace or None, clock=clock):
        match event:
            case Upserted(row):
                store.apply(Changes(kind.id, cluster, upserted=[row]))
                freshness.live()
            case Removed(row):
                store.apply(Changes(kind.id, cluster, removed=[row.uid]))
                freshness.live()
            case Listed(rows):
                store.apply(Changes(kind.id, cluster, upserted=list(rows), replaced=True))
                freshness.live()
            case Bookmarked() | Resumed():
                freshness.live()
            case Lost(error):
                freshness.lost(error)


class _Mark:
    """Freshness of one (cluster, kind), told only when it changes."""

    def __init__(
        self, store: Store, cluster: str, kind: str, clock: Callable[[], float], changed: Callable[[], None]
    ) -> None:
        self._store = store
        self._cluster = cluster
        self._kind = kind
        self._clock = clock
        self._changed = changed
        self._was_live = False

    def set(self, state: State, reason: str = "") -> None:
        self._store.set_freshness(self._cluster, self._kind, Freshness(state, self._clock(), reason))
        self._changed()

    def live(self) -> None:
        self._was_live = True
        if self._store.freshness(self._cluster, self._kind).state is not State.LIVE:
            self.set(State.LIVE)

    def lost(self, error: ConsoleError) -> None:
        if isinstance(error, Forbidden):
            self.set(State.FORBIDDEN, error.brief)
        elif self._store.freshness(self._cluster, self._kind).state is not State.STALE:
            self.set(State.STALE if self._was_live else State.UNREACHABLE, error.brief)
