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


class Wanted:
    """The rollouts that are asked for: by name, and by the namespace and fleet they are in if one is given."""

    def __init__(self, name: str, namespace: str = "", fleet: str = "") -> None:
        self.name = name
        self.namespace = namespace
        self.fleet = fleet

    def holds(self, row: object) -> bool:
        """Whether `row` is one of them. The namespace is the Application's or the workload's."""
        if not isinstance(row, RolloutRow) or row.name != self.name:
            return False
        near = self.namespace in ("", row.application_namespace, row.namespace)
        return near and (self.fleet in ("", row.fleet) or not row.application)


class Progress:
    """What is known of the wanted rollouts, told a line a change."""

    def __init__(self, wanted: Wanted, *, as_json: bool = False) -> None:
        self._wanted = wanted
        self.as_json = as_json
        self._rows: dict[Key, RolloutRow] = {}
        self._shown: dict[Key, str] = {}
        self._ended = False

    @property
    def rows(self) -> list[RolloutRow]:
        """Those that are there, by cluster."""
        return sorted(self._rows.values(), key=lambda row: (row.cluster, row.policy_index, row.policy, row.uid))

    @property
    def code(self) -> Code:
        """How they stand together: a failure decides, and what has not ended is not done."""
        outcomes = {outcome(row) for row in self._rows.values()}
        if not outcomes:
            return Code.SUCCEEDED if self._ended else Code.NOT_FOUND
        if Outcome.FAILED in outcomes:
            return Code.FAILED
        return Code.SUCCEEDED if outcomes == {Outcome.SUCCEEDED} else Code.UNFINISHED

    @property
    def done(self) -> bool:
        """Whether all have ended."""
        return all(outcome(row) is not Outcome.GOING for row in self._rows.values())

    def take(self, delta: Delta, now: float) -> Iterator[str]:
        """A line for each change that shows. A Deployment that is no rollout any more is done."""
        for key, row in delta.items():
            if row is not None and self._wanted.holds(row) and isinstance(row, RolloutRow):
                self._rows[key] = row
                said = _said(row)
                if self._shown.get(key) != said:
                    self._shown[key] = said
                    yield self._line(row, said, now)
            elif (gone := self._rows.pop(key, None)) is not None:
                self._shown.pop(key, None)
                self._ended = self._ended or gone.source == Source.DEPLOYMENT
                yield self._line(gone, "Done" if gone.source == Source.DEPLOYMENT else "Gone", now)

    def _line(self, row: RolloutRow, said: str, now: float) -> str:
        if self.as_json:
            there = {"time": moment(now), "outcome": str(outcome(row))} | item(ROLLOUTS, row, now)
            if said in ("Done", "Gone"):
                there |= {"phase": said, "outcome": "succeeded" if said == "Done" else "gone"}
            return one_line(there)
        return f"{moment(now)}  {inert(where(row))}  {inert(said)}\n"

    def summary(self) -> str:
        """`succeeded on m1, m2; failed on m3: reason`."""
        parts = []
        for wanted, words in ((Outcome.SUCCEEDED, "succeeded on"), (Outcome.FAILED, "failed on")):
            if found := sorted({row.cluster for row in self.rows if outcome(row) is wanted}):
                parts.append(f"{words} {', '.join(found)}")
        if going := sorted({row.cluster for row in self.rows if outcome(row) is Outcome.GOING}):
            parts.append(f"not done on {', '.join(going)}")
        return inert("; ".join(parts) or ("done" if self._ended else "nothing is there"))

    def document(self, now: float) -> str:
        """Everything once, as JSON."""
        items = [{"outcome": str(outcome(row))} | item(ROLLOUTS, row, now) for row in self.rows]
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
    """What a line shows, and what makes another one when it changes."""
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
