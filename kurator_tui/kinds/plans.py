"""A plan as it crosses the link: what would be written where, what servers say of it, how it must be confirmed.

The feeder makes it (`kurator_tui.actions`) and keeps what it means to write; the console and the command line show
it, join plans of several feeders (`link.plans`) and say how it is to be applied. What comes back meanwhile is a
`Progress`. Secret values are masked. JSON, because scripts read it, too. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec

from kurator_tui.kinds.verb import Risk

# -- what is asked ----------------------------------------------------------------------------------------------


class Target(msgspec.Struct, frozen=True):
    """One object. `kind` is a kind's id; `uid` and `resource_version` as the asker saw them, "" where unknown."""

    cluster: str
    kind: str
    namespace: str
    name: str
    uid: str = ""
    resource_version: str = ""

    @property
    def label(self) -> str:
        """For one line of text: cluster and namespace, kind and name."""
        where = "/".join(part for part in (self.cluster, self.namespace) if part)
        return f"{where} {self.kind.partition('.')[0]}/{self.name}"


# -- what is planned --------------------------------------------------------------------------------------------


class Consequence(msgspec.Struct, frozen=True):
    """What else will happen, computed before anything is sent."""

    level: Literal["info", "warning", "danger"]
    text: str
    target: Target | None = None


class Instead(msgspec.Struct, frozen=True):
    """Where to write so that it lasts. `verb` "" where no verb does it; then `fields` says what to edit."""

    text: str
    target: Target | None = None
    verb: str = ""
    arguments: dict[str, str] = {}
    fields: tuple[str, ...] = ()


class Refusal(msgspec.Struct, frozen=True):
    """Why a target is not written to."""

    target: Target
    reason: str
    instead: Instead | None = None


WHOLE = "the object"
"""Path of a line that is about no field: all of the object is there before only, or after."""


class Line(msgspec.Struct, frozen=True):
    """One changed field. `before` and `after` are JSON text, "" where there is no such field; secrets masked."""

    path: str
    before: str = ""
    after: str = ""


class Folded(msgspec.Struct, frozen=True):
    """One diff and the numbers of the steps that have exactly it."""

    lines: tuple[Line, ...]
    steps: tuple[int, ...]
    guessed: bool = False
    """Whether their servers refused to try them, so that it is what was asked for, not what would be stored."""


class Clash(msgspec.Struct, frozen=True):
    """A field that another manager owns: to be taken or left. `time` is RFC 3339, "" where unknown."""

    step: int
    field: str
    manager: str
    time: str = ""


class Fault(msgspec.Struct, frozen=True):
    """Why a server would refuse a step. `field` is the `path` of the line it is about where there is one, else as
    the server says it, "" where the message is about no field."""

    step: int
    message: str
    field: str = ""
    reason: str = ""


class PlannedStep(msgspec.Struct, frozen=True):
    """One request: `what` in words, such as `patch scale`."""

    number: int
    target: Target
    what: str
    note: str = ""


