"""Follows an audit's chain of hashes from its first line to its last, over all its files. Reads only."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from kurator_tui.actions import audit_files
from kurator_tui.actions.audit import GENESIS, Entry, decoded, failed


class Verdict(msgspec.Struct, frozen=True):
    """What `verify` found. `broken` is the number of the first line of `file` that does not follow from the one
    before; lines are counted in each file, `lines` in all.
    """

    lines: int
    head: str
    """Hash of the last line."""
    broken: int = 0
    why: str = ""
    file: str = ""
    torn: tuple[int, ...] = ()
    """Numbers of half lines that a crash left and the next line vouches for."""
    open_intents: tuple[str, ...] = ()
    """`plan/step cluster` of what was begun and has no outcome."""
    since: str = ""
    """The file it begins with, where those before it are not here any more."""


def verify(path: Path) -> Verdict:
    """Of the audit whose present file is `path`. Raises AuditFailed where a file cannot be read."""
    walk = _Walk()
    files = [*audit_files.full(path), *([path] if path.exists() else [])]
    first = audit_files.number(files[0]) if files else 0
    since = files[0].name if first > 1 else ""
    walk.anywhere = bool(since)
    for file in files:
        if why := walk.through(file):
            return walk.verdict(since, why, file.name)
    remembered = audit_files.head(path)
    if remembered and remembered not in walk.last:
        why = "the last line is not the one that was written last: it was edited, or lines after it were cut off"
        return walk.verdict(since, why, files[-1].name if files else path.name)
    return walk.verdict(since)


class _Walk:
    """Where the chain is."""

    def __init__(self) -> None:
        self.last = [GENESIS]
        """Hashes of the last two lines: a crash may leave the one before the last as what is remembered."""
        self.anywhere = False
        """Whether the next line may follow from a line that is not here."""
        self._half = b""
        self._lines = 0
        self._line = 0
        self._begun: dict[str, None] = {}
        self._torn: list[int] = []

    def verdict(self, since: str, why: str = "", file: str = "") -> Verdict:
        broken = max(self._line, 1) if why else 0
        intents = tuple(sorted(self._begun))
        return Verdict(self._lines, self.last[-1], broken, why, file, tuple(self._torn), intents, since)

    def through(self, path: Path) -> str:
        """Follow one file; why it breaks, or ""."""
        self._line = 0
        try:
            with path.open("rb") as lines:
                for raw in lines:
                    self._lines += 1
                    self._line += 1
                    if why := self._next(raw):
                        return why
        except OSError as error:
            raise failed(path, error) from error
        return ""

    def _next(self, raw: bytes) -> str:
        line = raw.removesuffix(b"\n")
        entry = decoded(line)
        if entry is None or not raw.endswith(b"\n"):
            if self._half:
                return "it cannot be read"
            self._half = line
            self._torn.append(self._line)
            return ""
        if entry.prev != self.last[-1] and not self.anywhere:
            return "it does not follow from the line before"
        if entry.torn != (hashlib.sha256(self._half).hexdigest() if self._half else ""):
            return "the line before it is not the one it was written after"
        if entry.cut:
            return "lines before it were cut off: the one that was written last is not there"
        self.anywhere, self._half = False, b""
        self.last = [self.last[-1], hashlib.sha256(line).hexdigest()]
        self._count(entry)
        return ""

    def _count(self, entry: Entry) -> None:
        place = f"{entry.plan}/{entry.step}" + (f" {entry.target.cluster}" if entry.target is not None else "")
        if entry.event == "intent":
            self._begun[place] = None
        elif entry.event == "outcome":
            self._begun.pop(place, None)
