"""Long work on a window, in steps short enough for a loop that must not pause: filter, order, load, texts.

Each job prepares its result beside the window from what is there when it passes by. Rows that change meanwhile
are noted and looked at again at the end, then the result is put in place at once. A job that is not wanted any
more is dropped: it has changed nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from kurator_tui.kinds.base import AnyColumn, Row
from kurator_tui.store.ordering import STEP, Order, Rank, Steps, ordered, ranking
from kurator_tui.store.search import Filter, Match, Needle
from kurator_tui.store.slots import Slots
from kurator_tui.store.store import Delta
from kurator_tui.store.texts import Texts
from kurator_tui.store.window import Window

PIECE = 256
"""Rows looked at again in one step: about a millisecond."""
ROUNDS = 50
"""A storm may go on for ever, catching up with it may not."""


class Job:
    """Work in progress. `steps` ends when its result is in place."""

    def __init__(self, begin: Callable[[Job], Steps], *, rows: list[Row] | None = None) -> None:
        self.touched: set[int] = set()
        """Slots whose rows changed since the job began."""
        self.rows = rows
        """What a load started from; such a job makes its own slots."""
        self.late: Delta = {}
        """With `rows`: all changes since then."""
        self.visible = False
        """Whether what is shown is something else after it."""
        self.steps: Steps = begin(self)

    def note(self, touched: Iterable[int], delta: Delta) -> None:
        """The window changed."""
        if self.rows is not None:
            self.late.update(delta)
        else:
            self.touched.update(touched)

    def take(self, most: int) -> list[int]:
        """Up to `most` touched slots, which count as seen now."""
        if len(self.touched) <= most:
            taken, self.touched = list(self.touched), set()
            return taken
        return [self.touched.pop() for _ in range(most)]


# -- which rows are shown -------------------------------------------------------------------------------------


def masking(window: Window, predicate: Match | None) -> Job:
    """Show only rows for which `predicate` is true."""

    def steps(job: Job) -> Steps:
        job.visible = True
        if predicate is None:
            window.show_only(None, None)
            return
        rows = window.slots.rows
        among = None
        if window.mask is not None and isinstance(predicate, Filter) and predicate.refines(window.predicate):
            among = window.shown
        candidates: Sequence[int] = range(len(rows)) if among is None else among.slots[:]
        mask = yield from _mask(rows, window.texts, predicate, candidates)
        if job.touched or among is not window.shown:
            among = None  # rows may enter that the filter before left out
        for _ in range(ROUNDS):
            if len(job.touched) <= PIECE:
                break
            _look_again(mask, job.take(PIECE), rows, predicate)
            yield
        _look_again(mask, job.take(len(job.touched)), rows, predicate)
        window.show_only(predicate, mask, among)

    return Job(steps)


def _mask(rows: Sequence[Row], texts: Texts, predicate: Match, candidates: Sequence[int]) -> Any:
    """Generator that returns a mask of the candidates that `predicate` lets through."""
    needles: tuple[Needle, ...] = ()
    rest: Match | None = predicate
    if isinstance(predicate, Filter):
        needles, rest = predicate.needles, _rest(predicate)
    if needles:
        yield from texts.make(rows)
    mask = bytearray(len(rows))
    for start in range(0, len(candidates), STEP):
        found: Sequence[int] = candidates[start : start + STEP]
        for needle in needles:
            found = _containing(needle, found, texts.by_slot, rows)
        if rest is None:
            chosen = found
        else:
            chosen = list[int]()
            for at in range(0, len(found), STEP // 4):
                chosen += [slot for slot in found[at : at + STEP // 4] if rest(rows[slot])]
                yield
        for slot in chosen:
            mask[slot] = 1
        yield
    return mask


def _rest(predicate: Filter) -> Match | None:
    """The conditions of a filter beside its needles."""
    matches = [condition.match for condition in predicate.conditions]
    if not matches:
        return None
    return matches[0] if len(matches) == 1 else lambda row: all(match(row) for match in matches)


def _containing(
    needle: Needle, slots: Sequence[int], texts: list[str | None], rows: Sequence[Row]
) -> Sequence[int]:
    text, figures = needle.text, needle.figures
    if isinstance(slots, range) and figures is None and not needle.negated:
        part = texts[slots.start : slots.stop]
        if None not in part:
            return [slot for slot, found in zip(slots, part, strict=True) if text in found]  # type: ignore[operator]
    if figures is not None:
        return [
            slot for slot in slots if (text in (texts[slot] or "") or figures(rows[slot])) is not needle.negated
        ]
    if needle.negated:
        return [slot for slot in slots if text not in (texts[slot] or "")]
    return [slot for slot in slots if text in (texts[slot] or "")]


def _look_again(mask: bytearray, slots: Iterable[int], rows: Sequence[Row], predicate: Match) -> None:
    mask.extend(bytes(len(rows) - len(mask)))
    for slot in slots:
        mask[slot] = bool(predicate(rows[slot]))


def rechecking(window: Window, predicate: Filter, then: float, now: float) -> Job:
    """Ask a timed filter again about rows whose verdict may differ between two moments (Unix seconds)."""

    def steps(job: Job) -> Steps:
        rows, flips = window.slots.rows, predicate.flips
        for start in range(0, len(rows), STEP):
            found = [slot for slot in range(start, min(start + STEP, len(rows))) if flips(rows[slot], then, now)]
            if found and window.reconsider(found):
                job.visible = True
            yield

    return Job(steps)


def texting(window: Window) -> Job:
    """Make the texts that a search will read."""

    def steps(job: Job) -> Steps:
        yield from window.texts.make(window.slots.rows)

    return Job(steps)


# -- in which order -------------------------------------------------------------------------------------------


def sorting(window: Window, column: AnyColumn, *, descending: bool) -> Job:
    """Order by `column`."""

    def steps(job: Job) -> Steps:
        job.visible = True
        rank = ranking(column, descending=descending)
        order = yield from _order(window.slots, rank, descending)
        for _ in range(ROUNDS):
            if len(job.touched) <= PIECE:
                break
            yield from _merge(order, job.take(len(job.touched)), window.slots, rank)
        for _ in _merge(order, job.take(len(job.touched)), window.slots, rank):
            pass
        window.order_by(column, order)

    return Job(steps)


def _order(slots: Slots, rank: Callable[[Row], Rank], descending: bool) -> Any:
    """Generator that returns the order of all slots."""
    ranks: list[Rank] = []
    while len(ranks) < len(slots.rows):
        ranks += map(rank, slots.rows[len(ranks) : len(ranks) + STEP])
        yield
    by_identity = yield from slots.by_identity()
    ranks.extend([None] * (len(slots.rows) - len(ranks)))
    return (yield from ordered(by_identity, slots.rows, ranks, reverse=descending))


def _merge(order: Order, touched: list[int], slots: Slots, rank: Callable[[Row], Rank]) -> Steps:
    """Put the rows of `touched` where they belong now."""
    if not touched:
        return
    rows, ranks = slots.rows, order.ranks
    order.drop(touched)
    ranks.extend([None] * (len(rows) - len(ranks)))
    for slot in touched:
        ranks[slot] = rank(rows[slot])
    order.recount()
    living = iter([slot for slot in touched if slots.alive(slot)])
    while piece := list(islice(living, PIECE)):
        order.insert(piece)
        yield


# -- other rows -----------------------------------------------------------------------------------------------


def loading(
    window: Window, rows: list[Row], column: AnyColumn, predicate: Match | None, *, descending: bool
) -> Job:
    """Start again from `rows`; what changes meanwhile is applied in one go at the end."""

    def steps(job: Job) -> Steps:
        job.visible = True
        slots, texts = Slots(), Texts(window.kind)
        yield from slots.fill(rows)
        order = yield from _order(slots, ranking(column, descending=descending), descending)
        mask = None
        if predicate is not None:
            mask = yield from _mask(slots.rows, texts, predicate, range(len(slots.rows)))
        window.use(slots, texts)
        window.show_only(None, None)
        window.order_by(column, order)
        window.show_only(predicate, mask)
        window.apply(job.late)

    return Job(steps, rows=rows)
