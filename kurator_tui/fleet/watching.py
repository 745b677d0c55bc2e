"""One kind of one cluster, from the reflector's events into the store."""

from __future__ import annotations

from typing import Protocol

from kurator_tui.api.backoff import Herd
from kurator_tui.api.connection import Connection
from kurator_tui.api.discovery import Served
from kurator_tui.api.facts import Began, Changed, Fact, Listed, Lost, Resumed, Tell
from kurator_tui.api.metadata import METADATA, OBJECTS, MetadataDecoder
from kurator_tui.api.reflector import Admit, reflect
from kurator_tui.errors import ConsoleError, Forbidden
from kurator_tui.fleet.interest import ALL, Narrow
from kurator_tui.fleet.narrowed import Narrowed
from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store


class Report(Protocol):
    """Called whenever a stream's state changes; `error` is what broke it."""

    def __call__(self, kind: str, state: State, reason: str, error: ConsoleError | None = None) -> None: ...


async def watch_kind(
    kind: AnyKind,
    connection: Connection,
    served: Served,
    store: Store,
    report: Report,
    *,
    cluster: str,
    namespace: str,
    narrow: Narrow = ALL,
    herd: Herd | None = None,
    admit: Admit | None = None,
) -> None:
    """Keep the store's rows of (cluster, kind) equal to the server's until cancelled.

    `herd` is shared by all watches of this process: after an outage they return one by one; `admit` lets so many
    list at a time. Only what `narrow` selects by its fields is asked for; a cluster that refuses the list of all
    namespaces is asked for those of `narrow` one by one.
    """
    path = served.resolve(kind)
    if path is None:
        store.replace(kind.id, cluster, ())
        report(kind.id, State.ABSENT, f"{kind.plural}.{kind.group} is not served here")
        return
    report(kind.id, State.SYNCING, "")
    keeper = _Keeper(kind.id, cluster, store, report)
    keeper.narrower = bool(narrow.namespaces) and kind.namespaced and not namespace

    async def watch(where: str, tell: Tell) -> None:
        await reflect(
            connection,
            path,
            MetadataDecoder(kind, cluster) if kind.metadata_only else RowDecoder(kind, cluster),
            tell,
            namespace=where or None,
            field_selector=narrow.fields,
            accept=METADATA if kind.metadata_only else OBJECTS,
            watch_list=not kind.numerous,
            herd=herd,
            admit=admit,
        )

    try:
        await watch(namespace, keeper.hear)
    except _Refused:
        await Narrowed(kind.id, cluster, store, keeper.narrowed).run(narrow.namespaces, watch)


ONLY = "the namespaces in scope only: all of them may not be listed"
"""Reason of a live kind that is watched namespace by namespace."""


def listed_otherwise(known: Freshness, before: Narrow, now: Narrow) -> bool:
    """Whether a kind that is `known` has to be listed anew when something else of it is needed."""
    refused = known.state is State.FORBIDDEN or known.reason == ONLY
    return before.fields != now.fields or (refused and before.namespaces != now.namespaces)


class _Keeper:
    """Puts what is told of (cluster, kind) into the store, and reports how its stream is."""

    def __init__(self, kind: str, cluster: str, store: Store, report: Report) -> None:
        self._kind, self._cluster, self._store, self._report = kind, cluster, store, report
        self._was_live = False
        self.narrower = False
        """Whether there is another way where the list of all namespaces is refused."""

    def hear(self, fact: Fact) -> None:
        """What a stream of all that is asked for tells. Raises _Refused where there is another way."""
        match fact:
            case Changed(rows):
                self._store.put(self._kind, self._cluster, rows)
            case Began():
                self._store.begin(self._kind, self._cluster)
            case Listed():
                self._store.complete(self._kind, self._cluster)
                self._was_live = True
                self._report(self._kind, State.LIVE, "")
            case Resumed():
                self._report(self._kind, State.LIVE, "")
            case Lost(error):
                if isinstance(error, Forbidden) and self.narrower:
                    raise _Refused
                self._report(self._kind, _lost_state(error, self._was_live), error.brief, error)

    def narrowed(self, error: ConsoleError | None) -> None:
        """How the streams of single namespaces are together."""
        state = _lost_state(error, True)
        self._report(self._kind, state, ONLY if error is None else error.brief, error)


class _Refused(Exception):
    """The list of all namespaces was refused, and there is another way."""


def _lost_state(error: ConsoleError | None, was_live: bool) -> State:
    if error is None:
        return State.LIVE
    if isinstance(error, Forbidden):
        return State.FORBIDDEN
    return State.STALE if was_live else State.UNREACHABLE
