"""The audit: one line for what is about to be written and one for what came of it, before and after each write.

Append-only JSON lines, each with the hash of the line before it, on the disk (fsync) before `append` returns. No
audit, no write: `append` raises `AuditFailed` and leaves the file as it was. Several processes may append to one
file. Secrets are masked by who makes the entry. It is readable by its owner only.

What the chain shows: an edited, inserted or removed line. What it cannot: that the last lines were cut off; for
that, keep the last hash (`kurator-tui audit verify` prints it) somewhere else.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from kurator_tui.errors import AuditFailed
from kurator_tui.kinds.plans import Line, Target

FILE = "audit.jsonl"
GENESIS = "0" * 64
"""What stands for the hash before the first line."""
_TAIL = 2**16
"""Bytes that are read at once to find the last line."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line. `prev` and `torn` are filled in when it is appended.

    event     intent: about to be sent; outcome: what came of it; note: about the plan as a whole
    outcome   done, failed, unknown, skipped, or of a read-back: found done, not written
    torn      hash of a half line before this one, which a crash left
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


class Audit:
    """Appends to one file; made with the first entry."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def append(self, entry: Entry) -> None:
        """Have `entry` on the disk. Blocks for the disk. Raises AuditFailed: nothing was appended."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _failed(self.path, error) from error
        try:
            with _locked(fd):
                _append(fd, entry)
        except OSError as error:
            raise _failed(self.path, error) from error
        finally:
            os.close(fd)

    def entries(self, plan: str = "") -> Iterator[Entry]:
        """Every readable line in order, or those of one plan. Raises AuditFailed where the file cannot be read."""
        try:
            with self.path.open("rb") as lines:
                for line in lines:
                    if not plan or plan.encode() in line:
                        with contextlib.suppress(msgspec.DecodeError):
                            entry = msgspec.json.decode(line, type=Entry)
                            if plan in ("", entry.plan):
                                yield entry
        except FileNotFoundError:
            return
        except OSError as error:
            raise _failed(self.path, error) from error


def _append(fd: int, entry: Entry) -> None:
    end = os.fstat(fd).st_size
    last, torn = _last_lines(fd, end)
    prev = hashlib.sha256(last).hexdigest() if last else GENESIS
    half = hashlib.sha256(torn).hexdigest() if torn else ""
    line = msgspec.json.encode(msgspec.structs.replace(entry, prev=prev, torn=half)) + b"\n"
    try:
        _write(fd, (b"\n" if torn else b"") + line)
        os.fsync(fd)
    except OSError:
        os.ftruncate(fd, end)  # no half line where the disk was full
        raise


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
            if _decoded(line) is not None:
                return line, lines[-1]
    return b"", tail.split(b"\n")[-1]


def _decoded(line: bytes) -> Entry | None:
    try:
        return msgspec.json.decode(line, type=Entry)
    except msgspec.DecodeError:
        return None


@contextlib.contextmanager
def _locked(fd: int) -> Iterator[None]:
    """One process at a time; the lock goes with the file's closing."""
    with contextlib.suppress(ImportError):
        import fcntl

        fcntl.flock(fd, fcntl.LOCK_EX)
    yield


def _failed(path: Path, error: OSError) -> AuditFailed:
    why = error.strerror or type(error).__name__
    return AuditFailed(f"{path}: {why}.", "Nothing is written to a cluster that the audit cannot hold.")


class Verdict(msgspec.Struct, frozen=True):
    """What `verify` found. `broken` is the number of the first line that does not follow from the one before."""

    lines: int
    head: str
    """Hash of the last line."""
    broken: int = 0
    why: str = ""
    torn: tuple[int, ...] = ()
    """Numbers of half lines that a crash left and the next line vouches for."""
    open_intents: tuple[str, ...] = ()
    """`plan/step cluster` of what was begun and has no outcome."""


def verify(path: Path) -> Verdict:
    """Follow the chain from the first line to the last. Raises AuditFailed where the file cannot be read."""
    head, half, numbers = GENESIS, b"", [0]
    begun: dict[str, None] = {}
    torn: list[int] = []

    def verdict(why: str = "") -> Verdict:
        broken = numbers[0] if why else 0
        return Verdict(numbers[0], head, broken, why, tuple(torn), tuple(sorted(begun)))

    try:
        with path.open("rb") as lines:
            for raw in lines:
                numbers[0] += 1
                line = raw.removesuffix(b"\n")
                entry = _decoded(line)
                if entry is None or not raw.endswith(b"\n"):
                    if half:
                        return verdict("it cannot be read")
                    half = line
                    torn.append(numbers[0])
                    continue
                if entry.prev != head:
                    return verdict("it does not follow from the line before")
                if entry.torn != (hashlib.sha256(half).hexdigest() if half else ""):
                    return verdict("the line before it is not the one it was written after")
                head, half = hashlib.sha256(line).hexdigest(), b""
                _count(begun, entry)
    except FileNotFoundError:
        return verdict()
    except OSError as error:
        raise _failed(path, error) from error
    return verdict()


def _count(begun: dict[str, None], entry: Entry) -> None:
    place = f"{entry.plan}/{entry.step}" + (f" {entry.target.cluster}" if entry.target is not None else "")
    if entry.event == "intent":
        begun[place] = None
    elif entry.event == "outcome":
        begun.pop(place, None)
