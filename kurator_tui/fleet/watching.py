"""One kind of one cluster, from the reflector's events into the store."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing

from kurator_tui.api.connection import Connection
from kurator_tui.api.discovery import Served
from kurator_tui.api.reflector import Listed, Lost, Removed, Upserted, reflect
from kurator_tui.errors import ConsoleError, Forbidden
from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.store.freshness import State
from kurator_tui.store.store import Store

Report = Callable[[str, State, str], None]
"""Called with (kind id, state, reason) whenever a stream's state changes."""


async def watch_kind(
    kind: AnyKind,
    connection: Connection,
    served: Served,
    store: Store,
    report: Report,
    *,
    cluster: str,
    namespace: str,
) -> None:
    """Keep the store's rows of (cluster, kind) equal to the server's until cancelled."""
    path = served.resolve(kind)
    if path is None:
        store.replace(kind.id, cluster, ())
        report(kind.id, State.ABSENT, f"{kind.plural}.{kind.group} is not served here")
        return
    report(kind.id, State.SYNCING, "")
    decoder = RowDecoder(kind, cluster)
    was_live = False
    async with aclosing(reflect(connection, path, decoder, namespace=namespace or None)) as facts:
        async for fact in facts:
            match fact:
                case Upserted(row):
                    store.put(kind.id, cluster, {row.uid: row})
                case Removed(row):
                    store.put(kind.id, cluster, {row.uid: None})
                case Listed(rows):
                    store.replace(kind.id, cluster, rows)
                case Lost(error):
                    report(kind.id, _lost_state(error, was_live), error.brief)
                    continue
            was_live = True
            report(kind.id, State.LIVE, "")


def _lost_state(error: ConsoleError, was_live: bool) -> State:
    if isinstance(error, Forbidden):
        return State.FORBIDDEN
    return State.STALE if was_live else State.UNREACHABLE
