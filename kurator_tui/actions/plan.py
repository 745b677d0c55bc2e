"""What a verb makes: the requests it wants to send, and what else is to be known before they are.

A verb module only says *what* should be written; it sends nothing. The pipeline completes it: who owns the fields
(`ownership`), what the servers would store (`preview`), the confirmation, the audit, the write, the undo. Types.

    async def plan_restart(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft

The shapes that cross the link (`Target`, `Consequence`, `Refusal`, `Plan`) are in `kinds.plans`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import msgspec

from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.kinds.plans import Clash, Consequence, Instead, Refusal, Target
from kurator_tui.kinds.verb import Risk

Obj: TypeAlias = dict[str, Any]
"""One Kubernetes object as JSON data."""
Arguments: TypeAlias = Mapping[str, str]
"""Checked by `actions.arguments`: required ones are there, numbers are numbers, defaults are filled in."""


class Write(msgspec.Struct, frozen=True, tag=True, tag_field="write"):
    """One request. Every one but `Create` tests that the object is the one that was looked at; the pipeline adds
    that test when it sends it, a verb module never does."""

    @property
    def words(self) -> str:
        """For people: what kind of request."""
        return "write"

    @property
    def permission(self) -> tuple[str, str]:
        """(verb, subresource) as RBAC names it."""
        return "patch", ""


class JsonPatch(Write, frozen=True):
    """RFC 6902 operations; for single fields and for items of lists, with `test`s where an index is meant."""

    operations: tuple[dict[str, Any], ...]
    subresource: str = ""

    @property
    def words(self) -> str:
        return f"patch {self.subresource}".strip()

    @property
    def permission(self) -> tuple[str, str]:
        return "patch", self.subresource


class MergePatch(Write, frozen=True):
    """RFC 7396: maps are merged, null removes, lists are replaced as a whole."""

    body: dict[str, Any]
    subresource: str = ""

    @property
    def words(self) -> str:
        return f"merge {self.subresource}".strip()

    @property
    def permission(self) -> tuple[str, str]:
        return "patch", self.subresource


class Apply(Write, frozen=True):
    """Server-side apply of what an author said; `force` takes fields from other managers. May make the object."""

    body: dict[str, Any]
    force: bool = False

    @property
    def words(self) -> str:
        return "apply"


class Create(Write, frozen=True):
    """A new object. Its name must be in it: a generated one could not be read back after a lost answer.

    Without `apiVersion` and `kind` it is of the version that its cluster serves.
    """

    body: dict[str, Any]
    subresource: str = ""

    @property
    def words(self) -> str:
        return f"create {self.subresource}".strip()

    @property
    def permission(self) -> tuple[str, str]:
        return "create", self.subresource


class Delete(Write, frozen=True):
    """`grace` in seconds, None as the object says; `propagation` Background, Foreground or Orphan."""

    propagation: str = "Background"
    grace: int | None = None

    @property
    def words(self) -> str:
        return "delete"

    @property
    def permission(self) -> tuple[str, str]:
        return "delete", ""


class Evict(Write, frozen=True):
    """A pod's eviction, which respects budgets: 429 while one is in the way, for `patience` seconds at most."""

    grace: int | None = None
    patience: float = 0.0

    @property
    def words(self) -> str:
        return "evict"

    @property
    def permission(self) -> tuple[str, str]:
        return "create", "eviction"


class Scale(Write, frozen=True):
    """The subresource `scale`."""

    replicas: int

    @property
    def words(self) -> str:
        return "scale"

    @property
    def permission(self) -> tuple[str, str]:
        return "patch", "scale"


AnyWrite = JsonPatch | MergePatch | Apply | Create | Delete | Evict | Scale


class Wait(msgspec.Struct, frozen=True):
    """What a step waits for: each of `targets` has one of `values` at `path`, or is gone; `seconds` at most."""

    targets: tuple[Target, ...]
    path: tuple[str, ...]
    values: tuple[str, ...]
    seconds: float


class Step(msgspec.Struct, frozen=True):
    """One request to one object. Steps of a cluster are sent in their order."""

    target: Target
    write: AnyWrite
    note: str = ""
    """What a reader of the plan should know about it."""
    needs: str = ""
    """A namespace that an earlier step makes: until then no server can say what it would store."""
    after: Wait | None = None
    """What is waited for first. Such a step takes an earlier one of its object back, and is not undone itself."""


@dataclass(slots=True)
class Draft:
    """What a verb module returns. It may lower no risk: `risk` replaces the verb's own only when it is higher."""

    title: str
    """One line: `Restart 3 Deployments`."""
    steps: list[Step] = field(default_factory=list)
    consequences: list[Consequence] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    risk: Risk | None = None
    word: str = ""
    """What is typed to confirm; "" for the first target's name."""
    clashes: list[Clash] = field(default_factory=list)
    """Fields that others changed meanwhile, undecided; `step` is an index in `steps`."""

    def write(self, target: Target, write: AnyWrite, note: str = "") -> None:
        """One more step."""
        self.steps.append(Step(target, write, note))

    def refuse(self, target: Target, reason: str, instead: Instead | None = None) -> None:
        """Nothing is written to `target`."""
        self.refusals.append(Refusal(target, reason, instead))

    def tell(self, text: str, target: Target | None = None) -> None:
        """Something that follows."""
        self.consequences.append(Consequence("info", text, target))

    def warn(self, text: str, target: Target | None = None) -> None:
        """Something that may be unwelcome."""
        self.consequences.append(Consequence("warning", text, target))


class Reader(Protocol):
    """What a verb module may look at. Every method may be called for any cluster; answers are of one plan."""

    async def get(self, target: Target) -> Obj:
        """The whole object, nothing masked, asked for once a plan. Raises ConsoleError."""

    async def list(
        self, cluster: str, kind: str, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> list[Obj]:
        """Objects of a kind (id), with selectors; [] where it is not served. Raises ConsoleError."""

    def served(self, cluster: str, api_version: str, kind: str) -> AnyKind:
        """What a cluster serves as `kind` (CamelCase) of that version. Raises ConsoleError where it does not."""

    def rows(self, kind: str, cluster: str) -> Iterable[Row]:
        """Rows of the store: pods and nodes always, other kinds only while somebody looks at them."""

    def now(self) -> float:
        """Unix seconds."""


Planner = Callable[[Reader, Sequence[Target], Arguments], Awaitable[Draft]]


def seen(target: Target, obj: Obj) -> Target:
    """`target` with the uid and resourceVersion of `obj`, the object as it was read."""
    meta = obj.get("metadata") or {}
    version, uid = str(meta.get("resourceVersion") or ""), str(meta.get("uid") or "")
    return msgspec.structs.replace(target, uid=uid, resource_version=version)
