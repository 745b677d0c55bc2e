"""Plans that were begun, kept so that a killed console can account for them, go on, and take them back.

A record is on the disk before the plan's first intent is in the audit; what became of each step is in the audit
alone (`position`), so that the two cannot disagree. No secret value is kept, nor one whose name says that it is
(`kinds.secret_names`): a step that writes one is `sealed`, and can be neither resumed nor undone.
Files are readable by their owner only; `<id>.<shard>.open` is one that did not end, `<id>.<shard>.json` one that
did. The oldest of the latter go when there are more than `KEPT`.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from kurator_tui.actions.audit import Entry
from kurator_tui.actions.difference import Change
from kurator_tui.actions.difference import Path as Field
from kurator_tui.actions.plan import Create, Delete, JsonPatch, Obj, Step
from kurator_tui.errors import AuditFailed, UsageError
from kurator_tui.folders import make_own
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.masking import LAST_APPLIED
from kurator_tui.kinds.plans import Commit, Line, Plan, PlannedStep
from kurator_tui.kinds.secret_names import holds, holds_at
from kurator_tui.kinds.shapes import at, mapping
from kurator_tui.kinds.verb import Risk

FOLDER = "plans"
KEPT = 500
_SECRET = ("secrets", "works.work.karmada.io")
"""Kinds whose content is on no disk; Karmada's Works bring whole Secrets to members."""
_OPEN, _ENDED = ".open", ".json"


class Kept(msgspec.Struct, frozen=True):
    """One step with what it changes: for the read-back and for undo. `lines` are masked."""

    step: Step
    changed: tuple[Change, ...] = ()
    lines: tuple[Line, ...] = ()
    dry_run: str = ""
    gone: Obj | None = None
    """What a delete removes, to make it again."""
    sealed: bool = False
    made: bool = False
    """Whether there was no such object before, so that undo deletes it."""


class Record(msgspec.Struct, frozen=True):
    """One plan of one feeder, as it was committed."""

    id: str
    verb: str
    title: str
    at: str
    steps: tuple[Kept, ...]
    commit: Commit
    shard: int = 0
    user: str = ""
    groups: tuple[str, ...] = ()
    servers: dict[str, str] = {}
    """By cluster: its server's URL. Another fleet may have clusters of the same names."""
    reached: tuple[str, ...] = ()
    """Clusters that it reaches beside those that it is sent to."""
    risk: Risk = Risk.DISRUPTIVE
    word: str = ""
    """What was typed to confirm it, "" where `y` was enough."""
    protected: tuple[str, ...] = ()
    """Clusters that were protected when it was confirmed."""

    @property
    def name(self) -> str:
        return f"{self.id}.{self.shard}"

    @property
    def clusters(self) -> list[str]:
        """In the order of the steps."""
        return list(dict.fromkeys(kept.step.target.cluster for kept in self.steps))

    def elsewhere(self, servers: Mapping[str, str]) -> str:
        """A cluster of it whose server is not the one of that name in `servers`, "" for none that is known."""
        known = ((cluster, servers.get(cluster, "")) for cluster in self.servers)
        return next((cluster for cluster, now in known if now and now != self.servers[cluster]), "")

    def plan(self) -> Plan:
        """What of it is shown before it goes on."""
        numbered = tuple(
            PlannedStep(number, kept.step.target, kept.step.write.words, kept.step.note)
            for number, kept in enumerate(self.steps)
        )
        return Plan(self.id, self.verb, self.title, self.risk, steps=numbered, user=self.user)


def without_secrets(kept: Kept) -> Kept:
    """What of a step may be on a disk."""
    step, body = kept.step, getattr(kept.step.write, "body", None)
    kind = body.get("kind") if isinstance(body, dict) else ""
    secret = step.target.kind in _SECRET or kind in ("Secret", "Work")
    if isinstance(step.write, Delete):
        return msgspec.structs.replace(kept, gone=None, changed=()) if secret or holds(kept.gone) else kept
    if not secret:
        return _sealed(kept) if _named(kept) else kept
    touched = [each.path for each in kept.changed]
    beside = touched and all(path[0] == "metadata" and LAST_APPLIED not in path for path in touched)
    if beside and not _says_values(body):
        return kept
    return _sealed(kept)


def _sealed(kept: Kept) -> Kept:
    write = Create({}) if isinstance(kept.step.write, Create) else JsonPatch(())
    step = msgspec.structs.replace(kept.step, write=write)
    return Kept(step, (), kept.lines, kept.dry_run, None, sealed=True, made=kept.made)


def _named(kept: Kept) -> bool:
    """Whether a step of another kind writes or changes a value whose name says that it is secret."""
    write = kept.step.write
    said: list[tuple[Field, object]] = [
        (tuple(str(each.get("path", "")).split("/")[1:]), each.get("value")) for each in _operations(write)
    ]
    said += [(each.path, value) for each in kept.changed for value in (each.before, each.after)]
    return holds(getattr(write, "body", {})) or any(holds_at(path, value) for path, value in said)