class Plan(msgspec.Struct, frozen=True):
    """One verb over its targets. It can be committed when it has steps and no faults or undecided clashes.

    `word` is what must be typed for a destructive one; `waves` is how it is staged unless told otherwise.
    """

    id: str
    verb: str
    title: str
    risk: Risk
    arguments: dict[str, str] = {}
    steps: tuple[PlannedStep, ...] = ()
    differences: tuple[Folded, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    clashes: tuple[Clash, ...] = ()
    faults: tuple[Fault, ...] = ()
    protected: tuple[str, ...] = ()
    """Clusters that raised the risk."""
    word: str = ""
    waves: tuple[str, ...] = ()
    user: str = ""
    """Whom it is written as, when impersonated."""

    @property
    def clusters(self) -> list[str]:
        """In the order of the steps."""
        return list(dict.fromkeys(step.target.cluster for step in self.steps))

    @property
    def idle(self) -> bool:
        """Whether nothing is to be done, because all is so already."""
        return not (self.steps or self.refusals or self.faults or self.clashes)

    @property
    def ready(self) -> bool:
        """Whether servers would take it as it is."""
        return bool(self.steps) and not self.faults and not self.clashes


# -- how it is applied ------------------------------------------------------------------------------------------


class Commit(msgspec.Struct, frozen=True):
    """How to apply a plan. `confirmed` is the word that was typed, or "y".

    waves    clusters of each wave, in order (`stage` makes them); empty: all at once
    soak     seconds between two waves in which the targets must stay healthy
    """

    plan: str
    confirmed: str = ""
    waves: tuple[tuple[str, ...], ...] = ()
    soak: float = 0.0
    more: bool = False
    """Whether other waves are still to come: the last one of these is watched, too, and what is in none waits."""
    going: float = 0.0
    """Seconds since it was confirmed: a feeder's part may come later than its first wave."""


OLDEST = 300.0
"""Seconds after its dry run in which a plan may be confirmed."""


def outdated(age: float) -> str:
    """Why a plan whose dry run is so many seconds old is not applied, "" where it may be."""
    return f"the plan is {age // 60:.0f} min old: look again" if age > OLDEST else ""


State = Literal["waiting", "writing", "done", "failed", "unknown", "skipped"]


class Progress(msgspec.Struct, frozen=True):
    """One thing that happened to a plan while it is applied. A soak's `message`: what cannot be judged."""

    kind: Literal["step", "wave", "soak", "paused", "resumed", "end"]
    step: int = -1
    state: State = "waiting"
    message: str = ""
    wave: int = -1
    seconds: float = 0.0
    """Left of a soak."""
    done: int = 0
    failed: int = 0
    unknown: int = 0
    skipped: int = 0


class Unfinished(msgspec.Struct, frozen=True):
    """A plan that was begun and did not end; `states` of its steps by the audit, `begun`: nobody knows yet."""

    plan: Plan
    at: str
    states: tuple[str, ...] = ()


DEFAULT_WAVES = ("1", "25%", "100%")
"""One cluster, then a quarter of the rest at a time."""


def stage(clusters: Sequence[str], waves: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """`clusters` in waves. Each of `waves` is a number of clusters or a percentage of all of them; the last one
    repeats until none is left. Raises ValueError for what is neither.
    """
    sizes = [_size(text, len(clusters)) for text in waves] or [len(clusters)]
    staged: list[tuple[str, ...]] = []
    at = 0
    while at < len(clusters):
        size = sizes[min(len(staged), len(sizes) - 1)]
        staged.append(tuple(clusters[at : at + size]))
        at += size
    return tuple(staged)


def _size(text: str, count: int) -> int:
    number = text.strip().removesuffix("%")
    if not number.isdecimal() or int(number) == 0:
        raise ValueError(f"{text!r} is neither a number of clusters nor a percentage")
    return max(1, math.ceil(int(number) * count / 100)) if text.strip().endswith("%") else int(number)


def encode(value: Any) -> str:
    """JSON text of any of these."""
    return msgspec.json.encode(value).decode()


def decode_plan(text: str | bytes) -> Plan:
    """Raises msgspec.DecodeError."""
    return msgspec.json.decode(text, type=Plan)


def decode_targets(text: str | bytes) -> tuple[Target, ...]:
    """Raises msgspec.DecodeError."""
    return msgspec.json.decode(text, type=tuple[Target, ...])


def decode_unfinished(text: str | bytes) -> list[Unfinished]:
    """Raises msgspec.DecodeError."""
    return msgspec.json.decode(text, type=list[Unfinished])


def decode_commit(text: str | bytes) -> Commit:
    """Raises msgspec.DecodeError."""
    return msgspec.json.decode(text, type=Commit)


def decode_progress(text: str | bytes) -> Progress:
    """Raises msgspec.DecodeError."""
    return msgspec.json.decode(text, type=Progress)
