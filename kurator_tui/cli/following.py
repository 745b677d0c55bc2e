"""`get --watch`: each change of a row as one line of JSON, until interrupted or nobody reads any more."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator

from kurator_tui.cli.options import Options
from kurator_tui.cli.output import inert_json, item
from kurator_tui.cli.run import Asked, opened_kind
from kurator_tui.kinds.base import AnyKind, Key, Row
from kurator_tui.store.store import Delta
from kurator_tui.store.view import Predicate

Matching = Callable[[AnyKind], Predicate | None]


class Changes:
    """Rows as `added`, `modified` and `deleted` lines; a row that stops matching is deleted."""

    def __init__(self, kind: AnyKind, wanted: Predicate | None, clock: Callable[[], float] = time.time) -> None:
        self._kind = kind
        self._wanted = wanted
        self._clock = clock
        self._known: dict[Key, Row] = {}

    def lines(self, delta: Delta) -> Iterator[str]:
        """One line a change that shows."""
        for key, row in delta.items():
            known = self._known.get(key)
            if row is not None and (self._wanted is None or self._wanted(row)):
                self._known[key] = row
                yield self._line("added" if known is None else "modified", row)
            elif known is not None:
                del self._known[key]
                yield self._line("deleted", row or known)

    def _line(self, type: str, row: Row) -> str:
        found = {"type": type, "object": item(self._kind, row, self._clock())}
        return inert_json(json.dumps(found, ensure_ascii=False)) + "\n"


async def follow(options: Options, asked: Asked, matching: Matching, write: Callable[[str], None]) -> None:
    """Call `write` with each line until cancelled. Raises ConsoleError; `BrokenPipeError` when nobody reads."""
    async with opened_kind(options, asked) as (session, kind, _complete):
        changes, woken = Changes(kind, matching(kind)), asyncio.Event()
        pending: list[Delta] = [{row.key: row for row in session.store.rows(kind.id)}]

        def changed(id: str, delta: Delta) -> None:
            if id == kind.id:
                pending.append(dict(delta))
                woken.set()

        session.store.listen(changed)
        gone = reader_gone(woken)
        while not gone.is_set():
            while pending:
                write("".join(changes.lines(pending.pop(0))))
            woken.clear()
            await woken.wait()
        raise BrokenPipeError


def reader_gone(woken: asyncio.Event) -> asyncio.Event:
    """Set when nobody reads our pipe any more: without another change a write would never find out."""
    gone = asyncio.Event()
    loop = asyncio.get_running_loop()

    def end(fd: int) -> None:
        loop.remove_reader(fd)
        gone.set()
        woken.set()

    try:
        fd = sys.stdout.fileno()
        if stat.S_ISFIFO(os.fstat(fd).st_mode):
            loop.add_reader(fd, end, fd)  # the end that is written to is readable only when it is broken
    except (OSError, ValueError):
        pass
    return gone