def _operations(write: object) -> tuple[Obj, ...]:
    return write.operations if isinstance(write, JsonPatch) else ()


def _says_values(body: object) -> bool:
    """Whether the body of a write repeats values of a Secret, though it changes none of them."""
    if not isinstance(body, dict):
        return False
    notes = mapping(at(body, "metadata", "annotations"))
    return bool({"data", "stringData", "spec"} & body.keys()) or LAST_APPLIED in notes


State = Literal["waiting", "begun", "done", "failed", "unknown", "skipped"]


def position(record: Record, entries: Iterable[Entry]) -> list[State]:
    """What became of each step, by the audit: `begun` has an intent and no outcome."""
    states: list[State] = ["waiting"] * len(record.steps)
    clusters = [kept.step.target.cluster for kept in record.steps]
    for entry in entries:
        if not 0 <= entry.step < len(states) or entry.target is None:
            continue
        if entry.target.cluster != clusters[entry.step]:
            continue  # another feeder's step of this number
        if entry.event == "intent":
            states[entry.step] = "begun"
        elif entry.event == "outcome":
            states[entry.step] = _OUTCOMES.get(entry.outcome, "failed")
    return states


def made(record: Record, entries: Iterable[Entry]) -> dict[int, str]:
    """By step: the uid of the object that it made, by the audit."""
    clusters = [kept.step.target.cluster for kept in record.steps]
    return {
        entry.step: entry.made
        for entry in entries
        if entry.made
        and entry.target is not None
        and 0 <= entry.step < len(clusters)
        and entry.target.cluster == clusters[entry.step]
    }


_OUTCOMES: dict[str, State] = {
    "done": "done",
    "found done": "done",
    "not written": "waiting",
    "failed": "failed",
    "unknown": "unknown",
    "skipped": "skipped",
}


class Journal:
    """The records in one folder."""

    def __init__(self, state: Path) -> None:
        self._folder = state / FOLDER

    def begin(self, record: Record) -> None:
        """Have `record` on the disk, as one that did not end. Raises AuditFailed."""
        safe = msgspec.structs.replace(record, steps=tuple(map(without_secrets, record.steps)))
        path = self._folder / f"{record.name}{_OPEN}"
        try:
            make_own(self._folder)
            part = path.with_suffix(".part")
            fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(fd, "wb") as file:
                file.write(msgspec.json.encode(safe))
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            _sync(self._folder)
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise AuditFailed(f"{self._folder}: {why}.", "A plan that cannot be kept is not begun.") from error

    def has(self, record: Record) -> bool:
        """Whether it was begun and did not end."""
        return (self._folder / f"{record.name}{_OPEN}").exists()

    def ended(self, record: Record) -> bool:
        """Whether it was begun and is over."""
        return (self._folder / f"{record.name}{_ENDED}").exists()

    def end(self, record: Record) -> None:
        """It is over: every step is accounted for."""
        with contextlib.suppress(OSError):
            (self._folder / f"{record.name}{_OPEN}").replace(self._folder / f"{record.name}{_ENDED}")
            self._prune()

    def unfinished(self) -> list[Record]:
        """Plans that did not end, the oldest first, and are not being applied by a living process."""
        found = []
        for path in sorted(self._folder.glob(f"*{_OPEN}")):
            record = _read(path)
            if record is not None:
                with self._try(path) as free:
                    if free:
                        found.append(record)
        return found

    def load(self, id: str) -> list[Record]:
        """The records of a plan, one a feeder that had a part in it. Raises UsageError where there is none."""
        if not id or not all(char.isalnum() or char == "-" for char in id):
            raise UsageError(f"{inert(id)} is no plan")
        paths = [*self._folder.glob(f"{id}.*{_OPEN}"), *self._folder.glob(f"{id}.*{_ENDED}")]
        found = [record for path in sorted(paths) if (record := _read(path)) is not None]
        if not found:
            raise UsageError(f"no plan {inert(id)} is kept", "kurator-tui audit show lists what was done.")
        return found

    @contextlib.contextmanager
    def held(self, record: Record) -> Iterator[None]:
        """Nobody else applies `record` meanwhile. Raises UsageError where somebody does."""
        with self._try(self._folder / f"{record.name}{_OPEN}") as free:
            if not free:
                raise UsageError(f"plan {record.id} is being applied by another process")
            yield

    @contextlib.contextmanager
    def _try(self, path: Path) -> Iterator[bool]:
        """Whether the lock of a record's file is ours while the block runs; it goes with the process."""
        try:
            fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            yield False
            return
        try:
            yield _lock(fd)
        finally:
            os.close(fd)

    def _prune(self) -> None:
        for path in sorted(self._folder.glob(f"*{_ENDED}"))[:-KEPT]:
            path.unlink(missing_ok=True)


def _lock(fd: int) -> bool:
    try:
        import fcntl

        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:
        return True
    except OSError:
        return False
    return True


def _sync(folder: Path) -> None:
    """The folder's own entry of a new file, too."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _read(path: Path) -> Record | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Record)
    except (OSError, msgspec.DecodeError):
        return None
