"""Keeps findings true: rows that changed are judged again, and no others. Reads the store, writes findings to it.

A rule that looked at another row is asked again when that one changes; one that said `Again` when its time comes.
Of rows that are stale nothing new is said, and nothing is taken back: they are judged again when they are live.
A rule that fails finds nothing, says so once in the log, and costs no other rule anything.
"""

from __future__ import annotations

import heapq
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec import structs

from kurator_tui.kinds.base import HOST, AnyKind, Key, Row
from kurator_tui.kinds.findings import FINDINGS, MOMENT, FindingRow
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.kinds.silences import Silences
from kurator_tui.store.freshness import State
from kurator_tui.store.store import Delta, Store
from kurator_tui.triage.looking import Judged, Looking
from kurator_tui.triage.rules import Again, Analyser, Rule, Seen, check
from kurator_tui.triage.silencing import Silencing

_LOG = logging.getLogger(__name__)

TURN = 0.02
"""Seconds of judging after which others get their turn."""

SETTLED = 30.0
"""Seconds after the first list for which what comes may have been there before."""

UNSEEN = (State.FORBIDDEN, State.UNREACHABLE, State.UNREAD)
"""States in which nobody looks: what was found may be over."""
UNKNOWN_ROWS = (State.CONNECTING, State.SYNCING, *UNSEEN)
"""States in which nobody can say which rows there are."""
NOT_NOW = (*UNKNOWN_ROWS, State.STALE)
"""States in which nothing new can be said."""


