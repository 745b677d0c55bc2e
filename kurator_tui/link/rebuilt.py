"""A store as a recording says that it was: entries in, rows out. The same entries always make the same rows."""

from __future__ import annotations

import math

import msgspec

from kurator_tui.kinds.generic import Definition
from kurator_tui.link import messages as m
from kurator_tui.link.framing import RowReader
from kurator_tui.link.recording import Entry, Introduced, Recording
from kurator_tui.store.changes import Batch
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.saved import fingerprints, shape_of
from kurator_tui.store.store import Store

_STATES = frozenset(state.value for state in State)


class Rebuilt:
    """Rows and their freshness at one moment of a recording, which only goes on."""

    def __init__(self) -> None:
        self.store = Store()
        self.store.defer(lambda: None)  # told once a record
        self.host: m.HostDescribed | None = None
        self.left_out: set[str] = set()
        """Kinds whose rows this program reads otherwise than the one that wrote them, or that are damaged."""
        self._reader = RowReader()

    def take(self, recording: Recording, number: int) -> list[Entry]:
        """Apply one record; returns what of it was applied."""
        try:
            entries = recording.entries(recording.records[number])
        except msgspec.DecodeError:
            self.left_out.add("")
            return []
        taken = [entry for entry in entries if self._apply(entry)]
        self.store.flush()
        return taken

    def _apply(self, entry: Entry) -> bool:
        match entry:
            case m.RowsChanged():
                return self._rows(entry)
            case Introduced():
                self._introduced(entry)
            case m.FreshnessChanged():
                return self._fresh(entry)
            case m.ClusterForgotten():
                self.store.forget_cluster(entry.cluster)
            case m.Unsubscribed():
                self.store.forget_kind(entry.kind)
            case m.HostDescribed():
                self.host = entry
            case _:
                pass
        return True

    def _introduced(self, entry: Introduced) -> None:
        from kurator_tui.kinds.registry import KINDS, define

        self.left_out.discard(entry.kind)
        if entry.kind not in KINDS and entry.definition:
            try:
                define(msgspec.json.decode(entry.definition, type=Definition))
            except (msgspec.DecodeError, ValueError):
                self.left_out.add(entry.kind)
                return
        if entry.kind not in KINDS or entry.shape not in fingerprints(shape_of(KINDS[entry.kind])):
            self.left_out.add(entry.kind)

    def _rows(self, entry: m.RowsChanged) -> bool:
        from kurator_tui.kinds.registry import KINDS

        kind = KINDS.get(entry.kind)
        if kind is None or entry.kind in self.left_out:
            return False
        try:
            rows = self._reader.read(kind, entry.rows)
        except msgspec.DecodeError:
            self.left_out.add(entry.kind)
            return False
        removed, begins, completes = list(entry.removed), list(entry.begins), list(entry.completes)
        Batch(entry.kind, rows, removed, begins, completes).apply(self.store)
        return True

    def _fresh(self, entry: m.FreshnessChanged) -> bool:
        if entry.state not in _STATES or not math.isfinite(entry.since):
            return False
        told = Freshness(State(entry.state), entry.since, entry.reason)
        self.store.set_freshness(entry.cluster, entry.kind, told)
        return True
