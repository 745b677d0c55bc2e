"""How an analyser is written: one function a code, whose docstring is the page of the finding. Pure.

PODS = Analyser(POD, concerns=lambda pod: pod.ready < pod.containers)

@PODS.rule("KT1101", "container crashes again and again", Severity.HIGH, suggests=("logs.previous",))
def crash_loop(pod: PodRow, look: Look) -> Iterator[Seen]:
    '''A container ends soon after its start, and the kubelet waits longer each time.

    What to do: ...
    '''
    if pod.status == "CrashLoopBackOff":
        yield Seen(pod.message, since=pod.restarted_at)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from kurator_tui.kinds.base import AnyKind, Kind, R, Row
from kurator_tui.kinds.findings import Severity
from kurator_tui.store.freshness import Freshness

T = TypeVar("T", bound=Row)
_SEVERITIES = frozenset(map(str, Severity))


class Seen(NamedTuple):
    """That a rule holds. What is empty or None is taken from the row and the rule."""

    message: str = ""
    """Evidence: text of clusters, as it is."""
    since: float = 0.0
    """Unix seconds; 0.0: since it was first seen."""
    marks: Mapping[str, str] = {}
    severity: Severity | None = None
    detail: str = ""
    """Tells several findings of one rule about one object apart."""
    after: float = 0.0
    """Seconds for which it must have been so, as far as this run saw, before it is a finding."""


class Again(NamedTuple):
    """That the rule may hold at a later moment although nothing changes: judge again `at` (Unix seconds)."""

    at: float


def check(said: Iterable[object]) -> None:
    """Raises TypeError for what a rule may not say: it goes no further than its rule."""
    for each in said:
        if not _is_sound(each):
            raise TypeError(f"{each!r:.80} is neither Seen nor Again as they should be")


def _is_sound(said: object) -> bool:
    if isinstance(said, Again):
        return isinstance(said.at, int | float)
    return (
        isinstance(said, Seen)
        and isinstance(said.message, str)
        and isinstance(said.detail, str)
        and isinstance(said.since, int | float)
        and isinstance(said.after, int | float)
        and (said.severity is None or said.severity in _SEVERITIES)
        and isinstance(said.marks, Mapping)
        and all(isinstance(each, str) for pair in said.marks.items() for each in pair)
    )


class Look(Protocol):
    """What a rule may look at beside its row. Whatever is looked at, and changes, has the row judged again."""

    @property
    def now(self) -> float:
        """Unix seconds by the clock of the row's cluster, so that its times are as old as they seem."""

    def find(self, kind: Kind[Any, R], cluster: str, namespace: str, name: str) -> R | None:
        """The row of that name, None where there is none or it is not known."""

    def all(self, kind: Kind[Any, R], cluster: str) -> list[R]:
        """Rows of `kind` in `cluster`: of kinds with few objects only."""

    def everywhere(self, kind: Kind[Any, R]) -> list[R]:
        """Rows of `kind` in all clusters, those that other feeders read too: of kinds with a row or two a cluster
        only."""

    def labelled(self, kind: Kind[Any, R], cluster: str, namespace: str, label: str, value: str) -> list[R]:
        """Rows of `kind` there whose label has that value: of kinds whose rows hold `labels`."""

    def having(
        self, kind: Kind[Any, R], cluster: str, read: Callable[[R], tuple[str, str] | None], place: tuple[str, str]
    ) -> list[R]:
        """Rows of `kind` in `cluster` of which `read`, a function of a module, says `place`: namespace, value."""

    def freshness(self, cluster: str, kind: AnyKind | None = None) -> Freshness:
        """How far rows there can be trusted."""


Judge = Callable[[Any, Look], Iterator[Seen | Again]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One code. `judge` says where it holds; its docstring explains it to people."""

    code: str
    title: str
    severity: Severity
    judge: Judge
    suggests: tuple[str, ...] = ()
    """Ids of verbs, else of actions, the likeliest first."""

    @property
    def page(self) -> str:
        """What the finding means and what to do, as Markdown."""
        import inspect

        return inspect.getdoc(self.judge) or ""


@dataclass(slots=True)
class Analyser(Generic[T]):
    """Rules about the rows of one kind. `concerns` is a quick look that lets healthy rows pass."""

    kind: Kind[Any, T]
    concerns: Callable[[T], bool] = lambda _row: True
    beside: tuple[AnyKind, ...] = ()
    """Kinds of the row's cluster that its rules look at: nothing is judged before they are known."""
    host: tuple[AnyKind, ...] = ()
    """Kinds of the host that its rules look at; the same holds."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Of kinds with very many objects, by id: the field selector of those that its rules need."""
    rules: list[Rule] = field(default_factory=list)

    def rule(
        self, code: str, title: str, severity: Severity, *, suggests: tuple[str, ...] = ()
    ) -> Callable[[Callable[[T, Look], Iterator[Seen | Again]]], Callable[[T, Look], Iterator[Seen | Again]]]:
        """Take a function as the rule `code`."""

        def take(
            judge: Callable[[T, Look], Iterator[Seen | Again]],
        ) -> Callable[[T, Look], Iterator[Seen | Again]]:
            self.rules.append(Rule(code, title, severity, judge, suggests))
            return judge

        return take
