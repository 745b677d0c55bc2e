"""The audit: one line for what is about to be written and one for what came of it, before and after each write.

Append-only JSON lines, each with the hash of the line before it, on the disk (fsync) before `append` returns. No
audit, no write: `append` raises `AuditFailed` and leaves the file as it was. Several processes may append to one
file. Secrets are masked by who makes the entry. It is readable by its owner only. A file that is full is put away
and the chain goes on in the next (`audit_files`); none is ever deleted.

What the chain shows (`audit_chain`): a line that was edited, inserted, moved or removed; and lines that were cut
off at the end, because the last hash is kept beside it. Who may write all these files can write them all anew:
against that, keep the last hash (`kurator-tui audit verify` prints it) somewhere else.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from kurator_tui.actions import audit_files
from kurator_tui.errors import AuditFailed
from kurator_tui.folders import make_own
from kurator_tui.kinds.plans import Line, Target

PART = 16 * 2**20
"""Bytes after which a file is full."""
GENESIS = "0" * 64
"""What stands for the hash before the first line."""
_TAIL = 2**16
"""Bytes that are read at once to find the last line."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line. `prev`, `torn` and `cut` are filled in when it is appended.

    event     intent: about to be sent; outcome: what came of it; note: about the plan as a whole
    outcome   done, failed, unknown, skipped, or of a read-back: found done, not written
    torn      hash of a half line before this one, which a crash left
    cut       hash of the line that had been written last, where it was not there any more
    """

    event: Literal["intent", "outcome", "note"]
    at: str
    """RFC 3339, UTC."""
    plan: str
    verb: str
    step: int = -1
    target: Target | None = None
    request: str = ""
    diff: tuple[Line, ...] = ()
    dry_run: str = ""
    outcome: str = ""
    message: str = ""
    made: str = ""
    """Uid of the object that the write made, "" where it changed one: undo deletes that object and no other."""
    credentials: str = ""
    """Whose: the kubeconfig's context and user, or the Secret."""
    user: str = ""
    """Whom it was written as, when impersonated."""
    groups: tuple[str, ...] = ()
    host_user: str = ""
    host: str = ""
    process: int = 0
    prev: str = ""
    torn: str = ""
    cut: str = ""


class Audit:
    """Appends to the files in one folder; made with the first entry. `part` bytes fill a file."""

    def __init__(self, folder: Path, part: int = PART) -> None:
        self.path = folder / audit_files.FILE
        self._part = part

    def append(self, entry: Entry) -> None:
        """Have `entry` on the disk. Blocks for the disk. Raises AuditFailed: nothing was appended."""
        try:
            make_own(self.path.parent)
            with audit_files.locked(self.path):
                if self.path.exists() and self.path.stat().st_size >= self._part:
                    audit_files.put_away(self.path)
                fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
                try:
                    _append(fd, self.path, entry)
                finally:
                    os.close(fd)
        except OSError as error:
            raise failed(self.path, error) from error

    def entries(self, plan: str = "") -> Iterator[Entry]:
        """Every readable line in order, or those of one plan. Raises AuditFailed where a file cannot be read."""
        for path in self._files():
            yield from _entries(path, plan)

    def latest(self, count: int) -> list[Entry]:
        """The last so many entries, in order. Raises AuditFailed where a file cannot be read."""
        found: list[Entry] = []
        for path in reversed(self._files()):
            found = [*_entries(path), *found]
            if len(found) >= count:
                break
        return found[-count:]

    def _files(self) -> list[Path]:
        return [*audit_files.full(self.path), self.path]


def _entries(path: Path, plan: str = "") -> Iterator[Entry]:
    try:
        with path.open("rb") as lines:
            for line in lines:
                entry = decoded(line) if not plan or plan.encode() in line else None
                if entry is not None and plan in ("", entry.plan):
                    yield entry
    except FileNotFoundError:
        return
    except OSError as error:
        raise failed(path, error) from error


def _append(fd: int, path: Path, entry: Entry) -> None:
    end = os.fstat(fd).st_size
    last, torn = _last_lines(fd, end)
    lost = torn
    if not last and (before := audit_files.full(path)):
        last, lost = _last_of(before[-1])
    prev = hashlib.sha256(last).hexdigest() if last else GENESIS
    half = hashlib.sha256(torn or lost).hexdigest() if torn or lost else ""
    linked = msgspec.structs.replace(entry, prev=prev, torn=half, cut=_cut(path, prev))
    line = msgspec.json.encode(linked)
    try:
        _write(fd, (b"\n" if torn else b"") + line + b"\n")
        os.fsync(fd)
        audit_files.remember(path, hashlib.sha256(line).hexdigest())
    except OSError:
        os.ftruncate(fd, end)  # no half line where the disk was full
        raise


def _cut(path: Path, last: str) -> str:
    """The hash that was remembered, where no line has it. A crash may leave that of an earlier line: no cut."""
    remembered = audit_files.head(path)
    if not remembered or remembered == last:
        return ""
    for file in reversed([*audit_files.full(path), path]):
        with contextlib.suppress(FileNotFoundError), file.open("rb") as lines:
            if any(hashlib.sha256(line.removesuffix(b"\n")).hexdigest() == remembered for line in lines):
                return ""
    return remembered


def _last_of(path: Path) -> tuple[bytes, bytes]:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return _last_lines(fd, os.fstat(fd).st_size)
    finally:
        os.close(fd)


def _write(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]


def _last_lines(fd: int, end: int) -> tuple[bytes, bytes]:
    """The last whole line that is an entry, and the half line behind it."""
    start, tail = end, b""
    while start > 0:
        size = min(_TAIL, start)
        start -= size
        tail = os.pread(fd, size, start) + tail
        lines = tail.split(b"\n")
        whole = lines[1:-1] if start else lines[:-1]
        for line in reversed(whole):
            if decoded(line) is not None:
                return line, lines[-1]
    return b"", tail.split(b"\n")[-1]


def decoded(line: bytes) -> Entry | None:
    """A line as an entry; None for what is none."""
    try:
        return msgspec.json.decode(line, type=Entry)
    except msgspec.DecodeError:
        return None


def failed(path: Path, error: OSError) -> AuditFailed:
    """Why the audit cannot be read or written."""
    why = error.strerror or type(error).__name__
    return AuditFailed(f"{path}: {why}.", "Nothing is written to a cluster that the audit cannot hold.")
