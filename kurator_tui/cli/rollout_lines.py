"""Rollouts as lines for scripts: one a change, text or JSON, and the code that they end with. Pure.

Nothing printed here can act on a terminal.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from kurator_tui.cli.output import inert_json, item
from kurator_tui.kinds.base import Key
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.rollouts import ROLLOUTS, Outcome, RolloutRow, Source, outcome
from kurator_tui.store.store import Delta


class Code(enum.IntEnum):
    """Exit codes of `rollout status`."""

    SUCCEEDED = 0
    FAILED = 1
    UNFINISHED = 3
    """Not done on every cluster in the time that was given."""
    NOT_FOUND = 4


SETTLED = 3.0
"""Seconds for which all have to stay ended: what the host and the members say does not arrive together."""


class Wanted:
    """The rollouts that are asked for: by name, and by the namespace and fleet they are in if one is given.

    `revision` is what they have to get to, or a part of it; "" for whatever they are at.
    """

    def __init__(self, name: str, namespace: str = "", fleet: str = "", revision: str = "") -> None:
        self.name = name
        self.namespace = namespace
        self.fleet = fleet
        self.revision = revision

    def holds(self, row: object) -> bool:
        """Whether `row` is one of them. The namespace is the Application's or the workload's."""
        if not isinstance(row, RolloutRow) or row.name != self.name:
            return False
        near = self.namespace in ("", row.application_namespace, row.namespace)
        return near and (self.fleet in ("", row.fleet) or not row.application)

    def outcome(self, row: RolloutRow) -> Outcome:
        """How one of them stands; it goes on while its cluster has another revision than the wanted one."""
        found = outcome(row)
        at = row.revision_before if found is not Outcome.FAILED else f"{row.revision_before} {row.revision_after}"
        return found if self.revision in at or not row.application else Outcome.GOING


class Progress:
    """What is known of the wanted rollouts, told a line a change."""

    def __init__(self, wanted: Wanted, *, as_json: bool = False) -> None:
        self._wanted = wanted
        self.as_json = as_json
        self._rows: dict[Key, RolloutRow] = {}
        self._shown: dict[Key, str] = {}
        self._ended = False
        self._since = 0.0
        """When all were seen to have ended; 0.0 while some go on."""

    @property
    def rows(self) -> list[RolloutRow]:
        """Those that are there, by cluster."""
        return sorted(self._rows.values(), key=lambda row: (row.cluster, row.policy_index, row.policy, row.uid))

    @property
    def code(self) -> Code:
        """How they stand together: a failure decides, and what has not ended is not done."""
        outcomes = {self._wanted.outcome(row) for row in self._rows.values()}
        if not outcomes:
            return Code.SUCCEEDED if self._ended else Code.NOT_FOUND
        if Outcome.FAILED in outcomes:
            return Code.FAILED
        return Code.SUCCEEDED if outcomes == {Outcome.SUCCEEDED} else Code.UNFINISHED

    def left(self, now: float) -> float | None:
        """Seconds until it can be believed that all have ended, if nothing changes; None while some go on.

        A rollout engine looks at its workload once an interval: what Flux applied since then it has not seen yet.
        Clocks may differ: nothing is waited for longer than an interval from when all were seen to have ended.
        """
        if any(self._wanted.outcome(row) is Outcome.GOING for row in self._rows.values()):
            self._since = 0.0
            return None
        self._since = self._since or now
        unseen = (row for row in self._rows.values() if row.canary and row.applied > row.since)
        checked = max((min(row.applied, self._since) + row.interval for row in unseen), default=0.0)
        return max(0.0, max(self._since, checked) + SETTLED - now)

    def take(self, delta: Delta, now: float) -> Iterator[str]:
        """A line for each change that shows. A Deployment that is no rollout any more is done."""
        for key, row in delta.items():
            if row is not None and self._wanted.holds(row) and isinstance(row, RolloutRow):
                self._rows[key] = row
                said = self._said(row)
                if self._shown.get(key) != said:
                    self._shown[key] = said
                    yield self._line(row, said, now)
            elif (gone := self._rows.pop(key, None)) is not None:
                self._shown.pop(key, None)
                self._ended = self._ended or gone.source == Source.DEPLOYMENT
                yield self._line(gone, "Done" if gone.source == Source.DEPLOYMENT else "Gone", now)

    def _said(self, row: RolloutRow) -> str:
        """What a line shows, and what makes another one when it changes."""
        waits = self._wanted.outcome(row) is not outcome(row)
        return f"{_said(row)}  waiting for revision {self._wanted.revision}" if waits else _said(row)

    def _line(self, row: RolloutRow, said: str, now: float) -> str:
        if self.as_json:
            there = {"time": moment(now), "outcome": str(self._wanted.outcome(row))} | item(ROLLOUTS, row, now)
            if said in ("Done", "Gone"):
                there |= {"phase": said, "outcome": "succeeded" if said == "Done" else "gone"}
            return one_line(there)
        return f"{moment(now)}  {inert(where(row))}  {inert(said)}\n"

    def summary(self) -> str:
        """`succeeded on m1, m2; failed on m3: reason`."""
        parts = []
        for wanted, words in ((Outcome.SUCCEEDED, "succeeded on"), (Outcome.FAILED, "failed on")):
            if found := self._clusters(wanted):
                parts.append(f"{words} {', '.join(found)}")
        if going := self._clusters(Outcome.GOING):
            parts.append(f"not done on {', '.join(going)}")
        return inert("; ".join(parts) or ("done" if self._ended else "nothing is there"))

    def _clusters(self, wanted: Outcome) -> list[str]:
        return sorted({row.cluster for row in self.rows if self._wanted.outcome(row) is wanted})

    def document(self, now: float) -> str:
        """Everything once, as JSON."""
        items = [{"outcome": str(self._wanted.outcome(row))} | item(ROLLOUTS, row, now) for row in self.rows]
        found = {"items": items, "outcome": self.code.name.lower().replace("_", " ")}
        return inert_json(json.dumps(found, indent=2, ensure_ascii=False)) + "\n"


def history(rows: Iterable[RolloutRow], *, as_json: bool = False) -> Iterator[str]:
    """What the engines said of `rollouts`, over all clusters by time."""
    said = sorted((when, row.cluster, text, row.uid, row) for row in rows for when, text in row.messages)
    for when, cluster, text, _uid, row in said:
        if as_json:
            yield one_line({"time": moment(when), "cluster": cluster, "policy": row.policy, "message": text})
        else:
            yield f"{moment(when)}  {inert(where(row))}  {inert(text)}\n"


def where(row: RolloutRow) -> str:
    """`cluster  name` or `cluster  name/policy`, where the policy has a name of its own."""
    own = row.policy and row.application and row.policy != row.name
    return f"{row.cluster}  {row.name}/{row.policy}" if own else f"{row.cluster}  {row.name}"


def moment(seconds: float) -> str:
    """Unix seconds as RFC 3339."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def one_line(found: dict[str, object]) -> str:
    """An object as one line of JSON."""
    return inert_json(json.dumps(found, ensure_ascii=False)).replace("\n", " ") + "\n"


def _said(row: RolloutRow) -> str:
    parts = [row.phase or "Waiting for the first check"]
    if row.phase == "Progressing" and row.iterations:
        parts[0] += f" {row.iteration}/{row.iterations}"
    elif row.phase in ("Progressing", "WaitingPromotion") and row.weight is not None:
        parts[0] += f" {row.weight}%"
        if row.weight_target != 100:
            parts[0] += f" of {row.weight_target}%"
    if row.failed_checks and row.threshold and "failed checks" not in row.reason:
        parts.append(f"checks failed {row.failed_checks}/{row.threshold}")
    if row.reason and row.reason != row.phase:
        parts.append(row.reason)
    if row.stale:
        parts.append(f"({row.stale})")
    return "  ".join(" ".join(part.split()) for part in parts)