class Engine:
    """`take` is told what changed, `turns` judges; findings are rows of the store like any others."""

    def __init__(
        self,
        store: Store,
        analysers: Iterable[Analyser[Any]],
        clock: Callable[[], float],
        woken: Callable[[], None] = lambda: None,
    ) -> None:
        self._store, self._clock, self._woken = store, clock, woken
        self._silencing = Silencing(store)
        self._analysers = tuple(analysers)
        self._of: dict[str, list[int]] = {}
        """Kind -> its analysers."""
        for number, analyser in enumerate(self._analysers):
            self._of.setdefault(analyser.kind.id, []).append(number)
        self._needs = [
            (
                tuple(kind.id for kind in each.beside),
                tuple(kind.id for kind in each.host),
                "" if each.kind.derived else each.kind.id,
            )
            for each in self._analysers
        ]
        """Of each analyser: kinds beside, kinds of the host, its own where that is watched."""
        self._ahead: dict[str, float] = {}
        """Seconds by which the clock of a cluster is ahead of ours."""
        self._dirty: dict[Judged, None] = {}
        self._active: list[set[Key]] = [set() for _ in self._analysers]
        """Rows of each analyser that have findings, or that time alone has judged again."""
        self._found: dict[Judged, tuple[str, ...]] = {}
        """Uids of the findings of a row."""
        self._held: dict[Judged, dict[str, float]] = {}
        """Since when what must hold for a while holds, by uid."""
        self._early: dict[str, dict[str, dict[Judged, None]]] = {}
        """Rows that wait for a kind in a cluster: it is not known yet, or not as it is now."""
        self._later: list[tuple[float, Judged]] = []
        """When rows are to be judged again, the soonest first."""
        self._due: dict[Judged, float] = {}
        """The moment that counts of those in `_later`."""
        self._look = Looking(store, clock)
        self.failing: dict[tuple[str, str], str] = {}
        """(cluster, what) of rules and analysers that failed there -> how, and on what."""

    @property
    def kinds(self) -> tuple[AnyKind, ...]:
        """Every kind that is read."""
        reads = ((each.kind, *each.beside, *each.host) for each in self._analysers)
        return tuple({kind.id: kind for kinds in reads for kind in kinds}.values())

    @property
    def fields(self) -> dict[str, str]:
        """Kind -> the field selector that all who read it agree on; "" where they do not."""
        asked: dict[str, set[str]] = {}
        for each in self._analysers:
            for kind in (each.kind, *each.beside, *each.host):
                asked.setdefault(kind.id, set()).add(each.fields.get(kind.id, ""))
        return {kind: found.pop() if len(found) == 1 else "" for kind, found in asked.items()}

    @property
    def pending(self) -> bool:
        """Whether a row waits to be judged, or what was found to be silenced."""
        return bool(self._dirty) or self._silencing.due

    @property
    def next_at(self) -> float | None:
        """When time alone has something to do, Unix seconds; None for never."""
        at, ends = self._next_judged(), self._silencing.next_at
        return min(at, ends) if at is not None and ends is not None else at if ends is None else ends

    def _next_judged(self) -> float | None:
        while self._later and self._due.get(self._later[0][1]) != self._later[0][0]:
            heapq.heappop(self._later)
        return self._later[0][0] if self._later else None

    # -- what changes -------------------------------------------------------------------------------------------

    def take(self, kind: str, delta: Delta) -> None:
        """Rows of `kind` changed."""
        dirty = self._dirty
        before = len(dirty)
        self._silencing.take(kind, delta)
        if kind == CLUSTERS.id:
            self._set_clocks(delta)
        for number in self._of.get(kind, ()):
            concerns, active = self._analysers[number].concerns, self._active[number]
            left = iter(delta.items())
            while True:
                try:
                    for key, row in left:
                        if key in active or (row is not None and concerns(row)):
                            dirty[(number, key)] = None
                    break
                except Exception as error:  # noqa: BLE001 - as with rules: hostile data costs its own row
                    self._fails(f"analyser of {kind}", row, error)
        dirty.update(dict.fromkeys(self._look.touched(kind, delta)))
        if len(dirty) != before or self._silencing.due:
            self._woken()

    def _set_clocks(self, delta: Delta) -> None:
        """Clocks of clusters: where one is set anew, what has findings or waits for its time is judged again."""
        for (cluster, _uid), row in delta.items():
            ahead = row.ahead if isinstance(row, ClusterOverview) else 0.0
            if self._ahead.get(cluster, 0.0) != ahead:
                self._ahead[cluster] = ahead
                active = ((number, key) for number, keys in enumerate(self._active) for key in keys)
                self._dirty.update((judged, None) for judged in active if judged[1][0] == cluster)

    def tell_freshness(self, cluster: str, kind: str) -> None:
        """How far rows can be trusted changed: whoever looked at that, or waits for it, is judged again."""
        asked = self._look.aged(cluster, kind)
        waiting = self._early.get(cluster, {})
        for each in [kind] if kind else list(waiting):
            asked += waiting.pop(each, ())
        if asked:
            self._dirty.update(dict.fromkeys(asked))
            self._woken()

    def join(self, rows: Iterable[Row], gone: Iterable[str]) -> None:
        """How other feeders see their members: nothing of these is judged here, but rules look at all of them."""
        asked = self._look.join(CLUSTERS.id, rows, gone)
        if asked:
            self._dirty.update(dict.fromkeys(asked))
            self._woken()

    def silence(self, silences: Silences) -> None:
        """The user does not want to hear of these from now on, and of no others."""
        self._silencing.use(silences)
        if self._silencing.due:
            self._woken()

    def forget(self, cluster: str) -> None:
        """`cluster` is no member any more."""
        self._look.forget(cluster)
        for judged in [each for each in (*self._found, *self._due) if each[1][0] == cluster]:
            self._active[judged[0]].discard(judged[1])
            self._found.pop(judged, None)
            self._due.pop(judged, None)
            self._held.pop(judged, None)
            self._dirty.pop(judged, None)
        self._early.pop(cluster, None)
        self._store.replace(FINDINGS.id, cluster, ())

    # -- judging ------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Judge everything that waits."""
        for _turn in self.turns():
            pass

    def turns(self) -> Iterator[None]:
        """The same in turns of `TURN` seconds of work."""
        now = self._clock()
        self._silencing.wait(now)
        if self._silencing.due:
            yield from self._hush_again()
        while (at := self._next_judged()) is not None and at <= now:
            _at, judged = heapq.heappop(self._later)
            self._due.pop(judged, None)
            self._dirty[judged] = None
        began = time.process_time()
        changes: dict[str, dict[str, Row | None]] = {}
        dirty, self._dirty = self._dirty, {}
        for number, judged in enumerate(dirty):
            self._judge(judged, changes.setdefault(judged[1][0], {}))
            if number % 64 == 63 and time.process_time() - began >= TURN:
                self._put(changes)
                yield
                began = time.process_time()
        self._put(changes)

    def _put(self, changes: dict[str, dict[str, Row | None]]) -> None:
        for cluster, rows in changes.items():
            if rows:
                self._store.put(FINDINGS.id, cluster, rows)
        changes.clear()

    def _judge(self, judged: Judged, changes: dict[str, Row | None]) -> None:
        number, key = judged
        analyser = self._analysers[number]
        row = self._store.get(analyser.kind.id, key)
        if (missing := self._missing(number, key[0], row)) is not None:
            self._early.setdefault(missing[0], {}).setdefault(missing[1], {})[judged] = None
            self._lose(judged, missing, changes)
            return
        self._look.begin(judged)
        self._look.ahead = ahead = self._ahead.get(key[0], 0.0) if self._needs[number][2] else 0.0
        found: dict[str, FindingRow] = {}
        again = float("inf")
        held, now = self._held.pop(judged, {}), self._clock()
        said = self._said(analyser, row)
        self._look.ahead = 0.0
        for rule, each in said:
            if isinstance(each, Again):
                again = min(again, each.at - ahead)
                continue
            uid = "/".join(part for part in (rule.code, analyser.kind.id, key[1], each.detail) if part)
            first = now
            if each.after:
                first = self._held.setdefault(judged, {})[uid] = held.get(uid, now)
                if now < first + each.after:
                    again = min(again, first + each.after)
                    continue
            found[uid] = self._hushed(self._finding(uid, analyser.kind.id, rule, row, each, first, ahead), row)
        self._schedule(judged, again)
        for uid in self._found.get(judged, ()):
            if uid not in found:
                changes[uid] = None
        changes.update(found)
        if found:
            self._found[judged] = tuple(found)
        else:
            self._found.pop(judged, None)
        (self._active[number].add if found or judged in self._due else self._active[number].discard)(key)

    def _missing(self, number: int, cluster: str, row: Row | None) -> tuple[str, str] | None:
        """(cluster, kind) that is not as it is now, so that nothing new can be said; None where all is known."""
        told, (beside, host, own) = self._store.told, self._needs[number]
        if row is None:
            kind = self._analysers[number].kind.id
            return (cluster, kind) if self._dropped(cluster, kind) else None
        if not self._concerned(self._analysers[number], row):
            return None
        for kind in beside:
            if (known := told(cluster, kind)) is None or known.state in NOT_NOW:
                return cluster, kind
        for kind in host:
            if (known := told(HOST, kind)) is None or known.state in NOT_NOW:
                return HOST, kind
        if own and self._store.freshness(cluster, own).state is State.STALE:
            return cluster, own
        return None

    def _dropped(self, cluster: str, kind: str) -> bool:
        """Whether a row may be missing because nobody reads it, not because there is no such object."""
        told = self._store.told(cluster, kind)
        if told is None:
            return cluster not in self._store.clusters(kind)
        return told.state in UNKNOWN_ROWS

    def _lose(self, judged: Judged, missing: tuple[str, str], changes: dict[str, Row | None]) -> None:
        """Findings of a row stay as they are; where nobody looks any more they say since when."""
        told = self._store.told(*missing)
        if told is not None and told.state not in UNSEEN:
            return
        for uid in self._found.get(judged, ()):
            known = self._store.get(FINDINGS.id, (judged[1][0], uid))
            if isinstance(known, FindingRow) and not known.unseen:
                changes[uid] = structs.replace(known, unseen=self._clock())

    def _said(self, analyser: Analyser[Any], row: Row | None) -> list[tuple[Rule, Seen | Again]]:
        """What each rule says of a row; nothing of one that is gone."""
        said: list[tuple[Rule, Seen | Again]] = []
        if row is None or not self._concerned(analyser, row):
            return said
        look = self._look
        for rule in analyser.rules:
            try:
                if found := [*rule.judge(row, look)]:
                    check(found)
                    said += [(rule, each) for each in found]
            except Exception as error:  # noqa: BLE001 - one rule and hostile data must not end the others
                self._fails(f"rule {rule.code}", row, error)
        return said

    def _concerned(self, analyser: Analyser[Any], row: Row) -> bool:
        try:
            return analyser.concerns(row)
        except Exception as error:  # noqa: BLE001 - the same
            self._fails(f"analyser of {analyser.kind.id}", row, error)
            return False

    def _fails(self, what: str, row: Row | None, error: Exception) -> None:
        """Said once a cluster, and logged once."""
        if all(known != what for _cluster, known in self.failing):
            _LOG.error("%s: unexpected error", what, exc_info=error)
        cluster, namespace, name = (row.cluster, row.namespace, row.name) if row is not None else (HOST, "", "")
        place = "/".join(part for part in (namespace, name) if part)
        self.failing.setdefault((cluster, what), f"{type(error).__name__}: {error!s:.200} (at {place})")

    def _finding(
        self, uid: str, kind: str, rule: Rule, row: Row | None, seen: Seen, first: float, ahead: float
    ) -> FindingRow:
        """`first` is when this run saw it first; that is when it began only if it was looked at before."""
        assert row is not None
        since, marks = seen.since - ahead if seen.since else 0.0, _pairs(seen.marks)
        before = self._store.get(FINDINGS.id, (row.cluster, uid)) if not since else None
        if isinstance(before, FindingRow):
            since, known = before.created, not before.before
        else:
            known = bool(since) or self._watched(row.cluster, kind, first, row.created - ahead)
            since = since or first
        return FindingRow(
            cluster=row.cluster,
            namespace=row.namespace,
            name=row.name,
            uid=uid,
            created=since,
            code=rule.code,
            severity=str(seen.severity or rule.severity),
            title=rule.title,
            kind=kind,
            message=seen.message,
            marks=(*marks, (MOMENT, "seen")) if known else marks,
            suggests=rule.suggests,
        )

    def _watched(self, cluster: str, kind: str, at: float, made: float) -> bool:
        """Whether changes of an object made then were followed at `at`: nobody knows when what the first list
        held began."""
        told = self._store.told(cluster, kind)
        if told is None or told.state is not State.LIVE:
            return False
        return at - told.since >= SETTLED or made > told.since

    def _hushed(self, finding: FindingRow, row: Row | None) -> FindingRow:
        """The finding as the user wants to hear of it."""
        said = self._silencing.said(finding, row, self._look) if row is not None else ""
        return finding if said == finding.silenced else structs.replace(finding, silenced=said)

    def _hush_again(self) -> Iterator[None]:
        """What was found is silenced or heard as the user says by now, be its rows stale; in turns."""
        self._silencing.due = False
        began = time.process_time()
        changes: dict[str, dict[str, Row | None]] = {}
        for count, (judged, uids) in enumerate(list(self._found.items())):
            number, key = judged
            if count % 64 == 63 and time.process_time() - began >= TURN:
                self._put(changes)
                yield
                began = time.process_time()
            row = self._store.get(self._analysers[number].kind.id, key)
            self._look.resume(judged)
            for uid in uids:
                before = self._store.get(FINDINGS.id, (key[0], uid))
                if isinstance(before, FindingRow) and (now := self._hushed(before, row)) != before:
                    changes.setdefault(key[0], {})[uid] = now
        self._put(changes)

    def _schedule(self, judged: Judged, at: float) -> None:
        if at == float("inf"):
            self._due.pop(judged, None)
        elif self._due.get(judged) != at:
            self._due[judged] = at
            heapq.heappush(self._later, (at, judged))
            if len(self._later) > 2 * len(self._due) + 64:  # what flaps is planned anew each time
                self._later = [(moment, each) for each, moment in self._due.items()]
                heapq.heapify(self._later)


def _pairs(marks: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((what, value) for what, value in sorted(marks.items()) if value)
